//! The submission envelope: what the head signs instead of a large file.
//!
//! Canonical JSON (RFC 8785) and nothing else: one submission has one spelling, so that what is shown,
//! signed and kept are the same bytes.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::revocation::SKEW;
use super::verdict::{self, Refusal};
use super::{Submission, trust::Trust};

/// Version of the envelope.
const VERSION: u32 = 1;

/// Largest envelope, in bytes; real ones have some 500.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// Numbers beyond this are not exact in JSON.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The statement that the head signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Version of this structure.
    pub v: u32,
    /// Identifier of the submission: UUID, version 7.
    pub submission_id: String,
    /// Form code.
    pub form: String,
    /// Reporting year.
    pub period: i32,
    /// BIN of the submitting subject, 12 digits.
    pub org_bin: String,
    /// SHA-256 of the file, lower-case hex.
    pub file_sha256: String,
    /// Size of the file, bytes.
    pub file_size: u64,
    /// Media type of the file.
    pub media_type: String,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of the file that this one replaces; `None` = the first.
    pub prev_accepted_sha256: Option<String>,
    /// 32 hex digits, never used twice.
    pub nonce: String,
    /// Until when it may be submitted: UTC, `2026-10-05T18:00:00Z`.
    pub not_after: String,
    /// The system that it is meant for.
    pub audience: String,
}

