//! `bilim freeze run`.

use super::level;
use crate::cli::args::FreezeRunArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{init::use_definitions, queue};
use crate::lake::archive::{FreezeError, FreezeJob, Signer};
use crate::lake::{AsOf, LakeError, WriterOptions};

pub async fn run(context: &Context, args: FreezeRunArgs) -> Result<u8, CliError> {
    let signer = match (&args.sign_key, &args.sign_cert) {
        (Some(key), Some(certificate)) => Some(Signer::from_pem(key, certificate)?),
        _ => None,
    };
    if signer.as_ref().is_some_and(Signer::names_person) {
        context.note(
            "the certificate bears the IIN of a person, and whoever has the archive can read it in its signature: \
             sign with the key of the information system instead if the archive is to be published",
        );
    }
    let year = args.year;
    let lake = context.open_lake().await?;
    // Whoever is landing finishes first: the lock is the drain.
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let mut overridden = Vec::new();
    let is_first = snapshot.history().fixed(year).is_none() && snapshot.history().begun(year).is_none();
    if is_first && args.addendum.is_none() && snapshot.history().announced(year).is_some() {
        match (level::check(context, &context.session_over(&snapshot)?, year).await, &args.override_reason) {
            (Ok(()), _) => {}
            (Err(CliError::Lake(LakeError::Freeze(FreezeError::LevelsMissing { .. }))), Some(_)) => {
                overridden.push("R-41".to_owned());
            }
            (Err(error), _) => return Err(error),
        }
    }
    let job = FreezeJob {
        year,
        addendum: args.addendum,
        signer,
        override_reason: args.override_reason,
        overridden,
        software: format!("bilim {}", env!("CARGO_PKG_VERSION")),
    };
    let event = writer.freeze(job).await?;
    context.note(&format!(
        "{} is in {}: lake version {}, {} rows, manifest {}, {}",
        event.archive.as_deref().unwrap_or_default(),
        lake.root().join("archive").display(),
        event.lake_version.unwrap_or_default(),
        event.row_count.unwrap_or_default(),
        event.manifest_sha256.as_deref().unwrap_or_default(),
        event.signer.as_deref().map_or_else(|| "not signed".to_owned(), |name| format!("signed by {name}")),
    ));
    use_definitions(context, &writer).await?;
    queue::land_waiting(context, &lake, &writer).await?;
    Ok(0)
}
