//! Random registers of an organisation: licences, attestation, accreditation, inspections, methodical days.

use bilim_domain::level::Level;
use bilim_domain::records::{
    Accreditation, Attestation, Code, Inspection, Licence, MethodicalDay, OrgGroup, Record,
};

use super::country::{Bits, DISTRICTS, Place, YEARS, bin, day, kato, mixed, year};

/// What the registers know of an organisation in a year.
pub fn rows(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let number = mixed(number, u64::from(reporting.unsigned_abs()));
    licences(place, mixed(number, 1), reporting, records);
    attestation(place, mixed(number, 2), reporting, records);
    accreditation(place, mixed(number, 3), reporting, records);
    inspections(place, mixed(number, 4), reporting, records);
    methodical_days(place, mixed(number, 5), reporting, records);
}

/// Inspections of education authorities: of a district and of a region.
pub fn of_authorities(number: u64, records: &mut Vec<Record>) {
    for reporting in YEARS {
        for (index, (kind, district)) in
            [("district_dept", DISTRICTS[0]), ("region_dept", DISTRICTS[2]), ("district_dept", DISTRICTS[2])]
                .into_iter()
                .enumerate()
        {
            let mut bits = Bits(mixed(number, (index as u64 + 1) * 7 + u64::from(reporting.unsigned_abs())));
            if bits.rarely(2) {
                inspection(
                    &Subject { kind, bin: bin(700 + index), district, name: format!("D{index}") },
                    bits.0,
                    reporting,
                    records,
                );
            }
        }
    }
}

/// Licences for most of the levels that the organisation may teach, in force, ended, not yet issued,
/// suspended or replaced on the days around the fixing.
fn licences(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let levels: &[Level] = match place.org_type.group() {
        OrgGroup::PreSchool => &[Level::PreSchool],
        OrgGroup::School => {
            &[Level::Primary, Level::BasicSecondary, Level::GeneralSecondary, Level::PreSchool]
        }
        OrgGroup::College => &[Level::Tve, Level::PostSecondary],
    };
    let changes =
        [day(reporting - 1, 10, 1), day(reporting - 1, 10, 2), day(reporting, 10, 1), day(reporting, 10, 2)];
    let fixing = day(reporting, 10, 1);
    for (index, level) in levels.iter().enumerate() {
        for annex in 1..=2_u64 {
            let mut bits = Bits(mixed(number, index as u64 * 2 + annex));
            if annex == 2 && !bits.rarely(3) {
                continue;
            }
            let status =
                bits.one(&["active", "active", "active", "active", "suspended", "revoked", "reissued"]);
            let since = bits.one(&changes);
            let issued_on = bits.one(&[day(2015, 5, 5), day(2015, 5, 5), fixing, day(reporting, 10, 2)]);
            // A licence ends on the day of its issue at the earliest.
            let valid_to = bits
                .one(&[None, None, None, Some(fixing), Some(day(reporting, 10, 2))])
                .filter(|valid_to| *valid_to >= issued_on);
            records.push(Record::Licence(Licence {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                licence_no: format!("L{}", place.index),
                annex_no: annex.to_string(),
                level: *level,
                programme: Code::Borrowed("general"),
                issued_on,
                valid_to,
                status: Code::Borrowed(status),
                status_on: (status != "active").then_some(since),
                decision_no: None,
                authority_bin: None,
            }));
        }
    }
}

fn attestation(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    for attempt in 0..bits.small(3) {
        let result = bits.one(&["attested", "failed"]);
        let attempt_no = if bits.rarely(3) { 2 } else { 1 + attempt };
        records.push(Record::Attestation(Attestation {
            year: year(reporting),
            district: place.district(reporting),
            org_bin: place.bin,
            procedure_no: format!("A{reporting}-{}-{attempt}", place.index),
            is_planned: true,
            attempt_no,
            held_on: day(reporting, 4, 1),
            result: Code::Borrowed(result),
            criteria_score: None,
            criteria_max: None,
            nonconformity_count: u16::from(result == "failed"),
        }));
    }
}

