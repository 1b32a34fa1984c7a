//! `round_half_away(value, decimals)` and `adjusted_parity(ratio)`.

use std::sync::Arc;

use bilim_domain::{parity, rounding};
use datafusion::arrow::array::{AsArray, Float64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// `round_half_away(value double, decimals bigint) -> double`: half away from zero on the shortest
/// decimal form of the value. NULL gives NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RoundHalfAway {
    signature: Signature,
}

impl RoundHalfAway {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64, DataType::Int64]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RoundHalfAway {
    fn name(&self) -> &'static str {
        "round_half_away"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let values = cast(&arrays[0], &DataType::Float64)?;
        let decimals = cast(&arrays[1], &DataType::Int64)?;
        let rounded: Float64Array = values
            .as_primitive::<Float64Type>()
            .iter()
            .zip(decimals.as_primitive::<Int64Type>())
            .map(|(value, decimals)| {
                Some(rounding::round_half_away(value?, u8::try_from(decimals?.max(0)).unwrap_or(u8::MAX)))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(rounded)))
    }
}

/// `adjusted_parity(numerator double, denominator double) -> double`: the ratio up to 1, above it
/// 2 - 1/ratio. NULL when either is NULL or the ratio cannot be formed.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct AdjustedParity {
    signature: Signature,
}

impl AdjustedParity {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64, DataType::Float64]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for AdjustedParity {
    fn name(&self) -> &'static str {
        "adjusted_parity"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let parity: Float64Array = arrays[0]
            .as_primitive::<Float64Type>()
            .iter()
            .zip(arrays[1].as_primitive::<Float64Type>())
            .map(|(above, below)| parity::ratio(above, below).map(parity::adjusted))
            .collect();
        debug_assert_eq!(parity.len(), args.number_rows.max(parity.len()));
        Ok(ColumnarValue::Array(Arc::new(parity)))
    }
}
