//! `bilim decomposition`: what of a change comes from composition and what from rates.

use super::args::IndicatorArgs;
use super::context::Context;
use super::error::CliError;
use super::indicator::{find, quote, tier_of, year_of};
use super::sql::execute;

/// The groups by which a change is taken apart.
const FACTORS: [&str; 5] = ["region", "district", "locality", "language", "level"];

pub async fn run(context: &Context, args: IndicatorArgs) -> Result<u8, CliError> {
    let code = args.code.to_uppercase();
    let indicator = find(context, &code)?;
    let geo = args.geo.as_deref().map_or("KZ".to_owned(), str::to_uppercase);
    let factor = match &args.by {
        Some(factor) if FACTORS.contains(&factor.as_str()) => factor.as_str(),
        Some(factor) => {
            return Err(CliError::Usage(format!("{factor:?} is no factor: {}", FACTORS.join(", "))));
        }
        None if geo == "KZ" => "region",
        None => "district",
    };
    let level = args.level.as_deref().unwrap_or(&indicator.headline_level);
    let tier = args.tier.as_deref().unwrap_or_else(|| tier_of(&geo));
    let filters =
        [("factor", factor), ("indicator", &code), ("tier", tier), ("geo_code", &geo), ("level", level)]
            .map(|(column, value)| format!("{column} = {}", quote(value)))
            .join(" and ");
    let (ctx, _) = context.session(args.as_of.as_deref()).await?;
    let (from, to) = if let Some(span) = &args.year {
        pair(span)?
    } else {
        let last = format!("select max(year) as year from mart.decomposition where {filters}");
        let to = year_of(&ctx, &last).await?.unwrap_or(0);
        let before =
            format!("select max(year_from) as year from mart.decomposition where {filters} and year = {to}");
        (year_of(&ctx, &before).await?.unwrap_or(0), to)
    };
    let decimals = indicator.decimals + 2;
    let rounded: Vec<String> = [
        "rate_from",
        "rate",
        "composition_effect",
        "rate_effect",
        "composition_total",
        "rate_total",
        "change",
    ]
    .map(|column| format!("round_half_away({column}, {decimals}) as {column}"))
    .to_vec();
    let statement = format!(
        "select year_from, year, member, round_half_away(share_from, 4) as share_from, round_half_away(share, 4) as \
         share, {}, comparable\nfrom mart.decomposition\nwhere {filters} and year_from = {from} and year = {to}\norder by \
         member",
        rounded.join(", ")
    );
    let rows = execute(context, &ctx, &statement, false, false).await?;
    if rows == 0 {
        context.note(&format!(
            "no change of {code} to take apart by {factor}: it needs two years with numerator and denominator of the \
             groups; `bilim catalog {code}` says how it is broken down"
        ));
    }
    Ok(u8::from(rows == 0))
}

/// `2019..2024`
fn pair(span: &str) -> Result<(i32, i32), CliError> {
    let years = span
        .split_once("..")
        .and_then(|(from, to)| Some((from.trim().parse::<i32>().ok()?, to.trim().parse::<i32>().ok()?)));
    years
        .filter(|(from, to)| from < to)
        .ok_or_else(|| CliError::Usage(format!("{span:?} is no span of two years such as 2019..2024")))
}
