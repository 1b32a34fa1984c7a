//! The order of rows: partition, then the sort columns, packed into integers.
//!
//! Comparing packed keys and moving each row once at the end is several times faster than
//! sorting through Arrow's comparators. A column takes as many bits as its range of values needs;
//! texts are replaced by their rank among the texts of these rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::arrow::record_batch::RecordBatch;

use crate::lake::error::{LakeError, Result};
use crate::lake::spec::TableSpec;

const PARTITION_BITS: u32 = 16;
/// Rows of one region that are worth a turn of a thread.
const REGION_ROWS: usize = 1000;

/// A row's place in the order; `row` is batch << 32 | row in the batch, so equal keys keep their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    high: u128,
    low: u128,
    pub(super) row: u64,
}

impl RowKey {
    /// Index into [`Order::partitions`].
    pub(super) fn partition(&self) -> usize {
        (self.high >> (128 - PARTITION_BITS)) as usize
    }
}

/// Rows of some batches in order.
#[derive(Debug)]
pub(super) struct Order {
    /// Values of the partition columns, ascending.
    pub(super) partitions: Vec<Vec<i32>>,
    /// Every row, ascending.
    pub(super) rows: Vec<RowKey>,
    /// How many of the sort columns the order covers.
    pub(super) sorted_columns: usize,
}

impl Order {
    /// The rows of each partition, as ranges of `rows`.
    pub(super) fn runs(&self) -> Vec<(usize, std::ops::Range<usize>)> {
        let mut runs = Vec::with_capacity(self.partitions.len());
        let mut start = 0;
        while start < self.rows.len() {
            let partition = self.rows[start].partition();
            let length = self.rows[start..].partition_point(|row| row.partition() == partition);
            runs.push((partition, start..start + length));
            start += length;
        }
        runs
    }
}

/// Where a row lies: (batch, row), as `interleave` takes it.
pub(super) fn locate(row: u64) -> (usize, usize) {
    ((row >> 32) as usize, (row & 0xffff_ffff) as usize)
}

/// Order the rows by the first `columns` sort columns at most.
pub(super) fn order(
    spec: &TableSpec,
    batches: &[RecordBatch],
    columns: usize,
    threads: usize,
) -> Result<Order> {
    let (partitions, mut rows) = partition_keys(spec, batches)?;
    let mut free = [128 - PARTITION_BITS, 128];
    let mut sorted_columns = 0;
    for name in spec.sort_columns.iter().take(columns) {
        let arrays = column(spec, batches, name)?;
        let Some(codes) = Codes::of(&arrays) else { break };
        let Some(word) = (0..2).find(|word| free[*word] >= codes.bits) else { break };
        // Once a column went to the low word the high one is closed, or the order would be another.
        if word == 1 {
            free[0] = 0;
        }
        free[word] -= codes.bits;
        codes.add(&arrays, &mut rows, word, free[word]);
        sorted_columns += 1;
    }
    sort(&mut rows, threads);
    Ok(Order { partitions, rows, sorted_columns })
}

fn sort(rows: &mut [RowKey], threads: usize) {
    let parts = if rows.len() < 50_000 { 1 } else { threads.max(1) };
    if parts == 1 {
        rows.sort_unstable();
        return;
    }
    let length = rows.len().div_ceil(parts);
    // Where rows come region by region, nothing is left to merge.
    let regions = rows.chunk_by(|a, b| a.partition() == b.partition());
    let (count, largest) =
        regions.fold((0, 0), |(count, largest), part| (count + 1, part.len().max(largest)));
    if (parts..=rows.len() / REGION_ROWS).contains(&count) && largest <= length {
        let waiting = Mutex::new(rows.chunk_by_mut(|a, b| a.partition() == b.partition()));
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            while let Some(part) = next() {
                part.sort_unstable();
            }
        };
        std::thread::scope(|scope| {
            (1..parts).for_each(|_| drop(scope.spawn(work)));
            work();
        });
    } else {
        std::thread::scope(|scope| {
            for part in rows.chunks_mut(length) {
                scope.spawn(|| part.sort_unstable());
            }
        });
    }
    // The stable sort finds the sorted runs and only merges them.
    if !rows.is_sorted() {
        rows.sort();
    }
}

