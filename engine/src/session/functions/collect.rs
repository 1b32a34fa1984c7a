//! Aggregates that need all their rows: rows of numbers are collected, merged in any order, then computed.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

/// Computes the answer from the collected columns: one vector an argument, NULL as NaN.
pub type Finish = fn(&[Vec<f64>]) -> Result<ScalarValue>;

/// State of [`Collect`]: one list of numbers an argument.
#[must_use]
pub fn state_fields(count: usize) -> Vec<FieldRef> {
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    (0..count)
        .map(|index| Field::new(format!("column_{index}"), DataType::List(Arc::clone(&item)), true).into())
        .collect()
}

/// Collects rows whose first two arguments are known.
pub struct Collect {
    columns: Vec<Vec<f64>>,
    finish: Finish,
}

impl Collect {
    /// An empty collection of rows of `count` numbers.
    #[must_use]
    pub fn new(count: usize, finish: Finish) -> Self {
        Self { columns: vec![Vec::new(); count], finish }
    }
}

impl fmt::Debug for Collect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").field("rows", &self.columns.first().map(Vec::len)).finish_non_exhaustive()
    }
}

impl Accumulator for Collect {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let arrays: Vec<&Float64Array> = values.iter().map(AsArray::as_primitive::<Float64Type>).collect();
        let rows = arrays.first().map_or(0, |array| Array::len(*array));
        for row in 0..rows {
            if arrays.iter().take(2).any(|array| array.is_null(row)) {
                continue;
            }
            for (column, array) in self.columns.iter_mut().zip(&arrays) {
                column.push(if array.is_null(row) { f64::NAN } else { array.value(row) });
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        (self.finish)(&self.columns)
    }

    fn size(&self) -> usize {
        size_of_val(self)
            + self.columns.iter().map(|column| column.capacity() * size_of::<f64>()).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let item = Arc::new(Field::new_list_field(DataType::Float64, true));
        self.columns
            .iter()
            .map(|column| {
                let values: ArrayRef = Arc::new(Float64Array::from(column.clone()));
                let offsets = OffsetBuffer::from_lengths([values.len()]);
                let list = ListArray::try_new(Arc::clone(&item), offsets, values, None)?;
                Ok(ScalarValue::List(Arc::new(list)))
            })
            .collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for (column, state) in self.columns.iter_mut().zip(states) {
            for list in state.as_list::<i32>().iter().flatten() {
                column.extend(list.as_primitive::<Float64Type>().values());
            }
        }
        Ok(())
    }
}
