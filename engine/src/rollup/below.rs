//! What a view rests on, read off the SQL, so that it cannot be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use crate::definitions::Definitions;

/// Schemas whose names a text may mention.
const SCHEMAS: [&str; 7] = ["raw", "staging", "measures", "ref", "gov", "mart", "meta"];

/// Everything that a text reads, itself or through views.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Below {
    /// Views, as `measures.enrolment`.
    pub views: BTreeSet<String>,
    /// Tables, which have no text: `raw.s1_pupil`, `gov.scope`, `ref.level`.
    pub tables: BTreeSet<String>,
}

/// The views of one session, and the definitions they come with.
#[derive(Debug)]
pub struct Sources<'a> {
    /// Text of every view, by `schema.name`.
    pub texts: &'a BTreeMap<String, String>,
    /// Forms, reference tables, measure sets.
    pub definitions: &'a Definitions,
}

impl Sources<'_> {
    /// What is below some names.
    #[must_use]
    pub fn below(&self, roots: impl IntoIterator<Item = String>) -> Below {
        let mut found = Below::default();
        let mut open: Vec<String> = roots.into_iter().collect();
        while let Some(name) = open.pop() {
            let Some(text) = self.texts.get(&name) else {
                found.tables.insert(name);
                continue;
            };
            if found.views.insert(name) {
                open.extend(named(text));
            }
        }
        found
    }

    /// The texts and files that decide what the views and reference tables of `below` say, in a fixed order.
    ///
    /// Reference tables made from the definitions themselves (`ref.form`, `ref.indicator`) stand for all forms and
    /// indicators.
    #[must_use]
    pub fn texts_of(&self, below: &Below) -> Vec<Vec<u8>> {
        let assets = &self.definitions.assets;
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let mut add = |name: &str, bytes: &[u8]| {
            texts.push(name.as_bytes().to_vec());
            texts.push(bytes.to_vec());
        };
        for view in &below.views {
            add(view, self.texts.get(view).map_or(&[][..], |text| text.as_bytes()));
        }
        let mut is_of_definitions = false;
        for table in &below.tables {
            let Some((schema, name)) = table.split_once('.') else { continue };
            let path = match schema {
                "raw" => format!("datasets/forms/{name}.toml"),
                "ref" => format!("datasets/reference/{name}.csv"),
                _ => continue,
            };
            match assets.text(&path) {
                Ok(text) => add(table, text.as_bytes()),
                Err(_) => is_of_definitions = true,
            }
        }
        // What type a column of a reference table has.
        let schemas = assets.text("datasets/reference/schema.toml").unwrap_or_default();
        add("schema.toml", schemas.as_bytes());
        if is_of_definitions {
            for folder in ["datasets/forms/", "sql/indicators/", "sql/measures/", "datasets/reference/"] {
                for (path, bytes) in assets.under(folder) {
                    add(path, bytes);
                }
            }
        }
        texts
    }
}

/// `schema.name` of every view or table that a text names outside comments.
#[must_use]
pub fn named(sql: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in sql.lines().filter(|line| !line.trim_start().starts_with("--")) {
        let is_word = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_' || symbol == '.';
        for word in line.split(|symbol| !is_word(symbol)) {
            if let Some((schema, name)) = word.split_once('.')
                && SCHEMAS.contains(&schema)
                && !name.is_empty()
            {
                names.insert(format!("{schema}.{name}"));
            }
        }
    }
    names
}
