//! Indicator definitions -> SQL.
//!
//! One SELECT per (derivation, tier, breakdown), over two shared steps: `cell`, the sums of
//! the derivation's terms at the finest grain asked for; `obligation`, who owes the
//! forms and who delivered; `present`, where anybody delivered all of them. Tiers come from sums of
//! `cell`, the division comes last.
//! The text runs in any console: what `bilim catalog CODE --sql` prints is what is executed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::dispersion::{DISPERSION, dispersion_select, is_dispersible};
use super::request::Request;
use super::text::{
    COUNTED_REGIONS, PASSPORT, academic_year, below, dimension_columns, geography, indent, is_break,
    is_of_passport, names_passport, obligation, obligation_by_district, parity_select, present, quoted,
    ready_geography, reported, shifted,
};
use super::vintage;
use crate::definitions::{Catalogue, DIMENSIONS, Derivation, Indicator, MeasureSet, Term, dims_of};

/// Tiers from the bottom up.
pub const TIERS: [&str; 5] = ["organisation", "district", "region", "republic", "international"];

/// Columns of `mart.indicator_edition`, in order; `mart.indicator` has them without the last two.
pub const COLUMNS: [&str; 34] = [
    "indicator",
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
    "breakdown",
    "sex",
    "locality",
    "language",
    "ownership",
    "study_form",
    "grade",
    "age",
    "subject",
    "category",
    "numerator",
    "denominator",
    "value",
    "unit",
    "se",
    "n",
    "coverage",
    "flag",
    "status",
    "source",
    "edition",
    "published_on",
];

/// Steps that only other steps read.
pub const PRIVATE_STEPS: [&str; 1] = ["reported"];

/// Parity indices: code and (dimension, member above, member below).
pub const PARITY: [(&str, &str, &str, &str); 3] = [
    ("EQT-01", "sex", "female", "male"),
    ("EQT-02", "locality", "rural", "urban"),
    ("EQT-03", "language", "kk", "ru"),
];

/// A part of `mart.indicator_edition`: with-steps shared by its selects.
#[derive(Debug, Clone)]
pub struct Part {
    /// Code, with the parity index in front where it is one.
    pub indicator: String,
    /// Tiers it answers.
    pub tiers: Vec<String>,
    /// Name and text of the shared steps, in order.
    pub steps: Vec<(String, String)>,
    /// SELECTs over the steps, to be combined by `union all`.
    pub selects: Vec<String>,
    /// Ready values, of which a view may hold several editions.
    pub has_editions: bool,
    /// Carried to another vintage: the selects have the columns of [`vintage::COLUMNS`] too.
    pub is_recast: bool,
}

impl Part {
    /// The part as one statement.
    #[must_use]
    pub fn to_sql(&self) -> String {
        let mut sql = String::new();
        for (index, (name, text)) in self.steps.iter().enumerate() {
            let lead = if index == 0 { "with " } else { ",\n" };
            let _ = write!(sql, "{lead}{name} as (\n{}\n)", indent(text));
        }
        if !self.steps.is_empty() {
            sql.push('\n');
        }
        sql.push_str(&self.selects.join("\nunion all\n"));
        sql
    }
}

/// The parts that answer a request, in order of code and preference.
#[must_use]
pub fn parts(catalogue: &Catalogue, request: &Request) -> Vec<Part> {
    if request.vintage.is_none() {
        return parts_of(catalogue, request);
    }
    let (moved, fixed) = request.by_movement();
    let mut parts = parts_of(catalogue, &moved);
    parts.extend(parts_of(catalogue, &fixed));
    parts
}

fn parts_of(catalogue: &Catalogue, request: &Request) -> Vec<Part> {
    let mut parts = Vec::new();
    for indicator in &catalogue.indicators {
        if wanted(request, &indicator.code) {
            for (order, derivation) in indicator.derivations.iter().enumerate() {
                parts.extend(part(catalogue, indicator, derivation, order, request, None));
            }
        }
        // Every indicator has this application: whoever names none of them does not pay for all.
        let is_named = request.indicators.is_some();
        if is_named
            && is_dispersible(indicator)
            && wanted(request, &format!("{DISPERSION}:{}", indicator.code))
        {
            for (order, derivation) in indicator.derivations.iter().enumerate() {
                parts.extend(dispersion(catalogue, indicator, derivation, order, request));
            }
        }
        for (index, (parity, dim, _, _)) in PARITY.iter().enumerate() {
            if indicator.parity.iter().any(|offered| offered == dim)
                && wanted(request, &format!("{parity}:{}", indicator.code))
            {
                for (order, derivation) in indicator.derivations.iter().enumerate() {
                    parts.extend(part(catalogue, indicator, derivation, order, request, Some(index)));
                }
            }
        }
    }
    parts
}

