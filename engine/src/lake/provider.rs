//! A table of a lake version as `DataFusion` sees it: a list of Parquet files, nothing more.
//!
//! deltalake's own provider sets every predicate twice, hides most statistics and knows no
//! order; this one gives a plain Parquet scan with what the log knows about each file. The list is
//! fixed when the provider is made, so nothing is listed or read from the log per query.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{
    ColumnStatistics, DFSchema, DataFusionError, Result, ScalarValue, Statistics, plan_err,
};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfig, FileScanConfigBuilder, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::intervals::utils::check_support;
use datafusion::physical_expr::utils::conjunction_opt;
use datafusion::physical_expr::{AnalysisContext, LexOrdering, PhysicalSortExpr, analyze};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use object_store::ObjectMeta;
use object_store::path::Path as StorePath;

use super::files::{FileEntry, TableFiles};
use super::reads::VerifiedReads;
use super::snapshot::Snapshot;
use super::spec::TableSpec;
use super::store::Store;

/// A table at one lake version.
#[derive(Debug)]
pub struct RawTable {
    name: String,
    /// As users see it: partition columns first, texts as views.
    schema: SchemaRef,
    /// As the scan has it: stored columns, then partition columns.
    scan_schema: TableSchema,
    partition_columns: Vec<String>,
    store: Store,
    files: Vec<ScanFile>,
    /// How files were arranged for scans so far.
    arranged: Mutex<HashMap<Chosen, Arc<Arrangement>>>,
}

/// Most arrangements that are remembered; an indicator needs two or three of a table.
const MOST_ARRANGED: usize = 32;

/// Share of the rows up to which the other columns are decoded for those rows only: above it, going through a file by
/// ranges costs more than it saves.
const FEW: f64 = 0.05;

/// Which files are read, in how many partitions.
type Chosen = (Vec<bool>, usize);

/// The files of a scan, spread over partitions.
#[derive(Debug)]
struct Arrangement {
    groups: Vec<FileGroup>,
    ordering: Option<LexOrdering>,
    statistics: Statistics,
}

/// A file with what planning asks of it.
#[derive(Debug)]
struct ScanFile {
    file: PartitionedFile,
    /// In the order of `RawTable::schema`.
    statistics: Arc<Statistics>,
    sort_columns: Vec<String>,
    path: PathBuf,
    sha256: String,
    size: u64,
}

impl RawTable {
    /// The table of a form or of the ledger at a lake version, with the columns of `spec`.
    ///
    /// A table that does not exist yet has no rows; a column that a file lacks is NULL.
    ///
    /// # Errors
    /// A plan error when a column's type in the table is not the one of `spec`, or when a path
    /// cannot be named.
    pub fn new(snapshot: &Snapshot, spec: &TableSpec) -> Result<Self> {
        Self::of_files(snapshot.table(&spec.name).map(Arc::as_ref), spec)
    }

    /// As [`RawTable::new`], over some files of a table only: a partition, for instance.
    ///
    /// # Errors
    /// As [`RawTable::new`].
    pub fn of_files(table: Option<&TableFiles>, spec: &TableSpec) -> Result<Self> {
        let schema = viewed(&spec.schema);
        let is_partition = |field: &Field| spec.partition_columns.contains(field.name());
        let (partition_fields, stored): (Vec<_>, Vec<_>) =
            schema.fields().iter().cloned().partition(|field| is_partition(field));
        let scan_schema = TableSchema::builder(Arc::new(Schema::new(stored)))
            .with_table_partition_cols(partition_fields)
            .build();
        let store = table.map(|table| table.store.clone()).unwrap_or_default();
        let mut files = Vec::new();
        if let Some(table) = table {
            for field in spec.schema.fields() {
                let found = table.schema.field_with_name(field.name()).ok().map(Field::data_type);
                if let Some(found) = found.filter(|found| *found != field.data_type()) {
                    let (name, column, wanted) = (&spec.name, field.name(), field.data_type());
                    return plan_err!(
                        "column {column} of {name} is stored as {found}, the definitions say {wanted}"
                    );
                }
            }
            for entry in &table.files {
                files.push(scan_file(table, entry, &schema, &scan_schema, &spec.partition_columns)?);
            }
        }
        Ok(Self {
            name: spec.name.clone(),
            schema,
            scan_schema,
            partition_columns: spec.partition_columns.clone(),
            store,
            files,
            arranged: Mutex::default(),
        })
    }

