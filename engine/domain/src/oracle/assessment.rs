//! ILS: statistics of pupils tested in an international study, by plausible values and replicate weights.
//!
//! Every statistic is a plain function of pupils, one weight and one value each; estimate and standard
//! error follow from it (OECD, PISA Data Analysis Manual, chapters 7 and 8): the mean over the values under
//! the final weight; the mean over the values of the sum of squared deviations under the replicate weights,
//! times the factor of the design; and (1 + 1/M) times the variance between the values.

use std::collections::BTreeMap;

use crate::codes::code_list;
use crate::dimension::{Locality, Sex};
use crate::records::{StudyPupil, StudyValue, StudyWeight};

code_list! {
    /// Indicators of pupils tested.
    Tested, "indicator of pupils tested" {
        /// Mean.
        Ils01 = "ILS-01",
        /// At least minimum proficiency.
        Ils02 = "ILS-02",
        /// Top performers.
        Ils03 = "ILS-03",
        /// Upper less lower quarter by ESCS.
        Ils04 = "ILS-04",
        /// Slope on ESCS.
        Ils04Slope = "ILS-04-SLOPE",
        /// What ESCS explains.
        Ils04R2 = "ILS-04-R2",
        /// Variance between schools.
        Ils05 = "ILS-05",
        /// Gap of groups.
        Ils06 = "ILS-06",
        /// Mean of ICILS.
        Ils08 = "ILS-08",
        /// Below level 1 of ICILS.
        Ils08Below = "ILS-08-BELOW",
    }
}

/// Whom a number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All pupils.
    Everybody,
    /// Those of a sex; of a gap, that sex less the other.
    Sex(Sex),
    /// Those of a locality; of a gap, that locality less the other.
    Locality(Locality),
}

/// A study in a country and year, a subject of it and whom to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyCell {
    /// Reporting year.
    pub year: i32,
    /// Study.
    pub study: &'static str,
    /// Country.
    pub country: &'static str,
    /// Subject.
    pub subject: &'static str,
    /// Group.
    pub group: Group,
}

/// Records of pupils.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StudyRecords {
    /// S10.PUPIL
    pub pupils: Vec<StudyPupil>,
    /// S10.PV
    pub values: Vec<StudyValue>,
    /// S10.REPLICATE
    pub weights: Vec<StudyWeight>,
}

/// A number with its standard error, both in the unit of the indicator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudyEstimate {
    /// Estimate.
    pub value: f64,
    /// Standard error; `None` for fewer than two pupils.
    pub error: Option<f64>,
}

/// A pupil with a final weight.
struct Tester<'a> {
    school: &'a str,
    pupil: Option<&'a StudyPupil>,
    values: Vec<f64>,
    /// The final weight, then the replicates.
    weights: Vec<f64>,
}

impl Tester<'_> {
    fn escs(&self) -> Option<f64> {
        self.pupil.and_then(|pupil| pupil.escs).map(|escs| f64::from(escs.0) / 1e4)
    }

    fn is_of(&self, group: Group) -> Option<bool> {
        let pupil = self.pupil?;
        match group {
            Group::Everybody => Some(true),
            Group::Sex(sex) => Some(pupil.sex == sex),
            Group::Locality(locality) => Some(pupil.locality == locality),
        }
    }
}

/// A pupil with one of the weights and one of the values.
struct Point<'a> {
    tester: &'a Tester<'a>,
    weight: f64,
    value: f64,
}

/// Pupils of the study with values in the subject.
fn testers<'a>(cell: &StudyCell, records: &'a StudyRecords) -> Vec<Tester<'a>> {
    let mut values: BTreeMap<(&str, &str), BTreeMap<u8, f64>> = BTreeMap::new();
    for row in records.values.iter().filter(|row| {
        i32::from(row.year) == cell.year
            && row.study == cell.study
            && row.country == cell.country
            && row.subject == cell.subject
    }) {
        let pupil = values.entry((&row.school_id, &row.pupil_id)).or_default();
        pupil.insert(row.pv, f64::from(row.value.0) / 1e4);
    }
    let testers = values.into_iter().filter_map(|((school, id), values)| {
        let of_pupil = |year: i32, study: &str, country: &str, of_school: &str, pupil: &str| {
            (year, study, country, of_school, pupil) == (cell.year, cell.study, cell.country, school, id)
        };
        let weights = records.weights.iter().filter(|row| {
            of_pupil(i32::from(row.year), &row.study, &row.country, &row.school_id, &row.pupil_id)
        });
        let weights: BTreeMap<u16, f64> =
            weights.map(|row| (row.replicate, f64::from(row.weight.0) / 1e6)).collect();
        let pupil = records.pupils.iter().find(|row| {
            of_pupil(i32::from(row.year), &row.study, &row.country, &row.school_id, &row.pupil_id)
        });
        // Without a final weight a pupil stands for nobody.
        weights.contains_key(&0).then(|| Tester {
            school,
            pupil,
            values: values.into_values().collect(),
            weights: weights.into_values().collect(),
        })
    });
    testers.collect()
}

