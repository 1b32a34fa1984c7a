//! The ledger of fixings: what was announced, begun, fixed and overruled, and who was told.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Int32Type, Int64Type, TimestampMicrosecondType,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::error::{LakeError, Result};
use super::super::files::TableFiles;
use super::super::ledger::timestamp;
use super::super::spec::TableSpec;
use super::calendar::next_day;
use super::error::FreezeError;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The suspension and the date were announced.
    Announced,
    /// A rule was overruled by the ministry.
    Overridden,
    /// A lake version was chosen to be fixed.
    Begun,
    /// Its archive is in place; the lake is open again.
    Fixed,
    /// A later state of a fixed year is in an archive of its own.
    Addendum,
}

impl EventKind {
    const ALL: [Self; 5] = [Self::Announced, Self::Overridden, Self::Begun, Self::Fixed, Self::Addendum];

    /// As the ledger has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Overridden => "overridden",
            Self::Begun => "begun",
            Self::Fixed => "fixed",
            Self::Addendum => "addendum",
        }
    }
}

/// One row of `gov.freeze_event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeEvent {
    /// Order of the events of a lake, from 1.
    pub sequence: i64,
    /// What happened.
    pub kind: EventKind,
    /// Reporting year.
    pub year: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// First day of the suspension.
    pub date_from: Option<NaiveDate>,
    /// Last day of the suspension.
    pub date_to: Option<NaiveDate>,
    /// The one date as of which the data are fixed.
    pub fixing_date: Option<NaiveDate>,
    /// When the suspension begins.
    pub suspended_from: Option<DateTime<Utc>>,
    /// When it ends.
    pub reopens_at: Option<DateTime<Utc>>,
    /// Requirement overruled (`R-40`).
    pub rule: Option<String>,
    /// Why it was overruled, or why there is an addendum.
    pub reason: Option<String>,
    /// Lake version fixed.
    pub lake_version: Option<u64>,
    /// Folder below `archive/`.
    pub archive: Option<String>,
    /// SHA-256 of its manifest.
    pub manifest_sha256: Option<String>,
    /// SHA-256 of the manifest that an addendum continues.
    pub parent_sha256: Option<String>,
    /// Subject of the certificate that signed; `None` = not signed.
    pub signer: Option<String>,
    /// Rows archived.
    pub row_count: Option<u64>,
}

impl FreezeEvent {
    /// An event of a year without anything more.
    #[must_use]
    pub fn new(kind: EventKind, year: i32, at: DateTime<Utc>) -> Self {
        Self {
            sequence: 0,
            kind,
            year,
            at,
            date_from: None,
            date_to: None,
            fixing_date: None,
            suspended_from: None,
            reopens_at: None,
            rule: None,
            reason: None,
            lake_version: None,
            archive: None,
            manifest_sha256: None,
            parent_sha256: None,
            signer: None,
            row_count: None,
        }
    }

    /// That a rule of this year's fixing was overruled.
    #[must_use]
    pub fn overridden(year: i32, at: DateTime<Utc>, rule: &str, reason: &str) -> Self {
        Self {
            rule: Some(rule.to_owned()),
            reason: Some(reason.to_owned()),
            ..Self::new(EventKind::Overridden, year, at)
        }
    }

    fn is_suspending(&self, now: DateTime<Utc>) -> bool {
        self.suspended_from.is_some_and(|from| from <= now) && self.reopens_at.is_some_and(|to| now < to)
    }
}

/// `gov.freeze_event`: one row per event of a fixing.
#[must_use]
pub fn freeze_event() -> TableSpec {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    TableSpec::ledger(
        "freeze_event",
        vec![
            field("sequence", DataType::Int64),
            field("event", DataType::Utf8),
            field("year", DataType::Int32),
            field("event_at", timestamp()),
            field("date_from", DataType::Date32),
            field("date_to", DataType::Date32),
            field("fixing_date", DataType::Date32),
            field("suspended_from", timestamp()),
            field("reopens_at", timestamp()),
            field("rule", DataType::Utf8),
            field("reason", DataType::Utf8),
            field("lake_version", DataType::Int64),
            field("archive", DataType::Utf8),
            field("manifest_sha256", DataType::Utf8),
            field("parent_sha256", DataType::Utf8),
            field("signer", DataType::Utf8),
            field("row_count", DataType::Int64),
        ],
    )
}

