//! Pseudonyms of persons.
//!
//! Owns the one-way replacement of an IIN: the first eight bytes of HMAC-SHA-256
//! under a key that never enters the warehouse. It does not store or erase keys;
//! whoever holds one decides where it lives.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::DomainError;
use crate::ids::Iin;

/// Secret that pseudonyms are made with; shown nowhere, not even by `Debug`.
#[derive(Clone)]
pub struct PseudonymKey {
    mac: Hmac<Sha256>,
}

impl PseudonymKey {
    /// Fewest bytes of a key: the width of the hash.
    pub const MIN_BYTES: usize = 32;

    /// A key of at least [`PseudonymKey::MIN_BYTES`] bytes.
    ///
    /// # Errors
    /// [`DomainError::KeyTooShort`].
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn new(secret: &[u8]) -> Result<Self, DomainError> {
        if secret.len() < Self::MIN_BYTES {
            return Err(DomainError::KeyTooShort { found: secret.len(), minimum: Self::MIN_BYTES });
        }
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
        Ok(Self { mac })
    }

    /// The pseudonym of a person: of the twelve ASCII digits of the IIN.
    #[must_use]
    pub fn pseudonym(&self, iin: &Iin) -> Pseudonym {
        Pseudonym(self.first_bytes(&[iin.reveal().as_bytes()]))
    }

    /// Another pseudonym for what already is one, of a reader's own: `reader` and `value` are hashed together under
    /// this key, so that two readers cannot compare what they see.
    #[must_use]
    pub fn again(&self, reader: &str, value: &[u8]) -> u64 {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        self.first_bytes(&[&(reader.len() as u64).to_be_bytes(), reader.as_bytes(), value])
    }

    fn first_bytes(&self, parts: &[&[u8]]) -> u64 {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part);
        }
        let tag = mac.finalize().into_bytes();
        let mut first = [0; 8];
        first.copy_from_slice(&tag[..8]);
        u64::from_be_bytes(first)
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(redacted)")
    }
}

/// A person in the warehouse: sixteen lower-case hexadecimal digits in files, the
/// same 64 bits as a two's complement integer in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(u64);

impl Pseudonym {
    /// From its bits; for generators.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// From the table form.
    #[must_use]
    pub const fn from_i64(value: i64) -> Self {
        Self(value.cast_unsigned())
    }

    /// The table form.
    #[must_use]
    pub const fn to_i64(self) -> i64 {
        self.0.cast_signed()
    }

    /// The file form as bytes, without allocating.
    ///
    /// # Panics
    /// Never: sixteen digits hold eight bytes.
    #[must_use]
    pub fn hex(self) -> [u8; 16] {
        let mut digits = [0; 16];
        hex::encode_to_slice(self.0.to_be_bytes(), &mut digits).expect("sixteen digits hold eight bytes");
        digits
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Pseudonym {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let mut bytes = [0; 8];
        if text.bytes().all(lower_hex) && hex::decode_to_slice(text, &mut bytes).is_ok() {
            Ok(Self(u64::from_be_bytes(bytes)))
        } else {
            Err(DomainError::PseudonymText { length: text.chars().count() })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> PseudonymKey {
        PseudonymKey::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(
            PseudonymKey::new(&[1; 31]).err(),
            Some(DomainError::KeyTooShort { found: 31, minimum: 32 })
        );
    }

    #[test]
    fn the_key_is_never_shown() {
        assert_eq!(format!("{:?}", key(7)), "PseudonymKey(redacted)");
    }

    /// Computed outside this crate:
    /// `printf '080229600019' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b..0b`.
    #[test]
    fn the_value_is_the_start_of_the_hmac() {
        let iin = Iin::from_stem("08022960001").unwrap();
        assert_eq!(iin.reveal(), "080229600019");
        assert_eq!(key(0x0b).pseudonym(&iin).to_string(), "672da776f907e585");
    }

    /// Computed outside this crate:
    /// `printf '\0\0\0\0\0\0\0\3ann\0\0\0\0\0\0\0\1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b..0b`.
    #[test]
    fn a_reader_has_pseudonyms_of_its_own() {
        let one = 1_i64.to_be_bytes();
        assert_eq!(format!("{:016x}", key(0x0b).again("ann", &one)), "878021ea906566b8");
        assert_eq!(key(1).again("ann", &one), key(1).again("ann", &one));
        assert_ne!(key(1).again("ann", &one), key(1).again("bob", &one));
        assert_ne!(key(1).again("ann", &one), key(2).again("ann", &one));
        assert_ne!(key(1).again("ab", b"c"), key(1).again("a", b"bc"));
    }

    #[test]
    fn other_texts_are_refused_without_being_shown() {
        for text in ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0", "080229600019"] {
            let error = text.parse::<Pseudonym>();
            assert_eq!(error, Err(DomainError::PseudonymText { length: text.len() }));
        }
    }

    proptest! {
        #[test]
        fn all_forms_round_trip(bits in any::<u64>()) {
            let pseudonym = Pseudonym::from_bits(bits);
            prop_assert_eq!(Pseudonym::from_i64(pseudonym.to_i64()), pseudonym);
            prop_assert_eq!(pseudonym.to_string().parse(), Ok(pseudonym));
            prop_assert_eq!(pseudonym.hex().to_vec(), pseudonym.to_string().into_bytes());
        }

        #[test]
        fn another_key_or_person_is_another_pseudonym(serial in 0_u32..9_999) {
            let one = Iin::from_stem(&format!("0802296{serial:04}"));
            let other = Iin::from_stem(&format!("0802296{:04}", serial + 1));
            if let (Ok(one), Ok(other)) = (one, other) {
                prop_assert_ne!(key(1).pseudonym(&one), key(2).pseudonym(&one));
                prop_assert_ne!(key(1).pseudonym(&one), key(1).pseudonym(&other));
            }
        }
    }
}
