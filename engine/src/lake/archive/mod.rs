//! The fixing of a year and its archive (paragraphs 8 and 10 of the Rules).
//!
//! Owns the announcement and the suspension of updates, the copy of one lake version under
//! `archive/<year>/`, its signed manifest, and the check of such a folder without the lake. It does not
//! decide who may announce, nor what the views over an archive say.

mod announce;
mod calendar;
mod canonical;
mod copy;
mod error;
mod events;
mod manifest;
mod merkle;
mod open;
mod queue;
mod run;
mod sign;
mod totals;
mod verify;

pub use announce::{Announcement, Recipient, notice};
pub use calendar::{FixingRules, end_of_day};
pub use error::FreezeError;
pub use events::{EventKind, FreezeEvent, History, freeze_event};
pub use manifest::{ArchivedFile, ArchivedTable, ControlTotal, DataFile, Manifest};
pub use open::ArchiveRef;
pub(super) use queue::tidy as tidy_queue;
pub use queue::{QueueRequest, Queued};
pub use run::FreezeJob;
pub use sign::{Roots, Signer};
pub use verify::{ArchiveReport, SignatureState, verify_archive};
