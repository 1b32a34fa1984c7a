#![allow(clippy::unwrap_used, reason = "test code")]
#![allow(clippy::field_reassign_with_default, reason = "a record set is filled form by form")]

use super::*;
use crate::dimension::{Language, Locality, Ownership, Sex};
use crate::ids::{Bin, Kato, RegionCode};
use crate::level::{Level, LevelCode};
use crate::modality::StudyForm;
use crate::pseudonym::Pseudonym;
use crate::records::{
    BuildingState, Category, Class, Code, Education, ExamMark, ExitReason, Funding, GradeStatus, Hundredths,
    Infrastructure, Mark, OrgType, Organisation, Period, PopulationRow, PopulationStatus, Position,
    PrevGradeResult, Pupil, RepublicOr, Staff, TotalOr, UntRow, UntSession, UntStatus,
};
use crate::year::Year;
use proptest::prelude::*;

const AKKOL: i32 = 113_200_000;
const ALGA: i32 = 153_400_000;

fn year(value: i32) -> Year {
    Year::try_from(value).unwrap()
}

fn kato(value: i32) -> Kato {
    Kato::try_from(value).unwrap()
}

fn region(value: i32) -> UnitSet {
    UnitSet::Region(RegionCode::try_from(value).unwrap())
}

fn bin(number: u32) -> Bin {
    // Every other stem of this shape has a check digit; the first that has one counts.
    (0..10).find_map(|last| Bin::from_stem(&format!("390140{:05}", number * 10 + last)).ok()).unwrap()
}

fn organisation(number: u32, district: i32) -> Organisation {
    Organisation {
        year: year(2024),
        district: kato(district),
        org_bin: bin(number),
        org_type: OrgType::General,
        ownership: Ownership::State,
        department: None,
        name_kk: None,
        name_ru: "школа".to_owned(),
        name_en: None,
        settlement: None,
        locality: Locality::Urban,
        language: Language::Kk,
        shifts: 2,
        design_capacity: 100,
        is_small_class: false,
        is_support_school: None,
        building_state: Some(BuildingState::Normal),
        opened: None,
        closed: None,
        merged_into: None,
        split_from: None,
        patron_count: None,
        has_target_order: None,
        is_inclusive: None,
    }
}

fn pupil(org: u32, district: i32, pid: u64, grade: u8) -> Pupil {
    Pupil {
        year: year(2024),
        district: kato(district),
        org_bin: bin(org),
        pid: Pseudonym::from_bits(pid),
        birth: format!("{}-03", 2018 - u16::from(grade) + 1).parse().unwrap(),
        sex: Sex::Female,
        level: Level::of_grade(grade).unwrap(),
        grade,
        class_letter: None,
        language: Language::Kk,
        shift: Some(1),
        study_form: StudyForm::Full,
        funding: Funding::StateOrder,
        has_sen: false,
        citizenship: None,
        home_language: None,
        residence: None,
        enrol_from: "2023-09-01".parse().unwrap(),
        enrol_to: None,
        exit_reason: None,
        prev_grade_result: Some(PrevGradeResult::Promoted),
        is_dual: None,
        employer_bin: None,
        speciality: None,
        nominal_years: None,
        dormitory: None,
        destination: None,
    }
}

fn teacher(org: u32, district: i32, tid: u64) -> Staff {
    Staff {
        year: year(2024),
        district: kato(district),
        org_bin: bin(org),
        tid: Pseudonym::from_bits(tid),
        sex: Sex::Female,
        birth: "1980-03".parse().unwrap(),
        position: Position::Teacher,
        is_teacher: true,
        education: Education::Higher,
        subject: None,
        load_hours: None,
        rate_fte: Hundredths(100),
        is_main_job: true,
        experience_years: None,
        category: Category::Expert,
        category_from: None,
        category_to: None,
        salary_band: None,
        left_reason: None,
        has_pedagogical_education: None,
    }
}

