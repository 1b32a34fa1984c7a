//! Rows of S1.GRADE, S6.EXAM and S7.UNT: results of the year that ended.
//!
//! Everyone has one ability, moved by region, organisation and time; a mark is that
//! ability seen through the noise of one subject.

use super::dice::{bell, high, permille};
use super::learner::{Enrolment, class_place, enrolments};
use super::life::Life;
use super::plan::{OrgPlan, Plan};
use crate::dimension::{Language, Locality, Ownership, Sex};
use crate::records::{
    Code, ExamForm, ExamMark, GradeStatus, Honours, Mark, Period, Tenths, UntRow, UntSession, UntStatus,
};
use crate::year::Year;

/// Subjects of final marks.
const MARKED: [&str; 5] = ["kazakh", "mathematics", "history_kz", "russian", "english"];
/// Parts of the school year that are marked.
const QUARTERS: [Period; 4] = [Period::Q1, Period::Q2, Period::Q3, Period::Q4];
/// Exams after grade 9, then those added after grade 11.
const EXAMINED_9: [&str; 4] = ["kazakh", "mathematics", "russian", "english"];
const EXAMINED_11: [&str; 5] = ["kazakh", "mathematics", "history_kz", "russian", "physics"];
/// Subjects everyone is tested in, with their maxima.
const TESTED: [(&str, i32); 3] = [("history_kz", 20), ("math_literacy", 10), ("reading_literacy", 10)];
const PROFILE_MAX: i32 = 50;
const TOTAL_MAX: i32 = 140;
/// Profiles: code, its two subjects, how many of a thousand choose it.
const PROFILES: [(&str, [&str; 2], u32); 6] = [
    ("mathematics_physics", ["mathematics", "physics"], 240),
    ("biology_chemistry", ["biology", "chemistry"], 230),
    ("mathematics_informatics", ["mathematics", "informatics"], 160),
    ("geography_english", ["geography", "english"], 130),
    ("world_history_law", ["world_history", "law"], 130),
    ("mathematics_geography", ["mathematics", "geography"], 110),
];

/// Who was in the organisation when the academic year that ended in `year` began.
pub(super) fn class_of(plan: &Plan, org: u32, year: Year) -> Vec<Enrolment> {
    let mut present = enrolments(plan, org, i32::from(year) - 1);
    present.retain(|enrolment| !enrolment.has_left);
    present
}

/// Ability of a learner in an organisation, in thousandths of a deviation.
pub(super) fn ability(plan: &Plan, org: &OrgPlan, life: &Life, year: Year) -> i32 {
    let traits = plan.traits(org);
    let passed = i32::from(year) - plan.first_year();
    let own = bell(life.words[14]) * 85 / 100;
    let school = bell(high(plan.dice.hash(i64::from(org.bin).unsigned_abs(), 41))) * 30 / 100;
    let town = if org.locality == Locality::Urban { 130 } else { -110 };
    let private = if org.ownership == Ownership::Private { 160 } else { 0 };
    let girl = if life.sex == Sex::Female { 120 } else { -110 };
    own + school + town + private + girl + traits.quality + traits.quality_trend * passed
}

/// The part of a result that belongs to one learner, subject and occasion.
pub(super) fn noise(plan: &Plan, life: &Life, year: Year, occasion: u64) -> i32 {
    let person = life.pid.to_i64().cast_unsigned();
    let moment = u64::from(year.get()) << 16 | occasion;
    bell(high(plan.dice.hash(person, moment)))
}

fn mark_of(result: i32) -> u8 {
    match result {
        i32::MIN..-2_450 => 2,
        -2_450..-320 => 3,
        -320..830 => 4,
        _ => 5,
    }
}