fn wanted(request: &Request, code: &str) -> bool {
    request.indicators.as_ref().is_none_or(|codes| codes.contains(code))
}

/// How far the regions lie apart, shown for the republic.
fn dispersion(
    catalogue: &Catalogue,
    indicator: &Indicator,
    derivation: &Derivation,
    order: usize,
    request: &Request,
) -> Option<Part> {
    let is_shown = |allowed: &Option<BTreeSet<String>>, value: &str| {
        allowed.as_ref().is_none_or(|allowed| allowed.contains(value))
    };
    let is_asked = is_shown(&request.tiers, "republic")
        && is_shown(&request.geo_codes, "KZ")
        && (request.allows_breakdown("total") || request.allows_breakdown("category"));
    if !is_asked || (derivation.denominator.is_none() && derivation.view.is_none()) {
        return None;
    }
    let of_regions = Request {
        tiers: Some(BTreeSet::from(["region".to_owned()])),
        breakdowns: Some(BTreeSet::from(["total".to_owned()])),
        broken_down: Vec::new(),
        geo_codes: None,
        ..request.clone()
    };
    let mut part = part(catalogue, indicator, derivation, order, &of_regions, None)?;
    part.indicator = format!("{DISPERSION}:{}", indicator.code);
    part.tiers = vec!["republic".to_owned()];
    part.selects = part.selects.iter().map(|select| dispersion_select(select, indicator)).collect();
    Some(part)
}

fn part(
    catalogue: &Catalogue,
    indicator: &Indicator,
    derivation: &Derivation,
    order: usize,
    request: &Request,
    parity: Option<usize>,
) -> Option<Part> {
    let parity = parity.map(|index| PARITY[index]);
    let is_of_other_years =
        request.year_from.is_some_and(|from| indicator.valid_to_year.is_some_and(|to| i64::from(to) < from))
            || request.year_to.is_some_and(|to| to < i64::from(indicator.valid_from_year));
    if is_of_other_years {
        return None;
    }
    // A parity index of breakdown B is computed from the indicator broken down by B and its dimension.
    let breakdowns: Vec<String> = derivation
        .breakdowns
        .iter()
        .filter_map(|breakdown| match parity {
            None => request.allows_breakdown(breakdown).then(|| breakdown.clone()),
            Some((_, dim, _, _)) => {
                let dims = dims_of(breakdown);
                let rest: Vec<&str> = dims.iter().filter(|d| **d != dim).copied().collect();
                let outer = if rest.is_empty() { "total".to_owned() } else { rest.join(",") };
                (dims.contains(&dim) && request.allows_breakdown(&outer)).then(|| breakdown.clone())
            }
        })
        .collect();
    let tiers: Vec<&str> = derivation
        .tiers
        .iter()
        .map(String::as_str)
        .filter(|tier| {
            request.tiers.as_ref().map_or(*tier != "organisation", |wanted| wanted.contains(*tier))
        })
        .collect();
    let levels: Vec<&str> = derivation
        .levels
        .as_ref()
        .unwrap_or(&indicator.levels)
        .iter()
        .map(String::as_str)
        .filter(|level| request.levels.as_ref().is_none_or(|wanted| wanted.contains(*level)))
        .collect();
    if breakdowns.is_empty() || tiers.is_empty() || levels.is_empty() {
        return None;
    }
    let job = Job { catalogue, indicator, derivation, order, request, breakdowns, tiers, levels };
    let mut part = if derivation.view.is_some() { job.ready() } else { job.sums() };
    if let Some(parity) = parity {
        part.indicator = format!("{}:{}", parity.0, indicator.code);
        part.selects = part
            .selects
            .iter()
            .map(|select| parity_select(select, indicator, parity, part.is_recast))
            .collect();
    }
    Some(part)
}

struct Job<'a> {
    catalogue: &'a Catalogue,
    indicator: &'a Indicator,
    derivation: &'a Derivation,
    order: usize,
    request: &'a Request,
    breakdowns: Vec<String>,
    tiers: Vec<&'a str>,
    levels: Vec<&'a str>,
}

