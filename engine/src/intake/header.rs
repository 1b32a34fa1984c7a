//! Column names of a file -> fields of a form.

use std::collections::HashMap;
use std::sync::Arc;

use super::finding::{At, Findings};
use super::members::closest;
use super::rules::{self, field_name, same};
use crate::definitions::Form;

/// Rows that may stand above the header: titles, notes, empty lines.
pub(super) const HEADER_ROWS: usize = 30;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// The reporting year.
    Year,
    /// The field with this index.
    Field(usize),
}

/// The spellings under which a form knows its columns.
#[derive(Debug)]
pub(super) struct Names {
    form: Arc<Form>,
    exact: HashMap<String, Target>,
    loose: HashMap<String, Target>,
}

/// Where the columns of a file go.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Column of the year; `None` = the file has none.
    pub year: Option<usize>,
    /// Column of every field of the form.
    pub fields: Vec<Option<usize>>,
    /// Columns that belong to no field, with their names; they are still searched for IINs.
    pub others: Vec<(usize, String)>,
    /// Columns of the header.
    pub width: usize,
}

/// How well a row of cells serves as header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fit {
    /// Fields named.
    known: usize,
    /// Required fields named.
    required: usize,
    /// Required fields of the form.
    due: usize,
    /// Cells that name no field.
    unknown: usize,
}

impl Fit {
    fn is_header(self) -> bool {
        self.known > 0 && self.required * 2 >= self.due
    }

    fn missing(self) -> usize {
        self.due - self.required
    }

    fn score(self) -> i64 {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / 4);
        count(self.known) - count(self.unknown) - count(self.missing())
    }
}

