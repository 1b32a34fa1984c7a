//! Signatures over an envelope: it must be about this submission, and canonical.

use bilim::intake::signature::{Envelope, Trust};

use super::judge::{self, accepted, envelope, trust, verdict};
use super::pki::Pki;

/// The envelope's bytes and the head's signature over them.
fn signed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let path = Pki::get().path(&format!("{name}.json"));
    std::fs::write(&path, bytes).unwrap();
    Pki::get().cades("head", &path)
}

#[test]
fn an_envelope_stands_for_its_file() {
    let bytes = envelope().to_bytes();
    let confirmation = accepted(&signed("sound", &bytes), Some(&bytes), trust());
    assert_eq!(confirmation.envelope_sha256, Some(hex::encode(openssl::sha::sha256(&bytes))));
    assert_eq!(confirmation.submission_id, Some(envelope_of(&bytes).submission_id));
    assert_eq!(confirmation.nonce.as_ref().map(String::len), Some(32));
    // No two envelopes are the same.
    assert_ne!(bytes, envelope().to_bytes());
}

fn envelope_of(bytes: &[u8]) -> Envelope {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn bad_envelopes() {
    let sound = envelope();
    let text = String::from_utf8(sound.to_bytes()).unwrap();
    let with = |change: &dyn Fn(&mut Envelope)| {
        let mut other = sound.clone();
        change(&mut other);
        other.to_bytes()
    };
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("another form", "EDS-ENVELOPE-FIELD", with(&|e| e.form = "S1.PUPIL".to_owned())),
        ("another year", "EDS-ENVELOPE-FIELD", with(&|e| e.period = 2023)),
        ("another organisation", "EDS-ENVELOPE-FIELD", with(&|e| e.org_bin = "990140002003".to_owned())),
        ("another file", "EDS-ENVELOPE-FIELD", with(&|e| e.file_sha256 = "0".repeat(64))),
        ("another size", "EDS-ENVELOPE-FIELD", with(&|e| e.file_size += 1)),
        ("another kind of file", "EDS-ENVELOPE-FIELD", with(&|e| e.media_type = "text/plain".to_owned())),
        ("another number of rows", "EDS-ENVELOPE-FIELD", with(&|e| e.rows -= 1)),
        (
            "another state before",
            "EDS-ENVELOPE-FIELD",
            with(&|e| e.prev_accepted_sha256 = Some("a".repeat(64))),
        ),
        ("another system", "EDS-ENVELOPE-FIELD", with(&|e| e.audience = "elsewhere".to_owned())),
        ("too late", "EDS-DEADLINE", with(&|e| e.not_after = "2026-01-01T00:00:00Z".to_owned())),
        ("no deadline", "EDS-ENVELOPE", with(&|e| e.not_after = "never".to_owned())),
        ("another version", "EDS-ENVELOPE", with(&|e| e.v = 2)),
        ("identifier of another kind", "EDS-ENVELOPE", with(&|e| e.submission_id = "7".to_owned())),
        ("short nonce", "EDS-ENVELOPE", with(&|e| e.nonce = "00".to_owned())),
        ("spaces", "EDS-ENVELOPE", text.replace("\":", "\": ").into_bytes()),
        ("a line end", "EDS-ENVELOPE", format!("{text}\n").into_bytes()),
        ("a byte order mark", "EDS-ENVELOPE", format!("\u{feff}{text}").into_bytes()),
        ("other order", "EDS-ENVELOPE", serde_json::to_vec(&sound).unwrap()),
        ("a further member", "EDS-ENVELOPE", text.replace("\"v\":1", "\"v\":1,\"w\":1").into_bytes()),
        ("a member twice", "EDS-ENVELOPE", text.replace("\"v\":1", "\"v\":1,\"v\":1").into_bytes()),
        ("no JSON", "EDS-ENVELOPE", b"2024".to_vec()),
        ("nothing", "EDS-ENVELOPE", Vec::new()),
        ("huge", "EDS-LIMIT", vec![b' '; 1 << 17]),
    ];
    let mut wrong = Vec::new();
    for (number, (name, expected, bytes)) in cases.iter().enumerate() {
        // Each is signed as it is: the signature is sound, what it is over is not.
        let found = verdict(&signed(&format!("bad-{number}"), bytes), Some(bytes), trust()).code();
        if found != *expected {
            wrong.push(format!("{name}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_signature_over_one_envelope_is_none_over_another() {
    let (one, other) = (envelope().to_bytes(), envelope().to_bytes());
    let signature = signed("one", &one);
    assert_eq!(verdict(&signature, Some(&one), trust()).code(), "OK");
    assert_eq!(verdict(&signature, Some(&other), trust()).code(), "EDS-CONTENT");
    // A signature over the envelope is none over the file, and the other way round.
    assert_eq!(verdict(&signature, None, trust()).code(), "EDS-CONTENT");
    let over_file = Pki::get().cades("head", &judge::file());
    assert_eq!(verdict(&over_file, Some(&one), trust()).code(), "EDS-CONTENT");
}

#[test]
fn a_system_without_a_name_takes_no_envelope() {
    let mut config = Pki::get().config("nameless", &["root", "nca"], &["root.crl", "nca.crl"]);
    config.audience = None;
    let nameless = Trust::load(&config, judge::profile()).unwrap();
    let bytes = envelope().to_bytes();
    assert_eq!(verdict(&signed("nameless", &bytes), Some(&bytes), &nameless).code(), "EDS-ENVELOPE-FIELD");
}

#[test]
fn what_is_to_be_trusted_is_read_or_named() {
    let pki = Pki::get();
    let mut config = pki.config("empty", &[], &[]);
    let error = |config: &_| Trust::load(config, judge::profile()).unwrap_err().to_string();
    assert!(error(&config).contains("holds no self-signed certificate"), "{}", error(&config));
    config.roots = None;
    assert!(error(&config).contains("[signature] roots"), "{}", error(&config));
    config.roots = Some(pki.path("nowhere"));
    assert!(error(&config).contains("nowhere"), "{}", error(&config));
    // Not a certificate, not a list.
    let config = pki.config("wrong-files", &["root"], &["root.pem"]);
    assert!(error(&config).contains("root.pem"), "{}", error(&config));
    std::fs::write(pki.path("trust-wrong-files/roots/notes.txt"), "notes").unwrap();
    assert!(error(&config).contains("notes.txt"), "{}", error(&config));
}
