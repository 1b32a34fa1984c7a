//! Pieces of the statements that `compile` writes: registers, names of territories, parity, literals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::compile::TIERS;
use crate::definitions::{AcademicYearRule, DIMENSIONS, Indicator, Term};

/// The form of the passport.
pub(super) const PASSPORT: &str = "S1.ORG";

/// Rows of `cell` in regions that have a denominator that year.
pub(super) const COUNTED_REGIONS: &str = "(\n    select c.*\n    from cell c\n    join (\n        select distinct year, region\n        \
                               from cell\n        where denominator is not null\n    ) k on k.year = c.year and k.region = \
                               c.region\n) counted";

/// Does the term ask for something that only the passport knows?
pub(super) fn names_passport(term: &Term) -> bool {
    term.when.iter().chain(&term.r#where).any(|condition| condition.contains("o."))
}

/// Organisations that reported every one of several forms in a year.
pub(super) fn reported(forms: &[&str]) -> String {
    format!(
        "select year, org_bin\nfrom gov.reported\nwhere form in ({})\ngroup by year, org_bin\nhaving \
         count(distinct form) = {}",
        quoted(forms),
        forms.len()
    )
}

/// One row per organisation and level that owes all of the forms, with whether it delivered them.
pub(super) fn obligation(forms: &[&str], years: &[String]) -> String {
    format!(
        "select\n    year, region, district, org_bin, level, locality, ownership,\n    min(case when is_reported then \
         1 else 0 end) as is_reported\nfrom gov.obligation_level\nwhere form in ({}){}\ngroup by year, region, \
         district, org_bin, level, locality, ownership\nhaving count(*) = {}",
        quoted(forms),
        and(years),
        forms.len()
    )
}

/// How many organisations of a district owe the forms, and delivered them.
pub(super) fn obligation_by_district(step: &str) -> String {
    format!(
        "select\n    year, region, district, level, locality, ownership, count(*) as obliged_count, sum(is_reported) as \
         reported_count\nfrom (\n{}\n) o\ngroup by year, region, district, level, locality, ownership",
        indent(step)
    )
}

/// Further conditions.
fn and(conditions: &[String]) -> String {
    conditions.iter().fold(String::new(), |all, one| all + " and " + one)
}

/// The condition that a series breaks in the year of row `x`.
pub(super) fn is_break(indicator: &Indicator, dims: &[&str]) -> String {
    let years = |breaks: &BTreeMap<String, String>| {
        let years: Vec<&str> = breaks.keys().map(String::as_str).collect();
        format!("x.year in ({})", years.join(", "))
    };
    let mut conditions = Vec::new();
    if !indicator.break_years.is_empty() {
        conditions.push(years(&indicator.break_years));
    }
    if dims.contains(&"category") {
        for (category, breaks) in &indicator.category_breaks {
            conditions.push(format!("(x.category = {} and {})", quoted(&[category]), years(breaks)));
        }
    }
    if conditions.is_empty() { "false".to_owned() } else { format!("({})", conditions.join(" or ")) }
}

/// Is the dimension one that an organisation's passport says?
pub(super) fn is_of_passport(dim: &str) -> bool {
    matches!(dim, "locality" | "ownership")
}

/// Where an organisation stands that delivered every one of the forms, with what its passport says.
///
/// There nobody to count is a zero, elsewhere it is not known.
pub(super) fn present(
    forms: &[&str],
    of_passport: &[&str],
    years: &[String],
    with_organisation: bool,
) -> String {
    let place = forms[0];
    let mut sql = "select distinct s.year, s.region, s.district".to_owned();
    if with_organisation {
        sql.push_str(", s.org_bin");
    }
    for dim in of_passport {
        let _ = write!(sql, ", o.{dim}");
    }
    sql.push_str("\nfrom gov.scope s");
    if forms.len() > 1 {
        sql.push_str("\njoin reported d on d.year = s.year and d.org_bin = s.org_bin");
    }
    if !of_passport.is_empty() {
        sql.push_str("\nleft join ref.organisation o on o.year = s.year and o.org_bin = s.org_bin");
    }
    let _ = write!(sql, "\nwhere s.form = {} and s.org_bin is not null{}", quoted(&[place]), and(years));
    sql
}

pub(super) fn below(tier: &str, lowest: &str) -> bool {
    let position = |name: &str| TIERS.iter().position(|tier| *tier == name);
    position(tier) < position(lowest)
}

pub(super) fn shifted(column: &str, shift: i32) -> String {
    match shift {
        0 => column.to_owned(),
        shift => format!("{column} + {shift}"),
    }
}

pub(super) fn academic_year(rule: AcademicYearRule) -> &'static str {
    match rule {
        AcademicYearRule::Begins => "concat(x.year, '/', lpad(cast((x.year + 1) % 100 as varchar), 2, '0'))",
        AcademicYearRule::Ended => "concat(x.year - 1, '/', lpad(cast(x.year % 100 as varchar), 2, '0'))",
    }
}

pub(super) fn dimension_columns(dims: &[&str]) -> String {
    DIMENSIONS
        .iter()
        .map(|dim| if dims.contains(dim) { format!("x.{dim} as {dim}") } else { format!("'_T' as {dim}") })
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) const GEO_COLUMNS: &str = "g.geo_id as geo_id, g.kato as geo_code, g.name_kk as geo_name_kk, g.name_ru as geo_name_ru, \
                           g.name_en as geo_name_en";

