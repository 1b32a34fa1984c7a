//! Indicators and measure sets as data: `sql/indicators/*.toml`, `sql/measures/measures.toml`.
//!
//! An indicator is defined once; each *derivation* says from which facts it is computed.
//! Turning a derivation into SQL is `session::indicator`'s job.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::assets::{Assets, DefinitionError, text};
use super::form::Labels;

/// The dimensions of `mart.indicator`, in column order. `_T` is the total of each.
pub const DIMENSIONS: [&str; 9] =
    ["sex", "locality", "language", "ownership", "study_form", "grade", "age", "subject", "category"];

/// Whether a higher value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
    /// Neither; never ranked.
    Neutral,
    /// The nearer to `target` the better.
    Target,
}

impl Direction {
    /// `higher`, `lower`, `neutral` or `target`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Neutral => "neutral",
            Self::Target => "target",
        }
    }
}

/// A sum over a measure set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Name of the measure set.
    pub measure: String,
    /// Expression over its columns that is summed.
    pub value: String,
    /// Rows that count; the others add zero, so that a reported zero stays a zero.
    pub when: Option<String>,
    /// Rows that exist at all; the others are in no cell of any breakdown.
    pub r#where: Option<String>,
    /// The facts of year Y count towards year Y + shift.
    #[serde(default)]
    pub shift_year: i32,
    /// Expression for the grade that the facts count towards, where it is not their own.
    pub grade: Option<String>,
    /// Output level of the facts, where it is not their own: `["all", "pre_school"]` takes the rows of
    /// level `all` and counts them at `pre_school`.
    pub relevel: Option<(String, String)>,
    /// Dimensions over which this term stays a total when the other is broken down (shares of a whole).
    #[serde(default)]
    pub total_over: Vec<String>,
}

impl Term {
    /// Whether both are sums over the same rows, counted at the same places: only what is added differs.
    #[must_use]
    pub fn has_rows_of(&self, other: &Self) -> bool {
        self.measure == other.measure
            && self.r#where == other.r#where
            && self.shift_year == other.shift_year
            && self.grade == other.grade
            && self.relevel == other.relevel
            && self.total_over == other.total_over
    }
}

/// One way to compute an indicator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// What `source` shows: `S1`, `S1+S2`, `S7`; ready views carry their own.
    pub source: String,
    /// Tiers it answers.
    pub tiers: Vec<String>,
    /// Breakdowns it answers: `total`, `sex`, `grade,sex`; names sorted.
    pub breakdowns: Vec<String>,
    /// Levels it answers, where they are fewer than the indicator's.
    pub levels: Option<Vec<String>>,
    /// Sum above the line.
    pub numerator: Option<Term>,
    /// Sum below the line; none for counts.
    pub denominator: Option<Term>,
    /// `numerator`, `denominator`, or an expression over the numerator's measure set: what `n` counts.
    pub n: Option<String>,
    /// A view whose rows are ready values at their own tier, instead of sums.
    pub view: Option<String>,
}

/// An indicator of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// `TCH-01`.
    pub code: String,
    /// Version of the definition.
    pub version: i32,
    /// First reporting year of this version.
    pub valid_from_year: i32,
    /// Last reporting year of this version; none = in force.
    pub valid_to_year: Option<i32>,
    /// Unit of `value`.
    pub unit: String,
    /// Multiplier of numerator / denominator: 100 for percent.
    #[serde(default = "one")]
    pub scale: i64,
    /// Decimals shown and ranked on.
    pub decimals: i32,
    /// Direction.
    pub direction: Direction,
    /// Target value, for direction `target`.
    pub target: Option<f64>,
    /// Normative value, where one is set.
    pub norm_value: Option<f64>,
    /// Source of the norm, or why there is none.
    pub norm_source: String,
    /// Levels it is defined for.
    pub levels: Vec<String>,
    /// The level shown first.
    pub headline_level: String,
    /// Lowest tier at which the value is meaningful.
    pub lowest_tier: String,
    /// Academic year of the facts: `begins` or `ended`.
    pub academic_year: super::form::AcademicYearRule,
    /// Sources of paragraph 7.
    pub sources: Vec<String>,
    /// International or national standard.
    pub standard: String,
    /// Paragraph of the Rules.
    pub paragraph: String,
    /// Smallest n at which the value is meaningful.
    #[serde(default)]
    pub min_n: i64,
    /// Smallest count above the line that the public sees, for counts of vulnerable groups.
    #[serde(default)]
    pub min_count: i64,
    /// Years in which the series breaks, with the reason.
    #[serde(default)]
    pub break_years: BTreeMap<String, String>,
    /// Years in which the series of one category breaks, by category: each study changes its scale or its
    /// mode of administration on its own.
    #[serde(default)]
    pub category_breaks: BTreeMap<String, BTreeMap<String, String>>,
    /// Dimensions for which a parity index is offered.
    #[serde(default)]
    pub parity: Vec<String>,
    /// Code list of the dimension `category`, where it is used.
    pub category_list: Option<String>,
    /// Shown among the headline indicators.
    #[serde(default)]
    pub is_headline: bool,
    /// Formula in words (English).
    pub formula: String,
    /// Name.
    pub name: Labels,
    /// Description.
    pub description: Labels,
    /// How it is computed, preferred first.
    #[serde(rename = "derivation")]
    pub derivations: Vec<Derivation>,
}

