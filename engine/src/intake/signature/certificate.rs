//! What a certificate says of its owner: organisation, role, what the key is for.

use der::asn1::ObjectIdentifier;
use der::{Decode, Tag, Tagged};
use openssl::x509::X509;
use x509_cert::Certificate as Parsed;
use x509_cert::ext::pkix::{BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage};

use super::algorithm::Digest;
use super::cms::{CertificateHash, SignerId};
use super::tlv;
use super::trust::Profile;
use super::verdict::{self, Refusal};
use bilim_domain::ids::Bin;

const ORGANISATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// A certificate, read by both libraries from the same bytes.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    pub(super) x509: X509,
    pub(super) parsed: Parsed,
}

/// What the ledger keeps of an accepted signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// `head` or `delegate`.
    pub(super) role: &'static str,
    /// Hex.
    pub(super) serial: String,
}

impl Certificate {
    /// Read one; strict DER.
    pub(super) fn parse(der: &[u8]) -> Result<Self, Refusal> {
        let bad = |why: String| Refusal::new(verdict::CERTIFICATE).with(why);
        let parsed = Parsed::from_der(der).map_err(|error| bad(error.to_string()))?;
        let x509 = X509::from_der(der).map_err(|error| bad(error.to_string()))?;
        Ok(Self { der: der.to_vec(), x509, parsed })
    }

    /// Whether a signature names this certificate.
    pub(super) fn is(&self, id: &SignerId<'_>) -> bool {
        match id {
            SignerId::Issued { issuer, serial } => {
                let own = self.x509.issuer_name().to_der();
                own.is_ok_and(|own| own == *issuer)
                    && self.parsed.tbs_certificate.serial_number.as_bytes() == *serial
            }
            SignerId::Key(key) => self.x509.subject_key_id().is_some_and(|own| own.as_slice() == *key),
        }
    }

    /// Whether the hash in a signed attribute is that of this certificate.
    pub(super) fn has(&self, hash: &CertificateHash<'_>, is_naming: bool) -> Result<bool, Refusal> {
        let digest =
            if is_naming { Digest::naming(&hash.algorithm)? } else { Digest::accepted(&hash.algorithm)? };
        Ok(digest.of(&self.der).is_ok_and(|own| own == hash.hash))
    }

    /// For messages: the serial number, which is no personal datum.
    pub(super) fn label(&self) -> String {
        hex::encode(self.parsed.tbs_certificate.serial_number.as_bytes())
    }

    /// Object identifier of the key's algorithm.
    pub(super) fn key_algorithm(&self) -> String {
        self.parsed.tbs_certificate.subject_public_key_info.algorithm.oid.to_string()
    }

    /// The extended key usages.
    fn usages(&self) -> Result<Vec<String>, Refusal> {
        let usages = self.extension::<ExtendedKeyUsage>()?;
        Ok(usages.map(|usages| usages.0.iter().map(ToString::to_string).collect()).unwrap_or_default())
    }

    fn extension<'a, T: Decode<'a> + der::oid::AssociatedOid>(&'a self) -> Result<Option<T>, Refusal> {
        let found = self.parsed.tbs_certificate.get::<T>();
        let bad = |error: der::Error| Refusal::new(verdict::CERTIFICATE).with(error.to_string());
        Ok(found.map_err(bad)?.map(|(_, extension)| extension))
    }

    /// Whether an extension is there, whatever it says.
    pub(super) fn has_extension(&self, oid: &str) -> bool {
        let extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        extensions.into_iter().any(|extension| extension.extn_id.to_string() == oid)
    }

