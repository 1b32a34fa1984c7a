//! What tests of the program share: a folder with a lake, runs of the program, files of a form.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bilim_domain::ids::Bin;
use bilim_domain::records::Form;
use tempfile::TempDir;

use crate::support::program;

/// A folder with a lake in it; the program runs there.
pub struct Site {
    folder: TempDir,
}

/// How a run ended.
pub struct Run {
    /// Exit code; `None` = killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("the program writes UTF-8")
    }

    /// This run, which must have ended with `code`.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout: {}\nstderr: {}",
            String::from_utf8_lossy(&self.out),
            self.err
        );
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Site {
    /// A new folder without a lake.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A new folder with an empty lake.
    pub fn new() -> Self {
        let site = Self::empty();
        site.run(&["init"]).ended(0);
        site
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The lake.
    pub fn lake(&self) -> PathBuf {
        self.folder().join("lake")
    }

    /// Write a file into the folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The program with these arguments, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        self.prepare(&mut command);
        command.args(arguments);
        command
    }

    /// Let a command run in this folder on this lake, without the settings of whoever runs the tests.
    pub fn prepare(&self, command: &mut Command) {
        command
            .current_dir(self.folder())
            .env("BILIM_LAKE", self.lake())
            .env("NO_COLOR", "1")
            .env_remove("COLUMNS")
            .stdin(Stdio::null());
    }

    /// Run the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// The answer to a statement, as CSV.
    pub fn sql(&self, statement: &str) -> String {
        self.run(&["sql", statement, "--format", "csv"]).ended(0).text()
    }

    /// The one value that a statement answers.
    pub fn value(&self, statement: &str) -> String {
        let text = self.sql(statement);
        let mut lines = text.lines().skip(1);
        let value = lines.next().unwrap_or_else(|| panic!("no row: {statement}")).to_owned();
        assert_eq!(lines.next(), None, "more than one row: {statement}");
        value
    }

    /// Submit a file of the folder.
    pub fn submit(&self, form: Form, name: &str) -> Run {
        self.run(&["submit", name, "--form", form.code(), "--quiet"])
    }

    /// Write and submit rows of a form; they must land.
    pub fn land(&self, form: Form, name: &str, rows: &[String]) -> Run {
        self.write(name, file(form, rows));
        self.submit(form, name).ended(0)
    }
}

/// The `number`-th organisation.
pub fn bin(number: usize) -> Bin {
    (0..10).find_map(|last| Bin::from_stem(&format!("390140{:05}", number * 10 + last)).ok()).unwrap()
}

/// A CSV file of these rows.
pub fn file(form: Form, rows: &[String]) -> String {
    let mut text = form.header();
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text.push('\n');
    text
}

/// One CSV row: the values by column, empty where none is given; later ones win.
pub fn row(form: Form, values: &[(&str, &str)]) -> String {
    let known = form.columns();
    for (name, _) in values {
        assert!(known.contains(name), "{} has no column {name}", form.code());
    }
    let cell =
        |column: &str| values.iter().rev().find(|(name, _)| *name == column).map_or("", |(_, value)| *value);
    known.iter().map(|column| cell(column)).collect::<Vec<_>>().join(",")
}

/// A row of S1.ORG without fault, with changes.
pub fn organisation(number: usize, changes: &[(&str, &str)]) -> String {
    let bin = bin(number).to_string();
    let mut values = vec![
        ("year", "2024"),
        ("district", "113200000"),
        ("org_bin", bin.as_str()),
        ("org_type", "general"),
        ("ownership", "state"),
        ("name_ru", "Школа"),
        ("locality", "urban"),
        ("language", "kk"),
        ("shifts", "2"),
        ("design_capacity", "100"),
        ("is_small_class", "false"),
        ("building_state", "normal"),
    ];
    values.extend_from_slice(changes);
    row(Form::Organisation, &values)
}

/// A row of S1.PUPIL without fault, with changes.
pub fn pupil(number: usize, pid: u64, changes: &[(&str, &str)]) -> String {
    let (bin, pid) = (bin(number).to_string(), format!("{pid:016x}"));
    let mut values = vec![
        ("year", "2024"),
        ("district", "113200000"),
        ("org_bin", bin.as_str()),
        ("pid", pid.as_str()),
        ("birth", "2015-03"),
        ("sex", "female"),
        ("level", "primary"),
        ("grade", "3"),
        ("language", "kk"),
        ("study_form", "full"),
        ("funding", "state_order"),
        ("has_sen", "false"),
        ("enrol_from", "2022-09-01"),
    ];
    values.extend_from_slice(changes);
    row(Form::Pupil, &values)
}