fn column(spec: &TableSpec, batches: &[RecordBatch], name: &str) -> Result<Vec<ArrayRef>> {
    batches
        .iter()
        .map(|batch| {
            batch.column_by_name(name).cloned().ok_or_else(|| LakeError::RowSchema {
                table: spec.name.clone(),
                column: name.to_owned(),
                wanted: "a column of the rows".to_owned(),
            })
        })
        .collect()
}

/// The distinct partitions, and a key per row that holds only its partition.
fn partition_keys(spec: &TableSpec, batches: &[RecordBatch]) -> Result<(Vec<Vec<i32>>, Vec<RowKey>)> {
    let mut columns = Vec::with_capacity(spec.partition_columns.len());
    for name in &spec.partition_columns {
        let arrays = column(spec, batches, name)?;
        for array in &arrays {
            if let Some(row) = (0..array.len()).find(|row| array.is_null(*row)) {
                return Err(LakeError::NullPartition { table: spec.name.clone(), column: name.clone(), row });
            }
        }
        columns.push(arrays);
    }
    let mut distinct: BTreeSet<Vec<i32>> = BTreeSet::new();
    let mut last: Vec<i32> = Vec::new();
    let mut current = vec![0; columns.len()];
    for (number, batch) in batches.iter().enumerate() {
        for row in 0..batch.num_rows() {
            for (value, arrays) in current.iter_mut().zip(&columns) {
                *value = arrays[number].as_primitive::<Int32Type>().value(row);
            }
            if current != last || distinct.is_empty() {
                distinct.insert(current.clone());
                last.clone_from(&current);
            }
        }
    }
    let partitions: Vec<Vec<i32>> = distinct.into_iter().collect();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    let mut known: Option<(Vec<i32>, u128)> = None;
    for (number, batch) in batches.iter().enumerate() {
        for row in 0..batch.num_rows() {
            for (value, arrays) in current.iter_mut().zip(&columns) {
                *value = arrays[number].as_primitive::<Int32Type>().value(row);
            }
            let high = match &known {
                Some((values, high)) if *values == current => *high,
                _ => {
                    let index = partitions.binary_search(&current).unwrap_or_default();
                    let high = (index as u128) << (128 - PARTITION_BITS);
                    known = Some((current.clone(), high));
                    high
                }
            };
            rows.push(RowKey { high, low: 0, row: (number as u64) << 32 | row as u64 });
        }
    }
    Ok((partitions, rows))
}

/// How the values of a column become codes: 0 for NULL, then ascending from 1.
struct Codes<'a> {
    bits: u32,
    smallest: i128,
    ranks: HashMap<&'a str, u32>,
}

