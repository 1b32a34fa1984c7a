//! MON, SOC-01, SOC-03: ratios of sample surveys with the error of their design.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{UnitSet, matches};
use super::ready::Ready;
use super::select::Selection;
use crate::dimension::{Language, Sex};
use crate::ids::RegionCode;
use crate::level::{Level, LevelCode};
use crate::records::{Code, SampleResult, SurveyAnswer, TenThousandths};

/// An estimated percentage.
pub(super) struct Estimate {
    pub value: f64,
    pub error: Option<f64>,
}

/// One answer of a sampled person, weighted.
struct Answer<'a> {
    region: RegionCode,
    level: Level,
    stratum: String,
    unit: &'a str,
    sex: Option<Sex>,
    language: Option<Language>,
    subject: Option<&'a Code>,
    kind: Option<&'a Code>,
    counted: f64,
    base: f64,
    /// Drawn, but without an answer.
    is_silent: bool,
}

fn weight(weight: TenThousandths) -> f64 {
    f64::from(weight.0) / 1e4
}

fn of_pupil(row: &SampleResult, counted: f64, base: f64, is_silent: bool) -> Option<Answer<'_>> {
    Some(Answer {
        region: row.district.region(),
        level: Level::of_grade(row.grade).ok()?,
        stratum: row.stratum.clone(),
        unit: &row.psu,
        sex: Some(row.sex),
        language: Some(row.language),
        subject: Some(&row.domain),
        kind: None,
        counted: weight(row.weight) * counted,
        base: weight(row.weight) * base,
        is_silent,
    })
}

fn of_respondent<'a>(row: &'a SurveyAnswer, counts: &[&str]) -> Answer<'a> {
    let is_silent = row.response.is_none();
    let is_counted = row.response.as_ref().is_some_and(|response| counts.contains(&&**response));
    Answer {
        region: row.district.region(),
        level: row.level,
        stratum: format!("{} {} {}", row.survey, row.wave, row.stratum),
        unit: &row.psu,
        sex: None,
        language: None,
        subject: None,
        kind: Some(&row.respondent_kind),
        counted: if is_counted { weight(row.weight) } else { 0.0 },
        base: if is_silent { 0.0 } else { weight(row.weight) },
        is_silent,
    }
}

/// Everybody drawn in the year, by what the indicator counts.
fn answers<'a>(indicator: Ready, selection: &Selection<'a>) -> Vec<Answer<'a>> {
    let year = selection.year();
    let results = selection.records.sample_results.iter();
    let results = results.filter(|row| row.year == year && row.study == "modo");
    let items = |item: &'static str| {
        let answers = selection.records.survey_answers.iter();
        answers.filter(move |row| row.year == year && row.item == item)
    };
    let points = |value: i32| f64::from(value) / 100.0;
    match indicator {
        Ready::Mon01 => results
            .filter_map(|row| of_pupil(row, points(row.score.0), points(row.score_max.0), false))
            .collect(),
        Ready::Mon02 => results
            .filter_map(|row| {
                let level = row.level_reached.as_deref();
                let reached = matches!(level, Some("medium" | "high"));
                let counted = if reached { 1.0 } else { 0.0 };
                of_pupil(row, counted, if level.is_some() { 1.0 } else { 0.0 }, level.is_none())
            })
            .collect(),
        Ready::Soc01 => {
            items("satisfaction").map(|row| of_respondent(row, &["satisfied", "partly_satisfied"])).collect()
        }
        _ => items("bullying")
            .filter(|row| row.respondent_kind == "pupil")
            .map(|row| of_respondent(row, &["monthly", "weekly"]))
            .collect(),
    }
}

/// The ratio of weighted sums and its error by linearisation, units drawn with replacement within strata.
pub(super) fn estimate(indicator: Ready, selection: &Selection<'_>) -> Option<Estimate> {
    let drawn = answers(indicator, selection);
    let by = &selection.cell.by;
    let is_of_cell = |answer: &&Answer<'_>| {
        !answer.is_silent
            && selection.cell.level == LevelCode::Single(answer.level)
            && match selection.cell.units {
                UnitSet::Republic => true,
                UnitSet::Region(region) => answer.region == region,
                _ => false,
            }
            && (by.sex.is_none() || by.sex == answer.sex)
            && (by.language.is_none() || by.language == answer.language)
            && (by.subject.is_none() || by.subject.as_ref() == answer.subject)
            && answer.kind.is_none_or(|kind| matches(by.member.as_ref(), kind))
    };
    let of_cell: Vec<&Answer<'_>> = drawn.iter().filter(is_of_cell).collect();
    let counted: f64 = of_cell.iter().map(|answer| answer.counted).sum();
    let base: f64 = of_cell.iter().map(|answer| answer.base).sum();
    if base <= 0.0 {
        return None;
    }
    let ratio = counted / base;
    let mut variance = Some(0.0);
    let strata: BTreeSet<(RegionCode, &str)> =
        of_cell.iter().map(|answer| (answer.region, answer.stratum.as_str())).collect();
    for (region, stratum) in strata {
        // All units drawn here, those of nobody in the cell too.
        let mut deviations: BTreeMap<&str, f64> = drawn
            .iter()
            .filter(|answer| {
                answer.region == region
                    && answer.stratum == stratum
                    && selection.cell.level == LevelCode::Single(answer.level)
            })
            .map(|answer| (answer.unit, 0.0))
            .collect();
        for answer in of_cell.iter().filter(|answer| answer.region == region && answer.stratum == stratum) {
            *deviations.entry(answer.unit).or_default() += (answer.counted - ratio * answer.base) / base;
        }
        let units = f64::from(u32::try_from(deviations.len()).ok()?);
        let mean = deviations.values().sum::<f64>() / units;
        let squares: f64 = deviations.values().map(|deviation| (deviation - mean).powi(2)).sum();
        variance = variance.filter(|_| units > 1.0).map(|all| all + units / (units - 1.0) * squares);
    }
    Some(Estimate { value: 100.0 * ratio, error: variance.map(|variance: f64| 100.0 * variance.sqrt()) })
}
