//! Secrets: random, compared in constant time, wiped when dropped, shown by no `Debug`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::AuthError;

/// Bytes that only the server knows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// 256 random bits.
    pub(super) fn random() -> Result<Self, AuthError> {
        let mut bytes = Zeroizing::new(vec![0; 32]);
        openssl::rand::rand_bytes(&mut bytes)
            .map_err(|error| AuthError::Crypto { what: "random bytes", source: error.into() })?;
        Ok(Self(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is given out, once.
    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = hex::decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        if bytes.len() < 32 {
            return Err(serde::de::Error::custom("a secret has 32 bytes or more"));
        }
        Ok(Self(Zeroizing::new(bytes)))
    }
}

/// What is kept of a secret that somebody else holds. The secret is random, so a plain hash tells nothing.
pub(super) fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Compare what depends on a secret; only the lengths may be told by the time it takes.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && openssl::memcmp::eq(left, right)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn secrets_differ_and_are_not_shown() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert!(one != other && one.bytes().len() == 32);
        assert_eq!(format!("{one:?}"), "Secret(redacted)");
        let text = serde_json::to_string(&one).unwrap();
        assert!(serde_json::from_str::<Secret>(&text).unwrap() == one);
        assert!(serde_json::from_str::<Secret>("\"00\"").is_err());
    }

    #[test]
    fn comparing_looks_at_every_byte() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }
}