/// Name columns and the join that brings them, for sums.
pub(super) fn geography(tier: &str, vintage: Option<&str>) -> (String, String) {
    // Units of the year's own division, or of the one that was asked for.
    let register = match vintage {
        Some(vintage) => format!("ref.geo_vintage g on g.vintage = {}", quoted(&[vintage])),
        None => "ref.geo_year g on g.year = x.year".to_owned(),
    };
    match tier {
        "organisation" => (
            "cast(null as bigint) as geo_id, lpad(cast(x.org_bin as varchar), 12, '0') as geo_code, g.name_kk as \
             geo_name_kk, g.name_ru as geo_name_ru, g.name_en as geo_name_en, cast(x.district as varchar) as \
             parent_code"
                .to_owned(),
            "left join ref.organisation g on g.year = x.year and g.org_bin = x.org_bin".to_owned(),
        ),
        "district" => (
            "cast(g.geo_id as bigint) as geo_id, cast(x.district as varchar) as geo_code, g.name_kk as geo_name_kk, \
             g.name_ru as geo_name_ru, g.name_en as geo_name_en, cast(x.region * 10000000 as varchar) as parent_code"
                .to_owned(),
            format!("left join {register} and g.tier = 'district' and g.kato_code = x.district"),
        ),
        "region" => (
            "cast(g.geo_id as bigint) as geo_id, cast(x.region * 10000000 as varchar) as geo_code, g.name_kk as \
             geo_name_kk, g.name_ru as geo_name_ru, g.name_en as geo_name_en, 'KZ' as parent_code"
                .to_owned(),
            format!("left join {register} and g.tier = 'region' and g.kato_code = x.region * 10000000"),
        ),
        _ => (
            format!("{}, cast(null as varchar) as parent_code", GEO_COLUMNS.replacen("g.geo_id", "cast(g.geo_id as bigint)", 1)),
            "join ref.geo g on g.tier = 'republic'".to_owned(),
        ),
    }
}

/// The same for views of ready values, which know the code.
pub(super) fn ready_geography(tier: &str, vintage: Option<&str>) -> (String, String) {
    let columns =
        GEO_COLUMNS.replacen("g.geo_id", "cast(g.geo_id as bigint)", 1).replacen("g.kato", "x.geo_code", 1);
    match tier {
        "international" => (
            format!("{columns}, cast(null as varchar) as parent_code"),
            "left join ref.country_unit g on g.code = x.geo_code".to_owned(),
        ),
        "republic" => (
            format!("{columns}, cast(null as varchar) as parent_code"),
            "join ref.geo g on g.tier = 'republic'".to_owned(),
        ),
        tier => (
            format!("{columns}, coalesce(g.parent_kato, 'KZ') as parent_code"),
            match vintage {
                Some(vintage) => format!(
                    "left join ref.geo_vintage g on g.vintage = {} and g.tier = '{tier}' and g.kato = x.geo_code",
                    quoted(&[vintage])
                ),
                None => format!(
                    "left join ref.geo_year g on g.year = x.year and g.tier = '{tier}' and g.kato = x.geo_code"
                ),
            },
        ),
    }
}

/// A parity index over the select of the indicator broken down by the parity's dimension.
pub(super) fn parity_select(
    select: &str,
    indicator: &Indicator,
    parity: (&str, &str, &str, &str),
    is_recast: bool,
) -> String {
    let (code, dim, above, under) = parity;
    let keys = [
        "definition_version",
        "year",
        "academic_year",
        "tier",
        "geo_id",
        "geo_code",
        "geo_name_kk",
        "geo_name_ru",
        "geo_name_en",
        "parent_code",
        "level",
    ];
    let others: Vec<&str> = DIMENSIONS.into_iter().filter(|other| *other != dim).collect();
    let tail = ["status", "source", "edition", "published_on", "derivation"];
    let group: Vec<&str> = keys.iter().chain(&others).chain(&tail).copied().collect();
    let breakdown = format!(
        "case when breakdown = '{dim}' then 'total' else regexp_replace(breakdown, '(^{dim},|,{dim})', '') end"
    );
    let dims: Vec<String> =
        DIMENSIONS.iter().map(|d| if *d == dim { format!("'_T' as {d}") } else { (*d).to_owned() }).collect();
    let (recast, weighed) = if is_recast {
        (
            ", weighted_share, weight_kind",
            ",\n        max(weighted_share) as weighted_share, coalesce(max(case when weight_kind <> 'exact' then weight_kind end), 'exact') as \
         weight_kind",
        )
    } else {
        ("", "")
    };
    let estimate = if is_recast { " when weighted_share > 0 then 'estimate'" } else { "" };
    format!(
        "select\n    '{code}:{}' as indicator, definition_version, year, academic_year, tier, geo_id, geo_code, \
         geo_name_kk, geo_name_ru, geo_name_en, parent_code, level, breakdown,\n    {},\n    numerator, denominator, \
         adjusted_parity(numerator, denominator) as value, 'index' as unit,\n    cast(null as double) as se, n, \
         coverage,\n    case when adjusted_parity(numerator, denominator) is null then 'not_available'{estimate} else 'ok' end as \
         flag,\n    status, source, edition, published_on, derivation{recast}\nfrom (\n    select {}, {breakdown} as \
         breakdown,\n        max(case when {dim} = '{above}' then value end) as numerator,\n        max(case when {dim} \
         = '{under}' then value end) as denominator,\n        sum(n) as n, min(coverage) as coverage{weighed}\n    from (\n{}\n    \
         ) part\n    where {dim} in ('{above}', '{under}')\n    group by {}, breakdown\n) parity",
        indicator.code,
        dims.join(", "),
        group.join(", "),
        indent(&indent(select)),
        group.join(", "),
    )
}

pub(super) fn quoted(values: &[&str]) -> String {
    values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect::<Vec<_>>().join(", ")
}

pub(super) fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
