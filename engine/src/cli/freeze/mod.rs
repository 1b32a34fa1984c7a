//! `bilim freeze`: announce a fixing, run it, list what was fixed.

mod announce;
mod level;
mod run;

use super::args::{FreezeAction, FreezeArgs};
use super::context::Context;
use super::error::CliError;
use super::output;
use crate::lake::archive::EventKind;
use crate::query;

/// Every fixing, as `gov.freeze` has it.
const LIST: &str = "select year, status, date_from, date_to, fixing_date, announced_at, fixed_at, lake_version, \
                    archive, signer, addendum_count, overridden, manifest_sha256 from gov.freeze order by year";

pub async fn run(context: &Context, args: FreezeArgs) -> Result<u8, CliError> {
    match args.action {
        FreezeAction::Announce(args) => announce::run(context, args).await,
        FreezeAction::Run(args) => run::run(context, args).await,
        FreezeAction::List => list(context).await,
    }
}

async fn list(context: &Context) -> Result<u8, CliError> {
    let (ctx, snapshot) = context.session(None).await?;
    output::rows(context, query::run(&ctx, LIST).await?, false).await?;
    let mut missed = level::texts(&ctx, "select year from gov.freeze_missing order by year").await?;
    // The view knows the time of the lake version only; a suspension may have ended since without a write.
    let history = snapshot.history();
    for event in history.events().iter().filter(|event| event.kind == EventKind::Announced) {
        let is_over = event.reopens_at.is_some_and(|reopens| reopens <= context.config.now());
        let year = event.year.to_string();
        if is_over && history.fixed(event.year).is_none() && !missed.contains(&year) {
            missed.push(year);
        }
    }
    for year in &missed {
        context.note(&format!("{year}: the time of its fixing has passed and nothing is fixed"));
    }
    Ok(u8::from(!missed.is_empty()))
}
