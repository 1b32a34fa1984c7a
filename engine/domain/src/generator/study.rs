//! Rows of S10: small national samples of international studies, and what is published of other countries.
//!
//! A study draws two schools in each of sixteen zones. PISA halves the sample by a Hadamard matrix and
//! keeps half a weight of the half left out (Fay); ICILS drops one school of one zone (paired jackknife);
//! PIRLS drops either school in turn.

use super::dice::{bell, high};
use super::plan::Plan;
use crate::dimension::{Locality, Sex};
use crate::records::{Code, Form, Hundredths, Millionths, TenThousandths};
use crate::records::{PublishedObservation, StudyPupil, StudyValue, StudyWeight};
use crate::year::Year;

const TOPIC: u64 = 3_300;
const ZONES: u64 = 16;
const SCHOOL_PUPILS: u64 = 5;
const VALUES: u8 = 5;
/// Order of the Hadamard matrix: the power of two above the number of zones.
const HALVES: u16 = 32;

/// One cycle of a study: its code, its year, and the centre of its scale by subject.
struct Cycle {
    number: u64,
    study: &'static str,
    year: i32,
    subjects: &'static [(&'static str, i32)],
    age: i32,
}

const CYCLES: [Cycle; 3] = [
    Cycle { number: 1, study: "pirls", year: 2021, subjects: &[("reading", 504)], age: 10 },
    Cycle {
        number: 2,
        study: "pisa",
        year: 2022,
        subjects: &[("mathematics", 425), ("reading", 386), ("science", 423)],
        age: 15,
    },
    Cycle { number: 3, study: "icils", year: 2023, subjects: &[("digital_literacy", 395)], age: 14 },
];

/// What is published of a year: series, concept, level, grade, subject, centre and deviation of countries.
struct Published {
    year: i32,
    series: &'static str,
    concept: &'static str,
    level: &'static str,
    grade: i32,
    subject: Option<&'static str>,
    centre: i32,
    spread: i32,
    source: Source,
}

/// Publisher, edition and unit.
#[derive(Clone, Copy)]
struct Source {
    publisher: &'static str,
    edition: &'static str,
    unit: &'static str,
}

const PISA: Source = Source { publisher: "pisa", edition: "pisa-means-levels", unit: "points" };
const TIMSS: Source = Source { publisher: "wb_learning", edition: "score-bins", unit: "points" };
const TALIS: Source = Source { publisher: "talis", edition: "talis-2024", unit: "percent" };

const fn timss(year: i32, series: &'static str, subject: &'static str, centre: i32) -> Published {
    let (concept, level, subject) = ("score_mean", "primary", Some(subject));
    Published { year, series, concept, level, grade: 4, subject, centre, spread: 30, source: TIMSS }
}

const fn pisa(series: &'static str, subject: &'static str, centre: i32) -> Published {
    let (concept, level, subject) = ("score_mean", "basic_secondary", Some(subject));
    Published { year: 2022, series, concept, level, grade: -1, subject, centre, spread: 40, source: PISA }
}

const fn talis(series: &'static str, concept: &'static str, centre: i32) -> Published {
    let level = "basic_secondary";
    Published {
        year: 2024,
        series,
        concept,
        level,
        grade: -1,
        subject: None,
        centre,
        spread: 5,
        source: TALIS,
    }
}

const SERIES: [Published; 11] = [
    timss(2019, "timss_g4_math_mean", "mathematics", 500),
    timss(2019, "timss_g4_scie_mean", "science", 495),
    timss(2023, "timss_g4_math_mean", "mathematics", 497),
    timss(2023, "timss_g4_scie_mean", "science", 488),
    pisa("pisa_math", "mathematics", 450),
    pisa("pisa_read", "reading", 440),
    pisa("pisa_scie", "science", 450),
    talis("talis_age_under_30", "talis_share:age_under_30", 15),
    talis("talis_age_50_over", "talis_share:age_50_over", 30),
    talis("talis_female", "talis_share:female", 72),
    talis("talis_uses_ai", "talis_share:uses_ai", 40),
];

/// The country itself and some beside it.
const COUNTRIES: [&str; 6] = ["KAZ", "EST", "GEO", "KGZ", "TUR", "UZB"];

