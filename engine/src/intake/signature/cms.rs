//! The structure of a CMS signature (RFC 5652), strictly: one signer, DER, the attributes of CAdES-BES.
//!
//! Nothing is verified here. What is read here is what is verified: the same raw bytes.

use super::algorithm;
use super::tlv::{self, Items, Malformed, OCTET_STRING, SEQUENCE, SET, Tlv, context};
use super::verdict::{self, Refusal};

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// Plain bytes as the signed content.
pub(super) const DATA: &str = "1.2.840.113549.1.7.1";
/// The content of a time stamp.
pub(super) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
const REVOCATION_VALUES: &str = "1.2.840.113549.1.9.16.2.24";
const OCSP_RESPONSE: &str = "1.3.6.1.5.5.7.16.2";
const OCSP_BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

/// Certificates, CRLs and OCSP responses read from one signature; more is an attack on our time.
const MAX_PARTS: usize = 32;

/// A signature taken apart.
#[derive(Debug)]
pub(super) struct Cms<'a> {
    /// The content inside; `None` = detached.
    pub(super) content: Option<&'a [u8]>,
    /// Certificates, DER.
    pub(super) certificates: Vec<&'a [u8]>,
    /// What it says of revocation.
    pub(super) revocation: Stapled<'a>,
    /// The one signer.
    pub(super) signer: Signer<'a>,
}

/// Evidence of revocation that came with a signature.
#[derive(Debug, Default)]
pub(super) struct Stapled<'a> {
    /// `CertificateList`s.
    pub(super) crls: Vec<&'a [u8]>,
    /// `BasicOCSPResponse`s.
    pub(super) ocsp: Vec<&'a [u8]>,
}

/// The signer and what it signed.
#[derive(Debug)]
pub(super) struct Signer<'a> {
    /// Whose certificate.
    pub(super) id: SignerId<'a>,
    /// Digest algorithm of the content.
    pub(super) digest: String,
    /// Signature algorithm.
    pub(super) algorithm: String,
    /// The signed attributes as they are hashed: a SET.
    pub(super) signed_attributes: Vec<u8>,
    /// Digest of the content, by the signer.
    pub(super) message_digest: &'a [u8],
    /// Hash of the signer's certificate, by the signer.
    pub(super) certificate_hash: CertificateHash<'a>,
    /// The signature value.
    pub(super) value: &'a [u8],
    /// The time stamp token over it.
    pub(super) stamp: Option<&'a [u8]>,
}

/// How the signer's certificate is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SignerId<'a> {
    /// Issuer (a Name, DER) and serial number.
    Issued { issuer: &'a [u8], serial: &'a [u8] },
    /// Subject key identifier.
    Key(&'a [u8]),
}

/// `ESSCertID` or `ESSCertIDv2`.
#[derive(Debug)]
pub(super) struct CertificateHash<'a> {
    pub(super) algorithm: String,
    pub(super) hash: &'a [u8],
}

/// Which CMS is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A detached signature over a file or an envelope.
    Signature,
    /// A time stamp token.
    Stamp,
}

