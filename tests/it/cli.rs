//! The program as people use it: real binary, temporary lakes.

mod pseudonyms;
mod queries;
mod refusals;

use crate::support_cli::{Site, organisation};
use bilim_domain::records::Form;

#[test]
fn version_names_what_it_is_built_on() {
    let text = Site::empty().run(&["--version"]).ended(0).text();
    assert!(text.starts_with("bilim 0."), "{text}");
    for part in ["DataFusion 55.", "Arrow 59.", "Delta 1."] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn usage_errors_end_with_two() {
    let site = Site::empty();
    site.run(&["no-such-command"]).ended(2);
    site.run(&["submit", "file.csv"]).ended(2);
    site.run(&["submit", "file.csv", "--form", "S1.NONE"]).ended(2);
    site.run(&["sql", "select 1", "--format", "paper"]).ended(2);
    let mut command = site.command(&["sql", "select 1"]);
    let run = crate::support_cli::Run::from(command.env_remove("BILIM_LAKE").output().unwrap()).ended(2);
    assert!(run.err.contains("--lake") && run.err.contains("BILIM_LAKE"), "{}", run.err);
}

#[test]
fn storage_errors_end_with_three() {
    let site = Site::empty();
    let run = site.run(&["sql", "select 1"]).ended(3);
    insta::assert_snapshot!(run.err.replace(site.folder().to_str().unwrap(), "DIR"), @"error: DIR/lake is no lake: create one with `bilim init --lake DIR/lake`");
    site.run(&["init"]).ended(0);
    site.run(&["init"]).ended(3);
    site.run(&["submit", "absent.csv", "--form", "S1.ORG"]).ended(3);
}

#[test]
fn the_same_bytes_land_once() {
    let site = Site::new();
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[]), organisation(2, &[])]);
    let version = site.value("select max(lake_version) from meta.lake_version");
    site.write("copy.csv", std::fs::read(site.folder().join("org.csv")).unwrap());
    for name in ["org.csv", "copy.csv"] {
        let again = site.run(&["submit", name, "--form", "S1.ORG"]).ended(0);
        assert!(again.err.contains("the same bytes landed"), "{}", again.err);
    }
    assert_eq!(site.value("select max(lake_version) from meta.lake_version"), version);
    assert_eq!(site.value("select count(*) from raw.s1_org"), "2");
    assert_eq!(site.value("select count(*) from gov.submission"), "1");
}

#[test]
fn an_earlier_version_answers_as_it_did() {
    let site = Site::new();
    site.land(Form::Organisation, "one.csv", &[organisation(1, &[("shifts", "1")])]);
    let version = site.value("select max(lake_version) from meta.lake_version");
    site.land(Form::Organisation, "two.csv", &[organisation(1, &[("shifts", "3")]), organisation(2, &[])]);
    let then = |query: &str| site.run(&["sql", query, "--as-of", &version]).ended(0).text();
    let shifts = "select sum(shifts) as shifts from raw.s1_org";
    assert_eq!((then(shifts).as_str(), site.sql(shifts).as_str()), ("shifts\n1\n", "shifts\n5\n"));
    // The ledger is of its time, too.
    let ledger = "select count(*) as n from gov.submission";
    assert_eq!((then(ledger).as_str(), site.sql(ledger).as_str()), ("n\n1\n", "n\n2\n"));
    let value = "select value from mart.indicator where indicator = 'NET-01' and tier = 'republic' \
                 and level = 'school' and breakdown = 'total' and year = 2024";
    assert_eq!((then(value).as_str(), site.sql(value).as_str()), ("value\n1.0\n", "value\n2.0\n"));
    let run = site.run(&["sql", shifts, "--as-of", "99"]).ended(3);
    assert!(run.err.contains("no version 99"), "{}", run.err);
    site.run(&["sql", shifts, "--as-of", "yesterday"]).ended(2);
}

