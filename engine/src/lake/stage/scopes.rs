//! What a submission covers: the tuples that it supersedes, and the counts for `gov.scope`.

use std::collections::{BTreeMap, HashMap, HashSet};

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{RowConverter, SortField};

use crate::lake::spec::TableSpec;

/// Turns scope columns of rows into comparable bytes.
#[derive(Debug)]
pub(in crate::lake) struct ScopeCoder {
    converter: RowConverter,
    columns: Vec<String>,
}

impl ScopeCoder {
    pub(in crate::lake) fn new(spec: &TableSpec) -> Result<Self, ArrowError> {
        let columns = spec.scope_columns.clone();
        let mut fields = Vec::with_capacity(columns.len());
        for column in &columns {
            fields.push(SortField::new(spec.schema.field_with_name(column)?.data_type().clone()));
        }
        Ok(Self { converter: RowConverter::new(fields)?, columns })
    }

    /// The scope of every row, without its year.
    pub(in crate::lake) fn rows(
        &self,
        batch: &RecordBatch,
    ) -> Result<datafusion::arrow::row::Rows, ArrowError> {
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter()
            .map(|name| {
                batch
                    .column_by_name(name)
                    .cloned()
                    .ok_or_else(|| ArrowError::SchemaError(format!("scope column {name} is missing")))
            })
            .collect::<Result<_, _>>()?;
        self.converter.convert_columns(&arrays)
    }
}

/// The tuples of one submission, by year.
pub(in crate::lake) type ScopeSet = BTreeMap<i32, HashSet<Box<[u8]>>>;

/// Add the tuples of a batch.
pub(super) fn collect(set: &mut ScopeSet, coder: &ScopeCoder, batch: &RecordBatch) -> Result<(), ArrowError> {
    if coder.columns.is_empty() {
        // No scope columns: a submission replaces whole years.
        for year in years(batch)?.iter().flatten() {
            set.entry(year).or_default().insert(Box::default());
        }
        return Ok(());
    }
    let rows = coder.rows(batch)?;
    let years = years(batch)?;
    let mut last: Option<(i32, usize)> = None;
    for (index, row) in rows.iter().enumerate() {
        let year = years.value(index);
        // Neighbours mostly share their scope.
        if let Some((known, at)) = last
            && known == year
            && rows.row(at) == row
        {
            continue;
        }
        last = Some((year, index));
        let tuples = set.entry(year).or_default();
        if !tuples.contains(row.as_ref()) {
            tuples.insert(row.as_ref().into());
        }
    }
    Ok(())
}

fn years(batch: &RecordBatch) -> Result<&datafusion::arrow::array::Int32Array, ArrowError> {
    batch
        .column_by_name("year")
        .and_then(|array| array.as_primitive_opt::<Int32Type>())
        .ok_or_else(|| ArrowError::SchemaError("column year is missing".to_owned()))
}

/// Values of the partition columns, territory, organisation.
type Place = (Vec<i32>, Option<i32>, Option<i64>);

/// Rows per (partition, territory, organisation).
#[derive(Debug, Default)]
pub(in crate::lake) struct ScopeCounts {
    counts: BTreeMap<Place, u64>,
}

impl ScopeCounts {
    /// Count the rows of a row group, given in the order of the file.
    pub(super) fn add(
        &mut self,
        spec: &TableSpec,
        partition: &[i32],
        columns: &HashMap<String, ArrayRef>,
        rows: usize,
    ) {
        let territory = spec.territory.as_ref().and_then(|name| columns.get(name));
        let territory = territory.and_then(|array| array.as_primitive_opt::<Int32Type>());
        let organisation = columns.get("org_bin").and_then(|array| array.as_primitive_opt::<Int64Type>());
        let at = |row: usize| {
            (
                territory.filter(|array| array.is_valid(row)).map(|array| array.value(row)),
                organisation.filter(|array| array.is_valid(row)).map(|array| array.value(row)),
            )
        };
        let mut start = 0;
        while start < rows {
            let place = at(start);
            let end = (start + 1..rows).find(|row| at(*row) != place).unwrap_or(rows);
            *self.counts.entry((partition.to_vec(), place.0, place.1)).or_default() += (end - start) as u64;
            start = end;
        }
    }

    /// Add the counts of other rows.
    pub(super) fn merge(&mut self, other: Self) {
        for (place, rows) in other.counts {
            *self.counts.entry(place).or_default() += rows;
        }
    }

    /// (year, region), territory, organisation, rows.
    pub(in crate::lake) fn iter(&self) -> impl Iterator<Item = (&[i32], Option<i32>, Option<i64>, u64)> {
        self.counts.iter().map(|((partition, territory, organisation), rows)| {
            (partition.as_slice(), *territory, *organisation, *rows)
        })
    }
}
