//! SQL functions of our own, each over the formula of the domain crate.

mod cell;
mod collect;
mod forecast;
mod rank_interval;
mod rounding;
mod status;
mod survey;
mod trend;

pub use status::YearStatus;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use datafusion::prelude::SessionContext;

/// Register every function; the built-in ones stay.
pub fn register_all(ctx: &SessionContext) {
    ctx.register_udf(ScalarUDF::from(cell::CellText::new()));
    ctx.register_udf(ScalarUDF::from(rounding::RoundHalfAway::new()));
    ctx.register_udf(ScalarUDF::from(rounding::AdjustedParity::new()));
    ctx.register_udf(ScalarUDF::from(trend::StudentCritical::new()));
    ctx.register_udaf(AggregateUDF::from(trend::TheilSen::new()));
    for function in [
        forecast::SeriesFunction::forecast(),
        forecast::SeriesFunction::coverage(),
        forecast::SeriesFunction::enrolment(),
    ] {
        ctx.register_udaf(AggregateUDF::from(function));
    }
    ctx.register_udwf(WindowUDF::from(rank_interval::RankIntervals::new()));
    for function in survey::Replicated::all() {
        ctx.register_udaf(AggregateUDF::from(function));
    }
    for function in survey::Linearised::all() {
        ctx.register_udaf(AggregateUDF::from(function));
    }
}
