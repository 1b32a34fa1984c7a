//! The submissions into the lake, through the same intake and landing as any.

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim_domain::records::Form as RecordForm;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use super::files::Submission;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::init::use_definitions;
use crate::cli::submit::territory;
use crate::lake::{Lake, WriterOptions};
use crate::submission::{Origin, Reading, landing, prepare, record_changes};

/// Files that land in one commit.
const BATCH: usize = 1000;

/// The information system that the submissions come from.
pub(super) const SYSTEM: &str = "nobd";

/// What is still to be submitted, by form, each in its order.
pub(super) type Waiting = BTreeMap<RecordForm, Vec<Submission>>;

/// Take out what has come by a time.
///
/// Its date is never before `open`, the end of a suspension: what came during it was refused, and came again.
pub(super) fn due(waiting: &mut Waiting, by: DateTime<Utc>, open: Option<DateTime<Utc>>) -> Waiting {
    let mut due = Waiting::new();
    for (form, files) in waiting {
        let (now, later) = std::mem::take(files).into_iter().partition(|file: &Submission| file.at <= by);
        *files = later;
        let now: Vec<Submission> = now;
        if !now.is_empty() {
            let come =
                now.into_iter().map(|file| Submission { at: file.at.max(open.unwrap_or(file.at)), ..file });
            due.insert(*form, come.collect());
        }
    }
    due
}

/// Submit the files form by form, each form in as few commits as its files allow.
pub(super) async fn land_all(context: &Context, lake: &Lake, submissions: Waiting) -> Result<(), CliError> {
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    use_definitions(context, &writer).await?;
    let territory = Arc::new(territory(context)?);
    let total: usize = submissions.values().map(Vec::len).sum();
    let progress = if context.global.quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} submissions {elapsed}") {
        progress.set_style(style);
    }
    for (record_form, files) in submissions {
        let code = record_form.code();
        let form = context
            .definitions
            .form(code)
            .cloned()
            .ok_or_else(|| CliError::Usage(format!("there is no form {code}")))?;
        for batch in files.chunks(BATCH) {
            let jobs: Vec<_> = batch
                .iter()
                .map(|file| {
                    let reading = Reading {
                        config: context.config.clone(),
                        territory: Arc::clone(&territory),
                        remit: file.remit.clone(),
                        year: None,
                        forms: context.definitions.forms.clone(),
                        held: Arc::default(),
                    };
                    let (writer, form) = (&writer, &form);
                    async move { prepare(writer, form, &file.path, &reading).await }
                })
                .collect();
            let prepared: Vec<_> =
                futures::stream::iter(jobs).buffered(2).inspect_ok(|_| progress.inc(1)).try_collect().await?;
            let landings = prepared
                .into_iter()
                .zip(batch)
                .map(|(prepared, file)| {
                    let from = Origin { subject: file.subject, system: Some(SYSTEM.to_owned()) };
                    landing(&form, prepared, &from, None, file.at)
                })
                .collect();
            let receipts = writer.land(landings).await?;
            record_changes(&context.site(), &writer, &receipts).await?;
        }
    }
    progress.finish_and_clear();
    Ok(())
}
