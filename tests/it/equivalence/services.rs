//! Random services: queue for pre-school places, meals, activities, graduates of colleges.

use bilim_domain::dimension::{Language, Sex};
use bilim_domain::level::Level;
use bilim_domain::pseudonym::Pseudonym;
use bilim_domain::records::{
    Activity, Application, Circle, Code, ExemptReason, ExtraProvider, Meal, MealKind, OrderKind, OrgGroup,
    QueueStatus, Record, Tenths, TveGraduate,
};

use super::country::{Bits, DISTRICTS, Place, YEARS, bin, day, kato, mixed, person, year};

/// What an organisation reports of its services in a year.
pub fn rows(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let number = mixed(number, 100 + u64::from(reporting.unsigned_abs()));
    let mut bits = Bits(number);
    let (has_activities, has_meals, has_graduates) = (!bits.rarely(6), !bits.rarely(6), !bits.rarely(6));
    match place.org_type.group() {
        OrgGroup::School => {
            if has_activities {
                activities(place, mixed(number, 1), reporting, records);
            }
            if has_meals {
                meals(place, mixed(number, 2), reporting, records);
            }
        }
        OrgGroup::College if has_graduates => graduates(place, mixed(number, 3), reporting, records),
        _ => {}
    }
}

fn activities(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    for index in 0..6 {
        let mut bits = Bits(mixed(number, index as u64));
        let grade = bits.one(&[1, 4, 5, 9, 10, 11]);
        let (sex, language) = (bits.one(Sex::ALL), bits.one(Language::ALL));
        // Some are of another school's pupil too; of several activities a pupil counts once.
        let pid = person(place, index, bits.rarely(4));
        let circles: &[Circle] = match bits.below(4) {
            0 => &[Circle::Sport],
            1 => &[Circle::None],
            2 => &[Circle::Art, Circle::Sport],
            _ => continue,
        };
        for circle in circles {
            let is_attended = *circle != Circle::None;
            records.push(Record::Activity(Activity {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                pid,
                sex,
                level: Level::of_grade(grade).unwrap(),
                grade,
                language,
                circle: *circle,
                provider: is_attended.then_some(ExtraProvider::School),
                hours_week: is_attended.then_some(Tenths(20)),
                is_free: None,
            }));
        }
    }
}

fn meals(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    for grade in [0, 1, 4, 5] {
        for kind in MealKind::ALL {
            let mut bits = Bits(mixed(number, u64::from(grade) * 5 + *kind as u64));
            if bits.rarely(3) {
                continue;
            }
            records.push(Record::Meal(Meal {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                grade,
                kind: *kind,
                pupil_count: i32::from(bits.small(9)),
                cost_kzt: None,
                parent_pays_kzt: None,
            }));
        }
    }
}

/// Graduates, some of two qualifications, around the anniversary of their graduation.
fn graduates(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    for index in 0..5_u64 {
        let mut bits = Bits(mixed(number, index));
        if bits.rarely(4) {
            continue;
        }
        let (sex, language) = (bits.one(Sex::ALL), bits.one(Language::ALL));
        let level = bits.one(&[Level::Tve, Level::Tve, Level::PostSecondary]);
        for qualification in 0..=bits.below(2) {
            let mut bits = Bits(mixed(number, 50 + index * 2 + qualification));
            let (month, date) = bits.one(&[(6, 25), (2, 28), (6, 1)]);
            let graduated_on = day(reporting, month, date);
            let employed_on = bits.one(&[
                None,
                Some(graduated_on),
                Some(day(reporting + 1, month, date)),
                Some(day(reporting + 1, month, date).succ_opt().unwrap()),
            ]);
            records.push(Record::TveGraduate(TveGraduate {
                year: year(reporting),
                district: place.district(reporting),
                org_bin: place.bin,
                pid: Pseudonym::from_bits(0x66ad_0000 + place.index as u64 * 100 + index),
                sex,
                level,
                language,
                speciality: Code::Borrowed("07130100"),
                qualification: Code::Owned(format!("Q{qualification}")),
                graduated_on,
                order_kind: OrderKind::State,
                employed_on,
                employer_bin: employed_on.map(|_| bin(800)),
                is_in_field: None,
                is_continuing: bits.rarely(5),
                exempt_reason: bits.one(&[
                    None,
                    None,
                    None,
                    None,
                    Some(ExemptReason::Conscript),
                    Some(ExemptReason::ParentalLeave),
                ]),
            }));
        }
    }
}

/// Applications for a place in pre-school education in the three districts, of children of several ages.
pub fn queue(number: u64, records: &mut Vec<Record>) {
    for reporting in YEARS {
        for (index, district) in DISTRICTS.into_iter().enumerate() {
            let number = mixed(number, 10 + index as u64 + u64::from(reporting.unsigned_abs()));
            // A district may report no queue.
            if Bits(number).rarely(3) {
                continue;
            }
            for child in 0..5_u64 {
                // The same child may apply in several districts of a region.
                let region = u64::from(kato(district).region().get());
                let child = Child { number: mixed(number, child), pid: 0x0a11_0000 + region * 16 + child };
                applications(&child, reporting, district, records);
            }
        }
    }
}

struct Child {
    /// Random number of the applications in one district.
    number: u64,
    pid: u64,
}

/// The applications of one child in a district.
fn applications(child: &Child, reporting: i32, district: i32, records: &mut Vec<Record>) {
    let number = child.number;
    let mut bits = Bits(mixed(child.pid, 3));
    let sex = bits.one(Sex::ALL);
    let age = i32::from(bits.one(&[3_u8, 1, 2, 6, 7]));
    let birth = format!("{}-{:02}", reporting - age, bits.one(&[3, 8, 9, 12]));
    let days = [day(reporting, 3, 1), day(reporting, 10, 1), day(reporting, 10, 2)];
    for application in 0..=bits.below(2) {
        let mut bits = Bits(mixed(number, 90 + application));
        let status = bits.one(&[
            QueueStatus::Waiting,
            QueueStatus::Waiting,
            QueueStatus::Directed,
            QueueStatus::Enrolled,
            QueueStatus::Withdrawn,
        ]);
        let applied = bits.below(3);
        let applied_on = days[usize::try_from(applied).unwrap()];
        let directed = days[usize::try_from(applied + bits.below(3 - applied)).unwrap()];
        records.push(Record::Application(Application {
            year: year(reporting),
            district: kato(district),
            pid: Pseudonym::from_bits(child.pid),
            birth: birth.parse().unwrap(),
            sex,
            // One application of a child a day in a district.
            applied_on: if application == 0 { applied_on } else { day(reporting, 2, 1) },
            privilege: None,
            directed_on: matches!(status, QueueStatus::Directed | QueueStatus::Enrolled).then_some(directed),
            status,
        }));
    }
}
