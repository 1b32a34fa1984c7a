//! The Delta log: reading a table at a version, writing the bytes of a commit, checkpoints.
//!
//! Log entries are put together here rather than by deltalake's commit loop: with one writer
//! there is nothing to retry, the bytes must be known before they are written (so that a redo
//! after a crash can tell its own commit from another's), and conflict checks of deltalake
//! 1.1 let two rewrites of one file pass.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{Action, CommitInfo, Transaction};
use deltalake::{DeltaTable, DeltaTableBuilder};
use futures::TryStreamExt;
use serde_json::{Value, json};
use url::Url;

use super::error::{LakeError, Result};
use super::files::{FileEntry, TableFiles};
use super::layout::Layout;
use super::spec::TableSpec;

/// Application id of our transactions; their version is the lake version.
pub(super) const APP_ID: &str = "bilim";
/// Key of our part of commitInfo.
pub(super) const COMMIT_KEY: &str = "bilim";
pub(super) const CHECKPOINT_INTERVAL: u64 = 50;

/// Properties of every table, set when it is created and asserted whenever it is opened.
const PROPERTIES: [(&str, &str); 8] = [
    ("delta.checkpointInterval", "50"),
    ("delta.dataSkippingNumIndexedCols", "-1"),
    ("delta.deletedFileRetentionDuration", "interval 36500 days"),
    ("delta.enableChangeDataFeed", "false"),
    ("delta.enableDeletionVectors", "false"),
    ("delta.enableExpiredLogCleanup", "false"),
    ("delta.enableRowTracking", "false"),
    ("delta.logRetentionDuration", "interval 36500 days"),
];

/// Open a table at a version: its live files with everything known of them.
pub(super) async fn load(layout: &Layout, name: &str, version: u64) -> Result<TableFiles> {
    let table = open(layout, name, version).await?;
    let delta = |error| LakeError::delta(name, version)(error);
    let state = table.snapshot().map_err(delta)?;
    let found = state.metadata().configuration();
    assert_properties(name, |key| found.get(key).map(String::as_str))?;
    assert_protocol(name, &serde_json::to_value(state.protocol()).unwrap_or_default())?;
    let schema_text: Value = serde_json::to_value(state.schema().as_ref()).unwrap_or_default();
    let schema = schema_from_delta(name, &schema_text, &layout.table(name))?;
    let partition_columns: Vec<String> =
        state.metadata().partition_columns().iter().map(ToString::to_string).collect();
    let log_store = table.log_store();
    let folder = layout.table(name);
    #[allow(deprecated, reason = "the only public way to an Add action with its tags")]
    let adds: Vec<_> = state
        .snapshot()
        .file_views(log_store.as_ref(), None)
        .map_ok(|view| view.add_action())
        .try_collect()
        .await
        .map_err(delta)?;
    let mut files = Vec::with_capacity(adds.len());
    for add in &adds {
        if add.deletion_vector.is_some() {
            return Err(LakeError::Property {
                table: name.to_owned(),
                property: "deletion vector".to_owned(),
                found: add.path.clone(),
            });
        }
        files.push(FileEntry::from_add(add, &folder, &schema, &partition_columns)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let table_id = state.metadata().id().to_owned();
    let (name, store) = (name.to_owned(), layout.store().clone());
    Ok(TableFiles { name, version, folder, schema, partition_columns, store, table_id, files })
}

/// Write a checkpoint of a table at a version. Readers do without one, only slower.
pub(super) async fn checkpoint(layout: &Layout, name: &str, version: u64) -> Result<()> {
    let table = open(layout, name, version).await?;
    deltalake::checkpoints::create_checkpoint(&table, None).await.map_err(LakeError::delta(name, version))
}

async fn open(layout: &Layout, name: &str, version: u64) -> Result<DeltaTable> {
    let folder = layout.table(name);
    let url = match layout.store().remote() {
        None => Url::from_directory_path(&folder).ok(),
        // Only the key counts: the store is ours. deltalake knows `memory:` without a factory of its own.
        Some(remote) => {
            let key = remote.key(&folder).map_err(LakeError::io("name", &folder))?;
            Url::parse(&format!("memory:///{key}/")).ok()
        }
    };
    let url = url.ok_or_else(|| LakeError::damaged(&folder, "its path is no URL"))?;
    DeltaTableBuilder::from_url(url.clone())
        .map(|builder| builder.with_storage_backend(layout.store().object_store(), url).with_version(version))
        .map_err(LakeError::delta(name, version))?
        .load()
        .await
        .map_err(LakeError::delta(name, version))
}

fn assert_properties<'a>(table: &str, found: impl Fn(&str) -> Option<&'a str>) -> Result<()> {
    for (key, wanted) in PROPERTIES {
        let found = found(key);
        if found != Some(wanted) {
            return Err(LakeError::Property {
                table: table.to_owned(),
                property: key.to_owned(),
                found: found.unwrap_or("no value").to_owned(),
            });
        }
    }
    if let Some(mode) = found("delta.columnMapping.mode").filter(|mode| *mode != "none") {
        return Err(LakeError::Property {
            table: table.to_owned(),
            property: "delta.columnMapping.mode".to_owned(),
            found: mode.to_owned(),
        });
    }
    Ok(())
}

/// Only the plainest protocol: every optional feature changes what a file's rows mean.
fn assert_protocol(table: &str, protocol: &Value) -> Result<()> {
    let number = |key: &str| protocol.get(key).and_then(Value::as_i64);
    if number("minReaderVersion") == Some(1) && number("minWriterVersion") == Some(2) {
        return Ok(());
    }
    Err(LakeError::Property {
        table: table.to_owned(),
        property: "protocol".to_owned(),
        found: protocol.to_string(),
    })
}

/// What one commit does to one table.
#[derive(Debug)]
pub(super) struct Commit<'a> {
    pub(super) spec: &'a TableSpec,
    /// The table as it is; `None` = the commit creates it.
    pub(super) base: Option<&'a TableFiles>,
    pub(super) add: &'a [FileEntry],
    pub(super) remove: &'a [FileEntry],
    /// False when the commit only moves rows between files.
    pub(super) data_change: bool,
    pub(super) lake_version: u64,
    /// Our part of commitInfo: ledger numbers and content hashes.
    pub(super) info: Value,
    pub(super) now: DateTime<Utc>,
}

