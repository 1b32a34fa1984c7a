//! What columns mean, in words: from forms, the catalogue of indicators and the reference tables.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SessionError;
use crate::definitions::{Assets, DefinitionError, Definitions, Labels, Lang};

const SCHEMA: &str = "datasets/reference/schema.toml";
const COLUMNS: &str = "datasets/reference/column.toml";

/// The descriptions of one set of definitions.
#[derive(Debug, Default)]
pub struct Descriptions {
    /// By schema, table and column.
    exact: BTreeMap<(String, String, String), Labels>,
    /// By column: what a name means wherever it stands.
    general: BTreeMap<String, Labels>,
}

#[derive(Deserialize)]
struct General {
    column: Vec<Column>,
}

#[derive(Deserialize)]
struct Reference {
    table: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    name: String,
    columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    #[serde(default)]
    en: String,
    #[serde(default)]
    ru: String,
    #[serde(default)]
    kk: String,
}

impl Descriptions {
    /// Read them.
    ///
    /// # Errors
    /// When the description of the reference tables is missing or cannot be read.
    pub fn of(definitions: &Definitions) -> Result<Self, SessionError> {
        let mut all = Self::default();
        for column in general(&definitions.assets)? {
            let labels = Labels { kk: column.kk, ru: column.ru, en: column.en };
            all.general.insert(column.name, labels);
        }
        for form in &definitions.forms {
            for field in &form.fields {
                for schema in ["raw", "staging"] {
                    let key = (schema.to_owned(), form.table(), field.name.clone());
                    all.exact.insert(key, field.label.clone());
                }
                all.general.entry(field.name.clone()).or_insert_with(|| field.label.clone());
            }
        }
        for indicator in &definitions.catalogue.indicators {
            // `mart.indicator_wide` has a column for each headline indicator.
            let name = indicator.code.to_lowercase().replace('-', "_");
            all.exact.insert(("mart".to_owned(), "indicator_wide".to_owned(), name), indicator.name.clone());
        }
        for table in reference(&definitions.assets)? {
            for column in table.columns {
                let labels = Labels { kk: column.kk, ru: column.ru, en: column.en };
                all.exact.insert(("ref".to_owned(), table.name.clone(), column.name), labels);
            }
        }
        Ok(all)
    }

    /// What a column means; in English where the language has no words for it, `None` where nothing is known.
    #[must_use]
    pub fn get(&self, schema: &str, table: &str, column: &str, lang: Lang) -> Option<&str> {
        let key = (schema.to_owned(), table.to_owned(), column.to_owned());
        let labels = self.exact.get(&key).or_else(|| self.general.get(column))?;
        [labels.get(lang), labels.get(Lang::En)].into_iter().find(|text| !text.is_empty())
    }
}

/// Columns that mean the same wherever they stand; definitions of earlier versions have none.
fn general(assets: &Assets) -> Result<Vec<Column>, SessionError> {
    let Ok(text) = assets.text(COLUMNS) else { return Ok(Vec::new()) };
    let parsed: General = toml::from_str(text)
        .map_err(|source| DefinitionError::Toml { path: COLUMNS.to_owned(), source: Box::new(source) })?;
    Ok(parsed.column)
}

fn reference(assets: &Assets) -> Result<Vec<Table>, SessionError> {
    let parsed: Reference = toml::from_str(assets.text(SCHEMA)?)
        .map_err(|source| DefinitionError::Toml { path: SCHEMA.to_owned(), source: Box::new(source) })?;
    Ok(parsed.table)
}