/// Letter case, blanks and underscores do not tell names apart.
fn loosen(name: &str) -> String {
    name.chars()
        .filter(|symbol| !symbol.is_whitespace() && !matches!(symbol, '_' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Names {
    pub(super) fn new(form: &Arc<Form>) -> Self {
        let mut exact = HashMap::from([("year".to_owned(), Target::Year)]);
        let mut loose = HashMap::new();
        for name in ["year", "год", "отчётный год", "отчетный год", "жыл", "есепті жыл", "reporting year"]
        {
            loose.insert(loosen(name), Target::Year);
        }
        let fields = || form.fields.iter().enumerate().map(|(index, field)| (Target::Field(index), field));
        for (target, field) in fields() {
            exact.insert(field.name.clone(), target);
        }
        // Names win over aliases and aliases over labels.
        for (target, field) in fields() {
            loose.entry(loosen(&field.name)).or_insert(target);
        }
        for (target, field) in fields() {
            for alias in &field.aliases {
                loose.entry(loosen(alias)).or_insert(target);
            }
        }
        let mut labels: HashMap<String, Option<Target>> = HashMap::new();
        for (target, field) in fields() {
            for label in [&field.label.kk, &field.label.ru, &field.label.en] {
                // A label that two fields share names neither.
                let known = labels.entry(loosen(label)).or_insert(Some(target));
                *known = known.filter(|known| *known == target);
            }
        }
        for (label, target) in labels {
            if let Some(target) = target.filter(|_| !label.is_empty()) {
                loose.entry(label).or_insert(target);
            }
        }
        Self { form: Arc::clone(form), exact, loose }
    }

    /// The form whose names these are.
    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    /// What a column of this name holds.
    pub(super) fn find(&self, name: &str) -> Option<Target> {
        let name = name.trim();
        // Nobody's column name is longer; hostile headers are not copied.
        if name.is_empty() || name.len() > 1024 {
            return None;
        }
        self.exact.get(name).or_else(|| self.loose.get(&loosen(name))).copied()
    }

    fn is_due(&self, index: usize) -> bool {
        self.form.fields[index].is_required
    }

    fn fit<'a>(&self, cells: impl Iterator<Item = &'a str>) -> Fit {
        let mut named = vec![false; self.form.fields.len()];
        let mut unknown = 0;
        for cell in cells.filter(|cell| !cell.trim().is_empty()) {
            match self.find(cell) {
                Some(Target::Field(index)) => named[index] = true,
                Some(Target::Year) => {}
                None => unknown += 1,
            }
        }
        let due = (0..named.len()).filter(|index| self.is_due(*index));
        Fit {
            known: named.iter().filter(|named| **named).count(),
            required: due.clone().filter(|index| named[*index]).count(),
            due: due.count(),
            unknown,
        }
    }

    /// Whether these cells are the form's header, and how many fields they name.
    pub(super) fn header_score(&self, cells: &[String]) -> Option<usize> {
        let fit = self.fit(cells.iter().map(String::as_str));
        fit.is_header().then_some(fit.known)
    }

    /// Index of the header among the first rows: the first that holds half of the required
    /// columns, else the one that names most fields (at least two).
    pub(super) fn header_row(&self, rows: &[Vec<String>]) -> Option<usize> {
        let fits: Vec<Fit> = rows.iter().map(|row| self.fit(row.iter().map(String::as_str))).collect();
        fits.iter().position(|fit| fit.is_header()).or_else(|| {
            let best = fits.iter().enumerate().filter(|(_, fit)| fit.known >= 2);
            best.max_by_key(|(index, fit)| (fit.known, std::cmp::Reverse(*index))).map(|(index, _)| index)
        })
    }

    /// Hold a header against the form and give the place of every column.
    ///
    /// `has_year` says that the caller knows the year without a column.
    pub(super) fn layout(
        &self,
        header: &[String],
        row: u64,
        has_year: bool,
        findings: &mut Findings,
    ) -> Layout {
        let form = &self.form;
        let width = header.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        let mut layout = Layout { fields: vec![None; form.fields.len()], width, ..Layout::default() };
        for (column, name) in header.iter().enumerate().take(width) {
            let place = match self.find(name) {
                Some(Target::Year) => &mut layout.year,
                Some(Target::Field(index)) => &mut layout.fields[index],
                None => {
                    // A column without a name and without content is harmless; content in it is not.
                    layout.others.push((column, name.trim().to_owned()));
                    continue;
                }
            };
            if place.is_none() {
                *place = Some(column);
                continue;
            }
            layout.others.push((column, name.trim().to_owned()));
            let at = At::header(row, name, name.as_bytes());
            findings.add(rules::COLUMN_TWICE, at, || vec![same(name.trim()), self.label(name)]);
        }
        let free = || {
            let named = |index: &usize| layout.fields[*index].is_none();
            (0..form.fields.len()).filter(named).map(|index| form.fields[index].name.as_str())
        };
        for (_, name) in
            layout.others.iter().filter(|(_, name)| !name.is_empty() && self.find(name).is_none())
        {
            report_unknown(&form.code, name, row, free(), findings);
        }
        for (index, field) in form.fields.iter().enumerate() {
            if self.is_due(index) && layout.fields[index].is_none() {
                let at = At { field: Some(&field.name), ..At::FILE };
                findings.add(rules::COLUMN_MISSING, at, || vec![field_name(field), same(&form.code)]);
            }
        }
        if layout.year.is_none() && !has_year {
            let at = At { field: Some("year"), ..At::FILE };
            findings.add(rules::COLUMN_MISSING, at, || vec![same("year"), same(&form.code)]);
        }
        layout
    }

    fn label(&self, name: &str) -> crate::definitions::Labels {
        match self.find(name) {
            Some(Target::Field(index)) => field_name(&self.form.fields[index]),
            _ => same("year"),
        }
    }

    /// The other form that the header fits better, when it leaves required columns of this one out.
    pub(super) fn better_form<'a>(
        &self,
        header: &[String],
        others: &'a [Arc<Form>],
    ) -> Option<&'a Arc<Form>> {
        let cells = || header.iter().map(String::as_str);
        let mine = self.fit(cells());
        if mine.missing() == 0 {
            return None;
        }
        others
            .iter()
            .filter(|other| other.code != self.form.code)
            .map(|other| (Names::new(other).fit(cells()), other))
            .filter(|(fit, _)| {
                fit.is_header() && fit.score() > mine.score() && fit.missing() < mine.missing()
            })
            .max_by_key(|(fit, _)| fit.score())
            .map(|(_, other)| other)
    }
}

/// Say that the file belongs to another form.
pub(super) fn report_other(form: &Form, other: &Form, findings: &mut Findings) {
    findings
        .add(rules::FORM_OTHER, At::FILE, || vec![same(&form.code), same(&other.code), other.title.clone()]);
}

/// A finding for a column that the form does not have; `candidates` are the names it may mean.
pub(super) fn report_unknown<'a>(
    form: &str,
    name: &str,
    row: u64,
    candidates: impl Iterator<Item = &'a str>,
    findings: &mut Findings,
) {
    let short: String = name.chars().take(100).collect();
    let closest = closest(&short, candidates).unwrap_or("-");
    let at = At::header(row, &short, name.as_bytes());
    findings.add(rules::COLUMN_UNKNOWN, at, || vec![same(&short), same(form), same(closest)]);
}
