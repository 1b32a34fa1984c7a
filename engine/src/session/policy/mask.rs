//! What a researcher reads in place of what identifies a person.
//!
//! Pseudonyms are replaced by others that belong to the caller: the same person is the same within what one caller
//! reads, and two callers cannot compare. Of a month of birth the year is kept; free text is left out.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use bilim_domain::pseudonym::PseudonymKey;
use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::{col, lit};

use crate::definitions::{Field, FieldType, Form};

/// Texts that stand for a person in studies and surveys.
const PERSONS: [&str; 2] = ["pupil_id", "respondent_id"];

/// From so many characters on a text is free: topics, recommendations, notes.
const FREE_TEXT: usize = 500;

/// Masks of a form's columns for the caller of this name; without a key nothing is shown of a person.
pub(super) fn of_form(form: &Form, caller: &str, key: Option<&PseudonymKey>) -> BTreeMap<String, Expr> {
    let masked =
        form.fields.iter().filter_map(|field| Some((field.name.clone(), of_field(field, caller, key)?)));
    masked.collect()
}

fn of_field(field: &Field, caller: &str, key: Option<&PseudonymKey>) -> Option<Expr> {
    let column = || col(format!("\"{}\"", field.name));
    let again = |data_type: DataType, null: ScalarValue| match key {
        Some(key) => {
            let mask = Mask::new(key.clone(), caller.to_owned(), data_type);
            ScalarUDF::from(mask).call(vec![column()])
        }
        None => lit(null),
    };
    match field.field_type {
        FieldType::Pseudonym => Some(again(DataType::Int64, ScalarValue::Int64(None))),
        FieldType::Text(_) if PERSONS.contains(&field.name.as_str()) => {
            Some(again(DataType::Utf8View, ScalarValue::Utf8View(None)))
        }
        FieldType::Text(length) if length >= FREE_TEXT => Some(lit(ScalarValue::Utf8View(None))),
        // The month is 00: not known.
        FieldType::YearMonth => Some(column() / lit(100_i32) * lit(100_i32)),
        _ => None,
    }
}

/// The pseudonym of a pseudonym.
#[derive(Debug)]
struct Mask {
    key: PseudonymKey,
    caller: String,
    data_type: DataType,
    signature: Signature,
}

impl Mask {
    fn new(key: PseudonymKey, caller: String, data_type: DataType) -> Self {
        let exact = TypeSignature::Exact(vec![data_type.clone()]);
        Self { key, caller, data_type, signature: Signature::new(exact, Volatility::Immutable) }
    }
}

// A caller has one key.
impl PartialEq for Mask {
    fn eq(&self, other: &Self) -> bool {
        self.caller == other.caller && self.data_type == other.data_type
    }
}

impl Eq for Mask {}

impl Hash for Mask {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.caller.hash(state);
    }
}

impl ScalarUDFImpl for Mask {
    fn name(&self) -> &'static str {
        "masked"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.data_type.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let masked: ArrayRef = if self.data_type == DataType::Int64 {
            let again = |value: i64| self.key.again(&self.caller, &value.to_be_bytes()).cast_signed();
            let values = arrays[0].as_primitive::<Int64Type>();
            Arc::new(values.iter().map(|value| value.map(again)).collect::<Int64Array>())
        } else {
            let again = |text: &str| format!("{:016x}", self.key.again(&self.caller, text.as_bytes()));
            let values = cast(&arrays[0], &DataType::Utf8View)?;
            let texts = values.as_string_view().iter().map(|text| text.map(again));
            Arc::new(texts.collect::<StringViewArray>())
        };
        Ok(ColumnarValue::Array(masked))
    }
}