/// The factor of the sampling variance: PISA by Fay's method with 0.5, ICILS by one replicate a pair, PIRLS by both.
fn factor(study: &str, replicates: f64) -> Option<f64> {
    match study {
        "pisa" => Some(1.0 / (replicates * 0.25)),
        "icils" => Some(1.0),
        "pirls" => Some(0.5),
        _ => None,
    }
}

/// Where minimum and top proficiency begin.
fn cuts(study: &str, subject: &str) -> Option<(f64, Option<f64>)> {
    match (study, subject) {
        ("pisa", "mathematics") => Some((420.07, Some(606.99))),
        ("pisa", "reading") => Some((407.47, Some(625.61))),
        ("pisa", "science") => Some((409.54, Some(633.33))),
        ("pirls", _) => Some((400.0, Some(625.0))),
        ("icils", _) => Some((407.0, None)),
        _ => None,
    }
}

/// The estimate of `indicator` in `cell`; `None` where it cannot be formed.
#[must_use]
pub fn tested_value(indicator: Tested, cell: &StudyCell, records: &StudyRecords) -> Option<StudyEstimate> {
    let is_icils = cell.study == "icils";
    let is_of_study = match indicator {
        Tested::Ils08 | Tested::Ils08Below => is_icils,
        Tested::Ils01 | Tested::Ils02 | Tested::Ils03 => !is_icils,
        _ => true,
    };
    if !is_of_study {
        return None;
    }
    let mut testers = testers(cell, records);
    let group = cell.group;
    match indicator {
        // A gap needs to know of each pupil whether it is of the group.
        Tested::Ils06 => testers.retain(|tester| tester.is_of(group).is_some()),
        _ if group != Group::Everybody => testers.retain(|tester| tester.is_of(group) == Some(true)),
        _ => {}
    }
    if matches!(indicator, Tested::Ils04 | Tested::Ils04Slope | Tested::Ils04R2) {
        testers.retain(|tester| tester.escs().is_some());
    }
    let (lower, upper) = quarters(&testers);
    if indicator == Tested::Ils04 {
        testers.retain(|tester| tester.escs().is_some_and(|escs| escs <= lower || escs >= upper));
    }
    let minimum = cuts(cell.study, cell.subject).map(|(minimum, _)| minimum);
    let top = cuts(cell.study, cell.subject).and_then(|(_, top)| top);
    let statistic = |points: &[Point<'_>]| -> Option<f64> {
        let above = |cut: Option<f64>| {
            mean(points, |point| f64::from(u8::from(cut.is_some_and(|c| point.value >= c))))
        };
        match indicator {
            Tested::Ils01 | Tested::Ils08 => mean(points, |point| point.value),
            Tested::Ils02 => minimum.and(above(minimum)).map(|share| 100.0 * share),
            Tested::Ils03 => top.and(above(top)).map(|share| 100.0 * share),
            Tested::Ils08Below => minimum.and(above(minimum)).map(|share| 100.0 - 100.0 * share),
            Tested::Ils04 => gap(points, |tester| tester.escs().is_some_and(|escs| escs >= upper)),
            Tested::Ils04Slope => regression(points).map(|(slope, _)| slope),
            Tested::Ils04R2 => regression(points).and_then(|(_, explained)| explained.map(|r2| 100.0 * r2)),
            Tested::Ils05 => between_schools(points).map(|share| 100.0 * share),
            Tested::Ils06 => gap(points, |tester| tester.is_of(group) == Some(true)),
        }
    };
    estimate(cell.study, &testers, statistic)
}

