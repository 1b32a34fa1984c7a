//! Every storage operation of one submission, failing and ending the process, before and after it took effect.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use bilim_domain::records::Form;

use super::{assert_sound, pupils};
use crate::support_cli::{Run, Site, organisation};

/// Rows landed before, and of the submission that is disturbed.
const BEFORE: u64 = 7;
const ROWS: u64 = 11;

/// What becomes of an operation.
pub(super) const WAYS: [&str; 4] = ["before:error", "after:error", "before:kill", "after:kill"];

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A lake with one submission, and files for more.
fn prepared() -> Site {
    let site = Site::new();
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[])]);
    site.write("before.csv", pupils(1, BEFORE));
    site.write("new.csv", pupils(2, ROWS));
    site.write("other.csv", pupils(3, 1));
    site.submit(Form::Pupil, "before.csv").ended(0);
    site
}

fn disturbed(site: &Site, file: &str, plan: &str) -> Run {
    let mut command = site.command(&["submit", file, "--form", "S1.PUPIL", "--quiet"]);
    command.env("BILIM_INJECT", plan).env("RUST_BACKTRACE", "0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Run::from(command.output().unwrap())
}

fn rows(site: &Site) -> u64 {
    site.value("select count(*) from raw.s1_pupil").parse().unwrap()
}

#[test]
fn every_operation_of_a_submission_may_fail_or_end_the_process() {
    let base = prepared();
    let list = base.folder().join("operations.txt");
    let counting = prepared();
    disturbed(&counting, "new.csv", &format!("count:{}", list.display())).ended(0);
    let operations = fs::read_to_string(&list).unwrap();
    let operations: Vec<&str> = operations.lines().collect();
    assert!(
        operations.len() >= 30,
        "only {} operations are watched:\n{}",
        operations.len(),
        operations.join("\n")
    );
    let cases: Vec<(usize, &str)> =
        (0..operations.len()).flat_map(|number| WAYS.map(|way| (number, way))).collect();
    assert!(cases.len() >= 100, "{}", cases.len());
    let (first, second) = cases.split_at(cases.len() / 2);
    std::thread::scope(|scope| {
        for cases in [first, second] {
            let (base, operations) = (&base, &operations);
            scope.spawn(move || {
                for (number, way) in cases {
                    one(base, *number, way, operations[*number]);
                }
            });
        }
    });
}

/// Old state or new state; what was acknowledged is there, what was reported as not landed is not; the same
/// bytes again land once.
fn one(base: &Site, number: usize, way: &str, operation: &str) {
    let told = format!("operation {number} {way}: {operation}");
    let site = Site::empty();
    copy(base.folder(), site.folder());
    let run = disturbed(&site, "new.csv", &format!("{number}:{way}"));
    let (old, new) = (BEFORE, BEFORE + ROWS);
    let seen = rows(&site);
    assert!(seen == old || seen == new, "{told}: {seen} rows");
    let is_acknowledged = run.code == Some(0);
    let is_undecided = run.err.contains("is recorded but not yet published");
    let is_refused = run.code.is_some_and(|code| code != 0) && !is_undecided;
    assert!(!is_acknowledged || seen == new, "{told}: acknowledged and not there");
    // Another submission takes over what was decided, and nothing else.
    site.submit(Form::Pupil, "other.csv").ended(0);
    let after = rows(&site);
    assert!(after == old + 1 || after == new + 1, "{told}: {after} rows");
    if is_acknowledged || is_undecided {
        assert_eq!(after, new + 1, "{told}: {}", run.err);
    }
    if is_refused {
        assert_eq!(after, old + 1, "{told}: said that it failed: {}", run.err);
    }
    site.submit(Form::Pupil, "new.csv").ended(0);
    assert_eq!(rows(&site), new + 1, "{told}: submitted again");
    let accepted = site.value("select count(*) from gov.submission where file_name = 'new.csv'");
    assert_eq!(accepted, "1", "{told}");
    assert_sound(&site);
}
