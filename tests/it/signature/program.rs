//! The program with signatures: what lands, what is confirmed, what voids it.

use std::path::Path;

use bilim_domain::records::Form;

use super::pki::Pki;
use crate::support_cli::{Run, Site, bin, file, organisation};

/// A lake that trusts our authority.
pub(super) fn site() -> Site {
    let site = Site::new();
    let config = Pki::get().config("program", &["root", "nca"], &["root.crl", "nca.crl"]);
    let path = |path: &Option<std::path::PathBuf>| path.clone().unwrap().to_str().unwrap().to_owned();
    site.write(
        "bilim.toml",
        format!(
            "[signature]\nroots = {:?}\ncrl = {:?}\naudience = \"bilim-test\"\n",
            path(&config.roots),
            path(&config.crl)
        ),
    );
    site
}

/// Sign a file of the site.
pub(super) fn sign(site: &Site, signer: &str, name: &str) {
    let signature = Pki::get().cades(signer, &site.folder().join(name));
    site.write(&format!("{name}.p7s"), signature);
}

pub(super) fn submit(site: &Site, name: &str, more: &[&str]) -> Run {
    let subject = bin(1).to_string();
    let mut arguments = vec!["submit", name, "--form", "S1.ORG", "--subject", &subject];
    arguments.extend_from_slice(more);
    site.run(&arguments)
}

pub(super) fn write(site: &Site, name: &str, shifts: &str) {
    site.write(name, file(Form::Organisation, &[organisation(1, &[("shifts", shifts)])]));
}

const CONFIRMED: &str = "select is_confirmed from gov.confirmation where form = 'S1.ORG' and year = 2024";

#[test]
fn r_09_one_flipped_byte_of_a_signed_file_fails() {
    let site = site();
    write(&site, "org.csv", "1");
    sign(&site, "head", "org.csv");
    let sound = std::fs::read(site.folder().join("org.csv")).unwrap();
    let text = String::from_utf8(sound.clone()).unwrap();
    // A digit of the last row: still a sound file, but not the one that was signed.
    let at = text.rfind(",2,").or_else(|| text.rfind(",1,")).unwrap() + 1;
    let mut flipped = sound.clone();
    flipped[at] ^= 2;
    site.write("org.csv", &flipped);
    let run = submit(&site, "org.csv", &["--signature", "org.csv.p7s"]).ended(1);
    assert!(run.err.contains("EDS-CONTENT"), "{}", run.err);
    assert_eq!(site.value("select count(*) from gov.submission where outcome = 'accepted'"), "0");
    assert_eq!(site.value("select rule from gov.finding"), "EDS-CONTENT");
    assert_eq!(site.value("select count(*) from gov.confirmation_event"), "0");
    site.write("org.csv", &sound);
    let run = submit(&site, "org.csv", &["--signature", "org.csv.p7s"]).ended(0);
    assert!(run.err.contains("confirmed by the signature of the head"), "{}", run.err);
    assert_eq!(site.value(CONFIRMED), "true");
}