/// Take a signature apart.
pub(super) fn parse(bytes: &[u8], kind: Kind) -> Result<Cms<'_>, Refusal> {
    if bytes.starts_with(b"-----BEGIN") || is_base64(bytes) {
        return Err(Refusal::new(verdict::TEXT));
    }
    tlv::check(bytes)?;
    let mut outer = tlv::whole(bytes, SEQUENCE, "ContentInfo")?.items();
    let content_type = outer.oid("contentType")?;
    if content_type != SIGNED_DATA {
        return Err(Malformed(format!("content {content_type} instead of SignedData")).into());
    }
    let inner = outer.expect(context(0), "content")?;
    outer.end("ContentInfo")?;
    let mut data = tlv::whole(inner.value, SEQUENCE, "SignedData")?.items();
    data.expect(0x02, "version")?;
    data.expect(SET, "digestAlgorithms")?;
    let mut encapsulated = data.expect(SEQUENCE, "encapContentInfo")?.items();
    let content_type = encapsulated.oid("eContentType")?;
    let content = encapsulated.optional(context(0))?;
    encapsulated.end("encapContentInfo")?;
    let wanted = if kind == Kind::Signature { DATA } else { TST_INFO };
    if content_type != wanted {
        return Err(Malformed(format!("eContentType {content_type} instead of {wanted}")).into());
    }
    let content = match content {
        Some(_) if kind == Kind::Signature => return Err(Refusal::new(verdict::ATTACHED)),
        Some(content) => Some(tlv::whole(content.value, OCTET_STRING, "eContent")?.value),
        None => None,
    };
    let certificates = match data.optional(context(0))? {
        Some(set) => certificates(set)?,
        None => Vec::new(),
    };
    let mut revocation = Stapled::default();
    if let Some(set) = data.optional(context(1))? {
        stapled_in_set(set, &mut revocation)?;
    }
    let signers = data.expect(SET, "signerInfos")?.items().collect()?;
    data.end("SignedData")?;
    let [only] = signers.as_slice() else {
        return Err(Refusal::new(verdict::SIGNERS).with(signers.len().to_string()));
    };
    let signer = signer(*only, kind, wanted, &mut revocation)?;
    if certificates.len().max(revocation.crls.len()).max(revocation.ocsp.len()) > MAX_PARTS {
        return Err(Malformed(format!("more than {MAX_PARTS} certificates, CRLs or OCSP responses")).into());
    }
    Ok(Cms { content, certificates, revocation, signer })
}

/// DER begins with a SEQUENCE, `0`, which is a letter of Base64, too; its second byte never is one
/// for anything as long as a signature.
fn is_base64(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    bytes.len() > 1 && bytes.iter().take(64).all(is_letter)
}

fn certificates(set: Tlv<'_>) -> tlv::Result<Vec<&[u8]>> {
    // Attribute certificates and the like ([0]..[3]) name nobody who could sign.
    let all = set.items().collect()?;
    Ok(all.into_iter().filter(|item| item.tag == SEQUENCE).map(|item| item.raw).collect())
}

/// `RevocationInfoChoices`: CRLs, and OCSP responses as RFC 5940 puts them.
fn stapled_in_set<'a>(set: Tlv<'a>, stapled: &mut Stapled<'a>) -> tlv::Result<()> {
    for item in set.items().collect()? {
        if item.tag == SEQUENCE {
            stapled.crls.push(item.raw);
        } else if item.tag == context(1) {
            let mut other = item.items();
            if other.oid("otherRevInfoFormat")? == OCSP_RESPONSE {
                stapled.ocsp.push(basic_response(other.expect(SEQUENCE, "OCSPResponse")?)?);
            }
        }
    }
    Ok(())
}

/// The `BasicOCSPResponse` in an `OCSPResponse`.
fn basic_response(response: Tlv<'_>) -> tlv::Result<&[u8]> {
    let mut items = response.items();
    if items.expect(0x0a, "responseStatus")?.value != [0] {
        return Err(Malformed("an OCSP response that is an error".to_owned()));
    }
    let mut bytes =
        tlv::whole(items.expect(context(0), "responseBytes")?.value, SEQUENCE, "ResponseBytes")?.items();
    if bytes.oid("responseType")? != OCSP_BASIC {
        return Err(Malformed("an OCSP response of an unknown type".to_owned()));
    }
    Ok(bytes.expect(OCTET_STRING, "response")?.value)
}

