//! Codes of territory.

use std::fmt;
use std::str::FromStr;

use crate::error::DomainError;

/// Position of the two region digits in a nine-digit code.
const REGION_UNIT: u32 = 10_000_000;

/// First two digits of a KATO code; the partition key of every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(u8);

impl RegionCode {
    /// What is not in any region: the republic, or abroad.
    pub const NOT_TERRITORIAL: Self = Self(0);

    /// The number of the region, 0 or 10..=99.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The KATO code of the region itself; `None` when not territorial.
    #[must_use]
    pub fn kato(self) -> Option<Kato> {
        (self.0 != 0).then(|| Kato(u32::from(self.0) * REGION_UNIT))
    }
}

impl TryFrom<i32> for RegionCode {
    type Error = DomainError;

    fn try_from(value: i32) -> Result<Self, DomainError> {
        match u8::try_from(value) {
            Ok(code) if code == 0 || (10..=99).contains(&code) => Ok(Self(code)),
            _ => Err(DomainError::RegionCode { value: i64::from(value) }),
        }
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Nine-digit code of a unit of territory.
///
/// Codes are reused: 191000000 was one city until June 2022 and is another since.
/// Only [`crate::geo::Territory`] turns a code and a date into a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kato(u32);

impl Kato {
    /// The code as a number of nine digits.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The region it lies in: its first two digits.
    ///
    /// # Panics
    /// Never: nine digits have two before the last seven.
    #[must_use]
    pub fn region(self) -> RegionCode {
        let digits = self.0 / REGION_UNIT;
        RegionCode(u8::try_from(digits).expect("nine digits have two before the last seven"))
    }

    /// Whether it is the code of a region, not of something within one.
    #[must_use]
    pub const fn is_region(self) -> bool {
        self.0.is_multiple_of(REGION_UNIT)
    }
}

impl TryFrom<i32> for Kato {
    type Error = DomainError;

    fn try_from(value: i32) -> Result<Self, DomainError> {
        match u32::try_from(value) {
            Ok(code) if (100_000_000..=999_999_999).contains(&code) => Ok(Self(code)),
            _ => Err(DomainError::KatoText { value: value.to_string() }),
        }
    }
}

impl From<Kato> for i32 {
    fn from(kato: Kato) -> Self {
        Self::try_from(kato.0).expect("nine digits fit 31 bits")
    }
}

impl fmt::Display for Kato {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Kato {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let nine_digits = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        nine_digits
            .then(|| text.parse::<i32>().ok())
            .flatten()
            .and_then(|value| Self::try_from(value).ok())
            .ok_or_else(|| DomainError::KatoText { value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_region_is_the_first_two_digits() {
        let kato: Kato = "431900000".parse().unwrap();
        assert_eq!(kato.region().get(), 43);
        assert!(!kato.is_region());
        let region = kato.region().kato().unwrap();
        assert_eq!(region.to_string(), "430000000");
        assert!(region.is_region());
        assert_eq!(RegionCode::NOT_TERRITORIAL.kato(), None);
    }

    #[test]
    fn other_texts_are_refused_with_their_value() {
        for text in ["", "43190000", "4319000000", "043190000", "43190000x", "+43190000"] {
            assert_eq!(text.parse::<Kato>(), Err(DomainError::KatoText { value: text.to_owned() }));
        }
        assert_eq!(RegionCode::try_from(9), Err(DomainError::RegionCode { value: 9 }));
        assert!(RegionCode::try_from(100).is_err());
        assert_eq!(RegionCode::try_from(0), Ok(RegionCode::NOT_TERRITORIAL));
    }

    proptest! {
        #[test]
        fn codes_round_trip(value in 100_000_000_i32..=999_999_999) {
            let kato = Kato::try_from(value).unwrap();
            prop_assert_eq!(i32::from(kato), value);
            prop_assert_eq!(kato.to_string().parse(), Ok(kato));
            prop_assert_eq!(i32::from(kato.region().get()), value / 10_000_000);
        }
    }
}
