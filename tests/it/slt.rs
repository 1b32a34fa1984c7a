//! Views and indicators on the tiny fixture, worked by hand: every `.slt` file beside the SQL it tests,
//! every check of `sql/checks`, and the grain of every view.
//!
//! `BILIM_SLT=acc cargo test --test it slt` runs the files whose path contains `acc`. SQL, forms and
//! fixture are read from the checkout: an edit of one needs no recompilation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use sqllogictest::{AsyncDB, DBOutput, Runner, strict_column_validator};

use crate::support;

/// Checks that need the complete published tables or are reports of their own.
const NOT_ON_THE_FIXTURE: [&str; 2] = ["uis_reproduction.sql", "catalogue_answers.sql"];

/// Type of a column: text, real, integer, boolean.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ColumnType {
    Text,
    Real,
    Integer,
    Boolean,
}

impl sqllogictest::ColumnType for ColumnType {
    fn from_char(value: char) -> Option<Self> {
        match value {
            'T' => Some(Self::Text),
            'R' => Some(Self::Real),
            'I' => Some(Self::Integer),
            'B' => Some(Self::Boolean),
            _ => None,
        }
    }

    fn to_char(&self) -> char {
        match self {
            Self::Text => 'T',
            Self::Real => 'R',
            Self::Integer => 'I',
            Self::Boolean => 'B',
        }
    }
}

impl From<&DataType> for ColumnType {
    fn from(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) | DataType::Decimal256(..) => {
                Self::Real
            }
            data_type if data_type.is_integer() => Self::Integer,
            _ => Self::Text,
        }
    }
}

/// A cell of an indicator.
const CELL: &str = "indicator, year, tier, geo_code, level, breakdown, sex, locality, language, ownership, study_form, \
                    grade, age, subject, category";

/// A pair of years of a series, and a comparable stretch of one.
const SPAN: &str = "indicator, year_from, year, tier, geo_code, level, breakdown, sex, locality, language, ownership, \
                    study_form, grade, age, subject, category";
const FORECAST: &str = "indicator, approach, year, tier, geo_code, level, breakdown, sex, locality, language, ownership, \
                        study_form, grade, age, subject, category";
const PEER: &str = "indicator, year, tier, geo_code, level, breakdown, locality, ownership, peer_kind";
const TREND: &str = "indicator, segment, tier, geo_code, level, breakdown, sex, locality, language, ownership, \
                     study_form, grade, age, subject, category";

