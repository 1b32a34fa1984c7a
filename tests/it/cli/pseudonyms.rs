//! IINs: `bilim pseudonymise`, and that they never get into a lake.

use std::fs;
use std::path::Path;

use bilim_domain::records::Form;
use sha2::{Digest, Sha256};

use crate::support_cli::{Site, file, organisation, pupil};

/// A number with valid birth date and check digits: a girl born on 29 February 2008.
const IIN: &str = "080229600019";
/// Thirty-two bytes.
const KEY: &[u8] = b"0123456789abcdefghijklmnopqrstuv";

/// HMAC-SHA-256 by its definition, RFC 2104: H((K ^ opad) || H((K ^ ipad) || text)).
fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let hashed = |pad: u8, text: &[u8]| {
        let mut hasher = Sha256::new();
        hasher.update(block.map(|byte| byte ^ pad));
        hasher.update(text);
        hasher.finalize()
    };
    hex::encode(hashed(0x5c, &hashed(0x36, text)))
}

/// RFC 4231, test cases 1, 2 and 6.
#[test]
fn our_own_hmac_is_the_published_one() {
    let cases: [(&[u8], &[u8], &str); 3] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ];
    for (key, text, expected) in cases {
        assert_eq!(hmac(key, text), expected);
    }
}

#[test]
fn pseudonyms_are_the_start_of_the_hmac() {
    let site = Site::new();
    site.write("key", [KEY, b"\n"].concat());
    let rows = [
        pupil(1, 0, &[("pid", IIN), ("birth", "2008-02"), ("level", "general_secondary"), ("grade", "11")]),
        pupil(1, 0xff, &[("pid", "")]),
    ];
    site.write("open.csv", file(Form::Pupil, &rows[..1]));
    let arguments = ["pseudonymise", "open.csv", "--key-file", "key", "--output", "closed.csv"];
    site.run(&arguments).ended(0);
    let closed = fs::read_to_string(site.folder().join("closed.csv")).unwrap();
    let pid = closed.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
    assert_eq!(pid, hmac(KEY, IIN.as_bytes())[..16]);
    // python3 -c 'import hmac; print(hmac.new(b"0123456789abcdefghijklmnopqrstuv", b"080229600019", "sha256").hexdigest()[:16])'
    assert_eq!(pid, "3a6b9b627bb6a36d");
    assert!(!closed.contains(IIN));
    // And the result is a submission.
    site.submit(Form::Pupil, "closed.csv").ended(0);
    let stored = i64::from_str_radix(&pid, 16)
        .map_or_else(|_| u64::from_str_radix(&pid, 16).unwrap().cast_signed(), |value| value);
    assert_eq!(site.value("select pid from raw.s1_pupil"), stored.to_string());
    assert!(!holds(site.lake().as_path(), IIN.as_bytes()));
}

#[test]
fn a_wrong_or_misplaced_iin_leaves_no_output() {
    let site = Site::empty();
    site.write("key", KEY);
    for changes in [
        // The last digit, the month of birth, the sex, and one where none belongs.
        [("pid", "080229600018"), ("birth", "2008-02")],
        [("pid", IIN), ("birth", "2008-03")],
        [("pid", IIN), ("sex", "male")],
        [("pid", IIN), ("class_letter", IIN)],
    ] {
        let older = [("birth", "2008-02"), ("level", "general_secondary"), ("grade", "11")];
        let row = pupil(1, 0, &[&older[..], &changes[..]].concat());
        site.write("open.csv", file(Form::Pupil, &[row]));
        let run =
            site.run(&["pseudonymise", "open.csv", "--key-file", "key", "--output", "closed.csv"]).ended(1);
        assert!(!site.folder().join("closed.csv").exists(), "{changes:?}");
        assert!(!run.err.contains(IIN), "{}", run.err);
    }
    site.write("short", b"too short");
    let run =
        site.run(&["pseudonymise", "open.csv", "--key-file", "short", "--output", "closed.csv"]).ended(2);
    assert!(!run.err.contains("too short"), "the key is shown: {}", run.err);
}

/// In a text, in a code, in place of a pseudonym, of a number, in a column that does not belong
/// there, in a header, in the name of the file.
#[test]
fn an_iin_is_refused_wherever_it_stands_and_kept_nowhere() {
    let site = Site::new();
    let organisation_with = |field| file(Form::Organisation, &[organisation(1, &[(field, IIN)])]);
    let named = format!("school {IIN} № 1");
    let mut cases = vec![
        ("text", Form::Organisation, organisation_with("department"), "department"),
        ("code", Form::Organisation, organisation_with("building_state"), "building_state"),
        ("number", Form::Organisation, organisation_with("shifts"), "shifts"),
        ("bin", Form::Organisation, organisation_with("merged_into"), "merged_into"),
        ("pseudonym", Form::Pupil, file(Form::Pupil, &[pupil(1, 1, &[("pid", IIN)])]), "pid"),
        (
            "inside",
            Form::Organisation,
            file(Form::Organisation, &[organisation(1, &[("name_ru", &named)])]),
            "name_ru",
        ),
    ];
    let wide = file(Form::Organisation, &[organisation(1, &[])]);
    let mut lines = wide.lines();
    let (header, line) = (lines.next().unwrap(), lines.next().unwrap());
    cases.push(("column", Form::Organisation, format!("{header},teacher\n{line},{IIN}\n"), "teacher"));
    for (name, form, text, field) in cases {
        let name = format!("{name}.csv");
        site.write(&name, text);
        let run = site.run(&["submit", &name, "--form", form.code(), "--findings", "findings.csv"]).ended(1);
        let findings = fs::read_to_string(site.folder().join("findings.csv")).unwrap();
        let of_iin = findings.lines().find(|line| line.contains(",F-IIN,")).unwrap_or_else(|| {
            panic!("{name}: {findings}");
        });
        assert!(of_iin.starts_with(&format!("{name},2,{field},F-IIN,error,")), "{of_iin}");
        assert!(of_iin.contains("************"), "{of_iin}");
        assert!(!findings.contains(IIN) && !run.err.contains(IIN) && !run.text().contains(IIN), "{name}");
    }
    // A header and a file name repeat what they say, so there it is starred out.
    site.write("header.csv", format!("{header},{IIN}\n{line},\n"));
    let by_name = format!("{IIN}.csv");
    site.write(&by_name, wide.replace("113200000", "999999999"));
    for name in ["header.csv", by_name.as_str()] {
        let run = site.run(&["submit", name, "--form", "S1.ORG", "--findings", "findings.csv"]).ended(1);
        let findings = fs::read_to_string(site.folder().join("findings.csv")).unwrap();
        assert!(!findings.contains(IIN), "{name}: {findings}");
        assert!(!run.err.contains(IIN), "{name}: {}", run.err);
    }
    for table in ["gov.submission", "gov.finding", "raw.s1_org", "raw.s1_pupil"] {
        assert!(!site.sql(&format!("select * from {table}")).contains(IIN), "{table}");
    }
    assert!(!holds(site.lake().as_path(), IIN.as_bytes()));
}

/// Whether a file or a file's name below a folder holds the bytes.
fn holds(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().as_encoded_bytes().to_vec();
        let is_in = |bytes: &[u8]| memchr::memmem::find(bytes, wanted).is_some();
        is_in(&name) || if path.is_dir() { holds(&path, wanted) } else { is_in(&fs::read(&path).unwrap()) }
    })
}
