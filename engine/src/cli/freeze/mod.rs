//! `bilim freeze`: announce a fixing, run it, list what was fixed.

mod announce;
mod level;
mod run;

use super::args::{FreezeAction, FreezeArgs};
use super::context::Context;
use super::error::CliError;
use super::output;
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
    let (ctx, _) = context.session(None).await?;
    output::rows(context, query::run(&ctx, LIST).await?, false).await?;
    Ok(0)
}
