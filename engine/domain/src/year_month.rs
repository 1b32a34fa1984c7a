//! Months of birth and the ages counted from them.
//!
//! Owns the `year_month` field type of the forms and the two ages that indicators
//! use. Days of birth never enter the warehouse, so an age is decided by the month:
//! whoever is born in the month of the counting day has not reached the age on its
//! first day (the one birthday that would is ignored).

use std::fmt;
use std::str::FromStr;

use crate::error::DomainError;
use crate::year::Year;

/// A calendar month, `2010-09` in files and 201009 in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// Month `month` (1..=12) of `year` (1800..=2100); `None` outside.
    #[must_use]
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((1800..=2100).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// From the table form `yyyymm`; `None` when it is not a month.
    #[must_use]
    pub fn from_yyyymm(value: i32) -> Option<Self> {
        let year = u16::try_from(value / 100).ok()?;
        Self::new(year, u8::try_from(value % 100).ok()?)
    }

    /// The table form `yyyymm`.
    #[must_use]
    pub fn yyyymm(self) -> i32 {
        i32::from(self.year) * 100 + i32::from(self.month)
    }

    /// Calendar year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Month, 1..=12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Age of a learner: full years on 1 September of `year`.
    ///
    /// Negative before birth. A child born in September turns its age in that
    /// month and is therefore one year younger here.
    #[must_use]
    pub fn age_on_first_september(self, year: Year) -> i32 {
        self.full_years(year, 9)
    }

    /// Age of a teacher: full years on 1 October of `year`, by the same rule.
    #[must_use]
    pub fn age_on_first_october(self, year: Year) -> i32 {
        self.full_years(year, 10)
    }

    fn full_years(self, year: Year, counting_month: u8) -> i32 {
        let not_reached = i32::from(self.month >= counting_month);
        i32::from(year.get()) - i32::from(self.year) - not_reached
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for YearMonth {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let parsed =
            text.split_once('-').and_then(|(year, month)| Self::new(year.parse().ok()?, month.parse().ok()?));
        // Printing it back refuses other spellings (2010-9, +2010-09) at once.
        parsed
            .filter(|month| month.to_string() == text)
            .ok_or_else(|| DomainError::YearMonthText { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn month(text: &str) -> YearMonth {
        text.parse().unwrap()
    }

    fn year(value: i32) -> Year {
        Year::try_from(value).unwrap()
    }

    #[test]
    fn the_september_child_is_a_year_younger() {
        assert_eq!(month("2018-08").age_on_first_september(year(2024)), 6);
        assert_eq!(month("2018-09").age_on_first_september(year(2024)), 5);
        assert_eq!(month("2018-12").age_on_first_september(year(2024)), 5);
    }

    #[test]
    fn the_october_teacher_is_a_year_younger() {
        assert_eq!(month("1974-09").age_on_first_october(year(2024)), 50);
        assert_eq!(month("1974-10").age_on_first_october(year(2024)), 49);
    }

    #[test]
    fn months_that_do_not_exist_are_refused() {
        for text in ["2010-13", "2010-00", "2010-9", "201009", "1799-01", "+2010-09", ""] {
            let error = text.parse::<YearMonth>();
            assert_eq!(error, Err(DomainError::YearMonthText { text: text.to_owned() }));
        }
        assert_eq!(YearMonth::from_yyyymm(-1), None);
        assert_eq!(YearMonth::from_yyyymm(201_013), None);
    }

    proptest! {
        #[test]
        fn both_spellings_round_trip(y in 1900_u16..=2100, m in 1_u8..=12) {
            let value = YearMonth::new(y, m).unwrap();
            prop_assert_eq!(YearMonth::from_yyyymm(value.yyyymm()), Some(value));
            prop_assert_eq!(value.to_string().parse(), Ok(value));
        }

        #[test]
        fn a_year_later_everyone_is_a_year_older(y in 1950_u16..=2000, m in 1_u8..=12, at in 1990_i32..2099) {
            let born = YearMonth::new(y, m).unwrap();
            let now = born.age_on_first_september(year(at));
            prop_assert_eq!(born.age_on_first_september(year(at + 1)), now + 1);
            prop_assert!(born.age_on_first_october(year(at)) - now <= 1);
        }
    }
}
