//! Arguments of the survey functions: their types, and their cells row by row.

use std::sync::Arc;

use bilim_domain::survey::SurveyError;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, ListArray, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::{DataFusionError, Result};

/// Type of an argument after coercion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    List,
    Number,
    Text,
    Boolean,
}

impl Kind {
    /// The type that the engine casts the argument to.
    pub(super) fn coerced(self, given: &DataType) -> Option<DataType> {
        let is_list = matches!(
            given,
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::ListView(_)
        );
        let is_text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let is_null = given.is_null();
        match self {
            Self::List => (is_list || is_null)
                .then(|| DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)))),
            Self::Number => (given.is_numeric() || is_null).then_some(DataType::Float64),
            Self::Text => {
                (is_text || given.is_integer() || given.is_numeric() || is_null).then_some(DataType::Utf8)
            }
            Self::Boolean => (given == &DataType::Boolean || is_null).then_some(DataType::Boolean),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::List => "a list of numbers",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Boolean => "a boolean",
        }
    }
}

/// Coerce the arguments of a call; `required` of `kinds` must be there.
pub(super) fn coerce(
    name: &str,
    usage: &str,
    kinds: &[Kind],
    required: usize,
    given: &[DataType],
) -> Result<Vec<DataType>> {
    if given.len() < required || given.len() > kinds.len() {
        return Err(DataFusionError::Plan(format!(
            "{name} has {} arguments, not {}: {name}({usage})",
            kinds.len(),
            given.len()
        )));
    }
    let coerced = kinds.iter().zip(given).enumerate().map(|(place, (kind, given))| {
        kind.coerced(given).ok_or_else(|| {
            let place = place + 1;
            let kind = kind.name();
            DataFusionError::Plan(format!("argument {place} of {name}({usage}) is {given}, not {kind}"))
        })
    });
    coerced.collect()
}

/// A column of an argument.
#[derive(Debug)]
pub(super) enum Cells<'a> {
    List(&'a ListArray, &'a Float64Array),
    Number(&'a Float64Array),
    Text(&'a StringArray),
    Boolean(&'a BooleanArray),
}

impl<'a> Cells<'a> {
    pub(super) fn new(kind: Kind, array: &'a ArrayRef) -> Self {
        match kind {
            Kind::List => {
                let list = array.as_list::<i32>();
                Self::List(list, list.values().as_primitive::<Float64Type>())
            }
            Kind::Number => Self::Number(array.as_primitive::<Float64Type>()),
            Kind::Text => Self::Text(array.as_string::<i32>()),
            Kind::Boolean => Self::Boolean(array.as_boolean()),
        }
    }

    /// The elements of a list: `None` where the list, or every element of it, is NULL.
    ///
    /// # Errors
    /// [`SurveyError::Incomplete`] where some elements are NULL.
    pub(super) fn list(&self, row: usize, what: &'static str) -> Result<Option<&'a [f64]>, SurveyError> {
        let Some((elements, start, end)) = self.elements(row) else { return Ok(None) };
        let null = (start..end).find(|place| elements.is_null(*place));
        match null {
            None => Ok(Some(&elements.values()[start..end])),
            Some(_) if (start..end).all(|place| elements.is_null(place)) => Ok(None),
            Some(place) => Err(SurveyError::Incomplete { what, position: place - start + 1 }),
        }
    }

    /// The elements of a list: `None` where the list, or any element of it, is NULL.
    pub(super) fn complete_list(&self, row: usize) -> Option<&'a [f64]> {
        let (elements, start, end) = self.elements(row)?;
        let is_complete = (start..end).all(|place| elements.is_valid(place));
        is_complete.then(|| &elements.values()[start..end])
    }

    fn elements(&self, row: usize) -> Option<(&'a Float64Array, usize, usize)> {
        let Self::List(lists, elements) = self else { return None };
        let offset = |place: usize| usize::try_from(lists.value_offsets()[place]).unwrap_or_default();
        lists.is_valid(row).then(|| (*elements, offset(row), offset(row + 1)))
    }

    /// A number and its place among the values of the column.
    pub(super) fn number(&self, row: usize) -> Option<&'a [f64]> {
        let Self::Number(numbers) = self else { return None };
        numbers.is_valid(row).then(|| &numbers.values()[row..=row])
    }

    pub(super) fn text(&self, row: usize) -> Option<&'a str> {
        let Self::Text(texts) = self else { return None };
        texts.is_valid(row).then(|| texts.value(row))
    }

    pub(super) fn boolean(&self, row: usize) -> Option<bool> {
        let Self::Boolean(booleans) = self else { return None };
        booleans.is_valid(row).then(|| booleans.value(row))
    }
}
