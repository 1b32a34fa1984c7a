//! One verdict: a file, what was submitted, what is trusted.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use bilim::intake::signature::{Envelope, Signed, Submission, Trust, Verdict, verify};
use bilim::lake::Confirmation;
use chrono::{TimeDelta, Utc};
use openssl::sha::sha256;

use super::pki::Pki;
use crate::support_cli::bin;

/// Lines end with LF, so that a signature in text mode shows.
pub const FILE: &[u8] = b"year,org_bin,name_ru\n2024,1,\xd0\xa8\xd0\xba\xd0\xbe\xd0\xbb\xd0\xb0\n2024,2,b\n";

/// What is trusted in most cases: the root, its authority, fresh lists of both.
pub fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| trusting("usual", &["root", "nca"], &["root.crl", "nca.crl"]))
}

/// Trust in these roots (or authorities between) with these lists.
pub fn trusting(name: &str, roots: &[&str], crls: &[&str]) -> Trust {
    Trust::load(&Pki::get().config(name, roots, crls), profile()).unwrap()
}

pub fn profile() -> &'static str {
    include_str!("../../../datasets/reference/signature.toml")
}

/// The submitted file.
pub fn file() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let path = Pki::get().path("pupils.csv");
        std::fs::write(&path, FILE).unwrap();
        path
    })
    .clone()
}

/// The verdict over the file, or over an envelope.
pub fn verdict(signature: &[u8], envelope: Option<&[u8]>, trust: &Trust) -> Verdict {
    let (path, sha256, years) = (file(), hex::encode(sha256(FILE)), BTreeSet::from([2024]));
    let submission = Submission {
        path: &path,
        file: "pupils.csv",
        file_sha256: &sha256,
        file_size: FILE.len() as u64,
        media_type: "text/csv",
        rows: 2,
        years: &years,
        form: "S1.ORG",
        subject_bin: bin(1).into(),
        prev_accepted_sha256: None,
        received_at: Utc::now(),
        now: Utc::now(),
    };
    verify(signature, envelope.map_or(Signed::File, Signed::Envelope), &submission, trust).unwrap()
}

/// `OK` or the code of the refusal.
pub fn code(signature: &[u8], trust: &Trust) -> &'static str {
    verdict(signature, None, trust).code()
}

/// The confirmation of an accepted signature.
pub fn accepted(signature: &[u8], envelope: Option<&[u8]>, trust: &Trust) -> Confirmation {
    match verdict(signature, envelope, trust) {
        Verdict::Verified(confirmation) => *confirmation,
        Verdict::Refused(refusal) => panic!("{}: {}", refusal.code(), refusal.message().en),
    }
}

/// The envelope of the file, good for a day.
pub fn envelope() -> Envelope {
    let (path, sha256, years) = (file(), hex::encode(sha256(FILE)), BTreeSet::from([2024]));
    let submission = Submission {
        path: &path,
        file: "pupils.csv",
        file_sha256: &sha256,
        file_size: FILE.len() as u64,
        media_type: "text/csv",
        rows: 2,
        years: &years,
        form: "S1.ORG",
        subject_bin: bin(1).into(),
        prev_accepted_sha256: None,
        received_at: Utc::now(),
        now: Utc::now(),
    };
    Envelope::new(&submission, "bilim-test", Utc::now() + TimeDelta::days(1)).unwrap()
}
