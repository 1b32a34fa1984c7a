//! Tables made from the definitions themselves: the catalogue and the data dictionary.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::MemTable;

use super::{SessionError, Tables};
use crate::definitions::{AcademicYearRule, DataKind, Definitions, Form, Indicator, Mode, Signing, Subject};
use crate::lake::Snapshot;

/// `ref.form`, `ref.field`, `ref.rule`, `ref.form_owed`, `ref.indicator`, `ref.indicator_term`,
/// `ref.indicator_tier`, `ref.measure_form`.
pub fn reference(definitions: &Definitions) -> Result<Tables, SessionError> {
    let forms: Vec<&Form> = definitions.forms.iter().map(AsRef::as_ref).collect();
    let indicators: Vec<&Indicator> = definitions.catalogue.indicators.iter().collect();
    let mut tables = Tables::new();
    let mut add = |name: &str, columns: Vec<(&str, ArrayRef)>| -> Result<()> {
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .map_err(DataFusionError::from)?;
        tables.insert(name.to_owned(), Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?));
        Ok(())
    };
    add("form", form_columns(&forms))?;
    add("field", field_columns(&forms))?;
    add("rule", rule_columns(&forms))?;
    add("form_owed", owed_columns(&forms))?;
    add("indicator", indicator_columns(&indicators))?;
    add("indicator_term", term_columns(&indicators))?;
    add("indicator_tier", tier_columns(&indicators))?;
    add("measure_form", super::sources::columns(definitions))?;
    add("indicator_break", break_columns(&indicators))?;
    Ok(tables)
}

