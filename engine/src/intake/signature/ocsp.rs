//! OCSP responses (RFC 6960) that came with a signature.

use der::Decode;
use openssl::ocsp::{OcspFlag, OcspResponse};
use openssl::stack::Stack;
use x509_ocsp::{BasicOcspResponse, CertStatus, ResponderId, SingleResponse};

use super::algorithm::{self, Digest};
use super::certificate::Certificate;
use super::revocation::{Evidence, Moment, SKEW, Status, listed};
use super::trust::{Crl, Trust};
use super::verdict::{self, Refusal};
use super::{chain, tlv};

/// How long a response without a next update is good, in seconds.
const MAX_AGE: i64 = 3600;

const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
const OCSP_BASIC: [u8; 11] = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal::new(verdict::OCSP).with(why)
}

/// What the responses say of a certificate; `None` = none is about it.
///
/// A response about it that does not verify or is not fresh is a refusal: somebody attached it.
pub(super) fn status<'t>(
    certificate: &Certificate,
    issuer: &Certificate,
    chain: &[Certificate],
    moment: Moment,
    evidence: &Evidence<'_>,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Result<Option<Status>, Refusal> {
    let mut found = None;
    for der in evidence.responses() {
        let response = BasicOcspResponse::from_der(der).map_err(|error| refuse(error.to_string()))?;
        for single in &response.tbs_response_data.responses {
            if !is_about(single, certificate, issuer)? {
                continue;
            }
            verify(der, &response, issuer, chain, moment, evidence, trust, used)?;
            let status = fresh(single, &response, moment)?;
            found = match (found, status) {
                (Some(Status::Revoked(a)), Status::Revoked(b)) => Some(Status::Revoked(a.min(b))),
                (Some(Status::Revoked(a)), Status::Good) => Some(Status::Revoked(a)),
                (_, status) => Some(status),
            };
        }
    }
    Ok(found)
}

fn is_about(
    single: &SingleResponse,
    certificate: &Certificate,
    issuer: &Certificate,
) -> Result<bool, Refusal> {
    let id = &single.cert_id;
    if id.serial_number != certificate.parsed.tbs_certificate.serial_number {
        return Ok(false);
    }
    let digest = Digest::naming(&id.hash_algorithm.oid.to_string())?;
    let key = &issuer.parsed.tbs_certificate.subject_public_key_info.subject_public_key;
    let of = |bytes: &[u8]| digest.of(bytes).map_err(|error| refuse(error.to_string()));
    Ok(of(&certificate.issuer())? == id.issuer_name_hash.as_bytes()
        && of(key.raw_bytes())? == id.issuer_key_hash.as_bytes())
}

/// The answer, if its times fit the moment.
fn fresh(single: &SingleResponse, response: &BasicOcspResponse, moment: Moment) -> Result<Status, Refusal> {
    let seconds = |time: &x509_ocsp::OcspGeneralizedTime| {
        i64::try_from(time.0.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    let this_update = seconds(&single.this_update);
    if this_update > moment.now + SKEW || seconds(&response.tbs_response_data.produced_at) > moment.now + SKEW
    {
        return Err(refuse("it is of the future"));
    }
    let until = single.next_update.as_ref().map_or(this_update + MAX_AGE, seconds);
    if until < this_update || until + SKEW < moment.at {
        return Err(refuse("it is stale"));
    }
    match &single.cert_status {
        CertStatus::Good(_) => Ok(Status::Good),
        CertStatus::Revoked(info) => Ok(Status::Revoked(seconds(&info.revocation_time))),
        CertStatus::Unknown(_) => Err(refuse("the authority does not know the certificate")),
    }
}

/// Signature, chain and delegation of the responder.
#[allow(clippy::too_many_arguments, reason = "the parts of one verdict, used here only")]
fn verify<'t>(
    der: &[u8],
    response: &BasicOcspResponse,
    issuer: &Certificate,
    chain_of_signer: &[Certificate],
    moment: Moment,
    evidence: &Evidence<'_>,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Result<(), Refusal> {
    algorithm::accepted_signature(&response.signature_algorithm.oid.to_string())
        .map_err(|refusal| refuse(refusal.message().en))?;
    let failed = |error: openssl::error::ErrorStack| refuse(error.to_string());
    let basic = OcspResponse::from_der(&wrapped(der)).and_then(|whole| whole.basic()).map_err(failed)?;
    let produced = response.tbs_response_data.produced_at.0.to_unix_duration().as_secs();
    let produced = i64::try_from(produced).unwrap_or(i64::MAX);
    let store = chain::store(trust, produced, None).map_err(|broken| refuse(broken.text()))?;
    let mut helpers = Stack::new().map_err(failed)?;
    for certificate in chain_of_signer.iter().chain(&trust.intermediates) {
        helpers.push(certificate.x509.clone()).map_err(failed)?;
    }
    // A root is no responder for everything below it only because it is trusted.
    basic.verify(&helpers, &store, OcspFlag::NO_EXPLICIT).map_err(failed)?;
    let Some(responder) = responder(response, issuer)? else { return Ok(()) };
    if responder.has_extension(NO_CHECK) {
        return Ok(());
    }
    match listed(&responder, issuer, moment, evidence, trust, used) {
        Some(Status::Good) => Ok(()),
        Some(Status::Revoked(_)) => Err(refuse("the responder's certificate is revoked")),
        None => Err(refuse("nothing says that the responder's certificate is not revoked")),
    }
}

/// The delegated responder; `None` = the issuer itself answered.
fn responder(response: &BasicOcspResponse, issuer: &Certificate) -> Result<Option<Certificate>, Refusal> {
    let is_named = |certificate: &x509_cert::Certificate| match &response.tbs_response_data.responder_id {
        ResponderId::ByName(name) => certificate.tbs_certificate.subject == *name,
        ResponderId::ByKey(hash) => {
            let key = certificate.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes();
            let digest = Digest::naming(algorithm::SHA1)
                .and_then(|digest| digest.of(key).map_err(|error| refuse(error.to_string())));
            digest.is_ok_and(|own| own == hash.as_bytes())
        }
    };
    if is_named(&issuer.parsed) {
        return Ok(None);
    }
    let Some(found) = response.certs.iter().flatten().find(|certificate| is_named(certificate)) else {
        return Err(refuse("the responder's certificate is not in it"));
    };
    let der = der::Encode::to_der(found).map_err(|error| refuse(error.to_string()))?;
    Certificate::parse(&der).map(Some).map_err(|refusal| refuse(refusal.message().en))
}

/// A `BasicOCSPResponse` as the `OCSPResponse` that the library reads.
fn wrapped(basic: &[u8]) -> Vec<u8> {
    let bytes = [OCSP_BASIC.to_vec(), tlv::element(tlv::OCTET_STRING, basic)].concat();
    let bytes = tlv::element(tlv::context(0), &tlv::element(tlv::SEQUENCE, &bytes));
    tlv::element(tlv::SEQUENCE, &[vec![0x0a, 1, 0], bytes].concat())
}
