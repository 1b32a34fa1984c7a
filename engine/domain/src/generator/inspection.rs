//! Rows of S5.INSPECTION: inspections of organisations and of education authorities.

use super::life::date;
use super::passport::authorities;
use super::plan::Plan;
use crate::dimension::Ownership;
use crate::ids::{Bin, Kato, RegionCode};
use crate::records::{Code, Inspection};
use crate::year::Year;

const TOPIC: u64 = 2_400;
const NORMS: [&str; 4] = [
    "Law on Education, article 43",
    "Law on Education, article 47",
    "Law on Education, article 55",
    "Order 130",
];

struct Subject {
    kind: &'static str,
    bin: Bin,
    district: Kato,
    key: u64,
}

/// Inspections of an organisation: planned ones, some of them never begun, and unplanned ones.
pub(super) fn of_organisation(plan: &Plan, index: u32, year: Year) -> Vec<Inspection> {
    let org = plan.org(index);
    let number = i32::from(year);
    if !org.works_in(number - 1) {
        return Vec::new();
    }
    let key = u64::from(index) << 12 | u64::from(year.get());
    let subject = Subject { kind: "organisation", bin: org.bin, district: plan.district(org, year), key };
    let is_closing = org.closed == Some(number) && org.ownership == Ownership::Private;
    let unplanned = if org.ownership == Ownership::Private { 40 } else { 18 };
    let basis = match plan.dice.permille(key, TOPIC) {
        _ if is_closing => "unplanned",
        draw if draw < 130 => "plan",
        draw if draw < 130 + unplanned => "unplanned",
        draw if draw < 200 => "preventive",
        _ => return Vec::new(),
    };
    let is_held = basis != "plan" || !plan.dice.happens(key, TOPIC + 1, 60);
    inspection(plan, &subject, basis, is_held, is_closing, year)
}

/// Inspections of the education authorities of a region: each about once in three years.
pub(super) fn of_authorities(plan: &Plan, year: Year, region: RegionCode) -> Vec<Inspection> {
    let mut rows = Vec::new();
    for authority in authorities(plan, year, region) {
        let key = authority.bin.get() << 12 | u64::from(year.get());
        let Some(district) = authority.kato.0.filter(|_| plan.dice.happens(key, TOPIC, 330)) else {
            continue;
        };
        let subject = Subject { kind: authority.kind.code(), bin: authority.bin, district, key };
        rows.extend(inspection(plan, &subject, "plan", true, false, year));
    }
    rows
}

fn inspection(
    plan: &Plan,
    subject: &Subject,
    basis: &'static str,
    is_held: bool,
    is_closing: bool,
    year: Year,
) -> Vec<Inspection> {
    let number = i32::from(year);
    let draw = |topic: u64| plan.dice.permille(subject.key, TOPIC + topic);
    let started = date(number, plan.dice.between(subject.key, TOPIC + 2, 1, 8), 10);
    let row = Inspection {
        year,
        district: subject.district,
        inspection_no: format!("I{number}-{}", subject.bin.get()),
        subject_kind: Code::Borrowed(subject.kind),
        subject_bin: subject.bin,
        basis: Code::Borrowed(basis),
        monitoring_form: Code::Borrowed(if draw(3) < 250 { "distance" } else { "direct" }),
        started_on: is_held.then_some(started),
        ended_on: is_held.then(|| started + chrono::Days::new(4)),
        violation_no: 0,
        norm_reference: None,
        severity: None,
        due_on: None,
        closed_on: None,
        fine_kzt: None,
        outcome: Code::Borrowed(if is_closing { "closed" } else { "none" }),
    };
    let most = if is_closing { 4 } else { 3 };
    let least = u32::from(is_closing);
    let violations = plan.dice.between(subject.key, TOPIC + 4, least, most);
    if !is_held || violations == 0 {
        return vec![row];
    }
    let due = started + chrono::Days::new(60);
    (1..=violations)
        .map(|violation| {
            let topic = 10 + u64::from(violation) * 4;
            let (severity, fine) = match draw(topic) {
                0..90 => ("gross", Some(184_600)),
                90..380 => ("significant", None),
                _ => ("minor", None),
            };
            let closed_on = match draw(topic + 1) {
                0..790 => Some(due - chrono::Days::new(u64::from(draw(topic + 2) % 40))),
                790..910 => Some(due + chrono::Days::new(u64::from(1 + draw(topic + 2) % 50))),
                _ => None,
            };
            Inspection {
                violation_no: u16::try_from(violation).unwrap_or(1),
                norm_reference: Some(Code::Borrowed(NORMS[draw(topic + 3) as usize % NORMS.len()])),
                severity: Some(Code::Borrowed(severity)),
                due_on: Some(due),
                closed_on,
                fine_kzt: fine.map(|tenge: i32| crate::records::Hundredths(tenge * 100)),
                outcome: match (is_closing, fine) {
                    (true, _) => Code::Borrowed("closed"),
                    (_, Some(_)) => Code::Borrowed("fine"),
                    _ => Code::Borrowed("prescription"),
                },
                ..row.clone()
            }
        })
        .collect()
}
