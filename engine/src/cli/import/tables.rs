//! Input tables of a mapping: files below `--from` and code lists beside the mapping.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use sha2::{Digest, Sha256};

use super::error::ImportError;
use super::sheet;
use crate::config::Config;
use crate::definitions::{Assets, DefinitionError, Source, SourceTable, asset_path};

/// Rows of a batch of a text table.
const BATCH_ROWS: usize = 16_384;

/// The input files of a source, each once, in the order of its tables.
pub fn inputs(source: &Source, from: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for table in source.tables.iter().filter(|table| !table.local) {
        let path = from.join(&table.path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Hash of everything the rows of a source follow from, before a form is added: input files and mapping.
pub fn hash(source: &Source, from: &Path, assets: &Assets) -> Result<Sha256, HashError> {
    let mut hasher = Sha256::new();
    for path in inputs(source, from) {
        let fail = |error| ImportError::File { name: source.name.clone(), path: path.clone(), source: error };
        let mut file = File::open(&path).map_err(fail)?;
        let length = file.metadata().map_err(fail)?.len();
        hasher.update(length.to_le_bytes());
        let mut buffer = vec![0; 1 << 18];
        loop {
            match file.read(&mut buffer).map_err(fail)? {
                0 => break,
                got => hasher.update(&buffer[..got]),
            }
        }
    }
    for path in source.local_files() {
        let text = assets.text(&path)?;
        for part in [path.as_str(), text] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher)
}

/// Why a source has no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// An input file.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A file of the mapping.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// Register every table of a source.
pub async fn register(
    ctx: &SessionContext,
    source: &Source,
    from: &Path,
    assets: &Assets,
    config: &Config,
) -> Result<(), ImportError> {
    for table in &source.tables {
        let refused = |error| ImportError::Register {
            name: source.name.clone(),
            table: table.name.clone(),
            source: error,
        };
        let path = from.join(&table.path);
        if !table.local && has_ending(&table.path, "parquet") {
            let options = ParquetReadOptions::default();
            ctx.register_parquet(&table.name, path.to_string_lossy(), options).await.map_err(refused)?;
            continue;
        }
        let batches = read(table, &path, assets, config).map_err(|problem| match problem {
            Problem::Io(error) => {
                ImportError::File { name: source.name.clone(), path: path.clone(), source: error }
            }
            Problem::Content(message) => ImportError::Table {
                name: source.name.clone(),
                table: table.name.clone(),
                path: path.clone(),
                message,
            },
        })?;
        let memory = MemTable::try_new(batches.0, vec![batches.1]).map_err(refused)?;
        ctx.register_table(&table.name, Arc::new(memory)).map_err(refused)?;
    }
    Ok(())
}

/// Why a table cannot be read.
enum Problem {
    Io(std::io::Error),
    Content(String),
}

fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn read(
    table: &SourceTable,
    path: &Path,
    assets: &Assets,
    config: &Config,
) -> Result<(SchemaRef, Vec<RecordBatch>), Problem> {
    if table.local {
        let text =
            assets.text(&asset_path(&table.path)).map_err(|error| Problem::Content(error.to_string()))?;
        return texts(text.as_bytes(), true, config).map_err(Problem::Content);
    }
    let is_workbook = ["zip", "xls", "xlsx"].iter().any(|ending| has_ending(&table.path, ending));
    if is_workbook {
        let file = File::open(path).map_err(Problem::Io)?;
        let limit = config.max_workbook_bytes;
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(Problem::Io)?;
        if bytes.len() as u64 > limit {
            return Err(Problem::Content(format!("it is larger than max_workbook_bytes, {limit} bytes")));
        }
        if let Some(name) = &table.member {
            bytes = sheet::member(bytes, name, config).map_err(Problem::Content)?;
        }
        let batch = sheet::read(bytes, table, config).map_err(Problem::Content)?;
        return Ok((batch.schema(), vec![batch]));
    }
    let packing = if has_ending(&table.path, "gz") {
        FileCompressionType::GZIP
    } else if has_ending(&table.path, "csv") {
        FileCompressionType::UNCOMPRESSED
    } else {
        return Err(Problem::Content("it is none of parquet, csv, csv.gz, xls, xlsx, zip".to_owned()));
    };
    let file = BufReader::new(File::open(path).map_err(Problem::Io)?);
    let plain = packing.convert_read(file).map_err(|error| Problem::Content(error.to_string()))?;
    texts(plain, false, config).map_err(Problem::Content)
}

/// A CSV whose columns are all text; an empty cell is NULL.
fn texts(
    reader: impl Read,
    has_comments: bool,
    config: &Config,
) -> Result<(SchemaRef, Vec<RecordBatch>), String> {
    let limited = Limited { reader, left: config.max_inflated_bytes, limit: config.max_inflated_bytes };
    let mut csv = csv::ReaderBuilder::new().comment(has_comments.then_some(b'#')).from_reader(limited);
    let header = csv.headers().map_err(|error| error.to_string())?.clone();
    if header.len() > config.max_columns {
        return Err(format!("it has {} columns, max_columns is {}", header.len(), config.max_columns));
    }
    let fields: Vec<Field> =
        header.iter().map(|name| Field::new(name.trim(), DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let mut batches = Vec::new();
    let mut builders: Vec<StringBuilder> = header.iter().map(|_| StringBuilder::new()).collect();
    let (mut rows, mut total) = (0, 0_u64);
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record).map_err(|error| error.to_string())? {
        for (builder, cell) in builders.iter_mut().zip(&record) {
            if cell.len() > config.max_cell_bytes {
                return Err(format!("a cell of record {} is longer than max_cell_bytes", total + 1));
            }
            builder.append_option((!cell.is_empty()).then_some(cell));
        }
        rows += 1;
        total += 1;
        if total > config.max_rows {
            return Err(format!("it has more than max_rows, {} rows", config.max_rows));
        }
        if rows == BATCH_ROWS {
            batches.push(finish(&schema, &mut builders)?);
            rows = 0;
        }
    }
    if rows > 0 {
        batches.push(finish(&schema, &mut builders)?);
    }
    Ok((schema, batches))
}

fn finish(schema: &SchemaRef, builders: &mut [StringBuilder]) -> Result<RecordBatch, String> {
    let columns: Vec<ArrayRef> =
        builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| error.to_string())
}

/// A reader that fails where its limit ends: packed files may hold far more than their size says.
struct Limited<R> {
    reader: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.reader.read(buffer)?;
        match self.left.checked_sub(got as u64) {
            Some(left) => {
                self.left = left;
                Ok(got)
            }
            None => {
                Err(std::io::Error::other(format!("it exceeds max_inflated_bytes, {} bytes", self.limit)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};

    use super::*;

    #[test]
    fn cells_are_texts_and_empty_ones_null() {
        let csv = "# codes\nkato, name\n\"0110\",\"a\nb\"\n,\n";
        let (schema, batches) = texts(csv.as_bytes(), true, &Config::default()).expect("a table");
        assert_eq!(schema.field(1).name(), "name");
        let column = batches[0].column(0).as_string::<i32>();
        assert_eq!((column.value(0), column.is_null(1), batches[0].num_rows()), ("0110", true, 2));
        assert_eq!(batches[0].column(1).as_string::<i32>().value(0), "a\nb");
    }

    #[test]
    fn limits_and_ragged_rows_are_named() {
        let config = Config { max_inflated_bytes: 4, ..Config::default() };
        assert!(
            texts("a,b\n1,2\n".as_bytes(), false, &config).expect_err("long").contains("max_inflated_bytes")
        );
        let config = Config { max_rows: 1, ..Config::default() };
        assert!(texts("a\n1\n2\n".as_bytes(), false, &config).expect_err("long").contains("max_rows"));
        assert!(texts("a,b\n1\n".as_bytes(), false, &Config::default()).is_err());
    }
}
