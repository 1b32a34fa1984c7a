//! Lakes that are equal within a scope and different outside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::{Definitions, FieldType, Form};
use bilim::session::{Caller, Role, Unit};
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

use crate::support::{self, TestLake};

/// How what lies outside the scope looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Texts are `SECRET-n`, counts nought.
    First,
    /// Texts are numbers, counts are not nought, persons are others and every third record is missing.
    Second,
    /// As the first, with other names and persons: sums of units are the same.
    Renamed,
}

/// Fields whose values outside are nought in the first world; within the scope they are not.
const NOUGHT: [(&str, &str); 3] =
    [("S1.ORG", "patron_count"), ("S1.ORG", "design_capacity"), ("S1.STAFF", "experience_years")];

/// From so many characters on a text is rewritten.
const LONG: usize = 200;

/// A caller of the fixture.
pub fn caller(role: Role) -> Caller {
    let scope = match role {
        Role::Region => Some("11"),
        Role::District => Some("113200000"),
        Role::Organisation => Some("990140001005"),
        Role::Ministry | Role::Researcher | Role::Public => None,
    };
    Caller::new("test", role, scope).unwrap()
}

/// A session for a caller over a lake, on so many threads.
pub fn session(lake: &TestLake, caller: &Caller, threads: usize) -> SessionContext {
    let config = Config { threads, ..Config::default() };
    let runtime = bilim::session::runtime(&config).unwrap();
    bilim::session::open_for(&config, runtime, &lake.definitions, &lake.snapshot, caller).unwrap()
}

/// The tiny fixture, rewritten: in scope texts are numbers and counts are not nought, outside as the world says.
pub async fn lake(scope: Unit, world: World) -> TestLake {
    let folder = tempfile::tempdir().unwrap();
    let definitions = Definitions::built_in().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/fixtures/tiny");
    let mut submissions = Vec::new();
    for form in &definitions.forms {
        let path = fixture.join(format!("{}.csv", form.table()));
        if path.is_file() {
            let written = rewrite(form, &path, scope, world, &folder);
            submissions.extend(written.into_iter().map(|path| (form.code.clone(), path)));
        }
    }
    let ledger = folder.path().join("ledger");
    std::fs::create_dir(&ledger).unwrap();
    for entry in std::fs::read_dir(fixture.join("ledger")).unwrap() {
        let path = entry.unwrap().path();
        copy_ledger(&path, &ledger.join(path.file_name().unwrap()), scope, world);
    }
    let now = "2024-11-20T06:00:00Z".parse().unwrap();
    support::lake_at(Some(now), &submissions, Some(ledger.as_path())).await
}

/// The file of a form in a world; passports and learners as two files, so that there are submissions wholly within the
/// scope, wholly outside, and across.
fn rewrite(form: &Arc<Form>, path: &Path, scope: Unit, world: World, folder: &TempDir) -> Vec<PathBuf> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for (number, row) in rows.iter().enumerate() {
        let is_own = is_own(form, &header, row, scope);
        if world == World::Second && !is_own && number % 3 == 2 {
            continue;
        }
        let cells = header.iter().zip(row);
        let cells: Vec<String> =
            cells.map(|(name, cell)| cell_in(form, name, cell, number, is_own, world)).collect();
        if is_own { &mut own } else { &mut others }.push(cells);
    }
    let is_split = matches!(form.code.as_str(), "S1.ORG" | "S1.PUPIL");
    let parts = if is_split {
        vec![("own", own), ("others", others)]
    } else {
        own.append(&mut others);
        vec![("all", own)]
    };
    let write = |(name, rows): (&str, Vec<Vec<String>>)| {
        let path = folder.path().join(format!("{}_{name}.csv", form.table()));
        let mut writer = csv::Writer::from_path(&path).unwrap();
        writer.write_record(&header).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
        path
    };
    parts.into_iter().filter(|(_, rows)| !rows.is_empty()).map(write).collect()
}

fn is_own(form: &Form, header: &csv::StringRecord, row: &csv::StringRecord, scope: Unit) -> bool {
    let cell = |name: &str| header.iter().position(|column| column == name).map_or("", |at| &row[at]);
    let territory = form.territory.as_deref().map_or("", cell);
    match scope {
        Unit::Region(kato) => territory.starts_with(&kato.to_string()[..2]),
        Unit::District(kato) => territory == kato.to_string(),
        Unit::Organisation(bin) => {
            form.organisation_field().is_some_and(|field| cell(&field.name) == bin.to_string())
        }
    }
}

fn cell_in(form: &Form, name: &str, cell: &str, number: usize, is_own: bool, world: World) -> String {
    let Some(field) = form.field(name) else { return cell.to_owned() };
    let is_nought = NOUGHT.contains(&(form.code.as_str(), name));
    match field.field_type {
        FieldType::Text(length) if length >= LONG && !form.key.contains(&field.name) => match world {
            World::First if !is_own => format!("SECRET-{number}"),
            World::Renamed if !is_own => format!("9{number}"),
            _ => format!("1{number}"),
        },
        FieldType::Pseudonym if !is_own && world != World::First => cell.chars().map(turned).collect(),
        _ if is_nought && is_own => "3".to_owned(),
        _ if is_nought => if world == World::Second { "5" } else { "0" }.to_owned(),
        _ => cell.to_owned(),
    }
}

/// Another hexadecimal digit.
fn turned(digit: char) -> char {
    let value = digit.to_digit(16).unwrap_or_default();
    char::from_digit((value + 5) % 16, 16).unwrap()
}

/// Rows of the ledger; in the second world those of other districts are missing.
fn copy_ledger(from: &Path, to: &Path, scope: Unit, world: World) {
    let mut reader = csv::Reader::from_path(from).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(to).unwrap();
    writer.write_record(&header).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |name: &str| header.iter().position(|column| column == name).map(|at| row[at].to_owned());
        let is_own = match scope {
            Unit::Region(kato) => {
                cell("district").is_none_or(|cell| cell.starts_with(&kato.to_string()[..2]))
            }
            Unit::District(kato) => cell("district").is_none_or(|cell| cell == kato.to_string()),
            Unit::Organisation(bin) => cell("org_bin").is_none_or(|cell| cell == bin.to_string()),
        };
        if is_own || world != World::Second {
            writer.write_record(&row).unwrap();
        }
    }
    writer.flush().unwrap();
}