    /// Files that may hold rows for the filters: first by partition, exactly, then by ranges.
    fn surviving(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<bool>> {
        let (exact, rest): (Vec<_>, Vec<_>) =
            filters.iter().cloned().partition(|filter| self.is_partition_only(filter));
        let mut keep = vec![true; self.files.len()];
        if let Some(filter) = conjunction(exact)
            && !self.files.is_empty()
        {
            let schema = self.scan_schema.table_partition_cols();
            let schema = Arc::new(Schema::new(schema.clone()));
            let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&schema))?)?;
            let columns: Vec<ArrayRef> = (0..schema.fields().len())
                .map(|column| {
                    ScalarValue::iter_to_array(
                        self.files.iter().map(|f| f.file.partition_values[column].clone()),
                    )
                })
                .collect::<Result<_>>()?;
            let batch = RecordBatch::try_new(schema, columns)?;
            let verdict = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
            for (keep, verdict) in keep.iter_mut().zip(verdict.as_boolean()) {
                // NULL is not true: the rows of such a file fail the filter.
                *keep = verdict == Some(true);
            }
        }
        if let Some(filter) = conjunction(rest) {
            let filter =
                state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&self.schema))?)?;
            let predicate =
                PruningPredicateBuilder::new().with_file_schema(Arc::clone(&self.schema)).build(filter);
            if let Some(predicate) = predicate {
                let statistics = self.files.iter().map(|file| Arc::clone(&file.statistics)).collect();
                let verdict =
                    predicate.prune(&PrunableStatistics::new(statistics, Arc::clone(&self.schema)))?;
                keep.iter_mut().zip(verdict).for_each(|(keep, verdict)| *keep &= verdict);
            }
        }
        Ok(keep)
    }

    /// The files so chosen, arranged for a scan: with thousands of files that costs more than planning the rest.
    fn arrangement(
        &self,
        keep: Vec<bool>,
        files: &[&ScanFile],
        partitions: usize,
    ) -> Result<Arc<Arrangement>> {
        let known = || self.arranged.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = (keep, partitions);
        if let Some(found) = known().get(&chosen) {
            return Ok(Arc::clone(found));
        }
        let (groups, ordering) = self.groups(files, partitions);
        let statistics = Statistics::try_merge_iter(
            files.iter().filter_map(|file| file.file.statistics.as_deref()),
            self.scan_schema.table_schema(),
        )?;
        let made = Arc::new(Arrangement { groups, ordering, statistics });
        let mut known = known();
        if known.len() >= MOST_ARRANGED {
            known.clear();
        }
        known.insert(chosen, Arc::clone(&made));
        Ok(made)
    }

    /// Share of the rows that pass the filters, by the ranges of whole numbers; 1 where nothing is known.
    fn estimated_share(&self, state: &dyn Session, filters: &[Expr], known: &Statistics) -> Result<f64> {
        let schema = self.scan_schema.table_schema();
        let named = DFSchema::try_from(Arc::clone(schema))?;
        let mut ranges = Vec::new();
        for filter in filters.iter().filter(|filter| !self.is_partition_only(filter)) {
            let filter = state.create_physical_expr(filter.clone(), &named)?;
            if check_support(&filter, schema) {
                ranges.push(filter);
            }
        }
        // Together: both ends of a range may each let half of the rows pass. What cannot be estimated does not fail a query.
        let Some(ranges) = conjunction_opt(ranges) else { return Ok(1.0) };
        let context = AnalysisContext::try_from_statistics(schema, &known.column_statistics);
        let estimate = context.and_then(|context| analyze(&ranges, context, schema)).ok();
        Ok(estimate.and_then(|estimate| estimate.selectivity).unwrap_or(1.0))
    }

    /// The store to scan, known to the session.
    fn scan_store(&self, state: &dyn Session) -> Result<ObjectStoreUrl> {
        let Some(remote) = self.store.remote() else { return Ok(ObjectStoreUrl::local_filesystem()) };
        state.runtime_env().register_object_store(remote.base(), remote.object_store());
        ObjectStoreUrl::parse(remote.base().as_str())
    }

    fn is_partition_only(&self, filter: &Expr) -> bool {
        let columns = filter.column_refs();
        !columns.is_empty()
            && columns.iter().all(|column| self.partition_columns.contains(&column.name))
            && !filter.is_volatile()
    }

    /// Columns that every given file is ascending in.
    fn ordering(&self, files: &[&ScanFile]) -> Option<LexOrdering> {
        let (first, rest) = files.split_first()?;
        let mut common = first.sort_columns.as_slice();
        for file in rest {
            let same = common.iter().zip(&file.sort_columns).take_while(|(a, b)| a == b).count();
            common = &common[..same];
        }
        let schema = self.scan_schema.file_schema();
        let options = SortOptions { descending: false, nulls_first: true };
        let exprs = common.iter().map_while(|name| {
            let index = schema.index_of(name).ok()?;
            Some(PhysicalSortExpr::new(Arc::new(Column::new(name, index)), options))
        });
        LexOrdering::new(exprs)
    }

    /// Spread files over partitions; with an order where files in each partition can follow one another.
    fn groups(&self, files: &[&ScanFile], partitions: usize) -> (Vec<FileGroup>, Option<LexOrdering>) {
        let all = FileGroup::new(files.iter().map(|file| file.file.clone()).collect());
        let ordering =
            self.ordering(files).filter(|_| files.iter().all(|file| has_bounds(file, &self.schema)));
        if let Some(ordering) = ordering {
            let table_schema = self.scan_schema.table_schema();
            let ordered = FileScanConfig::split_groups_by_statistics_with_target_partitions(
                table_schema,
                std::slice::from_ref(&all),
                &ordering,
                partitions.max(1),
            );
            // More groups than partitions would read files side by side that memory was not planned for.
            if let Ok(groups) = ordered
                && groups.len() <= partitions.max(1)
            {
                return (groups, Some(ordering));
            }
        }
        (all.split_files(partitions.max(1)), None)
    }
}

