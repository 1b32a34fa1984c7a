//! The rules of educational monitoring, and nothing else.
//!
//! This leaf crate owns years and dates of fixing, levels and coverage tiers,
//! territory with vintages, identifiers and pseudonyms, working days, rounding,
//! ranking and ratings, parity, dynamics, forecasts, statistics of sample surveys, the record types of
//! the forms, the independent
//! [`oracle`] that the SQL of the warehouse is tested against, and the seeded
//! [`generator`] of a synthetic country.
//!
//! It deliberately does no I/O, reads no clock, and knows neither Arrow nor any
//! query engine: an oracle that cannot see the engine is an independent one.
//! Country facts (codes, names, calendars, thresholds) are arguments, not constants.

mod codes;

pub mod calendar;
pub mod decomposition;
pub mod dimension;
pub mod disclosure;
pub mod distribution;
pub mod dynamics;
pub mod error;
pub mod forecast;
pub mod generator;
pub mod geo;
pub mod ids;
pub mod level;
pub mod modality;
pub mod oracle;
pub mod parity;
pub mod pseudonym;
pub mod ranking;
pub mod rating;
pub mod records;
pub mod rounding;
pub mod survey;
pub mod suspension;
pub mod tier;
pub mod trend;
pub mod year;
pub mod year_month;

pub use error::DomainError;
