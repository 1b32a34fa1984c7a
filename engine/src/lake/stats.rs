//! Minimum, maximum and NULL count of a column, and their spelling in a Delta Add action.
//!
//! Doubles and booleans have only a NULL count: JSON does not carry a double through every
//! reader bit for bit, and nothing prunes on them. Texts longer than [`LONGEST_TEXT`] bytes
//! leave the column without bounds rather than with cut ones, so every bound is exact.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::ScalarValue;
use serde_json::{Map, Number, Value, json};

const LONGEST_TEXT: usize = 64;
/// Decimals beyond 15 digits do not survive a JSON number.
const LARGEST_DECIMAL: u128 = 1_000_000_000_000_000;

/// What is known about one column of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRange {
    /// Smallest value; `None` when unknown or when every value is NULL.
    pub min: Option<ScalarValue>,
    /// Largest value; `None` as for `min`.
    pub max: Option<ScalarValue>,
    /// Number of NULLs.
    pub null_count: u64,
}

/// Ranges by column name.
pub type ColumnRanges = BTreeMap<String, ColumnRange>;

impl ColumnRange {
    /// Range of an array.
    pub(super) fn of(array: &ArrayRef) -> Self {
        let null_count = array.null_count() as u64;
        let (min, max) = bounds(array);
        Self { min, max, null_count }
    }

    /// Range of two parts taken together, of which one has `self_rows`, the other `other_rows` rows.
    pub(super) fn merge(&mut self, self_rows: u64, other: &Self, other_rows: u64) {
        let self_empty = self.null_count == self_rows;
        let other_empty = other.null_count == other_rows;
        self.null_count += other.null_count;
        if other_empty {
            return;
        }
        if self_empty {
            self.min.clone_from(&other.min);
            self.max.clone_from(&other.max);
            return;
        }
        self.min = pick(self.min.take(), other.min.as_ref(), std::cmp::Ordering::Greater);
        self.max = pick(self.max.take(), other.max.as_ref(), std::cmp::Ordering::Less);
    }
}

/// The one of two bounds to keep; unknown if either is.
fn pick(
    left: Option<ScalarValue>,
    right: Option<&ScalarValue>,
    replace_if: std::cmp::Ordering,
) -> Option<ScalarValue> {
    let (left, right) = (left?, right?);
    Some(if left.partial_cmp(right)? == replace_if { right.clone() } else { left })
}

fn bounds(array: &ArrayRef) -> (Option<ScalarValue>, Option<ScalarValue>) {
    macro_rules! primitive {
        ($kind:ty, $wrap:expr) => {{
            let values = array.as_primitive::<$kind>();
            (compute::min(values).map($wrap), compute::max(values).map($wrap))
        }};
    }
    match array.data_type() {
        DataType::Int32 => primitive!(Int32Type, |v| ScalarValue::Int32(Some(v))),
        DataType::Int64 => primitive!(Int64Type, |v| ScalarValue::Int64(Some(v))),
        DataType::Date32 => primitive!(Date32Type, |v| ScalarValue::Date32(Some(v))),
        DataType::Decimal128(precision, scale) => {
            primitive!(Decimal128Type, |v| ScalarValue::Decimal128(Some(v), *precision, *scale))
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            primitive!(TimestampMicrosecondType, |v| ScalarValue::TimestampMicrosecond(Some(v), zone.clone()))
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            let wrap = |v: &str| ScalarValue::Utf8(Some(v.to_owned()));
            match (compute::min_string(values), compute::max_string(values)) {
                (Some(min), Some(max)) if min.len() <= LONGEST_TEXT && max.len() <= LONGEST_TEXT => {
                    (Some(wrap(min)), Some(wrap(max)))
                }
                _ => (None, None),
            }
        }
        _ => (None, None),
    }
}