impl Commit<'_> {
    /// Delta version this commit makes.
    pub(super) fn version(&self) -> u64 {
        self.base.map_or(0, |base| base.version + 1)
    }

    /// Schema after the commit, and the id of the table.
    pub(super) fn schema(&self) -> Result<SchemaRef> {
        match self.base {
            None => Ok(Arc::clone(&self.spec.schema)),
            Some(base) => merge_schema(self.spec, &base.schema),
        }
    }

    /// The log entry.
    pub(super) fn to_text(&self) -> Result<String> {
        let now_ms = self.now.timestamp_millis();
        let mut lines: Vec<String> = Vec::with_capacity(self.add.len() + self.remove.len() + 4);
        let operation = match (self.base, self.data_change) {
            (Some(_), _) if self.add.is_empty() && self.remove.is_empty() => "FENCE",
            (None, _) => "CREATE TABLE AS SELECT",
            (_, true) => "WRITE",
            (_, false) => "OPTIMIZE",
        };
        let info = CommitInfo {
            timestamp: Some(now_ms),
            operation: Some(operation.to_owned()),
            read_version: self.base.map(|base| base.version),
            is_blind_append: Some(self.remove.is_empty() && self.base.is_some()),
            engine_info: Some(format!("bilim {}", env!("CARGO_PKG_VERSION"))),
            info: [(COMMIT_KEY.to_owned(), self.info.clone())].into(),
            ..CommitInfo::default()
        };
        push(&mut lines, &Action::CommitInfo(info));
        let schema = self.schema()?;
        if self.base.is_none() {
            lines.push(json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}).to_string());
        }
        let is_changed = self.base.is_none_or(|base| base.schema.fields().len() != schema.fields().len());
        if is_changed {
            lines.push(self.metadata(&schema, now_ms));
        }
        let transaction = Transaction::new_with_last_update(
            APP_ID,
            i64::try_from(self.lake_version).unwrap_or(i64::MAX),
            Some(now_ms),
        );
        push(&mut lines, &Action::Txn(transaction));
        let partitions = &self.spec.partition_columns;
        for file in self.remove {
            push(&mut lines, &Action::Remove(file.to_remove(partitions, now_ms, self.data_change)));
        }
        for file in self.add {
            push(&mut lines, &Action::Add(file.to_add(partitions, self.data_change)));
        }
        let mut text = lines.join("\n");
        text.push('\n');
        Ok(text)
    }

    fn metadata(&self, schema: &Schema, now_ms: i64) -> String {
        let properties: BTreeMap<&str, &str> = PROPERTIES.into_iter().collect();
        json!({"metaData": {
            "id": self.table_id(),
            "name": self.spec.name,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": schema_to_delta(schema).to_string(),
            "partitionColumns": self.spec.partition_columns,
            "createdTime": now_ms,
            "configuration": properties,
        }})
        .to_string()
    }

    /// Id of the table: from its name, so that a redo of its creation gives the same bytes.
    pub(super) fn table_id(&self) -> String {
        self.base.map_or_else(
            || {
                uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, format!("bilim:{}", self.spec.name).as_bytes())
                    .to_string()
            },
            |base| base.table_id.clone(),
        )
    }
}