fn infrastructure(org: u32, district: i32) -> Infrastructure {
    Infrastructure {
        year: year(2024),
        district: kato(district),
        org_bin: bin(org),
        has_electricity: true,
        has_internet: true,
        measured_mbps: Some(Hundredths(2_000)),
        computers_teaching: 20,
        computers_recent: 10,
        has_physics_room: false,
        has_chemistry_room: false,
        has_biology_room: false,
        has_stem_room: false,
        textbooks_required: 0,
        textbooks_held: 0,
        has_drinking_water: true,
        has_single_sex_toilets: true,
        has_handwashing: true,
        has_ramp: true,
        has_canteen: true,
        has_gym: true,
        repair_year: None,
    }
}

fn class(org: u32, district: i32, class_id: &str, grade: u8) -> Class {
    Class {
        year: year(2024),
        district: kato(district),
        org_bin: bin(org),
        class_id: class_id.to_owned(),
        level: Level::of_grade(grade).unwrap(),
        grade,
        grade_to: None,
        language: Language::Kk,
        shift: 1,
        pupil_count: 1,
    }
}

fn mark(org: u32, pid: u64, subject: &'static str, mark: Option<u8>) -> Mark {
    Mark {
        year: year(2024),
        district: kato(AKKOL),
        org_bin: bin(org),
        pid: Pseudonym::from_bits(pid),
        sex: Sex::Male,
        level: Level::BasicSecondary,
        grade: 7,
        language: Language::Kk,
        period: Period::Final,
        subject: Code::Borrowed(subject),
        mark,
        status: mark.map_or(GradeStatus::NotAttested, |_| GradeStatus::Attested),
    }
}

fn exam(pid: u64, subject: &'static str, attempt: u8, mark: Option<u8>) -> ExamMark {
    ExamMark {
        year: year(2024),
        district: kato(AKKOL),
        org_bin: bin(1),
        pid: Pseudonym::from_bits(pid),
        sex: Sex::Male,
        language: Language::Kk,
        exam_grade: 9,
        subject: Code::Borrowed(subject),
        attempt,
        form: None,
        score_raw: None,
        score_max: None,
        mark,
        is_admitted: true,
        honours: None,
    }
}

/// A sitting of two subjects: history with `history` points, physics with the rest.
fn sitting(pid: u64, at: (UntSession, u8), total: i32, history: i32) -> [UntRow; 2] {
    let row = |subject, score, score_max| UntRow {
        year: year(2024),
        district: kato(AKKOL),
        org_bin: bin(1),
        pid: Pseudonym::from_bits(pid),
        sex: Sex::Male,
        language: Language::Kk,
        leaver_year: Some(2024),
        session: at.0,
        attempt: at.1,
        profile: None,
        subject: Code::Borrowed(subject),
        score,
        score_max,
        total,
        total_max: 140,
        status: UntStatus::Valid,
        grant_applied: None,
        grant_awarded: None,
    };
    [row("history_kz", history, 20), row("physics", total - history, 120)]
}

fn population(territory: i32, age: i32, sex: Sex, persons: i64) -> PopulationRow {
    PopulationRow {
        year: year(2025),
        kato: RepublicOr(Some(kato(territory))),
        age,
        age_to: age,
        sex: TotalOr(Some(sex)),
        locality: TotalOr(Some(Locality::Urban)),
        population: persons,
        publisher: Code::Borrowed("bns"),
        edition: Code::Borrowed("1"),
        published_on: None,
        status: PopulationStatus::Final,
    }
}

fn cell(units: UnitSet, level: &str) -> Cell {
    Cell { year: year(2024), units, level: level.parse().unwrap(), by: Breakdown::default() }
}

fn parameters() -> Parameters {
    Parameters {
        thresholds: UntThresholds { total: 50, subjects: [("history_kz".to_owned(), 5)].into(), profile: 5 },
        ..Parameters::default()
    }
}

fn at(indicator: &str, cell: &Cell, records: &Records) -> Option<(i64, Option<i64>)> {
    let fraction = evaluate(indicator.parse().unwrap(), cell, records, &parameters())?;
    Some((fraction.numerator, fraction.denominator))
}

fn of(indicator: &str, level: &str, records: &Records) -> Option<(i64, Option<i64>)> {
    at(indicator, &cell(UnitSet::Republic, level), records)
}

