//! Whether certificates of a chain were revoked: stapled OCSP responses first, then lists.
//!
//! Silence is not "good": without fresh evidence for every certificate below the root there is no acceptance.

use chrono::{DateTime, SecondsFormat};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::x509::CrlStatus;

use super::certificate::Certificate;
use super::cms::Stapled;
use super::trust::{Crl, Trust};
use super::verdict::{self, Refusal};
use super::{algorithm, ocsp};

/// Clocks of authorities may be ahead of ours by so much, in seconds.
pub(super) const SKEW: i64 = 300;

/// The time for which a certificate is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Seconds of the epoch.
    pub(super) at: i64,
    /// Whether a time stamp proves that the signature existed then.
    pub(super) is_proven: bool,
    /// When the verdict is made.
    pub(super) now: i64,
}

/// What one source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    /// Since.
    Revoked(i64),
}

/// Evidence: what came with the signature, read once.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    ocsp: Vec<&'a [u8]>,
    crls: Vec<Crl>,
}

impl<'a> Evidence<'a> {
    /// Of a signature. Stapled lists that cannot be read prove nothing and are left out.
    pub(super) fn of(stapled: &Stapled<'a>) -> Self {
        let crls = stapled.crls.iter().filter_map(|der| Crl::parse(der).ok()).collect();
        Self { ocsp: stapled.ocsp.clone(), crls }
    }

    pub(super) fn responses(&self) -> &[&'a [u8]] {
        &self.ocsp
    }
}

/// Every certificate below the root is shown to be good; what showed it, where it did not come with the
/// signature, is added to `used`.
pub(super) fn check<'t>(
    chain: &[Certificate],
    moment: Moment,
    evidence: &Evidence<'_>,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Result<(), Refusal> {
    for pair in chain.windows(2) {
        let [certificate, issuer] = pair else { continue };
        let status = match ocsp::status(certificate, issuer, chain, moment, evidence, trust, used)? {
            // A list that revokes outweighs a response of just before.
            Some(Status::Good) => match listed(certificate, issuer, moment, evidence, trust, used) {
                Some(Status::Revoked(since)) => Some(Status::Revoked(since)),
                _ => Some(Status::Good),
            },
            Some(revoked) => Some(revoked),
            None => listed(certificate, issuer, moment, evidence, trust, used),
        };
        match status {
            Some(Status::Good) => {}
            // Revoked later than the moment that is proven: the signature was made before.
            Some(Status::Revoked(since)) if moment.is_proven && since > moment.at => {}
            Some(Status::Revoked(since)) => {
                return Err(Refusal::new(verdict::REVOKED).with(certificate.label()).with(instant(since)));
            }
            None => return Err(Refusal::new(verdict::UNKNOWN).with(certificate.label())),
        }
    }
    Ok(())
}

/// What the lists of an issuer say; `None` = no fresh list.
pub(super) fn listed<'t>(
    certificate: &Certificate,
    issuer: &Certificate,
    moment: Moment,
    evidence: &Evidence<'_>,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Option<Status> {
    let name = certificate.issuer();
    let mut found = None;
    let mut take = |crl: &Crl| -> bool {
        let is_fresh =
            crl.this_update <= moment.now + SKEW && crl.next_update.is_some_and(|next| next >= moment.at);
        if crl.issuer != name
            || !is_fresh
            || algorithm::accepted_signature(&crl.algorithm).is_err()
            || !crl.is_signed_by(issuer)
        {
            return false;
        }
        let status = match crl.x509.get_by_cert(&certificate.x509) {
            CrlStatus::NotRevoked => Status::Good,
            CrlStatus::Revoked(entry) => Status::Revoked(unix(entry.revocation_date()).unwrap_or(i64::MIN)),
            // Only partial lists say so, and those are not read.
            CrlStatus::RemoveFromCrl(_) => return false,
        };
        // One list that revokes outweighs those that do not.
        found = match (found, status) {
            (Some(Status::Revoked(a)), Status::Revoked(b)) => Some(Status::Revoked(a.min(b))),
            (Some(Status::Revoked(a)), Status::Good) => Some(Status::Revoked(a)),
            (_, status) => Some(status),
        };
        true
    };
    for crl in &evidence.crls {
        take(crl);
    }
    for crl in &trust.crls {
        if take(crl) && !used.iter().any(|known| known.der == crl.der) {
            used.push(crl);
        }
    }
    found
}

/// Seconds of the epoch.
fn unix(time: &Asn1TimeRef) -> Option<i64> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let since = epoch.diff(time).ok()?;
    Some(i64::from(since.days) * 86_400 + i64::from(since.secs))
}

/// For people.
pub(super) fn instant(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
