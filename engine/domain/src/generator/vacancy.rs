//! Rows of S1.VACANCY: positions that nobody holds.

use super::life::date;
use super::plan::Plan;
use crate::dimension::Locality;
use crate::records::{Code, Hundredths, OrgGroup, Position, Vacancy};
use crate::year::Year;

const TOPIC: u64 = 2_000;
const SUBJECTS: [&str; 6] = ["mathematics", "physics", "english", "informatics", "russian", "chemistry"];

/// Vacancies of an organisation: more in villages and in schools.
pub(super) fn vacancies(plan: &Plan, index: u32, year: Year) -> Vec<Vacancy> {
    let org = plan.org(index);
    if !org.works_in(i32::from(year)) {
        return Vec::new();
    }
    let posts = 1 + plan.size(org, i32::from(year)) / 12;
    let share = if org.locality == Locality::Rural { 32 } else { 18 };
    let key = |post: u32| u64::from(index) << 24 | u64::from(post) << 12 | u64::from(year.get());
    let mut rows = Vec::new();
    for post in (0..posts).filter(|post| plan.dice.happens(key(*post), TOPIC, share)) {
        let is_school = org.group() == OrgGroup::School;
        let subject = SUBJECTS[plan.dice.between(key(post), TOPIC + 1, 0, 5) as usize];
        let is_teacher = plan.dice.happens(key(post), TOPIC + 2, 900);
        // One in fifty is vacant only after the fixing; of one in ten nobody knows since when.
        let vacant_from = match plan.dice.permille(key(post), TOPIC + 3) {
            0..100 => None,
            100..120 => Some(date(i32::from(year), 10, 14)),
            _ => Some(date(i32::from(year), plan.dice.between(key(post), TOPIC + 4, 6, 9), 1)),
        };
        rows.push(Vacancy {
            year,
            district: plan.district(org, year),
            org_bin: org.bin,
            vacancy_no: format!("V{}", post + 1),
            position: if is_teacher { Position::Teacher } else { Position::Other },
            is_teacher,
            subject: (is_teacher && is_school).then_some(Code::Borrowed(subject)),
            rate_fte: Hundredths(if plan.dice.happens(key(post), TOPIC + 5, 700) { 100 } else { 50 }),
            vacant_from,
        });
    }
    rows
}