#[test]
fn only_the_active_count_and_one_row_a_learner() {
    let mut records = Records::default();
    let base = pupil(1, AKKOL, 1, 5);
    let gone =
        Pupil { enrol_to: Some("2024-10-01".parse().unwrap()), pid: Pseudonym::from_bits(2), ..base.clone() };
    let again = Pupil { enrol_from: "2024-09-15".parse().unwrap(), grade: 6, ..base.clone() };
    let elsewhere = Pupil { org_bin: bin(2), ..base.clone() };
    records.pupils = vec![base, gone, again, elsewhere];
    assert_eq!(of("CON-01", "school", &records), Some((2, None)));
    let mut sixth = cell(UnitSet::Republic, "school");
    sixth.by.grade = Some(6);
    assert_eq!(at("CON-01", &sixth, &records), Some((1, None)));
    assert_eq!(of("CON-01", "primary", &records), Some((0, None)));
    assert_eq!(at("CON-01", &cell(region(15), "school"), &records), None);
}

#[test]
fn who_did_not_send_every_form_is_on_neither_side() {
    let mut records = Records::default();
    records.organisations = vec![organisation(1, AKKOL), organisation(2, AKKOL)];
    records.pupils = vec![pupil(1, AKKOL, 1, 5), pupil(1, AKKOL, 2, 5), pupil(2, AKKOL, 3, 5)];
    records.staff = vec![teacher(1, AKKOL, 7)];
    assert_eq!(of("TCH-01", "school", &records), Some((2, Some(1))));
    assert_eq!(of("CON-01", "school", &records), Some((3, None)));
    let organisation = cell(UnitSet::Organisation(bin(2)), "school");
    assert_eq!(at("TCH-01", &organisation, &records), None);
}

#[test]
fn a_teacher_is_one_head_by_main_job() {
    let mut records = Records::default();
    records.organisations = vec![organisation(1, AKKOL)];
    let base = teacher(1, AKKOL, 1);
    let half = Staff {
        position: Position::Deputy,
        rate_fte: Hundredths(50),
        category: Category::Master,
        ..base.clone()
    };
    let side_job = Staff { is_main_job: false, tid: Pseudonym::from_bits(2), ..base.clone() };
    let left = Staff {
        left_reason: Some(crate::records::LeftReason::Retired),
        tid: Pseudonym::from_bits(3),
        ..base.clone()
    };
    let senior = Staff {
        birth: "1974-09".parse().unwrap(),
        tid: Pseudonym::from_bits(4),
        education: Education::Vocational,
        category: Category::Researcher,
        ..base.clone()
    };
    let almost = Staff { birth: "1974-10".parse().unwrap(), tid: Pseudonym::from_bits(5), ..base.clone() };
    records.staff = vec![half, base, side_job, left, senior, almost];
    assert_eq!(of("TCH-03", "school", &records), Some((2, Some(3))));
    assert_eq!(of("TCH-05", "school", &records), Some((1, Some(3))));
    assert_eq!(of("TCH-06", "school", &records), Some((1, Some(3))));
    assert_eq!(of("TCH-04", "school", &records), None);
    let mut expert = cell(UnitSet::Republic, "school");
    expert.by.category = Some(Category::Expert);
    assert_eq!(at("TCH-04", &expert, &records), Some((2, Some(3))));
    assert_eq!(at("TCH-03", &expert, &records), Some((2, Some(2))));
}

