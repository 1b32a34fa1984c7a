//! Values of countries as publishers give them: which of several stands in the international tier.
//!
//! Owns the choice and what is computed of published numbers (shares of counts, sums of levels, changes
//! between cycles). Values are not rounded.
//!
//! # Decisions
//!
//! | point | decision |
//! |---|---|
//! | order | counts of UIS, rates of UIS, rates of SDG 4, counts of `EdStats`, rates of `EdStats`; then the edition published last, then the last by name |
//! | CON-07, TCH-10 | from counts of one edition, of all programmes; a denominator of nil gives nothing |
//! | ILS-01 | means with standard errors, the table of OECD, the table of PISA means, `EdStats`; PISA is of basic secondary age; the grade that a study is made for is no breakdown |
//! | ILS-02, ILS-03 | levels 2 to 6 and 5 to 6 of PISA, all of them published; else 100 less those below the low benchmark, those at the advanced one |
//! | ILS-07 | a cycle less the one before it of the same edition, in the order of ILS-01; link errors are not published for the pairs here |
//! | ILS-09 | as printed |

use std::cmp::Reverse;

use crate::codes::code_list;
use crate::records::{Code, PublishedObservation};

code_list! {
    /// Indicators with published values of countries.
    Published, "published indicator" {
        /// Net enrolment rate.
        AccNer = "ACC-NER",
        /// Share of girls and women among learners.
        Con07 = "CON-07",
        /// Completion rate.
        Eff11 = "EFF-11",
        /// Funding per student.
        Fin03Ppp = "FIN-03-PPP",
        /// Mean score.
        Ils01 = "ILS-01",
        /// At least minimum proficiency.
        Ils02 = "ILS-02",
        /// Top performers.
        Ils03 = "ILS-03",
        /// Trend of a mean score.
        Ils07 = "ILS-07",
        /// Teachers by item.
        Ils09 = "ILS-09",
        /// Bullying.
        Soc03 = "SOC-03",
        /// Salary of teachers beside comparable professions.
        Tch09Sdg = "TCH-09-SDG",
        /// Share of women among teachers.
        Tch10 = "TCH-10",
    }
}

/// The total of a dimension.
const TOTAL: &str = "_T";

/// Which published number is asked for; `_T` is the total of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryCell {
    /// Year of the publisher.
    pub year: i32,
    /// Country.
    pub country: String,
    /// Level as the catalogue names it.
    pub level: String,
    /// Sex.
    pub sex: String,
    /// Locality.
    pub locality: String,
    /// Grade.
    pub grade: String,
    /// Subject.
    pub subject: String,
    /// Study or item.
    pub category: String,
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountryValue {
    /// In the unit of the indicator.
    pub value: f64,
    /// Its standard error; `None` where none is published or known.
    pub error: Option<f64>,
}

/// A value with where it comes from: the place in the order, and the edition.
struct Candidate<'a> {
    order: u8,
    row: &'a PublishedObservation,
    value: CountryValue,
}

/// The published value of `indicator` in `cell`; `None` where nothing is published.
#[must_use]
pub fn published_value(
    indicator: Published,
    cell: &CountryCell,
    observations: &[PublishedObservation],
) -> Option<CountryValue> {
    let candidates = match indicator {
        Published::AccNer
        | Published::Eff11
        | Published::Fin03Ppp
        | Published::Soc03
        | Published::Tch09Sdg => rates(indicator, cell, observations),
        Published::Con07 => with_shares("enrolment", indicator, cell, observations),
        Published::Tch10 => with_shares("teachers", indicator, cell, observations),
        Published::Ils01 => scores(cell, observations),
        Published::Ils02 => levels(cell, observations, &["2", "3", "4", "5", "6"]),
        Published::Ils03 => levels(cell, observations, &["5", "6"]),
        Published::Ils07 => changes(cell, observations),
        Published::Ils09 => items(cell, observations),
    };
    let order = |found: &Candidate<'_>| {
        (found.order, Reverse(found.row.published_on), Reverse(found.row.edition.clone()))
    };
    candidates.into_iter().min_by_key(order).map(|found| found.value)
}

fn real(row: &PublishedObservation) -> f64 {
    f64::from(row.value.0) / 100.0
}

fn as_printed(row: &PublishedObservation) -> CountryValue {
    CountryValue { value: real(row), error: row.se.map(|error| f64::from(error.0) / 100.0) }
}

