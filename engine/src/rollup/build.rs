//! Rows of a measure set -> rollups.

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::definition::{Definition, Unit};
use super::table::spec_of;
use crate::lake::{Derived, FileEntry, LakeError};

/// Store the rows of some units and enter them in the register.
///
/// `rows` are all rows of these units and no others, with the columns of the view, `view` its schema. A unit without
/// rows is entered as such.
///
/// # Errors
/// [`LakeError::RowSchema`] when the rows are not of the view, [`LakeError::Io`].
pub async fn store(
    derived: &Derived,
    definition: &Definition,
    view: &SchemaRef,
    units: &[Unit],
    rows: Vec<RecordBatch>,
    threads: usize,
) -> Result<(), LakeError> {
    let Some(spec) = spec_of(definition, view) else { return Ok(()) };
    let files = derived.write(spec.clone(), rows, threads).await?;
    let mut entries: BTreeMap<String, Vec<FileEntry>> = BTreeMap::new();
    for unit in units {
        let own = files.iter().filter(|file| file.partition == unit.partition);
        entries.insert(unit.key.clone(), own.cloned().collect());
    }
    derived.enter(&spec.name, &spec.schema, entries).await
}
