//! The lake under bad conditions, through the real program: killed writers, full disks, two writers
//! at once, rotten bytes; and that other engines read the same tables.

mod crash;
mod inject;
pub mod python;
mod s3;
mod upkeep;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};

use bilim::config::Config;
use bilim::lake::{Lake, WriterOptions};
use bilim_domain::records::Form;

use crate::support_cli::{Site, file, organisation, pupil};

/// Rows of so many pupils of one organisation, as a file.
pub fn pupils(organisation: usize, count: u64) -> String {
    // Spread over all bits, so that the column does not compress to nothing.
    let pid = |index: u64| (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let rows: Vec<String> = (0..count).map(|index| pupil(organisation, pid(index), &[])).collect();
    file(Form::Pupil, &rows)
}

/// The lake opens, and every byte is what was written.
pub fn assert_sound(site: &Site) {
    let run = site.run(&["verify", "lake", "--all"]).ended(0);
    assert!(run.err.contains(" 0 problems"), "{}", run.err);
}

/// Files below a folder, by ending.
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn a_flipped_byte_is_named() {
    let site = Site::new();
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[]), organisation(2, &[])]);
    assert_sound(&site);
    for (below, ending) in
        [("raw/s1_org", ".parquet"), ("gov/submission", ".parquet"), ("raw/s1_org/_delta_log", ".json")]
    {
        let path = files_below(&site.lake().join(below), ending).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let run = site.run(&["verify"]).ended(3);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(run.text().contains(name) || run.err.contains(name), "{name}: {}{}", run.text(), run.err);
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_sound(&site);
    }
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let site = Site::new();
    site.land(Form::Organisation, "one.csv", &[organisation(1, &[])]);
    site.write("two.csv", file(Form::Organisation, &[organisation(2, &[])]));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let location = site.lake().to_str().unwrap().to_owned();
    let writer = runtime.block_on(async {
        let lake = Lake::open(&location).await.unwrap();
        lake.writer(WriterOptions::from(&Config::default())).await.unwrap()
    });
    let run = site.submit(Form::Organisation, "two.csv").ended(3);
    assert!(run.err.contains("is being written by process"), "{}", run.err);
    // Readers never wait.
    assert_eq!(site.value("select count(*) from raw.s1_org"), "1");
    drop(writer);
    site.submit(Form::Organisation, "two.csv").ended(0);
    assert_eq!(site.value("select count(*) from raw.s1_org"), "2");
    assert_sound(&site);
}

/// Whoever comes second waits or fails clearly; after another try both have landed, once each.
#[test]
fn writers_side_by_side_lose_nothing() {
    let site = Site::new();
    for number in 0..4 {
        site.write(&format!("{number}.csv"), pupils(number, 500));
    }
    let start = |number: usize| {
        let name = format!("{number}.csv");
        let mut command = site.command(&["submit", &name, "--form", "S1.PUPIL", "--quiet"]);
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = (0..4).map(start).collect();
    let mut accepted = 0;
    for (number, child) in running.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => accepted += 1,
            Some(3) => assert!(err.contains("is being written by"), "{number}: {err}"),
            other => panic!("{number} ended with {other:?}: {err}"),
        }
    }
    assert!(accepted > 0);
    for number in 0..4 {
        site.submit(Form::Pupil, &format!("{number}.csv")).ended(0);
    }
    assert_eq!(site.value("select count(*) from raw.s1_pupil"), "2000");
    assert_eq!(site.value("select count(*) from gov.submission where outcome = 'accepted'"), "4");
    assert_sound(&site);
}

/// With `verify_reads` a rotten file is an error that names it, never an answer; without it `verify` finds it.
#[test]
fn no_answer_comes_from_a_file_that_fails_its_hash() {
    let site = Site::new();
    site.write("pupils.csv", pupils(1, 50));
    site.submit(Form::Pupil, "pupils.csv").ended(0);
    site.write("bilim.toml", "verify_reads = true\n");
    let question = ["sql", "select count(distinct pid) from raw.s1_pupil", "--format", "csv"];
    assert!(site.run(&question).ended(0).text().ends_with("50\n"));
    let path = files_below(&site.lake().join("raw/s1_pupil"), ".parquet").pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&path, bytes).unwrap();
    let run = site.run(&question);
    assert!(run.code.is_some_and(|code| code != 0) && run.out.is_empty(), "{:?}: {}", run.code, run.text());
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(run.err.contains(name) && run.err.contains("SHA-256"), "{}", run.err);
    // A count that the log alone could answer is refused as well.
    let run = site.run(&["sql", "select count(*) from raw.s1_pupil"]);
    assert!(run.code.is_some_and(|code| code != 0), "{}", run.text());
    site.run(&["verify", "lake"]).ended(3);
}
