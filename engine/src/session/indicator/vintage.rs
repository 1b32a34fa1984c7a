//! Sums and ready values carried to another vintage of the territory.
//!
//! What an organisation reported goes where the organisation itself stands in that vintage; what names only a
//! territory that was cut goes by weights (`ref.vintage_unit`). A part of an amount is the difference of two points on
//! it: the amount times a share, in 1024ths rounded down, and the amount itself at the end. The parts of one amount
//! therefore add up to it exactly, and their sums are exact in doubles whatever the order, as those of whole numbers
//! are; ratios are divided after.

use std::fmt::Write as _;

use super::text::{indent, quoted};
use crate::definitions::{Assets, DIMENSIONS};

/// Every year in its own division: no vintage of `boundary_vintage.csv`, but one of the column `boundary_vintage`.
pub const AS_REPORTED: &str = "as_reported";

/// Vintages that can be asked for, as reported first.
#[must_use]
pub fn names(assets: &Assets) -> Vec<String> {
    // Definitions kept by a lake from before there were vintages have none.
    let text = assets.text("datasets/reference/boundary_vintage.csv").unwrap_or_default();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let named = rows.filter_map(|line| line.split(',').next()).map(str::to_owned);
    std::iter::once(AS_REPORTED.to_owned()).chain(named).collect()
}

/// Tiers whose units change; organisations, the republic and countries are what they were.
pub(super) const MOVED_TIERS: [&str; 2] = ["district", "region"];

/// Columns that a recast part has beyond those of `mart.indicator_edition`.
pub const COLUMNS: [&str; 2] = ["weighted_share", "weight_kind"];

/// Is the row cut by weights, and what do they rest on? The higher, the weaker.
const WEIGHT_RANK: &str = "case u.weight_kind when 'pupils' then 1 when 'published pupils' then 2 when 'population' then \
                           3 when 'area' then 4 else 0 end";

/// `weight_kind` of the highest rank.
const WEIGHT_KIND: &str = "case x.weight_rank when 1 then 'pupils' when 2 then 'published pupils' when 3 then \
                           'population' when 4 then 'area' else 'exact' end";

/// The part of an amount between two shares of its unit.
fn cut(amount: &str, is_whole: &str) -> String {
    let point = |share: &str| {
        format!(
            "case u.{share} when 1 then {amount} when 0 then {amount} * 0 else floor({amount} * u.{share} * 1024) / 1024 \
             end"
        )
    };
    format!("case when {is_whole} then {amount} else {} - {} end", point("share_to"), point("share_from"))
}

/// Where a unit of the year's division lies, and an organisation of it.
fn joins(vintage: &str, with_organisation: bool) -> String {
    let vintage = quoted(&[vintage]);
    let mut sql = String::new();
    let mut also = "";
    if with_organisation {
        let _ = write!(
            sql,
            "left join ref.vintage_organisation o\n    on o.vintage = {vintage} and o.year = c.year and o.org_bin = \
             c.org_bin and o.district = c.district\n"
        );
        also = " and (o.district_to is null or u.district_to = o.district_to)";
    }
    let _ = write!(
        sql,
        "left join ref.vintage_unit u\n    on u.vintage = {vintage} and u.year = c.year and u.district = c.district{also}"
    );
    sql
}

const PLACE: &str =
    "coalesce(u.region_to, c.region) as region, coalesce(u.district_to, c.district) as district";
const IS_WHOLE: &str = "o.district_to is not null or coalesce(u.weight_kind, 'exact') in ('exact', 'none')";

/// The step `cell`, carried over: rows of the terms with their organisation -> rows by territory of the vintage.
pub(super) fn cell(vintage: &str, terms: &str, dims: &[&str]) -> String {
    let mut columns = vec!["c.year".to_owned(), PLACE.to_owned(), "c.level".to_owned()];
    columns.extend(dims.iter().map(|dim| format!("c.{dim}")));
    for amount in ["numerator", "denominator", "n"] {
        columns.push(format!("{} as {amount}", cut(&format!("c.{amount}"), IS_WHOLE)));
    }
    for amount in ["numerator", "denominator"] {
        columns.push(format!(
            "case when {IS_WHOLE} then 0.0 else abs({}) end as weighted_{amount}",
            cut(&format!("c.{amount}"), IS_WHOLE)
        ));
    }
    columns.push(format!("case when {IS_WHOLE} then 0 else {WEIGHT_RANK} end as weight_rank"));
    format!(
        "select\n    {}\nfrom (\n{}\n) c\n{}",
        columns.join(",\n    "),
        indent(terms),
        joins(vintage, true)
    )
}

/// The step `obligation`, carried over; `share` is what of an organisation stands in the unit.
pub(super) fn obligation(vintage: &str, step: &str) -> String {
    format!(
        "select\n    c.year, {PLACE}, c.org_bin, c.level, c.locality, c.ownership, c.is_reported,\n    case when {IS_WHOLE} \
         then 1.0 else u.share_to - u.share_from end as share\nfrom (\n{}\n) c\n{}",
        indent(step),
        joins(vintage, true)
    )
}

/// The step `present`, carried over.
pub(super) fn present(vintage: &str, step: &str, of_passport: &[&str]) -> String {
    let dims = of_passport.iter().fold(String::new(), |all, dim| all + ", c." + dim);
    format!(
        "select distinct c.year, {PLACE}, c.org_bin{dims}\nfrom (\n{}\n) c\n{}",
        indent(step),
        joins(vintage, true)
    )
}

/// Which share of the sums of `cell` rests on weights, and on which, for the inner select of one tier.
pub(super) const SUMMED: &str = ",\n    greatest(\n        coalesce(sum(weighted_numerator) / nullif(sum(abs(numerator)), 0), 0),\n        \
                                 coalesce(sum(weighted_denominator) / nullif(sum(abs(denominator)), 0), 0)\n    ) as weighted_share, \
                                 max(weight_rank) as weight_rank";

