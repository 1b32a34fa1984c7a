//! The ministry's signature under a manifest: detached CMS, and its check against root certificates.

use std::path::Path;

use chrono::{DateTime, Utc};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509NameEntryRef, X509NameRef};

use super::super::error::{LakeError, Result};
use super::error::FreezeError;

/// Largest key or certificate file that is read.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// A key with its certificate.
#[derive(Clone)]
pub struct Signer {
    key: PKey<Private>,
    certificate: X509,
    above: Vec<X509>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Signer {
    /// Read a key without passphrase and its certificate, both PEM; the certificates above it may follow it.
    ///
    /// # Errors
    /// [`FreezeError::Signer`] when the key is not the certificate's, or the files hold none.
    pub fn from_pem(key: &Path, certificate: &Path) -> Result<Self> {
        let unfit = |path: &Path, problem: &str| FreezeError::Signer {
            path: path.to_path_buf(),
            problem: problem.to_owned(),
        };
        // Without the callback OpenSSL would ask on the terminal.
        let read_key = PKey::private_key_from_pem_callback(&read(key)?, |_| Ok(0));
        let key_read =
            read_key.map_err(|_| unfit(key, "it holds no private key in PEM without a passphrase"))?;
        let mut chain = X509::stack_from_pem(&read(certificate)?)
            .map_err(FreezeError::crypto(format!("read the certificate {}", certificate.display())))?
            .into_iter();
        let own = chain.next().ok_or_else(|| unfit(certificate, "it holds no certificate in PEM"))?;
        let public = own.public_key().map_err(FreezeError::crypto("read the key of the certificate"))?;
        if !public.public_eq(&key_read) {
            return Err(unfit(certificate, "it is not the certificate of the key").into());
        }
        Ok(Self { key: key_read, certificate: own, above: chain.collect() })
    }

    /// Whose key it is: the organisation of the certificate, or its common name where there is none. The
    /// number and the name of the person who holds the key are left out.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.certificate.subject_name())
    }

    /// Whether the certificate, which goes into the archive with the signature, bears the IIN of a person.
    #[must_use]
    pub fn names_person(&self) -> bool {
        let value = |entry: &X509NameEntryRef| entry.data().to_string().unwrap_or_default();
        self.certificate.subject_name().entries().any(|entry| value(entry).to_uppercase().starts_with("IIN"))
    }

    /// A detached signature, DER.
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>> {
        let sign = || {
            let mut above = Stack::new()?;
            for certificate in &self.above {
                above.push(certificate.clone())?;
            }
            let flags = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
            let key = self.key.as_ref();
            CmsContentInfo::sign(Some(&self.certificate), Some(key), Some(&above), Some(data), flags)?
                .to_der()
        };
        Ok(sign().map_err(FreezeError::crypto("sign the manifest"))?)
    }
}

/// Certificates that are trusted without a further one.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    certificates: Vec<X509>,
}

impl Roots {
    /// Every certificate (PEM or DER) of a folder.
    ///
    /// # Errors
    /// [`LakeError::Io`], or [`FreezeError::Signer`] when the folder holds none.
    pub fn from_dir(folder: &Path) -> Result<Self> {
        let mut certificates = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(LakeError::io("list", folder))? {
            let path = entry.map_err(LakeError::io("list", folder))?.path();
            let is_certificate = path.extension().is_some_and(|ending| {
                ["pem", "crt", "cer", "der"].iter().any(|known| ending.eq_ignore_ascii_case(known))
            });
            if is_certificate && path.is_file() {
                let bytes = read(&path)?;
                let found = match X509::stack_from_pem(&bytes) {
                    Ok(found) if !found.is_empty() => Ok(found),
                    _ => X509::from_der(&bytes).map(|one| vec![one]),
                };
                let action = format!("read the certificate {}", path.display());
                certificates.extend(found.map_err(FreezeError::crypto(action))?);
            }
        }
        if certificates.is_empty() {
            let problem = "the folder holds no certificate (*.pem, *.crt, *.cer, *.der)".to_owned();
            return Err(FreezeError::Signer { path: folder.to_path_buf(), problem }.into());
        }
        Ok(Self { certificates })
    }

    /// Is it a signature over `data` by somebody whose certificate led to a root at `at`?
    pub(super) fn check(
        &self,
        signature: &[u8],
        data: &[u8],
        at: DateTime<Utc>,
    ) -> std::result::Result<(), String> {
        let check = || {
            let mut cms = CmsContentInfo::from_der(signature)?;
            let mut store = X509StoreBuilder::new()?;
            for certificate in &self.certificates {
                store.add_cert(certificate.clone())?;
            }
            // Certificates end long before an archive does: what counts is when it was signed.
            let mut parameters = X509VerifyParam::new()?;
            parameters.set_time(at.timestamp());
            store.set_param(&parameters)?;
            let flags = CMSOptions::DETACHED | CMSOptions::BINARY;
            cms.verify(None, Some(&store.build()), Some(data), None, flags)?;
            Ok::<_, openssl::error::ErrorStack>(cms.to_der()? == signature)
        };
        match check() {
            Ok(true) => Ok(()),
            Ok(false) => Err("it holds bytes that do not belong to it".to_owned()),
            Err(error) => {
                let reasons: Vec<String> = error
                    .errors()
                    .iter()
                    .map(|error| match error.data() {
                        Some(data) => format!("{} ({data})", error.reason().unwrap_or("unknown")),
                        None => error.reason().unwrap_or("unknown").to_owned(),
                    })
                    .collect();
                Err(reasons.join(", "))
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(LakeError::io("read", path))?.len();
    if size > MAX_PEM_BYTES {
        let problem = format!("it has {size} bytes, a key or certificate has at most {MAX_PEM_BYTES}");
        return Err(FreezeError::Signer { path: path.to_path_buf(), problem }.into());
    }
    std::fs::read(path).map_err(LakeError::io("read", path))
}

/// `O=..., OU=...`, or `CN=...`.
fn name(subject: &X509NameRef) -> String {
    let holds = |kinds: &[Nid]| subject.entries().any(|entry| kinds.contains(&entry.object().nid()));
    let organisation = [Nid::ORGANIZATIONNAME, Nid::ORGANIZATIONALUNITNAME];
    let shown: &[Nid] = if holds(&organisation) { &organisation } else { &[Nid::COMMONNAME] };
    let part = |entry: &X509NameEntryRef| {
        let key = entry.object().nid().short_name().unwrap_or("?").to_owned();
        let value = entry.data().to_string().unwrap_or_default();
        format!("{key}={value}")
    };
    subject
        .entries()
        .filter(|entry| shown.contains(&entry.object().nid()))
        .map(part)
        .collect::<Vec<_>>()
        .join(", ")
}
