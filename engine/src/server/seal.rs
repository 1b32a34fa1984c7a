//! Tickets and handles that only this server can read or make.
//!
//! Encrypted and authenticated, so that a client can neither learn nor edit what they hold, with a key that lives
//! as long as the process: after a restart clients ask again.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use prost::Message;

use super::error::ServerError;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// First byte of everything sealed.
const VERSION: u8 = 1;

/// What is sealed; what was sealed as one thing cannot be opened as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A statement to be read with `DoGet`.
    Ticket,
    /// A prepared statement.
    Prepared,
}

impl Kind {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Ticket => b"bilim ticket",
            Self::Prepared => b"bilim prepared statement",
        }
    }
}

/// The key.
pub struct Sealer {
    key: [u8; KEY_BYTES],
}

impl Sealer {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<Self, ServerError> {
        let mut key = [0; KEY_BYTES];
        openssl::rand::rand_bytes(&mut key).map_err(ServerError::Random)?;
        Ok(Self { key })
    }

    /// Seal a message.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn seal(&self, kind: Kind, message: &impl Message) -> Result<Vec<u8>, ServerError> {
        let mut nonce = [0; NONCE_BYTES];
        openssl::rand::rand_bytes(&mut nonce).map_err(ServerError::Random)?;
        let mut tag = [0; TAG_BYTES];
        let text = message.encode_to_vec();
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(cipher, &self.key, Some(&nonce), kind.label(), &text, &mut tag)
            .map_err(ServerError::Random)?;
        Ok([&[VERSION][..], &nonce, &tag, &sealed].concat())
    }

    /// Open what was sealed here as the same kind; `None` = anything else.
    #[must_use]
    pub fn open<M: Message + Default>(&self, kind: Kind, sealed: &[u8]) -> Option<M> {
        let (version, rest) = sealed.split_first()?;
        let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
        let (tag, text) = rest.split_at_checked(TAG_BYTES)?;
        if *version != VERSION {
            return None;
        }
        let text =
            decrypt_aead(Cipher::aes_256_gcm(), &self.key, Some(nonce), kind.label(), text, tag).ok()?;
        M::decode(text.as_slice()).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Note {
        #[prost(string, tag = "1")]
        text: String,
    }

    #[test]
    fn only_what_was_sealed_here_and_as_this_opens() {
        let (ours, theirs) = (Sealer::new().unwrap(), Sealer::new().unwrap());
        let note = Note { text: "select 1".to_owned() };
        let sealed = ours.seal(Kind::Ticket, &note).unwrap();
        assert_eq!(ours.open::<Note>(Kind::Ticket, &sealed), Some(note.clone()));
        assert_eq!(ours.open::<Note>(Kind::Prepared, &sealed), None);
        assert_eq!(theirs.open::<Note>(Kind::Ticket, &sealed), None);
        assert!(!sealed.windows(6).any(|window| window == b"select"));
        for place in 0..sealed.len() {
            let mut edited = sealed.clone();
            edited[place] ^= 1;
            assert_eq!(ours.open::<Note>(Kind::Ticket, &edited), None, "byte {place}");
            assert_eq!(ours.open::<Note>(Kind::Ticket, &sealed[..place]), None, "cut at {place}");
        }
        assert_ne!(
            sealed,
            ours.seal(Kind::Ticket, &note).unwrap(),
            "the same twice tells that it is the same"
        );
    }
}
