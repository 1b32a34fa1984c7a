//! EQT-06, applied to an indicator: how far its regions lie apart.
//!
//! Over the values of the regions of one year and level: the coefficient of variation, and as members of the
//! breakdown `category` beside it the highest over the lowest and the mean distance to the best. Sums are of
//! decimals, so that the order of the regions changes nothing. Computed only where a query names the code.

use super::text::{GEO_COLUMNS, below, indent};
use crate::definitions::{DIMENSIONS, Direction, Indicator};

/// Code of the application.
pub const DISPERSION: &str = "EQT-06";

/// Is there something to compare: values of regions that are no counts?
pub(super) fn is_dispersible(indicator: &Indicator) -> bool {
    !below("region", &indicator.lowest_tier)
        && indicator.derivations.iter().any(|derivation| {
            (derivation.denominator.is_some() || derivation.view.is_some())
                && derivation.tiers.iter().any(|tier| tier == "region")
                && derivation.breakdowns.iter().any(|breakdown| breakdown == "total")
        })
}

/// The best value and the mean distance of the regions to it.
fn best(indicator: &Indicator) -> (String, String) {
    match indicator.direction {
        Direction::Higher => ("highest".to_owned(), "highest - mean".to_owned()),
        Direction::Lower => ("lowest".to_owned(), "mean - lowest".to_owned()),
        Direction::Target => (
            format!("cast({:?} as double)", indicator.target.unwrap_or_default()),
            "off_mean - off_least".to_owned(),
        ),
        Direction::Neutral => ("cast(null as double)".to_owned(), "cast(null as double)".to_owned()),
    }
}

/// The application over the select of the indicator's regions.
pub(super) fn dispersion_select(select: &str, indicator: &Indicator) -> String {
    let keys =
        "definition_version, year, academic_year, level, status, source, edition, published_on, derivation";
    let dims: Vec<String> = DIMENSIONS
        .iter()
        .map(|dim| if *dim == "category" { "d.category".to_owned() } else { format!("'_T' as {dim}") })
        .collect();
    let target = format!("cast({:?} as double)", indicator.target.unwrap_or_default());
    let (best, distance) = best(indicator);
    let value = "case d.category when 'max_min' then case when d.lowest > 0 then d.highest / d.lowest end when \
                 'distance_to_best' then d.distance else case when d.mean > 0 then d.deviation / d.mean end end";
    format!(
        "select\n    '{DISPERSION}:{code}' as indicator, d.definition_version, d.year, d.academic_year, 'republic' as \
         tier,\n    {geo}, cast(null as varchar) as parent_code, d.level, case when d.category = '_T' then 'total' else \
         'category' end as breakdown,\n    {dims},\n    case d.category when 'max_min' then d.highest when \
         'distance_to_best' then d.best else d.deviation end as numerator,\n    case d.category when 'max_min' then \
         d.lowest else d.mean end as denominator,\n    {value} as value, case d.category when 'distance_to_best' then \
         '{unit}' else 'ratio' end as unit,\n    cast(null as double) as se, d.region_count as n, d.coverage,\n    case \
         when {value} is null then 'not_available' else 'ok' end as flag, d.status, d.source, d.edition, \
         d.published_on, d.derivation\nfrom (\n    select s.*, k.category, {best} as best, {distance} as distance\n    \
         from (\n        select {keys}, mean, count(*) as region_count, min(coverage) as coverage,\n            \
         max(value) as highest, min(value) as lowest,\n            sqrt(cast(sum(cast((value - mean) * (value - mean) \
         as decimal(38, 12))) as double) / count(*)) as deviation,\n            cast(sum(cast(abs(value - {target}) as \
         decimal(30, 9))) as double) / count(*) as off_mean,\n            min(abs(value - {target})) as off_least\n        \
         from (\n            select *, cast(sum(cast(value as decimal(30, 9))) over (partition by {keys}) as double) / \
         count(*) over (partition by {keys}) as mean\n            from (\n{part}\n            ) part\n            where \
         value is not null\n        ) valued\n        group by {keys}, mean\n        having count(*) > 1\n    ) s\n    \
         cross join (\n        select '_T' as category union all select 'variation' union all select 'max_min' union \
         all select 'distance_to_best'\n    ) k\n) d\njoin ref.geo g on g.tier = 'republic'",
        code = indicator.code,
        geo = GEO_COLUMNS.replacen("g.geo_id", "cast(g.geo_id as bigint)", 1),
        dims = dims.join(", "),
        unit = indicator.unit,
        part = indent(&indent(&indent(&indent(select)))),
    )
}
