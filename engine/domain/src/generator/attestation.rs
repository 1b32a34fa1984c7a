//! Rows of S4B.ATTESTATION: every organisation once in five years, anew who did not pass.

use super::life::date;
use super::plan::Plan;
use crate::records::{Attestation, Code, Hundredths};
use crate::year::Year;

const TOPIC: u64 = 2_200;
const TERM: u32 = 5;

/// Procedures of an organisation in a year.
pub(super) fn attestations(plan: &Plan, index: u32, year: Year) -> Vec<Attestation> {
    let org = plan.org(index);
    let number = i32::from(year);
    let is_due = u32::from(year.get()) % TERM == index % TERM;
    if !org.works_in(number - 1) || !is_due {
        return Vec::new();
    }
    let key = u64::from(index) << 12 | u64::from(year.get());
    let wealth = plan.traits(org).wealth;
    let row = |attempt_no: u8, month: u32, result: &'static str, found: u32| Attestation {
        year,
        district: plan.district(org, year),
        org_bin: org.bin,
        procedure_no: format!("A{number}-{:05}", index + 1),
        is_planned: true,
        attempt_no,
        held_on: date(number, month, 10),
        result: Code::Borrowed(result),
        criteria_score: Some(Hundredths(i32::try_from(10_000 - found * 450).unwrap_or(0))),
        criteria_max: Some(Hundredths(10_000)),
        nonconformity_count: u16::try_from(found).unwrap_or(0),
    };
    let found = plan.dice.between(key, TOPIC + 1, 1, 9);
    match plan.dice.permille(key, TOPIC) {
        draw if draw < 790 + wealth / 8 => {
            vec![row(1, 3, "attested", plan.dice.between(key, TOPIC + 2, 0, 3))]
        }
        draw if draw < 970 => {
            let first = row(1, 2, "repeat", found);
            let number = format!("{}-2", first.procedure_no);
            let second = row(2, 6, if found < 8 { "attested" } else { "failed" }, found / 3 + 1);
            vec![first, Attestation { procedure_no: number, ..second }]
        }
        _ => vec![row(1, 4, "failed", found + 6)],
    }
}
