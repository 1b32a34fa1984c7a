//! A source: how published files become rows of our forms, parsed from `datasets/sources/*.toml`.
//!
//! The mapping is SQL beside the file. Reading the files and running the SQL is `cli::import`.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::assets::{Assets, DefinitionError, text};
use super::form::{Form, Labels};

const FOLDER: &str = "datasets/sources/";

/// A published source and its mapping.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `uis`; also the stem of its file.
    pub name: String,
    /// Title.
    pub title: Labels,
    /// Code of the publisher.
    pub publisher: String,
    /// Terms under which the files may be used.
    pub licence: String,
    /// Who published them, and where they come from.
    pub origin: String,
    /// Input tables.
    #[serde(default, rename = "table")]
    pub tables: Vec<SourceTable>,
    /// Steps shared by loads and findings, each of which may use the earlier ones.
    #[serde(default, rename = "view")]
    pub views: Vec<SourceView>,
    /// Queries whose rows are submitted; those of one form make one submission.
    #[serde(default, rename = "load")]
    pub loads: Vec<SourceLoad>,
    /// Queries whose rows say what the source leaves unclear.
    #[serde(default, rename = "finding")]
    pub findings: Vec<SourceFinding>,
}

/// An input table of a mapping.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceTable {
    /// Name in the mapping's SQL.
    pub name: String,
    /// File below the folder of the data, or beside the mapping when `local`.
    pub path: String,
    /// The file lies in `datasets/sources`.
    #[serde(default)]
    pub local: bool,
    /// File inside the zip container `path`.
    pub member: Option<String>,
    /// Name of the sheet of a workbook.
    pub sheet: Option<String>,
    /// Position of the sheet, from 0; the first when neither it nor a name is given.
    pub sheet_index: Option<usize>,
}

/// A named step.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceView {
    /// Name in the mapping's SQL.
    pub name: String,
    /// File of its query, below `datasets/sources`.
    pub sql: String,
}

/// A query that yields the fields of a form and `year`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceLoad {
    /// Code of the form.
    pub form: String,
    /// File of the query, below `datasets/sources`.
    pub sql: String,
}

/// A query that yields `severity, rule, row_ref, field, value, message`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFinding {
    /// File of the query, below `datasets/sources`.
    pub sql: String,
}

impl Source {
    /// Read every source, ordered by name.
    pub(super) fn parse_all(assets: &Assets, forms: &[Arc<Form>]) -> Result<Vec<Self>, DefinitionError> {
        let mut sources: Vec<Self> = Vec::new();
        for (path, bytes) in assets.under(FOLDER) {
            let Some(stem) = path.strip_prefix(FOLDER).and_then(|file| file.strip_suffix(".toml")) else {
                continue;
            };
            let source: Self = toml::from_str(text(path, bytes)?).map_err(|source| {
                DefinitionError::Toml { path: path.to_owned(), source: Box::new(source) }
            })?;
            let bad = |message: String| DefinitionError::Inconsistent { path: path.to_owned(), message };
            if source.name != stem {
                return Err(bad(format!("names the source {}", source.name)));
            }
            source.check(forms).map_err(bad)?;
            for file in source.local_files().skip(1) {
                assets.text(&file)?;
            }
            sources.push(source);
        }
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(sources)
    }

    fn check(&self, forms: &[Arc<Form>]) -> Result<(), String> {
        let mut names = BTreeSet::new();
        let tables = self.tables.iter().map(|table| &table.name);
        for name in tables.chain(self.views.iter().map(|view| &view.name)) {
            if !names.insert(name) {
                return Err(format!("has two tables or views {name}"));
            }
        }
        for table in &self.tables {
            if table.sheet.is_some() && table.sheet_index.is_some() {
                return Err(format!("gives the sheet of {} by name and by position", table.name));
            }
        }
        if self.loads.is_empty() {
            return Err("loads nothing".to_owned());
        }
        match self.loads.iter().find(|load| forms.iter().all(|form| form.code != load.form)) {
            Some(load) => Err(format!("loads the form {}, which does not exist", load.form)),
            None => Ok(()),
        }
    }

    /// The forms it loads, in the order of their first load.
    #[must_use]
    pub fn forms(&self) -> Vec<&str> {
        let mut forms: Vec<&str> = Vec::new();
        for load in &self.loads {
            if !forms.contains(&load.form.as_str()) {
                forms.push(&load.form);
            }
        }
        forms
    }

    /// The definition files of the mapping, the source's own first.
    pub fn local_files(&self) -> impl Iterator<Item = String> {
        let tables = self.tables.iter().filter(|table| table.local).map(|table| &table.path);
        let views = self.views.iter().map(|view| &view.sql);
        let loads = self.loads.iter().map(|load| &load.sql);
        let findings = self.findings.iter().map(|finding| &finding.sql);
        let files = tables.chain(views).chain(loads).chain(findings).map(|path| asset_path(path));
        std::iter::once(asset_path(&format!("{}.toml", self.name))).chain(files)
    }
}

/// Path of a mapping's file among the definitions.
#[must_use]
pub fn asset_path(path: &str) -> String {
    format!("{FOLDER}{path}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Definitions, codes::CodeLists};
    use super::*;

    fn parse(toml: &str) -> Result<Vec<Source>, DefinitionError> {
        let head = "name = 'x'\npublisher = 'x'\nlicence = 'x'\norigin = 'x'\ntitle = { kk = '', ru = '', en = '' }\n";
        let mut files = BTreeMap::new();
        files.insert("datasets/sources/x.toml".to_owned(), format!("{head}{toml}").into_bytes());
        files.insert("datasets/sources/x/rows.sql".to_owned(), b"select 1".to_vec());
        let form = include_bytes!("../../../datasets/forms/reg_authority.toml");
        let codes = CodeLists::parse(&Assets::built_in())?;
        let form = Form::parse("form", form, &codes)?;
        Source::parse_all(&Assets::from_map(files), &[Arc::new(form)])
    }

    #[test]
    fn every_built_in_source_is_whole() {
        let definitions = Definitions::built_in().expect("definitions");
        let names: Vec<&str> = definitions.sources.iter().map(|source| source.name.as_str()).collect();
        assert!(names.is_sorted() && names.contains(&"ntc-unt"), "{names:?}");
        let unt = definitions.sources.iter().find(|source| source.name == "ntc-unt").expect("a source");
        assert_eq!(unt.forms(), ["S7.AGG", "S7.BAND", "S7.SITE"]);
    }

    #[test]
    fn contradictions_are_named() {
        let load = "[[load]]\nform = 'REG.AUTHORITY'\nsql = 'x/rows.sql'\n";
        assert_eq!(parse(load).expect("a source")[0].forms(), ["REG.AUTHORITY"]);
        for (toml, part) in [
            (String::new(), "loads nothing"),
            ("[[load]]\nform = 'S0'\nsql = 'x/rows.sql'\n".to_owned(), "form S0"),
            (format!("{load}[[finding]]\nsql = 'x/none.sql'\n"), "x/none.sql is missing"),
            (
                format!(
                    "{load}[[table]]\nname = 't'\npath = 'a.csv'\n[[view]]\nname = 't'\nsql = 'x/rows.sql'\n"
                ),
                "two tables",
            ),
            (
                format!("{load}[[table]]\nname = 't'\npath = 'a.xls'\nsheet = 's'\nsheet_index = 0\n"),
                "by position",
            ),
            (format!("{load}colour = 1\n"), "cannot be parsed"),
        ] {
            let error = parse(&toml).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