/// Rows of S1.GRADE: final marks of grades 5 to 11, and annual marks in the subjects of exams; where the country
/// has them, quarterly marks too, each closer to the final one than to that of another subject.
pub(super) fn marks(plan: &Plan, index: u32, year: Year) -> Vec<Mark> {
    let org = plan.org(index);
    let district = plan.district(org, year);
    // Some schools mark their own pupils higher than exams do, others lower.
    let lenience = 150 + bell(high(plan.dice.hash(i64::from(org.bin).unsigned_abs(), 42))) * 35 / 100;
    let mut rows = Vec::new();
    for enrolment in class_of(plan, index, year) {
        if enrolment.grade < 5 {
            continue;
        }
        let life = &enrolment.life;
        let language = class_place(plan, &enrolment).language;
        let ability = ability(plan, org, life, year);
        let fails = life.repeats(i32::from(year));
        let row = |period: Period, subject: &'static str, mark: Option<u8>, status: GradeStatus| Mark {
            year,
            district,
            org_bin: org.bin,
            pid: life.pid,
            sex: life.sex,
            level: enrolment.level,
            grade: enrolment.grade,
            language,
            period,
            subject: Code::Borrowed(subject),
            mark,
            status,
        };
        for (number, subject) in (0_u64..).zip(MARKED) {
            let noise = noise(plan, life, year, number);
            let (mark, status) = match permille(life.words[15].rotate_left(16)) {
                0..5 if number == 4 => (None, GradeStatus::NotAttested),
                5..15 if number == 4 => (None, GradeStatus::Exempt),
                // Whoever repeats the grade has failed in it.
                _ if fails && number == 1 => (Some(2), GradeStatus::Attested),
                _ => (Some(mark_of(ability + noise * 45 / 100)), GradeStatus::Attested),
            };
            if plan.options.has_quarters {
                for (quarter, period) in (0_u64..).zip(QUARTERS) {
                    let noise = noise * 30 / 100
                        + self::noise(plan, life, year, 1_000 + number * 4 + quarter) * 35 / 100;
                    let quarterly = mark.map(|_| mark_of(ability + noise));
                    rows.push(row(period, subject, quarterly, status));
                }
            }
            rows.push(row(Period::Final, subject, mark, status));
        }
        let examined: &[&str] = match enrolment.grade {
            9 => &EXAMINED_9,
            11 => &EXAMINED_11,
            _ => &[],
        };
        for (number, subject) in (0_u64..).zip(examined) {
            let annual = ability + lenience + noise(plan, life, year, 20 + number) * 40 / 100;
            rows.push(row(Period::Year, subject, Some(mark_of(annual)), GradeStatus::Attested));
        }
    }
    rows
}

/// Points of thirty and the mark they give: 0-11, 12-18, 19-24, 25-30.
fn exam_points(result: i32) -> (i32, u8) {
    let points = (19 + result * 45 / 10_000).clamp(0, 30);
    let mark = match points {
        i32::MIN..12 => 2,
        12..19 => 3,
        19..25 => 4,
        _ => 5,
    };
    (points, mark)
}

/// Rows of S6.EXAM: leavers of grades 9 and 11.
pub(super) fn exams(plan: &Plan, index: u32, year: Year) -> Vec<ExamMark> {
    let org = plan.org(index);
    let mut rows = Vec::new();
    for enrolment in class_of(plan, index, year) {
        let subjects: &[&str] = match enrolment.grade {
            9 => &EXAMINED_9,
            11 => &EXAMINED_11,
            _ => continue,
        };
        // Whoever repeats the grade was not let into its exams.
        let is_admitted = !enrolment.life.repeats(i32::from(year));
        let ability = ability(plan, org, &enrolment.life, year);
        let result = |occasion: u64, prepared: i32| {
            let noise = noise(plan, &enrolment.life, year, 100 + occasion);
            exam_points(ability + prepared + noise * 55 / 100)
        };
        let is_best = (0_u64..).zip(subjects).all(|(number, _)| result(number, 0).1 == 5);
        let honours = match (is_best && is_admitted, enrolment.grade) {
            (true, 11) if ability > 2_000 => Honours::AltynBelgi,
            (true, _) => Honours::Honours,
            _ => Honours::None,
        };
        let language = class_place(plan, &enrolment).language;
        let row = |subject: &'static str, attempt: u8, scored: Option<(i32, u8)>| ExamMark {
            year,
            district: plan.district(org, year),
            org_bin: org.bin,
            pid: enrolment.life.pid,
            sex: enrolment.life.sex,
            language,
            exam_grade: enrolment.grade,
            subject: Code::Borrowed(subject),
            attempt,
            form: Some(if subject == "history_kz" { ExamForm::Oral } else { ExamForm::Written }),
            score_raw: scored.map(|(points, _)| Tenths(points * 10)),
            score_max: scored.map(|_| Tenths(300)),
            mark: scored.map(|(_, mark)| mark),
            is_admitted,
            honours: Some(honours),
        };
        for (number, subject) in (0_u64..).zip(subjects) {
            let first = is_admitted.then(|| result(number, 0));
            rows.push(row(subject, 1, first));
            if first.is_some_and(|(_, mark)| mark == 2) {
                // Most are better prepared the second time.
                rows.push(row(subject, 2, Some(result(50 + number, 900))));
            }
        }
    }
    rows
}