impl Job<'_> {
    fn tier_names(&self) -> Vec<String> {
        self.tiers.iter().map(|tier| (*tier).to_owned()).collect()
    }

    // ---- sums -------------------------------------------------------------------------------

    fn sums(&self) -> Part {
        let dims = self.all_dims();
        let vintage = self.request.vintage.as_deref();
        let with_organisation = self.tiers.contains(&"organisation") || vintage.is_some();
        let mut steps = Vec::new();
        let forms = self.forms();
        if forms.len() > 1 {
            steps.push(("reported".to_owned(), reported(&forms)));
        }
        let terms = match (&self.derivation.numerator, &self.derivation.denominator) {
            // Sums over the same rows: the measure set is read once.
            (Some(numerator), Some(denominator)) if numerator.has_rows_of(denominator) => {
                vec![self.term(Some(numerator), Some(denominator), &dims, with_organisation)]
            }
            (numerator, denominator) => {
                let one =
                    |numerator, denominator| self.term(numerator, denominator, &dims, with_organisation);
                let above = numerator.iter().map(|term| one(Some(term), None));
                above.chain(denominator.iter().map(|term| one(None, Some(term)))).collect()
            }
        };
        let cell = terms.join("\nunion all\n");
        steps.push((
            "cell".to_owned(),
            match vintage {
                Some(vintage) => vintage::cell(vintage, &cell, &dims),
                None => cell,
            },
        ));
        if !forms.is_empty() {
            let years = self.year_filters("year", 0);
            let step = obligation(&forms, &years);
            let step = if with_organisation { step } else { obligation_by_district(&step) };
            steps.push((
                "obligation".to_owned(),
                match vintage {
                    Some(vintage) => vintage::obligation(vintage, &step),
                    None => step,
                },
            ));
            if self.derivation.denominator.is_some() {
                let of_passport: Vec<&str> = dims.iter().copied().filter(|dim| is_of_passport(dim)).collect();
                let step = present(&forms, &of_passport, &self.year_filters("s.year", 0), with_organisation);
                steps.push((
                    "present".to_owned(),
                    match vintage {
                        Some(vintage) => vintage::present(vintage, &step, &of_passport),
                        None => step,
                    },
                ));
            }
        }
        let mut selects = Vec::new();
        for tier in &self.tiers {
            for breakdown in &self.breakdowns {
                selects.push(self.sums_select(tier, breakdown, !forms.is_empty()));
            }
        }
        Part {
            indicator: self.indicator.code.clone(),
            tiers: self.tier_names(),
            steps,
            selects,
            has_editions: false,
            is_recast: vintage.is_some(),
        }
    }

    /// Every dimension that some asked-for breakdown names.
    fn all_dims(&self) -> Vec<&'static str> {
        DIMENSIONS
            .into_iter()
            .filter(|dim| self.breakdowns.iter().any(|breakdown| dims_of(breakdown).contains(dim)))
            .collect()
    }

    /// Organisation-level forms behind the terms, sorted.
    fn forms(&self) -> Vec<&str> {
        let terms = self.derivation.numerator.iter().chain(&self.derivation.denominator);
        let mut forms: Vec<&str> =
            terms.clone().flat_map(|term| self.measure(term).forms.iter().map(String::as_str)).collect();
        if terms.into_iter().any(names_passport) {
            forms.push(PASSPORT);
        }
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    fn measure(&self, term: &Term) -> &MeasureSet {
        &self.catalogue.measures[&term.measure]
    }

    /// Rows of one term, or of two over the same rows: territory, level, dimensions, and sums in the columns
    /// that they belong to.
    fn term(
        &self,
        numerator: Option<&Term>,
        denominator: Option<&Term>,
        dims: &[&str],
        with_organisation: bool,
    ) -> String {
        let Some(term) = numerator.or(denominator) else { return String::new() };
        let measure = self.measure(term);
        let is_organisation = measure.grain == "organisation";
        let needs_reported = is_organisation && self.forms().len() > 1;
        let passport_dims: Vec<&str> = ["locality", "ownership"]
            .into_iter()
            .filter(|dim| dims.contains(dim) && !measure.dims.iter().any(|own| own == dim))
            .filter(|dim| is_organisation && !term.total_over.iter().any(|total| total == dim))
            .collect();
        let asks_passport = numerator.into_iter().chain(denominator).any(names_passport);
        // Facts of an earlier year count where the organisation is in the later one.
        let needs_passport =
            is_organisation && (!passport_dims.is_empty() || asks_passport || term.shift_year != 0);
        let year = shifted("m.year", term.shift_year);
        let (region, district) = if needs_passport && term.shift_year != 0 {
            ("coalesce(o.region, m.region)", "coalesce(o.district, m.district)")
        } else {
            ("m.region", "m.district")
        };
        let level = match &term.relevel {
            Some((_, to)) => format!("'{to}'"),
            None if measure.is_level_final => "m.level".to_owned(),
            None => "l.level".to_owned(),
        };
        let mut keys = vec![
            (year, "year".to_owned()),
            (region.to_owned(), "region".to_owned()),
            (district.to_owned(), "district".to_owned()),
        ];
        if with_organisation {
            let org = if is_organisation { "m.org_bin" } else { "cast(null as bigint)" };
            keys.push((org.to_owned(), "org_bin".to_owned()));
        }
        keys.push((level, "level".to_owned()));
        for dim in dims {
            let expr = if term.total_over.iter().any(|total| total == dim) {
                "'_T'".to_owned()
            } else if *dim == "grade" && term.grade.is_some() {
                format!("cast({} as varchar)", term.grade.as_deref().unwrap_or_default())
            } else if passport_dims.contains(dim) {
                format!("o.{dim}")
            } else if measure.dims.iter().any(|own| own == dim) {
                format!("m.{dim}")
            } else {
                "'_T'".to_owned()
            };
            keys.push((expr, (*dim).to_owned()));
        }
        let absent = "cast(null as double)".to_owned();
        let amount = |term: Option<&Term>| match term {
            Some(Term { value, when: Some(when), .. }) => {
                format!("cast(sum(case when {when} then {value} else 0 end) as double)")
            }
            Some(Term { value, .. }) => format!("cast(sum({value}) as double)"),
            None => absent.clone(),
        };
        let n = match self.derivation.n.as_deref() {
            Some("numerator" | "denominator") | None => absent.clone(),
            Some(expr) if numerator.is_some() => format!("cast(sum({expr}) as double)"),
            Some(_) => absent.clone(),
        };
        let (numerator, denominator) = (amount(numerator), amount(denominator));
        let mut sql = String::from("select\n");
        for (expr, name) in &keys {
            let _ = writeln!(sql, "    {expr} as {name},");
        }
        let _ = write!(
            sql,
            "    {numerator} as numerator,\n    {denominator} as denominator,\n    {n} as n\nfrom measures.{} m",
            term.measure
        );
        if term.relevel.is_none() && !measure.is_level_final {
            sql.push_str("\njoin ref.level_member l on l.member = m.level");
        }
        if needs_passport {
            let year = shifted("m.year", term.shift_year);
            let _ =
                write!(sql, "\nleft join ref.organisation o on o.year = {year} and o.org_bin = m.org_bin");
        }
        if needs_reported {
            sql.push_str("\njoin reported r on r.year = m.year and r.org_bin = m.org_bin");
        }
        let filters = self.term_filters(term, measure);
        let _ = write!(sql, "\nwhere {}\ngroup by ", filters.join(" and "));
        let positions: Vec<String> = keys
            .iter()
            .enumerate()
            .filter(|(_, (expr, _))| !expr.starts_with('\'') && !expr.starts_with("cast(null"))
            .map(|(index, _)| (index + 1).to_string())
            .collect();
        sql.push_str(&positions.join(", "));
        sql
    }

    /// What of the measure set a term reads, as far as levels, years and territory say it.
    fn term_filters(&self, term: &Term, measure: &MeasureSet) -> Vec<String> {
        let mut filters: Vec<String> = term.r#where.iter().cloned().collect();
        match &term.relevel {
            Some((from, _)) => filters.push(format!("m.level = '{from}'")),
            None if measure.is_level_final => filters.push(format!("m.level in ({})", quoted(&self.levels))),
            None => filters.push(format!("l.level in ({})", quoted(&self.levels))),
        }
        filters.extend(self.year_filters("m.year", i64::from(term.shift_year)));
        if term.shift_year == 0 {
            filters.extend(self.territory_filter());
        }
        filters
    }

    /// The years asked for, of facts that count so many years later.
    fn year_filters(&self, column: &str, shift: i64) -> Vec<String> {
        let from = self.request.year_from.map(|from| format!("{column} >= {}", from - shift));
        let to = self.request.year_to.map(|to| format!("{column} <= {}", to - shift));
        from.into_iter().chain(to).collect()
    }

    /// A filter on the partition column `region` that the asked-for codes imply.
    fn territory_filter(&self) -> Option<String> {
        let codes = self.request.geo_codes.as_ref()?;
        let is_elsewhere = self.tiers.iter().any(|tier| !matches!(*tier, "district" | "region"));
        if is_elsewhere || self.request.vintage.is_some() {
            return None;
        }
        let regions: Vec<String> = codes
            .iter()
            .filter(|code| code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|code| code[..2].to_owned())
            .collect();
        (!regions.is_empty()).then(|| format!("m.region in ({})", regions.join(", ")))
    }

    fn sums_select(&self, tier: &str, breakdown: &str, has_obligation: bool) -> String {
        let dims = dims_of(breakdown);
        let unit: &[&str] = match tier {
            "organisation" => &["region", "district", "org_bin"],
            "district" => &["region", "district"],
            "region" => &["region"],
            _ => &[],
        };
        let mut keys: Vec<&str> = vec!["year"];
        keys.extend(unit);
        keys.push("level");
        keys.extend(&dims);
        let key_list = keys.join(", ");
        let empty = Vec::new();
        let total_over: Vec<&str> = self
            .derivation
            .denominator
            .as_ref()
            .map_or(&empty, |term| &term.total_over)
            .iter()
            .map(String::as_str)
            .filter(|dim| dims.contains(dim))
            .collect();
        let denominator = if total_over.is_empty() {
            "sum(denominator)".to_owned()
        } else {
            let over: Vec<&str> = keys.iter().copied().filter(|key| !total_over.contains(key)).collect();
            format!("sum(sum(denominator)) over (partition by {})", over.join(", "))
        };
        let mut members: Vec<String> =
            dims.iter().map(|dim| format!("{dim} is not null and {dim} <> '_T'")).collect();
        if tier == "organisation" {
            members.push("org_bin is not null".to_owned());
        }
        let members =
            if members.is_empty() { String::new() } else { format!("\nwhere {}", members.join(" and ")) };
        // The denominator of a share of a whole sits on other members than the numerator.
        let (inner_where, outer_where) =
            if total_over.is_empty() { (members, String::new()) } else { (String::new(), members) };
        // The republic is the sum of the regions whose population is published.
        let is_partial = tier == "republic" && self.has_territory_term();
        let from = if is_partial { COUNTED_REGIONS } else { "cell" };
        let weighted = if self.request.vintage.is_some() { vintage::SUMMED } else { "" };
        let sums = format!(
            "select\n    {key_list}, sum(numerator) as numerator, {denominator} as denominator, sum(n) as n{weighted}\nfrom \
             {from}{inner_where}\ngroup by {key_list}"
        );
        let sums = if outer_where.is_empty() {
            sums
        } else {
            let outer_where = format!("{outer_where} and numerator is not null");
            format!("select * from (\n{}\n) as whole{outer_where}", indent(&sums))
        };
        let coverage = has_obligation.then(|| {
            let mut keys: Vec<&str> = vec!["year"];
            keys.extend(unit);
            keys.push("level");
            keys.extend(dims.iter().filter(|dim| is_of_passport(dim)));
            keys
        });
        self.finish(tier, breakdown, &dims, &sums, coverage.as_deref())
    }

    /// Names, value, flag and the constant columns around the sums of one tier and breakdown.
    fn finish(
        &self,
        tier: &str,
        breakdown: &str,
        dims: &[&str],
        sums: &str,
        coverage: Option<&[&str]>,
    ) -> String {
        let indicator = self.indicator;
        // Where somebody reported, nobody to count is a zero; where nobody did, it is not known.
        let is_ratio = self.derivation.denominator.is_some();
        let numerator = if is_ratio && coverage.is_some() {
            "coalesce(x.numerator, case when r.year is not null then cast(0 as double) end)"
        } else {
            "x.numerator"
        };
        let value = if is_ratio {
            format!("{numerator} * {}.0 / nullif(x.denominator, 0)", indicator.scale)
        } else if indicator.scale == 1 {
            "x.numerator".to_owned()
        } else {
            format!("x.numerator * {}.0", indicator.scale)
        };
        let n = match self.derivation.n.as_deref() {
            Some("numerator") => numerator,
            Some("denominator") => "x.denominator",
            Some(_) => "x.n",
            None if is_ratio => "x.denominator",
            None => "x.numerator",
        };
        let is_below = below(tier, &indicator.lowest_tier);
        let value = if is_below { "cast(null as double)".to_owned() } else { value };
        let (geo, join) = geography(tier, self.request.vintage.as_deref());
        let is_break = is_break(indicator, dims);
        let flag = if is_below {
            "'not_applicable'".to_owned()
        } else {
            format!(
                "case when {value} is null then 'not_available' when {is_break} then 'break'{} else 'ok' end",
                self.estimate()
            )
        };
        let coverage_value = match coverage {
            Some(_) => "cast(c.reported_count as double) / nullif(c.obliged_count, 0)",
            None if self.derivation.source.starts_with("S7") => "cast(1 as double)",
            None => "cast(null as double)",
        };
        let mut sql = format!(
            "select\n    '{}' as indicator, {} as definition_version, x.year as year, {} as academic_year, '{tier}' as \
             tier,\n    {geo},\n    x.level as level, '{breakdown}' as breakdown,\n    {},\n    {numerator} as \
             numerator, x.denominator as denominator, {value} as value, '{}' as unit,\n    cast(null as double) as \
             se, cast({n} as bigint) as n, {coverage_value} as coverage,\n    {flag} as flag,\n    year_status(x.year) as \
             status, '{}' as source,\n    cast(null as varchar) as edition, cast(null as date) as published_on, {} \
             as derivation{}\nfrom (\n{}\n) x\n{join}",
            indicator.code,
            indicator.version,
            academic_year(indicator.academic_year),
            dimension_columns(dims),
            indicator.unit,
            self.derivation.source,
            self.order,
            self.vintage_columns(),
            indent(sums),
        );
        if let Some(keys) = coverage {
            let list = keys.join(", ");
            let matched: Vec<String> = keys.iter().map(|key| format!("c.{key} = x.{key}")).collect();
            let counts = if self.request.vintage.is_some() {
                "sum(share) as obliged_count, sum(is_reported * share) as reported_count"
            } else if self.tiers.contains(&"organisation") {
                "count(*) as obliged_count, sum(is_reported) as reported_count"
            } else {
                "sum(obliged_count) as obliged_count, sum(reported_count) as reported_count"
            };
            let _ = write!(
                sql,
                "\nleft join (\n    select {list}, {counts}\n    \
                 from obligation\n    group by {list}\n) c on {}",
                matched.join(" and ")
            );
            if is_ratio {
                let keys: Vec<&str> = keys.iter().copied().filter(|key| *key != "level").collect();
                let list = keys.join(", ");
                let matched: Vec<String> = keys.iter().map(|key| format!("r.{key} = x.{key}")).collect();
                let _ = write!(
                    sql,
                    "\nleft join (\n    select distinct {list}\n    from present\n) r on {}",
                    matched.join(" and ")
                );
            }
        }
        sql.push_str(&self.validity());
        if self.reaches_beyond() && is_ratio && coverage.is_some() {
            sql.push_str(" and x.year in (select year from present)");
        }
        sql
    }

    /// Population and the like: known by territory, and not of every territory.
    fn has_territory_term(&self) -> bool {
        let terms = self.derivation.numerator.iter().chain(&self.derivation.denominator);
        terms.into_iter().any(|term| self.measure(term).grain != "organisation")
    }

    /// Facts of one year count in another: the year after the last has a denominator only.
    fn reaches_beyond(&self) -> bool {
        let terms = self.derivation.numerator.iter().chain(&self.derivation.denominator);
        terms.clone().any(|term| term.shift_year != 0)
            || terms.into_iter().any(|term| self.measure(term).reaches_beyond)
    }

    /// A value that rests on weights is an estimate.
    fn estimate(&self) -> &'static str {
        if self.request.vintage.is_some() { " when x.weighted_share > 0 then 'estimate'" } else { "" }
    }

    fn vintage_columns(&self) -> String {
        if self.request.vintage.is_some() { vintage::columns() } else { String::new() }
    }

    fn validity(&self) -> String {
        let mut sql = format!("\nwhere x.year >= {}", self.indicator.valid_from_year);
        if let Some(to) = self.indicator.valid_to_year {
            let _ = write!(sql, " and x.year <= {to}");
        }
        if let Some(from) = self.request.year_from {
            let _ = write!(sql, " and x.year >= {from}");
        }
        if let Some(to) = self.request.year_to {
            let _ = write!(sql, " and x.year <= {to}");
        }
        sql
    }

    // ---- ready values -----------------------------------------------------------------------

    /// A view whose rows carry indicator, tier, code, level, dimensions and value already.
    fn ready(&self) -> Part {
        let view = self.derivation.view.as_deref().unwrap_or_default();
        let mut tiers = self.tiers.clone();
        // The parts of a region that was cut may stand in another one.
        if self.request.vintage.is_some() && tiers.contains(&"region") && !tiers.contains(&"district") {
            tiers.push("district");
        }
        let mut common = vec![
            format!("v.indicator = '{}'", self.indicator.code),
            format!("v.tier in ({})", quoted(&tiers)),
            format!("v.level in ({})", quoted(&self.levels)),
        ];
        if let Some(codes) = &self.request.geo_codes
            && self.request.vintage.is_none()
        {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            common.push(format!("v.geo_code in ({})", quoted(&codes)));
        }
        let ready = format!("select v.*\nfrom {view} v\nwhere {}", common.join(" and "));
        let mut selects = Vec::new();
        for tier in &self.tiers {
            for breakdown in &self.breakdowns {
                let dims = dims_of(breakdown);
                let mut filters = vec![format!("v.tier = '{tier}'")];
                for dim in DIMENSIONS {
                    let sign = if dims.contains(&dim) { "<>" } else { "=" };
                    filters.push(format!("v.{dim} {sign} '_T'"));
                }
                let (geo, join) = ready_geography(tier, self.request.vintage.as_deref());
                let indicator = self.indicator;
                let value = format!(
                    "coalesce(v.value, v.numerator * {}.0 / nullif(v.denominator, 0))",
                    indicator.scale
                );
                let rows = format!(
                    "select v.*, {value} as shown_value\nfrom ready v\nwhere {}",
                    filters.join(" and ")
                );
                let rows = self.recast(tier, rows);
                let is_break = is_break(indicator, &dims);
                let academic = if *tier == "international" {
                    "concat(x.year - 1, '/', lpad(cast(x.year % 100 as varchar), 2, '0'))".to_owned()
                } else {
                    academic_year(indicator.academic_year).to_owned()
                };
                let mut sql = format!(
                    "select\n    '{}' as indicator, {} as definition_version, x.year as year, {academic} as \
                     academic_year, '{tier}' as tier,\n    {geo},\n    x.level as level, '{breakdown}' as \
                     breakdown,\n    {},\n    x.numerator as numerator, x.denominator as denominator, x.shown_value \
                     as value, '{}' as unit,\n    x.se as se, cast(x.n as bigint) as n, cast(null as double) as \
                     coverage,\n    case when x.shown_value is null then 'not_available' when x.flag <> 'ok' then \
                     x.flag when {is_break} then 'break' else 'ok' end as flag,\n    x.status as status, x.source as \
                     source,\n    x.edition as edition, x.published_on as published_on, {} + x.preference as \
                     derivation{}\nfrom (\n{}\n) x\n{join}",
                    indicator.code,
                    indicator.version,
                    dimension_columns(&dims),
                    indicator.unit,
                    self.order * 100,
                    self.vintage_columns(),
                    indent(&rows),
                );
                sql.push_str(&self.validity());
                selects.push(sql);
            }
        }
        Part {
            indicator: self.indicator.code.clone(),
            tiers: self.tier_names(),
            steps: vec![("ready".to_owned(), ready)],
            selects,
            has_editions: true,
            is_recast: self.request.vintage.is_some(),
        }
    }

    /// Rows of ready values in the vintage asked for.
    fn recast(&self, tier: &str, rows: String) -> String {
        let Some(vintage) = self.request.vintage.as_deref() else { return rows };
        let has_districts =
            tier == "region" && self.derivation.tiers.iter().any(|offered| offered == "district");
        let districts = has_districts.then(|| rows.replacen("v.tier = 'region'", "v.tier = 'district'", 1));
        vintage::ready(vintage, tier, self.indicator.scale, &rows, districts.as_deref())
    }
}