/// Views that are no staging view: name, the columns that make a row unique and are never NULL, and which
/// rows are looked at (of views that compute every indicator, a few).
#[rustfmt::skip]
const GRAINS: [(&str, &str, &str); 158] = [
    ("dynamics.decomposition", "factor, indicator, tier, geo_code, level, year_from, year, member", "indicator = 'TCH-01'"),
    ("dynamics.dynamics", CELL, "indicator in ('CON-01', 'TCH-01', 'UNT-03', 'ILS-01')"),
    ("dynamics.enrolment_forecast", "tier, geo_code, grade, year", ""),
    ("dynamics.forecast", FORECAST, "indicator in ('CON-01', 'TCH-01', 'FIN-01')"),
    ("dynamics.forecast_coverage", "indicator, tier, level, breakdown", "indicator in ('CON-01', 'FIN-01')"),
    ("dynamics.forecast_input", CELL, "indicator in ('CON-01', 'TCH-01', 'UNT-03', 'ILS-01')"),
    ("dynamics.series", CELL, "indicator in ('CON-01', 'TCH-01', 'UNT-03', 'ILS-01')"),
    ("dynamics.span", SPAN, "indicator in ('CON-01', 'TCH-01', 'UNT-03', 'ILS-01')"),
    ("dynamics.trend", TREND, "indicator in ('CON-01', 'TCH-01', 'UNT-03', 'ILS-01')"),
    ("gov.anomaly", "kind, source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_definition", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_digits", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_drop", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_exchange", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_leap", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_neighbour", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_part", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.anomaly_sum", "source, edition, series, geo_code, coalesce(other_code, ''), sex, locality, language, study_form, year, evidence", ""),
    ("gov.completeness", "form, year, region, district, subject_kind", ""),
    ("gov.confirmation", "form, year, org_bin", ""),
    ("gov.conflict", "form, year, org_bin, source_system", ""),
    ("gov.counted_day", "date", ""),
    ("gov.department", "year, bin", ""),
    ("gov.form_due", "form, year", ""),
    ("gov.freeze", "year", ""),
    ("gov.freeze_conformance", "year", ""),
    ("gov.freeze_missing", "year", ""),
    ("gov.holder", "form, year, org_bin", ""),
    ("gov.last_decision", "submission", ""),
    ("gov.level_missing", "year, level", ""),
    ("gov.missing", "form, year, org_bin", ""),
    ("gov.obligation", "form, year, org_bin", ""),
    ("gov.obligation_due", "form, year, org_bin", ""),
    ("gov.obligation_level", "form, year, org_bin, level", ""),
    ("gov.publication_due", "publication, year", ""),
    ("gov.register", "year, org_bin", ""),
    ("gov.reported", "form, year, org_bin", ""),
    ("gov.reported_by_subject", "form, year, bin", ""),
    ("gov.scope_state", "submission, coalesce(year, 0), coalesce(org_bin, 0)", ""),
    ("gov.series", "source, edition, series, geo_code, sex, locality, language, study_form, year", ""),
    ("gov.subject", "year, bin", ""),
    ("gov.submission_day", "submission", ""),
    ("gov.submission_state", "submission", ""),
    ("gov.suspension", "year", ""),
    ("gov.timeliness", "submission, year, org_bin, event, operation, event_date", ""),
    ("gov.update_lag", "year, org_bin", ""),
    ("mart.confirmation", "form, year, tier, geo_code", ""),
    ("mart.distribution", "variable, year, tier, geo_code, level, breakdown, sex, locality, language", ""),
    ("mart.indicator_wide", "year, tier, geo_code", "year = 2024"),
    ("mart.territory_profile", "year, tier, geo_code, indicator", "year = 2024"),
    ("measures.accreditation", "year, region, district, org_bin, level", ""),
    ("measures.additional_education", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.annual_enrolment", "year, region, district, level", ""),
    ("measures.annual_mark", "year, region, district, org_bin, level", ""),
    ("measures.attestation", "year, region, district, org_bin, level", ""),
    ("measures.attrition", "year, region, district, org_bin, level, sex", ""),
    ("measures.category_rise", "year, region, district, org_bin, level, sex", ""),
    ("measures.certification", "year, region, district, org_bin, level, grade, sex, language", ""),
    ("measures.change", "year, region, district, org_bin, level, category", ""),
    ("measures.class", "year, region, district, org_bin, level, grade, language", ""),
    ("measures.complex_testing", "year, region, district, level, sex, language", ""),
    ("measures.confirmation", "year, region, district, org_bin, level, category", ""),
    ("measures.country_efficiency", "indicator, year, geo_code, level, sex, locality, grade, source, edition", ""),
    ("measures.country_value", "indicator, year, geo_code, level, sex, grade, subject, category, source, edition", ""),
    ("measures.delivery", "year, region, district, org_bin, level, category", ""),
    ("measures.destination", "year, region, district, org_bin, level, sex, language, category", ""),
    ("measures.discrepancy", "year, tier, geo_code, category", ""),
    ("measures.distribution", "variable, year, tier, geo_code, level, breakdown, sex, locality, language", ""),
    ("measures.early_education", "year, region, district, level, sex, age", ""),
    ("measures.enrolment", "year, region, district, org_bin, level, grade, age, sex, language, study_form", ""),
    ("measures.exam_mark", "year, region, district, org_bin, level, grade, sex, language, subject", ""),
    ("measures.factor", "year, region, district, org_bin, level, subject, category", ""),
    ("measures.finance", "year, tier, geo_code, level", ""),
    ("measures.finance_value", "indicator, year, tier, geo_code, level", ""),
    ("measures.flow", "year, region, district, org_bin, level, grade, sex", ""),
    ("measures.freeze_conformance", "year, category", ""),
    ("measures.grade_inflation", "indicator, year, tier, geo_code", ""),
    ("measures.histogram", "variable, year, region, district, org_bin, level, sex, language, score", ""),
    ("measures.inequality", "indicator, year, tier, geo_code, level, sex, locality, language, category", ""),
    ("measures.infrastructure", "year, region, district, org_bin, level", ""),
    ("measures.inspected_subject", "year, region, district, level, category", ""),
    ("measures.inspection", "year, region, district, level, category", ""),
    ("measures.item", "year, region, district, org_bin, level, category", ""),
    ("measures.knowledge_test", "year, region, district, org_bin, level, sex, category", ""),
    ("measures.learner", "year, org_bin, pid", ""),
    ("measures.learner_status", "year, region, district, org_bin, level, sex, language, category", ""),
    ("measures.licence", "year, region, district, org_bin, level", ""),
    ("measures.mark_gap", "year, region, district, org_bin, level, grade, sex, language, subject", ""),
    ("measures.marks", "year, region, district, org_bin, level, grade, sex, language", ""),
    ("measures.meal", "year, region, district, org_bin, level, grade", ""),
    ("measures.mean_enrolment", "year, tier, geo_code, level", ""),
    ("measures.methodical_day", "year, region, district, org_bin, level", ""),
    ("measures.net_enrolment", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.network", "year, region, district, org_bin, level, category", ""),
    ("measures.network_change", "year, region, district, org_bin, level, category", ""),
    ("measures.out_of_school", "year, region, district, level, sex", ""),
    ("measures.overlap", "year, region, district, org_bin, level", ""),
    ("measures.partnership", "year, region, district, org_bin, level", ""),
    ("measures.place_deficit", "year, region, district, org_bin, level", ""),
    ("measures.population", "year, region, district, level, sex, locality, age", ""),
    ("measures.published_value", "indicator, year, tier, geo_code, sex, locality, study_form, edition", ""),
    ("measures.punctuality", "year, category", ""),
    ("measures.queue", "year, region, district, level, sex", ""),
    ("measures.reconstructed_cohort", "indicator, year, tier, geo_code, level, sex, grade", ""),
    ("measures.relative_salary", "indicator, year, tier, geo_code, level, edition", ""),
    ("measures.revised_cell", "year, region, district, level, category", ""),
    ("measures.school_life_expectancy", "year, tier, geo_code, level, sex", ""),
    ("measures.sen_registered", "year, region, district, level", ""),
    ("measures.severe_outcome", "year, region, district, org_bin, level", ""),
    ("measures.small_class_enrolment", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.spending_inequality", "year, tier, geo_code, level", ""),
    ("measures.staff", "year, region, district, org_bin, level, sex, age, category", ""),
    ("measures.study_estimate", "indicator, year, geo_code, level, sex, locality, subject, category", ""),
    ("measures.study_item", "year, geo_code, level, category, source, edition", ""),
    (
        "measures.study_level_share",
        "indicator, year, geo_code, level, sex, grade, subject, category, source, edition",
        "",
    ),
    ("measures.study_pupil", "year, study, country, school_id, pupil_id, subject", ""),
    (
        "measures.study_trend",
        "indicator, year, geo_code, level, sex, grade, subject, category, source, edition",
        "",
    ),
    ("measures.survey_answer", "indicator, year, region, stratum, psu, person, level, subject", ""),
    ("measures.survey_estimate", "indicator, year, tier, geo_code, level, sex, language, subject, category", ""),
    ("measures.survey_response", "year, region, district, level, category", ""),
    ("measures.training", "year, region, district, org_bin, level, sex, category", ""),
    ("measures.transition", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.true_cohort", "year, region, district, org_bin, level, sex, language, category", ""),
    ("measures.tve_graduate", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.tve_graduate_statistical", "year, region, district, level, category", ""),
    ("measures.unt", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.unt_distribution", "indicator, year, tier, geo_code, level, sex, language", ""),
    ("measures.unt_histogram", "year, region, district, org_bin, level, sex, language, total", ""),
    ("measures.unt_leaver", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.unt_published", "indicator, year, tier, geo_code, language, locality, edition", ""),
    ("measures.unt_subject", "year, region, district, org_bin, level, sex, language, subject", ""),
    ("measures.upper_secondary", "year, region, district, org_bin, level, sex, language", ""),
    ("measures.vacancy", "year, region, district, org_bin, level, subject", ""),
    ("measures.validation", "year, region, district, coalesce(org_bin, 0), level, category", ""),
    ("rankings.peer_group", "year, tier, geo_code, peer_kind", ""),
    ("rankings.peer_ranking", PEER, "indicator = 'TCH-01'"),
    ("rankings.ranking", CELL, "indicator in ('TCH-01', 'NET-04', 'UNT-03', 'ILS-01', 'EQT-01:ACC-01')"),
    ("rankings.rating", "rating, year, tier, geo_code", ""),
    ("rankings.rating_component", "rating, year, tier, geo_code, indicator, level", ""),
    ("rankings.rating_scenario", "rating, year, tier, geo_code, scenario", ""),
    ("rankings.rating_sensitivity", "rating, year, tier, scenario", ""),
    ("ref.boundary", "year, tier, geo_id", "year between 2017 and 2024"),
    ("ref.country_unit", "code", ""),
    ("ref.geo_vintage", "vintage, tier, kato", ""),
    ("ref.geo_year", "year, tier, kato", ""),
    ("ref.indicator_epoch", "indicator, category, year", ""),
    ("ref.indicator_ranked", "indicator, definition_version", ""),
    ("ref.org_type", "org_type", ""),
    ("ref.organisation", "year, org_bin", ""),
    ("ref.parameter", "name, coalesce(valid_from_year, 0)", ""),
    ("ref.parameter_latest", "name", ""),
    ("ref.parameter_year", "name, year", ""),
    ("ref.rating_scenario", "rating, scenario, indicator, level", ""),
    ("ref.unit_weight", "weight_kind, year, geo_id", ""),
    ("ref.vintage", "vintage, as_of", ""),
    ("ref.vintage_organisation", "vintage, year, org_bin", ""),
    ("ref.vintage_unit", "vintage, year, district, district_to", "year between 2017 and 2024"),
    ("ref.working_day", "date", ""),
];

/// Views of one row a value of their only column.
const SINGLE: [&str; 1] = ["ref.year"];

/// A session as the runner wants it.
#[derive(Clone)]
struct Database(SessionContext);

#[async_trait::async_trait]
impl AsyncDB for Database {
    type Error = DataFusionError;
    type ColumnType = ColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<ColumnType>, DataFusionError> {
        let (types, rows) = query(&self.0, sql).await?;
        Ok(DBOutput::Rows { types, rows })
    }

    async fn shutdown(&mut self) {}
}

/// Types and cells of an answer.
async fn query(
    ctx: &SessionContext,
    sql: &str,
) -> Result<(Vec<ColumnType>, Vec<Vec<String>>), DataFusionError> {
    let frame = ctx.sql(sql).await?;
    let types = frame.schema().fields().iter().map(|field| field.data_type().into()).collect();
    let mut rows = Vec::new();
    for batch in Box::pin(frame.collect()).await? {
        rows.extend(cells(&batch)?);
    }
    Ok((types, rows))
}

/// Rows as text: NULL, at most four decimals, `(empty)` for an empty text.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, DataFusionError> {
    let mut rows = vec![Vec::new(); batch.num_rows()];
    for column in batch.columns() {
        let is_real = ColumnType::from(column.data_type()) == ColumnType::Real;
        let texts: Vec<String> = if is_real {
            let numbers = cast(column, &DataType::Float64)?;
            numbers.as_primitive::<Float64Type>().iter().map(|value| value.map_or_else(null, real)).collect()
        } else {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options)?;
            (0..column.len())
                .map(|row| if column.is_null(row) { null() } else { text(&formatter.value(row).to_string()) })
                .collect()
        };
        for (row, value) in rows.iter_mut().zip(texts) {
            row.push(value);
        }
    }
    Ok(rows)
}

fn null() -> String {
    "NULL".to_owned()
}

fn text(value: &str) -> String {
    if value.is_empty() { "(empty)".to_owned() } else { value.to_owned() }
}

/// At most four decimals, no trailing zeros, no negative zero.
fn real(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// Files below a folder with an ending, ordered.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn slt_files() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let wanted = std::env::var("BILIM_SLT").unwrap_or_default();
        let mut failures = String::new();
        let paths = files("sql", "slt");
        assert!(!paths.is_empty(), "there are no .slt files");
        for path in paths.iter().filter(|path| path.to_string_lossy().contains(&wanted)) {
            let ctx = lake.ctx.clone();
            let mut runner = Runner::new(|| async { Ok(Database(ctx.clone())) });
            runner.with_column_validator(strict_column_validator);
            let records =
                sqllogictest::parse_file(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for record in records {
                if let Err(error) = runner.run_async(record).await {
                    let _ = writeln!(failures, "{}\n", error.display(false));
                }
            }
        }
        assert!(failures.is_empty(), "\n{failures}");
    });
}

/// Every code of the catalogue has a case worked by hand: a query that names it, or a row of the answer that does.
#[test]
fn slt_names_every_indicator() {
    let definitions = bilim::definitions::Definitions::built_in().unwrap();
    let texts: Vec<String> = files("sql/indicators", "slt")
        .into_iter()
        .map(|path| {
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect();
    let is_worked = |code: &str| {
        let (quoted, first) = (format!("'{code}'"), format!("{code} "));
        texts.iter().any(|text| text.contains(&quoted) || text.lines().any(|line| line.starts_with(&first)))
    };
    let catalogue = definitions.catalogue.indicators.iter();
    let missing: Vec<&str> =
        catalogue.map(|entry| entry.code.as_str()).filter(|code| !is_worked(code)).collect();
    assert!(missing.is_empty(), "no .slt beside sql/indicators works these out: {missing:?}");
}

#[test]
fn slt_checks_find_nothing() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let mut failures = String::new();
        for path in files("sql/checks", "sql") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if NOT_ON_THE_FIXTURE.contains(&name.as_str()) {
                continue;
            }
            let sql = std::fs::read_to_string(&path).unwrap();
            match query(&lake.ctx, &sql).await {
                Ok((_, rows)) => {
                    for row in rows {
                        let _ = writeln!(failures, "{name}: {}", row.join(" "));
                    }
                }
                Err(error) => {
                    let _ = writeln!(failures, "{name}: {error}");
                }
            }
        }
        assert!(failures.is_empty(), "\n{failures}");
    });
}

#[test]
fn slt_grains_are_unique_and_not_null() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let mut grains: Vec<(String, String, String)> = vec![
            ("mart.indicator".to_owned(), CELL.to_owned(), "year = 2024".to_owned()),
            (
                "mart.indicator_edition".to_owned(),
                format!("{CELL}, source, coalesce(edition, '')"),
                "year = 2024".to_owned(),
            ),
            ("ref.year".to_owned(), "year".to_owned(), "true".to_owned()),
        ];
        for form in &lake.definitions.forms {
            // Republican and Russian schools of a region's list have neither region nor code.
            let key = form.key.iter().map(|field| format!("coalesce(cast({field} as varchar), '')"));
            let key: Vec<String> = std::iter::once("year".to_owned()).chain(key).collect();
            grains.push((format!("staging.{}", form.table()), key.join(", "), "true".to_owned()));
        }
        for (view, key, rows) in GRAINS {
            let (folder, name) = view.split_once('.').unwrap();
            let schema = if matches!(folder, "dynamics" | "rankings") { "mart" } else { folder };
            let rows = if rows.is_empty() { "true" } else { rows };
            grains.push((format!("{schema}.{name}"), key.to_owned(), rows.to_owned()));
        }
        let mut failures = String::new();
        for (view, key, rows) in grains {
            let columns: Vec<String> = split(&key).enumerate().map(|(i, k)| format!("{k} as k{i}")).collect();
            let names: Vec<String> = (0..columns.len()).map(|i| format!("k{i}")).collect();
            let nulls: Vec<String> = names.iter().map(|name| format!("{name} is null")).collect();
            let sql = format!(
                "select * from (select {}, count(*) as row_count from (select {} from {view} where {rows}) t group by {}) g \
                 where row_count > 1 or {} limit 3",
                names.join(", "),
                columns.join(", "),
                names.join(", "),
                nulls.join(" or ")
            );
            match query(&lake.ctx, &sql).await {
                Ok((_, found)) => {
                    for row in found {
                        let _ = writeln!(failures, "{view} by {key}: {}", row.join(" "));
                    }
                }
                Err(error) => {
                    let _ = writeln!(failures, "{view}: {error}");
                }
            }
        }
        assert!(failures.is_empty(), "\n{failures}");
    });
}

/// Expressions between commas that stand outside brackets.
fn split(key: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    key.split(move |sign: char| {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        sign == ',' && depth == 0
    })
    .map(str::trim)
}

#[test]
fn slt_every_view_has_a_grain_to_test() {
    let known: Vec<&str> = GRAINS.iter().map(|(view, ..)| *view).chain(SINGLE).collect();
    let mut unknown = Vec::new();
    for folder in ["dynamics", "gov", "mart", "measures", "rankings", "ref"] {
        for path in files(&format!("sql/{folder}"), "sql") {
            let view = format!("{folder}.{}", path.file_stem().unwrap().to_string_lossy());
            if !known.contains(&view.as_str()) {
                unknown.push(view);
            }
        }
    }
    assert!(unknown.is_empty(), "no grain in this file: {}", unknown.join(", "));
}
