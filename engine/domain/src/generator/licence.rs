//! Rows of S4A.LICENCE: the register of licences as it stands in a year.

use super::life::date;
use super::plan::{OrgPlan, Plan};
use crate::dimension::Ownership;
use crate::level::Level;
use crate::records::{Code, Licence, OrgGroup, OrgType};
use crate::year::Year;

const TOPIC: u64 = 2_100;

/// The licence of an organisation, a row a level; kindergartens need none.
pub(super) fn licences(plan: &Plan, index: u32, year: Year) -> Vec<Licence> {
    let org = plan.org(index);
    let number = i32::from(year);
    let key = u64::from(index);
    // A few work without one until they are found out.
    let is_unlicensed = plan.dice.happens(key, TOPIC, 9) && number < plan.first_year() + 3;
    if !org.works_in(number) || is_unlicensed {
        return Vec::new();
    }
    let levels = levels(org);
    let term = (org.group() == OrgGroup::College).then_some(10);
    // Renewed at the end of its term, by some a year late.
    let since = plan.first_year() - i32::try_from(plan.dice.between(key, TOPIC + 1, 1, 9)).unwrap_or(1);
    let risk = if org.ownership == Ownership::Private { 22 } else { 5 };
    let this_year = key << 12 | u64::from(year.get());
    let is_suspended = plan.dice.happens(this_year, TOPIC + 2, risk);
    let is_revoked = is_suspended && plan.dice.happens(this_year, TOPIC + 3, 150);
    let mut rows = Vec::new();
    for (annex, level) in (1_u8..).zip(&levels) {
        let issued = match term {
            Some(term) if number >= since + term && !plan.dice.happens(this_year, TOPIC + 4, 60) => {
                since + term
            }
            _ => since,
        };
        rows.push(Licence {
            year,
            district: plan.district(org, year),
            org_bin: org.bin,
            licence_no: format!("KZ{:06}", index + 1),
            annex_no: annex.to_string(),
            level: *level,
            programme: Code::Borrowed("general"),
            issued_on: date(issued, 6, 15),
            valid_to: term.map(|term| date(issued + term, 6, 14)),
            status: Code::Borrowed(match (is_suspended, is_revoked) {
                (_, true) => "revoked",
                (true, _) => "suspended",
                _ => "active",
            }),
            status_on: is_suspended.then(|| date(number, 4, 12)),
            decision_no: is_suspended.then(|| format!("{number}-{:04}", index % 10_000)),
            authority_bin: None,
        });
    }
    rows
}

/// Levels that an organisation teaches.
fn levels(org: &OrgPlan) -> Vec<Level> {
    let grades = [(Level::Primary, 1, 4), (Level::BasicSecondary, 5, 9), (Level::GeneralSecondary, 10, 12)];
    match org.group() {
        OrgGroup::PreSchool => Vec::new(),
        OrgGroup::College if org.org_type == OrgType::HigherCollege => vec![Level::Tve, Level::PostSecondary],
        OrgGroup::College => vec![Level::Tve],
        OrgGroup::School => grades
            .into_iter()
            .filter(|(_, from, to)| org.first_grade <= *to && *from <= org.last_grade)
            .map(|(level, ..)| level)
            .collect(),
    }
}