/// Whether a form of S10 has rows in a year.
pub(super) fn has_rows(year: Year, form: Form) -> bool {
    let year = i32::from(year);
    match form {
        Form::PublishedObservation => SERIES.iter().any(|series| series.year == year),
        _ => CYCLES.iter().any(|cycle| cycle.year == year),
    }
}

/// A pupil drawn.
struct Drawn {
    cycle: &'static Cycle,
    zone: u64,
    /// First or second school of the zone.
    place: u64,
    key: u64,
    school_key: u64,
    school_id: String,
    pupil_id: String,
}

fn drawn(year: Year) -> impl Iterator<Item = Drawn> {
    let number = i32::from(year);
    CYCLES.iter().filter(move |cycle| cycle.year == number).flat_map(|cycle| {
        (0..ZONES * 2 * SCHOOL_PUPILS).map(move |place| {
            let (school, pupil) = (place / SCHOOL_PUPILS, place % SCHOOL_PUPILS);
            let school_key = cycle.number << 20 | school << 8;
            Drawn {
                cycle,
                zone: school / 2,
                place: school % 2,
                key: school_key | (pupil + 1),
                school_key,
                school_id: format!("{:03}", school + 1),
                pupil_id: format!("{:03}{:02}", school + 1, pupil + 1),
            }
        })
    })
}

/// Chance of one thing, with mean 0 and deviation 1000.
fn chance(plan: &Plan, key: u64, of: u64) -> i32 {
    bell(high(plan.dice.hash(key, TOPIC + of)))
}

/// Status of a pupil's home, in thousandths: in part that of the school.
fn status(plan: &Plan, pupil: &Drawn) -> i32 {
    (chance(plan, pupil.school_key, 1) * 5 + chance(plan, pupil.key, 2) * 8) / 10
}

/// Who was tested.
pub(super) fn pupils(plan: &Plan, year: Year) -> Vec<StudyPupil> {
    drawn(year)
        .map(|pupil| StudyPupil {
            year,
            study: Code::Borrowed(pupil.cycle.study),
            country: Code::Borrowed("KAZ"),
            area_code: None,
            area_name: None,
            school_name: None,
            sex: if is_girl(plan, &pupil) { Sex::Female } else { Sex::Male },
            birth_year: i32::from(year) - pupil.cycle.age,
            ownership: None,
            locality: if pupil.zone < ZONES / 2 { Locality::Urban } else { Locality::Rural },
            shift: None,
            score_mathematics: None,
            score_language: None,
            score_science: None,
            score_social: None,
            score_philosophy: None,
            score_english: None,
            score_total: None,
            weight: None,
            rank: None,
            escs: Some(TenThousandths(status(plan, &pupil) * 10)),
            school_id: pupil.school_id,
            pupil_id: pupil.pupil_id,
        })
        .collect()
}

fn is_girl(plan: &Plan, pupil: &Drawn) -> bool {
    plan.dice.happens(pupil.key, TOPIC + 3, 495)
}

/// Plausible values: what school, home and pupil give, and the noise of a test.
pub(super) fn values(plan: &Plan, year: Year) -> Vec<StudyValue> {
    let mut rows = Vec::new();
    for pupil in drawn(year) {
        let town = if pupil.zone < ZONES / 2 { 12_000 } else { -12_000 };
        let ability = town
            + chance(plan, pupil.school_key, 4) * 30
            + status(plan, &pupil) * 22
            + chance(plan, pupil.key, 5) * 60;
        for (number, (subject, centre)) in (0_u64..).zip(pupil.cycle.subjects) {
            let girl = if is_girl(plan, &pupil) && *subject == "reading" { 20_000 } else { 0 };
            let here = chance(plan, pupil.key, 10 + number) * 20 + girl;
            for pv in 1..=VALUES {
                let noise = chance(plan, pupil.key, 100 + number * 20 + u64::from(pv)) * 25;
                let points = (centre * 1000 + ability + here + noise).clamp(10_000, 990_000);
                rows.push(StudyValue {
                    year,
                    study: Code::Borrowed(pupil.cycle.study),
                    country: Code::Borrowed("KAZ"),
                    school_id: pupil.school_id.clone(),
                    pupil_id: pupil.pupil_id.clone(),
                    subject: Code::Borrowed(subject),
                    pv,
                    value: TenThousandths(points * 10),
                });
            }
        }
    }
    rows
}

