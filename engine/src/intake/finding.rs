//! Findings: what is wrong with a submission, for the submitter and for `gov.finding`.

use std::collections::BTreeMap;

use super::ids::mask_iins;
use super::rules::BuiltIn;
use crate::definitions::{Labels, Rule, Severity};

/// Longest value that a finding repeats, in characters.
const VALUE_CHARS: usize = 100;

/// One thing that is wrong with a submission.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Name of the file, without folders.
    pub file: String,
    /// 1-based row as the submitter sees it: line of a CSV or NDJSON file (of a record's first line),
    /// row of a sheet, row of a Parquet file. `None` = the whole file.
    pub row: Option<u64>,
    /// Field of the form, or the column as the file names it; `None` = the whole row.
    pub field: Option<String>,
    /// Rule code.
    pub rule: String,
    /// Weight.
    pub severity: Severity,
    /// The value, at most 100 characters, control characters escaped; IINs are starred out.
    pub value: Option<String>,
    /// What is wrong and what to do.
    pub message: Labels,
}

/// Where a finding points.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At<'a> {
    pub row: Option<u64>,
    pub field: Option<&'a str>,
    pub value: Option<&'a [u8]>,
}

impl<'a> At<'a> {
    /// The whole file.
    pub(super) const FILE: At<'static> = At { row: None, field: None, value: None };

    pub(super) fn row(row: u64) -> Self {
        Self { row: Some(row), ..Self::default() }
    }

    /// A cell of the header in this row; row 0 = the format has no row of names.
    pub(super) fn header(row: u64, name: &'a str, value: &'a [u8]) -> Self {
        Self { row: (row > 0).then_some(row), field: Some(name), value: Some(value) }
    }

    pub(super) fn cell(row: u64, field: &'a str, value: &'a [u8]) -> Self {
        Self { row: Some(row), field: Some(field), value: Some(value) }
    }
}

/// Number of findings of one rule on one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingCount {
    /// Weight of the rule.
    pub severity: Severity,
    /// How many there are, kept or not.
    pub count: u64,
}

/// Findings in the order of discovery: as many kept as the limit allows, all counted.
#[derive(Debug, Clone)]
pub(super) struct Findings {
    file: String,
    limit: usize,
    kept: Vec<Finding>,
    // Nested, so that counting an already known rule and field allocates nothing.
    counts: BTreeMap<String, BTreeMap<String, FindingCount>>,
}

impl Findings {
    /// An empty list for a file that keeps at most `limit` findings.
    pub(super) fn new(file: &str, limit: usize) -> Self {
        Self { file: file.to_owned(), limit, kept: Vec::new(), counts: BTreeMap::new() }
    }

    /// A list for another part of the same file.
    pub(super) fn part(&self) -> Self {
        Self::new(&self.file, self.limit)
    }

    /// Most findings kept of one rule on one field: one mistake repeated in every row must not
    /// push all the other mistakes out of the list.
    fn limit_of_one(&self) -> u64 {
        self.limit.min((self.limit / 10).max(100)) as u64
    }

    fn count(&mut self, rule: &str, field: &str, severity: Severity, by: u64) -> u64 {
        if let Some(known) = self.counts.get_mut(rule).and_then(|fields| fields.get_mut(field)) {
            known.count += by;
            return known.count;
        }
        let fields = self.counts.entry(rule.to_owned()).or_default();
        fields.insert(field.to_owned(), FindingCount { severity, count: by });
        by
    }

    fn keep(&mut self, rule: &str, severity: Severity, at: At<'_>, message: impl FnOnce() -> Labels) {
        let count = self.count(rule, at.field.unwrap_or_default(), severity, 1);
        if self.kept.len() < self.limit && count <= self.limit_of_one() {
            self.kept.push(Finding {
                file: self.file.clone(),
                row: at.row,
                // Column names and messages come from the file, too.
                field: at.field.map(|field| clean(field.as_bytes())),
                rule: rule.to_owned(),
                severity,
                value: at.value.map(clean),
                message: masked(message()),
            });
        }
    }

    /// Add a finding of a built-in rule; the arguments are only built when it is kept.
    pub(super) fn add(&mut self, rule: &BuiltIn, at: At<'_>, arguments: impl FnOnce() -> Vec<Labels>) {
        self.keep(rule.code, rule.severity, at, || rule.message(&arguments()));
    }

