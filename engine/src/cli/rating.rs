//! `bilim rating`: composite ratings, and how firm their ranks are.

use super::args::RatingArgs;
use super::context::Context;
use super::error::CliError;
use super::indicator::{quote, tier_of, year_of};
use super::sql::execute;
use crate::session::indicator::TIERS;

pub async fn run(context: &Context, args: RatingArgs) -> Result<u8, CliError> {
    let (ctx, _) = context.session(args.as_of.as_deref()).await?;
    let lang = context.lang_code();
    let Some(name) = &args.name else {
        let list = format!(
            "select r.rating, r.name_{lang} as name, r.tiers, r.normalisation, r.missing, string_agg(concat(w.indicator, ' ', \
             cast(w.weight as varchar)), '; ' order by w.indicator, w.level) as weights, r.source\nfrom ref.rating r\njoin \
             ref.rating_weight w on w.rating = r.rating\ngroup by r.rating, r.name_{lang}, r.tiers, r.normalisation, r.missing, \
             r.source\norder by r.rating"
        );
        return Ok(u8::from(execute(context, &ctx, &list, false, false).await? == 0));
    };
    let Some(tier) = TIERS[..3].iter().find(|tier| **tier == args.tier) else {
        let message = format!("{:?} is no tier that is rated: {}", args.tier, TIERS[..3].join(", "));
        return Err(CliError::Usage(message));
    };
    let mut filters = format!("rating = {} and tier = '{tier}'", quote(name));
    if let Some(code) = args.geo.as_deref().map(str::to_uppercase) {
        let column = if tier_of(&code) == *tier { "geo_code" } else { "parent_code" };
        if code != "KZ" {
            filters = format!("{filters} and {column} = {}", quote(&code));
        }
    }
    let year = match args.year {
        Some(year) => Some(year),
        None => {
            year_of(&ctx, &format!("select max(year) as year from mart.rating_component where {filters}"))
                .await?
        }
    };
    let Some(year) = year else {
        context.note(&format!("no unit of tier {tier} is rated by {name}; `bilim rating` lists the ratings"));
        return Ok(1);
    };
    let statement = if args.sensitivity {
        format!(
            "select year, scenario, unit_count, round_half_away(kept_share, 1) as kept_share, most_moved\nfrom \
             mart.rating_sensitivity\nwhere {filters} and year = {year}\norder by scenario"
        )
    } else {
        format!(
            "select year, rank, rank_of, rank_low, rank_high, geo_code, geo_name_{lang} as name, score, \
             round_half_away(kept_share, 1) as kept_share, components, round_half_away(known_share, 2) as known_share, \
             reason\nfrom mart.rating\nwhere {filters} and year = {year}\norder by rank nulls last, geo_code"
        )
    };
    let rows = execute(context, &ctx, &statement, false, false).await?;
    if rows == 0 {
        context.note(&format!("nothing is rated by {name} in {year}; `bilim rating` lists the ratings"));
    }
    Ok(u8::from(rows == 0))
}
