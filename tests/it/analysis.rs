//! Dynamics, decomposition, rankings, ratings and forecasts: the text of the views over random cells equals the
//! formulas of the domain crate.
//!
//! The cells stand in a table `mart.indicator` of a session of our own; the views of `sql/dynamics` and
//! `sql/rankings` are planned over it as they are.

mod cells;
mod definitions;
mod enlarged;
mod forecasts;
mod planning;
mod ratings;
mod series;
