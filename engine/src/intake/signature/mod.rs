//! The signature of the head: a detached CMS (CAdES-BES, DER) over the submission envelope or over the file.
//!
//! [`verify`] says whether the head of the submitting subject confirmed exactly this submission. Everything
//! must hold; what does not is a [`Refusal`] with a code (`EDS-...`), a message in three languages and the
//! remedy. `cms` takes the signature apart, `certificate` reads its owner, `chain` and `revocation` judge the
//! certificate at the moment that a time stamp proves (`stamp`), or else now; `envelope` compares what was
//! signed with what was submitted.
//!
//! Nothing is fetched: roots and lists come from folders, OCSP responses and time stamps with the signature.
//! Whether a signature was used before only the lake knows (`Writer::signature_use`).
//!
//! GOST is verified when OpenSSL knows the algorithms (a provider that the system's `openssl.cnf` activates);
//! otherwise the verdict says that the algorithm is not available.

mod algorithm;
mod certificate;
mod chain;
mod cms;
mod content;
mod envelope;
mod ocsp;
mod revocation;
mod stamp;
mod tlv;
mod trust;
pub mod verdict;

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;
use openssl::x509::X509PurposeId;
use sha2::{Digest as _, Sha256};

pub use envelope::Envelope;
pub use trust::{PROFILE, Profile, Trust, TrustError};
pub use verdict::Refusal;

use super::error::IntakeError;
use crate::lake::{Confirmation, Evidence as Kept};
use certificate::Certificate;
use chain::Broken;
use cms::{Kind, Signer};
use revocation::{Evidence, Moment};

/// What was submitted, as intake read it.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its name, for messages.
    pub file: &'a str,
    /// SHA-256 of the bytes that intake read, lower-case hex.
    pub file_sha256: &'a str,
    /// Their number.
    pub file_size: u64,
    /// Media type.
    pub media_type: &'a str,
    /// Rows.
    pub rows: u64,
    /// Reporting years of the rows.
    pub years: &'a BTreeSet<i32>,
    /// Form code.
    pub form: &'a str,
    /// BIN of the submitting subject.
    pub subject_bin: i64,
    /// SHA-256 of the accepted file that this one replaces.
    pub prev_accepted_sha256: Option<&'a str>,
    /// When it came: an envelope must have been good then, however long the file waited to be landed.
    pub received_at: DateTime<Utc>,
    /// The time of the verdict.
    pub now: DateTime<Utc>,
}

/// What was signed.
#[derive(Debug, Clone, Copy)]
pub enum Signed<'a> {
    /// The file itself.
    File,
    /// These bytes, which name the file.
    Envelope(&'a [u8]),
}

/// Accepted, or why not.
#[derive(Debug)]
pub enum Verdict {
    /// The head of the subject confirmed the submission.
    Verified(Box<Confirmation>),
    /// It does not count.
    Refused(Refusal),
}