/// Estimate and standard error of a statistic.
fn estimate(
    study: &str,
    testers: &[Tester<'_>],
    statistic: impl Fn(&[Point<'_>]) -> Option<f64>,
) -> Option<StudyEstimate> {
    let first = testers.first()?;
    let (values, weights) = (first.values.len(), first.weights.len());
    let points = |value: usize, weight: usize| -> Vec<Point<'_>> {
        let of = testers.iter();
        of.map(|tester| Point { tester, weight: tester.weights[weight], value: tester.values[value] })
            .filter(|point| point.weight > 0.0)
            .collect()
    };
    let finals: Vec<f64> = (0..values).map(|value| statistic(&points(value, 0))).collect::<Option<_>>()?;
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let value = finals.iter().sum::<f64>() / number(values);
    let sampling = (0..values)
        .map(|at| {
            let deviations = (1..weights).map(|weight| {
                statistic(&points(at, weight)).map(|replicate| (replicate - finals[at]).powi(2))
            });
            deviations.sum::<Option<f64>>()
        })
        .sum::<Option<f64>>()
        .zip(factor(study, number(weights - 1)))
        .map(|(sum, factor)| factor * sum / number(values));
    let imputation = if values > 1 {
        let squares: f64 = finals.iter().map(|of_value| (of_value - value).powi(2)).sum();
        (1.0 + 1.0 / number(values)) * squares / (number(values) - 1.0)
    } else {
        0.0
    };
    let is_estimable = testers.len() > 1 && weights > 1;
    let error = sampling.filter(|_| is_estimable).map(|sampling| (sampling + imputation).sqrt());
    Some(StudyEstimate { value, error })
}

fn weight_of(points: &[Point<'_>]) -> f64 {
    points.iter().map(|point| point.weight).sum()
}

fn mean(points: &[Point<'_>], of: impl Fn(&Point<'_>) -> f64) -> Option<f64> {
    let weight = weight_of(points);
    let sum: f64 = points.iter().map(|point| point.weight * of(point)).sum();
    (weight > 0.0).then(|| sum / weight)
}

/// Mean of those named less the mean of the others.
fn gap(points: &[Point<'_>], is_named: impl Fn(&Tester<'_>) -> bool) -> Option<f64> {
    let part = |wanted: bool| {
        let of = points.iter().filter(|point| is_named(point.tester) == wanted);
        let (sum, weight) =
            of.fold((0.0, 0.0), |(sum, all), point| (sum + point.weight * point.value, all + point.weight));
        (weight > 0.0).then(|| sum / weight)
    };
    Some(part(true)? - part(false)?)
}

/// The ESCS up to which pupils are of the lower quarter, and from which of the upper one: by the final weight, pupils of
/// one ESCS stay together, where the first of them stands.
fn quarters(testers: &[Tester<'_>]) -> (f64, f64) {
    let all: f64 = testers.iter().map(|tester| tester.weights[0]).sum();
    let below = |escs: f64| -> f64 {
        let lower = testers.iter().filter(|tester| tester.escs().is_some_and(|other| other < escs));
        lower.map(|tester| tester.weights[0]).sum()
    };
    let escs = || testers.iter().filter_map(Tester::escs);
    let lower = escs().filter(|escs| 4.0 * below(*escs) < all).fold(f64::NEG_INFINITY, f64::max);
    let upper = escs().filter(|escs| 4.0 * below(*escs) >= 3.0 * all).fold(f64::INFINITY, f64::min);
    (lower, upper)
}

/// Slope and R2 of the value on ESCS; the latter `None` where values do not differ.
fn regression(points: &[Point<'_>]) -> Option<(f64, Option<f64>)> {
    let escs = |point: &Point<'_>| point.tester.escs().unwrap_or(0.0);
    let (mean_escs, mean_value) = (mean(points, escs)?, mean(points, |point| point.value)?);
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let each =
            points.iter().map(|point| point.weight * of(escs(point) - mean_escs, point.value - mean_value));
        each.sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    // A spread this small a part of the values themselves is their rounding.
    let rounding = 1e-12 * points.iter().map(|point| point.weight * point.value.powi(2)).sum::<f64>();
    (xx > 1e-9).then(|| (xy / xx, (yy > rounding).then(|| xy * xy / (xx * yy))))
}

/// Between over between and within schools, components of a one-way design by the method of moments, weights scaled to
/// the number of pupils; a negative component is none.
fn between_schools(points: &[Point<'_>]) -> Option<f64> {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let pupils = number(points.len());
    let scale = pupils / weight_of(points);
    let mut schools: BTreeMap<&str, Vec<&Point<'_>>> = BTreeMap::new();
    for point in points {
        schools.entry(point.tester.school).or_default().push(point);
    }
    let count = number(schools.len());
    if count < 2.0 || pupils <= count {
        return None;
    }
    let grand = mean(points, |point| point.value)?;
    let (mut within, mut spread, mut squares) = (0.0, 0.0, 0.0);
    for school in schools.values() {
        let weight: f64 = school.iter().map(|point| scale * point.weight).sum();
        let mean = school.iter().map(|point| scale * point.weight * point.value).sum::<f64>() / weight;
        within += school.iter().map(|point| scale * point.weight * (point.value - mean).powi(2)).sum::<f64>();
        spread += weight * (mean - grand).powi(2);
        squares += weight * weight;
    }
    let within = within / (pupils - count);
    let size = (pupils - squares / pupils) / (count - 1.0);
    let between = ((spread / (count - 1.0) - within) / size).max(0.0);
    (between + within > 0.0).then(|| between / (between + within))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::records::{Code, Millionths, TenThousandths};
    use crate::year::Year;

    /// Four pupils of two schools, two values each, two replicates: the case of `ils-02.slt` and its kin.
    fn four_pupils() -> StudyRecords {
        let mut records = StudyRecords::default();
        let year = Year::try_from(2022).unwrap();
        let pisa = || Code::Borrowed("pisa");
        let country = || Code::Borrowed("KAZ");
        for (index, (values, weights)) in [
            ([400, 410], [1, 2, 1]),
            ([420, 430], [1, 0, 1]),
            ([440, 450], [1, 1, 2]),
            ([460, 470], [1, 1, 0]),
        ]
        .into_iter()
        .enumerate()
        {
            let (school_id, pupil_id) = (format!("s{}", 1 + index / 2), format!("p{index}"));
            for (pv, value) in (1..).zip(values) {
                records.values.push(StudyValue {
                    year,
                    study: pisa(),
                    country: country(),
                    school_id: school_id.clone(),
                    pupil_id: pupil_id.clone(),
                    subject: Code::Borrowed("mathematics"),
                    pv,
                    value: TenThousandths(value * 10_000),
                });
            }
            for (replicate, weight) in (0..).zip(weights) {
                records.weights.push(StudyWeight {
                    year,
                    study: pisa(),
                    country: country(),
                    school_id: school_id.clone(),
                    pupil_id: pupil_id.clone(),
                    replicate,
                    weight: Millionths(weight * 1_000_000),
                });
            }
        }
        records
    }

    fn of(indicator: Tested) -> StudyEstimate {
        let cell = StudyCell {
            year: 2022,
            study: "pisa",
            country: "KAZ",
            subject: "mathematics",
            group: Group::Everybody,
        };
        tested_value(indicator, &cell, &four_pupils()).unwrap()
    }

    /// Level 2 begins at 420.07: 1/2 by the first value, 3/4 by the second; replicates 1/2 and 1/2, 1/2 and 3/4: the
    /// only deviation is 1/4. Sampling 2 x 1/16 / 2, imputation 1.5 x 2 x 1/64: the root of 7/64.
    #[test]
    fn a_share_by_hand() {
        let share = of(Tested::Ils02);
        assert!((share.value - 62.5).abs() < 1e-9);
        assert!((share.error.unwrap() - 100.0 * (7.0_f64 / 64.0).sqrt()).abs() < 1e-9);
    }

    /// Within 200, between (1600 - 200) / 2 = 700: 7/9; replicates 1150/1300 and 350/500: the root of twice the squares.
    #[test]
    fn variance_between_schools_by_hand() {
        let share = of(Tested::Ils05);
        let deviations = [23.0 / 26.0 - 7.0 / 9.0, 0.7 - 7.0 / 9.0];
        let squares: f64 = deviations.iter().map(|deviation| deviation * deviation).sum();
        assert!((share.value - 700.0 / 9.0).abs() < 1e-9);
        assert!((share.error.unwrap() - 100.0 * (2.0 * squares).sqrt()).abs() < 1e-9);
    }
}
