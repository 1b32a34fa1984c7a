//! `rank_interval(position, se, z)`: the best and the worst rank of a unit within its window.

use std::sync::Arc;

use bilim_domain::ranking::{Position, RankInterval, intervals};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type};
use datafusion::common::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, TypeSignature, Volatility, WindowUDFImpl};

/// `rank_interval(position double, se double, z double) -> struct(low bigint, high bigint)` over a whole
/// partition: a smaller position is better; se NULL = known exactly; a row without a position has NULLs and
/// is nobody's rival.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RankIntervals {
    signature: Signature,
}

impl RankIntervals {
    /// The function.
    pub fn new() -> Self {
        let exact = TypeSignature::Exact(vec![DataType::Float64; 3]);
        Self { signature: Signature::new(exact, Volatility::Immutable) }
    }
}

fn bounds() -> Fields {
    Fields::from(vec![Field::new("low", DataType::Int64, true), Field::new("high", DataType::Int64, true)])
}

impl WindowUDFImpl for RankIntervals {
    fn name(&self) -> &'static str {
        "rank_interval"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator))
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Field::new(args.name(), DataType::Struct(bounds()), true).into())
    }
}

#[derive(Debug)]
struct Evaluator;

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let columns: Vec<_> = values.iter().map(AsArray::as_primitive::<Float64Type>).collect();
        let of =
            |column: usize, row: usize| columns[column].is_valid(row).then(|| columns[column].value(row));
        let z = (0..rows).find_map(|row| of(2, row));
        let position = |row| Some((row, Position { position: of(0, row)?, se: of(1, row) }));
        let ranked: Vec<(usize, Position)> = (0..rows).filter(|_| z.is_some()).filter_map(position).collect();
        let positions: Vec<Position> = ranked.iter().map(|(_, position)| *position).collect();
        let mut found: Vec<Option<RankInterval>> = vec![None; rows];
        for ((row, _), interval) in ranked.iter().zip(intervals(&positions, z.unwrap_or_default())) {
            found[*row] = Some(interval);
        }
        let column = |pick: fn(&RankInterval) -> u32| -> ArrayRef {
            Arc::new(
                found.iter().map(|one| one.as_ref().map(|one| i64::from(pick(one)))).collect::<Int64Array>(),
            )
        };
        let columns = vec![column(|one| one.low), column(|one| one.high)];
        Ok(Arc::new(StructArray::try_new(bounds(), columns, None)?))
    }
}
