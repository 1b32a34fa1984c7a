//! What is trusted: root certificates, issuing authorities, lists of revoked certificates, the national profile.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use der::Decode;
use openssl::x509::X509Crl;
use serde::Deserialize;
use x509_cert::crl::CertificateList;

use super::certificate::{self, Certificate};
use crate::config::SignatureConfig;

/// Where the profile stands among the definitions.
pub const PROFILE: &str = "datasets/reference/signature.toml";

/// Largest file of certificates, in bytes.
const MAX_CERTIFICATE_BYTES: u64 = 1 << 20;

/// What certificates of a country look like; data, not code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Extended key usage of the first head.
    pub head_role: String,
    /// Extended key usage of an employee with the right to sign.
    pub delegate_role: String,
    /// Where the roles stand, to name the one that was found.
    pub role_arc: String,
    /// Certificate policies that are accepted; empty = any.
    pub policies: Vec<String>,
    /// Policies of time stamps that are accepted; empty = any.
    pub stamp_policies: Vec<String>,
    /// What precedes the number of the organisation in an organisational unit.
    pub bin_prefix: String,
}

/// Why nothing can be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// No roots are configured.
    #[error("no trusted roots: write [signature] roots = \"FOLDER\" into bilim.toml")]
    NoRoots,
    /// A folder without a self-signed certificate.
    #[error("{} holds no self-signed certificate to trust", path.display())]
    EmptyRoots {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what its folder is for.
    #[error("cannot use {}: {message}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The profile among the definitions is broken.
    #[error("cannot use {PROFILE}")]
    Profile {
        /// Why.
        #[source]
        source: Box<toml::de::Error>,
    },
}

/// What is trusted, read once.
#[derive(Debug)]
pub struct Trust {
    pub(super) profile: Profile,
    pub(super) delegate: bool,
    pub(super) audience: Option<String>,
    pub(super) max_bytes: usize,
    pub(super) roots: Vec<Certificate>,
    pub(super) intermediates: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
}

impl Trust {
    /// Read folders and profile.
    ///
    /// Self-signed certificates of the folder of roots are trusted; others only help to build chains.
    ///
    /// # Errors
    /// [`TrustError`] naming the file.
    pub fn load(config: &SignatureConfig, profile: &str) -> Result<Self, TrustError> {
        let profile: Profile =
            toml::from_str(profile).map_err(|source| TrustError::Profile { source: Box::new(source) })?;
        let folder = config.roots.as_deref().ok_or(TrustError::NoRoots)?;
        let (mut roots, mut intermediates) = (Vec::new(), Vec::new());
        for (path, bytes) in files(folder, MAX_CERTIFICATE_BYTES)? {
            let found = certificate::in_file(&bytes).map_err(|message| TrustError::File { path, message })?;
            for certificate in found {
                if certificate.is_self_issued() {
                    roots.push(certificate);
                } else {
                    intermediates.push(certificate);
                }
            }
        }
        if roots.is_empty() {
            return Err(TrustError::EmptyRoots { path: folder.to_owned() });
        }
        let mut crls = Vec::new();
        if let Some(folder) = &config.crl {
            for (path, bytes) in files(folder, config.max_crl_bytes)? {
                let bad = |message: String| TrustError::File { path: path.clone(), message };
                let der = match X509Crl::from_pem(&bytes) {
                    Ok(crl) => crl.to_der().map_err(|error| bad(error.to_string()))?,
                    Err(_) => bytes,
                };
                crls.push(Crl::parse(&der).map_err(bad)?);
            }
        }
        Ok(Self {
            profile,
            delegate: config.delegate,
            audience: config.audience.clone(),
            max_bytes: config.max_signature_bytes,
            roots,
            intermediates,
            crls,
        })
    }
}

fn files(folder: &Path, max_bytes: u64) -> Result<Vec<(PathBuf, Vec<u8>)>, TrustError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TrustError::Read { path, source }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let metadata = std::fs::metadata(&path).map_err(failed(&path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !metadata.is_file() || name.starts_with('.') {
            continue;
        }
        if metadata.len() > max_bytes {
            let message = format!("{} bytes, the limit is {max_bytes}", metadata.len());
            return Err(TrustError::File { path, message });
        }
        let bytes = std::fs::read(&path).map_err(failed(&path))?;
        files.push((path, bytes));
    }
    files.sort();
    Ok(files)
}

/// A list of revoked certificates.
pub(super) struct Crl {
    pub(super) der: Vec<u8>,
    pub(super) x509: X509Crl,
    /// Name of the issuer, DER.
    pub(super) issuer: Vec<u8>,
    /// Seconds of the epoch.
    pub(super) this_update: i64,
    pub(super) next_update: Option<i64>,
    /// Object identifier of its signature.
    pub(super) algorithm: String,
    /// Whose signature it is, by the issuer's certificate: a list may be large, and is hashed once.
    signed_by: Mutex<HashMap<Vec<u8>, bool>>,
}

impl std::fmt::Debug for Crl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crl").field("this_update", &self.this_update).finish_non_exhaustive()
    }
}

impl Crl {
    /// Read a complete list; partial and indirect ones carry critical extensions and are refused.
    pub(super) fn parse(der: &[u8]) -> Result<Self, String> {
        let x509 = X509Crl::from_der(der).map_err(|error| error.to_string())?;
        let parsed = CertificateList::from_der(der).map_err(|error| error.to_string())?;
        let list = &parsed.tbs_cert_list;
        let extensions = list.crl_extensions.iter().flatten();
        let entries = list.revoked_certificates.iter().flatten();
        let of_entries = entries.flat_map(|entry| entry.crl_entry_extensions.iter().flatten());
        if let Some(odd) = extensions.chain(of_entries).find(|extension| extension.critical) {
            return Err(format!("the critical extension {} is not understood", odd.extn_id));
        }
        let seconds = |time: &x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        Ok(Self {
            der: der.to_vec(),
            issuer: x509.issuer_name().to_der().map_err(|error| error.to_string())?,
            this_update: seconds(&list.this_update),
            next_update: list.next_update.as_ref().map(seconds),
            algorithm: parsed.signature_algorithm.oid.to_string(),
            x509,
            signed_by: Mutex::default(),
        })
    }

    /// Whether the list is signed by this issuer.
    pub(super) fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let mut known = self.signed_by.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(issuer.der.clone()).or_insert_with(|| {
            let key = issuer.x509.public_key();
            issuer.may_sign_crls() && key.is_ok_and(|key| self.x509.verify(&key).unwrap_or(false))
        })
    }
}
