//! Rows of `S1.TVE_GRAD`: who completed a college in the year, and what became of it.

use chrono::Days;

use super::dice::{below, high, permille};
use super::learner::{Enrolment, class_place, enrolments, speciality};
use super::life::StayKind;
use super::plan::{Plan, bin};
use crate::dimension::Sex;
use crate::records::{Code, ExemptReason, ExitReason, OrderKind, TveGraduate};
use crate::year::Year;

/// Who graduated in the summer of the year.
pub(super) fn leavers(plan: &Plan, org: u32, year: Year) -> Vec<Enrolment> {
    let mut leavers = enrolments(plan, org, i32::from(year));
    leavers.retain(|enrolment| {
        enrolment.has_left
            && enrolment.stay.reason == ExitReason::Completed
            && matches!(enrolment.stay.kind, StayKind::College(_))
    });
    leavers
}

/// Rows of `S1.TVE_GRAD` of an organisation.
pub(super) fn graduates(plan: &Plan, org: u32, year: Year) -> Vec<TveGraduate> {
    leavers(plan, org, year).iter().map(|enrolment| graduate(plan, org, enrolment, year)).collect()
}

fn graduate(plan: &Plan, org: u32, enrolment: &Enrolment, year: Year) -> TveGraduate {
    let college = plan.org(org);
    let life = &enrolment.life;
    let words = &life.words;
    let fate = permille(words[11].rotate_left(8));
    let is_continuing = fate < 150;
    let exempt_reason = match (fate, life.sex) {
        (150..225, Sex::Male) => Some(ExemptReason::Conscript),
        (150..190, Sex::Female) => Some(ExemptReason::ParentalLeave),
        _ => None,
    };
    // Four in five of the others find work, more where there is money and on dual training.
    let chance = 740 + plan.traits(college).wealth / 10;
    let has_work = !is_continuing && exempt_reason.is_none() && permille(words[15].rotate_left(16)) < chance;
    let graduated_on = enrolment.stay.to;
    let waited = Days::new(20 + u64::from(below(words[7].rotate_left(8), 380)));
    let employer = || {
        let number = below(high(plan.dice.hash(u64::from(org), u64::from(below(words[15], 40)))), 40_000);
        bin(350_000 + number).ok()
    };
    let employer_bin = if has_work { employer() } else { None };
    let order_kind = match permille(words[10].rotate_left(16)) {
        0..640 => OrderKind::State,
        640..684 => OrderKind::Target,
        _ => OrderKind::Paid,
    };
    let code = speciality(life);
    TveGraduate {
        year,
        district: plan.district(college, year),
        org_bin: college.bin,
        pid: life.pid,
        sex: life.sex,
        level: enrolment.level,
        language: class_place(plan, enrolment).language,
        speciality: Code::Borrowed(code),
        qualification: Code::Owned(format!("3W{code}")),
        graduated_on,
        order_kind,
        employed_on: employer_bin.map(|_| graduated_on + waited),
        employer_bin,
        is_in_field: employer_bin.map(|_| permille(words[8].rotate_left(24)) < 680),
        is_continuing,
        exempt_reason,
    }
}
