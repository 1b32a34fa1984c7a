//! `forecast`, `forecast_coverage` and `enrolment_forecast`: aggregates over the points of a series.

use std::sync::Arc;

use bilim_domain::forecast::progression::{Counts, project};
use bilim_domain::forecast::{self, Bounds, Step};
use datafusion::arrow::array::{
    Array, ArrayRef, Float64Array, Int32Array, Int64Array, ListArray, StringArray, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, TypeSignature, Volatility};

use super::collect::{Collect, Finish, state_fields};

/// Longest horizon: beyond it nothing is known of education.
const LONGEST: f64 = 30.0;

/// An aggregate over rows of numbers.
#[derive(Debug)]
pub struct SeriesFunction {
    name: &'static str,
    arguments: usize,
    returns: fn() -> DataType,
    finish: Finish,
    signature: Signature,
}

// Functions are told apart by their name.
impl PartialEq for SeriesFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for SeriesFunction {}

impl std::hash::Hash for SeriesFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl SeriesFunction {
    fn new(name: &'static str, arguments: usize, returns: fn() -> DataType, finish: Finish) -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64; arguments]);
        let signature = Signature::new(exact, Volatility::Immutable);
        Self { name, arguments, returns, finish, signature }
    }

    /// `forecast(year, value, horizon, lower, upper)` -> list of `struct(method, origin_year, year, value,
    /// lo80, hi80, lo95, hi95, backtest_error)`; empty where nothing may be forecast. Bounds NULL = none.
    pub fn forecast() -> Self {
        Self::new("forecast", 5, || list_of(step_fields()), forecast_series)
    }

    /// `forecast_coverage(year, value, horizon, lower, upper)` -> `struct(trials, inside_80, inside_95)`.
    pub fn coverage() -> Self {
        Self::new("forecast_coverage", 5, || DataType::Struct(coverage_fields()), forecast_coverage)
    }

    /// `enrolment_forecast(year, count, grade, age, horizon, entry_age)` -> list of `struct(grade, origin_year,
    /// year, value, lo80, hi80, lo95, hi95, backtest_error)`; a row counts pupils of a grade or children of an
    /// age, the other is NULL; grade NULL in the answer = all grades.
    pub fn enrolment() -> Self {
        Self::new("enrolment_forecast", 6, || list_of(grade_fields()), enrolment)
    }
}

impl AggregateUDFImpl for SeriesFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok((self.returns)())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Collect::new(self.arguments, self.finish)))
    }

    fn state_fields(&self, _: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(state_fields(self.arguments))
    }
}

fn list_of(fields: Fields) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Struct(fields), true)))
}

fn interval_fields() -> Vec<Field> {
    let numbers = ["value", "lo80", "hi80", "lo95", "hi95", "backtest_error"];
    let years = ["origin_year", "year"].map(|name| Field::new(name, DataType::Int32, true));
    years.into_iter().chain(numbers.map(|name| Field::new(name, DataType::Float64, true))).collect()
}

fn step_fields() -> Fields {
    std::iter::once(Field::new("method", DataType::Utf8, true)).chain(interval_fields()).collect()
}

fn grade_fields() -> Fields {
    std::iter::once(Field::new("grade", DataType::Int32, true)).chain(interval_fields()).collect()
}

fn coverage_fields() -> Fields {
    ["trials", "inside_80", "inside_95"]
        .map(|name| Field::new(name, DataType::Int64, true))
        .into_iter()
        .collect()
}

/// One year of an answer.
struct Row {
    origin_year: i32,
    step: Step,
    backtest_error: f64,
}

fn interval_columns(rows: &[Row]) -> Vec<ArrayRef> {
    let years = |of: fn(&Row) -> i32| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Int32Array>()) };
    let numbers =
        |of: fn(&Row) -> f64| -> ArrayRef { Arc::new(Float64Array::from_iter_values(rows.iter().map(of))) };
    vec![
        years(|row| row.origin_year),
        years(|row| row.origin_year.saturating_add_unsigned(row.step.ahead)),
        numbers(|row| row.step.value),
        numbers(|row| row.step.lo80),
        numbers(|row| row.step.hi80),
        numbers(|row| row.step.lo95),
        numbers(|row| row.step.hi95),
        numbers(|row| row.backtest_error),
    ]
}

