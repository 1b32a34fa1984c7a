//! Digests and signature algorithms: which are accepted, which this machine can compute.

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::md_ctx::MdCtx;

use super::verdict::{self, Refusal};

pub(super) const SHA1: &str = "1.3.14.3.2.26";
pub(super) const SHA256: &str = "2.16.840.1.101.3.4.2.1";

/// Digests that are accepted, and a name that the library knows each by. The GOST ones are there when a
/// provider of the system brings them; the object identifier itself is tried as a name, too.
const DIGESTS: [(&str, &str); 7] = [
    (SHA256, "SHA2-256"),
    ("2.16.840.1.101.3.4.2.2", "SHA2-384"),
    ("2.16.840.1.101.3.4.2.3", "SHA2-512"),
    ("1.2.643.7.1.1.2.2", "md_gost12_256"),
    ("1.2.643.7.1.1.2.3", "md_gost12_512"),
    ("1.2.398.3.10.1.3.2", "1.2.398.3.10.1.3.2"),
    ("1.2.398.3.10.1.3.3", "1.2.398.3.10.1.3.3"),
];

/// Signature algorithms that are accepted: RSA (PKCS #1 v1.5), ECDSA, GOST of 2012 and 2015. RSASSA-PSS is not
/// among them: its digests stand in parameters, and the national keys do not use it.
const SIGNATURES: [&str; 15] = [
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.2.840.10045.4.3.4",
    "1.2.643.7.1.1.1.1",
    "1.2.643.7.1.1.1.2",
    "1.2.643.7.1.1.3.2",
    "1.2.643.7.1.1.3.3",
    "1.2.398.3.10.1.1.2.2",
    "1.2.398.3.10.1.1.2.2.1",
    "1.2.398.3.10.1.1.2.3.1",
    "1.2.398.3.10.1.1.2.3.2",
];

/// Whether an object identifier stands under the arcs of GOST algorithms.
pub(super) fn is_gost(oid: &str) -> bool {
    oid.starts_with("1.2.398.3.10.1.") || oid.starts_with("1.2.643.")
}

fn refuse(oid: &str) -> Refusal {
    Refusal::new(if is_gost(oid) { verdict::UNAVAILABLE } else { verdict::ALGORITHM }).with(name(oid))
}

/// What people call it.
fn name(oid: &str) -> String {
    let name = match oid {
        SHA1 => "SHA-1",
        "1.2.840.113549.2.5" => "MD5",
        "2.16.840.1.101.3.4.2.4" => "SHA-224",
        "1.2.840.113549.1.1.5" => "SHA-1 with RSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.10045.4.1" => "ECDSA with SHA-1",
        "1.2.398.3.10.1.3.1" => "GOST 34.311-95",
        "1.2.398.3.10.1.1.1.2" => "GOST 34.310-2004",
        "1.2.398.3.10.1.1.2.3.1" | "1.2.398.3.10.1.1.2.3.2" | "1.2.398.3.10.1.1.2.2" => "GOST 34.10-2015",
        "1.2.398.3.10.1.3.2" | "1.2.398.3.10.1.3.3" | "1.2.643.7.1.1.2.2" | "1.2.643.7.1.1.2.3" => {
            "GOST 34.11-2015"
        }
        oid => return oid.to_owned(),
    };
    format!("{name} ({oid})")
}

/// A digest that is accepted and can be computed.
pub(super) struct Digest(Md);

impl Digest {
    /// The digest of an object identifier.
    pub(super) fn accepted(oid: &str) -> Result<Self, Refusal> {
        let (_, library) = DIGESTS.iter().find(|(known, _)| *known == oid).ok_or_else(|| refuse(oid))?;
        Md::fetch(None, library, None).map(Self).map_err(|_: ErrorStack| refuse(oid))
    }

    /// SHA-1, where it only names a certificate and proves nothing.
    pub(super) fn naming(oid: &str) -> Result<Self, Refusal> {
        if oid == SHA1 {
            return Md::fetch(None, "SHA1", None).map(Self).map_err(|_: ErrorStack| refuse(oid));
        }
        Self::accepted(oid)
    }

    /// A digest under way.
    pub(super) fn start(&self) -> Result<Hasher, ErrorStack> {
        let mut context = MdCtx::new()?;
        context.digest_init(&self.0)?;
        Ok(Hasher { context, size: self.0.size() })
    }

    /// The digest of these bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut hasher = self.start()?;
        hasher.update(bytes)?;
        hasher.finish()
    }
}

/// A digest of bytes that come in parts.
pub(super) struct Hasher {
    context: MdCtx,
    size: usize,
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) -> Result<(), ErrorStack> {
        self.context.digest_update(bytes)
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, ErrorStack> {
        let mut out = vec![0; self.size];
        self.context.digest_final(&mut out)?;
        Ok(out)
    }
}

/// Whether a signature algorithm is accepted.
pub(super) fn accepted_signature(oid: &str) -> Result<(), Refusal> {
    if SIGNATURES.contains(&oid) { Ok(()) } else { Err(refuse(oid)) }
}

/// A public key that the library cannot use.
pub(super) fn unusable_key(oid: &str) -> Refusal {
    refuse(oid)
}

/// Short name for the ledger.
pub(super) fn short_name(signature: &str, digest: &str) -> String {
    let key = match signature {
        oid if oid.starts_with("1.2.840.113549.1.1.") => "RSA",
        oid if oid.starts_with("1.2.840.10045.") => "ECDSA",
        _ => "GOST",
    };
    let digest = match digest {
        SHA256 => "SHA-256",
        "2.16.840.1.101.3.4.2.2" => "SHA-384",
        "2.16.840.1.101.3.4.2.3" => "SHA-512",
        "1.2.643.7.1.1.2.2" | "1.2.398.3.10.1.3.2" => "Streebog-256",
        _ => "Streebog-512",
    };
    format!("{key} {digest}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn strong_digests_are_computed_and_weak_ones_refused() {
        // FIPS 180-4, the example "abc".
        let digest = Digest::accepted(SHA256).unwrap();
        assert_eq!(
            hex::encode(digest.of(b"abc").unwrap()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        for weak in [SHA1, "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.4", "1.2.3"] {
            assert_eq!(Digest::accepted(weak).err().map(|refusal| refusal.code()), Some("EDS-ALGORITHM"));
        }
        assert_eq!(accepted_signature("1.2.840.113549.1.1.5").unwrap_err().code(), "EDS-ALGORITHM");
    }

    #[test]
    fn gost_is_computed_or_said_to_be_absent() {
        for oid in ["1.2.398.3.10.1.3.2", "1.2.398.3.10.1.3.1", "1.2.643.7.1.1.2.2"] {
            if let Err(refusal) = Digest::accepted(oid) {
                assert_eq!(refusal.code(), "EDS-ALGORITHM-UNAVAILABLE");
            }
        }
        assert_eq!(
            accepted_signature("1.2.398.3.10.1.1.1.2").unwrap_err().code(),
            "EDS-ALGORITHM-UNAVAILABLE"
        );
    }
}