impl Verdict {
    /// `OK`, or the code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Verified(_) => "OK",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// Verify a signature over a submission.
///
/// # Errors
/// [`IntakeError::Read`] when the file cannot be read again. A bad signature is a verdict.
pub fn verify(
    signature: &[u8],
    over: Signed<'_>,
    submission: &Submission<'_>,
    trust: &Trust,
) -> Result<Verdict, IntakeError> {
    match judge(signature, over, submission, trust) {
        Ok(confirmation) => Ok(Verdict::Verified(Box::new(confirmation))),
        Err(Fault::Refused(refusal)) => Ok(Verdict::Refused(refusal)),
        Err(Fault::Failed(error)) => Err(error),
    }
}

/// Why there is no confirmation.
#[derive(Debug)]
enum Fault {
    Refused(Refusal),
    Failed(IntakeError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn judge(
    signature: &[u8],
    over: Signed<'_>,
    submission: &Submission<'_>,
    trust: &Trust,
) -> Result<Confirmation, Fault> {
    if signature.len() > trust.max_bytes {
        let limit = Refusal::new(verdict::LIMIT);
        return Err(limit.with(signature.len().to_string()).with(trust.max_bytes.to_string()).into());
    }
    let parsed = cms::parse(signature, Kind::Signature)?;
    let envelope = match over {
        Signed::File => None,
        Signed::Envelope(bytes) => Some(Envelope::parse(bytes)?),
    };
    let signer = &parsed.signer;
    content::check(signer, over, submission)?;
    let certificates: Vec<Certificate> =
        parsed.certificates.iter().map(|der| Certificate::parse(der)).collect::<Result<_, _>>()?;
    let certificate = signer_certificate(signer, &certificates.iter().collect::<Vec<_>>(), false)?;
    verify_value(signature, certificate)?;

    let now = submission.now.timestamp();
    let mut used = Vec::new();
    let stamped = match signer.stamp {
        Some(token) => Some(stamp::verify(token, signer.value, now, trust, &mut used)?),
        None => None,
    };
    let moment = Moment { at: stamped.unwrap_or(now), is_proven: stamped.is_some(), now };
    let owner = certificate.confirms(submission.subject_bin, &trust.profile, trust.delegate);
    // Whose key it is matters only when it is somebody's: a self-made certificate says anything.
    let chain = chain::build(trust, certificate, &certificates, moment.at, X509PurposeId::SMIME_SIGN)
        .map_err(|broken| refusal_of(broken, moment.at, owner.as_ref().err()))?;
    let owner = owner?;
    revocation::check(&chain, moment, &Evidence::of(&parsed.revocation), trust, &mut used)?;
    if let Some(envelope) = &envelope {
        envelope.check(submission, trust)?;
    }

    let years: Vec<i32> = submission.years.iter().copied().collect();
    let kept = |ending: &'static str, bytes: &[u8]| Kept { ending, bytes: bytes.to_vec() };
    let mut evidence = vec![kept("p7s", signature)];
    if let Signed::Envelope(bytes) = over {
        evidence.push(kept("json", bytes));
    }
    evidence.extend(chain.iter().map(|certificate| kept("cer", &certificate.der)));
    evidence.extend(used.iter().map(|crl| kept("crl", &crl.der)));
    Ok(Confirmation {
        form: submission.form.to_owned(),
        year: if let [year] = years.as_slice() { Some(*year) } else { None },
        subject_bin: submission.subject_bin,
        role: owner.role.to_owned(),
        certificate_serial: owner.serial,
        algorithm: algorithm::short_name(&signer.algorithm, &signer.digest),
        signed_at: DateTime::from_timestamp(moment.at, 0).unwrap_or(submission.now),
        is_time_stamped: moment.is_proven,
        file_sha256: submission.file_sha256.to_owned(),
        envelope_sha256: match over {
            Signed::Envelope(bytes) => Some(hex::encode(Sha256::digest(bytes))),
            Signed::File => None,
        },
        submission_id: envelope.as_ref().map(|envelope| envelope.submission_id.clone()),
        nonce: envelope.map(|envelope| envelope.nonce),
        signature_sha256: hex::encode(Sha256::digest(&signer.signed_attributes)),
        cms_sha256: hex::encode(Sha256::digest(signature)),
        evidence,
    })
}

fn refusal_of(broken: Broken, at: i64, owner: Option<&Refusal>) -> Refusal {
    match broken {
        Broken::Validity(text) => Refusal::new(verdict::VALIDITY).with(text).with(revocation::instant(at)),
        Broken::Weak(text) => Refusal::new(verdict::ALGORITHM).with(text),
        // Our own reading says more exactly what the key is for.
        Broken::Purpose(text) => owner.cloned().unwrap_or_else(|| Refusal::new(verdict::PURPOSE).with(text)),
        Broken::Untrusted(text) => Refusal::new(verdict::CHAIN).with(text),
    }
}

/// The certificate that the signature names and whose hash was signed; its key must be usable.
fn signer_certificate<'c>(
    signer: &Signer<'_>,
    known: &[&'c Certificate],
    is_stamp: bool,
) -> Result<&'c Certificate, Refusal> {
    let refuse = |why: &str| Refusal::new(verdict::CERTIFICATE).with(why);
    let certificate = *known
        .iter()
        .find(|certificate| certificate.is(&signer.id))
        .ok_or_else(|| refuse("it is not included"))?;
    if !certificate.has(&signer.certificate_hash, is_stamp)? {
        return Err(refuse("signingCertificateV2 is the hash of another one"));
    }
    if certificate.x509.public_key().is_err() {
        drop(openssl::error::ErrorStack::get());
        return Err(algorithm::unusable_key(&certificate.key_algorithm()));
    }
    Ok(certificate)
}

/// The signature value over the signed attributes, with this certificate's key and no other.
fn verify_value(signature: &[u8], certificate: &Certificate) -> Result<(), Refusal> {
    let refuse = |_| Refusal::new(verdict::SIGNATURE);
    let mut signers = Stack::new().map_err(refuse)?;
    signers.push(certificate.x509.clone()).map_err(refuse)?;
    // The content was compared through the signed messageDigest (`content`), without holding it in memory;
    // the chain is built apart, at the right time.
    let flags = CMSOptions::BINARY
        | CMSOptions::NOINTERN
        | CMSOptions::NO_SIGNER_CERT_VERIFY
        | CMSOptions::NO_CONTENT_VERIFY;
    CmsContentInfo::from_der(signature)
        .and_then(|mut cms| cms.verify(Some(&signers), None, Some(&[]), None, flags))
        .map_err(refuse)
}
