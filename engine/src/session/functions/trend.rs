//! `theil_sen(x, y)` and `student_t_critical(z, degrees)`.

use std::sync::Arc;

use bilim_domain::{distribution, trend};
use datafusion::arrow::array::{AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, FieldRef, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature,
    TypeSignature, Volatility,
};

use super::collect::{Collect, state_fields};

/// `theil_sen(x double, y double) -> double`: the median of the slopes of all pairs of points.
/// NULL without two points of different x.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TheilSen {
    signature: Signature,
}

impl TheilSen {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64; 2]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for TheilSen {
    fn name(&self) -> &'static str {
        "theil_sen"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Collect::new(2, |columns| {
            let points: Vec<(f64, f64)> = columns[0].iter().zip(&columns[1]).map(|(x, y)| (*x, *y)).collect();
            Ok(ScalarValue::Float64(trend::theil_sen(&points)))
        })))
    }

    fn state_fields(&self, _: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(state_fields(2))
    }
}

/// `student_t_critical(z double, degrees bigint) -> double`: the `t` that leaves out as much of Student's
/// distribution as `z` of the normal one. NULL without a degree of freedom.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct StudentCritical {
    signature: Signature,
}

impl StudentCritical {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64, DataType::Int64]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for StudentCritical {
    fn name(&self) -> &'static str {
        "student_t_critical"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        // A quantile is a search: what repeats is looked up.
        let mut known: Vec<((u64, u32), Option<f64>)> = Vec::new();
        let critical: Float64Array = arrays[0]
            .as_primitive::<Float64Type>()
            .iter()
            .zip(arrays[1].as_primitive::<Int64Type>())
            .map(|(z, degrees)| {
                let (z, degrees) = (z?, u32::try_from(degrees?).unwrap_or(0));
                let key = (z.to_bits(), degrees);
                if let Some((_, value)) = known.iter().find(|(other, _)| *other == key) {
                    return *value;
                }
                let value = distribution::student_critical(z, degrees);
                known.push((key, value));
                value
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(critical)))
    }
}