#[test]
fn r_09_the_owner_of_the_certificate_is_the_head_on_that_date() {
    let site = site();
    for (number, (signer, expected)) in [
        ("employee", "EDS-ROLE"),
        ("expired", "EDS-VALIDITY"),
        ("future", "EDS-VALIDITY"),
        ("revoked", "EDS-REVOKED"),
        ("other-bin", "EDS-BIN"),
        ("false-head", "EDS-CHAIN"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{signer}.csv");
        write(&site, &name, &(number % 3 + 1).to_string());
        sign(&site, signer, &name);
        let signature = format!("{name}.p7s");
        let run = submit(&site, &name, &["--signature", &signature]).ended(1);
        assert!(run.err.contains(expected), "{signer}: {}", run.err);
    }
    assert_eq!(site.value("select count(*) from gov.submission where outcome = 'accepted'"), "0");
    assert_eq!(site.value("select count(*) from gov.confirmation"), "0");
}

#[test]
fn r_32_unsigned_or_wrong_role_stays_out_of_confirmed() {
    let site = site();
    write(&site, "one.csv", "1");
    submit(&site, "one.csv", &[]).ended(0);
    assert_eq!(site.value(CONFIRMED), "false");
    // The same bytes with a signature of somebody else: refused, the rows stay as they were.
    sign(&site, "employee", "one.csv");
    submit(&site, "one.csv", &["--signature", "one.csv.p7s"]).ended(1);
    assert_eq!(site.value(CONFIRMED), "false");
    // The head signs what has landed already: nothing lands again, but it is confirmed.
    sign(&site, "head", "one.csv");
    submit(&site, "one.csv", &["--signature", "one.csv.p7s"]).ended(0);
    assert_eq!(site.value("select count(*) from gov.submission where outcome = 'accepted'"), "1");
    assert_eq!(site.value(CONFIRMED), "true");
    // The same again adds nothing.
    submit(&site, "one.csv", &["--signature", "one.csv.p7s"]).ended(0);
    assert_eq!(site.value("select count(*) from gov.confirmation_event"), "1");
    // Any later change of the rows voids it, and only a new signature restores it.
    write(&site, "two.csv", "2");
    submit(&site, "two.csv", &[]).ended(0);
    assert_eq!(site.value(CONFIRMED), "false");
    assert_eq!(site.value("select coalesce(role, '') from gov.confirmation"), "\"\"");
    sign(&site, "head-ec", "two.csv");
    submit(&site, "two.csv", &["--signature", "two.csv.p7s"]).ended(0);
    let row = "select submission, role, subject_bin, is_time_stamped, algorithm from gov.confirmation";
    let last = site.value("select max(submission) from gov.submission where outcome = 'accepted'");
    let expected = format!("{last},head,{},false,ECDSA SHA-256", bin(1).get());
    assert_eq!(site.sql(row).lines().nth(1), Some(expected.as_str()));
    // The ledger names nobody: a serial number, no name, no number of a person.
    assert!(!site.sql("select * from gov.confirmation_event").contains("IIN"));
}

/// One of two organisations of the district that owe their passports is confirmed.
#[test]
fn r_32_mart_shows_what_is_confirmed() {
    let site = site();
    write(&site, "one.csv", "1");
    sign(&site, "head", "one.csv");
    submit(&site, "one.csv", &["--signature", "one.csv.p7s"]).ended(0);
    let of = |tier: &str| {
        let row = "select geo_code, obliged_count, confirmed_count, confirmed_share, is_confirmed from mart.confirmation \
                   where form = 'S1.ORG' and year = 2024 and tier";
        site.sql(&format!("{row} = '{tier}' order by geo_code"))
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(of("district"), "113200000,1,1,1.0,true");
    site.land(Form::Organisation, "two.csv", &[organisation(2, &[])]);
    assert_eq!(of("organisation"), format!("{},1,1,1.0,true; {},1,0,0.0,false", bin(1), bin(2)));
    for (tier, code) in [("district", "113200000"), ("region", "110000000"), ("republic", "KZ")] {
        assert_eq!(of(tier), format!("{code},2,1,0.5,false"));
    }
}

#[test]
fn an_envelope_is_prepared_signed_and_good_once() {
    let site = site();
    write(&site, "one.csv", "1");
    submit(&site, "one.csv", &["--prepare", "one.json"]).ended(0);
    assert_eq!(site.value("select count(*) from gov.submission"), "0");
    sign(&site, "head", "one.json");
    let signed = ["--signature", "one.json.p7s", "--envelope", "one.json"];
    // Not for another file, even of the same organisation.
    write(&site, "two.csv", "2");
    let run = submit(&site, "two.csv", &signed).ended(1);
    assert!(run.err.contains("EDS-ENVELOPE-FIELD"), "{}", run.err);
    submit(&site, "one.csv", &signed).ended(0);
    assert_eq!(site.value(CONFIRMED), "true");
    let kept = |ending: &str| {
        let folder = std::fs::read_dir(site.lake().join("signatures")).unwrap();
        folder.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == ending)).count()
    };
    assert_eq!((kept("p7s"), kept("json"), kept("cer"), kept("crl")), (1, 1, 3, 2));
    // An envelope made before another file landed speaks of a state that is gone.
    submit(&site, "two.csv", &["--prepare", "two.json"]).ended(0);
    write(&site, "three.csv", "3");
    submit(&site, "three.csv", &[]).ended(0);
    sign(&site, "head", "two.json");
    let signed = ["--signature", "two.json.p7s", "--envelope", "two.json"];
    let run = submit(&site, "two.csv", &signed).ended(1);
    assert!(run.err.contains("EDS-ENVELOPE-FIELD") && run.err.contains("prev_accepted"), "{}", run.err);
}

