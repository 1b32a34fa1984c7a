//! The different keys of a batch, exactly, at a fraction of what a table of all groups costs a row.
//!
//! Rows of files sorted by organisation repeat their keys from row to row; subjects, languages and years take a few
//! values in any order. Every row's keys are mixed into one number, a small table says which row of the batch had
//! that number first, and then the keys themselves are compared with those of that row, column by column. A key may
//! be found several times (the table forgets); two keys are never taken for one.

use datafusion::arrow::array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::DataType;

/// Slots of the table: what fits the first cache level.
const SLOTS: usize = 2048;
const NULL: u64 = 0x6e75_6c6c;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    mix: u64,
    place: u32,
    /// Number of the batch that filled the slot.
    batch: u32,
}

/// Finds the different keys of one batch after another.
#[derive(Debug)]
pub struct Repeats {
    slots: Vec<Slot>,
    batch: u32,
    mixes: Vec<u64>,
    /// For every row, its place in `firsts`.
    places: Vec<u32>,
    /// Rows with different keys, in order.
    firsts: Vec<u32>,
    /// Batches, their rows and their keys so far.
    batches: usize,
    rows: usize,
    keys: usize,
}

/// Batches after which looking for repeats stops unless it pays.
const PROBE_BATCHES: usize = 8;
/// It pays from this many rows a key.
const ROWS_PER_KEY: usize = 3;

impl Repeats {
    pub fn new() -> Self {
        Self {
            slots: vec![Slot::default(); SLOTS],
            batch: 0,
            mixes: Vec::new(),
            places: Vec::new(),
            firsts: Vec::new(),
            batches: 0,
            rows: 0,
            keys: 0,
        }
    }

    /// As [`Repeats::find`] as long as it pays: keys repeat three times or more in a batch.
    pub fn find_if_it_pays(&mut self, keys: &[ArrayRef]) -> Option<(&[u32], &[u32])> {
        let rows = keys.first()?.len();
        if rows == 0 || (self.batches >= PROBE_BATCHES && self.keys * ROWS_PER_KEY >= self.rows) {
            return None;
        }
        self.batches += 1;
        self.rows += rows;
        let is_found = self.find(keys, rows / ROWS_PER_KEY).is_some();
        self.keys += if is_found { self.firsts.len() } else { rows };
        is_found.then_some((&self.firsts, &self.places))
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
            + self.mixes.capacity() * size_of::<u64>()
            + (self.places.capacity() + self.firsts.capacity()) * size_of::<u32>()
    }

    /// Rows with different keys, and for every row the place of its key among them; `None` when there are more
    /// than `most` of them, or keys of a kind that is not covered.
    fn find(&mut self, keys: &[ArrayRef], most: usize) -> Option<(&[u32], &[u32])> {
        let rows = keys.first()?.len();
        self.mixes.clear();
        self.mixes.resize(rows, 0);
        if !keys.iter().all(|key| mix(key.as_ref(), &mut self.mixes)) {
            return None;
        }
        // Zero is that of slots never filled.
        self.batch = self.batch.wrapping_add(1).max(1);
        self.firsts.clear();
        self.places.clear();
        let mut last: Option<(u64, u32)> = None;
        for (row, mix) in (0_u32..).zip(&self.mixes) {
            let place = match last {
                Some((known, place)) if known == *mix => place,
                _ => {
                    let index = usize::try_from(mix >> (u64::BITS - SLOTS.ilog2())).unwrap_or_default();
                    let slot = &mut self.slots[index];
                    if slot.batch != self.batch || slot.mix != *mix {
                        if self.firsts.len() == most {
                            return None;
                        }
                        let place = u32::try_from(self.firsts.len()).unwrap_or(u32::MAX);
                        *slot = Slot { mix: *mix, place, batch: self.batch };
                        self.firsts.push(row);
                    }
                    slot.place
                }
            };
            last = Some((*mix, place));
            self.places.push(place);
        }
        let is_exact = keys.iter().all(|key| agrees(key.as_ref(), &self.firsts, &self.places));
        is_exact.then_some((&self.firsts, &self.places))
    }
}

/// A value as bits.
trait Word: Copy + PartialEq {
    fn word(self) -> u64;
}

macro_rules! words {
    ($($kind:ty),*) => {$(
        impl Word for $kind {
            #[allow(clippy::cast_sign_loss, clippy::cast_lossless, reason = "bits, not numbers")]
            fn word(self) -> u64 {
                self as u64
            }
        }
    )*};
}

words!(i8, i16, i32, i64, u8, u16, u32, u64);

impl Word for bool {
    fn word(self) -> u64 {
        u64::from(self)
    }
}

impl Word for u128 {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed")]
    fn word(self) -> u64 {
        step(self as u64, (self >> 64) as u64)
    }
}

impl Word for i128 {
    fn word(self) -> u64 {
        self.cast_unsigned().word()
    }
}

