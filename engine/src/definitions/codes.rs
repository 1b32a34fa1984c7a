//! Code lists of `datasets/reference/code.csv`: the members a `code` field may hold.

use std::collections::BTreeMap;

use super::assets::{Assets, DefinitionError};

const PATH: &str = "datasets/reference/code.csv";

/// One member of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code as stored.
    pub code: String,
    /// First reporting year of validity; `None` = always.
    pub valid_from_year: Option<i32>,
    /// Last reporting year of validity; `None` = still valid.
    pub valid_to_year: Option<i32>,
}

/// Code lists by name.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {
    lists: BTreeMap<String, Vec<Code>>,
}

impl CodeLists {
    /// Read the lists from the definitions; country codes come from the country tables.
    pub(super) fn parse(assets: &Assets) -> Result<Self, DefinitionError> {
        let mut lists: BTreeMap<String, Vec<Code>> = BTreeMap::new();
        for row in rows(assets, PATH)? {
            let cell = |name: &str| row.get(name).map(String::as_str).unwrap_or_default();
            let list = cell("code_list").to_owned();
            lists.entry(list).or_default().push(Code {
                code: cell("code").to_owned(),
                valid_from_year: cell("valid_from_year").parse().ok(),
                valid_to_year: cell("valid_to_year").parse().ok(),
            });
        }
        for (path, column) in [
            ("datasets/reference/country.csv", "country"),
            ("datasets/reference/country_aggregate.csv", "code"),
        ] {
            for row in rows(assets, path)? {
                let code = row.get(column).cloned().unwrap_or_default();
                let countries = lists.entry("country".to_owned()).or_default();
                if !countries.iter().any(|known| known.code == code) {
                    countries.push(Code { code, valid_from_year: None, valid_to_year: None });
                }
            }
        }
        Ok(Self { lists })
    }

    /// The members of a list; `None` when there is no such list.
    #[must_use]
    pub fn get(&self, list: &str) -> Option<&[Code]> {
        self.lists.get(list).map(Vec::as_slice)
    }
}

/// Rows of a reference CSV as maps by column name; leading `#` lines are skipped.
pub(super) fn rows(assets: &Assets, path: &str) -> Result<Vec<BTreeMap<String, String>>, DefinitionError> {
    let text = match assets.text(path) {
        Ok(text) => text,
        Err(DefinitionError::Missing { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let bad = |message: String| DefinitionError::Inconsistent { path: path.to_owned(), message };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(error.to_string()))?;
        rows.push(header.iter().zip(record.iter()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    }
    Ok(rows)
}
