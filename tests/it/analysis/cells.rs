//! A session whose `mart.indicator` holds given cells, and the views over it.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::prelude::SessionContext;

use crate::support;

/// A cell of `mart.indicator`; what is not here is a constant.
#[derive(Debug, Clone)]
pub struct Cell {
    pub indicator: &'static str,
    pub version: i32,
    pub year: i32,
    pub tier: &'static str,
    pub geo: String,
    pub locality: &'static str,
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    pub value: f64,
    pub se: Option<f64>,
    pub unit: &'static str,
    pub source: &'static str,
}

impl Cell {
    /// A count of persons of a region.
    pub fn of(year: i32, value: f64) -> Self {
        Self {
            indicator: "CON-01",
            version: 1,
            year,
            tier: "region",
            geo: "110000000".to_owned(),
            locality: "_T",
            numerator: Some(value),
            denominator: None,
            value,
            se: None,
            unit: "persons",
            source: "S1",
        }
    }

    /// A ratio of sums, in percent.
    pub fn ratio(year: i32, numerator: f64, denominator: f64) -> Self {
        Self {
            indicator: "TCH-03",
            numerator: Some(numerator),
            denominator: Some(denominator),
            value: numerator * 100.0 / denominator,
            unit: "percent",
            ..Self::of(year, 0.0)
        }
    }

    fn row(&self) -> String {
        let number = |value: Option<f64>| match value {
            // As text, so that no digit is lost between here and the parser.
            Some(value) => format!("cast('{value:e}' as double)"),
            None => "cast(null as double)".to_owned(),
        };
        let breakdown = if self.locality == "_T" { "total" } else { "locality" };
        format!(
            "select '{}' as indicator, cast({} as int) as definition_version, cast({} as int) as year, '' as academic_year, \
             '{}' as tier, cast(null as bigint) as geo_id, '{}' as geo_code, '' as geo_name_kk, '' as geo_name_ru, '' as \
             geo_name_en, 'KZ' as parent_code, 'school' as level, '{breakdown}' as breakdown, '_T' as sex, '{}' as locality, \
             '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, '_T' as \
             category, {} as numerator, {} as denominator, {} as value, '{}' as unit, {} as se, cast(1000 as bigint) as n, \
             cast(1 as double) as coverage, 'ok' as flag, 'final' as status, '{}' as source",
            self.indicator,
            self.version,
            self.year,
            self.tier,
            self.geo,
            self.locality,
            number(self.numerator),
            number(self.denominator),
            number(Some(self.value)),
            self.unit,
            number(self.se),
            self.source,
        )
    }
}

/// What the views read beside the cells; of the parameters and definitions those that matter here.
const REFERENCE: [&str; 11] = [
    "create schema mart",
    "create schema ref",
    "create schema measures",
    "create view ref.geo_year as select cast(0 as bigint) as geo_id, cast(0 as int) as year, '' as tier, cast(0 as int) as \
     boundary_version where false",
    "create view ref.indicator_epoch as select '' as indicator, '' as category, cast(0 as int) as year, cast(0 as bigint) as \
     epoch, '' as break_reason where false",
    "create view ref.country_unit as select '' as code, true as is_aggregate where false",
    "create view ref.parameter_latest as select * from (values ('significance_z', 1.96), ('forecast_horizon_years', 3.0), \
     ('rating_weight_move', 0.2), ('rating_rank_tolerance', 1.0), ('rating_min_weight', 0.5), ('entry_age', 6.0)) as p (name, \
     value)",
    "create view ref.indicator as select indicator, cast(1 as int) as definition_version, cast(scale as bigint) as scale, unit \
     from (values ('TCH-03', 100, 'percent'), ('CON-01', 1, 'persons')) as i (indicator, scale, unit)",
    "create view ref.level as select 'school' as level, true as is_composite",
    "create view ref.level_member as select 'school' as level, 'school' as member",
    "create view measures.population as select cast(0 as int) as year, cast(0 as int) as district, '' as level, cast(0 as \
     int) as age_number, cast(0 as bigint) as population where false",
];

/// Views in the order in which they read each other.
const VIEWS: [&str; 9] = [
    "dynamics/series",
    "dynamics/dynamics",
    "dynamics/span",
    "dynamics/trend",
    "dynamics/decomposition",
    "dynamics/forecast_input",
    "dynamics/enrolment_forecast",
    "dynamics/forecast",
    "rankings/ranking",
];

/// The session.
pub async fn session(cells: &[Cell]) -> SessionContext {
    let ctx = support::scratch();
    for statement in REFERENCE {
        run(&ctx, statement).await;
    }
    let ranked = "create view ref.indicator_ranked as select 'TCH-03' as indicator, cast(1 as int) as definition_version, \
                  'higher' as direction, cast(null as double) as target, cast(1 as int) as decimals, cast(0 as bigint) as min_n";
    run(&ctx, ranked).await;
    let rows: Vec<String> = cells.iter().map(Cell::row).collect();
    run(&ctx, &format!("create table mart.indicator as {}", rows.join(" union all "))).await;
    define(&ctx, "ref/boundary", "ref").await;
    for view in VIEWS {
        define(&ctx, view, "mart").await;
    }
    ctx
}

/// Define the view of a file below `sql/`.
pub async fn define(ctx: &SessionContext, path: &str, schema: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(format!("{path}.sql"));
    let name = path.split_once('/').unwrap().1;
    run(ctx, &format!("create view {schema}.{name} as {}", std::fs::read_to_string(file).unwrap())).await;
}

/// Run a statement to its end.
pub async fn run(ctx: &SessionContext, sql: &str) {
    ctx.sql(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}")).collect().await.unwrap();
}

/// Rows of an answer as numbers; NULL is `None`.
pub async fn numbers(ctx: &SessionContext, sql: &str) -> Vec<Vec<Option<f64>>> {
    let batches: Vec<RecordBatch> =
        ctx.sql(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}")).collect().await.unwrap();
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| cast(column, &DataType::Float64).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |column: &Arc<dyn Array>| {
                let column = column.as_primitive::<Float64Type>();
                column.is_valid(row).then(|| column.value(row))
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    rows
}

/// Equal up to what two orders of adding doubles leave.
pub fn is_near(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
        (found, expected) => found == expected,
    }
}
