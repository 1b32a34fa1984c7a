//! Reporting years and academic years.
//!
//! Owns which academic year a reporting year's facts belong to, and the date at
//! which a year's data are taken. It does not know the working calendar
//! ([`crate::calendar`]) nor when updates stop ([`crate::suspension`]).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::codes::code_list;
use crate::error::DomainError;

/// Reporting year: the calendar year of the October in which its data are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year(u16);

impl Year {
    /// First year that any source is expected to hold.
    pub const MIN: Self = Self(1950);
    /// Last year.
    pub const MAX: Self = Self(2100);

    /// The number of the year.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The year before; `None` before [`Year::MIN`].
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        Self::try_from(i32::from(self.0) - 1).ok()
    }

    /// The year after; `None` after [`Year::MAX`].
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::try_from(i32::from(self.0) + 1).ok()
    }

    /// Years from `self` to `later`; negative when `later` is earlier.
    #[must_use]
    pub fn years_until(self, later: Self) -> i32 {
        i32::from(later.0) - i32::from(self.0)
    }

    /// The as-of date of the year's stocks: 1 October.
    ///
    /// # Source
    /// Paragraph 8(4): data are fixed for one date a year; paragraph 10: in October.
    ///
    /// # Panics
    /// Never: every year of the range has a first of October.
    #[must_use]
    pub fn fixing_date(self) -> NaiveDate {
        self.date(10, 1)
    }

    /// The day on which the ages of learners are counted: 1 September.
    ///
    /// # Panics
    /// Never: every year of the range has a first of September.
    #[must_use]
    pub fn age_date(self) -> NaiveDate {
        self.date(9, 1)
    }

    pub(crate) fn date(self, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.0), month, day)
            .expect("only called with days that every month has")
    }
}

impl TryFrom<i32> for Year {
    type Error = DomainError;

    fn try_from(value: i32) -> Result<Self, DomainError> {
        match u16::try_from(value) {
            Ok(year) if (Self::MIN.0..=Self::MAX.0).contains(&year) => Ok(Self(year)),
            _ => Err(DomainError::YearOutOfRange { value: i64::from(value) }),
        }
    }
}

impl From<Year> for i32 {
    fn from(year: Year) -> Self {
        Self::from(year.0)
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

code_list! {
    /// Which academic year the facts of a form belong to.
    AcademicYearRule, "academic year rule" {
        /// Stocks (learners, staff, network): the year that begins that autumn.
        Begins = "begins",
        /// Results (marks, certification, admission test): the year that ended that summer.
        Ends = "ends",
    }
}

impl AcademicYearRule {
    /// The academic year of a form's facts reported in `year`.
    #[must_use]
    pub fn academic_year(self, year: Year) -> AcademicYear {
        match self {
            Self::Begins => AcademicYear { start: year.0 },
            Self::Ends => AcademicYear { start: year.0 - 1 },
        }
    }

    /// The reporting year in which the facts of `academic` appear.
    ///
    /// # Errors
    /// [`DomainError::YearOutOfRange`] when that year is outside the range.
    pub fn reporting_year(self, academic: AcademicYear) -> Result<Year, DomainError> {
        match self {
            Self::Begins => Year::try_from(i32::from(academic.start)),
            Self::Ends => Year::try_from(i32::from(academic.start) + 1),
        }
    }
}

/// An academic year, written `2024/25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AcademicYear {
    start: u16,
}

impl AcademicYear {
    /// Calendar year in which it begins.
    #[must_use]
    pub const fn start(self) -> u16 {
        self.start
    }
}

impl fmt::Display for AcademicYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:02}", self.start, (self.start + 1) % 100)
    }
}

impl FromStr for AcademicYear {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let refused = || DomainError::AcademicYearText { text: text.to_owned() };
        let (start, _) = text.split_once('/').ok_or_else(refused)?;
        let start: u16 = start.parse().map_err(|_| refused())?;
        // One before the first reporting year: its results are that year's.
        if !(Year::MIN.0 - 1..=Year::MAX.0).contains(&start) {
            return Err(refused());
        }
        let parsed = Self { start };
        // Printing it back refuses every other spelling at once (2024/2025, 2024/26, +2024/25).
        if parsed.to_string() == text { Ok(parsed) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn year(value: i32) -> Year {
        Year::try_from(value).unwrap()
    }

    #[test]
    fn stocks_belong_to_the_autumn_results_to_the_summer() {
        let stocks = AcademicYearRule::Begins.academic_year(year(2024));
        let results = AcademicYearRule::Ends.academic_year(year(2024));
        assert_eq!(stocks.to_string(), "2024/25");
        assert_eq!(results.to_string(), "2023/24");
        assert!(results < stocks);
        assert_eq!(stocks.start(), 2024);
    }

    #[test]
    fn the_turn_of_the_century_is_two_digits() {
        let turn = AcademicYearRule::Begins.academic_year(year(1999));
        assert_eq!(turn.to_string(), "1999/00");
        assert_eq!("1999/00".parse(), Ok(turn));
    }

    #[test]
    fn data_are_fixed_on_the_first_of_october() {
        assert_eq!(year(2024).fixing_date().to_string(), "2024-10-01");
        assert_eq!(year(2024).age_date().to_string(), "2024-09-01");
    }

    #[test]
    fn the_range_is_closed_at_both_ends() {
        assert_eq!(Year::MIN.previous(), None);
        assert_eq!(Year::MAX.next(), None);
        assert_eq!(year(2023).next(), Some(year(2024)));
        assert_eq!(Year::try_from(1949), Err(DomainError::YearOutOfRange { value: 1949 }));
        assert!(Year::try_from(-2024).is_err());
        assert_eq!(year(2024).years_until(year(2020)), -4);
    }

    #[test]
    fn the_first_academic_year_has_no_stocks() {
        let first: AcademicYear = "1949/50".parse().unwrap();
        assert_eq!(AcademicYearRule::Ends.reporting_year(first), Ok(Year::MIN));
        assert!(AcademicYearRule::Begins.reporting_year(first).is_err());
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["2024", "2024/2025", "2024/26", " 2024/25", "+2024/25", "1948/49"] {
            assert!(text.parse::<AcademicYear>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn rules_are_inverse_and_texts_round_trip(value in 1950_i32..=2100) {
            for rule in AcademicYearRule::ALL {
                let academic = rule.academic_year(year(value));
                prop_assert_eq!(rule.reporting_year(academic), Ok(year(value)));
                prop_assert_eq!(academic.to_string().parse(), Ok(academic));
            }
        }

        #[test]
        fn only_the_range_is_a_year(value in any::<i32>()) {
            prop_assert_eq!(Year::try_from(value).is_ok(), (1950..=2100).contains(&value));
        }
    }
}
