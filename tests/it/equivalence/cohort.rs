//! Cohorts and distributions: SQL = oracle where an answer is no fraction of whole numbers, and the reconstructed
//! cohort against the true one in a country without migration.

use bilim_domain::ids::RegionCode;
use bilim_domain::level::{Level, LevelCode};
use bilim_domain::oracle::cohort::{Cohort, Rates, reconstructed};
use bilim_domain::oracle::{Breakdown, Cell, Indicator, Parameters, UnitSet, evaluate, inequality};
use bilim_domain::records::{Delay, ExitReason, OrgType, PrevGradeResult, Pupil, Record, UntRow, UntStatus};
use bilim_domain::year::Year;
use proptest::prelude::*;

use super::country::{self, YEARS};
use super::warehouse::{Warehouse, answers, block_on};

const NEAR: f64 = 1e-9;

/// Codes that are compared here.
pub const CODES: [&str; 4] = ["EFF-04", "EFF-08", "EFF-09", "EQT-08"];

fn year(value: i32) -> Year {
    Year::try_from(value).unwrap()
}

/// Rates of the grades of a level as EFF-01 and EFF-03 give them; `None` where a grade had no learners.
fn rates(records: &[Record], units: UnitSet, grades: std::ops::RangeInclusive<u8>) -> Option<Vec<Rates>> {
    let records = country::records_of(records);
    let share = |indicator, grade: u8| {
        let level = LevelCode::Single(Level::of_grade(grade).unwrap());
        let by = Breakdown { grade: Some(grade), ..Breakdown::default() };
        let cell = Cell { year: year(YEARS[1]), units, level, by };
        let fraction = evaluate(indicator, &cell, &records, &Parameters::default())?;
        let base = fraction.denominator.filter(|base| *base > 0)?;
        Some(fraction.numerator as f64 / base as f64)
    };
    grades
        .map(|grade| {
            let (promotion, dropout) = (share(Indicator::Eff01, grade)?, share(Indicator::Eff03, grade)?);
            Some(Rates { promotion, repetition: 1.0 - promotion - dropout })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// EFF-04, EFF-08, EFF-09 by power sums = the cohort carried from year to year; EQT-08 by histogram = person by
    /// person.
    #[test]
    fn cohorts_and_inequality_equal_the_oracle(records in country::country()) {
        block_on(async move {
            let warehouse = Warehouse::new().await;
            warehouse.submit(&records).await;
            let ctx = warehouse.session().await;
            let condition = "indicator in ('EFF-04', 'EFF-08', 'EFF-09') and breakdown = 'total' and year = 2024 and \
                             level in ('primary', 'general_secondary') and tier in ('region', 'republic')";
            for indicator in ["EFF-04", "EFF-08", "EFF-09"] {
                let found = answers(&ctx, &condition.replace("in ('EFF-04', 'EFF-08', 'EFF-09')", &format!("= '{indicator}'"))).await;
                for (code, units) in places() {
                    for (level, grades) in [("primary", 1..=4), ("general_secondary", 10..=11)] {
                        let expected = rates(&records, units, grades).map(|rates| reconstructed(&rates, 2));
                        let answer = found.iter().find(|(key, _)| key.2 == code && key.3 == level);
                        let value = answer.and_then(|(_, answer)| answer.value);
                        let expected = expected.and_then(|cohort| value_of(indicator, level, &cohort));
                        assert!(is_near(value, expected), "{indicator} {code} {level}: {value:?}, {expected:?}");
                    }
                }
            }
            let found = answers(&ctx, "indicator = 'EQT-08' and breakdown in ('total', 'category') and year = 2024").await;
            for (code, units) in places() {
                let persons = best_totals(&records, units);
                let totals: Vec<i64> = persons.iter().map(|(_, total)| *total).collect();
                let theil = inequality::theil(&persons);
                let expected = [
                    ("_T", inequality::gini(&totals)),
                    ("gini", inequality::gini(&totals)),
                    ("theil", theil.map(|theil| theil.whole)),
                    ("theil_between", theil.map(|theil| theil.between)),
                    ("theil_within", theil.map(|theil| theil.within)),
                ];
                for (category, expected) in expected {
                    let answer = found.iter().find(|(key, _)| key.2 == code && key.5[8] == category);
                    let value = answer.and_then(|(_, answer)| answer.value);
                    assert!(is_near(value, expected), "EQT-08 {code} {category}: {value:?}, {expected:?}");
                }
            }
        });
    }
}

fn places() -> [(String, UnitSet); 3] {
    let region = |code: i32| UnitSet::Region(RegionCode::try_from(code).unwrap());
    [
        ("KZ".to_owned(), UnitSet::Republic),
        ("110000000".to_owned(), region(11)),
        ("150000000".to_owned(), region(15)),
    ]
}

fn value_of(indicator: &str, level: &str, cohort: &Cohort) -> Option<f64> {
    let grades = cohort.survivors.len() as f64;
    assert!((level == "primary") == (cohort.survivors.len() == 4));
    match indicator {
        "EFF-04" => cohort.survivors.last().map(|share| 100.0 * share),
        "EFF-08" => Some(100.0 * cohort.graduates * grades / cohort.pupil_years),
        _ => (cohort.graduates > 0.0).then(|| cohort.pupil_years / cohort.graduates),
    }
}

fn is_near(left: Option<f64>, right: Option<f64>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => (left - right).abs() <= NEAR * right.abs().max(1.0),
        (None, None) => true,
        _ => false,
    }
}

/// Best total of each person of a region, with the unit of the tier below that it lies in.
fn best_totals(records: &[Record], units: UnitSet) -> Vec<(u64, i64)> {
    let mut best: std::collections::BTreeMap<(RegionCode, i64), Vec<&UntRow>> =
        std::collections::BTreeMap::new();
    for record in records {
        if let Record::Unt(row) = record
            && row.year == year(YEARS[1])
            && row.status == UntStatus::Valid
        {
            best.entry((row.district.region(), row.pid.to_i64())).or_default().push(row);
        }
    }
    best.into_values()
        .filter_map(|rows| {
            // Of equal totals the earliest: it says where the person is.
            let row = rows.into_iter().min_by_key(|row| (-row.total, row.session, row.attempt))?;
            let part = match units {
                UnitSet::Republic => Some(u64::from(row.district.region().get())),
                UnitSet::Region(region) if row.district.region() == region => {
                    Some(u64::from(row.district.get()))
                }
                _ => None,
            };
            part.map(|part| (part, i64::from(row.total)))
        })
        .collect()
}

/// One school, grades 10 and 11 only, nobody comes and nobody goes elsewhere. Since 2020 each year 256 pupils enter grade
/// 10; of whoever is in a grade one half goes on, a quarter repeats, a quarter leaves.
fn steady_school() -> Vec<Record> {
    let passport = country::passport_of(OrgType::General);
    let mut records = Vec::new();
    let mut next = 0_u64;
    // Pupils of grade 10 and of grade 11 at the end of a year, and whether they repeat it.
    let mut present: Vec<(u64, u8, i32, bool)> = Vec::new();
    for reporting in 2020..=2024 {
        let mut rows: Vec<Pupil> = Vec::new();
        let mut staying = Vec::new();
        for grade in [10_u8, 11] {
            let mut here: Vec<(u64, u8, i32, bool)> =
                present.iter().copied().filter(|(_, of, ..)| *of == grade).collect();
            // By cohort, so that each cohort is divided exactly.
            here.sort_by_key(|(pid, _, cohort, _)| (*cohort, *pid));
            for of_cohort in here.chunk_by(|left, right| left.2 == right.2) {
                let quarter = of_cohort.len() / 4;
                assert_eq!(of_cohort.len() % 4, 0, "{reporting}, grade {grade}");
                for (index, (pid, grade, cohort, _)) in of_cohort.iter().copied().enumerate() {
                    if index < 2 * quarter {
                        if grade == 10 {
                            staying.push((pid, 11, cohort, false));
                        } else {
                            rows.push(country::plain_pupil(
                                reporting,
                                pid,
                                grade,
                                Some(ExitReason::Completed),
                            ));
                        }
                    } else if index < 3 * quarter {
                        staying.push((pid, grade, cohort, true));
                    } else {
                        rows.push(country::plain_pupil(reporting, pid, grade, Some(ExitReason::Other)));
                    }
                }
            }
        }
        for _ in 0..256 {
            staying.push((next, 10, reporting, false));
            next += 1;
        }
        for (pid, grade, _, repeats) in &staying {
            let mut row = country::plain_pupil(reporting, *pid, *grade, None);
            let result = if *repeats { PrevGradeResult::Repeated } else { PrevGradeResult::Promoted };
            row.prev_grade_result = Some(result);
            rows.push(row);
        }
        present = staying;
        records.push(Record::Organisation(bilim_domain::records::Organisation {
            year: year(reporting),
            ..passport.clone()
        }));
        records.extend(rows.into_iter().map(Record::Pupil));
    }
    records
}

/// Where nobody moves and rates stay, the cohort that the rates of one year describe is the one that entered.
///
/// By hand: p = 1/2, r = 1/4 in both grades. Of those who entered in 2020, 1/2 x 1/2 = 64 of 256 completed in 2022, 32 more
/// in 2023 (h1 = 1/2), 12 more in 2024 (h2 = 1/16 + 1/16 + 1/16 = 3/16): 108 / 256 = 27 / 64.
#[test]
fn true_and_reconstructed_cohorts_agree_without_migration() {
    block_on(async {
        let records = steady_school();
        let warehouse = Warehouse::new().await;
        warehouse.submit(&records).await;
        let ctx = warehouse.session().await;
        let level = "level = 'general_secondary' and tier = 'republic' and year = 2024";
        let true_cohort =
            answers(&ctx, &format!("indicator = 'EFF-05' and breakdown = 'category' and {level}")).await;
        let completed = |category: &str| {
            let answer = true_cohort.iter().find(|(key, _)| key.5[8] == category).unwrap().1;
            answer.value.unwrap() / 100.0
        };
        let cohort =
            answers(&ctx, &format!("indicator = 'EFF-09' and breakdown = 'total' and {level}")).await;
        let graduates = cohort.values().next().unwrap().denominator.unwrap() / 1000.0;
        assert!((completed("two_years_late") - 27.0 / 64.0).abs() < NEAR);
        assert!((graduates - 27.0 / 64.0).abs() < NEAR);
        let rates = rates(&records, UnitSet::Republic, 10..=11).unwrap();
        for (repeats, category, delay) in [
            (0, "on_time", Delay::OnTime),
            (1, "one_year_late", Delay::OneYear),
            (2, "two_years_late", Delay::TwoYears),
        ] {
            let reconstructed = reconstructed(&rates, repeats).graduates;
            assert!((completed(category) - reconstructed).abs() < NEAR, "{category}");
            let by = Breakdown { delay: Some(delay), ..Breakdown::default() };
            let level = LevelCode::Single(Level::GeneralSecondary);
            let cell = Cell { year: year(2024), units: UnitSet::Republic, level, by };
            let oracle =
                evaluate(Indicator::Eff05, &cell, &country::records_of(&records), &Parameters::default())
                    .unwrap();
            let share = oracle.numerator as f64 / oracle.denominator.unwrap() as f64;
            assert!((share - reconstructed).abs() < NEAR, "{category}: {oracle:?}");
        }
    });
}