impl Envelope {
    /// An envelope for a submission, good until `not_after`.
    ///
    /// `None` when the file does not hold rows of exactly one year.
    #[must_use]
    pub fn new(submission: &Submission<'_>, audience: &str, not_after: DateTime<Utc>) -> Option<Self> {
        let years: Vec<i32> = submission.years.iter().copied().collect();
        let [period] = years.as_slice() else { return None };
        Some(Self {
            v: VERSION,
            submission_id: Uuid::now_v7().to_string(),
            form: submission.form.to_owned(),
            period: *period,
            org_bin: format!("{:012}", submission.subject_bin),
            file_sha256: submission.file_sha256.to_owned(),
            file_size: submission.file_size,
            media_type: submission.media_type.to_owned(),
            rows: submission.rows,
            prev_accepted_sha256: submission.prev_accepted_sha256.map(str::to_owned),
            nonce: nonce(),
            not_after: not_after.to_rfc3339_opts(SecondsFormat::Secs, true),
            audience: audience.to_owned(),
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Names are ASCII, so byte order is the order of RFC 8785; values are strings, small integers, null,
        // which serde_json writes as the RFC does.
        let value = serde_json::to_value(self).unwrap_or_default();
        let sorted: BTreeMap<&str, &Value> =
            value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect();
        serde_json::to_vec(&sorted).unwrap_or_default()
    }

    /// Read the bytes that were signed.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let bad = |why: String| Refusal::new(verdict::ENVELOPE).with(why);
        if bytes.len() > MAX_BYTES {
            return Err(Refusal::new(verdict::LIMIT)
                .with(bytes.len().to_string())
                .with(MAX_BYTES.to_string()));
        }
        let envelope: Self = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        if envelope.to_bytes() != bytes {
            return Err(bad("not in canonical form (RFC 8785)".to_owned()));
        }
        if envelope.v != VERSION {
            return Err(bad(format!("v is {}, not {VERSION}", envelope.v)));
        }
        if envelope.file_size > MAX_NUMBER || envelope.rows > MAX_NUMBER {
            return Err(bad("a number beyond 2^53".to_owned()));
        }
        let id = envelope.submission_id.parse::<Uuid>();
        if id.is_ok_and(|id| id.get_version_num() != 7 || id.to_string() != envelope.submission_id)
            || envelope.submission_id.parse::<Uuid>().is_err()
        {
            return Err(bad("submission_id is no UUID of version 7".to_owned()));
        }
        let is_hex = |text: &str| text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if envelope.nonce.len() != 32 || !is_hex(&envelope.nonce) {
            return Err(bad("nonce is not 32 lower-case hex digits".to_owned()));
        }
        Ok(envelope)
    }

    /// Hold it against what was really submitted.
    pub(super) fn check(&self, submission: &Submission<'_>, trust: &Trust) -> Result<(), Refusal> {
        let years: Vec<String> = submission.years.iter().map(ToString::to_string).collect();
        let none = || "null".to_owned();
        let pairs = [
            ("form", self.form.clone(), submission.form.to_owned()),
            ("period", self.period.to_string(), years.join(", ")),
            ("org_bin", self.org_bin.clone(), format!("{:012}", submission.subject_bin)),
            ("file_sha256", self.file_sha256.clone(), submission.file_sha256.to_owned()),
            ("file_size", self.file_size.to_string(), submission.file_size.to_string()),
            ("media_type", self.media_type.clone(), submission.media_type.to_owned()),
            ("rows", self.rows.to_string(), submission.rows.to_string()),
            (
                "prev_accepted_sha256",
                self.prev_accepted_sha256.clone().unwrap_or_else(none),
                submission.prev_accepted_sha256.map_or_else(none, str::to_owned),
            ),
            ("audience", self.audience.clone(), trust.audience.clone().unwrap_or_else(none)),
        ];
        for (field, there, here) in pairs {
            if there != here {
                return Err(Refusal::new(verdict::ENVELOPE_FIELD).with(field).with(there).with(here));
            }
        }
        let not_after = deadline(&self.not_after)
            .ok_or_else(|| Refusal::new(verdict::ENVELOPE).with("not_after is no time in UTC"))?;
        if not_after.timestamp() + SKEW < submission.received_at.timestamp() {
            return Err(Refusal::new(verdict::DEADLINE).with(self.not_after.clone()));
        }
        Ok(())
    }
}

fn deadline(text: &str) -> Option<DateTime<Utc>> {
    let time: DateTime<Utc> = text.parse().ok()?;
    (time.to_rfc3339_opts(SecondsFormat::Secs, true) == text).then_some(time)
}

/// Sixteen bytes that nobody can foresee: the random parts of two UUIDs of version 4 would do as well, but
/// the library that verifies brings its own source.
fn nonce() -> String {
    let mut bytes = [0; 16];
    if openssl::rand::rand_bytes(&mut bytes).is_err() {
        return Uuid::now_v7().simple().to_string();
    }
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn sound() -> Envelope {
        Envelope {
            v: 1,
            submission_id: "019a0000-0000-7000-8000-000000000001".to_owned(),
            form: "S1.ORG".to_owned(),
            period: 2024,
            org_bin: "990140001005".to_owned(),
            file_sha256: "ab".repeat(32),
            file_size: 10,
            media_type: "text/csv".to_owned(),
            rows: 1,
            prev_accepted_sha256: None,
            nonce: "0".repeat(32),
            not_after: "2026-10-05T18:00:00Z".to_owned(),
            audience: "a \"b\" \u{1}қ".to_owned(),
        }
    }

    #[test]
    fn it_has_one_spelling() {
        // By hand, after RFC 8785: names sorted, no spaces, escapes only where JSON needs them.
        let bytes = format!(
            "{{\"audience\":\"a \\\"b\\\" \\u0001қ\",\"file_sha256\":\"{}\",\"file_size\":10,\"form\":\"S1.ORG\",\
             \"media_type\":\"text/csv\",\"nonce\":\"{}\",\"not_after\":\"2026-10-05T18:00:00Z\",\
             \"org_bin\":\"990140001005\",\"period\":2024,\"prev_accepted_sha256\":null,\"rows\":1,\
             \"submission_id\":\"019a0000-0000-7000-8000-000000000001\",\"v\":1}}",
            "ab".repeat(32),
            "0".repeat(32)
        );
        assert_eq!(String::from_utf8(sound().to_bytes()).unwrap(), bytes);
        assert_eq!(Envelope::parse(bytes.as_bytes()).unwrap(), sound());
        let refused = |text: String| Envelope::parse(text.as_bytes()).unwrap_err().code();
        for other in [
            bytes.replace(":10,", ": 10,"),
            bytes.replace(":10,", ":1e1,"),
            bytes.replace(":10,", ":10.0,"),
            bytes.replace("\"v\":1", "\"v\":1,\"w\":2"),
            bytes.replace("\"v\":1", "\"v\":1,\"v\":1"),
            bytes.replace("\"v\":1", "\"v\":2"),
            bytes.replace("\"rows\":1,", ""),
            bytes.replace("\"rows\":1,", "\"rows\":-1,"),
            bytes.replace("қ", "\\u049b"),
            bytes.replace("019a0000-0000-7", "019a0000-0000-4"),
            bytes.replace("019a0000-", "019A0000-"),
            bytes.replace(&"0".repeat(32), "0"),
            format!("{bytes}\n"),
            format!("\u{feff}{bytes}"),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_eq!(refused(other.clone()), "EDS-ENVELOPE", "{other}");
        }
        assert_eq!(refused(" ".repeat(MAX_BYTES + 1)), "EDS-LIMIT");
    }

    #[test]
    fn deadlines_are_whole_seconds_of_utc() {
        assert!(deadline("2026-10-05T18:00:00Z").is_some());
        for bad in
            ["2026-10-05", "2026-10-05T18:00:00+05:00", "2026-10-05T18:00:00.5Z", "2026-10-05T25:00:00Z"]
        {
            assert_eq!(deadline(bad), None, "{bad}");
        }
    }
}