#[test]
fn enrolment_ratios_need_population_of_the_region() {
    let mut records = Records::default();
    records.pupils =
        vec![pupil(1, AKKOL, 1, 1), pupil(1, AKKOL, 2, 2), pupil(1, AKKOL, 3, 5), pupil(2, ALGA, 4, 1)];
    records.pupils[0].prev_grade_result = Some(PrevGradeResult::NewEntrant);
    // A repeater of grade 1, eight years old.
    records.pupils.push(Pupil {
        prev_grade_result: Some(PrevGradeResult::Repeated),
        birth: "2016-03".parse().unwrap(),
        ..pupil(1, AKKOL, 5, 1)
    });
    let ages = 6..=9;
    records.population = ages
        .flat_map(|age| [(age, Sex::Female, 2), (age, Sex::Male, 3)])
        .map(|(age, sex, n)| population(110_000_000, age, sex, n))
        .collect();
    assert_eq!(of("ACC-01", "primary", &records), Some((3, Some(20))));
    assert_eq!(of("ACC-02", "primary", &records), Some((3, Some(20))));
    assert_eq!(of("ACC-09", "primary", &records), Some((1, Some(5))));
    assert_eq!(at("ACC-01", &cell(region(15), "primary"), &records), None);
    let mut eight = cell(region(11), "all");
    eight.by.age = Some(8);
    eight.by.sex = Some(Sex::Female);
    assert_eq!(at("ACC-03", &eight, &records), Some((1, Some(2))));
    assert_eq!(of("ACC-03", "all", &records), None);
    assert_eq!(of("ACC-01", "all", &records), None);
}

#[test]
fn the_latest_edition_of_population_counts() {
    let mut records = Records::default();
    records.pupils = vec![pupil(1, AKKOL, 1, 1)];
    let edition = |edition: &'static str, published: Option<&str>, persons| PopulationRow {
        edition: Code::Borrowed(edition),
        published_on: published.map(|day| day.parse().unwrap()),
        ..population(110_000_000, 6, Sex::Female, persons)
    };
    records.population = vec![
        edition("9", None, 100),
        edition("1", Some("2025-04-01"), 200),
        edition("2", Some("2025-04-01"), 300),
        edition("3", Some("2025-03-01"), 400),
    ];
    assert_eq!(of("ACC-09", "primary", &records), Some((1, Some(300))));
}

#[test]
fn places_and_organisations_are_those_of_the_active() {
    let mut records = Records::default();
    let garden = Organisation { org_type: OrgType::Kindergarten, ..organisation(1, AKKOL) };
    let closed =
        Organisation { org_bin: bin(2), closed: Some("2024-10-01".parse().unwrap()), ..garden.clone() };
    let school = Organisation {
        is_small_class: true,
        shifts: 3,
        building_state: Some(BuildingState::Emergency),
        ..organisation(3, AKKOL)
    };
    let later = Organisation { opened: Some("2024-10-02".parse().unwrap()), ..organisation(4, AKKOL) };
    let unknown =
        Organisation { building_state: None, ownership: Ownership::Private, ..organisation(5, AKKOL) };
    records.organisations = vec![garden, closed, school, later, unknown];
    records.population = vec![population(110_000_000, 6, Sex::Male, 400)];
    assert_eq!(of("NET-01", "all", &records), Some((3, None)));
    assert_eq!(of("NET-01", "pre_school", &records), Some((1, None)));
    assert_eq!(of("NET-02", "school", &records), Some((1, Some(2))));
    assert_eq!(of("NET-02", "all", &records), Some((1, Some(2))));
    assert_eq!(of("NET-05", "school", &records), Some((1, Some(2))));
    assert_eq!(of("NET-08", "all", &records), Some((1, Some(3))));
    assert_eq!(of("ACC-06", "pre_school", &records), Some((100, Some(400))));

    let mut other = pupil(3, AKKOL, 1, 5);
    other.shift = Some(2);
    let mut unknown_shift = pupil(5, AKKOL, 2, 5);
    unknown_shift.shift = None;
    records.pupils = vec![other, unknown_shift, pupil(9, AKKOL, 3, 5)];
    assert_eq!(of("NET-03", "school", &records), Some((1, Some(2))));
    assert_eq!(of("NET-04", "school", &records), Some((1, Some(3))));
    assert_eq!(of("NET-07", "school", &records), Some((2, Some(200))));
    assert_eq!(of("CON-03", "school", &records), Some((1, Some(2))));
    let mut private = cell(UnitSet::Republic, "school");
    private.by.ownership = Some(Ownership::Private);
    assert_eq!(at("CON-01", &private, &records), Some((1, None)));
    assert_eq!(at("CON-03", &private, &records), None);
}