/// Every event of a lake version, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<FreezeEvent>,
}

impl History {
    /// Of these events.
    #[must_use]
    pub fn new(mut events: Vec<FreezeEvent>) -> Self {
        events.sort_by_key(|event| event.sequence);
        Self { events }
    }

    /// All of them.
    #[must_use]
    pub fn events(&self) -> &[FreezeEvent] {
        &self.events
    }

    fn last(&self, kind: EventKind, year: i32) -> Option<&FreezeEvent> {
        self.events.iter().rev().find(|event| event.kind == kind && event.year == year)
    }

    /// The announcement in force for a year.
    #[must_use]
    pub fn announced(&self, year: i32) -> Option<&FreezeEvent> {
        self.last(EventKind::Announced, year)
    }

    /// The lake version chosen for a year.
    #[must_use]
    pub fn begun(&self, year: i32) -> Option<&FreezeEvent> {
        self.last(EventKind::Begun, year)
    }

    /// The fixing of a year.
    #[must_use]
    pub fn fixed(&self, year: i32) -> Option<&FreezeEvent> {
        self.last(EventKind::Fixed, year)
    }

    /// Addenda of a year, oldest first.
    pub fn addenda(&self, year: i32) -> impl Iterator<Item = &FreezeEvent> {
        self.events.iter().filter(move |event| event.kind == EventKind::Addendum && event.year == year)
    }

    /// Every archive: fixings and addenda, oldest first.
    pub fn archives(&self) -> impl Iterator<Item = &FreezeEvent> {
        self.events.iter().filter(|event| matches!(event.kind, EventKind::Fixed | EventKind::Addendum))
    }

    /// Years that are fixed.
    pub fn fixed_years(&self) -> impl Iterator<Item = i32> {
        self.events.iter().filter(|event| event.kind == EventKind::Fixed).map(|event| event.year)
    }

    /// The announcement that suspends updates at this time.
    #[must_use]
    pub fn suspension(&self, now: DateTime<Utc>) -> Option<&FreezeEvent> {
        let in_force = |event: &&FreezeEvent| self.announced(event.year) == Some(*event);
        let announced = self.events.iter().filter(|event| event.kind == EventKind::Announced);
        announced.filter(in_force).find(|event| event.is_suspending(now) && self.fixed(event.year).is_none())
    }

    /// Refuses what would change data while updates are suspended.
    ///
    /// # Errors
    /// [`FreezeError::Suspended`].
    pub fn check_open(&self, now: DateTime<Utc>) -> std::result::Result<(), FreezeError> {
        let Some(event) = self.suspension(now) else { return Ok(()) };
        let to = event.date_to.unwrap_or_default();
        Err(FreezeError::Suspended {
            year: event.year,
            from: event.date_from.unwrap_or_default(),
            to,
            reopens: next_day(to),
        })
    }

