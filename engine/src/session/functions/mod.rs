//! SQL functions of our own, each over the formula of the domain crate.

mod cell;
mod rounding;
mod status;

pub use status::YearStatus;

use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

/// Register every function; the built-in ones stay.
pub fn register_all(ctx: &SessionContext) {
    ctx.register_udf(ScalarUDF::from(cell::CellText::new()));
    ctx.register_udf(ScalarUDF::from(rounding::RoundHalfAway::new()));
    ctx.register_udf(ScalarUDF::from(rounding::AdjustedParity::new()));
}