/// Hash the files, if the session wants it.
async fn verify(state: &dyn Session, store: &Store, files: &[&ScanFile]) -> Result<()> {
    let Some(reads) = state.config().get_extension::<VerifiedReads>() else { return Ok(()) };
    let files: Vec<(PathBuf, String, u64)> =
        files.iter().map(|file| (file.path.clone(), file.sha256.clone(), file.size)).collect();
    let store = store.clone();
    let work =
        move || files.iter().try_for_each(|(path, sha256, size)| reads.check(&store, path, sha256, *size));
    let checked = tokio::task::spawn_blocking(work).await;
    checked
        .map_err(|error| DataFusionError::External(Box::new(error)))?
        .map_err(|error| DataFusionError::External(Box::new(error)))
}

/// Splitting by order needs the bounds of the columns in it.
fn has_bounds(file: &ScanFile, schema: &Schema) -> bool {
    file.sort_columns.iter().all(|name| {
        schema.index_of(name).is_ok_and(|index| {
            let column = &file.statistics.column_statistics[index];
            matches!((&column.min_value, &column.max_value), (Precision::Exact(_), Precision::Exact(_)))
        })
    })
}

fn scan_file(
    table: &TableFiles,
    entry: &FileEntry,
    schema: &SchemaRef,
    scan_schema: &TableSchema,
    partitions: &[String],
) -> Result<ScanFile> {
    let path = table.folder.join(&entry.path);
    let meta = ObjectMeta {
        location: match table.store.remote() {
            None => StorePath::from_absolute_path(&path)?,
            Some(remote) => remote.key(&path)?,
        },
        last_modified: chrono::DateTime::from_timestamp_millis(entry.modified_ms).unwrap_or_default(),
        size: entry.size,
        e_tag: None,
        version: None,
    };
    let stored = file_statistics(entry, scan_schema.file_schema(), partitions);
    let file = PartitionedFile::new_from_meta(meta)
        .with_partition_values(entry.partition_scalars())
        .with_statistics(Arc::new(stored));
    let statistics = Arc::new(file_statistics(entry, schema, partitions));
    let (sha256, size) = (entry.sha256.clone(), entry.size);
    Ok(ScanFile { file, statistics, sort_columns: entry.sort_columns.clone(), path, sha256, size })
}

