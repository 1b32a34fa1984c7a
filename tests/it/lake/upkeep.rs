//! `bilim upkeep`: fewer files, the same rows, answers and history.

use std::process::Stdio;

use bilim_domain::records::Form;

use super::{assert_sound, files_below, pupils};
use crate::support_cli::{Run, Site, file, organisation};

/// Organisations, each of which submits its own files.
const ORGANISATIONS: usize = 6;

/// Small files of two forms, one of them corrected.
fn submitted() -> Site {
    let site = Site::new();
    for number in 1..=ORGANISATIONS {
        site.land(Form::Organisation, &format!("org{number}.csv"), &[organisation(number, &[])]);
        site.write(&format!("pupils{number}.csv"), pupils(number, 10 * number as u64));
        site.submit(Form::Pupil, &format!("pupils{number}.csv")).ended(0);
    }
    site.land(Form::Organisation, "again.csv", &[organisation(1, &[("design_capacity", "321")])]);
    site
}

/// Every row of two tables, and what is computed from them.
fn answers(site: &Site) -> Vec<String> {
    let mut answers: Vec<String> = [
        "select * from raw.s1_org order by org_bin, submission",
        "select * from raw.s1_pupil order by org_bin, pid",
        "select count(*), sum(pid % 1000003), sum(submission), count(distinct org_bin) from raw.s1_pupil",
        "select * from gov.submission order by submission",
        "select * from mart.indicator where indicator in ('CON-01', 'NET-01') and tier in ('district', 'region') \
         order by indicator, tier, geo_code, level, breakdown, sex, grade, language, age",
    ]
    .map(|statement| site.sql(statement))
    .into();
    let arguments = ["indicator", "CON-01", "--tier", "region", "--format", "csv", "--year", "2024"];
    answers.push(site.run(&arguments).ended(0).text());
    answers
}

fn version(site: &Site) -> u64 {
    site.value("select max(lake_version) from meta.lake_version").parse().unwrap()
}

/// The line of a table in what upkeep tells: partitions, files before, files after, rows.
fn told(run: &Run, table: &str) -> Option<[u64; 4]> {
    let text = run.text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{table},")))?;
    let numbers: Vec<u64> = line.split(',').map(|number| number.parse().unwrap()).collect();
    Some(numbers.try_into().unwrap())
}

#[test]
fn upkeep_leaves_rows_answers_and_history() {
    let site = submitted();
    let (before, first) = (answers(&site), version(&site));
    let earlier = format!("--as-of={}", first - 3);
    let statement = ["sql", "select * from raw.s1_pupil order by org_bin, pid", "--format", "csv", &earlier];
    let history = site.run(&statement).ended(0).text();
    let data_files = files_below(&site.lake().join("raw"), ".parquet");

    // 10 + 20 + ... + 60 rows of six organisations in one region and year.
    let planned = site.run(&["upkeep", "--dry-run", "--format", "csv"]).ended(0);
    assert_eq!(told(&planned, "raw.s1_pupil"), Some([1, 6, 1, 210]), "{}", planned.text());
    assert_eq!(told(&planned, "raw.s1_org"), Some([1, 6, 1, 6]));
    assert_eq!(version(&site), first);
    assert_eq!(files_below(&site.lake().join("raw"), ".parquet"), data_files);

    let run = site.run(&["upkeep", "--format", "csv"]).ended(0);
    assert_eq!(run.text(), planned.text(), "what was planned was done");
    assert_eq!(version(&site), first + 1, "one commit: {}", run.err);
    assert!(run.err.contains(&format!("lake version {}", first + 1)), "{}", run.err);
    assert_eq!(answers(&site), before);
    assert_eq!(site.run(&statement).ended(0).text(), history);
    // What earlier versions need is still there.
    let now = files_below(&site.lake().join("raw"), ".parquet");
    assert!(data_files.iter().all(|path| now.contains(path)));
    assert_eq!(now.len(), data_files.len() + 2);
    assert_sound(&site);

    // Nothing is left to do, and submissions go on as before.
    let again = site.run(&["upkeep", "--format", "csv"]).ended(0);
    assert_eq!((again.text().as_str(), version(&site)), ("", first + 1), "{}", again.err);
    site.write("pupils2.csv", pupils(2, 7));
    site.submit(Form::Pupil, "pupils2.csv").ended(0);
    // The second organisation's 20 rows are replaced by 7.
    assert_eq!(site.value("select count(*) from raw.s1_pupil"), "197");
    assert_sound(&site);
}

/// Both run at once, several times: each submission lands, each row is there once.
#[test]
fn submissions_land_beside_upkeep() {
    let site = submitted();
    for number in 10..16 {
        let name = format!("beside{number}.csv");
        site.write(&name, pupils(number, 5));
        let mut upkeep = site.command(&["upkeep", "--quiet", "--format", "csv"]);
        let running = upkeep.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        site.submit(Form::Pupil, &name).ended(0);
        let upkeep = Run::from(running.wait_with_output().unwrap()).ended(0);
        assert!(upkeep.err.is_empty(), "{}", upkeep.err);
    }
    assert_eq!(
        site.value("select count(*), count(distinct pid * 100 + submission) from raw.s1_pupil"),
        "240,240"
    );
    assert_sound(&site);
}

#[test]
fn upkeep_says_what_stands_against_it() {
    let site = submitted();
    let at = |now: &str, arguments: &[&str]| -> Run {
        let mut command = site.command(arguments);
        command.env("BILIM_NOW", now);
        command.output().unwrap().into()
    };
    let site_of_nothing = Site::empty();
    let run = site_of_nothing.run(&["upkeep"]).ended(3);
    assert!(run.err.contains("is no lake"), "{}", run.err);
    site.run(&["upkeep", "now"]).ended(2);
    // A year that nobody has submitted for, by a decision that overrules that.
    let window = ["--year", "2029", "--from", "2029-10-08", "--to", "2029-10-19", "--date", "2029-10-10"];
    let announce = [&["freeze", "announce"][..], &window, &["--override", "for this test"]].concat();
    at("2029-10-02T06:00:00Z", &announce).ended(0);
    let run = at("2029-10-10T06:00:00Z", &["upkeep"]).ended(4);
    assert!(run.err.contains("FREEZE"), "{}", run.err);
    let help = site.run(&["upkeep", "--help"]).ended(0).text();
    assert!(help.contains("--dry-run") && help.contains("no row changes"), "{help}");
    let script = site.run(&["completions", "bash"]).ended(0).text();
    assert!(script.contains("__upkeep"), "no completion");
    // A file of the lake that is not what was written is named, and nothing is merged.
    let path = files_below(&site.lake().join("raw/s1_pupil"), ".parquet").remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let run = site.run(&["upkeep"]).ended(3);
    assert!(run.err.contains(path.file_name().unwrap().to_str().unwrap()), "{}", run.err);
    site.write("new.csv", file(Form::Organisation, &[organisation(9, &[])]));
    site.submit(Form::Organisation, "new.csv").ended(0);
}