    /// These events as rows, numbered after those that are there.
    pub(in super::super) fn rows(&self, events: &[FreezeEvent]) -> Result<(TableSpec, RecordBatch)> {
        let spec = freeze_event();
        let first = self.events.last().map_or(1, |event| event.sequence + 1);
        let numbers: Int64Array = events.iter().zip(first..).map(|(_, sequence)| Some(sequence)).collect();
        let texts = |value: &dyn Fn(&FreezeEvent) -> Option<String>| -> ArrayRef {
            Arc::new(events.iter().map(value).collect::<StringArray>())
        };
        let days = |value: &dyn Fn(&FreezeEvent) -> Option<NaiveDate>| -> ArrayRef {
            Arc::new(
                events
                    .iter()
                    .map(|event| value(event).map(Date32Type::from_naive_date))
                    .collect::<Date32Array>(),
            )
        };
        let longs = |value: &dyn Fn(&FreezeEvent) -> Option<u64>| -> ArrayRef {
            Arc::new(
                events
                    .iter()
                    .map(|event| value(event).and_then(|value| i64::try_from(value).ok()))
                    .collect::<Int64Array>(),
            )
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(numbers),
            texts(&|event| Some(event.kind.as_str().to_owned())),
            Arc::new(
                events.iter().map(|event| event.year).collect::<Vec<_>>().into_iter().collect::<Int32Array>(),
            ),
            times(events.iter().map(|event| Some(event.at))),
            days(&|event| event.date_from),
            days(&|event| event.date_to),
            days(&|event| event.fixing_date),
            times(events.iter().map(|event| event.suspended_from)),
            times(events.iter().map(|event| event.reopens_at)),
            texts(&|event| event.rule.clone()),
            texts(&|event| event.reason.clone()),
            longs(&|event| event.lake_version),
            texts(&|event| event.archive.clone()),
            texts(&|event| event.manifest_sha256.clone()),
            texts(&|event| event.parent_sha256.clone()),
            texts(&|event| event.signer.clone()),
            longs(&|event| event.row_count),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&spec.schema), columns);
        Ok((spec.clone(), batch.map_err(LakeError::arrow(&spec.name))?))
    }

    /// Read the events of a lake version.
    pub(in super::super) fn read(table: &TableFiles) -> Result<Self> {
        let mut events = Vec::new();
        for file in &table.files {
            let path = table.folder.join(&file.path);
            let opened = table.store.data(&path)?;
            let reader = ParquetRecordBatchReaderBuilder::try_new(opened)
                .and_then(ParquetRecordBatchReaderBuilder::build);
            for batch in reader.map_err(LakeError::parquet("read", &path))? {
                let batch = batch.map_err(LakeError::arrow(&table.name))?;
                events.extend(
                    parse(&batch)
                        .ok_or_else(|| LakeError::damaged(&path, "it does not hold events of fixings"))?,
                );
            }
        }
        Ok(Self::new(events))
    }
}

/// Times of the ledger, to the millisecond, which the statistics of the log carry exactly.
pub(super) fn times(values: impl Iterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let array: TimestampMicrosecondArray =
        values.map(|time| time.map(|time| time.timestamp_millis() * 1000)).collect();
    Arc::new(array.with_timezone("UTC"))
}

fn parse(batch: &RecordBatch) -> Option<Vec<FreezeEvent>> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let long = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let day = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Date32Type>();
    let time = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let years = batch.column_by_name("year")?.as_primitive_opt::<Int32Type>()?;
    let mut events = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let text = |name: &str| {
            let array = text(name)?;
            array.is_valid(row).then(|| array.value(row).to_owned())
        };
        let long = |name: &str| {
            let array = long(name)?;
            array.is_valid(row).then(|| array.value(row))
        };
        let day = |name: &str| {
            let array = day(name)?;
            if array.is_valid(row) { array.value_as_date(row) } else { None }
        };
        let time = |name: &str| {
            let array = time(name)?;
            if array.is_valid(row) { DateTime::from_timestamp_micros(array.value(row)) } else { None }
        };
        let unsigned = |name: &str| long(name).and_then(|value| u64::try_from(value).ok());
        let kind = text("event")?;
        events.push(FreezeEvent {
            sequence: long("sequence")?,
            kind: EventKind::ALL.into_iter().find(|known| known.as_str() == kind)?,
            year: years.value(row),
            at: time("event_at")?,
            date_from: day("date_from"),
            date_to: day("date_to"),
            fixing_date: day("fixing_date"),
            suspended_from: time("suspended_from"),
            reopens_at: time("reopens_at"),
            rule: text("rule"),
            reason: text("reason"),
            lake_version: unsigned("lake_version"),
            archive: text("archive"),
            manifest_sha256: text("manifest_sha256"),
            parent_sha256: text("parent_sha256"),
            signer: text("signer"),
            row_count: unsigned("row_count"),
        });
    }
    Some(events)
}