fn step(mix: u64, word: u64) -> u64 {
    (mix.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER)
}

/// Something done with the values of a column, whatever their type.
trait Visit {
    type Answer;
    fn visit<T: Word>(self, column: &dyn Array, value: impl Fn(usize) -> T) -> Self::Answer;
}

/// `None` for a type that is not covered. Equal bits are equal values; texts are compared by their views, which differ
/// for equal texts at different places.
fn visit<V: Visit>(column: &dyn Array, visitor: V) -> Option<V::Answer> {
    fn primitive<T: ArrowPrimitiveType<Native: Word>, V: Visit>(column: &dyn Array, visitor: V) -> V::Answer {
        let values = column.as_primitive::<T>().values();
        visitor.visit(column, |row| values[row])
    }
    Some(match column.data_type() {
        DataType::Int8 => primitive::<Int8Type, V>(column, visitor),
        DataType::Int16 => primitive::<Int16Type, V>(column, visitor),
        DataType::Int32 => primitive::<Int32Type, V>(column, visitor),
        DataType::Int64 => primitive::<Int64Type, V>(column, visitor),
        DataType::UInt8 => primitive::<UInt8Type, V>(column, visitor),
        DataType::UInt16 => primitive::<UInt16Type, V>(column, visitor),
        DataType::UInt32 => primitive::<UInt32Type, V>(column, visitor),
        DataType::UInt64 => primitive::<UInt64Type, V>(column, visitor),
        DataType::Date32 => primitive::<Date32Type, V>(column, visitor),
        DataType::Decimal128(..) => primitive::<Decimal128Type, V>(column, visitor),
        DataType::Boolean => {
            let values = column.as_boolean().values();
            visitor.visit(column, |row| values.value(row))
        }
        DataType::Utf8View => {
            let views = column.as_string_view().views();
            visitor.visit(column, |row| views[row])
        }
        _ => return None,
    })
}

struct Mix<'a>(&'a mut [u64]);

impl Visit for Mix<'_> {
    type Answer = ();

    fn visit<T: Word>(self, column: &dyn Array, value: impl Fn(usize) -> T) {
        if column.null_count() == 0 {
            for (row, mix) in self.0.iter_mut().enumerate() {
                *mix = step(*mix, value(row).word());
            }
        } else {
            for (row, mix) in self.0.iter_mut().enumerate() {
                *mix = step(*mix, if column.is_null(row) { NULL } else { value(row).word() });
            }
        }
    }
}

/// False for a type that is not covered.
fn mix(column: &dyn Array, mixes: &mut [u64]) -> bool {
    visit(column, Mix(mixes)).is_some()
}

struct Agree<'a> {
    firsts: &'a [u32],
    places: &'a [u32],
}

impl Visit for Agree<'_> {
    type Answer = bool;

    fn visit<T: Word>(self, column: &dyn Array, value: impl Fn(usize) -> T) -> bool {
        let first = |place: &u32| self.firsts[*place as usize] as usize;
        let mut rows = self.places.iter().enumerate();
        if column.null_count() == 0 {
            rows.all(|(row, place)| value(row) == value(first(place)))
        } else {
            rows.all(|(row, place)| {
                let first = first(place);
                match (column.is_null(row), column.is_null(first)) {
                    (false, false) => value(row) == value(first),
                    (row, first) => row && first,
                }
            })
        }
    }
}

fn agrees(column: &dyn Array, firsts: &[u32], places: &[u32]) -> bool {
    visit(column, Agree { firsts, places }).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::sync::Arc;

    use datafusion::arrow::array::{Int32Array, StringViewArray};

    use super::*;

    #[test]
    fn keys_are_told_apart_and_found_again() {
        let long = "a text longer than twelve bytes";
        let numbers: ArrayRef =
            Arc::new(Int32Array::from(vec![Some(1), None, Some(1), Some(0), None, Some(1)]));
        let texts: ArrayRef =
            Arc::new(StringViewArray::from(vec![Some("a"), None, Some("a"), None, None, Some(long)]));
        let mut repeats = Repeats::new();
        for _ in 0..3 {
            let (firsts, places) = repeats.find(&[Arc::clone(&numbers), Arc::clone(&texts)], 6).unwrap();
            assert_eq!((firsts, places), ([0, 1, 3, 5].as_slice(), [0, 1, 0, 2, 1, 3].as_slice()));
        }
        assert!(repeats.find(&[numbers, texts], 3).is_none(), "there are four");
    }

    /// Two keys with one number are not taken for one.
    #[test]
    fn keys_of_one_mix_are_told_apart() {
        // `NULL` and the number that it is mixed as.
        let column: ArrayRef =
            Arc::new(Int32Array::from(vec![None, Some(i32::try_from(NULL).unwrap()), None]));
        assert!(Repeats::new().find(&[column], 3).is_none());
    }
}