/// Final weights, replicate 0, and the replicate weights.
pub(super) fn weights(plan: &Plan, year: Year) -> Vec<StudyWeight> {
    let mut rows = Vec::new();
    for pupil in drawn(year) {
        let persons = plan.dice.between(pupil.school_key, TOPIC + 6, 300, 700);
        let weight = i32::try_from(persons).unwrap_or(500) * 1_000_000;
        let replicates = if pupil.cycle.study == "icils" { 16 } else { HALVES };
        for replicate in 0..=replicates {
            // In halves of the final weight.
            let halves = if replicate == 0 { 2 } else { halves(&pupil, replicate - 1) };
            rows.push(StudyWeight {
                year,
                study: Code::Borrowed(pupil.cycle.study),
                country: Code::Borrowed("KAZ"),
                school_id: pupil.school_id.clone(),
                pupil_id: pupil.pupil_id.clone(),
                replicate,
                weight: Millionths(weight / 2 * halves),
            });
        }
    }
    rows
}

/// Weight of a pupil under a replicate (from 0), in halves of the final one.
fn halves(pupil: &Drawn, replicate: u16) -> i32 {
    let replicate = u64::from(replicate);
    let (is_of_the_zone, is_kept) = match pupil.cycle.study {
        "pisa" => {
            let is_second = (replicate & (pupil.zone + 1)).count_ones() % 2 == 1;
            return if is_second == (pupil.place == 1) { 3 } else { 1 };
        }
        "pirls" => (replicate / 2 == pupil.zone, replicate % 2 == pupil.place),
        _ => (replicate == pupil.zone, replicate % 2 == pupil.place),
    };
    match (is_of_the_zone, is_kept) {
        (false, _) => 2,
        (true, true) => 4,
        (true, false) => 0,
    }
}

/// What is published of countries.
pub(super) fn observations(plan: &Plan, year: Year) -> Vec<PublishedObservation> {
    let number = i32::from(year);
    let mut rows = Vec::new();
    for (place, series) in (0_u64..).zip(&SERIES).filter(|(_, series)| series.year == number) {
        for (country, code) in (0_u64..).zip(COUNTRIES) {
            // PISA of the country itself is of its own records.
            if code == "KAZ" && series.source.publisher == "pisa" {
                continue;
            }
            let key = 1 << 40 | country;
            // What a country keeps from cycle to cycle, and what it does not.
            let lasting = chance(plan, key, 7) * series.spread / 10;
            let passing = chance(plan, key | place << 8, 8) * series.spread / 40;
            let value = (series.centre * 100 + lasting + passing).clamp(0, 90_000);
            let se = plan.dice.between(key | place << 8, TOPIC + 9, 60, 380);
            let is_share = series.source.unit == "percent";
            rows.push(PublishedObservation {
                year,
                country: Code::Borrowed(code),
                is_aggregate: false,
                series: Code::Borrowed(series.series),
                concept: Code::Borrowed(series.concept),
                level: Code::Borrowed(series.level),
                orientation: Code::Borrowed("_T"),
                sex: Code::Borrowed("_T"),
                ownership: Code::Borrowed("_T"),
                locality: Code::Borrowed("_T"),
                grade: series.grade,
                age: -1,
                age_to: -1,
                subject: series.subject.map(Code::Borrowed),
                value: Hundredths(if is_share { value.min(9_900) } else { value }),
                se: i32::try_from(if is_share { se / 4 } else { se }).ok().map(Hundredths),
                n: Some(plan.dice.between(key | place << 8, TOPIC + 10, 3_000, 8_000)),
                unit: Code::Borrowed(series.source.unit),
                publisher: Code::Borrowed(series.source.publisher),
                edition: Code::Borrowed(series.source.edition),
                published_on: None,
                flag: Some(Code::Borrowed("ok")),
                note: None,
            });
        }
    }
    rows
}