fn list(fields: Fields, columns: Vec<ArrayRef>) -> Result<ScalarValue> {
    let rows = StructArray::try_new(fields, columns, None)?;
    let item = Arc::new(Field::new_list_field(rows.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths([rows.len()]);
    Ok(ScalarValue::List(Arc::new(ListArray::try_new(item, offsets, Arc::new(rows), None)?)))
}

/// A year, grade or age as the whole number that it is; a fraction is none.
#[allow(clippy::cast_possible_truncation, reason = "within the range of an i32")]
fn whole(number: f64) -> Option<i32> {
    let is_whole = number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX);
    is_whole.then_some(number as i32)
}

fn horizon(column: &[f64]) -> u32 {
    column
        .first()
        .and_then(|years| whole(years.min(LONGEST)))
        .and_then(|years| u32::try_from(years).ok())
        .unwrap_or(0)
}

fn points(columns: &[Vec<f64>]) -> (Vec<(i32, f64)>, u32, Bounds) {
    let points = columns[0]
        .iter()
        .zip(&columns[1])
        .filter_map(|(year, value)| Some((whole(*year)?, *value)))
        .collect();
    let bound = |column: &[f64]| column.first().copied().filter(|bound| !bound.is_nan());
    let bounds = Bounds { lower: bound(&columns[3]), upper: bound(&columns[4]) };
    (points, horizon(&columns[2]), bounds)
}

fn forecast_series(columns: &[Vec<f64>]) -> Result<ScalarValue> {
    let (points, horizon, bounds) = points(columns);
    let found = forecast::forecast(&points, horizon, bounds);
    let rows: Vec<Row> = found
        .iter()
        .flat_map(|found| found.steps.iter().map(move |step| (found, *step)))
        .map(|(found, step)| Row {
            origin_year: found.origin_year,
            step,
            backtest_error: found.backtest_error,
        })
        .collect();
    let name = found.as_ref().map(|found| found.method.name());
    let methods: ArrayRef = Arc::new(rows.iter().map(|_| name).collect::<StringArray>());
    let columns = std::iter::once(methods).chain(interval_columns(&rows)).collect();
    list(step_fields(), columns)
}

fn forecast_coverage(columns: &[Vec<f64>]) -> Result<ScalarValue> {
    let (points, horizon, bounds) = points(columns);
    let found = forecast::coverage(&points, horizon, bounds);
    let counts = [found.trials, found.inside_80, found.inside_95];
    let columns: Vec<ArrayRef> =
        counts.iter().map(|count| Arc::new(Int64Array::from(vec![i64::from(*count)])) as ArrayRef).collect();
    Ok(ScalarValue::Struct(Arc::new(StructArray::try_new(coverage_fields(), columns, None)?)))
}

fn enrolment(columns: &[Vec<f64>]) -> Result<ScalarValue> {
    let (mut pupils, mut children) = (Counts::new(), Counts::new());
    for (((year, count), grade), age) in columns[0].iter().zip(&columns[1]).zip(&columns[2]).zip(&columns[3])
    {
        let Some(year) = whole(*year) else { continue };
        for (counts, key) in [(&mut pupils, *grade), (&mut children, *age)] {
            if let Some(key) = whole(key) {
                *counts.entry((year, key)).or_default() += count;
            }
        }
    }
    let entry_age = columns[5].first().copied().and_then(whole).unwrap_or(0);
    let found = project(&pupils, &children, entry_age, horizon(&columns[4]));
    let (mut grades, mut rows) = (Vec::new(), Vec::new());
    for one in &found {
        for step in &one.steps {
            grades.push(one.grade);
            rows.push(Row { origin_year: one.origin_year, step: *step, backtest_error: one.backtest_error });
        }
    }
    let grades: ArrayRef = Arc::new(Int32Array::from(grades));
    let columns = std::iter::once(grades).chain(interval_columns(&rows)).collect();
    list(grade_fields(), columns)
}