    /// Add a finding of a form's own rule.
    pub(super) fn add_rule(&mut self, rule: &Rule, at: At<'_>) {
        self.keep(&rule.code, rule.severity, at, || rule.message.clone());
    }

    /// Add the findings of a later part.
    pub(super) fn append(&mut self, part: Self) {
        let mut before: BTreeMap<(String, String), u64> = BTreeMap::new();
        for finding in part.kept {
            let key = (finding.rule.clone(), finding.field.clone().unwrap_or_default());
            let seen = before.entry(key).or_insert_with_key(|(rule, field)| {
                self.counts.get(rule).and_then(|fields| fields.get(field)).map_or(0, |known| known.count)
            });
            *seen += 1;
            if self.kept.len() < self.limit && *seen <= self.limit_of_one() {
                self.kept.push(finding);
            }
        }
        for (rule, fields) in part.counts {
            for (field, count) in fields {
                self.count(&rule, &field, count.severity, count.count);
            }
        }
    }

    /// Number of findings of one severity, kept or not.
    pub(super) fn total(&self, severity: Severity) -> u64 {
        self.counts
            .values()
            .flat_map(BTreeMap::values)
            .filter(|n| n.severity == severity)
            .map(|n| n.count)
            .sum()
    }

    /// Put the findings of the whole file first, the others in row order, and give them away with
    /// the counts by (rule, field).
    pub(super) fn finish(mut self) -> (Vec<Finding>, BTreeMap<(String, String), FindingCount>) {
        self.kept.sort_by_key(|finding| finding.row);
        let counts = self
            .counts
            .into_iter()
            .flat_map(|(rule, fields)| {
                fields.into_iter().map(move |(field, count)| ((rule.clone(), field), count))
            })
            .collect();
        (self.kept, counts)
    }
}

fn masked(message: Labels) -> Labels {
    let mask = |text: String| match mask_iins(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(masked) => masked,
    };
    Labels { kk: mask(message.kk), ru: mask(message.ru), en: mask(message.en) }
}

/// A value as a finding may repeat it.
fn clean(value: &[u8]) -> String {
    // An IIN across the cut would not be recognised, so mask first; a huge cell is not read whole.
    let head = &value[..value.len().min(VALUE_CHARS * 8)];
    let text = String::from_utf8_lossy(head);
    let masked = mask_iins(&text);
    let mut cleaned = String::new();
    for (chars, symbol) in masked.chars().enumerate() {
        if chars == VALUE_CHARS {
            cleaned.push('…');
            break;
        }
        if symbol.is_control() {
            cleaned.extend(symbol.escape_default());
        } else {
            cleaned.push(symbol);
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::super::ids::with_check_digit;
    use super::super::rules;
    use super::*;

    #[test]
    fn values_are_cut_escaped_and_masked() {
        assert_eq!(clean(b"a\0b\n"), "a\\u{0}b\\n");
        let long = "қ".repeat(300);
        assert_eq!(clean(long.as_bytes()).chars().count(), 101);
        let number = with_check_digit("92010135001");
        assert_eq!(clean(format!("ЖСН {number}").as_bytes()), "ЖСН ************");
        // Cut in the middle of the number: still nothing of it is shown.
        let late = format!("{} {number}", "x".repeat(94));
        assert!(!clean(late.as_bytes()).contains("9201"));
    }

    #[test]
    fn all_are_counted_and_one_rule_cannot_fill_the_list() {
        let mut findings = Findings::new("f.csv", 1000);
        for part in 0..10 {
            let mut later = findings.part();
            for row in 0..500 {
                later.add(rules::RANGE, At::cell(part * 500 + row, "age", b"1"), Vec::new);
            }
            later.add(rules::TYPE, At::cell(part * 500, "sex", b"x"), Vec::new);
            findings.append(later);
        }
        assert_eq!(findings.total(Severity::Error), 5010);
        let (kept, counts) = findings.finish();
        assert_eq!(kept.len(), 110);
        assert_eq!(counts[&("F-RANGE".to_owned(), "age".to_owned())].count, 5000);
    }
}