impl Indicator {
    /// Do two versions of one code hold in a common year?
    fn overlaps(&self, other: &Self) -> bool {
        let last = |indicator: &Self| indicator.valid_to_year.unwrap_or(i32::MAX);
        self.code == other.code && self.valid_from_year <= last(other) && other.valid_from_year <= last(self)
    }
}

fn one() -> i64 {
    1
}

/// What the compiler needs to know of a measure set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureSet {
    /// `organisation` or `territory`.
    pub grain: String,
    /// Organisation-level forms it rests on.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Dimensions it carries.
    #[serde(default)]
    pub dims: Vec<String>,
    /// Its `level` is an output level already (not a member to be summed into composites).
    #[serde(default)]
    pub is_level_final: bool,
    /// Its facts reach into years of which nothing is reported yet: the year after the last has a
    /// denominator only.
    #[serde(default)]
    pub reaches_beyond: bool,
    /// Forms of which the rows of a region and year rest on that region and year alone; a region and year of none
    /// of them has no rows. Without any the set has one rollup, over everything that it reads.
    #[serde(default)]
    pub local: Vec<String>,
    /// Forms of which they rest on the year, any region. All other forms count whole.
    #[serde(default)]
    pub of_year: Vec<String>,
}

/// Indicators by code and measure sets by name.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// In order of code.
    pub indicators: Vec<Indicator>,
    /// By name.
    pub measures: BTreeMap<String, MeasureSet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    #[serde(default)]
    indicator: Vec<Indicator>,
}

impl Catalogue {
    /// Read `sql/indicators/*.toml` and `sql/measures/measures.toml`.
    pub(super) fn parse(assets: &Assets) -> Result<Self, DefinitionError> {
        let mut catalogue = Self::default();
        for (path, bytes) in assets.of_kind("sql/measures/", "toml") {
            catalogue.measures = parse_toml(path, bytes)?;
        }
        for (path, bytes) in assets.of_kind("sql/indicators/", "toml") {
            let family: Family = parse_toml(path, bytes)?;
            for indicator in family.indicator {
                catalogue.check(path, &indicator)?;
                catalogue.indicators.push(indicator);
            }
        }
        catalogue.indicators.sort_by(|a, b| (&a.code, a.version).cmp(&(&b.code, b.version)));
        Ok(catalogue)
    }

    /// The definition of a code in force, any letter case.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().rfind(|indicator| indicator.code.eq_ignore_ascii_case(code))
    }

    fn check(&self, path: &str, indicator: &Indicator) -> Result<(), DefinitionError> {
        let bad = |message: String| DefinitionError::Inconsistent {
            path: path.to_owned(),
            message: format!("{}: {message}", indicator.code),
        };
        if self
            .indicators
            .iter()
            .any(|known| known.code == indicator.code && known.version == indicator.version)
        {
            return Err(bad("is defined twice in this version".to_owned()));
        }
        // One year has one definition; both versions answer, each for its years.
        if let Some(other) = self.indicators.iter().find(|known| known.overlaps(indicator)) {
            return Err(bad(format!(
                "versions {} and {} hold in the same year: end the earlier one with valid_to_year",
                other.version, indicator.version
            )));
        }
        let of_categories = indicator.category_breaks.values().flat_map(BTreeMap::keys);
        if let Some(year) =
            indicator.break_years.keys().chain(of_categories).find(|year| year.parse::<i32>().is_err())
        {
            return Err(bad(format!("the break {year:?} is no year")));
        }
        if (indicator.direction == Direction::Target) != indicator.target.is_some() {
            return Err(bad("direction target and a target go together".to_owned()));
        }
        for derivation in &indicator.derivations {
            if derivation.view.is_some() == derivation.numerator.is_some() {
                return Err(bad("a derivation has either a view or a numerator".to_owned()));
            }
            for term in derivation.numerator.iter().chain(&derivation.denominator) {
                if !self.measures.contains_key(&term.measure) {
                    return Err(bad(format!("names the measure set {}, which does not exist", term.measure)));
                }
            }
            for breakdown in &derivation.breakdowns {
                let dims = dims_of(breakdown);
                let known = dims.iter().all(|dim| DIMENSIONS.contains(dim));
                if !known || dims.len() > 3 || !dims.is_sorted() {
                    return Err(bad(format!(
                        "the breakdown {breakdown} is not sorted, unknown or above three"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// The dimensions a breakdown names; none for `total`.
#[must_use]
pub fn dims_of(breakdown: &str) -> Vec<&str> {
    if breakdown == "total" { Vec::new() } else { breakdown.split(',').collect() }
}

fn parse_toml<T: serde::de::DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, DefinitionError> {
    toml::from_str(text(path, bytes)?)
        .map_err(|source| DefinitionError::Toml { path: path.to_owned(), source: Box::new(source) })
}
