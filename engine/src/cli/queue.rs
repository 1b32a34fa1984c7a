//! Files that came during a suspension: keeping them, and landing them once the lake is open again.

use std::path::PathBuf;
use std::sync::Arc;

use super::context::Context;
use super::error::CliError;
use super::sign::{self, Signature};
use super::submit::{find_form, remit_of, territory};
use crate::lake::archive::{QueueRequest, Queued};
use crate::lake::{AsOf, Lake, LakeError, Outcome, Writer};
use crate::submission::precedence::{self, Held};
use crate::submission::{Origin, Reading, landing, prepare, record_changes};

/// Keep files in the order given, with the signature where there is one; they are on disk when this returns.
pub async fn keep(
    context: &Context,
    lake: &Lake,
    files: &[PathBuf],
    form: &str,
    year: Option<i32>,
    from: &Origin,
    given: Option<Signature>,
) -> Result<(), CliError> {
    let (signature, envelope) = given.map(Signature::into_bytes).unzip();
    let envelope = envelope.flatten();
    for path in files {
        let request = QueueRequest {
            form: form.to_owned(),
            year,
            subject_bin: from.subject,
            path: path.clone(),
            source_system: from.system.clone(),
            signature: signature.clone(),
            envelope: envelope.clone(),
            received_at: context.config.now(),
        };
        let queued = lake.enqueue(request).await?;
        context.note(&format!(
            "{}: queued as number {}; it lands when the lake reopens",
            path.display(),
            queued.number
        ));
    }
    if signature.is_some() {
        context.note("its signature is verified when it lands");
    }
    Ok(())
}

/// Land what waits, in order, unless updates are still suspended. What cannot be read stays and is named.
pub async fn land_waiting(context: &Context, lake: &Lake, writer: &Writer) -> Result<(), CliError> {
    let waiting = lake.queued().await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let now = context.config.now().max(snapshot.version().created_at);
    if snapshot.history().check_open(now).is_err() {
        return Ok(());
    }
    for queued in waiting {
        match one(context, lake, writer, &queued).await {
            Ok(told) => {
                lake.dequeue(&queued).await?;
                context.note(&format!("queued {} ({}): {told}", queued.number, queued.file_name));
            }
            // The lake itself is in trouble: nothing else will fare better.
            Err(CliError::Lake(error)) if !matches!(error, LakeError::Damaged { .. }) => {
                return Err(error.into());
            }
            Err(error) => context.note(&format!(
                "queued {} ({}) stays in the queue: {}",
                queued.number,
                queued.file_name,
                error.chain()
            )),
        }
    }
    Ok(())
}

async fn one(context: &Context, lake: &Lake, writer: &Writer, queued: &Queued) -> Result<String, CliError> {
    let path = lake.queued_file(queued).await?;
    let form = find_form(context, &queued.form)?;
    let ctx = context.session_over(&lake.snapshot(AsOf::Latest).await?)?;
    let system = queued.source_system.clone().unwrap_or_else(|| precedence::OWN_SYSTEM.to_owned());
    precedence::check(&ctx, &system).await?;
    let held = Held::find(&ctx, &form.code, &system).await?;
    let reading = Reading {
        config: context.config.clone(),
        territory: Arc::new(territory(context)?),
        remit: remit_of(context, lake, &form, queued.subject_bin).await?,
        year: queued.year,
        forms: context.definitions.forms.clone(),
        held: Arc::new(held),
    };
    let given = match lake.queued_signature(queued).await? {
        Some((bytes, envelope)) => Some(Signature::of_queued(context, queued, bytes, envelope)?),
        None => None,
    };
    let mut prepared = prepare(writer, &form, &path, &reading).await?;
    let confirmation = sign::confirm(context, writer, &form, &path, &mut prepared, given.as_ref()).await?;
    let from = Origin { subject: queued.subject_bin, system: Some(system) };
    // It counts as entered when it came: the clock stood still while it waited.
    let mut landing = landing(&form, prepared, &from, queued.year, queued.received_at);
    let is_confirmed = confirmation.is_some() && landing.staged.is_some();
    landing.confirmation = confirmation;
    let receipts = writer.land(vec![landing]).await?;
    record_changes(&context.site(), writer, &receipts).await?;
    Ok(receipts.first().map_or_else(String::new, |receipt| {
        let fate = match (receipt.outcome, receipt.is_repeat) {
            (_, true) => "landed before",
            (Outcome::Accepted, _) => "landed",
            (Outcome::Rejected, _) => "rejected, see gov.finding",
        };
        let signed = if is_confirmed { ", confirmed by its signature" } else { "" };
        format!("{fate}, submission {}{signed}", receipt.submission)
    }))
}
