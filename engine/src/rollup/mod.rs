//! Rollups: measure sets computed once a partition, and used wherever what they were computed from is unchanged.
//!
//! A measure set is a view of `sql/measures`. What it says of one region and year is computed once, kept in
//! `rollup/<measure>/` of the lake (`lake::Derived`) and named by a key: the hash of the definition, that is the
//! SQL of the view and of every view below it, the forms and reference tables that they read, and of the data files
//! that it rests on. A session looks up the keys of its own lake version. Where there is a rollup it is read, where
//! there is none the view is computed for that region and year, by the same SQL. So an answer is never stale, at
//! whatever version, and a missing or damaged rollup costs time only.
//!
//! Which files a region and year of a measure set rest on is data (`sql/measures/measures.toml`: `local`, `of_year`)
//! and tested: a rollup computed from those files alone is the same. A set that names no `local` form is one
//! rollup over all files of all tables that it reads.
//!
//! This module makes keys, finds and reads rollups and stores rows. It knows no views: `session` hands them in,
//! and computes.

mod below;
mod build;
mod definition;
mod exec;
mod table;

pub use below::{Below, Sources, named};
pub use build::store;
pub use definition::{Definition, Unit};
pub use exec::{RollupExec, mentions};
pub use table::{Cover, RollupTable, spec_of};
