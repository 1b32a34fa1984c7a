//! Random small countries: two regions, three districts, two consecutive years.
//!
//! Every record is unfolded from one random number, so that a failing country shrinks to few
//! records with the plainest values (a number of zero). What intake would reject is not made.
//! Organisations may change district, locality and ownership between the years.

use bilim_domain::dimension::{Language, Locality, Ownership, Sex};
use bilim_domain::ids::{Bin, Kato};
use bilim_domain::level::Level;
use bilim_domain::modality::StudyForm;
use bilim_domain::oracle::Records;
use bilim_domain::pseudonym::Pseudonym;
use bilim_domain::records::{
    BuildingState, Category, Certification, Class, Code, Destination, Dormitory, Education, ExamMark,
    ExitReason, Funding, GradeStatus, Honours, Hundredths, Infrastructure, LeftReason, Mark, OrgGroup,
    OrgType, Organisation, Period, PopulationRow, PopulationStatus, Position, PrevGradeResult, Pupil, Record,
    RepublicOr, Staff, Tenths, TotalOr, Training, UntRow, UntSession, UntStatus, Vacancy,
};
use bilim_domain::year::Year;
use chrono::NaiveDate;
use proptest::prelude::*;

use super::{budget, international, registers, services, studies};

/// Reporting years of a country.
pub const YEARS: [i32; 2] = [2023, 2024];
/// Akkol and Arshaly districts of Akmola, Alga district of Aktobe.
pub const DISTRICTS: [i32; 3] = [113_200_000, 113_400_000, 153_400_000];
/// Subjects of the admission test here: two with a minimum of their own, one of the profile.
pub const SUBJECTS: [&str; 3] = ["history_kz", "math_literacy", "physics"];

/// Random numbers of one organisation.
#[derive(Debug, Clone)]
struct Seeds {
    passport: u64,
    reported: u64,
    pupils: Vec<u64>,
    staff: Vec<u64>,
    classes: Vec<u64>,
    marks: Vec<u64>,
    exams: Vec<u64>,
}

/// A country as its records.
pub fn country() -> impl Strategy<Value = Vec<Record>> {
    let some = |most| prop::collection::vec(any::<u64>(), 0..=most);
    let seeds = (any::<u64>(), any::<u64>(), some(12), some(5), some(3), some(5), some(5)).prop_map(
        |(passport, reported, pupils, staff, classes, marks, exams)| Seeds {
            passport,
            reported,
            pupils,
            staff,
            classes,
            marks,
            exams,
        },
    );
    (prop::collection::vec(seeds, 2..=6), some(8), any::<u64>()).prop_map(|(seeds, unt, population)| {
        let mut records = Vec::new();
        let organisations: Vec<Place> =
            seeds.iter().enumerate().map(|(index, seeds)| Place::new(index, seeds)).collect();
        for (place, seeds) in organisations.iter().zip(&seeds) {
            organisation(place, seeds, &mut records);
        }
        for (index, number) in unt.iter().enumerate() {
            sittings(index, *number, &organisations, &mut records);
        }
        population_rows(population, &mut records);
        budget::rows(population, &mut records);
        registers::of_authorities(population, &mut records);
        services::queue(population, &mut records);
        studies::of_country(population, &mut records);
        international::rows(population, &mut records);
        records
    })
}

/// The records by form, as the oracle reads them.
pub fn records_of(records: &[Record]) -> Records {
    records.iter().cloned().collect()
}

/// Choices unfolded from one number; zero gives the first of everything.
pub struct Bits(pub u64);

impl Bits {
    pub fn below(&mut self, bound: u64) -> u64 {
        let chosen = self.0 % bound;
        self.0 /= bound;
        chosen
    }

    pub fn small(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(u64::from(bound))).unwrap()
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.below(of.len() as u64);
        of[usize::try_from(index).unwrap()]
    }

    /// One time in `times`, never for zero.
    pub fn rarely(&mut self, times: u64) -> bool {
        self.below(times) == times - 1
    }
}

