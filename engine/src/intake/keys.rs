//! Records that stand twice in one file.
//!
//! Sixteen bytes a row, however long the key: 88 bits of a hash over it and 40 bits of
//! row number. The rows are compared once, by sorting, when the file has been read; two
//! different keys of a file of 50 million rows meet with a probability below 10^-11.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type};

use super::finding::{At, Findings};
use super::rules::{self, same};
use crate::definitions::Form;

const ROW_BITS: u32 = 40;
const ROW_MASK: u128 = (1 << ROW_BITS) - 1;

/// Hash of the key of one row, growing column by column.
#[derive(Clone, Copy)]
struct State(u64, u64);

impl State {
    fn fold(&mut self, word: u64) {
        let mix = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            #[allow(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
            let halves = (product as u64, (product >> 64) as u64);
            halves.0 ^ halves.1
        };
        self.0 = mix(self.0 ^ word, 0xA076_1D64_78BD_642F).wrapping_add(0xE703_7ED1_A0B4_28DB);
        self.1 =
            mix(self.1 ^ word.rotate_left(32), 0x8EBC_6AF0_9C88_C6E3).wrapping_add(0x5899_65CC_7537_4CC3);
    }

    fn fold_text(&mut self, text: &[u8]) {
        self.fold(text.len() as u64);
        for chunk in text.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.fold(u64::from_le_bytes(word));
        }
    }
}

/// The columns of a batch that identify a record.
#[derive(Debug)]
pub(super) struct Key {
    // Columns of the batch, and whether NULL is a value of the key.
    columns: Vec<(usize, bool)>,
    names: String,
}

impl Key {
    pub(super) fn new(form: &Form) -> Self {
        // `year` and `region` stand before the fields; the year belongs to every key.
        let mut columns = vec![(0, false)];
        for name in &form.key {
            if let Some(index) = form.fields.iter().position(|field| &field.name == name) {
                columns.push((index + 2, !form.fields[index].is_required));
            }
        }
        let names = std::iter::once("year").chain(form.key.iter().map(String::as_str)).collect::<Vec<_>>();
        Self { columns, names: names.join(", ") }
    }

    /// The sorted entries of a batch whose rows have these numbers. Rows with a required key
    /// cell missing are left out: they have a finding already.
    pub(super) fn entries(&self, batch: &RecordBatch, rows: &[u64]) -> Vec<u128> {
        let mut states = vec![State(0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03); batch.num_rows()];
        let mut is_whole = vec![true; batch.num_rows()];
        for (column, takes_null) in &self.columns {
            let array = batch.column(*column).as_ref();
            fold_column(&mut states, array);
            if array.null_count() > 0 && !takes_null {
                for (row, is_whole) in is_whole.iter_mut().enumerate() {
                    *is_whole &= array.is_valid(row);
                }
            }
        }
        let mut entries: Vec<u128> = states
            .iter()
            .zip(rows)
            .zip(is_whole)
            .filter(|(_, is_whole)| *is_whole)
            .map(|((state, row), _)| {
                let hash = u128::from(state.0) << 64 | u128::from(state.1);
                hash & !ROW_MASK | u128::from(*row) & ROW_MASK
            })
            .collect();
        // Sorted here, in the worker, the final sort only merges.
        entries.sort_unstable();
        entries
    }

    /// Add a finding for every row that repeats an earlier one.
    pub(super) fn report(&self, mut entries: Vec<u128>, findings: &mut Findings) {
        // Stable, for it recognises and merges the sorted runs of the workers.
        #[allow(clippy::stable_sort_primitive, reason = "see above")]
        entries.sort();
        let row = |entry: u128| u64::try_from(entry & ROW_MASK).unwrap_or(u64::MAX);
        let mut repeats = Vec::new();
        let mut first = None;
        for entry in entries {
            match first {
                Some(first) if first >> ROW_BITS == entry >> ROW_BITS => {
                    repeats.push((row(entry), row(first)));
                }
                _ => first = Some(entry),
            }
        }
        repeats.sort_unstable();
        for (row, first) in repeats {
            findings
                .add(rules::KEY_DUPLICATE, At::row(row), || vec![same(&self.names), same(first.to_string())]);
        }
    }
}

fn fold_column(states: &mut [State], array: &dyn Array) {
    // A NULL folds a word that no length or small number shares by accident with its neighbours.
    const NULL: u64 = 0x6E75_6C6C_6E75_6C6C;
    macro_rules! words {
        ($array:expr, $word:expr) => {
            for (state, value) in states.iter_mut().zip($array.iter()) {
                state.fold(value.map_or(NULL, $word));
            }
        };
    }
    match array.data_type() {
        DataType::Int32 => words!(array.as_primitive::<Int32Type>(), |v| i64::from(v).cast_unsigned()),
        DataType::Int64 => words!(array.as_primitive::<Int64Type>(), i64::cast_unsigned),
        DataType::Date32 => words!(array.as_primitive::<Date32Type>(), |v| i64::from(v).cast_unsigned()),
        DataType::Float64 => words!(array.as_primitive::<Float64Type>(), f64::to_bits),
        DataType::Boolean => words!(array.as_boolean(), u64::from),
        DataType::Decimal128(..) => {
            for (state, value) in states.iter_mut().zip(array.as_primitive::<Decimal128Type>().iter()) {
                match value {
                    Some(value) => state.fold_text(&value.to_le_bytes()),
                    None => state.fold(NULL),
                }
            }
        }
        DataType::Utf8 => {
            for (state, value) in states.iter_mut().zip(array.as_string::<i32>().iter()) {
                match value {
                    Some(value) => state.fold_text(value.as_bytes()),
                    None => state.fold(NULL),
                }
            }
        }
        // Forms have no other types.
        _ => {}
    }
}
