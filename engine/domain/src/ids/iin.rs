//! Individual identification numbers, which must not enter the warehouse.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::check_digit::{NumberFault, checked, completed, value};
use crate::dimension::Sex;
use crate::error::DomainError;
use crate::year_month::YearMonth;

/// Twelve-digit number of a person: date of birth, century and sex, serial, check digit.
///
/// Never printed: [`fmt::Debug`] is redacted and there is no `Display`. The digits
/// leave only through [`Iin::reveal`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Iin {
    number: u64,
    birth: YearMonth,
    sex: Sex,
}

impl Iin {
    /// From eleven digits, computing the check digit; for generators and tests.
    ///
    /// # Errors
    /// [`DomainError::Iin`] with the rule that the digits break.
    pub fn from_stem(stem: &str) -> Result<Self, DomainError> {
        completed(stem.as_bytes()).and_then(person).map_err(|fault| DomainError::Iin { fault })
    }

    /// Month of birth.
    #[must_use]
    pub const fn birth(&self) -> YearMonth {
        self.birth
    }

    /// Sex, from the seventh digit.
    #[must_use]
    pub const fn sex(&self) -> Sex {
        self.sex
    }

    /// The twelve digits, for the one caller that replaces them by a pseudonym.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{:012}", self.number)
    }

    /// First IIN inside a text, with its byte position.
    ///
    /// Looks at every twelve digits in a row, also within longer runs and beside
    /// letters, because a leak does not come neatly delimited. About one in five
    /// hundred random numbers of twelve digits passes all rules, so columns that
    /// hold hexadecimal pseudonyms are not for scanning. Digits set apart by blanks
    /// or hyphens are not joined.
    #[must_use]
    pub fn find_in(text: &str) -> Option<(usize, Self)> {
        text.as_bytes().windows(12).enumerate().find_map(|(at, window)| {
            let iin = checked(window).and_then(person).ok()?;
            Some((at, iin))
        })
    }
}

fn person(number: [u8; 12]) -> Result<Iin, NumberFault> {
    let pair = |at: usize| number[at] * 10 + number[at + 1];
    let (century, sex) = match number[6] {
        1 => (1800, Sex::Male),
        2 => (1800, Sex::Female),
        3 => (1900, Sex::Male),
        4 => (1900, Sex::Female),
        5 => (2000, Sex::Male),
        6 => (2000, Sex::Female),
        _ => return Err(NumberFault::CenturyAndSex),
    };
    let year = century + i32::from(pair(0));
    let date = NaiveDate::from_ymd_opt(year, u32::from(pair(2)), u32::from(pair(4)))
        .ok_or(NumberFault::BirthDate)?;
    let birth = u16::try_from(date.year())
        .ok()
        .and_then(|year| YearMonth::new(year, pair(2)))
        .ok_or(NumberFault::BirthDate)?;
    Ok(Iin { number: value(number), birth, sex })
}

impl FromStr for Iin {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        checked(text.as_bytes()).and_then(person).map_err(|fault| DomainError::Iin { fault })
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iin(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn fault(stem: &str) -> Option<NumberFault> {
        match Iin::from_stem(stem) {
            Err(DomainError::Iin { fault }) => Some(fault),
            _ => None,
        }
    }

    #[test]
    fn birth_and_sex_are_read_from_the_digits() {
        let woman = Iin::from_stem("08022960001").unwrap();
        assert_eq!(woman.birth().to_string(), "2008-02");
        assert_eq!(woman.sex(), Sex::Female);
        let man = Iin::from_stem("74093030001").unwrap();
        assert_eq!(man.birth().to_string(), "1974-09");
        assert_eq!(man.sex(), Sex::Male);
        assert_eq!(format!("{man:?}"), "Iin(redacted)");
    }

    #[test]
    fn each_rule_has_its_fault() {
        assert_eq!(fault("07022960001"), Some(NumberFault::BirthDate));
        assert_eq!(fault("08023060001"), Some(NumberFault::BirthDate));
        assert_eq!(fault("08022970001"), Some(NumberFault::CenturyAndSex));
        assert_eq!(fault("0802296000"), Some(NumberFault::NotDigits));
        assert!("080229600010".parse::<Iin>().is_err() || "080229600011".parse::<Iin>().is_err());
    }

    #[test]
    fn a_leak_is_found_inside_other_text() {
        let iin = Iin::from_stem("08022960001").unwrap();
        let digits = iin.reveal();
        for text in
            [digits.clone(), format!("ИИН{digits}, тел. 5"), format!("№9{digits}"), format!("x{digits}x")]
        {
            let (at, found) = Iin::find_in(&text).unwrap();
            assert_eq!(found, iin);
            assert_eq!(&text[at..at + 12], digits);
        }
        assert_eq!(Iin::find_in("мектеп № 12"), None);
        assert_eq!(Iin::find_in(""), None);
    }

    proptest! {
        #[test]
        fn what_parses_is_found_and_round_trips(
            stem in "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[1-6][0-9]{4}",
            before in "[a-zа-я ]{0,9}",
            after in "[a-zа-я ]{0,9}",
        ) {
            if let Ok(iin) = Iin::from_stem(&stem) {
                prop_assert_eq!(iin.reveal().parse(), Ok(iin));
                let text = format!("{before}{}{after}", iin.reveal());
                prop_assert_eq!(Iin::find_in(&text), Some((before.len(), iin)));
            }
        }

        #[test]
        fn texts_without_twelve_digits_hold_none(text in "([0-9]{0,11}[a-z ]){0,6}") {
            prop_assert_eq!(Iin::find_in(&text), None);
        }
    }
}
