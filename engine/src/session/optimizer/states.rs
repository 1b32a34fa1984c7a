//! Aggregates split in two: states over finer groups, and the answers from states put together.
//!
//! Exactly the functions whose states are plain values: `count`, `sum`, `avg`, `min`, `max`, the boolean and the bit
//! ones, and functions over distinct values of one expression, which becomes a key of the finer groups. Sums of
//! doubles depend on the order of the rows before and after; everything else is exact.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::bit_and_or_xor::{bit_and_udaf, bit_or_udaf, bit_xor_udaf};
use datafusion::functions_aggregate::bool_and_or::{bool_and_udaf, bool_or_udaf};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::utils::COUNT_STAR_EXPANSION;
use datafusion::logical_expr::{AggregateUDF, Expr, ExprSchemable, cast, lit};

/// Digits that hold any number of rows.
const COUNT_DIGITS: u8 = 20;
/// Digits that the engine adds to the scale of an average.
const AVERAGE_SCALE: i8 = 4;

/// The aggregates of one statement as states.
#[derive(Debug)]
pub struct States<'a> {
    input: &'a DFSchema,
    /// Aggregates over the finer groups, named `__state_0` and so on.
    partial: Vec<Expr>,
    /// Aggregates over states, named `__merged_0` and so on.
    merged: Vec<Expr>,
    /// What the finer groups are distinct in beside their keys.
    distinct: Option<Expr>,
    /// Whether a value comes once in a group that is put together.
    is_unique: bool,
}

/// A column without a table.
pub fn column(name: impl Into<String>) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// The name of the column that holds the expression of `DISTINCT`.
pub const DISTINCT: &str = "__distinct";

impl<'a> States<'a> {
    /// No states yet; expressions are over `input`.
    pub fn new(input: &'a DFSchema) -> Self {
        Self { input, partial: Vec::new(), merged: Vec::new(), distinct: None, is_unique: false }
    }

    /// As [`States::new`], where no two finer groups of a group share a distinct value.
    pub fn of_unique_values(input: &'a DFSchema) -> Self {
        Self { is_unique: true, ..Self::new(input) }
    }

    /// The answer of an aggregate, as an expression over the merged columns; `None` when it cannot be split.
    ///
    /// # Errors
    /// When an expression has no type.
    pub fn split(&mut self, aggregate: &Expr) -> Result<Option<Expr>> {
        let Expr::AggregateFunction(AggregateFunction { func, params }) = aggregate else {
            return Ok(match aggregate {
                Expr::Alias(alias) => self.split(&alias.expr)?,
                _ => None,
            });
        };
        let [argument] = params.args.as_slice() else { return Ok(None) };
        if !params.order_by.is_empty() || params.null_treatment.is_some() || aggregate.is_volatile() {
            return Ok(None);
        }
        let is = |other: Arc<AggregateUDF>| **func == *other;
        let repeats_count = [min_udaf, max_udaf, bool_and_udaf, bool_or_udaf, bit_and_udaf, bit_or_udaf]
            .into_iter()
            .all(|one| !is(one()));
        if params.distinct && repeats_count {
            let known = [count_udaf, sum_udaf, avg_udaf].into_iter().any(|one| is(one()));
            return Ok(if known { self.over_distinct(func, params, argument) } else { None });
        }
        let data_type = argument.get_type(self.input)?;
        if !repeats_count || is(bit_xor_udaf()) {
            return Ok(Some(self.merge(func, argument.clone(), params, func)));
        }
        if is(count_udaf()) {
            let counted = self.counted(argument)?;
            // The total group over no rows has no states, and yet its count is zero.
            let total = self.merge(func, counted, params, &sum_udaf());
            return Ok(Some(coalesce(vec![total, lit(0_i64)])));
        }
        let is_number = data_type.is_numeric() && !matches!(data_type, DataType::Float16);
        if is(sum_udaf()) && is_number {
            return Ok(Some(self.merge(func, argument.clone(), params, func)));
        }
        if is(avg_udaf()) {
            return self.average(argument, &data_type, params);
        }
        Ok(None)
    }

