//! A key for the demo to sign with: nobody's, made anew each time, and of no worth elsewhere.

use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509NameBuilder};

use crate::cli::error::CliError;
use crate::lake::LakeError;
use crate::lake::archive::FreezeError;

/// Where the key, its certificate and the roots to trust are.
pub(super) struct DemoKey {
    /// Private key, PEM.
    pub(super) key: PathBuf,
    /// Its certificate, PEM.
    pub(super) certificate: PathBuf,
    /// Folder of the root certificate.
    pub(super) roots: PathBuf,
}

impl DemoKey {
    /// Make `DIR/keys` and `DIR/roots`.
    pub(super) fn make(dir: &Path) -> Result<Self, CliError> {
        let pem = pem().map_err(|source| {
            let action = "make a key for the demo".to_owned();
            CliError::Lake(LakeError::from(FreezeError::Crypto { action, source }))
        })?;
        let made = Self {
            key: dir.join("keys/demo.key"),
            certificate: dir.join("keys/demo.pem"),
            roots: dir.join("roots"),
        };
        let files = [
            (&made.key, pem.key),
            (&made.certificate, pem.certificate),
            (&made.roots.join("demo-root.pem"), pem.root),
        ];
        for (path, bytes) in files {
            let written = match path.parent() {
                Some(folder) => std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, bytes)),
                None => std::fs::write(path, bytes),
            };
            written.map_err(|source| CliError::File { path: path.clone(), source })?;
        }
        Ok(made)
    }
}

struct Pem {
    key: Vec<u8>,
    certificate: Vec<u8>,
    root: Vec<u8>,
}

fn pem() -> Result<Pem, ErrorStack> {
    let (root_key, own_key) = (key()?, key()?);
    let root = certificate("Demo root", &root_key, None)?;
    let own = certificate("Demo key", &own_key, Some((&root, &root_key)))?;
    Ok(Pem { key: own_key.private_key_to_pem_pkcs8()?, certificate: own.to_pem()?, root: root.to_pem()? })
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&curve)?)
}

/// A certificate that is in force in the October of the demo; without an issuer a root.
fn certificate(
    name: &str,
    key: &PKey<Private>,
    issuer: Option<(&X509, &PKey<Private>)>,
) -> Result<X509, ErrorStack> {
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_text("CN", name)?;
    let subject = subject.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let serial = BigNum::from_u32(if issuer.is_some() { 2 } else { 1 })?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(issuer.map_or(subject.as_ref(), |(root, _)| root.subject_name()))?;
    builder.set_not_before(&*Asn1Time::from_str("20240101000000Z")?)?;
    builder.set_not_after(&*Asn1Time::from_str("20251231235959Z")?)?;
    builder.set_pubkey(key)?;
    let mut basic = BasicConstraints::new();
    if issuer.is_none() {
        basic.ca();
    }
    builder.append_extension(basic.critical().build()?)?;
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256())?;
    Ok(builder.build())
}
