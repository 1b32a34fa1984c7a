//! `cell_text(value, flag, decimals)`: a cell as published tables print it.

use std::sync::Arc;

use bilim_domain::rounding;
use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// `cell_text(value double, flag varchar, decimals bigint) -> varchar`: the value rounded half away from zero, with the
/// symbols of published statistics: `-` nil, `…` not available, `x` suppressed, `.` not applicable, `*` after an estimate.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CellText {
    signature: Signature,
}

impl CellText {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64, DataType::Utf8, DataType::Int64]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for CellText {
    fn name(&self) -> &'static str {
        "cell_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let values = cast(&arrays[0], &DataType::Float64)?;
        let flags = cast(&arrays[1], &DataType::Utf8)?;
        let decimals = cast(&arrays[2], &DataType::Int64)?;
        let cells = values
            .as_primitive::<Float64Type>()
            .iter()
            .zip(flags.as_string::<i32>())
            .zip(decimals.as_primitive::<Int64Type>())
            .map(|((value, flag), decimals)| text(value, flag, decimals.unwrap_or(0)));
        let cells: ArrayRef = Arc::new(cells.map(Some).collect::<StringArray>());
        Ok(ColumnarValue::Array(cells))
    }
}

fn text(value: Option<f64>, flag: Option<&str>, decimals: i64) -> String {
    let Some(value) = value else {
        return match flag {
            Some("suppressed") => "x",
            Some("not_applicable") => ".",
            _ => "…",
        }
        .to_owned();
    };
    if value == 0.0 {
        return "-".to_owned();
    }
    let decimals = u8::try_from(decimals.max(0)).unwrap_or(u8::MAX);
    let rounded = rounding::round_half_away(value, decimals);
    let mark = if flag == Some("estimate") { "*" } else { "" };
    format!("{rounded:.*}{mark}", usize::from(decimals))
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn symbols_stand_for_what_has_no_number() {
        assert_eq!(text(None, None, 1), "…");
        assert_eq!(text(None, Some("not_available"), 1), "…");
        assert_eq!(text(None, Some("suppressed"), 1), "x");
        assert_eq!(text(None, Some("not_applicable"), 1), ".");
        assert_eq!(text(Some(0.0), Some("ok"), 1), "-");
        assert_eq!(text(Some(12.25), Some("ok"), 1), "12.3");
        assert_eq!(text(Some(12.25), Some("estimate"), 0), "12*");
        // Little is not nil.
        assert_eq!(text(Some(0.04), Some("break"), 1), "0.0");
    }
}