fn accreditation(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    for certificate in 0..bits.below(3) {
        let kind = bits.one(&["institutional", "institutional", "specialised"]);
        let result = bits.one(&["accredited", "conditional", "refused", "withdrawn"]);
        let is_granted = matches!(result, "accredited" | "conditional");
        records.push(Record::Accreditation(Accreditation {
            year: year(reporting),
            district: place.district(reporting),
            org_bin: place.bin,
            agency: Code::Borrowed("agency"),
            is_agency_recognised: is_granted || bits.rarely(2),
            certificate_no: format!("C{reporting}-{}-{certificate}", place.index),
            kind: Code::Borrowed(kind),
            programme: Code::Borrowed(if kind == "institutional" { "all" } else { "07130100" }),
            valid_from: bits.one(&[day(2020, 1, 1), day(reporting, 10, 1), day(reporting, 10, 2)]),
            valid_to: bits.one(&[day(2030, 1, 1), day(reporting, 10, 1), day(reporting, 9, 30)]),
            result: Code::Borrowed(result),
        }));
    }
    records.retain(|record| match record {
        Record::Accreditation(row) => row.valid_from < row.valid_to,
        _ => true,
    });
}

/// Whom an inspection is about.
struct Subject {
    kind: &'static str,
    bin: bilim_domain::ids::Bin,
    district: i32,
    name: String,
}

fn inspections(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let district = i32::try_from(place.district(reporting).get()).unwrap();
    for index in 0..=bits.below(2) {
        let name = format!("{}-{index}", place.index);
        let subject = Subject { kind: "organisation", bin: place.bin, district, name };
        inspection(&subject, mixed(number, 10 + index), reporting, records);
    }
}

/// An inspection that is planned or held, with up to three violations.
fn inspection(subject: &Subject, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let is_held = !bits.rarely(4);
    let basis = bits.one(&["plan", "plan", "unplanned", "preventive"]);
    let violations = if is_held { u16::from(bits.small(4)) } else { 0 };
    let outcome = bits.one(&["none", "closed", "suspended"]);
    let started = day(reporting, 3, 1);
    let days = [day(reporting, 9, 30), day(reporting, 10, 1), day(reporting, 10, 2)];
    // An inspection without any violation has one row.
    let numbers = if violations == 0 { 0..=0 } else { 1..=violations };
    for violation_no in numbers {
        let mut bits = Bits(mixed(number, 20 + u64::from(violation_no)));
        let is_violation = violation_no > 0;
        records.push(Record::Inspection(Inspection {
            year: year(reporting),
            district: kato(subject.district),
            inspection_no: format!("I{reporting}-{}", subject.name),
            subject_kind: Code::Borrowed(subject.kind),
            subject_bin: subject.bin,
            basis: Code::Borrowed(if is_held { basis } else { "plan" }),
            monitoring_form: Code::Borrowed("direct"),
            started_on: is_held.then_some(started),
            ended_on: None,
            violation_no,
            norm_reference: is_violation.then_some(Code::Borrowed("paragraph 1")),
            severity: is_violation.then(|| Code::Borrowed(bits.one(&["gross", "significant", "minor"]))),
            due_on: is_violation.then(|| bits.one(&days)),
            closed_on: if is_violation {
                bits.one(&[None, Some(days[0]), Some(days[1]), Some(days[2])])
            } else {
                None
            },
            fine_kzt: None,
            outcome: Code::Borrowed(outcome),
        }));
    }
}

fn methodical_days(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    for index in 0..bits.below(3) {
        let recommendation_count = u16::from(bits.small(5));
        let done_count = u16::from(bits.small(5)).min(recommendation_count);
        records.push(Record::MethodicalDay(MethodicalDay {
            year: year(reporting),
            district: place.district(reporting),
            organiser_bin: bin(700),
            event_id: format!("M{reporting}-{index}"),
            visited_bin: place.bin,
            held_on: day(reporting, 3, 1),
            monitoring_form: Code::Borrowed("direct"),
            topic: Code::Borrowed("topic"),
            participant_count: 5,
            recommendation_count,
            done_count,
            recommendations: None,
        }));
    }
}
