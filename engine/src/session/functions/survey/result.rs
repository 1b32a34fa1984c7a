//! Estimates as a struct, or as a list of them.

use std::sync::Arc;

use bilim_domain::survey::{Estimate, SurveyError};
use datafusion::arrow::array::{
    ArrayRef, AsArray, Float64Array, Int64Array, ListArray, StringArray, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{DataFusionError, Result, ScalarValue};

/// Fields of an estimate.
fn fields(is_named: bool) -> Fields {
    let number = |name: &str| Field::new(name, DataType::Float64, true);
    let mut fields = Vec::new();
    if is_named {
        fields.push(Field::new("coefficient", DataType::Utf8, true));
    }
    fields.extend(["estimate", "se", "se_sampling", "se_imputation"].map(number));
    fields.push(Field::new("n", DataType::Int64, true));
    fields.push(number("n_effective"));
    fields.into()
}

fn item() -> Field {
    Field::new_list_field(DataType::Struct(fields(true)), true)
}

/// Type of one estimate, or of a list of named ones.
pub(super) fn data_type(is_list: bool) -> DataType {
    if is_list { DataType::List(Arc::new(item())) } else { DataType::Struct(fields(false)) }
}

fn rows(estimates: &[(String, Estimate)], is_named: bool) -> Result<StructArray> {
    let number = |of: &dyn Fn(&Estimate) -> Option<f64>| -> ArrayRef {
        Arc::new(estimates.iter().map(|(_, estimate)| of(estimate)).collect::<Float64Array>())
    };
    let mut columns: Vec<ArrayRef> = Vec::new();
    if is_named {
        columns
            .push(Arc::new(estimates.iter().map(|(name, _)| Some(name.as_str())).collect::<StringArray>()));
    }
    columns.push(number(&|estimate| estimate.estimate));
    columns.push(number(&|estimate| estimate.se));
    columns.push(number(&|estimate| estimate.se_sampling));
    columns.push(number(&|estimate| estimate.se_imputation));
    columns.push(Arc::new(
        estimates.iter().map(|(_, estimate)| i64::try_from(estimate.n).ok()).collect::<Int64Array>(),
    ));
    columns.push(number(&|estimate| estimate.n_effective));
    Ok(StructArray::try_new(fields(is_named), columns, None)?)
}

/// The estimates as the value of a group.
pub(super) fn scalar(estimates: &[(String, Estimate)], is_list: bool) -> Result<ScalarValue> {
    let rows = rows(estimates, is_list)?;
    if !is_list {
        return Ok(ScalarValue::Struct(Arc::new(rows)));
    }
    let offsets = OffsetBuffer::from_lengths([estimates.len()]);
    Ok(ScalarValue::List(Arc::new(ListArray::try_new(Arc::new(item()), offsets, Arc::new(rows), None)?)))
}

/// The one state column of every survey function.
pub(super) fn state_field(name: &str) -> Field {
    Field::new(format!("{name}[sample]"), DataType::Binary, true)
}

/// The states of other parts.
pub(super) fn merge(
    states: &[ArrayRef],
    mut merge: impl FnMut(&[u8]) -> Result<(), SurveyError>,
    name: &str,
) -> Result<()> {
    let Some(states) = states.first() else { return Ok(()) };
    for bytes in states.as_binary::<i32>().iter().flatten() {
        merge(bytes).map_err(|error| failed(name, &error))?;
    }
    Ok(())
}

/// An error of a row, with the function that met it.
pub(super) fn failed(name: &str, error: &SurveyError) -> DataFusionError {
    DataFusionError::Execution(format!("{name}: {error}"))
}
