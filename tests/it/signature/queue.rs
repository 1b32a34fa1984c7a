//! Signed files that come while updates are suspended: they are verified, and confirmed, when they land.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bilim_domain::records::Form;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};

use super::pki::Pki;
use super::program::{sign, site, submit, write};
use crate::lake::files_below;
use crate::support_cli::{Run, Site, bin, organisation};

/// A lake that trusts our authority and is suspended today: certificates are of today, so the window is too,
/// by a decision of the ministry that overrules the month.
fn suspended() -> Site {
    let site = site();
    suspend(&site);
    site
}

/// The year that is suspended.
fn suspend(site: &Site) -> String {
    let today = (Utc::now() + TimeDelta::hours(5)).date_naive();
    let (first, last) = (day(today.year(), 1, 1), day(today.year(), 12, 31));
    let from = today.checked_sub_days(Days::new(6)).unwrap().max(first);
    let to = today.checked_add_days(Days::new(6)).unwrap().min(last);
    let (year, today) = (today.year().to_string(), today.to_string());
    let (from, to) = (from.to_string(), to.to_string());
    let window =
        ["--year", &year, "--from", &from, "--to", &to, "--date", &today, "--override", "for this test"];
    site.run(&[&["freeze", "announce"][..], &window].concat()).ended(0);
    year
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Land something else once the lake is open again, which lands first what waits.
fn reopen(site: &Site) -> Run {
    let later: DateTime<Utc> = Utc::now() + TimeDelta::days(20);
    site.write("other.csv", crate::support_cli::file(Form::Organisation, &[organisation(7, &[])]));
    let mut command = site.command(&["submit", "other.csv", "--form", "S1.ORG"]);
    command.env("BILIM_NOW", later.to_rfc3339());
    Run::from(command.output().unwrap()).ended(0)
}

fn queue(site: &Site, name: &str, more: &[&str]) -> Run {
    submit(site, name, &[&["--queue"][..], more].concat()).ended(0)
}

fn confirmed(site: &Site) -> String {
    let bin = bin(1).get();
    site.value(&format!(
        "select coalesce(bool_or(is_confirmed), false) from gov.confirmation where form = 'S1.ORG' and org_bin = {bin}"
    ))
}

#[test]
fn r_32_a_queued_file_is_confirmed_when_it_lands() {
    let site = suspended();
    write(&site, "org.csv", "1");
    sign(&site, "head", "org.csv");
    let refused = submit(&site, "org.csv", &["--signature", "org.csv.p7s"]).ended(4);
    assert!(refused.err.contains("FREEZE"), "{}", refused.err);
    queue(&site, "org.csv", &["--signature", "org.csv.p7s", "--source-system", "nobd"]);
    assert_eq!(site.value("select count(*) from gov.submission"), "0");
    // What was given is kept: the files may go.
    fs::remove_file(site.folder().join("org.csv")).unwrap();
    fs::remove_file(site.folder().join("org.csv.p7s")).unwrap();
    let run = reopen(&site);
    assert!(run.err.contains("confirmed by its signature"), "{}", run.err);
    assert_eq!(confirmed(&site), "true");
    let row = "select source_system from gov.submission where file_name = 'org.csv'";
    assert_eq!(site.value(row), "nobd");
    let events = "select role, subject_bin from gov.confirmation_event";
    assert_eq!(site.sql(events).lines().last(), Some(format!("head,{}", bin(1).get()).as_str()));
    site.run(&["verify", "lake"]).ended(0);
}

#[test]
fn r_32_a_queued_envelope_is_held_against_the_state_it_lands_in() {
    let site = suspended();
    write(&site, "one.csv", "1");
    submit(&site, "one.csv", &["--prepare", "one.json"]).ended(0);
    sign(&site, "head", "one.json");
    queue(&site, "one.csv", &["--signature", "one.json.p7s", "--envelope", "one.json"]);
    // Prepared before the first has landed: it says that there is none to replace.
    write(&site, "two.csv", "2");
    submit(&site, "two.csv", &["--prepare", "two.json"]).ended(0);
    sign(&site, "head", "two.json");
    queue(&site, "two.csv", &["--signature", "two.json.p7s", "--envelope", "two.json"]);
    reopen(&site);
    let outcome =
        |name: &str| site.value(&format!("select outcome from gov.submission where file_name = '{name}'"));
    assert_eq!((outcome("one.csv").as_str(), outcome("two.csv").as_str()), ("accepted", "rejected"));
    assert_eq!(site.value("select rule from gov.finding"), "EDS-ENVELOPE-FIELD");
    assert_eq!(confirmed(&site), "true");
}

#[test]
fn r_32_a_bad_signature_does_not_land_from_the_queue() {
    let site = suspended();
    write(&site, "org.csv", "1");
    sign(&site, "employee", "org.csv");
    queue(&site, "org.csv", &["--signature", "org.csv.p7s"]);
    reopen(&site);
    let row =
        "select outcome, f.rule from gov.submission s join gov.finding f on f.submission = s.submission";
    assert_eq!(site.sql(row).lines().last(), Some("rejected,EDS-ROLE"));
    assert_eq!(site.value("select count(*) from gov.confirmation_event"), "0");
}

/// A signature changed on the disk while it waited: the entry stays and is named, nothing of it lands.
#[test]
fn a_changed_signature_of_the_queue_is_found() {
    let site = suspended();
    write(&site, "org.csv", "1");
    sign(&site, "head", "org.csv");
    queue(&site, "org.csv", &["--signature", "org.csv.p7s"]);
    let path = site.lake().join("queue/00000001/entry.signature");
    let sound = fs::read(&path).unwrap();
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 1;
    fs::write(&path, flipped).unwrap();
    let run = reopen(&site);
    assert!(run.err.contains("stays in the queue") && run.err.contains("entry.signature"), "{}", run.err);
    assert_eq!(site.value("select count(*) from gov.submission where file_name = 'org.csv'"), "0");
    fs::write(&path, sound).unwrap();
    reopen(&site);
    assert_eq!(confirmed(&site), "true");
}

#[test]
fn a_source_system_that_is_not_registered_is_not_queued() {
    let site = suspended();
    write(&site, "org.csv", "1");
    let run = submit(&site, "org.csv", &["--queue", "--source-system", "nowhere"]).ended(2);
    assert!(run.err.contains("there is no source system nowhere"), "{}", run.err);
    assert!(!site.lake().join("queue/00000001").exists());
}

/// How the certificates of these tests begin the number of their owner.
const IIN: &[u8] = b"IIN0000";

fn holds_iin(bytes: &[u8]) -> bool {
    bytes.windows(IIN.len()).any(|part| part == IIN)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A certificate bears the IIN of its owner. It is kept as proof where only the owner of the lake may read it;
/// no table, finding, message or archive has it.
#[test]
fn the_iin_of_a_signer_stays_in_the_proofs() {
    let site = site();
    let mut said = String::new();
    for (number, signer, code) in [(1, "head", 0), (2, "employee", 1), (3, "revoked", 1), (2, "other-bin", 1)]
    {
        let name = format!("{signer}.csv");
        write(&site, &name, &number.to_string());
        sign(&site, signer, &name);
        let signature = format!("{name}.p7s");
        said += &submit(&site, &name, &["--signature", &signature, "--findings", "all.csv"]).ended(code).err;
        said += &fs::read_to_string(site.folder().join("all.csv")).unwrap();
    }
    let proofs = site.lake().join("signatures");
    assert_eq!(mode(&proofs), 0o700);
    let files = files_below(&proofs, "");
    assert!(files.iter().all(|path| mode(path) == 0o600) && files.len() >= 3, "{files:?}");
    assert!(files.iter().any(|path| holds_iin(&fs::read(path).unwrap())), "the proof is not whole");

    // Opened to others, it is told, and the next who writes closes it.
    fs::set_permissions(&proofs, fs::Permissions::from_mode(0o755)).unwrap();
    let run = site.run(&["verify", "lake"]).ended(3);
    assert!(run.text().contains("others than its owner"), "{}", run.text());
    let year = suspend(&site);
    assert_eq!(mode(&proofs), 0o700);
    site.run(&["verify", "lake"]).ended(0);

    write(&site, "waits.csv", "3");
    sign(&site, "head", "waits.csv");
    said += &queue(&site, "waits.csv", &["--signature", "waits.csv.p7s"]).err;
    let entry = site.lake().join("queue/00000001");
    assert_eq!([mode(&site.lake().join("queue")), mode(&entry)], [0o700; 2]);
    assert!(files_below(&entry, "").iter().all(|path| mode(path) == 0o600));

    let (key, certificate) = (Pki::get().path("head.key"), Pki::get().path("head.pem"));
    let signer = ["--sign-key", key.to_str().unwrap(), "--sign-cert", certificate.to_str().unwrap()];
    let fix = [&["freeze", "run", "--year", &year, "--override", "for this test"][..], &signer].concat();
    let run = site.run(&fix).ended(0);
    assert!(run.err.contains("bears the IIN of a person"), "{}", run.err);
    said += &run.err.replace("bears the IIN", "");
    // The signature of an archive has the certificate of its own signer, of which the run has warned.
    let archive = site.lake().join("archive").join(&year);
    for path in files_below(&archive, "") {
        assert!(holds_iin(&fs::read(&path).unwrap()) == path.ends_with("manifest.p7s"), "{}", path.display());
    }
    let views = "select table_name from information_schema.tables where table_schema = 'gov' order by 1";
    let views: Vec<String> = site.sql(views).lines().skip(1).map(str::to_owned).collect();
    assert!(views.len() > 20, "{views:?}");
    for view in views {
        said += &site.sql(&format!("select * from gov.{view}"));
    }
    assert!(said.contains("EDS-ROLE") && said.contains("EDS-REVOKED"), "{said}");
    for trace in ["IIN", "000000000000", "serialNumber"] {
        assert!(!said.contains(trace), "{trace}");
    }
}
