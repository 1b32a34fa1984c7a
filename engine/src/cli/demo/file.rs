//! A submission file as the generator's records fill it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bilim_domain::generator::RowFault;
use bilim_domain::records::{Form as RecordForm, Record};

use crate::cli::error::CliError;

/// A CSV file of records.
pub(super) struct RecordFile {
    path: PathBuf,
    out: BufWriter<File>,
    line: Vec<u8>,
    rows: u64,
}

impl RecordFile {
    pub(super) fn create(path: &Path, form: RecordForm) -> Result<Self, CliError> {
        let bad = |source| CliError::File { path: path.to_owned(), source };
        let mut out = BufWriter::with_capacity(1 << 18, File::create(path).map_err(bad)?);
        writeln!(out, "{}", form.header()).map_err(bad)?;
        Ok(Self { path: path.to_owned(), out, line: Vec::new(), rows: 0 })
    }

    pub(super) fn add(&mut self, record: &Record) -> Result<(), CliError> {
        self.line.clear();
        record.write_csv(&mut self.line);
        self.put()
    }

    pub(super) fn add_spoiled(
        &mut self,
        record: &Record,
        form: RecordForm,
        fault: RowFault,
    ) -> Result<(), CliError> {
        self.line.clear();
        record.write_csv(&mut self.line);
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line = format!("{}\n", fault.spoil(form, line.trim_end())).into_bytes();
        self.put()
    }

    fn put(&mut self) -> Result<(), CliError> {
        self.rows += 1;
        self.out.write_all(&self.line).map_err(|source| CliError::File { path: self.path.clone(), source })
    }

    pub(super) fn finish(mut self) -> Result<u64, CliError> {
        self.out.flush().map_err(|source| CliError::File { path: self.path.clone(), source })?;
        Ok(self.rows)
    }
}