#[test]
fn equipment_is_that_of_the_level() {
    let mut records = Records::default();
    let college = Organisation { org_type: OrgType::HigherCollege, ..organisation(2, AKKOL) };
    records.organisations = vec![organisation(1, AKKOL), college];
    let slow = Infrastructure { measured_mbps: None, computers_recent: 5, ..infrastructure(2, AKKOL) };
    records.infrastructure = vec![infrastructure(1, AKKOL), slow];
    let student = Pupil { level: Level::Tve, ..pupil(2, AKKOL, 2, 1) };
    records.pupils = vec![pupil(1, AKKOL, 1, 5), student];
    assert_eq!(of("INF-02", "school", &records), Some((1, Some(10))));
    assert_eq!(of("INF-02", "tve", &records), Some((1, Some(5))));
    assert_eq!(of("INF-02", "all", &records), Some((2, Some(15))));
    assert_eq!(of("INF-03", "school", &records), Some((1, Some(1))));
    assert_eq!(of("INF-03", "all", &records), Some((1, Some(2))));
}

#[test]
fn shares_of_language_class_and_needs() {
    let mut records = Records::default();
    let russian = Pupil { language: Language::Ru, has_sen: true, ..pupil(1, AKKOL, 2, 5) };
    records.pupils = vec![pupil(1, AKKOL, 1, 5), russian, pupil(2, AKKOL, 3, 5)];
    records.classes = vec![class(1, AKKOL, "5A", 5)];
    assert_eq!(of("CON-02", "school", &records), None);
    let mut kazakh = cell(UnitSet::Republic, "school");
    kazakh.by.language = Some(Language::Kk);
    assert_eq!(at("CON-02", &kazakh, &records), Some((2, Some(3))));
    assert_eq!(at("CON-05", &kazakh, &records), Some((0, Some(2))));
    assert_eq!(of("CON-05", "school", &records), Some((1, Some(3))));
    assert_eq!(of("CON-04", "school", &records), Some((2, Some(1))));
    let fraction = evaluate(Indicator::Con05, &cell(UnitSet::Republic, "school"), &records, &parameters());
    let value = fraction.unwrap().value(Indicator::Con05, 1).unwrap();
    assert_eq!(value.unwrap().to_string(), "33.3");
}

#[test]
fn mobility_leaves_out_intake_and_graduation() {
    let mut records = Records::default();
    let row = |pid, from: &str, to: Option<(&str, ExitReason)>| Pupil {
        enrol_from: from.parse().unwrap(),
        enrol_to: to.map(|(day, _)| day.parse().unwrap()),
        exit_reason: to.map(|(_, reason)| reason),
        ..pupil(1, AKKOL, pid, 5)
    };
    let intake = Pupil { prev_grade_result: Some(PrevGradeResult::NewEntrant), ..row(4, "2024-09-01", None) };
    let before = |pid| Pupil { year: year(2023), ..row(pid, "2020-09-01", None) };
    records.pupils = vec![
        before(1),
        before(2),
        before(3),
        row(1, "2020-09-01", None),
        row(2, "2020-09-01", Some(("2024-05-25", ExitReason::Completed))),
        row(3, "2020-09-01", Some(("2024-10-01", ExitReason::Transfer))),
        intake,
        row(5, "2024-10-01", None),
        row(6, "2023-10-02", Some(("2024-01-10", ExitReason::Other))),
        row(7, "2023-10-01", None),
    ];
    // Arrived: 5 and 6. Left: 3 and 6.
    assert_eq!(of("CON-06", "school", &records), Some((0, Some(3))));
    records.pupils.pop();
    records.pupils.remove(0);
    assert_eq!(of("CON-06", "school", &records), Some((0, Some(2))));
    records.pupils.retain(|row| row.year == year(2024));
    assert_eq!(of("CON-06", "school", &records), None);
}