/// Another random number out of one and what it is for; zero stays zero.
pub fn mixed(number: u64, purpose: u64) -> u64 {
    // Odd factors lose nothing; the shifts carry high bits to the low ones that are drawn first.
    let factor = 0x9e37_79b9_7f4a_7c15_u64.wrapping_add(purpose.wrapping_mul(0x0002_4a3c_8d1e_6b42));
    let product = number.wrapping_mul(factor | 1);
    (product ^ (product >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 3
}

pub fn year(value: i32) -> Year {
    Year::try_from(value).unwrap()
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub fn kato(value: i32) -> Kato {
    Kato::try_from(value).unwrap()
}

/// The `index`-th organisation's number.
pub fn bin(index: usize) -> Bin {
    // Not every stem has a check digit; the first that has one counts.
    (0..10).find_map(|last| Bin::from_stem(&format!("390140{:05}", index * 10 + last)).ok()).unwrap()
}

/// What stays the same of an organisation over the years.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub index: usize,
    pub bin: Bin,
    districts: [Kato; 2],
    pub org_type: OrgType,
}

impl Place {
    fn new(index: usize, seeds: &Seeds) -> Self {
        let mut bits = Bits(seeds.passport);
        let org_type = bits.one(&[
            OrgType::General,
            OrgType::Kindergarten,
            OrgType::College,
            OrgType::Primary,
            OrgType::Gymnasium,
            OrgType::HigherCollege,
            OrgType::MiniCentre,
            OrgType::Evening,
        ]);
        let first = bits.one(&DISTRICTS);
        let second = if bits.rarely(4) { bits.one(&DISTRICTS) } else { first };
        Self { index, bin: bin(index), districts: [kato(first), kato(second)], org_type }
    }

    /// Where it is in a reporting year.
    pub fn district(self, reporting: i32) -> Kato {
        self.districts[usize::from(reporting != YEARS[0])]
    }

    /// A level and grade that the organisation teaches.
    fn grade(self, bits: &mut Bits) -> (Level, u8) {
        match self.org_type.group() {
            OrgGroup::PreSchool => (Level::PreSchool, 0),
            OrgGroup::School => {
                let grade = bits.one(&[1, 4, 5, 9, 10, 11, 0, 2, 12, 3]);
                (Level::of_grade(grade).unwrap(), grade)
            }
            OrgGroup::College => {
                let level = bits.one(&[Level::Tve, Level::Tve, Level::PostSecondary]);
                (level, 1 + bits.small(3))
            }
        }
    }
}

fn organisation(place: &Place, seeds: &Seeds, records: &mut Vec<Record>) {
    let mut missing = Bits(seeds.reported);
    for year in YEARS {
        // Seven forms a year, each of them missing one time in eight.
        let mut is_sent = || !missing.rarely(8);
        if is_sent() {
            records.push(Record::Organisation(passport(place, seeds.passport, year)));
        }
        if is_sent() {
            for (index, number) in seeds.pupils.iter().enumerate() {
                pupil(place, index, *number, year, records);
            }
        }
        if is_sent() {
            for (index, number) in seeds.staff.iter().enumerate() {
                staff(place, index, *number, year, records);
            }
        }
        if is_sent() {
            for (index, number) in seeds.classes.iter().enumerate() {
                records.push(Record::Class(class(place, index, *number, year)));
            }
        }
        if is_sent() {
            records.push(Record::Infrastructure(infrastructure(
                place,
                seeds.passport ^ seeds.reported,
                year,
            )));
        }
        if is_sent() {
            for (index, number) in seeds.marks.iter().enumerate() {
                marks(place, index, *number, year, records);
            }
        }
        if is_sent() {
            for (index, number) in seeds.exams.iter().enumerate() {
                exams(place, index, *number, year, records);
            }
        }
        vacancies(place, seeds.passport ^ seeds.reported, year, records);
        registers::rows(place, seeds.passport ^ seeds.reported, year, records);
        services::rows(place, seeds.passport.rotate_left(11) ^ seeds.reported, year, records);
        studies::of_organisation(place, seeds.passport.rotate_left(23) ^ seeds.reported, year, records);
    }
}

fn passport(place: &Place, number: u64, reporting: i32) -> Organisation {
    let mut bits = Bits(number.rotate_right(7));
    let (mut ownership, mut locality) = (bits.one(Ownership::ALL), bits.one(Locality::ALL));
    if reporting != YEARS[0] && bits.rarely(4) {
        (ownership, locality) = (bits.one(Ownership::ALL), bits.one(Locality::ALL));
    }
    let opened = bits.one(&[None, Some(day(2000, 9, 1)), Some(day(2024, 10, 1)), Some(day(2024, 10, 2))]);
    let closed = bits.one(&[None, None, None, Some(day(2024, 10, 1)), Some(day(2024, 10, 2))]);
    let closed = closed.filter(|closed| opened.is_none_or(|opened| opened <= *closed));
    // The rest may differ from year to year.
    let mut bits = Bits(bits.0.rotate_right(u32::try_from(reporting % 7).unwrap()));
    Organisation {
        year: year(reporting),
        district: place.district(reporting),
        org_bin: place.bin,
        org_type: place.org_type,
        ownership,
        department: None,
        name_kk: Some(format!("№ {} ұйым", place.index)),
        name_ru: format!("организация \"{}\", район", place.index),
        name_en: None,
        settlement: None,
        locality,
        language: bits.one(Language::ALL),
        shifts: 1 + bits.small(3),
        design_capacity: i32::from(bits.small(90)),
        is_small_class: bits.rarely(2),
        is_support_school: None,
        building_state: bits.one(&[None, Some(BuildingState::Normal), Some(BuildingState::Emergency)]),
        opened,
        closed: closed.filter(|closed| opened.is_none_or(|opened| opened <= *closed)),
        merged_into: closed.and_then(|_| bits.one(&[None, Some(bin(place.index + 1))])),
        split_from: opened.and_then(|_| bits.one(&[None, Some(bin(place.index + 1))])),
        patron_count: bits.one(&[None, Some(0), Some(2)]),
        has_target_order: bits.one(&[None, Some(false), Some(true)]),
        is_inclusive: bits.one(&[None, Some(false), Some(true)]),
    }
}

fn bits_or_none<T: Copy>(bits: &mut Bits, of: &[T]) -> Option<T> {
    (!bits.rarely(3)).then(|| bits.one(of))
}

/// A learner of one organisation, or of its neighbour too.
pub fn person(place: &Place, index: usize, is_shared: bool) -> Pseudonym {
    let home = if is_shared { place.index / 2 } else { place.index };
    Pseudonym::from_bits(0x00c0_ffee_0000_0000 + (home as u64) * 1000 + index as u64)
}

#[expect(clippy::too_many_lines, reason = "one record, field by field")]
fn pupil(place: &Place, index: usize, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let sex = bits.one(Sex::ALL);
    let (mut level, mut grade) = place.grade(&mut bits);
    let repeats = bits.rarely(3);
    let first_only = bits.rarely(6);
    let second_only = bits.rarely(6);
    let is_first = reporting == YEARS[0];
    if (is_first && second_only) || (!is_first && first_only) {
        return;
    }
    let schooled = matches!(place.org_type.group(), OrgGroup::School);
    let base = if schooled { grade + 5 } else { [4, 16][usize::from(level != Level::PreSchool)] };
    let birth_year = 2023 - u16::from(base) + 1 - u16::from(bits.small(4));
    let birth = format!("{birth_year}-{:02}", 1 + bits.small(12));
    if !is_first && schooled && !repeats {
        if grade == 12 {
            return;
        }
        grade += 1;
        level = Level::of_grade(grade).unwrap();
    }
    let result = if !is_first && repeats {
        Some(PrevGradeResult::Repeated)
    } else {
        bits.one(&[
            Some(PrevGradeResult::Promoted),
            None,
            Some(PrevGradeResult::NewEntrant),
            Some(PrevGradeResult::Conditional),
            Some(PrevGradeResult::Repeated),
        ])
    };
    let from = bits.one(&[
        day(2022, 9, 1),
        day(reporting, 9, 1),
        day(reporting, 10, 1),
        day(reporting, 10, 2),
        day(reporting - 1, 10, 1),
        day(reporting - 1, 10, 2),
    ]);
    let to = bits.one(&[
        None,
        None,
        Some(day(reporting, 10, 1)),
        Some(day(reporting, 10, 2)),
        Some(day(reporting - 1, 10, 1)),
        Some(day(reporting - 1, 10, 2)),
    ]);
    let to = to.filter(|to| from <= *to);
    let reason = bits.one(ExitReason::ALL);
    // What does not change the learner's path, from bits of its own.
    let mut more = Bits(number.rotate_left(37));
    let is_student = matches!(level, Level::Tve | Level::PostSecondary);
    let home_language = bits_or_none(&mut more, Language::ALL);
    let nominal_years = more.one(&[Some(2), Some(1), Some(3), None]).filter(|_| is_student);
    let speciality = more.one(&["07130100", "01120100", "0", "06130100"]);
    let dormitory = bits_or_none(&mut more, Dormitory::ALL);
    let is_dual = more.rarely(3) && level == Level::Tve;
    let stated =
        more.one(&[None, Some(Destination::Work), Some(Destination::Grade10), Some(Destination::Other)]);
    let row = Pupil {
        year: year(reporting),
        district: place.district(reporting),
        org_bin: place.bin,
        pid: person(place, index, bits.rarely(4)),
        birth: birth.parse().unwrap(),
        sex,
        level,
        grade,
        class_letter: bits.rarely(2).then_some(Code::Borrowed("Ә")),
        language: bits.one(Language::ALL),
        shift: bits.one(&[Some(1), Some(2), Some(3), None]),
        study_form: bits.one(StudyForm::ALL),
        funding: bits.one(Funding::ALL),
        has_sen: bits.rarely(4),
        citizenship: None,
        home_language,
        residence: None,
        enrol_from: from,
        enrol_to: to,
        exit_reason: to.map(|_| reason),
        prev_grade_result: result,
        is_dual: Some(is_dual),
        employer_bin: is_dual.then_some(place.bin),
        speciality: is_student.then_some(Code::Borrowed(speciality)),
        nominal_years,
        dormitory,
        destination: stated.filter(|_| to.is_some()),
    };
    // One learner in five has an earlier enrolment here; some of these were never ended.
    if bits.rarely(5) && from > day(2022, 9, 1) {
        let ended = bits.one(&[Some(day(2022, 9, 1)), Some(from), None]);
        let earlier = Pupil {
            enrol_from: day(2021, 9, 1),
            enrol_to: ended,
            exit_reason: ended.map(|_| reason),
            destination: row.destination.filter(|_| ended.is_some()),
            language: bits.one(Language::ALL),
            ..row.clone()
        };
        records.push(Record::Pupil(earlier));
    }
    records.push(Record::Pupil(row));
}

fn staff(place: &Place, index: usize, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let row = Staff {
        year: year(reporting),
        district: place.district(reporting),
        org_bin: place.bin,
        tid: Pseudonym::from_bits(0x7ea0_0000 + (place.index as u64) * 100 + index as u64),
        sex: bits.one(Sex::ALL),
        birth: format!("{}-{:02}", bits.one(&[1980_i32, 1973, 1974, 1961]), 1 + bits.small(12))
            .parse()
            .unwrap(),
        position: bits.one(&[Position::Teacher, Position::Head]),
        is_teacher: !bits.rarely(4),
        education: bits.one(Education::ALL),
        subject: None,
        load_hours: None,
        rate_fte: Hundredths(i32::from(bits.one(&[100_u8, 50, 150]))),
        is_main_job: !bits.rarely(4),
        experience_years: bits.one(&[None, Some(0), Some(7)]),
        category: bits.one(Category::ALL),
        category_from: None,
        category_to: bits.one(&[None, Some(day(reporting, 9, 30)), Some(day(reporting, 10, 1))]),
        salary_band: None,
        left_reason: bits.one(&[None, None, None, Some(LeftReason::Retired), Some(LeftReason::Transfer)]),
        has_pedagogical_education: bits.one(&[None, Some(true), Some(false)]),
    };
    development(&row, bits.0, records);
    // One person in three holds a second position, sometimes at the same rate.
    if bits.rarely(3) {
        let second = Staff {
            position: bits.one(&[Position::Deputy, Position::Psychologist]),
            category: bits.one(Category::ALL),
            rate_fte: Hundredths(i32::from(bits.one(&[50_u8, 100]))),
            is_teacher: true,
            ..row.clone()
        };
        records.push(Record::Staff(second));
    }
    records.push(Record::Staff(row));
}

/// A course and a decision on the category of a member of staff, around the fixing.
fn development(teacher: &Staff, number: u64, records: &mut Vec<Record>) {
    let mut bits = Bits(number.rotate_right(3));
    let reporting = i32::from(teacher.year);
    let days = [(9, 30), (10, 1), (10, 2), (3, 5)];
    if bits.rarely(2) {
        let (month, number) = bits.one(&days);
        // Some of them years ago, at the edge of what still counts.
        let ended_on = day(reporting - i32::from(bits.one(&[0_u8, 0, 0, 2, 3])), month, number);
        records.push(Record::Training(Training {
            year: teacher.year,
            district: teacher.district,
            org_bin: teacher.org_bin,
            tid: teacher.tid,
            provider_bin: bin(900),
            certificate_no: "S1".to_owned(),
            course: Code::Borrowed("course"),
            subject: None,
            hours: 36,
            form: StudyForm::Full,
            started_on: ended_on,
            ended_on,
            funding: None,
            result: Code::Borrowed(bits.one(&["passed", "failed"])),
        }));
    }
    if bits.rarely(2) {
        let (month, number) = bits.one(&days);
        let category_before = bits.one(Category::ALL);
        records.push(Record::Certification(Certification {
            year: teacher.year,
            district: teacher.district,
            org_bin: teacher.org_bin,
            tid: teacher.tid,
            sex: teacher.sex,
            application_no: format!("Z{reporting}"),
            stage: Code::Borrowed("decision"),
            category_applied: bits.one(&Category::ALL[1..6]),
            category_before: bits.rarely(4).then_some(category_before),
            is_head: false,
            score_percent: None,
            held_on: day(reporting, month, number),
            result: Code::Borrowed(bits.one(&["granted", "granted", "refused"])),
            valid_to: None,
            commission: None,
        }));
    }
    assessments(teacher, mixed(number, 5), records);
}

/// Up to two knowledge assessments of a member of staff, around the thresholds of the categories.
fn assessments(teacher: &Staff, number: u64, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    for test in 0..bits.below(3) {
        let score = bits.one(&[500, 499, 600, 599, 700, 699, 800, 799, 900, 899]);
        records.push(Record::Certification(Certification {
            year: teacher.year,
            district: teacher.district,
            org_bin: teacher.org_bin,
            tid: teacher.tid,
            sex: teacher.sex,
            application_no: format!("T{test}"),
            stage: Code::Borrowed("knowledge_test"),
            category_applied: bits.one(&Category::ALL[1..6]),
            category_before: None,
            is_head: bits.rarely(5),
            score_percent: Some(Tenths(score)),
            held_on: day(i32::from(teacher.year), 4, 1),
            result: Code::Borrowed("passed"),
            valid_to: None,
            commission: None,
        }));
    }
}

/// Positions of an organisation that nobody holds.
fn vacancies(place: &Place, number: u64, reporting: i32, records: &mut Vec<Record>) {
    let mut bits = Bits(number.rotate_right(u32::try_from(reporting % 5).unwrap()));
    let (district, org_bin, year) = (place.district(reporting), place.bin, year(reporting));
    for vacancy in 0..bits.below(3) {
        let vacant_from = bits.one(&[None, Some(day(reporting, 10, 1)), Some(day(reporting, 10, 2))]);
        records.push(Record::Vacancy(Vacancy {
            year,
            district,
            org_bin,
            vacancy_no: vacancy.to_string(),
            position: Position::Teacher,
            is_teacher: !bits.rarely(4),
            subject: None,
            rate_fte: Hundredths(i32::from(bits.one(&[100_u8, 50]))),
            vacant_from,
        }));
    }
}

fn class(place: &Place, index: usize, number: u64, reporting: i32) -> Class {
    let mut bits = Bits(number);
    let (level, grade) = place.grade(&mut bits);
    Class {
        year: year(reporting),
        district: place.district(reporting),
        org_bin: place.bin,
        class_id: format!("{grade}-{index}"),
        level,
        grade,
        grade_to: None,
        language: bits.one(Language::ALL),
        shift: 1,
        pupil_count: i32::from(bits.small(30)),
    }
}

fn infrastructure(place: &Place, number: u64, reporting: i32) -> Infrastructure {
    let mut bits = Bits(number);
    let speed = bits.one(&[None, Some(1999), Some(2000), Some(30_000)]);
    let recent = i32::from(bits.small(9));
    Infrastructure {
        year: year(reporting),
        district: place.district(reporting),
        org_bin: place.bin,
        has_electricity: bits.rarely(2),
        has_internet: speed.is_some(),
        measured_mbps: speed.map(Hundredths),
        computers_teaching: recent + i32::from(bits.small(5)),
        computers_recent: recent,
        has_physics_room: bits.rarely(3),
        has_chemistry_room: bits.rarely(3),
        has_biology_room: bits.rarely(3),
        has_stem_room: bits.rarely(3),
        textbooks_required: i32::from(bits.small(20)),
        textbooks_held: i32::from(bits.small(20)),
        has_drinking_water: bits.rarely(2),
        has_single_sex_toilets: bits.rarely(2),
        has_handwashing: bits.rarely(2),
        has_ramp: bits.rarely(2),
        has_canteen: true,
        has_gym: true,
        repair_year: None,
    }
}

fn marks(place: &Place, index: usize, number: u64, reporting: i32, records: &mut Vec<Record>) {
    if place.org_type.group() != OrgGroup::School {
        return;
    }
    let mut bits = Bits(number);
    let grade = bits.one(&[1, 4, 5, 9, 10]);
    let (sex, language) = (bits.one(Sex::ALL), bits.one(Language::ALL));
    for subject in ["algebra", "kazakh"] {
        let period = bits.one(&[Period::Final, Period::Final, Period::Year]);
        let mark = bits.one(&[Some(5), Some(4), Some(3), Some(2), None]);
        let unmarked = bits.one(&[GradeStatus::NotAttested, GradeStatus::Exempt]);
        records.push(Record::Mark(Mark {
            year: year(reporting),
            district: place.district(reporting),
            org_bin: place.bin,
            pid: person(place, index, false),
            sex,
            level: Level::of_grade(grade).unwrap(),
            grade,
            language,
            period,
            subject: Code::Borrowed(subject),
            mark,
            status: if mark.is_some() { GradeStatus::Attested } else { unmarked },
        }));
    }
}

fn exams(place: &Place, index: usize, number: u64, reporting: i32, records: &mut Vec<Record>) {
    if place.org_type.group() != OrgGroup::School {
        return;
    }
    let mut bits = Bits(number);
    let exam_grade = bits.one(&[9, 11]);
    let (sex, language) = (bits.one(Sex::ALL), bits.one(Language::ALL));
    let is_admitted = !bits.rarely(4);
    for (subject, attempt) in [("algebra", 1), ("algebra", 2), ("kazakh", 1)] {
        if attempt == 2 && !bits.rarely(2) {
            continue;
        }
        let mark = bits.one(&[Some(5), Some(4), Some(3), Some(2), None]);
        records.push(Record::Exam(ExamMark {
            year: year(reporting),
            district: place.district(reporting),
            org_bin: place.bin,
            pid: person(place, index, false),
            sex,
            language,
            exam_grade,
            subject: Code::Borrowed(subject),
            attempt,
            form: None,
            score_raw: None,
            score_max: None,
            mark: mark.filter(|_| is_admitted),
            is_admitted,
            honours: bits.one(&[
                None,
                Some(Honours::None),
                Some(Honours::Honours),
                Some(Honours::AltynBelgi),
            ]),
        }));
    }
}

/// The person of number `index` who sits the test.
fn leaver(index: usize) -> Pseudonym {
    Pseudonym::from_bits(0x00c0_ffee_0000_0000 + (index as u64 % 2) * 1000 + index as u64 / 2)
}

/// A person's sittings of the admission test, at any of the schools, both years alike.
fn sittings(index: usize, number: u64, places: &[Place], records: &mut Vec<Record>) {
    for reporting in YEARS {
        let mut bits = Bits(number.rotate_right(u32::try_from(reporting % 3).unwrap()));
        let sex = bits.one(Sex::ALL);
        for (session, attempt) in
            [(UntSession::January, 1), (UntSession::Main, 1), (UntSession::Main, 2), (UntSession::August, 1)]
        {
            if bits.rarely(2) {
                continue;
            }
            let place = bits.one(places);
            let language = bits.one(&[Language::Kk, Language::Ru]);
            let status = bits.one(&[UntStatus::Valid, UntStatus::Valid, UntStatus::Annulled]);
            let total = i32::from(bits.one(&[50_u8, 49, 100, 99, 120]));
            let grant_applied = bits.one(&[None, Some(true), Some(false)]);
            let grant_awarded = bits.one(&[None, Some(true), Some(false)]);
            let left = u16::try_from(reporting).unwrap();
            let leaver_year =
                Bits(number.rotate_left(7)).one(&[None, Some(left), Some(left), Some(left - 1)]);
            for subject in SUBJECTS {
                let score = i32::from(bits.one(&[5_u8, 2, 3, 4, 10]));
                records.push(Record::Unt(UntRow {
                    year: year(reporting),
                    district: place.district(reporting),
                    org_bin: place.bin,
                    // A leaver of one of the first two schools, if these have so many.
                    pid: leaver(index),
                    sex,
                    language,
                    leaver_year,
                    session,
                    attempt,
                    profile: None,
                    subject: Code::Borrowed(subject),
                    score,
                    score_max: 20,
                    total,
                    total_max: 140,
                    status,
                    grant_applied,
                    grant_awarded,
                }));
            }
        }
    }
}

/// Population of the regions on 1 January of 2024 and 2025 in one or two editions, with rows that no
/// indicator may count: a district, the country, totals, an age group.
fn population_rows(number: u64, records: &mut Vec<Record>) {
    let mut bits = Bits(number);
    let is_silent = bits.rarely(6);
    let has_second = bits.rarely(2);
    for january in [2024, 2025] {
        for (territory, count) in [(110_000_000, 40), (150_000_000, 25), (DISTRICTS[0], 900), (0, 3000)] {
            if territory == 150_000_000 && is_silent {
                continue;
            }
            let editions = if has_second { 2 } else { 1 };
            for edition in 0..editions {
                let row = |age: i32, age_to: i32, sex, locality| {
                    let shift = i64::from(january - 2020) + i64::from(edition) * 11;
                    Record::Population(PopulationRow {
                        year: year(january),
                        kato: RepublicOr((territory != 0).then(|| kato(territory))),
                        age,
                        age_to,
                        sex: TotalOr(sex),
                        locality: TotalOr(locality),
                        population: (i64::from(age + 2) * 7 + shift) % 13 + count,
                        publisher: Code::Borrowed("bns"),
                        edition: Code::Owned(format!("{january}-{edition}")),
                        published_on: Some(day(january, 5 + edition, 1)),
                        status: PopulationStatus::Final,
                    })
                };
                for age in 1..=24 {
                    for sex in Sex::ALL {
                        for locality in Locality::ALL {
                            records.push(row(age, age, Some(*sex), Some(*locality)));
                        }
                    }
                }
                records.push(row(7, 7, None, None));
                records.push(row(-1, -1, Some(Sex::Male), Some(Locality::Rural)));
                records.push(row(6, 9, Some(Sex::Male), Some(Locality::Urban)));
            }
        }
    }
}

/// The passport of a school that works in every year.
pub fn passport_of(org_type: OrgType) -> Organisation {
    let place = Place { index: 0, bin: bin(0), districts: [kato(DISTRICTS[0]); 2], org_type };
    Organisation { org_type, opened: None, closed: None, ..passport(&place, 0, YEARS[0]) }
}

/// A pupil of that school: there since 2015, or left in June of the year.
pub fn plain_pupil(reporting: i32, pid: u64, grade: u8, left: Option<ExitReason>) -> Pupil {
    Pupil {
        year: year(reporting),
        district: kato(DISTRICTS[0]),
        org_bin: bin(0),
        pid: Pseudonym::from_bits(pid),
        birth: format!("{}-03", reporting - i32::from(grade) - 6).parse().unwrap(),
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
        enrol_from: day(2015, 9, 1),
        enrol_to: left.map(|_| day(reporting, 6, 15)),
        exit_reason: left,
        prev_grade_result: Some(PrevGradeResult::Promoted),
        is_dual: None,
        employer_bin: None,
        speciality: None,
        nominal_years: None,
        dormitory: None,
        destination: None,
    }
}