/// The columns of [`COLUMNS`] over what [`SUMMED`] or [`ready`] gave.
pub(super) fn columns() -> String {
    format!(",\n    x.weighted_share as weighted_share, {WEIGHT_KIND} as weight_kind")
}

/// Rows of a view of ready values, carried over.
///
/// Where a region's districts are published and add up to it, the region is their sum; else it goes by the weights
/// of regions. Counts and ratios are summed; a value without both its parts stays only where its unit stayed whole.
/// A unit made of several has a value when all of them have a row.
pub(super) fn ready(vintage: &str, tier: &str, scale: i64, rows: &str, districts: Option<&str>) -> String {
    let is_region = tier == "region";
    let target = if is_region { "u.region_to * 10000000" } else { "u.district_to" };
    let part = "coalesce(u.weight_kind, 'exact') in ('exact', 'none')";
    let keys: Vec<String> = ["year", "level", "source", "edition", "published_on", "status", "preference"]
        .into_iter()
        .chain(DIMENSIONS)
        .map(|key| format!("c.{key}"))
        .collect();
    let keys = keys.join(", ");
    let number = "try_cast(r.geo_code as int)";
    let mut from = format!(
        "select r.*, {number} as district, {number} / 10000000 as region\nfrom (\n{}\n) r",
        indent(rows)
    );
    if let Some(districts) = districts {
        from = by_district(&from, districts);
    }
    let (numerator, denominator, n) =
        (cut("c.numerator", part), cut("c.denominator", part), cut("cast(c.n as double)", part));
    let vintage_text = quoted(&[vintage]);
    // A region is whole when every region that has a part of it is there.
    let (whole, of_target) = if is_region {
        ("count(distinct district / 10000000)", "district % 10000000 = 0")
    } else {
        ("count(distinct district)", "district_to % 10000000 <> 0")
    };
    let found = if is_region { "count(distinct c.region)" } else { "count(distinct c.district)" };
    let wanted = if is_region { "region_to * 10000000" } else { "district_to" };
    format!(
        "select\n    {keys}, lpad(cast(coalesce({target}, c.district) as varchar), 9, '0') as geo_code,\n    \
         sum({numerator}) as numerator, sum({denominator}) as denominator,\n    case\n        when {found} < \
         coalesce(max(w.whole_count), 1) then null\n        when count(c.denominator) > 0 then sum({numerator}) * {scale}.0 / \
         nullif(sum({denominator}), 0)\n        when bool_and(c.numerator is not null and c.shown_value = c.numerator * \
         {scale}.0) then sum({numerator}) * {scale}.0\n        when count(*) = 1 and bool_and({part}) then \
         max(c.shown_value)\n    end as shown_value,\n    case when count(*) = 1 and bool_and({part}) then max(c.se) end as \
         se,\n    cast(round(sum({n})) as bigint) as n,\n    case\n        when bool_or(c.flag = 'not_available') then \
         'not_available'\n        when bool_or(c.flag = 'estimate' or not ({part})) then 'estimate'\n        else 'ok'\n    \
         end as flag,\n    coalesce(sum(case when {part} then 0.0 else abs({numerator}) end) / \
         nullif(sum(abs({numerator})), 0), 0) as weighted_share,\n    max({WEIGHT_RANK}) as weight_rank\nfrom (\n{}\n) \
         c\n{}\nleft join (\n    select year, {wanted} as code, {whole} as whole_count\n    from ref.vintage_unit\n    where \
         vintage = {vintage_text} and {of_target}\n    group by year, {wanted}\n) w on w.year = c.year and w.code = \
         coalesce({target}, c.district)\ngroup by {keys}, coalesce({target}, c.district)",
        indent(&from),
        joins(vintage, false),
    )
}

/// Regions as their districts where those add up to them.
fn by_district(regions: &str, districts: &str) -> String {
    let keys: Vec<&str> =
        ["year", "level", "source", "edition", "preference"].into_iter().chain(DIMENSIONS).collect();
    let matched: Vec<String> =
        keys.iter().map(|key| format!("(t.{key} is not distinct from q.{key})")).collect();
    let matched = matched.join(" and ");
    let list = keys.join(", ");
    let districts = format!(
        "select d.*, try_cast(d.geo_code as int) as district, try_cast(d.geo_code as int) / 10000000 as region\nfrom \
         (\n{}\n) d",
        indent(districts)
    );
    let closed = format!(
        "select {list}, region\nfrom (\n    select {list}, region, numerator, denominator, 0.0 as below, 0.0 as \
         below_denominator, 0 as part_count\n    from (\n{regions}\n    ) regions\n    union all\n    select {list}, region, \
         cast(null as double) as numerator, cast(null as double) as denominator, numerator as below, denominator as \
         below_denominator, 1 as part_count\n    from (\n{districts}\n    ) districts\n) both_tiers\ngroup by {list}, \
         region\nhaving sum(part_count) > 0 and sum(numerator) = sum(below) and coalesce(sum(denominator), 0) = \
         coalesce(sum(below_denominator), 0)",
        regions = indent(&indent(regions)),
        districts = indent(&indent(&districts)),
    );
    format!(
        "select q.*\nfrom (\n{}\n) q\nleft join (\n{}\n) t on t.region = q.region and {matched}\nwhere t.region is \
         null\nunion all\nselect q.*\nfrom (\n{}\n) q\njoin (\n{}\n) t on t.region = q.region and {matched}",
        indent(regions),
        indent(&closed),
        indent(&districts),
        indent(&closed),
    )
}