fn signer<'a>(
    info: Tlv<'a>,
    kind: Kind,
    content_type: &str,
    revocation: &mut Stapled<'a>,
) -> Result<Signer<'a>, Refusal> {
    if info.tag != SEQUENCE {
        return Err(Malformed("SignerInfo is no SEQUENCE".to_owned()).into());
    }
    let mut items = info.items();
    let version = items.expect(0x02, "version")?.value;
    let id = match items.next()? {
        Some(id) if id.tag == SEQUENCE => {
            let mut id = id.items();
            let issuer = id.expect(SEQUENCE, "issuer")?.raw;
            let serial = id.expect(0x02, "serialNumber")?.value;
            SignerId::Issued { issuer, serial }
        }
        Some(id) if id.tag == 0x80 => SignerId::Key(id.value),
        _ => return Err(Malformed("SignerInfo names no certificate".to_owned()).into()),
    };
    // RFC 5652, 5.3: the version says how the certificate is named.
    if version != if matches!(id, SignerId::Key(_)) { [3] } else { [1] } {
        return Err(Malformed("SignerInfo of another version".to_owned()).into());
    }
    let digest = items.algorithm("digestAlgorithm")?;
    let signed =
        items.optional(context(0))?.ok_or_else(|| Refusal::new(verdict::ATTRIBUTES).with("signedAttrs"))?;
    let algorithm = items.algorithm("signatureAlgorithm")?;
    let value = items.expect(OCTET_STRING, "signature")?.value;
    let unsigned = items.optional(context(1))?;
    items.end("SignerInfo")?;
    // Said first: programs that sign with SHA-1 leave out attributes, too, and that is not the cause.
    algorithm::Digest::accepted(&digest)?;
    algorithm::accepted_signature(&algorithm)?;
    let attributes = signed_attributes(signed)?;
    let mut content = one(&attributes, CONTENT_TYPE, "contentType")?.items();
    if content.oid("contentType")? != content_type {
        return Err(Refusal::new(verdict::ATTRIBUTES).with("contentType"));
    }
    let message_digest = one(&attributes, MESSAGE_DIGEST, "messageDigest")?
        .items()
        .expect(OCTET_STRING, "messageDigest")?
        .value;
    let certificate_hash = certificate_hash(&attributes, kind)?;
    let mut stamp = None;
    if let Some(unsigned) = unsigned {
        for (name, values) in read_attributes(unsigned)? {
            match name.as_str() {
                TIME_STAMP => {
                    let tokens = values.items().collect()?;
                    let ([token], None) = (tokens.as_slice(), stamp) else {
                        return Err(Refusal::new(verdict::STAMP).with("there is more than one"));
                    };
                    stamp = Some(token.raw);
                }
                REVOCATION_VALUES => revocation_values(values, revocation)?,
                _ => {}
            }
        }
    }
    let signed_attributes = tlv::element(SET, signed.value);
    Ok(Signer { id, digest, algorithm, signed_attributes, message_digest, certificate_hash, value, stamp })
}

/// `RevocationValues`, an unsigned attribute of `CAdES`.
fn revocation_values<'a>(values: Tlv<'a>, stapled: &mut Stapled<'a>) -> tlv::Result<()> {
    for value in values.items().collect()? {
        for part in value.items().collect()? {
            let target = match part.tag {
                tag if tag == context(0) => &mut stapled.crls,
                tag if tag == context(1) => &mut stapled.ocsp,
                _ => continue,
            };
            let mut list = part.items();
            target.extend(
                list.expect(SEQUENCE, "revocationValues")?.items().collect()?.iter().map(|item| item.raw),
            );
        }
    }
    Ok(())
}

/// The signed attributes, which must be a DER set: ascending, hence each once.
fn signed_attributes(set: Tlv<'_>) -> Result<Vec<(String, Tlv<'_>)>, Refusal> {
    let raw = set.items().collect()?;
    if !raw.is_sorted_by(|a, b| a.raw <= b.raw) {
        return Err(Malformed("signed attributes out of DER order".to_owned()).into());
    }
    let attributes = read_attributes(set)?;
    for (index, (name, values)) in attributes.iter().enumerate() {
        if attributes[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(Refusal::new(verdict::ATTRIBUTES).with(format!("{name} twice")));
        }
        if values.items().collect()?.len() != 1 {
            return Err(Refusal::new(verdict::ATTRIBUTES).with(format!("{name} has not one value")));
        }
    }
    Ok(attributes)
}

