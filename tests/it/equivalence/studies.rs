//! Random studies: complex testing, monitoring samples, surveys, analysis of factors.

use bilim_domain::dimension::{Language, Sex};
use bilim_domain::level::Level;
use bilim_domain::pseudonym::Pseudonym;
use bilim_domain::records::{
    Code, FactorValue, Hundredths, Millionths, Record, SampleResult, SurveyAnswer, TenThousandths, Tenths,
    TestBlock, UntStatus,
};

use super::country::{Bits, DISTRICTS, Place, YEARS, kato, mixed, year};

/// Factors of the analysis here.
pub const FACTORS: [&str; 2] = ["class_size", "value_added"];
/// Areas of the monitoring study.
pub const AREAS: [&str; 2] = ["math_literacy", "reading_literacy"];

/// What studies found at an organisation in a year.
pub fn of_organisation(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let number = mixed(number, 200 + u64::from(reporting.unsigned_abs()));
    factors(place, mixed(number, 1), reporting, records);
    monitoring(place, mixed(number, 2), reporting, records);
}

/// Testing and surveys of persons of the three districts.
pub fn of_country(number: u64, records: &mut Vec<Record>) {
    for reporting in YEARS {
        for person in 0..8 {
            let number = mixed(number, 300 + person + u64::from(reporting.unsigned_abs()));
            complex_testing(person, number, reporting, records);
        }
        for respondent in 0..14 {
            let number = mixed(number, 400 + respondent + u64::from(reporting.unsigned_abs()));
            survey(respondent, number, reporting, records);
        }
    }
}

/// Contributions of factors by up to two models, of which the last counts.
fn factors(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    for (index, (study_id, model)) in [("s1", "m1"), ("s1", "m2"), ("s2", "m1")].into_iter().enumerate() {
        for (at, factor) in FACTORS.into_iter().enumerate() {
            let mut bits = Bits(mixed(number, (index * 2 + at) as u64));
            if bits.rarely(2) {
                continue;
            }
            let is_rest = factor == "value_added";
            records.push(Record::Factor(FactorValue {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                study_id: Code::Borrowed(study_id),
                model: Code::Borrowed(model),
                outcome: Code::Borrowed("physics"),
                factor: Code::Borrowed(factor),
                factor_value: TenThousandths(i32::from(bits.small(200)) * 777),
                reference_value: TenThousandths(if is_rest { 0 } else { 200_000 }),
                coefficient: Millionths(if is_rest { 1_000_000 } else { -512_345 }),
                se: None,
                learner_count: 1 + u32::from(bits.small(30)),
                input_version: 1,
                method: Code::Borrowed("regression"),
            }));
        }
    }
}

/// Pupils of the monitoring sample: one or two areas, two strata, the school is the sampling unit.
fn monitoring(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    for index in 0..3_u64 {
        let mut bits = Bits(mixed(number, index));
        if bits.rarely(3) {
            continue;
        }
        let (grade, sex) = (bits.one(&[9, 9, 4]), bits.one(Sex::ALL));
        let language = bits.one(&[Language::Kk, Language::Ru]);
        let weight = TenThousandths(bits.one(&[10_000, 25_000, 12_345]));
        let study = bits.one(&["modo", "modo", "modo", "modo", "egra"]);
        for (at, area) in AREAS.into_iter().enumerate() {
            let mut bits = Bits(mixed(number, 30 + index * 2 + at as u64));
            if bits.rarely(3) {
                continue;
            }
            records.push(Record::SampleResult(SampleResult {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                study: Code::Borrowed(study),
                pid: Pseudonym::from_bits(0x3090_0000 + place.index as u64 * 10 + index),
                sex,
                grade,
                language,
                domain: Code::Borrowed(area),
                score: Hundredths(i32::from(bits.small(31)) * 100),
                score_max: Hundredths(3_000),
                level_reached: bits
                    .one(&[Some("medium"), None, Some("low"), Some("high")])
                    .map(Code::Borrowed),
                weight,
                stratum: format!("t{}", place.index % 2),
                psu: format!("k{}", place.index),
                monitoring_form: Code::Borrowed("direct"),
            }));
        }
    }
}

/// Sittings of a person in one or two waves, around the minima.
fn complex_testing(person: u64, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let district = bits.one(&DISTRICTS);
    let sex = bits.one(Sex::ALL);
    for (index, wave) in ["summer", "autumn"].into_iter().enumerate() {
        let mut bits = Bits(mixed(number, index as u64 + 1));
        if bits.rarely(2) {
            continue;
        }
        let is_profile = bits.rarely(3);
        let language = bits.one(&[Language::Kk, Language::Ru, Language::En]);
        let status = bits.one(&[UntStatus::Valid, UntStatus::Valid, UntStatus::Annulled]);
        let direction = if is_profile { "profile" } else { "scientific_pedagogical" };
        let blocks: &[(&str, i32)] = if is_profile {
            &[("profile_1", 300), ("profile_2", 400)]
        } else {
            &[("foreign_language", 500), ("readiness", 300), ("profile_1", 300), ("profile_2", 400)]
        };
        let total = bits.one(&[750, 749, 300, 299, 1000]);
        for (block, most) in blocks {
            let score = bits.one(&[250, 300, 70, 69, 249]).min(*most);
            records.push(Record::TestBlock(TestBlock {
                year: year(reporting),
                district: kato(district),
                pid: Pseudonym::from_bits(0x8000_0000 + person),
                sex,
                language,
                wave: Code::Borrowed(wave),
                direction: Code::Borrowed(direction),
                programme_group: Code::Borrowed("M001"),
                block: Code::Borrowed(block),
                score: Tenths(score.min(total)),
                score_max: Tenths(*most),
                total: Tenths(total),
                status,
            }));
        }
    }
}

/// A respondent of a survey: some items of two, answered or not.
fn survey(respondent: u64, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let district = bits.one(&DISTRICTS);
    let kind = bits.one(&["pupil", "parent", "pupil", "teacher"]);
    let level = bits.one(&[Level::BasicSecondary, Level::PreSchool, Level::Primary]);
    let wave = bits.small(2) + 1;
    let weight = TenThousandths(bits.one(&[10_000, 15_000, 22_222]));
    let is_outside = bits.rarely(6);
    let stratum = format!("t{}", bits.below(2));
    let psu = format!("k{}", bits.below(3));
    for (index, item) in ["satisfaction", "bullying", "safety"].into_iter().enumerate() {
        let mut bits = Bits(mixed(number, index as u64 + 1));
        if bits.rarely(4) {
            continue;
        }
        let answers = if item == "bullying" {
            ["never", "yearly", "monthly", "weekly"]
        } else {
            ["satisfied", "partly_satisfied", "dissatisfied", "hard_to_say"]
        };
        let status = if is_outside {
            "ineligible"
        } else {
            bits.one(&["completed", "completed", "completed", "refused", "not_reached"])
        };
        let answer = bits.one(&answers);
        records.push(Record::SurveyAnswer(SurveyAnswer {
            year: year(reporting),
            district: kato(district),
            survey: Code::Borrowed("opinion"),
            wave,
            questionnaire: Code::Borrowed("q1"),
            respondent_id: format!("r{respondent}"),
            respondent_kind: Code::Borrowed(kind),
            level,
            item: Code::Borrowed(item),
            status: Code::Borrowed(status),
            response: (status == "completed").then_some(Code::Borrowed(answer)),
            weight,
            stratum: stratum.clone(),
            psu: psu.clone(),
            monitoring_form: Code::Borrowed("direct"),
        }));
    }
}