fn is_of(row: &PublishedObservation, cell: &CountryCell) -> bool {
    i32::from(row.year) == cell.year && row.country == cell.country
}

/// Rates that a publisher prints under the indicator.
fn rates<'a>(
    indicator: Published,
    cell: &CountryCell,
    observations: &'a [PublishedObservation],
) -> Vec<Candidate<'a>> {
    if [&cell.grade, &cell.subject, &cell.category].iter().any(|member| *member != TOTAL) {
        return Vec::new();
    }
    // The mapping of UIS names the concept of FIN-03-PPP in short.
    let name = if indicator == Published::Fin03Ppp { "FIN-03P" } else { indicator.code() };
    let concept = format!("published:{name}");
    let rows = observations.iter().filter(|row| {
        is_of(row, cell)
            && row.concept == concept
            && row.orientation == TOTAL
            && row.ownership == TOTAL
            && row.grade < 0
            && row.age < 0
            && row.level == cell.level
            && row.sex == cell.sex
            && row.locality == cell.locality
    });
    let with_order = rows.filter_map(|row| {
        let order = match &*row.publisher {
            "uis" => 1,
            "uis_sdg4" => 2,
            "wb_edstats" => 4,
            _ => return None,
        };
        Some(Candidate { order, row, value: CountryValue { error: None, ..as_printed(row) } })
    });
    with_order.collect()
}

/// Rates, and shares of women computed from counts.
fn with_shares<'a>(
    counted: &str,
    indicator: Published,
    cell: &CountryCell,
    observations: &'a [PublishedObservation],
) -> Vec<Candidate<'a>> {
    let mut candidates = rates(indicator, cell, observations);
    if [&cell.sex, &cell.locality, &cell.grade, &cell.subject, &cell.category].iter().any(|of| *of != TOTAL) {
        return candidates;
    }
    let is_count = |row: &&PublishedObservation| {
        is_of(row, cell)
            && row.concept == counted
            && row.level == cell.level
            && [&row.orientation, &row.ownership, &row.locality].iter().all(|of| **of == TOTAL)
            && row.grade < 0
            && row.age < 0
    };
    let women = observations.iter().filter(|row| is_count(row) && row.sex == "female");
    for row in women {
        let beside = |other: &&PublishedObservation| {
            is_count(other)
                && other.sex == TOTAL
                && other.publisher == row.publisher
                && other.edition == row.edition
        };
        let order = match &*row.publisher {
            "uis" => 0,
            "wb_edstats" => 3,
            _ => continue,
        };
        if let Some(all) = observations.iter().find(beside).filter(|all| all.value.0 > 0) {
            let value = CountryValue { value: 100.0 * real(row) / real(all), error: None };
            candidates.push(Candidate { order, row, value });
        }
    }
    candidates
}

/// The study that a series is of: its first word, after that of a region.
fn study(row: &PublishedObservation) -> &str {
    row.series.trim_start_matches("lo_").split('_').next().unwrap_or("")
}

/// Whether a result is of the cell's study, level, sex, subject and grade.
fn is_result(row: &PublishedObservation, cell: &CountryCell) -> bool {
    let study = study(row);
    // PISA tests an age, which is that of basic secondary education.
    let level = if study == "pisa" { "basic_secondary" } else { &*row.level };
    let is_own_grade = match study {
        "timss" | "pirls" => row.grade == 4 || row.grade == 8,
        _ => row.grade < 0,
    };
    let grade = if is_own_grade { TOTAL.to_owned() } else { row.grade.to_string() };
    study == cell.category
        && level == cell.level
        && row.sex == cell.sex
        && row.subject.as_deref().unwrap_or(TOTAL) == cell.subject
        && cell.locality == TOTAL
        && grade == cell.grade
}

/// The place of an edition of means.
fn score_order(row: &PublishedObservation) -> u8 {
    match &*row.edition {
        "score-bins" => 0,
        "pisa-2022-kaz-tables" => 1,
        "pisa-means-levels" => 2,
        _ => 3,
    }
}

/// Mean scores of a cell in a year, whatever year the cell names.
fn means<'a>(
    year: impl Fn(i32) -> bool,
    cell: &CountryCell,
    observations: &'a [PublishedObservation],
) -> Vec<&'a PublishedObservation> {
    let rows = observations.iter().filter(|row| {
        year(i32::from(row.year))
            && row.country == cell.country
            && row.concept == "score_mean"
            && matches!(&*row.publisher, "wb_learning" | "wb_edstats" | "pisa")
            && is_result(row, cell)
    });
    rows.collect()
}