/// Rows of S7.UNT: leavers of grade 11 who sit the admission test.
pub(super) fn unt(plan: &Plan, index: u32, year: Year) -> Vec<UntRow> {
    let mut rows = Vec::new();
    for enrolment in class_of(plan, index, year) {
        let life = &enrolment.life;
        let takes_part = enrolment.grade == 11
            && !life.repeats(i32::from(year))
            && permille(life.words[11].rotate_left(16)) < 800;
        if takes_part {
            rows.extend(sittings(plan, &enrolment, year));
        }
    }
    rows
}

fn sittings(plan: &Plan, enrolment: &Enrolment, year: Year) -> Vec<UntRow> {
    let life = &enrolment.life;
    let has_second =
        year >= plan.options.second_attempt_from && permille(life.words[12].rotate_left(16)) < 560;
    let org = plan.org(enrolment.stay.org);
    let ability = ability(plan, org, life, year);
    let profile = profile(life);
    let mut rows = Vec::new();
    for attempt in 1..=1 + u8::from(has_second) {
        let occasion = 200 * u64::from(attempt);
        let prepared = ability + if attempt == 2 { 90 } else { 0 };
        let subjects = TESTED.into_iter().chain(PROFILES[profile].1.map(|subject| (subject, PROFILE_MAX)));
        let scores: Vec<(&'static str, i32, i32)> = (0_u64..)
            .zip(subjects)
            .map(|(number, (subject, score_max))| {
                let result = prepared + noise(plan, life, year, occasion + number) * 40 / 100;
                (subject, points(result, score_max), score_max)
            })
            .collect();
        let total: i32 = scores.iter().map(|(_, score, _)| score).sum();
        let is_annulled = permille(high(plan.dice.hash(life.pid.to_i64().cast_unsigned(), occasion))) < 4;
        let applies = !is_annulled && total >= 50 && permille(life.words[2].rotate_left(16)) < 620;
        rows.extend(scores.into_iter().map(|(subject, score, score_max)| UntRow {
            year,
            district: plan.district(org, year),
            org_bin: org.bin,
            pid: life.pid,
            sex: life.sex,
            language: test_language(class_place(plan, enrolment).language),
            leaver_year: Some(year.get()),
            session: UntSession::Main,
            attempt,
            profile: Some(Code::Borrowed(PROFILES[profile].0)),
            subject: Code::Borrowed(subject),
            score,
            score_max,
            total,
            total_max: TOTAL_MAX,
            status: if is_annulled { UntStatus::Annulled } else { UntStatus::Valid },
            grant_applied: Some(applies),
            grant_awarded: Some(applies && total >= 92),
        }));
    }
    rows
}

fn profile(life: &Life) -> usize {
    let draw = permille(life.words[0].rotate_left(16));
    let mut below_choice = 0;
    let chosen = PROFILES.iter().position(|(_, _, share)| {
        below_choice += share;
        draw < below_choice
    });
    chosen.unwrap_or(0)
}

/// Points of a subject: about 46 percent of the maximum for an average result.
fn points(result: i32, score_max: i32) -> i32 {
    let share = (460 + result * 175 / 1000).clamp(0, 1000);
    (score_max * share + 500) / 1000
}

/// The test is held in the two main languages and in English.
fn test_language(instruction: Language) -> Language {
    match instruction {
        Language::Ru | Language::En => instruction,
        _ => Language::Kk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn maxima_add_up_and_everyone_has_a_profile() {
        let common: i32 = TESTED.iter().map(|(_, score_max)| score_max).sum();
        assert_eq!(common + 2 * PROFILE_MAX, TOTAL_MAX);
        let shares: u32 = PROFILES.iter().map(|(_, _, share)| share).sum();
        assert_eq!(shares, 1000);
    }

    proptest! {
        #[test]
        fn better_results_are_never_worse_marks(low in -5_000_i32..5_000, more in 0_i32..5_000) {
            prop_assert!(mark_of(low) <= mark_of(low + more));
            prop_assert!(exam_points(low) <= exam_points(low + more));
            prop_assert!(points(low, 50) <= points(low + more, 50));
            prop_assert!((0..=50).contains(&points(low, 50)));
            prop_assert!((2..=5).contains(&exam_points(low).1));
        }
    }
}
