//! Forecasts with intervals.
//!
//! [`series`] draws any yearly series on by the method that has done best on it;
//! [`progression`] moves pupils through the grades and children towards the first.
//! Both judge themselves on their own past ([`interval`]). Neither looks across a
//! break: the caller passes one comparable stretch.

pub mod interval;
pub mod progression;
pub mod series;
pub mod smoothing;

pub use interval::{Bounds, Step};
pub use series::{Coverage, Forecast, LEAST_POINTS, Method, coverage, forecast};
