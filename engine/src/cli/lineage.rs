//! `bilim lineage`: what a value of `mart.indicator` rests on.

use super::args::LineageArgs;
use super::context::Context;
use super::error::CliError;
use super::{answer, indicator, sql};

pub async fn run(context: &Context, args: LineageArgs) -> Result<u8, CliError> {
    let code = args.code.to_uppercase();
    let definition = indicator::find(context, &code)?;
    let (ctx, snapshot) = context.session(args.as_of.as_deref()).await?;
    let geo = args.geo.to_uppercase();
    let tier = indicator::tier_of(&geo);
    let level = args.level.unwrap_or_else(|| definition.headline_level.clone());
    let value = format!(
        "select tier, geo_code, value, unit, numerator, denominator, n, flag, status, source, \
         definition_version from mart.indicator where indicator = {} and year = {} and tier = '{tier}' and geo_code = \
         {} and level = {} and breakdown = 'total'",
        answer::quote(&code),
        args.year,
        answer::quote(&geo),
        answer::quote(&level),
    );
    let version = snapshot.version();
    for row in answer::rows(&ctx, &value).await? {
        let cell = |index: usize| row.get(index).cloned().flatten().unwrap_or_else(|| "-".to_owned());
        context.note(&format!(
            "{code} {} {} {}: {} {} = {} / {}, n {}, flag {}, source {}",
            args.year,
            cell(1),
            level,
            cell(2),
            cell(3),
            cell(4),
            cell(5),
            cell(6),
            cell(7),
            cell(9)
        ));
        context.note(&format!("definition version {}: {}", cell(10), definition.formula));
    }
    context.note(&format!(
        "lake version {} of {}, sha256 {}, definitions {}",
        version.version,
        version.created_at.to_rfc3339(),
        snapshot.sha256(),
        version.definitions.as_deref().unwrap_or("-")
    ));
    let base = code.split_once(':').map_or(code.as_str(), |(_, base)| base);
    let inside = match tier {
        "organisation" => format!("org_bin = {}", geo.parse::<i64>().unwrap_or_default()),
        "district" => format!("district = {}", geo.parse::<i64>().unwrap_or_default()),
        "region" => format!("region = {}", geo.parse::<i64>().unwrap_or_default() / 10_000_000),
        _ => "true".to_owned(),
    };
    let statement = format!(
        "select form, fact_year, lpad(cast(org_bin as varchar), 12, '0') as org_bin, submission, row_count, file_name, \
         content_sha256, submitted_at, subject_bin, source_system, state, is_confirmed from meta.lineage where indicator \
         = {} and year = {} and {inside} order by form, fact_year, org_bin, submission",
        answer::quote(base),
        args.year
    );
    let rows = sql::execute(context, &ctx, &statement, false, false).await?;
    if rows == 0 {
        context.note("no submission is behind it in this lake version");
    }
    Ok(u8::from(rows == 0))
}
