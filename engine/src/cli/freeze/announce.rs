//! `bilim freeze announce`.

use datafusion::prelude::SessionContext;

use super::level;
use crate::cli::args::AnnounceArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::init::use_definitions;
use crate::lake::archive::{Announcement, FixingRules, FreezeError, FreezeEvent, Recipient};
use crate::lake::{AsOf, LakeError, WriterOptions};

pub async fn run(context: &Context, args: AnnounceArgs) -> Result<u8, CliError> {
    let AnnounceArgs { year, from, to, date, override_reason } = args;
    let lake = context.open_lake().await?;
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let rules = FixingRules::of_year(&context.definitions.assets, year).map_err(LakeError::from)?;
    let announcement = Announcement { year, from, to, date, override_reason };
    // The calendar first: who has the wrong dates need not read a list of subjects.
    let now = context.config.now();
    announcement.events(&rules, snapshot.history(), now).map_err(LakeError::from)?;
    let ctx = context.session_over(&snapshot)?;
    let mut more = Vec::new();
    match (level::check(context, &ctx, year).await, &announcement.override_reason) {
        (Ok(()), _) => {}
        (Err(CliError::Lake(LakeError::Freeze(FreezeError::LevelsMissing { .. }))), Some(reason)) => {
            more.push(FreezeEvent::overridden(year, now, "R-41", reason));
        }
        (Err(error), _) => return Err(error),
    }
    let recipients = recipients(&ctx, year).await?;
    use_definitions(context, &writer).await?;
    let version = writer.announce(&announcement, &rules, &recipients, &more).await?;
    if !rules.is_exact {
        context.note(&format!(
            "the working calendar of {year} rests on statutory rules: transfers of days off are not in it"
        ));
    }
    context.note(&format!(
        "announced: the data of {year} are fixed as of {date}, updates are suspended from {from} to {to}; {} told, lake \
         version {}",
        recipients.len(),
        version.version
    ));
    Ok(0)
}

/// Everybody who must know: the organisations of the register, the departments, every user.
async fn recipients(ctx: &SessionContext, year: i32) -> Result<Vec<Recipient>, CliError> {
    let organisations = format!(
        "select distinct lpad(cast(r.org_bin as varchar), 12, '0') as bin from gov.register r where r.year = (select \
         max(year) from gov.register where year <= {year}) order by bin"
    );
    let authorities = format!(
        "select distinct lpad(cast(a.bin as varchar), 12, '0') as bin from staging.reg_authority a where a.year <= \
         {year} order by bin"
    );
    let mut recipients = vec![Recipient { kind: "users".to_owned(), recipient: "*".to_owned() }];
    for (kind, sql) in [("authority", authorities), ("organisation", organisations)] {
        for recipient in level::texts(ctx, &sql).await? {
            recipients.push(Recipient { kind: kind.to_owned(), recipient });
        }
    }
    Ok(recipients)
}