fn file_statistics(entry: &FileEntry, schema: &Schema, partitions: &[String]) -> Statistics {
    let rows = usize::try_from(entry.num_records).unwrap_or(usize::MAX);
    let bytes = usize::try_from(entry.size).unwrap_or(usize::MAX);
    let columns = schema.fields().iter().map(|field| {
        let partition = partitions.iter().position(|column| column == field.name());
        if let Some(value) = partition.and_then(|position| entry.partition.get(position)) {
            let value = Precision::Exact(ScalarValue::Int32(Some(*value)));
            return ColumnStatistics::new_unknown()
                .with_min_value(value.clone())
                .with_max_value(value)
                .with_null_count(Precision::Exact(0))
                .with_distinct_count(Precision::Exact(1));
        }
        let Some(range) = entry.ranges.get(field.name()) else {
            // The file is older than the column.
            let null = ScalarValue::try_from(field.data_type()).map_or(Precision::Absent, Precision::Exact);
            return ColumnStatistics::new_unknown()
                .with_min_value(null.clone())
                .with_max_value(null)
                .with_null_count(Precision::Exact(rows));
        };
        let bound = |value: &Option<ScalarValue>| match value {
            Some(value) => value.cast_to(field.data_type()).map_or(Precision::Absent, Precision::Exact),
            None => Precision::Absent,
        };
        ColumnStatistics::new_unknown()
            .with_min_value(bound(&range.min))
            .with_max_value(bound(&range.max))
            .with_null_count(Precision::Exact(usize::try_from(range.null_count).unwrap_or(usize::MAX)))
    });
    Statistics {
        num_rows: Precision::Exact(rows),
        total_byte_size: Precision::Inexact(bytes.saturating_mul(4)),
        column_statistics: columns.collect(),
    }
}

/// Texts as views: grouping and comparing them is faster than on Utf8.
fn viewed(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for RawTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let keep = self.surviving(state, filters)?;
        let files: Vec<&ScanFile> =
            self.files.iter().zip(&keep).filter_map(|(file, keep)| keep.then_some(file)).collect();
        let wanted: Vec<usize> =
            projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&wanted)?))));
        }
        verify(state, &self.store, &files).await?;
        let table_schema = self.scan_schema.table_schema();
        let indices: Vec<usize> = wanted
            .iter()
            .map(|index| table_schema.index_of(self.schema.field(*index).name()))
            .collect::<Result<_, _>>()?;
        let arranged = self.arrangement(keep, &files, state.config().target_partitions())?;
        let options = &state.config_options().execution.parquet;
        let few_pass = self.estimated_share(state, filters, &arranged.statistics)? <= FEW;
        let store_url = self.scan_store(state)?;
        // A data file never changes, so its footer is read once in the life of the process.
        let runtime = state.runtime_env();
        let footers = CachedParquetFileReaderFactory::new(
            runtime.object_store(&store_url)?,
            runtime.cache_manager.get_file_metadata_cache(),
        );
        let mut source = ParquetSource::new(self.scan_schema.clone())
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_parquet_file_reader_factory(Arc::new(footers))
            .with_pushdown_filters(options.pushdown_filters || few_pass)
            .with_enable_page_index(options.enable_page_index);
        if let Some(bytes) = options.metadata_size_hint {
            source = source.with_metadata_size_hint(bytes);
        }
        let inexact = filters.iter().any(|filter| !self.is_partition_only(filter));
        let config = FileScanConfigBuilder::new(store_url, Arc::new(source))
            .with_file_groups(arranged.groups.clone())
            .with_statistics(arranged.statistics.clone())
            .with_projection_indices(Some(indices))?
            .with_limit(limit.filter(|_| !inexact))
            .with_output_ordering(arranged.ordering.iter().cloned().collect())
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(filters
            .iter()
            .map(|filter| {
                if self.is_partition_only(filter) {
                    TableProviderFilterPushDown::Exact
                } else {
                    TableProviderFilterPushDown::Inexact
                }
            })
            .collect())
    }

    fn statistics(&self) -> Option<Statistics> {
        Statistics::try_merge_iter(self.files.iter().map(|file| file.statistics.as_ref()), &self.schema).ok()
    }
}

impl RawTable {
    /// `raw.s1_pupil`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
