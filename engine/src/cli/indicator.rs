//! `bilim indicator`, `dynamics`, `ranking` and `forecast`: one statement over `mart`, written from the arguments.

use super::args::IndicatorArgs;
use super::context::Context;
use super::error::CliError;
use super::sql::execute;
use crate::definitions::Indicator;
use crate::query;
use crate::session::indicator::{DISPERSION, PARITY, TIERS};

/// Which view answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// `mart.indicator`
    Indicator,
    /// `mart.dynamics`
    Dynamics,
    /// `mart.ranking`
    Ranking,
    /// `mart.forecast`
    Forecast,
}

pub async fn run(context: &Context, view: View, args: IndicatorArgs) -> Result<u8, CliError> {
    let (ctx, _) = context.session(args.as_of.as_deref()).await?;
    let statement = statement(context, &ctx, view, &args).await?;
    let rows = execute(context, &ctx, &statement, false, false).await?;
    if rows == 0 {
        context.note(&format!(
            "no value of {} fits; `bilim catalog {}` says where it is defined",
            args.code, args.code
        ));
        return Ok(1);
    }
    Ok(0)
}

async fn statement(
    context: &Context,
    ctx: &datafusion::prelude::SessionContext,
    view: View,
    args: &IndicatorArgs,
) -> Result<String, CliError> {
    let code = args.code.to_uppercase();
    let indicator = find(context, &code)?;
    let parity = code.split_once(':').map(|(parity, _)| parity);
    let geo = args.geo.as_deref().map(str::to_uppercase);
    let tier = match (&args.tier, &geo) {
        (Some(tier), _) if TIERS.contains(&tier.as_str()) => tier.clone(),
        (Some(tier), _) => return Err(CliError::Usage(format!("{tier:?} is no tier: {}", TIERS.join(", ")))),
        (None, Some(code)) => tier_of(code).to_owned(),
        (None, None) if view == View::Ranking && indicator.lowest_tier == "international" => {
            "international".to_owned()
        }
        (None, None) if view == View::Ranking => "region".to_owned(),
        (None, None) if indicator.lowest_tier == "international" => "international".to_owned(),
        (None, None) => "republic".to_owned(),
    };
    let level = args.level.clone().unwrap_or_else(|| indicator.headline_level.clone());
    let breakdown = breakdown(indicator, args, parity)?;
    let mut filters = vec![
        format!("indicator = {}", quote(&code)),
        format!("tier = {}", quote(&tier)),
        format!("level = {}", quote(&level)),
        format!("breakdown = {}", quote(&breakdown)),
    ];
    if let Some(code) = &geo {
        // A parent named with a lower tier asks for its parts.
        if tier_of(code) == tier {
            filters.push(format!("geo_code = {}", quote(code)));
        } else if tier != "region" || code != "KZ" {
            filters.push(format!("parent_code = {}", quote(code)));
        }
    }
    let table = match view {
        View::Indicator => "mart.indicator",
        View::Dynamics => "mart.dynamics",
        View::Ranking => "mart.ranking",
        View::Forecast => "mart.forecast",
    };
    match &args.year {
        Some(span) => filters.push(years(span)?),
        None if view == View::Ranking => {
            let last = last_year(ctx, &filters).await?;
            filters.push(format!("year = {last}"));
        }
        None => {}
    }
    let lang = context.lang_code();
    let decimals = if parity.is_some() { 3 } else { indicator.decimals };
    let shown = format!("round_half_away(value, {decimals}) as value");
    let dims = if breakdown == "total" { String::new() } else { format!("{breakdown}, ") };
    let name = format!("geo_code, geo_name_{lang} as name");
    let columns = match view {
        View::Indicator => {
            format!(
                "year, {name}, {dims}{shown}, unit, se, numerator, denominator, n, round_half_away(coverage, 4) as coverage, flag, source"
            )
        }
        View::Dynamics => format!(
            "year, {name}, {dims}{shown}, round_half_away(change, {}) as change, round_half_away(change_pct, 1) as \
             change_pct, round_half_away(cagr_5y, 2) as cagr_5y, round_half_away(index_base, 1) as index_base, \
             comparable, break_reason, source",
            decimals + 1
        ),
        View::Ranking => format!(
            "year, rank, rank_of, rank_low, rank_high, {name}, {dims}{shown}, rank_prev, rank_change, round_half_away(percentile, 1) as \
             percentile, round_half_away(coverage, 4) as coverage, reason"
        ),
        View::Forecast => {
            let rounded: Vec<String> = ["lo80", "hi80", "lo95", "hi95", "backtest_error"]
                .map(|column| format!("round_half_away({column}, {decimals}) as {column}"))
                .to_vec();
            format!(
                "year, {name}, {dims}{shown}, {}, approach, method, origin_year, round_half_away(value_proportional, \
                 {decimals}) as value_proportional, round_half_away(value_bottom_up, {decimals}) as value_bottom_up",
                rounded.join(", ")
            )
        }
    };
    let order = match view {
        View::Ranking => format!("year, {dims}rank nulls last, geo_code"),
        View::Forecast => format!("geo_code, {dims}approach desc, year"),
        _ => format!("geo_code, {dims}year"),
    };
    Ok(format!("select {columns}\nfrom {table}\nwhere {}\norder by {order}", filters.join(" and ")))
}

