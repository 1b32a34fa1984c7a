//! From a certificate to a trusted root, at a time.

use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509PurposeId, X509StoreContext};

use super::certificate::Certificate;
use super::trust::Trust;

/// Longest chain of authorities.
const MAX_DEPTH: i32 = 6;

/// OpenSSL's level 2: 112 bits of security, no SHA-1 in the chain.
const SECURITY_LEVEL: i32 = 2;

/// Why there is no chain.
#[derive(Debug)]
pub(super) enum Broken {
    /// Expired or not yet valid.
    Validity(String),
    /// A weak key or digest in the chain.
    Weak(String),
    /// The certificate is not for this.
    Purpose(String),
    /// No root, or anything else.
    Untrusted(String),
}

impl Broken {
    /// What OpenSSL says.
    pub(super) fn text(self) -> String {
        match self {
            Self::Validity(text) | Self::Weak(text) | Self::Purpose(text) | Self::Untrusted(text) => text,
        }
    }

    // Numbers of X509_V_ERR_*, stable since OpenSSL 1.1.
    fn of(code: i32, text: String) -> Self {
        match code {
            9 | 10 => Self::Validity(text),
            66..=68 => Self::Weak(text),
            26 => Self::Purpose(text),
            _ => Self::Untrusted(text),
        }
    }
}

/// A store of the roots, for a time and a purpose.
pub(super) fn store(trust: &Trust, at: i64, purpose: Option<X509PurposeId>) -> Result<X509Store, Broken> {
    let failed = |error: openssl::error::ErrorStack| Broken::Untrusted(error.to_string());
    let mut store = X509StoreBuilder::new().map_err(failed)?;
    for root in &trust.roots {
        store.add_cert(root.x509.clone()).map_err(failed)?;
    }
    let mut param = X509VerifyParam::new().map_err(failed)?;
    param.set_time(at);
    param.set_depth(MAX_DEPTH);
    param.set_auth_level(SECURITY_LEVEL);
    if let Some(purpose) = purpose {
        param.set_purpose(purpose).map_err(failed)?;
    }
    store.set_param(&param).map_err(failed)?;
    Ok(store.build())
}

/// Certificates that may stand between a leaf and a root.
pub(super) fn helpers(trust: &Trust, extra: &[Certificate]) -> Result<Stack<openssl::x509::X509>, Broken> {
    let failed = |error: openssl::error::ErrorStack| Broken::Untrusted(error.to_string());
    let mut stack = Stack::new().map_err(failed)?;
    for certificate in extra.iter().chain(&trust.intermediates) {
        stack.push(certificate.x509.clone()).map_err(failed)?;
    }
    Ok(stack)
}

/// The chain from a certificate to a root, both included.
pub(super) fn build(
    trust: &Trust,
    leaf: &Certificate,
    extra: &[Certificate],
    at: i64,
    purpose: X509PurposeId,
) -> Result<Vec<Certificate>, Broken> {
    let failed = |error: openssl::error::ErrorStack| Broken::Untrusted(error.to_string());
    let store = store(trust, at, Some(purpose))?;
    let helpers = helpers(trust, extra)?;
    let mut context = X509StoreContext::new().map_err(failed)?;
    let verdict = context.init(&store, &leaf.x509, &helpers, |context| {
        if !context.verify_cert()? {
            let error = context.error();
            return Ok(Err(Broken::of(error.as_raw(), error.error_string().to_owned())));
        }
        let chain = context.chain().into_iter().flatten();
        Ok(Ok(chain.map(openssl::x509::X509Ref::to_der).collect::<Result<Vec<_>, _>>()?))
    });
    // What a failed verification leaves behind must not be read as the error of the next call.
    drop(openssl::error::ErrorStack::get());
    let ders = verdict.map_err(failed)??;
    ders.iter()
        .map(|der| {
            let known = trust.roots.iter().chain(&trust.intermediates).chain(extra).chain([leaf]);
            match known.into_iter().find(|certificate| certificate.der == *der) {
                Some(certificate) => Ok(certificate.clone()),
                None => Certificate::parse(der).map_err(|refusal| Broken::Untrusted(refusal.message().en)),
            }
        })
        .collect()
}