fn scores<'a>(cell: &CountryCell, observations: &'a [PublishedObservation]) -> Vec<Candidate<'a>> {
    let rows = means(|year| year == cell.year, cell, observations).into_iter();
    rows.map(|row| Candidate { order: score_order(row), row, value: as_printed(row) }).collect()
}

/// ILS-07: each edition's mean less its mean of the cycle before.
fn changes<'a>(cell: &CountryCell, observations: &'a [PublishedObservation]) -> Vec<Candidate<'a>> {
    let mut changes = Vec::new();
    for row in means(|year| year == cell.year, cell, observations) {
        let earlier = means(|year| year < cell.year, cell, observations);
        let of_edition =
            |other: &&&PublishedObservation| other.publisher == row.publisher && other.edition == row.edition;
        let before = earlier.iter().filter(of_edition).max_by_key(|other| other.year);
        if let Some(before) = before {
            let (now, then) = (as_printed(row), as_printed(before));
            let error = now.error.zip(then.error).map(|(now, then)| now.hypot(then));
            let value = CountryValue { value: now.value - then.value, error };
            changes.push(Candidate { order: score_order(row), row, value });
        }
    }
    changes
}

/// ILS-02, ILS-03: shares of the levels of PISA added up, or of a benchmark.
fn levels<'a>(
    cell: &CountryCell,
    observations: &'a [PublishedObservation],
    of_pisa: &[&str],
) -> Vec<Candidate<'a>> {
    let rows = observations.iter().filter(|row| {
        is_of(row, cell) && matches!(&*row.publisher, "wb_learning" | "wb_edstats") && is_result(row, cell)
    });
    let rows: Vec<&PublishedObservation> = rows.collect();
    let mut candidates = Vec::new();
    for row in &rows {
        let of_edition = |concept: String| {
            let mut rows = rows.iter();
            rows.find(|other| {
                other.concept == concept && other.publisher == row.publisher && other.edition == row.edition
            })
        };
        let levels: Vec<i32> = of_pisa
            .iter()
            .filter_map(|level| of_edition(format!("share_level_{level}")))
            .map(|row| row.value.0)
            .collect();
        let hundredths = if levels.len() == of_pisa.len() {
            Some(levels.iter().sum())
        } else if of_pisa.len() > 2 {
            of_edition("share_benchmark_bl".to_owned()).map(|below| 10_000 - below.value.0)
        } else {
            of_edition("share_benchmark_adv".to_owned()).map(|row| row.value.0)
        };
        if let Some(hundredths) = hundredths {
            let order = if row.publisher == "wb_learning" { 1 } else { 2 };
            let value = CountryValue { value: f64::from(hundredths) / 100.0, error: None };
            candidates.push(Candidate { order, row, value });
        }
    }
    candidates
}

/// ILS-09: shares of teachers by item.
fn items<'a>(cell: &CountryCell, observations: &'a [PublishedObservation]) -> Vec<Candidate<'a>> {
    let concept = format!("talis_share:{}", cell.category);
    if [&cell.sex, &cell.locality, &cell.grade, &cell.subject].iter().any(|of| *of != TOTAL) {
        return Vec::new();
    }
    let rows = observations.iter().filter(|row| {
        is_of(row, cell)
            && row.publisher == "talis"
            && row.concept == concept
            && row.level == cell.level
            && row.sex == TOTAL
            && row.locality == TOTAL
    });
    rows.map(|row| Candidate { order: 0, row, value: as_printed(row) }).collect()
}

/// Names of the members that are not total, as the catalogue names a breakdown.
#[must_use]
pub fn breakdown_of(cell: &CountryCell) -> String {
    let named: [(&str, &str); 5] = [
        ("category", &cell.category),
        ("grade", &cell.grade),
        ("locality", &cell.locality),
        ("sex", &cell.sex),
        ("subject", &cell.subject),
    ];
    let parts: Vec<Code> = named
        .into_iter()
        .filter(|(_, member)| *member != TOTAL)
        .map(|(name, _)| Code::Borrowed(name))
        .collect();
    if parts.is_empty() { "total".to_owned() } else { parts.join(",") }
}
