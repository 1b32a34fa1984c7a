//! Rows of S1.EXTRA and S1.MEAL: what pupils are given beside lessons.

use std::collections::BTreeMap;

use super::dice::{below, permille};
use super::learner::{class_place, enrolments};
use super::plan::Plan;
use crate::dimension::Locality;
use crate::records::{Activity, Circle, ExtraProvider, Hundredths, Meal, MealKind, Tenths};
use crate::year::Year;

/// Kinds of activity, in the order of how many choose them.
const CIRCLES: [Circle; 9] = [
    Circle::Sport,
    Circle::Art,
    Circle::Music,
    Circle::Language,
    Circle::Technical,
    Circle::Civic,
    Circle::Ecology,
    Circle::Tourism,
    Circle::Other,
];

/// Rows of S1.EXTRA: each pupil with an activity, or with none.
pub(super) fn activities(plan: &Plan, org: u32, year: Year) -> Vec<Activity> {
    let school = plan.org(org);
    let passed = u32::try_from(i32::from(year) - plan.first_year()).unwrap_or(0);
    let town = if school.locality == Locality::Urban { 60 } else { 0 };
    let attendance = 480 + plan.traits(school).wealth / 10 + town + passed * 10;
    let mut rows = Vec::new();
    for enrolment in enrolments(plan, org, i32::from(year)) {
        if enrolment.has_left {
            continue;
        }
        let life = &enrolment.life;
        let words = &life.words;
        let attends = permille(words[13].rotate_left(16)) < attendance;
        // The smaller of two draws: the first kinds are chosen more often.
        let limit = u32::try_from(CIRCLES.len()).unwrap_or(1);
        let kind = below(words[12].rotate_left(8), limit).min(below(words[13].rotate_left(8), limit));
        let circle = if attends { CIRCLES[kind as usize] } else { Circle::None };
        let provider = match permille(words[11].rotate_left(16)) {
            0..560 => ExtraProvider::School,
            560..880 => ExtraProvider::State,
            _ => ExtraProvider::Private,
        };
        rows.push(Activity {
            year,
            district: plan.district(school, year),
            org_bin: school.bin,
            pid: life.pid,
            sex: life.sex,
            level: enrolment.level,
            grade: enrolment.grade,
            language: class_place(plan, &enrolment).language,
            circle,
            provider: attends.then_some(provider),
            hours_week: attends.then(|| Tenths(20 + 10 * i32::from(permille(words[7]) < 300))),
            is_free: attends.then_some(provider != ExtraProvider::Private),
        });
    }
    rows
}

/// Last grade that eats free of charge.
const FREE_TO: u8 = 4;

/// Rows of S1.MEAL, by grade.
pub(super) fn meals(plan: &Plan, org: u32, year: Year) -> Vec<Meal> {
    let school = plan.org(org);
    let passed = u32::try_from(i32::from(year) - plan.first_year()).unwrap_or(0);
    let fed = 820 + plan.traits(school).wealth / 12 + passed * 12;
    let mut counts: BTreeMap<(u8, MealKind), i32> = BTreeMap::new();
    for enrolment in enrolments(plan, org, i32::from(year)) {
        if enrolment.has_left {
            continue;
        }
        let words = &enrolment.life.words;
        let kind = match (enrolment.grade, permille(words[5].rotate_left(24))) {
            (..=FREE_TO, draw) if draw < fed.min(1000) => MealKind::Free,
            (..=FREE_TO, _) => continue,
            (_, 0..160) => MealKind::Free,
            (_, 160..330) => MealKind::Preferential,
            (_, 330..640) => MealKind::Paid,
            _ => continue,
        };
        *counts.entry((enrolment.grade, kind)).or_default() += 1;
    }
    let cost = 40_000 + i32::try_from(passed).unwrap_or(0) * 4_500;
    let row = |((grade, kind), pupil_count)| Meal {
        year,
        district: plan.district(school, year),
        org_bin: school.bin,
        grade,
        kind,
        pupil_count,
        cost_kzt: Some(Hundredths(cost)),
        parent_pays_kzt: Some(Hundredths(match kind {
            MealKind::Free => 0,
            MealKind::Preferential => cost / 2,
            MealKind::Paid => cost,
        })),
    };
    counts.into_iter().map(row).collect()
}
