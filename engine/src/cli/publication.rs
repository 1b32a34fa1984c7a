//! `bilim publication`: when the yearly publications came out, from which lake version, on time or not.

use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Date32Type;

use super::args::{PublicationCommand, PublicationRecordArgs};
use super::context::Context;
use super::error::CliError;
use super::init::use_definitions;
use super::{answer, sql};
use crate::lake::{self, AsOf, WriterOptions};

pub async fn run(context: &Context, command: PublicationCommand) -> Result<u8, CliError> {
    match command {
        PublicationCommand::List { year } => {
            let (ctx, _) = context.session(None).await?;
            let filter = year.map_or_else(|| "true".to_owned(), |year| format!("year = {year}"));
            let statement = format!(
                "select publication, year, due_on, published_on, lake_version, reference, is_on_time, days_late, is_due \
                 from gov.publication_due where {filter} order by year, publication"
            );
            sql::execute(context, &ctx, &statement, false, false).await?;
            Ok(0)
        }
        PublicationCommand::Record(args) => record(context, args).await,
    }
}

async fn record(context: &Context, args: PublicationRecordArgs) -> Result<u8, CliError> {
    let lake = context.open_lake().await?;
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    let latest = lake.snapshot(AsOf::Latest).await?;
    let from = args.lake_version.unwrap_or(latest.version().version);
    // A publication is made from a version that is there.
    lake.snapshot(AsOf::Version(from)).await?;
    let ctx = context.session_over(&latest)?;
    if args.on <= NaiveDate::from_ymd_opt(args.year, 12, 31).unwrap_or(args.on) {
        return Err(CliError::Usage(format!(
            "--on {} lies before the end of the reporting year {}: nothing of it can be published yet",
            args.on, args.year
        )));
    }
    let kind = args.publication.name();
    let earlier = format!(
        "select cast(published_on as varchar) from gov.publication where publication = '{kind}' and year = {}",
        args.year
    );
    if let Some(earlier) = answer::rows(&ctx, &earlier).await?.into_iter().next() {
        let on = earlier.into_iter().next().flatten().unwrap_or_default();
        return Err(CliError::Usage(format!("{kind} of {} is recorded as published on {on}", args.year)));
    }
    use_definitions(context, &writer).await?;
    let spec = lake::publication();
    let now =
        TimestampMicrosecondArray::from(vec![Utc::now().timestamp_millis() * 1000]).with_timezone("UTC");
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![kind])),
        Arc::new(Int32Array::from(vec![args.year])),
        Arc::new(Date32Array::from(vec![Date32Type::from_naive_date(args.on)])),
        Arc::new(Int64Array::from(vec![i64::try_from(from).unwrap_or(i64::MAX)])),
        Arc::new(StringArray::from(vec![args.reference])),
        Arc::new(now),
    ];
    let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(super::ledger_row)?;
    let version = writer.record(vec![(spec, row)]).await?;
    context.note(&format!(
        "{kind} of {} published on {} from lake version {from}; recorded in lake version {}",
        args.year, args.on, version.version
    ));
    Ok(0)
}