/// The definition behind a code or that of an application to it; names the nearest codes when there is none.
pub fn find<'a>(context: &'a Context, code: &str) -> Result<&'a Indicator, CliError> {
    let base = match code.split_once(':') {
        Some((code, base)) if code == DISPERSION || PARITY.iter().any(|(known, ..)| *known == code) => base,
        _ => code,
    };
    context.definitions.catalogue.get(base).ok_or_else(|| {
        let mut near: Vec<(f64, &str)> = context
            .definitions
            .catalogue
            .indicators
            .iter()
            .map(|indicator| (strsim::jaro_winkler(base, &indicator.code), indicator.code.as_str()))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near: Vec<&str> = near.iter().take(3).map(|(_, code)| *code).collect();
        CliError::Usage(format!(
            "there is no indicator {code}; did you mean {}? `bilim catalog` lists all",
            near.join(", ")
        ))
    })
}

/// The tier that a code belongs to.
pub fn tier_of(code: &str) -> &'static str {
    let is_digits = code.bytes().all(|byte| byte.is_ascii_digit());
    match (code.len(), is_digits) {
        (9, true) if code.ends_with("0000000") => "region",
        (9, true) => "district",
        (12, true) => "organisation",
        _ if code == "KZ" => "republic",
        _ => "international",
    }
}

/// `--by` in the order of the definitions, or the indicator's first breakdown.
fn breakdown(indicator: &Indicator, args: &IndicatorArgs, parity: Option<&str>) -> Result<String, CliError> {
    let offered: Vec<&str> = indicator
        .derivations
        .iter()
        .flat_map(|derivation| derivation.breakdowns.iter().map(String::as_str))
        .collect();
    let Some(by) = &args.by else {
        let first = if parity.is_some() || offered.contains(&"total") { "total" } else { offered[0] };
        return Ok(first.to_owned());
    };
    let mut dims: Vec<&str> = by.split(',').map(str::trim).collect();
    dims.sort_unstable();
    let wanted = dims.join(",");
    if parity.is_none() && !offered.contains(&wanted.as_str()) {
        let mut offered: Vec<String> = offered.iter().map(|breakdown| (*breakdown).to_owned()).collect();
        offered.sort();
        offered.dedup();
        return Err(CliError::Usage(format!(
            "{} is not broken down by {wanted}: {}",
            indicator.code,
            offered.join(" | ")
        )));
    }
    Ok(wanted)
}

fn years(span: &str) -> Result<String, CliError> {
    let bad = || CliError::Usage(format!("{span:?} is neither a year nor a span such as 2019..2024"));
    let year = |text: &str| text.trim().parse::<i32>().map_err(|_| bad());
    match span.split_once("..") {
        Some((from, to)) => Ok(format!("year between {} and {}", year(from)?, year(to)?)),
        None => Ok(format!("year = {}", year(span)?)),
    }
}

async fn last_year(ctx: &datafusion::prelude::SessionContext, filters: &[String]) -> Result<i32, CliError> {
    let sql = format!(
        "select max(year) as year from mart.indicator where {} and value is not null",
        filters.join(" and ")
    );
    Ok(year_of(ctx, &sql).await?.unwrap_or(0))
}

/// The one year that a statement answers with; `None` when it finds nothing.
pub(super) async fn year_of(
    ctx: &datafusion::prelude::SessionContext,
    sql: &str,
) -> Result<Option<i32>, CliError> {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::Int32Type;
    use futures::TryStreamExt;

    let batches: Vec<_> = query::run(ctx, sql)
        .await?
        .try_collect()
        .await
        .map_err(|error| CliError::Query(query::QueryError::Execution(error.strip_backtrace())))?;
    Ok(batches.iter().find_map(|batch| {
        let years = batch.column(0).as_primitive::<Int32Type>();
        (!years.is_empty() && years.is_valid(0)).then(|| years.value(0))
    }))
}

pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
