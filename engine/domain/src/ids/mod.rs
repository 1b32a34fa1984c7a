//! Numbers that name territories, organisations and persons.
//!
//! Parsed at the edge: a [`Kato`], [`Bin`] or [`Iin`] that exists is well formed.
//! Whether a code is in force on a date is [`crate::geo`]'s question; an IIN is
//! only held long enough to become a [`crate::pseudonym::Pseudonym`].

mod bin;
mod check_digit;
mod iin;
mod kato;

pub use bin::Bin;
pub use check_digit::NumberFault;
pub use iin::Iin;
pub use kato::{Kato, RegionCode};
