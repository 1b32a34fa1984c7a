//! The lake: tables, landings, versions, reading, integrity. The only code that names `deltalake`.
//!
//! # What is where
//! Each form is a Delta table `raw/<form>`, partitioned by `year` and `region`; the ledger is
//! the Delta tables `gov/<name>` of `ledger.rs`, to which rows are only ever added. A **lake version**
//! (`snapshots/<n>.json`) fixes the Delta version of every table, because Delta has no commit
//! across tables. Our readers open lake versions only and never look at a table's head.
//!
//! # How a landing becomes visible
//! A batch of landings makes lake version `n`. In this order, each step synced before the next:
//!
//! 1. data files, of the raw tables and of the ledger, in their final place; nothing names them yet;
//! 2. `pending/<n>.json`: the bytes of every log entry and of `snapshots/<n>.json`.
//!    **This is the decision.** Before it nothing has happened, after it everything will have;
//! 3. one log entry per table, created once at (version of the table in lake version n-1) + 1;
//! 4. `snapshots/<n>.json`, created once. Readers see version `n` from here;
//! 5. the pending file is removed; the caller gets its receipts.
//!
//! # Recovery
//! Only the holder of the writer lock recovers, before it does anything else: it repeats steps
//! 3 to 5 of a pending file that it finds. Each step is "create once, or find the same bytes",
//! so repeating is harmless, however far the crashed writer got. A file at the wrong place with
//! other bytes means that another program wrote, and is an error, never overwritten.
//! So a crash leaves the old state (up to step 2) or the new one (from step 2 on, as soon as the
//! next writer opens; readers see the old one until then), for all tables of the batch
//! together. Data files without a commit are orphans: harmless, listed by [`Lake::verify`].
//!
//! An error in step 3 or 4 is treated like a crash: the same writer finishes the pending file
//! before it accepts the next batch, and says [`LakeError::Unconfirmed`] meanwhile.
//!
//! # In an object store
//! The same steps over `s3:`, `az:` or `gs:` (`store`), with a lease instead of the lock (`lease`). Step 2 creates
//! `pending/<n>.json` only if the name is free, and it stays: of two writers one decides version `n`.
//!
//! # Doing a thing once
//! Every log entry carries `txn(bilim, n)` and, in `commitInfo.bilim`, the ledger numbers and
//! content hashes. The version of `txn` is the lake version and not the ledger number, because
//! one commit lands many submissions and files merging lands none. The ledger
//! decides what is known: the same bytes for the same form and year, once accepted, give
//! the earlier receipt.
//!
//! # What is not here
//! Validation (`intake`), remits and roles, SQL. The fixing of a year and its archive are in `archive`.

mod accounts;
pub mod archive;
mod compact;
mod confirmation;
mod decide;
mod definitions;
mod delta;
mod derived;
mod error;
mod fault;
mod files;
mod gov;
mod inject;
#[allow(clippy::module_inception, reason = "the type that the module is about")]
mod lake;
mod land;
mod landing;
mod layout;
mod lease;
mod ledger;
mod lock;
mod pending;
pub mod provider;
mod reads;
mod snapshot;
mod spec;
mod stage;
mod stats;
mod store;
mod supersede;
mod upkeep;
mod verify;
mod version;
mod writer;

pub use accounts::AccountArea;
pub use confirmation::{Confirmation, Evidence, SignatureUse};
pub use derived::{Derived, Memory, Register};
pub use error::LakeError;
pub use fault::{Fault, FreezeStep};
pub use files::{FileEntry, TableFiles};
pub use lake::Lake;
pub use landing::{FindingRow, Landing, Outcome, Receipt};
pub use ledger::{
    change, confirmation_event, decision, finding, ledgers, parameter_change, publication, scope, submission,
};
pub use reads::VerifiedReads;
pub use snapshot::{AsOf, Snapshot};
pub use spec::TableSpec;
pub use stage::StagedFiles;
pub use stats::{ColumnRange, ColumnRanges};
pub use upkeep::{MergeGroup, MergedFiles};
pub use verify::{Problem, Verification};
pub use version::LakeVersion;
pub use writer::{Writer, WriterOptions};

#[cfg(test)]
mod tests;

/// Version of the Delta implementation.
#[must_use]
pub fn delta_version() -> &'static str {
    deltalake::crate_version()
}
