//! Business identification numbers.

use std::fmt;
use std::str::FromStr;

use super::check_digit::{NumberFault, checked, completed, value};
use crate::error::DomainError;

/// Twelve-digit number of an organisation.
///
/// Its fifth digit is 4, 5 or 6 (the kind of legal entity). In an IIN that place
/// holds the first digit of a day, 0 to 3: no number is both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin(u64);

impl Bin {
    /// From eleven digits, computing the check digit; for generators and tests.
    ///
    /// # Errors
    /// [`DomainError::Bin`] when the text is not eleven digits of a legal entity or
    /// no check digit exists for them.
    pub fn from_stem(stem: &str) -> Result<Self, DomainError> {
        completed(stem.as_bytes())
            .and_then(entity)
            .map_err(|fault| DomainError::Bin { value: stem.to_owned(), fault })
    }

    /// The number; leading zeros are lost, [`fmt::Display`] restores them.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

fn entity(number: [u8; 12]) -> Result<Bin, NumberFault> {
    if (4..=6).contains(&number[4]) { Ok(Bin(value(number))) } else { Err(NumberFault::EntityKind) }
}

impl TryFrom<i64> for Bin {
    type Error = DomainError;

    /// From the table form, where leading zeros are lost.
    fn try_from(value: i64) -> Result<Self, DomainError> {
        format!("{value:012}").parse()
    }
}

impl From<Bin> for i64 {
    fn from(bin: Bin) -> Self {
        Self::try_from(bin.0).expect("twelve digits fit 63 bits")
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl FromStr for Bin {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        checked(text.as_bytes())
            .and_then(entity)
            .map_err(|fault| DomainError::Bin { value: text.to_owned(), fault })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::ids::Iin;
    use proptest::prelude::*;

    fn fault(text: &str) -> Option<NumberFault> {
        match text.parse::<Bin>() {
            Err(DomainError::Bin { fault, .. }) => Some(fault),
            _ => None,
        }
    }

    #[test]
    fn leading_zeros_survive_the_table() {
        let bin = Bin::from_stem("00014000001").unwrap();
        assert_eq!(bin.to_string().len(), 12);
        assert_eq!(Bin::try_from(i64::from(bin)), Ok(bin));
        assert_eq!(bin.get(), u64::try_from(i64::from(bin)).unwrap());
    }

    #[test]
    fn each_rule_has_its_fault() {
        assert_eq!(fault("94124000115"), Some(NumberFault::NotDigits));
        assert_eq!(fault("941240001151"), None);
        assert_eq!(fault("941240001152"), Some(NumberFault::CheckDigit));
        let refused = Bin::from_stem("94121000115");
        assert!(matches!(refused, Err(DomainError::Bin { fault: NumberFault::EntityKind, .. })));
        assert!(Bin::try_from(-1).is_err());
    }

    proptest! {
        #[test]
        fn no_number_is_both_bin_and_iin(stem in "[0-9]{4}[456][0-9]{6}") {
            if let Ok(bin) = Bin::from_stem(&stem) {
                prop_assert_eq!(bin.to_string().parse(), Ok(bin));
                prop_assert!(bin.to_string().parse::<Iin>().is_err());
            }
        }
    }
}