    /// Sum over count; integers are summed as such, which is exact.
    fn average(
        &mut self,
        argument: &Expr,
        data_type: &DataType,
        params: &AggregateFunctionParams,
    ) -> Result<Option<Expr>> {
        let counted = self.counted(argument)?;
        let (sum, count) = match data_type {
            DataType::Float64 => {
                let (argument, is_integer) = match argument {
                    Expr::Cast(number) if is_small_integer(&number.expr.get_type(self.input)?) => {
                        (cast(number.expr.as_ref().clone(), DataType::Int64), true)
                    }
                    other => (other.clone(), false),
                };
                let sum = self.merge(&sum_udaf(), argument, params, &sum_udaf());
                let count = self.merge(&count_udaf(), counted, params, &sum_udaf());
                let sum = if is_integer { cast(sum, DataType::Float64) } else { sum };
                (sum, cast(count, DataType::Float64))
            }
            // The quotient has four more digits behind the point than the dividend, cut off as `avg` does.
            DataType::Decimal128(_, scale)
                if *scale >= 0
                    && u8::try_from(scale + AVERAGE_SCALE)
                        .is_ok_and(|digits| digits <= DECIMAL128_MAX_PRECISION) =>
            {
                let sum = self.merge(&sum_udaf(), argument.clone(), params, &sum_udaf());
                let count = self.merge(&count_udaf(), counted, params, &sum_udaf());
                let wide = DataType::Decimal128(DECIMAL128_MAX_PRECISION, *scale);
                (cast(sum, wide), cast(count, DataType::Decimal128(COUNT_DIGITS, 0)))
            }
            _ => return Ok(None),
        };
        Ok(Some(sum / count))
    }

    /// What to count instead of an argument: a cast changes no NULL, and what is never NULL is every row.
    fn counted(&self, argument: &Expr) -> Result<Expr> {
        let argument = match argument {
            Expr::Cast(cast) => cast.expr.as_ref(),
            other => other,
        };
        let is_every_row = !argument.nullable(self.input)?;
        Ok(if is_every_row { Expr::Literal(COUNT_STAR_EXPANSION, None) } else { argument.clone() })
    }

    /// The aggregate over the distinct values themselves; one expression a statement.
    fn over_distinct(
        &mut self,
        func: &Arc<AggregateUDF>,
        params: &AggregateFunctionParams,
        argument: &Expr,
    ) -> Option<Expr> {
        if params.filter.is_some() || self.distinct.as_ref().is_some_and(|known| known != argument) {
            return None;
        }
        self.distinct = Some(argument.clone());
        Some(self.merged(call(func, column(DISTINCT), None, !self.is_unique)))
    }

    /// The column of a state put together.
    fn merge(
        &mut self,
        func: &Arc<AggregateUDF>,
        argument: Expr,
        params: &AggregateFunctionParams,
        merge: &Arc<AggregateUDF>,
    ) -> Expr {
        let state = call(func, argument, params.filter.clone(), false);
        let place = place(&mut self.partial, state);
        self.merged(call(merge, column(format!("__state_{place}")), None, false))
    }

    fn merged(&mut self, call: Expr) -> Expr {
        let place = place(&mut self.merged, call);
        column(format!("__merged_{place}"))
    }

    /// What the finer groups are distinct in beside their keys.
    pub fn distinct(&self) -> Option<&Expr> {
        self.distinct.as_ref()
    }

    /// Aggregates over the finer groups and aggregates over their states.
    pub fn aggregates(self) -> (Vec<Expr>, Vec<Expr>) {
        let named = |prefix: &'static str| {
            move |(place, call): (usize, Expr)| call.alias(format!("__{prefix}_{place}"))
        };
        let partial = self.partial.into_iter().enumerate().map(named("state")).collect();
        let merged = self.merged.into_iter().enumerate().map(named("merged")).collect();
        (partial, merged)
    }
}

/// The same aggregate is computed once.
fn place(calls: &mut Vec<Expr>, call: Expr) -> usize {
    let known = calls.iter().position(|known| *known == call);
    known.unwrap_or_else(|| {
        calls.push(call);
        calls.len() - 1
    })
}

fn call(func: &Arc<AggregateUDF>, argument: Expr, filter: Option<Box<Expr>>, distinct: bool) -> Expr {
    let func = Arc::clone(func);
    Expr::AggregateFunction(AggregateFunction::new_udf(
        func,
        vec![argument],
        distinct,
        filter,
        Vec::new(),
        None,
    ))
}

/// Integers of which any number of rows adds up within 64 bits.
fn is_small_integer(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
    )
}