/// `meta.view`: every view with its layer, grain, unit, NULL policy and source from its header.
pub fn about(definitions: &Definitions) -> Result<Tables, SessionError> {
    let mut rows: Vec<[String; 7]> = Vec::new();
    for (folder, schema) in super::views::FOLDERS {
        for (name, sql) in super::views::of_schema(&definitions.assets, schema) {
            let path = format!("sql/{folder}/{name}.sql");
            if definitions.assets.text(&path).is_ok() {
                let tag = |key: &str| header(&sql, key);
                rows.push([
                    schema.to_owned(),
                    name,
                    tag("grain:"),
                    tag("unit:"),
                    tag("nulls:"),
                    tag("source:"),
                    path,
                ]);
            }
        }
    }
    rows.sort();
    let column = |index: usize| text(rows.iter().map(|row| Some(row[index].as_str())));
    let names = ["schema", "view", "grain", "unit", "nulls", "source", "file"];
    let columns = names.iter().enumerate().map(|(index, name)| (*name, column(index), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(DataFusionError::from)?;
    Ok(Tables::from([(
        "view".to_owned(),
        Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?) as _,
    )]))
}

/// `meta.version`: what the session reads, table by table.
pub fn snapshot(snapshot: &Snapshot) -> Result<Tables, SessionError> {
    let version = snapshot.version();
    let tables: Vec<_> = snapshot.tables().collect();
    let lake_version = i64::try_from(version.version).unwrap_or(i64::MAX);
    let longs = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("table_name", text(tables.iter().map(|table| Some(table.name.as_str()))), true),
        ("lake_version", longs(vec![lake_version; tables.len()]), true),
        (
            "delta_version",
            longs(
                tables
                    .iter()
                    .map(|table| {
                        version.tables.get(&table.name).and_then(|v| i64::try_from(*v).ok()).unwrap_or(-1)
                    })
                    .collect(),
            ),
            true,
        ),
        (
            "file_count",
            longs(tables.iter().map(|t| i64::try_from(t.files.len()).unwrap_or(i64::MAX)).collect()),
            true,
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(DataFusionError::from)?;
    let current = RecordBatch::try_from_iter_with_nullable([
        ("lake_version", longs(vec![lake_version]), true),
        ("created_at", text(std::iter::once(Some(version.created_at.to_rfc3339()))), true),
        ("sha256", text(std::iter::once(Some(snapshot.sha256()))), true),
        ("definitions", text(std::iter::once(version.definitions.as_deref())), true),
        ("ledger", longs(vec![version.ledger]), true),
    ])
    .map_err(DataFusionError::from)?;
    Ok(Tables::from([
        ("version".to_owned(), Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?) as _),
        ("lake_version".to_owned(), Arc::new(MemTable::try_new(current.schema(), vec![vec![current]])?) as _),
    ]))
}

/// The text after `-- key`, with its continuation lines.
fn header(sql: &str, key: &str) -> String {
    let mut found = String::new();
    let mut is_inside = false;
    for line in sql.lines() {
        let Some(comment) = line.strip_prefix("--") else { break };
        let comment = comment.trim();
        if let Some(rest) = comment.strip_prefix(key) {
            is_inside = true;
            found.push_str(rest.trim());
        } else if is_inside {
            if comment.split(' ').next().is_some_and(|word| word.ends_with(':')) {
                break;
            }
            found.push(' ');
            found.push_str(comment);
        }
    }
    found
}

fn form_columns(forms: &[&Form]) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("form", text(forms.iter().map(|form| Some(form.code.as_str())))),
        ("version", integers(forms.iter().map(|form| Some(form.version)))),
        ("source", text(forms.iter().map(|form| Some(form.source.as_str())))),
        ("data_kind", text(forms.iter().map(|form| form.data_kind.map(DataKind::as_str)))),
        ("source_system", text(forms.iter().map(|form| form.source_system.as_deref()))),
        ("legal_act", text(forms.iter().map(|form| form.legal_basis.as_ref().map(|basis| &basis.act)))),
        (
            "legal_paragraph",
            text(forms.iter().map(|form| form.legal_basis.as_ref().map(|basis| &basis.paragraph))),
        ),
        (
            "legal_item",
            integers(forms.iter().map(|form| form.legal_basis.as_ref().and_then(|basis| basis.item))),
        ),
        ("table_name", text(forms.iter().map(|form| Some(form.table())))),
        ("grain", text(forms.iter().map(|form| Some(form.grain.as_str())))),
        (
            "academic_year",
            text(forms.iter().map(|form| {
                Some(match form.academic_year {
                    AcademicYearRule::Begins => "begins",
                    AcademicYearRule::Ended => "ended",
                })
            })),
        ),
        (
            "mode",
            text(forms.iter().map(|form| {
                Some(match form.mode {
                    Mode::Replace => "replace",
                    Mode::Upsert => "upsert",
                })
            })),
        ),
        ("scope", text(forms.iter().map(|form| Some(form.scope.join(","))))),
        ("key", text(forms.iter().map(|form| Some(form.key.join(","))))),
        (
            "subject",
            text(forms.iter().map(|form| {
                Some(match form.subject {
                    Subject::Organisation => "organisation",
                    Subject::Authority => "authority",
                    Subject::Ministry => "ministry",
                })
            })),
        ),
        (
            "signature",
            text(forms.iter().map(|form| {
                Some(match form.signature {
                    Signing::Optional => "optional",
                    Signing::Required => "required",
                })
            })),
        ),
        ("due", text(forms.iter().map(|form| form.due.as_deref()))),
        ("valid_from_year", integers(forms.iter().map(|form| Some(form.valid_from_year)))),
        ("name_kk", text(forms.iter().map(|form| Some(form.title.kk.as_str())))),
        ("name_ru", text(forms.iter().map(|form| Some(form.title.ru.as_str())))),
        ("name_en", text(forms.iter().map(|form| Some(form.title.en.as_str())))),
    ]
}

fn field_columns(forms: &[&Form]) -> Vec<(&'static str, ArrayRef)> {
    let rows: Vec<_> = forms
        .iter()
        .flat_map(|form| (1_i32..).zip(&form.fields).map(move |(position, field)| (*form, position, field)))
        .collect();
    vec![
        ("form", text(rows.iter().map(|(form, ..)| Some(form.code.as_str())))),
        ("position", integers(rows.iter().map(|(_, position, _)| Some(*position)))),
        ("field", text(rows.iter().map(|(.., field)| Some(field.name.as_str())))),
        ("type", text(rows.iter().map(|(.., field)| Some(field.field_type.name())))),
        ("is_required", booleans(rows.iter().map(|(.., field)| field.is_required))),
        ("is_key", booleans(rows.iter().map(|(form, _, field)| form.key.contains(&field.name)))),
        ("min", numbers(rows.iter().map(|(.., field)| field.min))),
        ("max", numbers(rows.iter().map(|(.., field)| field.max))),
        ("unit", text(rows.iter().map(|(.., field)| field.unit.as_deref()))),
        ("code_list", text(rows.iter().map(|(.., field)| field.codes.as_deref()))),
        ("name_kk", text(rows.iter().map(|(.., field)| Some(field.label.kk.as_str())))),
        ("name_ru", text(rows.iter().map(|(.., field)| Some(field.label.ru.as_str())))),
        ("name_en", text(rows.iter().map(|(.., field)| Some(field.label.en.as_str())))),
    ]
}