#[test]
fn templates_are_accepted_back() {
    let site = Site::new();
    let text = site.run(&["submit", "--template", "S1.PUPIL"]).ended(0).text();
    // As spreadsheet programs of the country take it: marked as UTF-8, with semicolons.
    let header = text.lines().next().unwrap().trim_start_matches('\u{feff}');
    let columns: Vec<&str> = header.split(';').collect();
    assert_eq!(columns, Form::Pupil.columns());
    site.run(&["submit", "--template", "S1.PUPIL", "--output", "pupils.xlsx", "--lang", "kk"]).ended(0);
    let mut workbook = calamine::open_workbook_auto(site.folder().join("pupils.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range_at(&mut workbook, 0).unwrap().unwrap();
    for column in Form::Pupil.columns() {
        let is_there = sheet.rows().any(|cells| {
            cells.iter().any(|cell| calamine::DataType::as_string(cell).as_deref() == Some(column))
        });
        assert!(is_there, "the workbook lacks {column}");
    }
    // An empty template is told to be empty, and nothing else is wrong with it.
    for name in ["pupils.csv", "pupils.xlsx"] {
        if name.ends_with("csv") {
            site.write(name, &text);
        }
        site.run(&["submit", name, "--form", "S1.PUPIL", "--findings", "f.csv", "--quiet"]).ended(1);
        let findings = std::fs::read_to_string(site.folder().join("f.csv")).unwrap();
        assert_eq!(findings.lines().count(), 2, "{findings}");
        assert!(findings.contains("F-EMPTY"), "{findings}");
    }
    site.run(&["submit", "--template", "S1.NONE"]).ended(2);
}

#[test]
fn a_dry_run_changes_nothing() {
    let site = Site::new();
    site.write("org.csv", crate::support_cli::file(Form::Organisation, &[organisation(1, &[])]));
    let before = site.value("select max(lake_version) from meta.lake_version");
    let run = site.run(&["submit", "org.csv", "--form", "S1.ORG", "--dry-run"]).ended(0);
    assert!(run.err.contains("1 rows would land"), "{}", run.err);
    assert_eq!(site.value("select max(lake_version) from meta.lake_version"), before);
    assert_eq!(site.value("select count(*) from gov.submission"), "0");
}

#[test]
fn the_catalogue_says_what_a_number_is() {
    let site = Site::new();
    let list = site.run(&["catalog"]).ended(0).text();
    assert!(list.contains("CON-01") && list.contains("UNT-04"), "{list}");
    let card = site.run(&["catalog", "TCH-01", "--lang", "ru"]).ended(0).text();
    assert!(card.contains("TCH-01"), "{card}");
    assert!(site.run(&["catalog", "forms"]).ended(0).text().contains("S7.UNT"));
    for (lang, remedy) in
        [("kk", "тек бірінші басшы"), ("ru", "только первый руководитель"), ("en", "the head alone")]
    {
        let checks = site.run(&["catalog", "checks", "--lang", lang]).ended(0).text();
        for code in ["V-PUP-02", "F-IIN", "F-LIMIT", "EDS-ROLE", "EDS-REVOCATION-UNKNOWN", "EDS-REPLAY"] {
            assert!(checks.contains(code), "{lang}: {code}");
        }
        assert!(checks.to_lowercase().contains(remedy), "{lang}: {checks}");
    }
    let rules = site.run(&["catalog", "rules"]).ended(0).text();
    assert!(
        rules.contains("R-36")
            && rules.contains("r_36_five_working_days")
            && rules.contains(" of 48 with tests")
    );
    let lists = [("catalog", "UNT-04"), ("forms", "S7.UNT"), ("checks", "V-PUP-02"), ("rules", "R-48")];
    for (list, known) in lists {
        let arguments = ["catalog", list, "--format", "csv"];
        let text = site.run(&arguments[usize::from(list == "catalog")..]).ended(0).text();
        assert!(text.lines().any(|line| line.starts_with(&format!("{known},"))), "{list}: {text}");
    }
    site.run(&["catalog", "NO-99"]).ended(2);
    // What it prints runs by hand and gives the same number.
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[]), organisation(2, &[])]);
    let sql = site.run(&["catalog", "NET-01", "--sql", "--tier", "district"]).ended(0).text();
    let first = sql.split("\n-- or,").next().unwrap().trim().trim_end_matches(';').to_owned();
    site.write("net.sql", first);
    let by_hand = site.run(&["sql", "--file", "net.sql", "--format", "ndjson"]).ended(0).text();
    assert!(by_hand.contains("\"geo_code\":\"113200000\"") && by_hand.contains("\"value\":2.0"), "{by_hand}");
}

#[test]
fn every_canned_query_runs_on_an_empty_lake() {
    let site = Site::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/canned");
    let list = site.run(&["canned"]).ended(0).text();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".sql").unwrap();
        assert!(list.contains(name), "{name} is not listed");
        // Nothing to show is code 1, and the header is shown all the same.
        let run = site.run(&["canned", name, "--format", "csv"]).ended(1);
        assert_eq!(run.text().lines().count(), 1, "{name}: {}", run.text());
        count += 1;
    }
    assert!(count >= 10, "only {count} canned queries");
    site.run(&["canned", "no-such-query"]).ended(2);
    site.run(&["canned", "missing", "--param", "colour=red"]).ended(2);
    site.run(&["canned", "missing", "--param", "year=soon"]).ended(2);
}

#[test]
fn doctor_plans_every_view() {
    let text = Site::new().run(&["doctor"]).ended(0).text();
    for schema in ["gov", "mart", "measures", "raw", "ref", "staging"] {
        assert!(text.contains(&format!("views        {schema}:")), "{text}");
    }
}

#[test]
fn a_shell_completes() {
    let text = Site::empty().run(&["completions", "bash"]).ended(0).text();
    assert!(text.contains("_bilim()") && text.contains("--as-of"), "{text}");
}
