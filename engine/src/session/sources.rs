//! Which forms a measure rests on: read from the SQL of its views, so that it cannot be forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray};

use super::views;
use crate::definitions::Definitions;
use crate::rollup::named;

/// Columns of `ref.measure_form`: a measure as `ref.indicator_term` names it, and a form below it.
pub fn columns(definitions: &Definitions) -> Vec<(&'static str, ArrayRef)> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (_, schema) in views::FOLDERS {
        for (name, sql) in views::of_schema(&definitions.assets, schema) {
            texts.insert(format!("{schema}.{name}"), sql);
        }
    }
    let mut rows: BTreeSet<(String, String)> = BTreeSet::new();
    for indicator in &definitions.catalogue.indicators {
        for derivation in &indicator.derivations {
            let terms = derivation.numerator.iter().chain(&derivation.denominator);
            let measures = terms.map(|term| (term.measure.clone(), format!("measures.{}", term.measure)));
            let views = derivation.view.iter().map(|view| (view.clone(), view.clone()));
            for (measure, view) in measures.chain(views) {
                for table in staging_below(&texts, &view) {
                    let of_table = definitions.forms.iter().find(|form| form.table() == table);
                    rows.extend(of_table.map(|form| (measure.clone(), form.code.clone())));
                }
            }
        }
    }
    let column = |values: Vec<&String>| -> ArrayRef { Arc::new(StringArray::from_iter_values(values)) };
    vec![
        ("measure", column(rows.iter().map(|row| &row.0).collect())),
        ("form", column(rows.iter().map(|row| &row.1).collect())),
    ]
}

/// Staging views that a view reads, itself or through others.
fn staging_below(texts: &BTreeMap<String, String>, view: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![view.to_owned()];
    while let Some(view) = open.pop() {
        if !seen.insert(view.clone()) {
            continue;
        }
        if let Some(table) = view.strip_prefix("staging.") {
            found.insert(table.to_owned());
            continue;
        }
        open.extend(texts.get(&view).into_iter().flat_map(|sql| named(sql)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found_through_views_and_not_in_comments() {
        let texts = [
            ("measures.a", "-- staging.s1_class\nselect x.y from ref.b x join staging.s1_pupil p on true"),
            ("ref.b", "select 1 from staging.s1_org"),
        ]
        .map(|(name, sql)| (name.to_owned(), sql.to_owned()));
        let found = staging_below(&BTreeMap::from(texts), "measures.a");
        assert_eq!(found, ["s1_org", "s1_pupil"].map(str::to_owned).into());
    }
}
