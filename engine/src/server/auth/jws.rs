//! Signed tokens of other systems (JWS, compact): read strictly, verified by OpenSSL.
//!
//! The algorithm is one of a closed list of public-key signatures, allowed by the configuration and fitting the key that
//! was found; there is no `none` and no secret that a public key could be taken for.

use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::Verifier;
use serde::Deserialize;

/// Longest token, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Shortest RSA key, in bits.
const MIN_RSA_BITS: u32 = 2048;

/// Signatures that can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS 1 v1.5, SHA-256.
    Rs256,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// ECDSA over P-256, SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// By the name that headers use.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// A set of public keys as providers publish it.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// What the set says that it is for.
    algorithm: Option<String>,
    public: PKey<Public>,
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<RawKey>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Read a set; keys of kinds that are not used here are left out.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let raw: RawSet = serde_json::from_slice(bytes)?;
        let signs =
            raw.keys.into_iter().filter(|key| key.r#use.as_deref().is_none_or(|usage| usage == "sig"));
        let keys = signs.filter_map(|key| {
            let read = key.read()?;
            Some(Key { id: key.kid, algorithm: key.alg, public: read })
        });
        Ok(Self { keys: keys.collect() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Keys that a header may mean: those of its id, or all where it names none.
    fn meant<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| id.is_none_or(|id| key.id.as_deref() == Some(id)))
    }

    /// Whether a key of this id is known.
    pub(super) fn has(&self, id: &str) -> bool {
        self.meant(Some(id)).next().is_some()
    }
}

impl RawKey {
    fn read(&self) -> Option<PKey<Public>> {
        let bytes = |text: &Option<String>| decode(text.as_deref()?);
        let number = |text: &Option<String>| BigNum::from_slice(&bytes(text)?).ok();
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let rsa = Rsa::from_public_components(number(&self.n)?, number(&self.e)?).ok()?;
                PKey::from_rsa(rsa).ok().filter(|key| key.bits() >= MIN_RSA_BITS)?
            }
            ("EC", Some("P-256")) => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
                let (x, y) = (number(&self.x)?, number(&self.y)?);
                // Refuses points that are not on the curve.
                PKey::from_ec_key(EcKey::from_public_key_affine_coordinates(&group, &x, &y).ok()?).ok()?
            }
            ("OKP", Some("Ed25519")) => {
                PKey::public_key_from_raw_bytes(&bytes(&self.x)?, Id::ED25519).ok()?
            }
            _ => return None,
        };
        Some(key)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<serde_json::Value>,
}

/// A token taken apart, not yet believed.
pub(super) struct Token<'a> {
    header: Header,
    algorithm: Algorithm,
    signed: &'a str,
    signature: Vec<u8>,
    payload: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Take a token apart; `None` when it is none, or its algorithm is not allowed.
    pub(super) fn parse(text: &'a str, allowed: &[Algorithm]) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let algorithm = Algorithm::parse(&header.alg).filter(|found| allowed.contains(found))?;
        let is_plain = header.crit.is_none();
        let (signature, payload) = (decode(signature)?, decode(payload)?);
        is_plain.then_some(Self { header, algorithm, signed, signature, payload })
    }

    /// The key that the header names.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What it says, when a key of the set has signed it.
    pub(super) fn verified(&self, keys: &KeySet) -> Option<&[u8]> {
        let fits = |key: &&Key| key.algorithm.as_ref().is_none_or(|name| *name == self.header.alg);
        let mut meant = keys.meant(self.key_id()).filter(fits);
        meant.any(|key| self.is_signed_by(&key.public).unwrap_or(false)).then_some(self.payload.as_slice())
    }

    fn is_signed_by(&self, key: &PKey<Public>) -> Result<bool, ErrorStack> {
        let (kind, signed) = (key.id(), self.signed.as_bytes());
        match self.algorithm {
            Algorithm::Rs256 if kind == Id::RSA => {
                Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(&self.signature, signed)
            }
            Algorithm::Ps256 if kind == Id::RSA => {
                let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
                verifier.verify_oneshot(&self.signature, signed)
            }
            Algorithm::Es256 if kind == Id::EC && self.signature.len() == 64 => {
                let (r, s) = self.signature.split_at(32);
                let pair = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
                Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(&pair.to_der()?, signed)
            }
            Algorithm::EdDsa if kind == Id::ED25519 => {
                Verifier::new_without_digest(key)?.verify_oneshot(&self.signature, signed)
            }
            _ => Ok(false),
        }
    }
}

/// Base64 for URLs, without padding, in its one canonical form.
fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}