    /// The BINs of the subject's organisational units.
    fn bins(&self, profile: &Profile) -> Vec<i64> {
        let attributes = self.parsed.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter());
        let units = attributes.filter(|attribute| attribute.oid == ORGANISATIONAL_UNIT);
        let texts = units.filter_map(|unit| text(unit.value.tag(), unit.value.value()));
        let mut bins: Vec<i64> = texts
            .filter_map(|text| {
                let digits = text.trim().strip_prefix(profile.bin_prefix.as_str())?.to_owned();
                digits.parse::<Bin>().ok()?;
                digits.parse().ok()
            })
            .collect();
        bins.sort_unstable();
        bins.dedup();
        bins
    }

    /// Whether the owner may confirm data of this subject: a signing key of its head.
    pub(super) fn confirms(&self, subject: i64, profile: &Profile, delegate: bool) -> Result<Owner, Refusal> {
        self.is_for_signing()?;
        if !profile.policies.is_empty() {
            let policies = self.extension::<CertificatePolicies>()?;
            let policies: Vec<String> = policies
                .map(|policies| {
                    policies.0.iter().map(|policy| policy.policy_identifier.to_string()).collect()
                })
                .unwrap_or_default();
            if !policies.iter().any(|policy| profile.policies.contains(policy)) {
                return Err(Refusal::new(verdict::POLICY).with(list(&policies)));
            }
        }
        let usages = self.usages()?;
        let role = if usages.contains(&profile.head_role) {
            "head"
        } else if delegate && usages.contains(&profile.delegate_role) {
            "delegate"
        } else {
            let roles: Vec<String> =
                usages.into_iter().filter(|usage| usage.starts_with(&profile.role_arc)).collect();
            return Err(Refusal::new(verdict::ROLE).with(list(&roles)));
        };
        let bins = self.bins(profile);
        if bins != [subject] {
            let found: Vec<String> = bins.iter().map(|bin| format!("{bin:012}")).collect();
            return Err(Refusal::new(verdict::BIN).with(list(&found)).with(format!("{subject:012}")));
        }
        Ok(Owner { role, serial: self.label() })
    }

    /// A key for signing, not for logging in, encrypting or issuing.
    fn is_for_signing(&self) -> Result<(), Refusal> {
        let refuse = |why: &str| Err(Refusal::new(verdict::PURPOSE).with(why));
        if self.extension::<BasicConstraints>()?.is_some_and(|constraints| constraints.ca) {
            return refuse("CA");
        }
        let Some(usage) = self.extension::<KeyUsage>()? else { return refuse("keyUsage") };
        if !usage.digital_signature() || !usage.non_repudiation() {
            return refuse("keyUsage: digitalSignature, nonRepudiation");
        }
        if usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement() {
            return refuse("keyUsage: keyEncipherment");
        }
        if usage.key_cert_sign() || usage.crl_sign() {
            return refuse("keyUsage: keyCertSign");
        }
        let usages = self.usages()?;
        if usages.iter().any(|usage| usage == CLIENT_AUTH) {
            return refuse("extendedKeyUsage: clientAuth");
        }
        if !usages.iter().any(|usage| usage == EMAIL_PROTECTION) {
            return refuse("extendedKeyUsage: emailProtection");
        }
        Ok(())
    }

    /// Whether the key may sign lists of revoked certificates.
    pub(super) fn may_sign_crls(&self) -> bool {
        self.extension::<KeyUsage>().is_ok_and(|usage| usage.is_some_and(|usage| usage.crl_sign()))
    }

    /// Name of the subject, DER.
    pub(super) fn subject(&self) -> Vec<u8> {
        self.x509.subject_name().to_der().unwrap_or_default()
    }

    /// Name of the issuer, DER.
    pub(super) fn issuer(&self) -> Vec<u8> {
        self.x509.issuer_name().to_der().unwrap_or_default()
    }

    /// Issued by itself.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject() == self.issuer()
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "—".to_owned() } else { items.join(", ") }
}

/// A name's text. Kazakhstan's authority writes UTF-8, older cards BMP.
fn text(tag: Tag, value: &[u8]) -> Option<String> {
    match tag {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => String::from_utf8(value.to_vec()).ok(),
        Tag::BmpString => {
            let (units, rest) = value.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            rest.is_empty().then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok())?
        }
        _ => None,
    }
}

/// A certificate of a file: DER, or PEM blocks.
pub(super) fn in_file(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let ders: Vec<Vec<u8>> = if tlv::check(bytes).is_ok() {
        vec![bytes.to_vec()]
    } else {
        let certificates = X509::stack_from_pem(bytes).map_err(|error| error.to_string())?;
        certificates
            .iter()
            .map(|certificate| certificate.to_der().map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?
    };
    if ders.is_empty() {
        return Err("no certificate in it".to_owned());
    }
    ders.iter().map(|der| Certificate::parse(der).map_err(|refusal| refusal.message().en)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_the_alphabets_they_are_written_in() {
        let bmp: Vec<u8> = "BIN1ұ".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(Tag::BmpString, &bmp).as_deref(), Some("BIN1ұ"));
        assert_eq!(text(Tag::BmpString, &bmp[1..]), None);
        assert_eq!(text(Tag::Utf8String, "ұ".as_bytes()).as_deref(), Some("ұ"));
        assert_eq!(text(Tag::Utf8String, &[0xff]), None);
        assert_eq!(text(Tag::TeletexString, b"BIN"), None);
    }
}
