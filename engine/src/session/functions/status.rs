//! `year_status(year)`: is a year fixed?

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// `year_status(year int) -> varchar`: `final` once the data of the year are fixed, `preliminary` before.
///
/// A function and not a join with `gov.freeze`, because every select of every indicator asks; the years
/// are those that `gov.freeze` says are fixed at the lake version of the session. NULL gives NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct YearStatus {
    signature: Signature,
    fixed: BTreeSet<i32>,
}

impl YearStatus {
    /// The function over these fixed years.
    pub fn new(fixed: impl Iterator<Item = i32>) -> Self {
        let years = [DataType::Int32, DataType::Int64].map(|year| TypeSignature::Exact(vec![year])).to_vec();
        let signature = Signature::one_of(years, Volatility::Immutable);
        Self { signature, fixed: fixed.collect() }
    }
}

impl ScalarUDFImpl for YearStatus {
    fn name(&self) -> &'static str {
        "year_status"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let years = cast(&arrays[0], &DataType::Int32)?;
        let status = |year| if self.fixed.contains(&year) { "final" } else { "preliminary" };
        let status: StringArray =
            years.as_primitive::<Int32Type>().iter().map(|year| year.map(status)).collect();
        Ok(ColumnarValue::Array(Arc::new(status)))
    }
}
