//! A caller's files as a table beside the lake.

use std::io;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::Result;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::prelude::{CsvReadOptions, SessionContext};

/// Subfolders deeper than this are not looked into.
const DEEPEST: usize = 16;

/// A Parquet or CSV file, or a folder of Parquet files with `key=value` subfolders, whose keys become columns.
///
/// A key of which every value is a whole number is an Int32, any other a text: the engine groups by integers
/// much faster, and statistics of the files are known either way. Texts are views, as in the lake.
///
/// # Errors
/// When the files cannot be read or do not have one schema, and when subfolders of one level have different keys.
pub async fn table_of_files(ctx: &SessionContext, path: &Path) -> Result<Arc<dyn TableProvider>> {
    let text = path.to_string_lossy();
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        return Ok(ctx.read_csv(text.as_ref(), CsvReadOptions::new()).await?.into_view());
    }
    let mut keys = Vec::new();
    if path.is_dir() {
        find_keys(path, 0, &mut keys)?;
    }
    let state = ctx.state();
    let format = ParquetFormat::default()
        .with_options(state.table_options().parquet.clone())
        .with_force_view_types(true);
    let options = ListingOptions::new(Arc::new(format)).with_table_partition_cols(keys);
    let config = ListingTableConfig::new(ListingTableUrl::parse(&text)?)
        .with_listing_options(options)
        .infer_schema(&state)
        .await?;
    let cache = state.runtime_env().cache_manager.get_file_statistic_cache();
    Ok(Arc::new(ListingTable::try_new(config)?.with_cache(cache)))
}

/// The keys of `key=value` folders, the outermost first.
fn find_keys(folder: &Path, level: usize, keys: &mut Vec<(String, DataType)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((key, value)) = name.to_str().and_then(|name| name.split_once('=')) else { continue };
        if !entry.file_type()?.is_dir() || level == DEEPEST {
            continue;
        }
        let data_type = if value.parse::<i32>().is_ok() { DataType::Int32 } else { DataType::Utf8 };
        match keys.get_mut(level) {
            None => keys.push((key.to_owned(), data_type)),
            Some((known, _)) if known != key => {
                let problem = format!("{} has folders of {known} and of {key}", folder.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            Some((_, known)) if data_type == DataType::Utf8 => *known = data_type,
            Some(_) => {}
        }
        find_keys(&entry.path(), level + 1, keys)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn keys_are_integers_where_every_value_is_one() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["year=2023/region=11", "year=2024/region=x", "_temporary/year=a"] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        let mut keys = Vec::new();
        find_keys(folder.path(), 0, &mut keys).unwrap();
        assert_eq!(keys, [("year".to_owned(), DataType::Int32), ("region".to_owned(), DataType::Utf8)]);
        std::fs::create_dir_all(folder.path().join("month=1")).unwrap();
        assert!(find_keys(folder.path(), 0, &mut Vec::new()).is_err());
    }
}
