//! Rows of S9A.TRAINING: courses that the teachers of an organisation took in a calendar year.

use super::life::date;
use super::plan::{Plan, bin};
use super::staff::staff;
use crate::modality::StudyForm;
use crate::records::{Code, Training};
use crate::year::Year;

const TOPIC: u64 = 2_600;
/// Numbers of the institutes of regions, after those of the authorities.
const INSTITUTES: u32 = 310_000;

/// Certificates of the teachers of an organisation: a third takes a course in a year.
pub(super) fn trainings(plan: &Plan, index: u32, year: Year) -> Vec<Training> {
    let org = plan.org(index);
    let number = i32::from(year);
    if !org.works_in(number) {
        return Vec::new();
    }
    let district = plan.district(org, year);
    let provider = bin(INSTITUTES + u32::from(district.region().get())).expect("every index has a number");
    let share = 270 + plan.traits(org).wealth / 8;
    let mut rows = Vec::new();
    for teacher in staff(plan, index, year).into_iter().filter(crate::records::Staff::is_counted) {
        let key = teacher.tid.to_i64().cast_unsigned() ^ u64::from(year.get());
        if !plan.dice.happens(key, TOPIC, share) {
            continue;
        }
        // One in eight ends after the fixing of its year.
        let month = match plan.dice.permille(key, TOPIC + 1) {
            0..125 => plan.dice.between(key, TOPIC + 2, 10, 12),
            _ => plan.dice.between(key, TOPIC + 2, 2, 8),
        };
        let ended_on = date(number, month, 20);
        rows.push(Training {
            year,
            district,
            org_bin: org.bin,
            tid: teacher.tid,
            provider_bin: provider,
            certificate_no: format!("S{number}-{:08x}", plan.dice.hash(key, TOPIC + 3) & 0xffff_ffff),
            course: Code::Borrowed("Критериалды бағалау"),
            subject: teacher.subject,
            hours: if plan.dice.happens(key, TOPIC + 4, 700) { 80 } else { 36 },
            form: if plan.dice.happens(key, TOPIC + 5, 350) { StudyForm::Distance } else { StudyForm::Full },
            started_on: ended_on - chrono::Days::new(14),
            ended_on,
            funding: Some(Code::Borrowed(if plan.dice.happens(key, TOPIC + 6, 850) {
                "state_order"
            } else {
                "paid"
            })),
            result: Code::Borrowed(if plan.dice.happens(key, TOPIC + 7, 18) { "failed" } else { "passed" }),
        });
    }
    rows
}
