//! What a value rests on: lake version, definition, files, submissions.

use std::collections::BTreeSet;

use super::site::fixture;
use crate::support_cli::Site;

/// Column of a CSV answer.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[test]
fn r_14_a_value_names_its_version_definition_files_and_submissions() {
    let site = Site::new();
    for (form, name) in [("S1.ORG", "s1_org.csv"), ("S1.PUPIL", "s1_pupil.csv")] {
        site.run(&["submit", &fixture(name), "--form", form, "--quiet"]).ended(0);
    }
    let asked = ["lineage", "con-01", "--year", "2024", "--geo", "110000000", "--format", "csv"];
    let run = site.run(&asked).ended(0);
    // Version 1 is the lake itself, with its definitions.
    for part in ["CON-01 2024 110000000 school: 14", "definition version 1", "lake version 3", "definitions "]
    {
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
    // Every organisation of the region with learners of that year, and nothing else.
    let wanted = site.sql("select distinct lpad(cast(org_bin as varchar), 12, '0') as b from raw.s1_pupil where year = 2024 and region = 11");
    let found: BTreeSet<String> = column(&run.text(), "org_bin").into_iter().collect();
    assert_eq!(found, column(&wanted, "b").into_iter().collect());
    let forms: BTreeSet<String> = column(&run.text(), "form").into_iter().collect();
    assert_eq!(forms, BTreeSet::from(["S1.PUPIL".to_owned()]));
    let hash = site.value("select content_sha256 from gov.submission where form = 'S1.PUPIL'");
    assert!(column(&run.text(), "content_sha256").iter().all(|sha256| *sha256 == hash));
    assert!(column(&run.text(), "is_confirmed").iter().all(|confirmed| confirmed == "false"));
    // A correction of one organisation is behind the value from then on; the earlier version keeps its own.
    let text = std::fs::read_to_string(fixture("s1_pupil.csv")).unwrap();
    let of_one = |line: &&str| line.starts_with("year") || line.starts_with("2024,113200000,990140001005");
    let kept: Vec<&str> = text.lines().filter(of_one).collect();
    site.write("a1.csv", kept[..kept.len() - 1].join("\n"));
    site.run(&["submit", "a1.csv", "--form", "S1.PUPIL", "--quiet"]).ended(0);
    let one = ["lineage", "CON-01", "--year", "2024", "--geo", "990140001005", "--format", "csv"];
    assert_eq!(column(&site.run(&one).ended(0).text(), "file_name"), ["a1.csv"]);
    let mut then = one.to_vec();
    then.extend(["--as-of", "3"]);
    assert_eq!(column(&site.run(&then).ended(0).text(), "file_name"), ["s1_pupil.csv"]);
    // Nothing is behind a year that nobody reported.
    site.run(&["lineage", "CON-01", "--year", "1999"]).ended(1);
    site.run(&["lineage", "NO-99", "--year", "2024"]).ended(2);
}