impl<'a> Codes<'a> {
    /// `None` for a type that this order does not cover.
    fn of(arrays: &'a [ArrayRef]) -> Option<Self> {
        let Some(first) = arrays.first() else {
            return Some(Self { bits: 0, smallest: 0, ranks: HashMap::new() });
        };
        macro_rules! range {
            ($kind:ty) => {{
                let mut bounds: Option<(i128, i128)> = None;
                for array in arrays {
                    let values = array.as_primitive::<$kind>();
                    if let (Some(min), Some(max)) = (compute::min(values), compute::max(values)) {
                        let (min, max) = (i128::from(min), i128::from(max));
                        bounds = Some(bounds.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
                    }
                }
                let (smallest, largest) = bounds.unwrap_or_default();
                Self { bits: bits((largest - smallest).unsigned_abs() + 1), smallest, ranks: HashMap::new() }
            }};
        }
        Some(match first.data_type() {
            DataType::Int32 => range!(Int32Type),
            DataType::Int64 => range!(Int64Type),
            DataType::Date32 => range!(Date32Type),
            DataType::Timestamp(..) => range!(TimestampMicrosecondType),
            DataType::Boolean => Self { bits: 2, smallest: 0, ranks: HashMap::new() },
            DataType::Utf8 => {
                let mut ranks: HashMap<&str, u32> = HashMap::new();
                for array in arrays {
                    let mut last = None;
                    for text in array.as_string::<i32>().iter().flatten() {
                        if last != Some(text) {
                            ranks.entry(text).or_default();
                            last = Some(text);
                        }
                    }
                }
                let mut texts: Vec<&str> = ranks.keys().copied().collect();
                texts.sort_unstable();
                for (rank, text) in (1..).zip(texts) {
                    ranks.insert(text, rank);
                }
                Self { bits: bits(ranks.len() as u128), smallest: 1, ranks }
            }
            _ => return None,
        })
    }

    /// Put the codes into the keys, shifted to their place.
    fn add(&self, arrays: &[ArrayRef], rows: &mut [RowKey], word: usize, shift: u32) {
        let mut keys = rows.iter_mut();
        let mut put = |value: Option<i128>| {
            if let (Some(key), Some(value)) = (keys.next(), value) {
                let code = (value - self.smallest + 1).unsigned_abs() << shift;
                if word == 0 {
                    key.high |= code;
                } else {
                    key.low |= code;
                }
            }
        };
        for array in arrays {
            match array.data_type() {
                DataType::Int32 => {
                    array.as_primitive::<Int32Type>().iter().for_each(|v| put(v.map(i128::from)));
                }
                DataType::Int64 => {
                    array.as_primitive::<Int64Type>().iter().for_each(|v| put(v.map(i128::from)));
                }
                DataType::Date32 => {
                    array.as_primitive::<Date32Type>().iter().for_each(|v| put(v.map(i128::from)));
                }
                DataType::Timestamp(..) => {
                    array
                        .as_primitive::<TimestampMicrosecondType>()
                        .iter()
                        .for_each(|v| put(v.map(i128::from)));
                }
                DataType::Boolean => array.as_boolean().iter().for_each(|v| put(v.map(i128::from))),
                _ => {
                    let mut last: Option<(&str, i128)> = None;
                    for text in array.as_string::<i32>() {
                        let rank = text.map(|text| match last {
                            Some((known, rank)) if known == text => rank,
                            _ => {
                                let rank = self.ranks.get(text).copied().map_or(1, i128::from);
                                last = Some((text, rank));
                                rank
                            }
                        });
                        put(rank);
                    }
                }
            }
        }
    }
}

/// Bits that hold 0 ..= largest.
fn bits(largest: u128) -> u32 {
    128 - largest.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows region by region, regions in any order, and everything mixed: sorted either way.
    #[test]
    fn rows_are_sorted_however_they_come() {
        let key = |partition: u128, number: u64| RowKey {
            high: partition << (128 - PARTITION_BITS) | u128::from(number * 7919 % 1009),
            low: 0,
            row: number,
        };
        let by_region: Vec<RowKey> =
            (0..60_000).map(|number| key(u128::from(number / 3000), number)).collect();
        let backwards: Vec<RowKey> =
            (0..60_000).map(|number| key(19 - u128::from(number / 3000), number)).collect();
        let one_large: Vec<RowKey> =
            (0..60_000).map(|number| key(u128::from(number / 50_000), number)).collect();
        let mixed: Vec<RowKey> = (0..60_000).map(|number| key(u128::from(number % 20), number)).collect();
        for mut rows in [by_region, backwards, one_large, mixed] {
            let mut expected = rows.clone();
            expected.sort_unstable();
            sort(&mut rows, 2);
            assert_eq!(rows, expected);
        }
    }
}
