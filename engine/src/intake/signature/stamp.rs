//! Time stamps (RFC 3161) over the signature value: when the signature existed at the latest.

use chrono::NaiveDateTime;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;
use openssl::x509::X509PurposeId;

use super::algorithm::Digest;
use super::certificate::Certificate;
use super::cms::{self, Kind};
use super::revocation::{self, Evidence, Moment, SKEW};
use super::tlv::{self, Malformed, OCTET_STRING, SEQUENCE};
use super::trust::{Crl, Trust};
use super::verdict::{self, Refusal};
use super::{chain, signer_certificate};

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal::new(verdict::STAMP).with(why)
}

/// What the authority signed.
struct Info<'a> {
    policy: String,
    digest: String,
    imprint: &'a [u8],
    time: i64,
}

/// Verify a token over these bytes; the time that it states, in seconds of the epoch.
pub(super) fn verify<'t>(
    token: &[u8],
    stamped: &[u8],
    now: i64,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Result<i64, Refusal> {
    // Whatever is wrong inside a token is wrong with the token.
    check(token, stamped, now, trust, used).map_err(|refusal| match refusal.code() {
        "EDS-STAMP" => refusal,
        _ => refuse(refusal.message().en),
    })
}

fn check<'t>(
    token: &[u8],
    stamped: &[u8],
    now: i64,
    trust: &'t Trust,
    used: &mut Vec<&'t Crl>,
) -> Result<i64, Refusal> {
    let parsed = cms::parse(token, Kind::Stamp)?;
    let info = read(parsed.content.ok_or_else(|| refuse("it states nothing"))?)?;
    let policies = &trust.profile.stamp_policies;
    if !policies.is_empty() && !policies.contains(&info.policy) {
        return Err(refuse(format!("its policy is {}", info.policy)));
    }
    if Digest::accepted(&info.digest)?.of(stamped).ok().as_deref() != Some(info.imprint) {
        return Err(refuse("it is over another signature"));
    }
    if info.time > now + SKEW {
        return Err(refuse(format!("it is of the future, {}", revocation::instant(info.time))));
    }
    let certificates: Vec<Certificate> =
        parsed.certificates.iter().map(|der| Certificate::parse(der)).collect::<Result<_, _>>()?;
    let known: Vec<&Certificate> = certificates.iter().chain(&trust.intermediates).collect();
    let authority = signer_certificate(&parsed.signer, &known, true)?;
    let failed = |error: openssl::error::ErrorStack| refuse(error.to_string());
    let mut stack = Stack::new().map_err(failed)?;
    stack.push(authority.x509.clone()).map_err(failed)?;
    let flags = CMSOptions::BINARY | CMSOptions::NOINTERN | CMSOptions::NO_SIGNER_CERT_VERIFY;
    CmsContentInfo::from_der(token)
        .and_then(|mut token| token.verify(Some(&stack), None, None, None, flags))
        .map_err(failed)?;
    let chain = chain::build(trust, authority, &certificates, info.time, X509PurposeId::TIMESTAMP_SIGN)
        .map_err(|broken| refuse(broken.text()))?;
    let moment = Moment { at: info.time, is_proven: false, now };
    revocation::check(&chain, moment, &Evidence::of(&parsed.revocation), trust, used)?;
    Ok(info.time)
}

/// `TSTInfo`.
fn read(bytes: &[u8]) -> tlv::Result<Info<'_>> {
    tlv::check(bytes)?;
    let mut items = tlv::whole(bytes, SEQUENCE, "TSTInfo")?.items();
    if items.expect(0x02, "version")?.value != [1] {
        return Err(Malformed("TSTInfo of an unknown version".to_owned()));
    }
    let policy = items.oid("policy")?;
    let mut imprint = items.expect(SEQUENCE, "messageImprint")?.items();
    let digest = imprint.algorithm("hashAlgorithm")?;
    let imprint = imprint.expect(OCTET_STRING, "hashedMessage")?.value;
    items.expect(0x02, "serialNumber")?;
    let time = items.expect(0x18, "genTime")?.value;
    let time = generalized(time).ok_or_else(|| Malformed("genTime is no time in UTC".to_owned()))?;
    Ok(Info { policy, digest, imprint, time })
}

/// `20241023101500Z`, with or without a fraction of a second, which is cut off.
fn generalized(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) => {
            let is_number = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
            is_number.then_some(whole)?
        }
        None => text,
    };
    if whole.len() != 14 || !whole.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(NaiveDateTime::parse_from_str(whole, "%Y%m%d%H%M%S").ok()?.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc_with_seconds() {
        // date -u -d '2024-10-23 10:15:00' +%s
        assert_eq!(generalized(b"20241023101500Z"), Some(1_729_678_500));
        assert_eq!(generalized(b"20241023101500.25Z"), Some(1_729_678_500));
        for bad in
            ["20241023101500", "202410231015Z", "20241323101500Z", "20241023101500.Z", "+0241023101500Z"]
        {
            assert_eq!(generalized(bad.as_bytes()), None, "{bad}");
        }
    }
}