#[test]
fn marks_are_final_and_attested() {
    let mut records = Records::default();
    let quarter = Mark { period: Period::Q1, ..mark(1, 1, "music", Some(2)) };
    records.marks = vec![
        mark(1, 1, "physics", Some(4)),
        mark(1, 1, "english", Some(5)),
        mark(1, 2, "physics", Some(3)),
        mark(1, 2, "english", None),
        mark(1, 3, "physics", Some(2)),
        mark(1, 4, "physics", None),
        quarter,
    ];
    assert_eq!(of("GRD-01", "school", &records), Some((2, Some(3))));
    assert_eq!(of("GRD-02", "school", &records), Some((1, Some(3))));
    assert_eq!(of("GRD-02", "primary", &records), Some((0, Some(0))));
}

#[test]
fn the_best_attempt_at_an_exam_counts() {
    let mut records = Records::default();
    let refused = ExamMark { is_admitted: false, ..exam(4, "mathematics", 1, None) };
    records.exams = vec![
        exam(1, "mathematics", 1, Some(2)),
        exam(1, "mathematics", 2, Some(3)),
        exam(1, "history_kz", 1, Some(5)),
        exam(2, "mathematics", 1, Some(4)),
        exam(2, "history_kz", 1, None),
        exam(3, "mathematics", 1, Some(4)),
        refused,
    ];
    assert_eq!(of("SFC-01", "basic_secondary", &records), Some((2, Some(3))));
    assert_eq!(of("SFC-02", "basic_secondary", &records), Some((3, Some(4))));
    let mut mathematics = cell(UnitSet::Republic, "basic_secondary");
    mathematics.by.subject = Some(Code::Borrowed("mathematics"));
    assert_eq!(at("SFC-02", &mathematics, &records), Some((2, Some(3))));
    assert_eq!(of("SFC-01", "general_secondary", &records), Some((0, Some(0))));
}

#[test]
fn a_person_is_the_earliest_of_the_best_sittings() {
    let main = |attempt| (UntSession::Main, attempt);
    let mut records = Records::default();
    records.unt.extend(sitting(1, main(2), 90, 4));
    records.unt.extend(sitting(1, main(1), 90, 10));
    records.unt.extend(sitting(1, (UntSession::August, 1), 60, 6));
    records.unt.extend(sitting(2, main(1), 110, 4));
    records.unt.extend(sitting(3, main(1), 49, 6));
    let annulled = sitting(3, main(2), 120, 6).map(|row| UntRow { status: UntStatus::Annulled, ..row });
    records.unt.extend(annulled);
    let level = "general_secondary";
    assert_eq!(of("UNT-01", level, &records), Some((3, None)));
    assert_eq!(of("UNT-01-SITTINGS", level, &records), Some((5, None)));
    assert_eq!(of("UNT-03", level, &records), Some((249, Some(3))));
    // Person 2 misses the minimum of history, person 3 the total.
    assert_eq!(of("UNT-04", level, &records), Some((1, Some(3))));
    assert_eq!(of("UNT-06", level, &records), Some((1, Some(3))));
    assert_eq!(of("UNT-05", level, &records), Some((249, Some(420))));
    let mut history = cell(UnitSet::Republic, level);
    history.by.subject = Some(Code::Borrowed("history_kz"));
    assert_eq!(at("UNT-05", &history, &records), Some((20, Some(60))));
}

#[test]
fn flows_compare_grades_of_two_years() {
    let mut records = Records::default();
    let earlier = |pid, grade| Pupil {
        year: year(2023),
        enrol_from: "2022-09-01".parse().unwrap(),
        ..pupil(1, AKKOL, pid, grade)
    };
    let repeating = Pupil { prev_grade_result: Some(PrevGradeResult::Repeated), ..pupil(1, AKKOL, 3, 4) };
    records.pupils = vec![
        earlier(1, 4),
        earlier(2, 4),
        earlier(3, 4),
        earlier(4, 3),
        pupil(1, AKKOL, 1, 5),
        pupil(1, AKKOL, 2, 5),
        repeating,
        pupil(1, AKKOL, 4, 4),
    ];
    assert_eq!(of("EFF-02", "primary", &records), Some((1, Some(4))));
    assert_eq!(of("EFF-06", "primary", &records), Some((2, Some(2))));
    let mut fourth = cell(UnitSet::Republic, "primary");
    fourth.by.grade = Some(4);
    assert_eq!(at("EFF-02", &fourth, &records), Some((1, Some(3))));
    assert_eq!(at("EFF-10", &fourth, &records), Some((2, Some(3))));
    assert_eq!(of("EFF-10", "tve", &records), Some((0, Some(0))));
}