fn read_attributes(set: Tlv<'_>) -> tlv::Result<Vec<(String, Tlv<'_>)>> {
    set.items()
        .collect()?
        .into_iter()
        .map(|attribute| {
            if attribute.tag != SEQUENCE {
                return Err(Malformed("an attribute is no SEQUENCE".to_owned()));
            }
            let mut items = attribute.items();
            let name = items.oid("attribute")?;
            let values = items.expect(SET, "attribute values")?;
            items.end("attribute")?;
            Ok((name, values))
        })
        .collect()
}

fn one<'a>(attributes: &[(String, Tlv<'a>)], oid: &str, name: &str) -> Result<Tlv<'a>, Refusal> {
    let found = attributes.iter().find(|(found, _)| found == oid);
    found.map(|(_, values)| *values).ok_or_else(|| Refusal::new(verdict::ATTRIBUTES).with(name))
}

/// The hash that binds the signature to one certificate. Time stamps may still use the form of RFC 2634.
fn certificate_hash<'a>(
    attributes: &[(String, Tlv<'a>)],
    kind: Kind,
) -> Result<CertificateHash<'a>, Refusal> {
    let first = |values: Tlv<'a>| -> tlv::Result<Items<'a>> {
        let mut list = values.items().expect(SEQUENCE, "signingCertificate")?.items();
        let mut ids = list.expect(SEQUENCE, "certs")?.items();
        Ok(ids.expect(SEQUENCE, "ESSCertID")?.items())
    };
    match one(attributes, SIGNING_CERTIFICATE_V2, "signingCertificateV2") {
        Ok(values) => {
            let mut id = first(values)?;
            let algorithm = match id.optional(SEQUENCE)? {
                Some(algorithm) => algorithm.items().oid("hashAlgorithm")?,
                None => algorithm::SHA256.to_owned(),
            };
            Ok(CertificateHash { algorithm, hash: id.expect(OCTET_STRING, "certHash")?.value })
        }
        Err(_) if kind == Kind::Stamp => {
            let mut id = first(one(attributes, SIGNING_CERTIFICATE, "signingCertificate")?)?;
            let hash = id.expect(OCTET_STRING, "certHash")?.value;
            Ok(CertificateHash { algorithm: algorithm::SHA1.to_owned(), hash })
        }
        Err(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn code(bytes: &[u8]) -> &'static str {
        parse(bytes, Kind::Signature).unwrap_err().code()
    }

    #[test]
    fn what_is_no_signature_is_named() {
        assert_eq!(code(b""), "EDS-FORMAT");
        assert_eq!(code(b"-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n"), "EDS-TEXT");
        assert_eq!(code(b"MIIGJQYJKoZIhvcNAQcCoIIGFjCCBhICAQExDTALBglghkgBZQMEAgEwCwYJKoZI"), "EDS-TEXT");
        assert_eq!(code(&[0x30, 0x80, 0, 0]), "EDS-FORMAT");
        assert_eq!(code(&[0x30, 0x03, 0x02, 0x01, 0x01]), "EDS-FORMAT");
        let data = tlv::element(SEQUENCE, &hex::decode("06092a864886f70d010701a0020400").unwrap());
        assert_eq!(code(&data), "EDS-FORMAT");
    }

    #[test]
    fn no_prefix_and_no_flip_of_random_bytes_panics() {
        let mut bytes = hex::decode("308006092a864886f70d010702a0").unwrap();
        for length in 0..bytes.len() {
            let _ = parse(&bytes[..length], Kind::Signature);
        }
        for at in 0..bytes.len() * 8 {
            bytes[at / 8] ^= 1 << (at % 8);
            let _ = parse(&bytes, Kind::Stamp);
            bytes[at / 8] ^= 1 << (at % 8);
        }
    }
}
