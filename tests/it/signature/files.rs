//! Signatures over a file: those that count, and a kind of bad one per case.

use chrono::{TimeDelta, Utc};
use openssl::x509::X509;

use super::der::{Forge, Node, answered};
use super::judge::{FILE, accepted, code, file, trust, trusting};
use super::pki::Pki;
use bilim::intake::signature::Trust;

const DIGEST: &str = "1.2.840.113549.1.9.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";
const STAMP: &str = "1.2.840.113549.1.9.16.2.14";
const REVOCATION: &str = "1.2.840.113549.1.9.16.2.24";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

/// Name of a case, the code that must come, the signature, what is trusted.
type Case = (&'static str, &'static str, Vec<u8>, &'static Trust);

fn leak(trust: Trust) -> &'static Trust {
    Box::leak(Box::new(trust))
}

/// Every case gets its code, none is accepted.
fn judge(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (name, expected, signature, trust) in cases {
        let found = code(signature, trust);
        assert_ne!(found, "OK", "{name} is accepted");
        if found != *expected {
            wrong.push(format!("{name}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn good() -> Vec<u8> {
    static GOOD: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    GOOD.get_or_init(|| Pki::get().cades("head", &file())).clone()
}

fn forge() -> Forge {
    Forge::of(&good())
}

/// `RevocationValues` with OCSP responses.
fn values(responses: &[&[u8]]) -> Vec<u8> {
    let list = Node::of(0x30, responses.iter().map(|response| Node::read(response)).collect());
    Node::of(0x30, vec![Node::of(0xa1, vec![list])]).bytes()
}

fn without_lists() -> &'static Trust {
    static TRUST: std::sync::OnceLock<Trust> = std::sync::OnceLock::new();
    TRUST.get_or_init(|| trusting("without-lists", &["root", "nca"], &["root.crl"]))
}

/// `20241023101500Z`.
fn time(from_now: TimeDelta) -> Vec<u8> {
    (Utc::now() + from_now).format("%Y%m%d%H%M%SZ").to_string().into_bytes()
}

#[test]
fn good_signatures_are_accepted() {
    let pki = Pki::get();
    let plain = accepted(&good(), None, trust());
    assert_eq!((plain.role.as_str(), plain.algorithm.as_str()), ("head", "RSA SHA-256"));
    assert!(!plain.is_time_stamped);
    assert_eq!(plain.file_sha256, hex::encode(openssl::sha::sha256(FILE)));
    // CMS, head, authority, root, the lists of both.
    assert_eq!(plain.evidence.len(), 6);

    let ec = accepted(&pki.cades("head-ec", &file()), None, trust());
    assert_eq!(ec.algorithm, "ECDSA SHA-256");
    for digest in ["sha384", "sha512"] {
        let arguments = ["-binary", "-cades", "-md", digest, "-outform", "DER"];
        accepted(&pki.sign("head", &file(), &arguments), None, trust());
    }
    let by_key = ["-binary", "-cades", "-md", "sha256", "-keyid", "-outform", "DER"];
    accepted(&pki.sign("head", &file(), &by_key), None, trust());
    // The authority comes with the signature.
    let root_only = trusting("root-only", &["root"], &["root.crl", "nca.crl"]);
    accepted(&good(), None, &root_only);
}

#[test]
fn a_delegate_counts_only_where_the_system_says_so() {
    let pki = Pki::get();
    let signature = pki.cades("delegate", &file());
    assert_eq!(code(&signature, trust()), "EDS-ROLE");
    let mut config = pki.config("delegate", &["root", "nca"], &["root.crl", "nca.crl"]);
    config.delegate = true;
    let allowing = Trust::load(&config, super::judge::profile()).unwrap();
    assert_eq!(accepted(&signature, None, &allowing).role, "delegate");
    assert_eq!(accepted(&good(), None, &allowing).role, "head");
    assert_eq!(code(&pki.cades("employee", &file()), &allowing), "EDS-ROLE");
}

#[test]
fn stapled_ocsp_stands_in_for_a_list() {
    let pki = Pki::get();
    assert_eq!(code(&good(), without_lists()), "EDS-REVOCATION-UNKNOWN");
    for responder in ["ocsp", "nca"] {
        let response = pki.ocsp("head", responder, "nca", &[]);
        accepted(&forge().with(REVOCATION, &values(&[&response])).bytes(), None, without_lists());
    }
    // As RFC 5940 puts it, among the lists of the signature.
    let basic = pki.ocsp("head", "ocsp", "nca", &[]);
    let bytes = Node::of(0x30, vec![Node::oid("1.3.6.1.5.5.7.48.1.1"), Node::leaf(0x04, &basic)]);
    let whole = Node::of(0x30, vec![Node::leaf(0x0a, &[0]), Node::of(0xa0, vec![bytes])]);
    let other = Node::of(0xa1, vec![Node::oid("1.3.6.1.5.5.7.16.2"), whole]);
    let mut among_lists = forge();
    among_lists.data().parts.insert(4, Node::of(0xa1, vec![other]));
    accepted(&among_lists.bytes(), None, without_lists());
    // A responder without no-check is itself looked up in the list.
    let checked = pki.ocsp("head", "ocsp-checked", "nca", &[]);
    let checked = forge().with(REVOCATION, &values(&[&checked])).bytes();
    accepted(&checked, None, trust());
    assert_eq!(code(&checked, without_lists()), "EDS-OCSP");
}

#[test]
fn a_time_stamp_proves_when() {
    let pki = Pki::get();
    let stamped = |signer: &str, change: &dyn Fn(&mut Node)| {
        let mut forge = Forge::of(&pki.cades(signer, &file()));
        let token = pki.stamp("tsa", &forge.value(), "sha256");
        let token = Forge::of(&token).restamped(&pki.key("tsa"), |info| change(info)).bytes();
        forge.with(STAMP, &token).bytes()
    };
    let now = accepted(&stamped("head", &|_| {}), None, trust());
    assert!(now.is_time_stamped);
    assert!((Utc::now() - now.signed_at).num_seconds().abs() < 120);
    // Signed while the certificate was in force; expired since.
    let then = |ago: TimeDelta| move |info: &mut Node| info.parts[4].value = time(-ago);
    let expired = accepted(&stamped("expired", &then(TimeDelta::days(40))), None, trust());
    assert_eq!((Utc::now() - expired.signed_at).num_days(), 40);
    assert_eq!(code(&stamped("expired", &then(TimeDelta::days(30))), trust()), "EDS-VALIDITY");
    assert_eq!(code(&stamped("expired", &then(TimeDelta::days(420))), trust()), "EDS-VALIDITY");
    // Revoked an hour ago: what was signed two hours ago stands.
    accepted(&stamped("revoked", &then(TimeDelta::hours(2))), None, trust());
    assert_eq!(code(&stamped("revoked", &then(TimeDelta::minutes(30))), trust()), "EDS-REVOKED");
    // A fraction of a second is no reason.
    accepted(
        &stamped("head", &|info| {
            let now = time(TimeDelta::zero());
            info.parts[4].value = [&now[..14], b".5Z"].concat();
        }),
        None,
        trust(),
    );
}

#[test]
fn bad_containers() {
    let good = good();
    let pki = Pki::get();
    let with = |arguments: &[&str]| {
        let mut all = vec!["-binary", "-cades", "-md", "sha256", "-outform", "DER"];
        all.extend_from_slice(arguments);
        pki.sign("head", &file(), &all)
    };
    let pem = pki.sign("head", &file(), &["-binary", "-cades", "-md", "sha256", "-outform", "PEM"]);
    let text = String::from_utf8(pem.clone()).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut no_signer = forge();
    no_signer.signers().clear();
    let mut other_type = forge();
    other_type.0.parts[0] = Node::oid("1.2.840.113549.1.7.3");
    let mut other_content = forge();
    other_content.data().parts[2].parts[0] = Node::oid("1.2.840.113549.1.9.16.1.4");
    let mut many = forge();
    let certificate = many.certificates()[0].clone();
    many.certificates().extend(std::iter::repeat_n(certificate, 40));
    let mut long_length = good.clone();
    // 30 82 xx xx -> 30 83 00 xx xx: a longer length than needed.
    long_length.splice(1..2, [0x83, 0x00]);
    let mut big = good.clone();
    big.extend(vec![0; 2 << 20]);
    let cases: Vec<Case> = vec![
        ("empty", "EDS-FORMAT", Vec::new(), trust()),
        ("PEM", "EDS-TEXT", pem, trust()),
        ("Base64", "EDS-TEXT", base64.into_bytes(), trust()),
        ("truncated", "EDS-FORMAT", good[..good.len() - 1].to_vec(), trust()),
        ("half", "EDS-FORMAT", good[..good.len() / 2].to_vec(), trust()),
        ("a byte behind it", "EDS-FORMAT", [good.clone(), vec![0]].concat(), trust()),
        ("twice", "EDS-FORMAT", [good.clone(), good.clone()].concat(), trust()),
        ("the file itself", "EDS-FORMAT", FILE.to_vec(), trust()),
        ("too large", "EDS-LIMIT", big, trust()),
        ("BER of indefinite length", "EDS-FORMAT", with(&["-stream"]), trust()),
        ("a length longer than needed", "EDS-FORMAT", long_length, trust()),
        ("attached", "EDS-ATTACHED", with(&["-nodetach"]), trust()),
        ("two signers", "EDS-SIGNERS", with(&["-signer", "head-ec.pem", "-inkey", "head-ec.key"]), trust()),
        ("no signer", "EDS-SIGNERS", no_signer.bytes(), trust()),
        ("enveloped instead of signed", "EDS-FORMAT", other_type.bytes(), trust()),
        // Told by the type of its content before anything is inside.
        ("a time stamp token", "EDS-FORMAT", pki.stamp("tsa", FILE, "sha256"), trust()),
        ("content of another type", "EDS-FORMAT", other_content.bytes(), trust()),
        ("forty certificates", "EDS-FORMAT", many.bytes(), trust()),
    ];
    judge(&cases);
}

#[test]
fn bad_attributes_and_algorithms() {
    let pki = Pki::get();
    let key = pki.key("head");
    let sign = |arguments: &[&str]| pki.sign("head", &file(), arguments);
    let der = |more: &[&str]| {
        let mut all = vec!["-binary", "-outform", "DER"];
        all.extend_from_slice(more);
        sign(&all)
    };
    let mut doubled = forge();
    let digest = doubled.attribute(DIGEST).clone();
    doubled.attributes().push(digest);
    let mut other_double = forge();
    let mut digest = other_double.attribute(DIGEST).clone();
    digest.parts[1].parts[0].value[0] ^= 1;
    other_double.attributes().push(digest);
    let mut two_values = forge();
    let value = two_values.attribute(DIGEST).parts[1].parts[0].clone();
    two_values.attribute(DIGEST).parts[1].parts.push(value);
    let mut other_type = forge();
    other_type.attribute(CONTENT_TYPE).parts[1].parts[0] = Node::oid("1.2.840.113549.1.7.2");
    let mut unsorted = forge().signed(&key);
    unsorted.attributes().reverse();
    let mut other_hash = forge();
    let id = &mut other_hash.attribute(SIGNING_CERTIFICATE).parts[1].parts[0].parts[0].parts[0];
    let hash = id.parts.iter_mut().find(|part| part.tag == 0x04).unwrap();
    let other = X509::from_pem(&pki.bytes("head-2.pem")).unwrap().to_der().unwrap();
    hash.value = openssl::sha::sha256(&other).to_vec();
    let renamed = |from: &str, to: &str| {
        let mut forge = forge();
        forge.0.rename(from, to);
        forge.bytes()
    };
    let mut gost_key = forge();
    // Of the head's certificate only: its key becomes one of GOST 34.10-2015, the hash is of that certificate.
    for certificate in gost_key.certificates() {
        certificate.parts[0].rename("1.2.840.113549.1.1.1", "1.2.398.3.10.1.1.2.2");
    }
    let changed = gost_key.certificates().iter().map(Node::bytes).collect::<Vec<_>>();
    let head_key = key.public_key_to_der().unwrap();
    let own = changed
        .iter()
        .find(|der| {
            der.windows(64).any(|window| window == &head_key[head_key.len() - 70..head_key.len() - 6])
        })
        .unwrap();
    let hash = openssl::sha::sha256(own).to_vec();
    let id = &mut gost_key.attribute(SIGNING_CERTIFICATE).parts[1].parts[0].parts[0].parts[0];
    id.parts.iter_mut().find(|part| part.tag == 0x04).unwrap().value = hash;
    judge(&[
        ("SHA-1", "EDS-ALGORITHM", der(&["-cades", "-md", "sha1"]), trust()),
        ("MD5", "EDS-ALGORITHM", der(&["-cades", "-md", "md5"]), trust()),
        ("SHA-224", "EDS-ALGORITHM", der(&["-cades", "-md", "sha224"]), trust()),
        (
            "PSS",
            "EDS-ALGORITHM",
            der(&["-cades", "-md", "sha256", "-keyopt", "rsa_padding_mode:pss"]),
            trust(),
        ),
        (
            "SHA-1 in the signature",
            "EDS-ALGORITHM",
            renamed("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.5"),
            trust(),
        ),
        ("GOST digest", "EDS-ALGORITHM-UNAVAILABLE", renamed(SHA256, "1.2.398.3.10.1.3.2"), trust()),
        ("old GOST digest", "EDS-ALGORITHM-UNAVAILABLE", renamed(SHA256, "1.2.398.3.10.1.3.1"), trust()),
        ("Russian GOST digest", "EDS-ALGORITHM-UNAVAILABLE", renamed(SHA256, "1.2.643.7.1.1.2.2"), trust()),
        (
            "old GOST signature",
            "EDS-ALGORITHM-UNAVAILABLE",
            renamed("1.2.840.113549.1.1.1", "1.2.398.3.10.1.1.1.2"),
            trust(),
        ),
        ("GOST key", "EDS-ALGORITHM-UNAVAILABLE", gost_key.signed(&key).bytes(), trust()),
        ("no signed attributes", "EDS-ATTRIBUTES", der(&["-noattr", "-md", "sha256"]), trust()),
        ("not CAdES", "EDS-ATTRIBUTES", der(&["-md", "sha256"]), trust()),
        ("an attribute twice", "EDS-ATTRIBUTES", doubled.signed(&key).bytes(), trust()),
        ("two digests", "EDS-ATTRIBUTES", other_double.signed(&key).bytes(), trust()),
        ("two values of an attribute", "EDS-ATTRIBUTES", two_values.signed(&key).bytes(), trust()),
        ("contentType of another content", "EDS-ATTRIBUTES", other_type.signed(&key).bytes(), trust()),
        ("no contentType", "EDS-ATTRIBUTES", forge().without(CONTENT_TYPE).signed(&key).bytes(), trust()),
        ("no messageDigest", "EDS-ATTRIBUTES", forge().without(DIGEST).signed(&key).bytes(), trust()),
        (
            "no signingCertificateV2",
            "EDS-ATTRIBUTES",
            forge().without(SIGNING_CERTIFICATE).signed(&key).bytes(),
            trust(),
        ),
        ("hash of another certificate", "EDS-CERTIFICATE", other_hash.signed(&key).bytes(), trust()),
        ("attributes out of order", "EDS-FORMAT", unsorted.signed_as_is(&key).bytes(), trust()),
        ("no certificate", "EDS-CERTIFICATE", der(&["-cades", "-md", "sha256", "-nocerts"]), trust()),
    ]);
}

#[test]
fn bad_content_and_values() {
    let pki = Pki::get();
    let key = pki.key("head");
    let other = |name: &str, bytes: &[u8]| {
        let path = pki.path(name);
        std::fs::write(&path, bytes).unwrap();
        pki.cades("head", &path)
    };
    let mut one_byte = FILE.to_vec();
    one_byte[10] ^= 1;
    let crlf = String::from_utf8(FILE.to_vec()).unwrap().replace('\n', "\r\n");
    let text_mode = pki.sign("head", &file(), &["-cades", "-md", "sha256", "-outform", "DER"]);
    let mut digest_only = forge();
    digest_only.attribute(DIGEST).parts[1].parts[0].value = openssl::sha::sha256(b"other").to_vec();
    let mut other_digest = digest_only.clone();
    other_digest.attribute(DIGEST).parts[1].parts[0].value[0] ^= 1;
    let mut flipped = forge();
    flipped.signer().parts[5].value[20] ^= 1;
    let mut cut = forge();
    cut.signer().parts[5].value.pop();
    let mut no_value = forge();
    no_value.signer().parts[5].value.clear();
    let mut later = forge();
    // The signing time is signed, too.
    let signing_time = &mut later.attribute("1.2.840.113549.1.9.5").parts[1].parts[0].value;
    signing_time[11] ^= 1;
    let mut borrowed = Forge::of(&other("other.csv", b"other"));
    borrowed.attribute(DIGEST).parts[1].parts[0].value = openssl::sha::sha256(FILE).to_vec();
    judge(&[
        ("one byte changed", "EDS-CONTENT", other("one.csv", &one_byte), trust()),
        ("one byte more", "EDS-CONTENT", other("more.csv", &[FILE, b"\n"].concat()), trust()),
        ("empty file", "EDS-CONTENT", other("empty.csv", b""), trust()),
        ("CRLF", "EDS-LINE-ENDS", other("crlf.csv", crlf.as_bytes()), trust()),
        ("text mode", "EDS-LINE-ENDS", text_mode, trust()),
        ("a digest of other bytes, signed", "EDS-CONTENT", digest_only.signed(&key).bytes(), trust()),
        ("a digest of other bytes, not signed", "EDS-CONTENT", other_digest.bytes(), trust()),
        ("the digest of a borrowed signature replaced", "EDS-SIGNATURE", borrowed.bytes(), trust()),
        ("a flipped bit of the value", "EDS-SIGNATURE", flipped.bytes(), trust()),
        ("the value cut", "EDS-SIGNATURE", cut.bytes(), trust()),
        ("no value", "EDS-SIGNATURE", no_value.bytes(), trust()),
        ("signing time changed", "EDS-SIGNATURE", later.bytes(), trust()),
        ("signed with another key", "EDS-SIGNATURE", forge().signed(&pki.key("head-2")).bytes(), trust()),
    ]);
}

#[test]
fn bad_owners() {
    let pki = Pki::get();
    let by = |name: &str| pki.cades(name, &file());
    judge(&[
        ("employee", "EDS-ROLE", by("employee"), trust()),
        ("delegate, not allowed", "EDS-ROLE", by("delegate"), trust()),
        ("right of financial signature", "EDS-ROLE", by("finance"), trust()),
        ("personnel", "EDS-ROLE", by("personnel"), trust()),
        ("information system", "EDS-ROLE", by("system"), trust()),
        ("natural person", "EDS-ROLE", by("person"), trust()),
        ("key for logging in", "EDS-PURPOSE", by("auth"), trust()),
        ("key for logging in and signing", "EDS-PURPOSE", by("auth-email"), trust()),
        ("key that enciphers", "EDS-PURPOSE", by("encipher"), trust()),
        ("without nonRepudiation", "EDS-PURPOSE", by("no-repudiation"), trust()),
        ("without keyUsage", "EDS-PURPOSE", by("no-usage"), trust()),
        ("without emailProtection", "EDS-PURPOSE", by("no-email"), trust()),
        ("without extended usage", "EDS-PURPOSE", by("no-extended"), trust()),
        ("an authority signs", "EDS-PURPOSE", by("authority"), trust()),
        ("policy of natural persons", "EDS-POLICY", by("wrong-policy"), trust()),
        ("no policy", "EDS-POLICY", by("no-policy"), trust()),
        ("another organisation", "EDS-BIN", by("other-bin"), trust()),
        ("no BIN", "EDS-BIN", by("no-bin"), trust()),
        ("two BINs", "EDS-BIN", by("two-bins"), trust()),
        ("a number that is not marked as BIN", "EDS-BIN", by("bare-bin"), trust()),
    ]);
}

#[test]
fn bad_chains() {
    let pki = Pki::get();
    let by = |name: &str| pki.cades(name, &file());
    let alone_by =
        |name: &str| pki.sign(name, &file(), &["-binary", "-cades", "-md", "sha256", "-outform", "DER"]);
    let root_only = leak(trusting("root-alone", &["root"], &["root.crl", "nca.crl"]));
    let alone = alone_by("head");
    let own_chain = pki.sign(
        "false-head",
        &file(),
        &["-binary", "-cades", "-md", "sha256", "-outform", "DER", "-certfile", "false-nca.pem"],
    );
    let mut with_root = Forge::of(&own_chain);
    with_root.certificates().push(Node::read(&pki.bytes("false-root.der")));
    with_root.certificates().sort_by_key(Node::bytes);
    judge(&[
        ("made by oneself, same names", "EDS-CHAIN", own_chain, trust()),
        ("made by oneself, with its root", "EDS-CHAIN", with_root.bytes(), trust()),
        ("no issuing authority", "EDS-CHAIN", alone, root_only),
        ("a critical extension that nobody knows", "EDS-CHAIN", by("critical"), trust()),
        ("the authority itself signs", "EDS-PURPOSE", alone_by("nca"), trust()),
        ("the root itself signs", "EDS-PURPOSE", alone_by("root"), trust()),
        ("expired", "EDS-VALIDITY", by("expired"), trust()),
        ("not yet valid", "EDS-VALIDITY", by("future"), trust()),
        ("certificate signed with SHA-1", "EDS-ALGORITHM", by("sha1"), trust()),
        ("RSA of 1024 bits", "EDS-ALGORITHM", by("rsa1024"), trust()),
    ]);
}

#[test]
fn bad_revocation() {
    let pki = Pki::get();
    let hour = TimeDelta::hours(-1);
    let none = leak(trusting("no-lists", &["root", "nca"], &[]));
    let outdated = leak(trusting("stale", &["root", "nca"], &["root.crl", "stale.crl"]));
    let foreign = leak(trusting("foreign", &["root", "nca"], &["root.crl", "false-nca.crl"]));
    let no_authority = leak(trusting("no-authority", &["root", "nca"], &["nca.crl"]));
    let revoking = leak(trusting("revoking", &["root", "nca"], &["root-revoking.crl", "nca.crl"]));
    let staple = |response: &[u8]| forge().with(REVOCATION, &values(&[response])).bytes();
    let response = |responder: &str| pki.ocsp("head", responder, "nca", &[]);
    let sound = response("ocsp");
    let key = pki.key("ocsp");
    // tbsResponseData: responderID, producedAt, responses (certID, status, thisUpdate, [0] nextUpdate).
    let changed = |change: &dyn Fn(&mut Node)| staple(&answered(&sound, &key, |data| change(data)));
    let stale_response = changed(&|data| {
        data.parts[1].value = time(TimeDelta::days(-9));
        let single = &mut data.parts[2].parts[0];
        single.parts[2].value = time(TimeDelta::days(-9));
        single.parts[3].parts[0].value = time(TimeDelta::days(-2));
    });
    let old_without_end = changed(&|data| {
        data.parts[1].value = time(TimeDelta::hours(-5));
        let single = &mut data.parts[2].parts[0];
        single.parts[2].value = time(TimeDelta::hours(-5));
        single.parts.truncate(3);
    });
    let ahead = changed(&|data| {
        let single = &mut data.parts[2].parts[0];
        single.parts[2].value = time(TimeDelta::hours(3));
        single.parts[3].parts[0].value = time(TimeDelta::days(3));
    });
    let unknown = changed(&|data| data.parts[2].parts[0].parts[1] = Node::leaf(0x82, &[]));
    let mut broken = Node::read(&sound);
    broken.parts[2].value[20] ^= 1;
    let mut good_instead = Node::read(&pki.ocsp("head", "ocsp", "nca", &[("head", hour)]));
    good_instead.parts[0].parts[2].parts[0].parts[1] = Node::leaf(0x80, &[]);
    let revoked_answer = pki.ocsp("head", "ocsp", "nca", &[("head", hour)]);
    judge(&[
        ("revoked", "EDS-REVOKED", pki.cades("revoked", &file()), trust()),
        ("the authority revoked", "EDS-REVOKED", good(), revoking),
        ("no list at all", "EDS-REVOCATION-UNKNOWN", good(), none),
        ("no list of the authority", "EDS-REVOCATION-UNKNOWN", good(), without_lists()),
        ("no list of the root", "EDS-REVOCATION-UNKNOWN", good(), no_authority),
        ("stale list", "EDS-REVOCATION-UNKNOWN", good(), outdated),
        ("list of an authority of the same name", "EDS-REVOCATION-UNKNOWN", good(), foreign),
        ("OCSP: revoked", "EDS-REVOKED", staple(&revoked_answer), without_lists()),
        ("OCSP: revoked, list: not yet", "EDS-REVOKED", staple(&revoked_answer), trust()),
        ("OCSP: unknown", "EDS-OCSP", unknown, without_lists()),
        ("OCSP: stale", "EDS-OCSP", stale_response.clone(), without_lists()),
        ("OCSP: stale, list: good", "EDS-OCSP", stale_response, trust()),
        ("OCSP: old, without an end", "EDS-OCSP", old_without_end, without_lists()),
        ("OCSP: of the future", "EDS-OCSP", ahead, without_lists()),
        ("OCSP: signature broken", "EDS-OCSP", staple(&broken.bytes()), without_lists()),
        ("OCSP: good instead of revoked", "EDS-OCSP", staple(&good_instead.bytes()), without_lists()),
        ("OCSP: by another authority", "EDS-OCSP", staple(&response("ocsp-2")), without_lists()),
        (
            "OCSP: by a foreign one of the same name",
            "EDS-OCSP",
            staple(&response("false-ocsp")),
            without_lists(),
        ),
        ("OCSP: responder without delegation", "EDS-OCSP", staple(&response("no-ocsp")), without_lists()),
        ("OCSP: the head answers for itself", "EDS-OCSP", staple(&response("head")), without_lists()),
        (
            "OCSP: about another certificate",
            "EDS-REVOCATION-UNKNOWN",
            staple(&pki.ocsp("head-2", "ocsp", "nca", &[])),
            without_lists(),
        ),
        (
            "OCSP: no response",
            "EDS-OCSP",
            staple(&Node::of(0x30, vec![Node::leaf(0x02, &[1])]).bytes()),
            trust(),
        ),
    ]);
}

#[test]
fn bad_stamps() {
    let pki = Pki::get();
    let value = forge().value();
    let sound = pki.stamp("tsa", &value, "sha256");
    let key = pki.key("tsa");
    let with = |token: &[u8]| forge().with(STAMP, token).bytes();
    let changed =
        |change: &dyn Fn(&mut Node)| with(&Forge::of(&sound).restamped(&key, |info| change(info)).bytes());
    let mut flipped = Forge::of(&sound);
    flipped.signer().parts[5].value[20] ^= 1;
    let mut imprint = Forge::of(&sound);
    let octets = &mut imprint.data().parts[2].parts[1].parts[0];
    let mut info = Node::read(&octets.value);
    info.parts[4].value = time(TimeDelta::hours(-1));
    octets.value = info.bytes();
    let mut no_tsa = Forge::of(&sound);
    // The token as a key that is not for stamps would make it.
    let other = X509::from_pem(&pki.bytes("no-tsa.pem")).unwrap().to_der().unwrap();
    for certificate in no_tsa.certificates() {
        *certificate = Node::read(&other);
    }
    let sid = Forge::of(&pki.cades("no-tsa", &file())).signer().parts[1].clone();
    no_tsa.signer().parts[1] = sid;
    let ess = &mut no_tsa.attribute(SIGNING_CERTIFICATE).parts[1].parts[0].parts[0].parts[0];
    ess.parts.iter_mut().find(|part| part.tag == 0x04).unwrap().value = openssl::sha::sha256(&other).to_vec();
    ess.parts.retain(|part| part.tag == 0x04);
    let no_tsa = no_tsa.restamped(&pki.key("no-tsa"), |_| {}).bytes();
    let no_lists = leak(trusting("stamp-no-lists", &["root", "nca"], &["root.crl"]));
    let response = pki.ocsp("head", "ocsp", "nca", &[]);
    let unknown_tsa = forge().with(STAMP, &sound).with(REVOCATION, &values(&[&response])).bytes();
    judge(&[
        ("stamp over the file", "EDS-STAMP", with(&pki.stamp("tsa", FILE, "sha256")), trust()),
        ("stamp over another signature", "EDS-STAMP", with(&pki.stamp("tsa", b"another", "sha256")), trust()),
        ("stamp with SHA-1", "EDS-STAMP", with(&pki.stamp("tsa", &value, "sha1")), trust()),
        (
            "stamp by a foreign authority",
            "EDS-STAMP",
            with(&pki.stamp("false-tsa", &value, "sha256")),
            trust(),
        ),
        ("stamp by a key not for stamps", "EDS-STAMP", with(&no_tsa), trust()),
        (
            "stamp under another policy",
            "EDS-STAMP",
            changed(&|info| info.parts[1] = Node::oid("1.2.398.3.3.2.6.9")),
            trust(),
        ),
        (
            "stamp of the future",
            "EDS-STAMP",
            changed(&|info| info.parts[4].value = time(TimeDelta::hours(2))),
            trust(),
        ),
        ("stamp of an unknown version", "EDS-STAMP", changed(&|info| info.parts[0].value = vec![2]), trust()),
        (
            "stamp without a time zone",
            "EDS-STAMP",
            changed(&|info| {
                info.parts[4].value.pop();
            }),
            trust(),
        ),
        ("stamp with a broken signature", "EDS-STAMP", with(&flipped.bytes()), trust()),
        ("stamp with its time changed", "EDS-STAMP", with(&imprint.bytes()), trust()),
        ("two stamps", "EDS-STAMP", forge().with(STAMP, &sound).with(STAMP, &sound).bytes(), trust()),
        (
            "no stamp in its place",
            "EDS-STAMP",
            with(&Node::of(0x30, vec![Node::leaf(0x02, &[1])]).bytes()),
            trust(),
        ),
        ("the signature as its own stamp", "EDS-STAMP", with(&good()), trust()),
        ("nothing says the stamping key is good", "EDS-STAMP", unknown_tsa, no_lists),
        (
            "stamped before the certificate was issued",
            "EDS-VALIDITY",
            changed(&|info| info.parts[4].value = time(TimeDelta::days(-60))),
            trust(),
        ),
    ]);
}

#[test]
fn no_flipped_bit_of_a_signature_is_accepted() {
    // Every byte once, another bit each time. The authority's certificate comes with the signature, so that none
    // of its bytes is free either.
    let root_only = trusting("flips", &["root"], &["root.crl", "nca.crl"]);
    let good = good();
    let mut accepted = Vec::new();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        if code(&bytes, &root_only) == "OK" {
            accepted.push(at);
        }
    }
    // The version of SignedData (4 + 11 + 4 + 4 bytes of headers and type, then 02 01) only says which parts follow.
    assert_eq!(accepted, [25], "of {} bytes", good.len());
}
