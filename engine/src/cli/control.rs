//! `bilim control`: departments look through what is under them, return it or accept it (paragraph 8, item 2).

use std::sync::Arc;

use chrono::Utc;
use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::prelude::SessionContext;

use super::args::{ControlCommand, DecisionArgs};
use super::context::Context;
use super::error::CliError;
use super::init::use_definitions;
use super::{answer, sql};
use crate::lake::{self, AsOf, WriterOptions};
use crate::submission::remit;

/// Longest reason kept, in characters.
const REASON_CHARS: usize = 1000;

pub async fn run(context: &Context, command: ControlCommand) -> Result<u8, CliError> {
    match command {
        ControlCommand::List { by, state } => list(context, by.as_deref(), state.as_deref()).await,
        ControlCommand::Return(args) => decide(context, args, "returned").await,
        ControlCommand::Accept(args) => decide(context, args, "accepted").await,
    }
}

/// Submissions with their state; of one authority, those with an organisation under it.
async fn list(context: &Context, by: Option<&str>, state: Option<&str>) -> Result<u8, CliError> {
    let (ctx, _) = context.session(None).await?;
    let mut filters = vec!["true".to_owned()];
    if let Some(by) = by {
        filters.push(territory(&ctx, answer::bin("--by", by)?).await?);
    }
    if let Some(state) = state {
        filters.push(format!("state = {}", answer::quote(state)));
    }
    let statement = format!(
        "select submission, form, year, lpad(cast(org_bin as varchar), 12, '0') as org_bin, district, state, \
         authority_bin, reason, submitted_at, file_name from gov.scope_state where {} order by submission, org_bin",
        filters.join(" and ")
    );
    sql::execute(context, &ctx, &statement, false, false).await?;
    Ok(0)
}

/// The rows of `gov.scope_state` that an authority controls.
async fn territory(ctx: &SessionContext, bin: i64) -> Result<String, CliError> {
    let authority = remit::authority(ctx, bin).await?;
    match authority {
        Some(found) if found.kind == "ministry" => Ok("true".to_owned()),
        Some(found) if found.kind == "region_dept" => Ok(format!("region = {}", found.kato / 10_000_000)),
        Some(found) if found.kind == "district_dept" => Ok(format!("district = {}", found.kato)),
        _ => Err(CliError::NotAllowed(format!(
            "{bin:012} is no department of education and no ministry: see staging.reg_authority"
        ))),
    }
}

async fn decide(context: &Context, args: DecisionArgs, outcome: &str) -> Result<u8, CliError> {
    let bin = answer::bin("--by", &args.by)?;
    let reason = args.reason.unwrap_or_default().trim().to_owned();
    if reason.is_empty() && outcome == "returned" {
        return Err(CliError::Usage(
            "say why: --reason TEXT, so that the subject knows what to correct".to_owned(),
        ));
    }
    if reason.chars().count() > REASON_CHARS {
        return Err(CliError::Usage(format!("--reason is longer than {REASON_CHARS} characters")));
    }
    let lake = context.open_lake().await?;
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    // Under the lock: nothing lands between what is looked at and what is decided.
    let ctx = context.session_over(&lake.snapshot(AsOf::Latest).await?)?;
    let inside = territory(&ctx, bin).await?;
    may_decide(&ctx, args.submission, bin, &inside).await?;
    let numbered = answer::rows(&ctx, "select coalesce(max(decision), 0) + 1 from gov.decision").await?;
    let number: i64 = numbered
        .first()
        .and_then(|row| row.first().cloned().flatten())
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    use_definitions(context, &writer).await?;
    let spec = lake::decision();
    let now =
        TimestampMicrosecondArray::from(vec![Utc::now().timestamp_millis() * 1000]).with_timezone("UTC");
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![number])),
        Arc::new(Int64Array::from(vec![args.submission])),
        Arc::new(Int64Array::from(vec![bin])),
        Arc::new(StringArray::from(vec![outcome])),
        Arc::new(StringArray::from(vec![(!reason.is_empty()).then_some(reason)])),
        Arc::new(now),
    ];
    let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(super::ledger_row)?;
    let version = writer.record(vec![(spec, row)]).await?;
    context.note(&format!(
        "decision {number}: submission {} {outcome} by {bin:012}; lake version {}",
        args.submission, version.version
    ));
    Ok(0)
}

/// Is every organisation of the submission under the authority, and does the submission still stand?
async fn may_decide(ctx: &SessionContext, submission: i64, bin: i64, inside: &str) -> Result<(), CliError> {
    let sql = format!(
        "select lpad(cast(org_bin as varchar), 12, '0'), district, coalesce({inside}, false), state from \
         gov.scope_state where submission = {submission} order by 1"
    );
    let scopes = answer::rows(ctx, &sql).await?;
    if scopes.is_empty() {
        return Err(CliError::Usage(format!(
            "submission {submission} covers no organisation: `bilim control list` shows those that do"
        )));
    }
    let text = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    if let Some(outside) = scopes.iter().find(|row| row[2].as_deref() != Some("true")) {
        return Err(CliError::NotAllowed(format!(
            "submission {submission} covers {} in district {}, which is not under {bin:012}",
            text(&outside[0]),
            text(&outside[1])
        )));
    }
    if scopes.iter().all(|row| row[3].as_deref() == Some("superseded")) {
        return Err(CliError::Usage(format!(
            "submission {submission} is superseded: decide on the later one"
        )));
    }
    Ok(())
}
