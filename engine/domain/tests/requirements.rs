//! Requirements of the Rules and the tests that hold them.
//!
//! A test holds requirement R-36 when it is named `r_36_...`. The list that `bilim catalog rules`
//! shows is `datasets/reference/requirement_test.csv`; it has to be exactly what the sources say.
//! `BILIM_BLESS=1 cargo test -p bilim-domain --test requirements` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Below the checkout.
const LIST: &str = "datasets/reference/requirement_test.csv";
const REQUIREMENTS: &str = "datasets/reference/requirement.csv";

/// Where tests are.
const FOLDERS: [&str; 3] = ["engine", "tests", "benches"];

/// Head of the list.
const HEAD: &str = "# Tests that hold the requirements of the Rules: one row a test named r_NN_..., checked against the sources.\n\
                    # Source: BILIM_BLESS=1 cargo test -p bilim-domain --test requirements writes it.\n\
                    requirement,file,test\n";

/// Requirement, file below the checkout, name of the test.
type Row = (String, String, String);

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// `R-36` and the name, of every function of a text that is named after a requirement and is a test.
fn tests_of(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
            continue;
        }
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        if let Some(name) = name {
            let end = name.find(|symbol: char| !symbol.is_alphanumeric() && symbol != '_');
            let name = &name[..end.unwrap_or(name.len())];
            let number = name.strip_prefix("r_").and_then(|rest| rest.split('_').next());
            // Inside `proptest!` the attribute stands there, too.
            let is_number = |text: &&str| text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
            if let Some(number) = number.filter(is_number).filter(|_| is_test) {
                found.push((format!("R-{number}"), name.to_owned()));
            }
            is_test = false;
        }
    }
    found
}

fn found() -> BTreeSet<Row> {
    let root = checkout();
    let mut rows = BTreeSet::new();
    for folder in FOLDERS {
        for file in sources(&root.join(folder)) {
            let below = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            for (requirement, test) in tests_of(&fs::read_to_string(&file).unwrap()) {
                rows.insert((requirement, below.clone(), test));
            }
        }
    }
    rows
}

/// First columns of the rows of a list; none of the columns read holds a comma.
fn listed(path: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(checkout().join(path)).unwrap_or_default();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn the_list_of_tests_is_what_the_sources_say() {
    let found = found();
    if std::env::var_os("BILIM_BLESS").is_some() {
        let rows: Vec<String> = found.iter().map(|(a, b, c)| format!("{a},{b},{c}\n")).collect();
        let rows = rows.concat();
        fs::write(checkout().join(LIST), format!("{HEAD}{rows}")).unwrap();
    }
    let listed: BTreeSet<Row> =
        listed(LIST).into_iter().map(|row| (row[0].clone(), row[1].clone(), row[2].clone())).collect();
    let absent: Vec<&Row> = found.difference(&listed).collect();
    let gone: Vec<&Row> = listed.difference(&found).collect();
    assert!(
        absent.is_empty() && gone.is_empty(),
        "{LIST} is not what the sources say: not listed {absent:?}; listed, but gone {gone:?}; BILIM_BLESS=1 writes it"
    );
}

#[test]
fn there_are_forty_eight_requirements_in_order() {
    let listed: Vec<String> = listed(REQUIREMENTS).into_iter().map(|row| row[0].clone()).collect();
    let expected: Vec<String> = (1..=48).map(|number| format!("R-{number:02}")).collect();
    assert_eq!(listed, expected);
    let unknown: Vec<Row> = found().into_iter().filter(|row| !expected.contains(&row.0)).collect();
    assert!(unknown.is_empty(), "tests of requirements that do not exist: {unknown:?}");
}

#[test]
fn every_requirement_has_a_test() {
    let held: BTreeSet<String> = found().into_iter().map(|row| row.0).collect();
    let missing: Vec<String> =
        (1..=48).map(|number| format!("R-{number:02}")).filter(|id| !held.contains(id)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn only_tests_count() {
    let text = "#[test]\nfn r_36_a() {}\nfn r_37_helper() {}\n    #[test]\n    fn r_01_b(x: u8) {}\n#[test]\nfn other() {}";
    let expected = [("R-36", "r_36_a"), ("R-01", "r_01_b")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(tests_of(text), expected);
}
