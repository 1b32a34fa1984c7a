//! Rows of S1.QUEUE: children of two to five who are in no kindergarten and want to be, and some who were referred.

use super::dice::{Topic, below, permille};
use super::learner::first_block;
use super::life::{Life, StayKind, date};
use super::plan::Plan;
use crate::ids::RegionCode;
use crate::records::{Application, QueuePrivilege, QueueStatus};
use crate::year::Year;

/// Applications of the districts of a region as of 1 October.
pub(super) fn applications(plan: &Plan, year: Year, region: RegionCode) -> Vec<Application> {
    let number = i32::from(year);
    let mut rows = Vec::new();
    for (index, school) in (0_u32..).zip(&plan.orgs) {
        let district = plan.district(school, year);
        if school.intake == 0 || school.first_grade != 1 || district.region() != region {
            continue;
        }
        // Those who enter school in one to four years.
        for cohort in number + 1..=number + 4 {
            let mut blocks = plan.dice.blocks(Topic::Learner, index, first_block(cohort));
            for child in 0..plan.intake(index, cohort) {
                let life = Life::new(plan, index, cohort, child, blocks.next());
                let attends = life
                    .stays()
                    .any(|stay| stay.kind == StayKind::Kindergarten && stay.first_autumn <= number);
                if let Some(status) = status(&life, attends) {
                    rows.push(application(&life, year, district, status));
                }
            }
        }
    }
    rows
}

/// Of the children at home a third waits, fewer of the older ones; a few of the others have just got their place.
fn status(life: &Life, attends: bool) -> Option<QueueStatus> {
    match (attends, permille(life.words[8].rotate_left(8))) {
        (false, 0..330) => Some(QueueStatus::Waiting),
        (false, 330..360) => Some(QueueStatus::Directed),
        (false, 360..380) => Some(QueueStatus::Withdrawn),
        (true, 0..60) => Some(QueueStatus::Enrolled),
        _ => None,
    }
}

fn application(life: &Life, year: Year, district: crate::ids::Kato, status: QueueStatus) -> Application {
    let words = &life.words;
    let applied_on = date(
        i32::from(year) - 1 - i32::try_from(below(words[9], 2)).unwrap_or(0),
        1 + below(words[10], 12),
        1 + below(words[11], 28),
    );
    let has_place = matches!(status, QueueStatus::Directed | QueueStatus::Enrolled);
    Application {
        year,
        district,
        pid: life.pid,
        birth: life.birth,
        sex: life.sex,
        applied_on,
        privilege: Some(match permille(words[12]) {
            0..30 => QueuePrivilege::Priority,
            30..120 => QueuePrivilege::FirstPriority,
            _ => QueuePrivilege::None,
        }),
        directed_on: has_place.then(|| date(i32::from(year), 8, 1 + below(words[13], 28))),
        status,
    }
}