#[test]
fn a_foreign_dimension_has_no_cell() {
    let mut records = Records::default();
    records.organisations = vec![organisation(1, AKKOL)];
    let mut by_sex = cell(UnitSet::Republic, "all");
    by_sex.by.sex = Some(Sex::Male);
    assert_eq!(at("NET-01", &by_sex, &records), None);
}

/// Pupils, teachers and passports in a few organisations of two regions.
fn some_records() -> impl Strategy<Value = Records> {
    let person = (0_u32..6, 0_u64..30, 0_u8..=11, any::<bool>(), any::<bool>());
    let people = prop::collection::vec(person, 0..60);
    (people, prop::collection::vec(any::<bool>(), 6)).prop_map(|(people, passports)| {
        let district = |org: u32| if org.is_multiple_of(2) { AKKOL } else { ALGA };
        let mut records = Records::default();
        for (org, has_passport) in (0_u32..).zip(passports) {
            if has_passport {
                records.organisations.push(organisation(org, district(org)));
            }
        }
        for (org, id, grade, is_active, is_pupil) in people {
            if is_pupil {
                let enrol_to = (!is_active).then(|| "2024-09-30".parse().unwrap());
                records.pupils.push(Pupil { enrol_to, ..pupil(org, district(org), id, grade) });
            } else {
                records.staff.push(Staff { is_main_job: is_active, ..teacher(org, district(org), id) });
            }
        }
        records
    })
}

const ADDITIVE: [&str; 5] = ["CON-01", "CON-03", "NET-01", "TCH-01", "TCH-03"];

proptest! {
    #[test]
    fn regions_add_up_to_the_republic(records in some_records()) {
        for indicator in ADDITIVE {
            let part = |units| at(indicator, &cell(units, "all"), &records);
            let sum = [region(11), region(15)].into_iter().filter_map(part).reduce(
                |left, right| (left.0 + right.0, left.1.zip(right.1).map(|(l, r)| l + r)),
            );
            prop_assert_eq!(sum, part(UnitSet::Republic), "{}", indicator);
        }
    }

    #[test]
    fn order_of_rows_does_not_matter(records in some_records()) {
        let mut reversed = records.clone();
        reversed.pupils.reverse();
        reversed.staff.reverse();
        reversed.organisations.reverse();
        for indicator in ADDITIVE {
            prop_assert_eq!(of(indicator, "all", &records), of(indicator, "all", &reversed));
        }
    }

    #[test]
    fn another_region_leaves_this_one_alone(records in some_records()) {
        let mut alone = records.clone();
        alone.pupils.retain(|row| row.district == kato(AKKOL));
        alone.staff.retain(|row| row.district == kato(AKKOL));
        alone.organisations.retain(|row| row.district == kato(AKKOL));
        for indicator in ADDITIVE {
            let here = cell(region(11), "all");
            prop_assert_eq!(at(indicator, &here, &records), at(indicator, &here, &alone));
        }
    }

    #[test]
    fn shares_lie_between_nothing_and_all(records in some_records()) {
        for indicator in ["CON-03", "CON-05", "NET-04", "TCH-03", "TCH-06"] {
            if let Some((numerator, Some(denominator))) = of(indicator, "all", &records) {
                prop_assert!((0..=denominator).contains(&numerator), "{}", indicator);
            }
        }
    }
}

#[test]
fn every_indicator_is_spelled_as_in_the_catalogue() {
    for &indicator in Indicator::ALL {
        assert_eq!(indicator.code().parse(), Ok(indicator));
        // Without any record no indicator has a value.
        assert_eq!(of(indicator.code(), "all", &Records::default()), None, "{indicator}");
    }
}

#[test]
fn all_levels_include_every_whole_organisation() {
    let all: LevelCode = "all".parse().unwrap();
    for org_type in OrgType::ALL {
        assert!(org_type.group().is_in(all));
    }
}
