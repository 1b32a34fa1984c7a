//! Control totals of data files: what a recount on either side of a copy compares.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::error::{LakeError, Result};
use super::manifest::ControlTotal;

/// Count and sum by partition and column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Totals {
    found: BTreeMap<(Vec<i32>, String), (u64, i128)>,
}

impl Totals {
    /// Read a data file of a partition through.
    pub(super) fn add(&mut self, path: &Path, partition: &[i32]) -> Result<()> {
        let opened = File::open(path).map_err(LakeError::io("open", path))?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(opened).and_then(ParquetRecordBatchReaderBuilder::build);
        for batch in reader.map_err(LakeError::parquet("read", path))? {
            let batch = batch.map_err(LakeError::arrow(&path.display().to_string()))?;
            self.count(partition, "", batch.num_rows() as u64, 0);
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                let count = (column.len() - column.null_count()) as u64;
                self.count(partition, field.name(), count, sum(column));
            }
        }
        Ok(())
    }

    fn count(&mut self, partition: &[i32], column: &str, count: u64, sum: i128) {
        let total = self.found.entry((partition.to_vec(), column.to_owned())).or_default();
        total.0 += count;
        total.1 = total.1.wrapping_add(sum);
    }

    /// Rows of all partitions.
    pub(super) fn rows(&self) -> u64 {
        self.found.iter().filter(|((_, column), _)| column.is_empty()).map(|(_, (count, _))| count).sum()
    }

    /// As the manifest has them.
    pub(super) fn to_manifest(&self) -> Vec<ControlTotal> {
        let total = |((partition, column), (count, sum)): (&(Vec<i32>, String), &(u64, i128))| ControlTotal {
            partition: partition.clone(),
            column: column.clone(),
            count: *count,
            sum: sum.to_string(),
        };
        self.found.iter().map(total).collect()
    }
}

/// Sum of a column; the number of bytes of texts, the number of `true`, the bits of doubles.
fn sum(column: &ArrayRef) -> i128 {
    fn of<T: ArrowPrimitiveType>(column: &ArrayRef) -> i128
    where
        T::Native: Into<i128>,
    {
        column.as_primitive::<T>().iter().flatten().fold(0, |sum, value| sum.wrapping_add(value.into()))
    }
    match column.data_type() {
        DataType::Int32 => of::<Int32Type>(column),
        DataType::Int64 => of::<Int64Type>(column),
        DataType::Date32 => of::<Date32Type>(column),
        DataType::Decimal128(..) => of::<Decimal128Type>(column),
        DataType::Timestamp(TimeUnit::Microsecond, _) => of::<TimestampMicrosecondType>(column),
        DataType::Float64 => {
            let values = column.as_primitive::<datafusion::arrow::datatypes::Float64Type>();
            // Bits, not values: a sum of doubles depends on its order.
            values.iter().flatten().fold(0, |sum, value| sum.wrapping_add(value.to_bits().into()))
        }
        DataType::Boolean => i128::try_from(column.as_boolean().true_count()).unwrap_or(i128::MAX),
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            values.iter().flatten().fold(0, |sum, text| sum + text.bytes().map(i128::from).sum::<i128>())
        }
        _ => 0,
    }
}
