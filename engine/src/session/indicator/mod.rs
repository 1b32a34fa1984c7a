//! The indicator catalogue as SQL: what a query asks for, the statement that answers it, and
//! the tables `mart.indicator` and `mart.indicator_edition` over both.

mod compile;
mod declared;
mod disclosure;
mod dispersion;
mod kept;
mod plans;
mod provider;
mod queued;
mod request;
mod shared;
mod text;
mod vintage;

pub use compile::{PARITY, TIERS};
pub use dispersion::DISPERSION;
pub use provider::{Editions, IndicatorTable};
pub use request::Request;
pub use vintage::{AS_REPORTED, names as vintages};
