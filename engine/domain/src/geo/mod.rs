//! Units of territory, which change while their codes are reused.
//!
//! [`Territory`] turns a code and a date into a unit; [`Crosswalk`] carries values
//! from one vintage to another without losing any. Names, shapes and tiers are
//! reference data and not needed here.

mod apportion;
mod crosswalk;
mod territory;

pub use apportion::apportion;
pub use crosswalk::{Crosswalk, Link};
pub use territory::{Territory, Unit};