fn push(lines: &mut Vec<String>, action: &Action) {
    lines.push(serde_json::to_string(action).expect("actions hold only strings, numbers and maps of them"));
}

/// Columns of the table with those of the spec that it lacks added at the end.
fn merge_schema(spec: &TableSpec, stored: &SchemaRef) -> Result<SchemaRef> {
    let mut fields: Vec<Arc<Field>> = stored.fields().iter().cloned().collect();
    for field in spec.schema.fields() {
        match stored.field_with_name(field.name()) {
            Ok(found) if found.data_type() == field.data_type() => {}
            Ok(found) => {
                return Err(LakeError::TypeChanged {
                    table: spec.name.clone(),
                    column: field.name().clone(),
                    stored: found.data_type().to_string(),
                    wanted: field.data_type().to_string(),
                });
            }
            Err(_) => fields.push(Arc::clone(field)),
        }
    }
    Ok(if fields.len() == stored.fields().len() { Arc::clone(stored) } else { Arc::new(Schema::new(fields)) })
}

fn schema_to_delta(schema: &Schema) -> Value {
    let fields: Vec<Value> = schema
        .fields()
        .iter()
        .map(|field| {
            let name = match field.data_type() {
                DataType::Int32 => "integer".to_owned(),
                DataType::Int64 => "long".to_owned(),
                DataType::Float64 => "double".to_owned(),
                DataType::Boolean => "boolean".to_owned(),
                DataType::Date32 => "date".to_owned(),
                DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
                DataType::Timestamp(..) => "timestamp".to_owned(),
                _ => "string".to_owned(),
            };
            // Nullable in the log whatever the form says: requiredness belongs to the form's version.
            json!({"name": field.name(), "type": name, "nullable": true, "metadata": {}})
        })
        .collect();
    json!({"type": "struct", "fields": fields})
}

fn schema_from_delta(table: &str, schema: &Value, folder: &Path) -> Result<SchemaRef> {
    let bad = |what: &str| LakeError::damaged(folder, format!("the schema of table {table} has {what}"));
    let fields = schema.get("fields").and_then(Value::as_array).ok_or_else(|| bad("no fields"))?;
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let name = field.get("name").and_then(Value::as_str).ok_or_else(|| bad("a field without name"))?;
        let kind = field.get("type").and_then(Value::as_str).ok_or_else(|| bad("a nested field"))?;
        let data_type = match kind {
            "integer" => DataType::Int32,
            "long" => DataType::Int64,
            "double" => DataType::Float64,
            "boolean" => DataType::Boolean,
            "date" => DataType::Date32,
            "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "string" => DataType::Utf8,
            decimal => decimal_from_delta(decimal).ok_or_else(|| bad("a type this lake never uses"))?,
        };
        columns.push(Field::new(name, data_type, true));
    }
    Ok(Arc::new(Schema::new(columns)))
}

fn decimal_from_delta(text: &str) -> Option<DataType> {
    let (precision, scale) = text.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
    Some(DataType::Decimal128(precision.trim().parse().ok()?, scale.trim().parse().ok()?))
}