fn rule_columns(forms: &[&Form]) -> Vec<(&'static str, ArrayRef)> {
    let rows: Vec<_> =
        forms.iter().flat_map(|form| form.rules.iter().map(move |rule| (*form, rule))).collect();
    vec![
        ("rule", text(rows.iter().map(|(_, rule)| Some(rule.code.as_str())))),
        ("form", text(rows.iter().map(|(form, _)| Some(form.code.as_str())))),
        ("severity", text(rows.iter().map(|(_, rule)| Some(rule.severity.as_str())))),
        ("field", text(rows.iter().map(|(_, rule)| Some(rule.field.as_str())))),
        ("check", text(rows.iter().map(|(_, rule)| Some(rule.check.as_str())))),
        ("message_kk", text(rows.iter().map(|(_, rule)| Some(rule.message.kk.as_str())))),
        ("message_ru", text(rows.iter().map(|(_, rule)| Some(rule.message.ru.as_str())))),
        ("message_en", text(rows.iter().map(|(_, rule)| Some(rule.message.en.as_str())))),
    ]
}

fn owed_columns(forms: &[&Form]) -> Vec<(&'static str, ArrayRef)> {
    let rows: Vec<_> =
        forms.iter().flat_map(|form| form.owed_by.iter().map(move |org_type| (*form, org_type))).collect();
    vec![
        ("form", text(rows.iter().map(|(form, _)| Some(form.code.as_str())))),
        ("org_type", text(rows.iter().map(|(_, org_type)| Some(org_type.as_str())))),
        ("valid_from_year", integers(rows.iter().map(|(form, _)| Some(form.valid_from_year)))),
    ]
}

fn indicator_columns(indicators: &[&Indicator]) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("indicator", text(indicators.iter().map(|i| Some(i.code.as_str())))),
        ("definition_version", integers(indicators.iter().map(|i| Some(i.version)))),
        ("valid_from_year", integers(indicators.iter().map(|i| Some(i.valid_from_year)))),
        ("valid_to_year", integers(indicators.iter().map(|i| i.valid_to_year))),
        ("unit", text(indicators.iter().map(|i| Some(i.unit.as_str())))),
        ("scale", Arc::new(indicators.iter().map(|i| Some(i.scale)).collect::<Int64Array>())),
        ("decimals", integers(indicators.iter().map(|i| Some(i.decimals)))),
        ("min_n", Arc::new(indicators.iter().map(|i| Some(i.min_n)).collect::<Int64Array>())),
        ("direction", text(indicators.iter().map(|i| Some(i.direction.as_str())))),
        ("target", numbers(indicators.iter().map(|i| i.target))),
        ("norm_value", numbers(indicators.iter().map(|i| i.norm_value))),
        ("norm_source", text(indicators.iter().map(|i| Some(i.norm_source.as_str())))),
        ("levels", text(indicators.iter().map(|i| Some(i.levels.join(","))))),
        ("headline_level", text(indicators.iter().map(|i| Some(i.headline_level.as_str())))),
        ("is_headline", booleans(indicators.iter().map(|i| i.is_headline))),
        ("lowest_tier", text(indicators.iter().map(|i| Some(i.lowest_tier.as_str())))),
        ("sources", text(indicators.iter().map(|i| Some(i.sources.join(","))))),
        ("standard", text(indicators.iter().map(|i| Some(i.standard.as_str())))),
        ("paragraph", text(indicators.iter().map(|i| Some(i.paragraph.as_str())))),
        ("formula", text(indicators.iter().map(|i| Some(i.formula.as_str())))),
        ("name_kk", text(indicators.iter().map(|i| Some(i.name.kk.as_str())))),
        ("name_ru", text(indicators.iter().map(|i| Some(i.name.ru.as_str())))),
        ("name_en", text(indicators.iter().map(|i| Some(i.name.en.as_str())))),
        ("description_kk", text(indicators.iter().map(|i| Some(i.description.kk.as_str())))),
        ("description_ru", text(indicators.iter().map(|i| Some(i.description.ru.as_str())))),
        ("description_en", text(indicators.iter().map(|i| Some(i.description.en.as_str())))),
    ]
}