#[test]
fn a_signature_is_not_used_for_another_year() {
    let site = site();
    // The column of the year left out, so that the same bytes fit two years.
    let text = file(Form::Organisation, &[organisation(1, &[])]);
    let lines: Vec<&str> = text.lines().map(|line| line.split_once(',').unwrap().1).collect();
    assert!(text.starts_with("year,"), "{text}");
    site.write("org.csv", lines.join("\n") + "\n");
    sign(&site, "head", "org.csv");
    let signed = ["--signature", "org.csv.p7s"];
    submit(&site, "org.csv", &[&signed[..], &["--year", "2024"]].concat()).ended(0);
    let run = submit(&site, "org.csv", &[&signed[..], &["--year", "2023"]].concat()).ended(1);
    assert!(run.err.contains("EDS-REPLAY"), "{}", run.err);
    assert_eq!(site.value("select string_agg(cast(year as varchar), ' ') from gov.confirmation"), "2024");
    // The same signature packed otherwise is the same signature.
    let mut repacked = super::der::Forge::of(&std::fs::read(site.folder().join("org.csv.p7s")).unwrap());
    repacked.certificates().retain(|certificate| certificate.bytes() != Pki::get().bytes("nca.der"));
    site.write("again.p7s", repacked.bytes());
    let run = submit(&site, "org.csv", &["--signature", "again.p7s", "--year", "2023"]).ended(1);
    assert!(run.err.contains("EDS-REPLAY"), "{}", run.err);
}

#[test]
fn arguments_that_do_not_fit_end_with_two() {
    let site = site();
    write(&site, "org.csv", "1");
    sign(&site, "head", "org.csv");
    site.run(&["submit", "org.csv", "--form", "S1.ORG", "--signature", "org.csv.p7s"]).ended(2);
    submit(&site, "org.csv", &["--envelope", "org.csv"]).ended(2);
    submit(&site, "org.csv", &["org.csv", "--signature", "org.csv.p7s"]).ended(2);
    submit(&site, "org.csv", &["--signature", "absent.p7s"]).ended(3);
    site.write("bilim.toml", "");
    let run = submit(&site, "org.csv", &["--signature", "org.csv.p7s"]).ended(2);
    assert!(run.err.contains("[signature] roots"), "{}", run.err);
    assert_eq!(site.value("select count(*) from gov.submission"), "0");
}

#[test]
fn a_changed_or_missing_proof_is_found() {
    let site = site();
    write(&site, "org.csv", "1");
    sign(&site, "head", "org.csv");
    submit(&site, "org.csv", &["--signature", "org.csv.p7s"]).ended(0);
    site.run(&["verify", "lake"]).ended(0);
    let folder = site.lake().join("signatures");
    let paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), 6);
    for path in paths {
        let sound = std::fs::read(&path).unwrap();
        let mut flipped = sound.clone();
        flipped[sound.len() / 2] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert_names(&site, &path);
        std::fs::remove_file(&path).unwrap();
        assert_names(&site, &path);
        std::fs::write(&path, sound).unwrap();
    }
    site.run(&["verify", "lake"]).ended(0);
}

fn assert_names(site: &Site, path: &Path) {
    let run = site.run(&["verify", "lake"]);
    assert_ne!(run.code, Some(0));
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(run.text().contains(name) || run.err.contains(name), "{name}: {}{}", run.text(), run.err);
}
