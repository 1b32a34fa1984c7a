//! What a source leaves unclear, by the queries of its mapping, and the file of all findings.

use std::path::Path;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use super::error::ImportError;
use super::rows::Query;
use crate::cli::error::CliError;
use crate::definitions::{Lang, Severity};
use crate::intake::Finding;
use crate::lake::FindingRow;

/// Findings of a submission: as many kept as the limit allows, all counted.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are kept.
    pub rows: Vec<FindingRow>,
    /// Number of errors. Those of the source itself do not reject: they say what it prints wrong.
    pub errors: u64,
    /// Number of warnings.
    pub warnings: u64,
}

impl Found {
    /// Take over what intake found; its name for the file is that of a temporary one.
    pub fn of_intake(name: &str, report: &crate::intake::Report) -> Self {
        Self {
            rows: report.findings.iter().map(|finding| row_of(name, finding)).collect(),
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
        }
    }

    /// Add the rows of a finding query; `limit` bounds what is kept altogether.
    pub async fn add(
        &mut self,
        ctx: &SessionContext,
        query: &Query,
        limit: usize,
    ) -> Result<(), ImportError> {
        let failed = |source| ImportError::Run { name: query.name.clone(), file: query.file.clone(), source };
        let frame = ctx.execute_logical_plan(query.plan.clone()).await.map_err(failed)?;
        let mut batches = frame.execute_stream().await.map_err(failed)?;
        while let Some(batch) = batches.next().await {
            let batch = batch.map_err(failed)?;
            let column = |name: &str| {
                let column = batch.column_by_name(name).ok_or_else(|| ImportError::Columns {
                    name: query.name.clone(),
                    file: query.file.clone(),
                    message: format!("there is no column {name}, which findings have"),
                })?;
                cast(column, &DataType::Utf8).map_err(|source| ImportError::Value {
                    name: query.name.clone(),
                    file: query.file.clone(),
                    source,
                })
            };
            let columns = [
                column("severity")?,
                column("rule")?,
                column("row_ref")?,
                column("field")?,
                column("value")?,
            ];
            let messages = column("message")?;
            for row in 0..batch.num_rows() {
                let text = |column: &dyn Array| {
                    let texts = column.as_string::<i32>();
                    texts.is_valid(row).then(|| texts.value(row).to_owned())
                };
                let [severity, rule, place, field, value] = columns.each_ref().map(|column| text(column));
                let severity = if severity.as_deref() == Some(Severity::Error.as_str()) {
                    self.errors += 1;
                    Severity::Error
                } else {
                    self.warnings += 1;
                    Severity::Warning
                };
                if self.rows.len() >= limit {
                    continue;
                }
                let (number, value) = place_of(place, value);
                let message = text(&messages).unwrap_or_default();
                self.rows.push(FindingRow {
                    file: query.name.clone(),
                    row: number,
                    field,
                    rule: rule.unwrap_or_default(),
                    severity: severity.as_str().to_owned(),
                    value,
                    // Mappings speak English; a text in one language is better than none.
                    message_en: message.clone(),
                    message_ru: message.clone(),
                    message_kk: message,
                });
            }
        }
        Ok(())
    }
}

/// A place that is no row number goes before the value: `2014 Акмолинская: 103.37`.
fn place_of(place: Option<String>, value: Option<String>) -> (Option<i64>, Option<String>) {
    match place {
        None => (None, value),
        Some(place) => match (place.parse(), value) {
            (Ok(number), value) => (Some(number), value),
            (Err(_), Some(value)) if !value.is_empty() && value != place => {
                (None, Some(format!("{place}: {value}")))
            }
            (Err(_), _) => (None, Some(place)),
        },
    }
}

fn row_of(name: &str, finding: &Finding) -> FindingRow {
    FindingRow {
        file: name.to_owned(),
        row: finding.row.and_then(|row| i64::try_from(row).ok()),
        field: finding.field.clone(),
        rule: finding.rule.clone(),
        severity: finding.severity.as_str().to_owned(),
        value: finding.value.clone(),
        message_en: finding.message.en.clone(),
        message_ru: finding.message.ru.clone(),
        message_kk: finding.message.kk.clone(),
    }
}

/// The message in one language.
pub fn message(finding: &FindingRow, lang: Lang) -> &str {
    match lang {
        Lang::Kk => &finding.message_kk,
        Lang::Ru => &finding.message_ru,
        Lang::En => &finding.message_en,
    }
}

/// Write the findings of every submission as CSV.
pub fn write<'a>(
    path: &Path,
    lang: Lang,
    findings: impl Iterator<Item = (&'a str, &'a FindingRow)>,
) -> Result<(), CliError> {
    let failed = |error: csv::Error| CliError::File { path: path.to_owned(), source: error.into() };
    let mut csv = csv::Writer::from_path(path).map_err(failed)?;
    csv.write_record(["source", "form", "severity", "rule", "row", "field", "value", "message"])
        .map_err(failed)?;
    for (form, finding) in findings {
        let row = finding.row.map(|row| row.to_string()).unwrap_or_default();
        csv.write_record([
            &finding.file,
            form,
            &finding.severity,
            &finding.rule,
            &row,
            finding.field.as_deref().unwrap_or_default(),
            finding.value.as_deref().unwrap_or_default(),
            message(finding, lang),
        ])
        .map_err(failed)?;
    }
    csv.flush().map_err(|source| CliError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_no_number_stands_before_the_value() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(place_of(text("12"), text("x")), (Some(12), text("x")));
        assert_eq!(place_of(text("sheet row 3"), text("x")), (None, text("sheet row 3: x")));
        assert_eq!(place_of(text("sheet row 3"), None), (None, text("sheet row 3")));
        assert_eq!(place_of(None, text("x")), (None, text("x")));
    }
}