/// The `stats` text of an Add action.
pub(super) fn to_json(num_records: u64, ranges: &ColumnRanges) -> String {
    let mut mins = Map::new();
    let mut maxs = Map::new();
    let mut nulls = Map::new();
    for (name, range) in ranges {
        nulls.insert(name.clone(), json!(range.null_count));
        // Both or none: a reader takes a lone bound for a column of one value in some engines.
        if let (Some(min), Some(max)) =
            (range.min.as_ref().and_then(value_to_json), range.max.as_ref().and_then(value_to_json))
        {
            mins.insert(name.clone(), min);
            maxs.insert(name.clone(), max);
        }
    }
    json!({"numRecords": num_records, "minValues": mins, "maxValues": maxs, "nullCount": nulls}).to_string()
}

/// Number of rows and ranges from the `stats` text; `None` when it is no such text.
///
/// A column of the schema without a NULL count was not in the file: it is NULL throughout.
pub(super) fn from_json(text: &str, schema: &Schema) -> Option<(u64, ColumnRanges)> {
    let stats: Value = serde_json::from_str(text).ok()?;
    let num_records = stats.get("numRecords")?.as_u64()?;
    let bound = |key: &str, name: &str, data_type: &DataType| {
        stats.get(key)?.get(name).and_then(|value| value_from_json(value, data_type))
    };
    let mut ranges = ColumnRanges::new();
    for field in schema.fields() {
        let name = field.name();
        let null_count = stats.get("nullCount").and_then(|nulls| nulls.get(name)).and_then(Value::as_u64);
        let range = ColumnRange {
            min: bound("minValues", name, field.data_type()),
            max: bound("maxValues", name, field.data_type()),
            null_count: null_count.unwrap_or(num_records),
        };
        ranges.insert(name.clone(), range);
    }
    Some((num_records, ranges))
}

fn value_to_json(value: &ScalarValue) -> Option<Value> {
    Some(match value {
        ScalarValue::Int32(Some(v)) => json!(v),
        ScalarValue::Int64(Some(v)) => json!(v),
        ScalarValue::Utf8(Some(v)) => json!(v),
        ScalarValue::Date32(Some(days)) => json!(date(*days)?.format("%Y-%m-%d").to_string()),
        ScalarValue::TimestampMicrosecond(Some(v), _) if v % 1000 == 0 => {
            json!(DateTime::from_timestamp_micros(*v)?.to_rfc3339_opts(SecondsFormat::Millis, true))
        }
        ScalarValue::Decimal128(Some(v), _, scale) if v.unsigned_abs() < LARGEST_DECIMAL => {
            // Through text: dividing by a power of ten would round twice.
            let number: f64 = decimal_text(*v, *scale).parse().ok()?;
            Value::Number(Number::from_f64(number)?)
        }
        _ => return None,
    })
}

fn value_from_json(value: &Value, data_type: &DataType) -> Option<ScalarValue> {
    Some(match data_type {
        DataType::Int32 => ScalarValue::Int32(Some(i32::try_from(value.as_i64()?).ok()?)),
        DataType::Int64 => ScalarValue::Int64(Some(value.as_i64()?)),
        DataType::Utf8 => ScalarValue::Utf8(Some(value.as_str()?.to_owned())),
        DataType::Date32 => {
            let date = NaiveDate::parse_from_str(value.as_str()?, "%Y-%m-%d").ok()?;
            ScalarValue::Date32(Some(i32::try_from((date - NaiveDate::default()).num_days()).ok()?))
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let time = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
            ScalarValue::TimestampMicrosecond(Some(time.timestamp_micros()), zone.clone())
        }
        DataType::Decimal128(precision, scale) => {
            let unscaled = value.as_f64()? * 10f64.powi(i32::from(*scale));
            #[allow(clippy::cast_possible_truncation, reason = "bounded by LARGEST_DECIMAL when written")]
            let unscaled = unscaled.round() as i128;
            if unscaled.unsigned_abs() >= LARGEST_DECIMAL {
                return None;
            }
            ScalarValue::Decimal128(Some(unscaled), *precision, *scale)
        }
        _ => return None,
    })
}

fn date(days: i32) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(i64::from(days)))
}

fn decimal_text(unscaled: i128, scale: i8) -> String {
    format!("{unscaled}e{}", -i32::from(scale))
}
