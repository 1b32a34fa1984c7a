//! What a rollup is of, and the keys by which it is found.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::below::{Below, Sources};
use crate::definitions::MeasureSet;
use crate::lake::Snapshot;

/// Changes when what a rollup holds changes though no definition does: functions, storage.
const FORMAT: &str = "bilim rollup 1";

/// What is computed, and which tables it rests on how.
#[derive(Debug, Clone)]
pub struct Definition {
    name: String,
    hash: String,
    below: Below,
    /// Tables of which a unit reads its own partition only; they say which units there are.
    local: Vec<String>,
    /// Tables of which a unit reads its year.
    of_year: Vec<String>,
    /// Tables that every unit reads whole.
    whole: Vec<String>,
}

/// One part of what is computed: a region and year, or all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// Year and region; nothing where the rollup is not by partition.
    pub partition: Vec<i32>,
    /// Hash over the definition and the files that it rests on.
    pub key: String,
}

impl Definition {
    /// A measure set; `None` when it rests on what no key can cover: other answers, the lake's own description.
    #[must_use]
    pub fn of_measure(name: &str, set: &MeasureSet, sources: &Sources<'_>) -> Option<Self> {
        let below = sources.below([format!("measures.{name}")]);
        let raw = |codes: &[String]| -> BTreeSet<String> {
            let forms = codes.iter().filter_map(|code| sources.definitions.form(code));
            forms.map(|form| format!("raw.{}", form.table())).collect()
        };
        let (local, of_year) = (raw(&set.local), raw(&set.of_year));
        let mut definition = Self::new(name, name, below, sources)?;
        if local.is_empty() {
            return Some(definition);
        }
        // A form may be in both: its partitions say which units there are, a unit rests on the year.
        definition.whole.retain(|table| !local.contains(table) && !of_year.contains(table));
        definition.local = local.into_iter().collect();
        definition.of_year = of_year.into_iter().collect();
        Some(definition)
    }

    /// A statement over the tables and views of a session, as one unit; `None` as for [`Definition::of_measure`].
    #[must_use]
    pub fn of_text(text: &str, sources: &Sources<'_>) -> Option<Self> {
        Self::new("", text, sources.below(super::named(text)), sources)
    }

    fn new(name: &str, text: &str, below: Below, sources: &Sources<'_>) -> Option<Self> {
        let is_of = |table: &String, schema: &str| table.split_once('.').is_some_and(|(of, _)| of == schema);
        if below.tables.iter().any(|table| is_of(table, "mart") || is_of(table, "meta")) {
            return None;
        }
        let mut parts: Vec<Vec<u8>> = vec![FORMAT.into(), env!("CARGO_PKG_VERSION").into(), text.into()];
        parts.extend(sources.texts_of(&below));
        let whole = below.tables.iter().filter(|table| is_of(table, "raw") || is_of(table, "gov"));
        let whole = whole.cloned().collect();
        Some(Self {
            name: name.to_owned(),
            hash: hash(parts.iter().map(Vec::as_slice)),
            below,
            local: Vec::new(),
            of_year: Vec::new(),
            whole,
        })
    }

    /// `enrolment`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Views and tables that it reads.
    #[must_use]
    pub fn below(&self) -> &Below {
        &self.below
    }

    /// Whether it is computed region by region and year by year.
    #[must_use]
    pub fn is_by_partition(&self) -> bool {
        !self.local.is_empty()
    }

    /// Every unit at a lake version; beyond them there are no rows.
    #[must_use]
    pub fn units(&self, snapshot: &Snapshot) -> Vec<Unit> {
        let of_table = |name: &String| of_files(by(snapshot, name, |_| &[]).get(&Vec::new()));
        let common: Vec<String> = self.whole.iter().map(of_table).collect();
        if !self.is_by_partition() {
            return vec![Unit { partition: Vec::new(), key: self.key(&[], &common) }];
        }
        let local: Vec<_> = self.local.iter().map(|name| by(snapshot, name, |partition| partition)).collect();
        let of_year: Vec<_> = self.of_year.iter().map(|name| by(snapshot, name, year_of)).collect();
        let partitions: BTreeSet<&Vec<i32>> = local.iter().flat_map(BTreeMap::keys).collect();
        let unit = |partition: &Vec<i32>| {
            let own = local.iter().map(|files| of_files(files.get(partition)));
            let years = of_year.iter().map(|files| of_files(files.get(&partition[..1])));
            let inputs: Vec<String> = own.chain(years).chain(common.iter().cloned()).collect();
            Unit { partition: partition.clone(), key: self.key(partition, &inputs) }
        };
        partitions.into_iter().filter(|partition| partition.len() == 2).map(unit).collect()
    }

    fn key(&self, partition: &[i32], inputs: &[String]) -> String {
        let partition = format!("{partition:?}");
        let parts = [self.hash.as_bytes(), partition.as_bytes()];
        hash(parts.into_iter().chain(inputs.iter().map(String::as_bytes)))
    }
}

fn year_of(partition: &[i32]) -> &[i32] {
    partition.get(..1).unwrap_or_default()
}

/// Hash of a list of byte strings, each with its length.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

/// Names of the files of a table, by a part of their partition: partition and hash, because files of two partitions
/// may have the same bytes.
fn by(snapshot: &Snapshot, name: &str, part: impl Fn(&[i32]) -> &[i32]) -> BTreeMap<Vec<i32>, Vec<String>> {
    let mut files: BTreeMap<Vec<i32>, Vec<String>> = BTreeMap::new();
    for file in snapshot.table(name).into_iter().flat_map(|table| &table.files) {
        let named = format!("{:?} {}", file.partition, file.sha256);
        files.entry(part(&file.partition).to_vec()).or_default().push(named);
    }
    files
}

/// Hash over the names of files, whose order does not matter.
fn of_files(files: Option<&Vec<String>>) -> String {
    let mut files: Vec<&str> = files.into_iter().flatten().map(String::as_str).collect();
    files.sort_unstable();
    hash(files.into_iter().map(str::as_bytes))
}
