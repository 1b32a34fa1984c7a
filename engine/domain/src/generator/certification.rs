//! Rows of S9B.CERTIFICATION: who rose a category since the last autumn, and who tried and failed.

use std::collections::BTreeMap;

use super::life::date;
use super::plan::Plan;
use super::staff::staff;
use crate::records::{Category, Certification, Code, Position, Staff, Tenths};
use crate::year::Year;

const TOPIC: u64 = 2_700;
/// Steps of the present scale with the least score of the knowledge test, in tenths of a percent.
const STEPS: [(Category, i32); 5] = [
    (Category::Pedagog, 500),
    (Category::Moderator, 600),
    (Category::Expert, 700),
    (Category::Researcher, 800),
    (Category::Master, 900),
];

/// Stages of the applications of an organisation's teachers in a year.
pub(super) fn certifications(plan: &Plan, index: u32, year: Year) -> Vec<Certification> {
    let number = i32::from(year);
    let Some(before) = year.previous() else { return Vec::new() };
    if !plan.org(index).works_in(number) || !plan.org(index).works_in(number - 1) {
        return Vec::new();
    }
    let earlier: BTreeMap<i64, Category> =
        staff(plan, index, before).into_iter().map(|row| (row.tid.to_i64(), row.category)).collect();
    let mut rows = Vec::new();
    for teacher in staff(plan, index, year).into_iter().filter(Staff::is_counted) {
        let Some(category) = earlier.get(&teacher.tid.to_i64()).copied() else { continue };
        let key = teacher.tid.to_i64().cast_unsigned() ^ u64::from(year.get());
        let at = |category: Category| STEPS.iter().position(|(step, _)| *step == category);
        let has_risen = at(teacher.category).is_some() && teacher.category != category;
        let is_head = teacher.position == Position::Head;
        if has_risen {
            let (_, least) = STEPS[at(teacher.category).unwrap_or(0)];
            let least = if is_head { 700 } else { least };
            let score = least + i32::try_from(plan.dice.between(key, TOPIC, 0, 100)).unwrap_or(0);
            rows.push(stage(
                &teacher,
                category,
                teacher.category,
                "knowledge_test",
                Some(score.min(1_000)),
                "passed",
            ));
            rows.push(stage(&teacher, category, teacher.category, "decision", None, "granted"));
        } else if plan.dice.happens(key, TOPIC + 1, 70) {
            // Tried for the next step: most fail the test, a few the commission.
            let next = at(category).map_or(0, |step| (step + 1).min(STEPS.len() - 1));
            let (applied, least) = STEPS[next];
            let least = if is_head { 700 } else { least };
            let is_short = plan.dice.happens(key, TOPIC + 2, 750);
            let distance = i32::try_from(plan.dice.between(key, TOPIC + 3, 5, 200)).unwrap_or(5);
            let score = if is_short { least - distance } else { (least + distance / 4).min(1_000) };
            let result = if is_short { "failed" } else { "passed" };
            rows.push(stage(&teacher, category, applied, "knowledge_test", Some(score), result));
            if !is_short {
                rows.push(stage(&teacher, category, applied, "decision", None, "refused"));
            }
        }
    }
    rows
}

fn stage(
    teacher: &Staff,
    before: Category,
    applied: Category,
    stage: &'static str,
    score: Option<i32>,
    result: &'static str,
) -> Certification {
    let number = i32::from(teacher.year);
    let is_granted = result == "granted";
    Certification {
        year: teacher.year,
        district: teacher.district,
        org_bin: teacher.org_bin,
        tid: teacher.tid,
        sex: teacher.sex,
        application_no: format!("Z{number}"),
        stage: Code::Borrowed(stage),
        category_applied: applied,
        category_before: Some(before),
        is_head: teacher.position == Position::Head,
        score_percent: score.map(Tenths),
        held_on: if score.is_some() { date(number, 3, 20) } else { date(number, 6, 25) },
        result: Code::Borrowed(result),
        valid_to: is_granted.then(|| date(number + 5, 6, 24)),
        commission: (stage == "decision").then_some(Code::Borrowed(match applied {
            Category::Researcher | Category::Master => "region_dept",
            Category::Expert => "district_dept",
            _ => "organisation",
        })),
    }
}