fn term_columns(indicators: &[&Indicator]) -> Vec<(&'static str, ArrayRef)> {
    let mut rows = Vec::new();
    for indicator in indicators {
        for (order, derivation) in (1_i32..).zip(&indicator.derivations) {
            for (role, term) in
                [("numerator", &derivation.numerator), ("denominator", &derivation.denominator)]
            {
                if let Some(term) = term {
                    let conditions: Vec<&str> =
                        term.when.iter().chain(&term.r#where).map(String::as_str).collect();
                    let expression = match conditions.as_slice() {
                        [] => term.value.clone(),
                        conditions => format!("{} where {}", term.value, conditions.join(" and ")),
                    };
                    let measure = term.measure.clone();
                    rows.push((indicator.code.as_str(), order, role, measure, expression, term.shift_year));
                }
            }
            if let Some(view) = &derivation.view {
                rows.push((indicator.code.as_str(), order, "value", view.clone(), String::new(), 0));
            }
        }
    }
    vec![
        ("indicator", text(rows.iter().map(|row| Some(row.0)))),
        ("derivation", integers(rows.iter().map(|row| Some(row.1)))),
        ("role", text(rows.iter().map(|row| Some(row.2)))),
        ("measure", text(rows.iter().map(|row| Some(row.3.as_str())))),
        ("expression", text(rows.iter().map(|row| Some(row.4.as_str())))),
        ("shift_year", integers(rows.iter().map(|row| Some(row.5)))),
    ]
}

/// One row per tier that a derivation of a definition answers.
fn tier_columns(indicators: &[&Indicator]) -> Vec<(&'static str, ArrayRef)> {
    let mut rows = Vec::new();
    for indicator in indicators {
        for (order, derivation) in (1_i32..).zip(&indicator.derivations) {
            rows.extend(derivation.tiers.iter().map(|tier| (*indicator, order, derivation, tier)));
        }
    }
    vec![
        ("indicator", text(rows.iter().map(|row| Some(row.0.code.as_str())))),
        ("definition_version", integers(rows.iter().map(|row| Some(row.0.version)))),
        ("derivation", integers(rows.iter().map(|row| Some(row.1)))),
        ("source", text(rows.iter().map(|row| Some(row.2.source.as_str())))),
        ("tier", text(rows.iter().map(|row| Some(row.3.as_str())))),
        ("breakdowns", text(rows.iter().map(|row| Some(row.2.breakdowns.join(" | "))))),
    ]
}

/// One row a break; category `_T` where every series of the indicator breaks.
fn break_columns(indicators: &[&Indicator]) -> Vec<(&'static str, ArrayRef)> {
    let mut rows = Vec::new();
    for indicator in indicators {
        let of_all = indicator.break_years.iter().map(|(year, reason)| ("_T", year, reason));
        let of_one = indicator.category_breaks.iter().flat_map(|(category, breaks)| {
            breaks.iter().map(move |(year, reason)| (category.as_str(), year, reason))
        });
        rows.extend(
            of_all.chain(of_one).map(|(category, year, reason)| (*indicator, category, year, reason)),
        );
    }
    vec![
        ("indicator", text(rows.iter().map(|(indicator, ..)| Some(indicator.code.as_str())))),
        ("definition_version", integers(rows.iter().map(|(indicator, ..)| Some(indicator.version)))),
        ("category", text(rows.iter().map(|(_, category, ..)| Some(*category)))),
        ("year", integers(rows.iter().map(|(.., year, _)| year.parse().ok()))),
        ("reason", text(rows.iter().map(|(.., reason)| Some(reason.as_str())))),
    ]
}

fn text<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn integers(values: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    Arc::new(values.collect::<Int32Array>())
}

fn numbers(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}
