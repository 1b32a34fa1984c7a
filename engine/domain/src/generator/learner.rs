//! Rows of S1.PUPIL and S1.CLASS.

use std::collections::BTreeMap;

use super::dice::{Topic, below, high, permille};
use super::life::{Life, Stay, StayKind};
use super::plan::{OrgPlan, Plan, bin};
use crate::dimension::{Language, Ownership};
use crate::ids::Bin;
use crate::level::Level;
use crate::modality::StudyForm;
use crate::records::{
    Class, Code, Destination, Dormitory, ExitReason, Funding, OrgGroup, OrgType, PrevGradeResult, Pupil,
};
use crate::year::Year;

/// A learner with the stay that a row is about.
pub(super) struct Enrolment {
    pub life: Life,
    pub stay: Stay,
    /// Left between the as-of date of the year before and that of the year.
    pub has_left: bool,
    /// Autumn that grade and class are those of: the year's, or the one before.
    pub autumn: i32,
    pub level: Level,
    pub grade: u8,
}

/// Every learner of an organisation in the autumn of `year`, and who left before it.
pub(super) fn enrolments(plan: &Plan, org: u32, year: i32) -> Vec<Enrolment> {
    let mut found = Vec::new();
    // Cohorts, by the year of entering school, that may be in such an organisation.
    let (from, to) = match plan.org(org).group() {
        OrgGroup::PreSchool => (year, year + 4),
        OrgGroup::School => (year - 13, year),
        OrgGroup::College => (year - 16, year - 9),
    };
    for source in &plan.org(org).sources {
        for cohort in from..=to {
            let mut blocks = plan.dice.blocks(Topic::Learner, *source, first_block(cohort));
            for number in 0..plan.intake(*source, cohort) {
                let life = Life::new(plan, *source, cohort, number, blocks.next());
                if let Some(enrolment) = in_organisation(life, org, year) {
                    found.push(enrolment);
                }
            }
        }
    }
    found
}

/// Room for a million learners a cohort.
pub(super) fn first_block(cohort: i32) -> u32 {
    (cohort.unsigned_abs() % 4_000) << 20
}

fn in_organisation(life: Life, org: u32, year: i32) -> Option<Enrolment> {
    let is_here = |stay: &&Stay| {
        stay.org == org
            && stay.first_autumn <= year
            && year <= stay.end_autumn
            && stay.first_autumn < stay.end_autumn
    };
    // Back in the same organisation: the later stay is the one of the year.
    let stay = *life.stays().filter(is_here).last()?;
    let has_left = stay.end_autumn == year;
    let autumn = if has_left { year - 1 } else { year };
    let (level, grade) = match stay.kind {
        StayKind::Kindergarten => (Level::PreSchool, 0),
        StayKind::School => {
            let grade = life.grade(autumn);
            (Level::of_grade(grade).ok()?, grade)
        }
        StayKind::College(level) => {
            let course = autumn - stay.first_autumn + 1;
            (level, u8::try_from(course).unwrap_or(1))
        }
    };
    Some(Enrolment { life, stay, has_left, autumn, level, grade })
}

/// A class of parallel classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClassPlace {
    /// Number among the parallel classes.
    index: u32,
    pub language: Language,
    pub shift: u8,
}

const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl ClassPlace {
    /// `A` to `Z`, then `A2` and so on: a few grades of large schools have more classes than letters.
    pub fn letter(self) -> String {
        let letter = char::from(LETTERS[self.index as usize % LETTERS.len()]);
        match self.index / 26 {
            0 => letter.to_string(),
            round => format!("{letter}{}", round + 1),
        }
    }
}

/// The class of a learner; the same for all years of a learner who stays and passes.
pub(super) fn class_place(plan: &Plan, enrolment: &Enrolment) -> ClassPlace {
    let org = plan.org(enrolment.stay.org);
    let life = &enrolment.life;
    // The cohort that is in this grade without having repeated one.
    let nominal = match org.group() {
        OrgGroup::PreSchool => life.cohort,
        _ => enrolment.autumn - i32::from(enrolment.grade),
    };
    let key = u64::from(enrolment.stay.org) << 32 | u64::from(nominal.unsigned_abs());
    let parallel = parallel_classes(plan, enrolment, nominal);
    let is_own = org.group() == OrgGroup::School
        && life.origin == enrolment.stay.org
        && nominal == life.cohort - i32::from(org.first_grade);
    let index = if is_own {
        life.number * parallel / plan.intake(life.origin, life.cohort).max(1)
    } else {
        below(life.words[13], parallel)
    };
    let index = index.min(parallel - 1);
    ClassPlace {
        index,
        language: class_language(plan, org, key, parallel, index),
        shift: class_shift(org, enrolment.grade, index),
    }
}

fn parallel_classes(plan: &Plan, enrolment: &Enrolment, nominal: i32) -> u32 {
    let org = plan.org(enrolment.stay.org);
    let expected = match org.group() {
        OrgGroup::PreSchool | OrgGroup::College => plan.size(org, enrolment.autumn) / 4,
        OrgGroup::School => {
            let cohort = nominal + i32::from(org.first_grade);
            let fed = org.feeders.iter().filter(|feeder| plan.org(**feeder).last_grade < enrolment.grade);
            let fed: u32 = fed.map(|feeder| plan.intake(*feeder, cohort)).sum();
            let all = plan.intake(enrolment.stay.org, cohort) + fed;
            // Many leave after grade 9.
            if enrolment.grade >= 10 { all * 62 / 100 } else { all }
        }
    };
    expected.div_ceil(26).clamp(1, 4 * 26)
}

fn class_language(plan: &Plan, org: &OrgPlan, key: u64, parallel: u32, index: u32) -> Language {
    if org.language != Language::Mixed {
        return org.language;
    }
    // In a mixed organisation each class has one language.
    let kazakh = plan.traits(org).kazakh;
    let is_kazakh =
        if parallel == 1 { plan.dice.permille(key, 31) < kazakh } else { index * 1000 < parallel * kazakh };
    if is_kazakh { Language::Kk } else { Language::Ru }
}

fn class_shift(org: &OrgPlan, grade: u8, index: u32) -> u8 {
    // Beginners and leavers always learn in the morning.
    if org.shifts == 1 || matches!(grade, 0 | 1 | 5 | 9 | 11) {
        return 1;
    }
    let turn = (u32::from(grade) + index) % u32::from(org.shifts);
    1 + u8::try_from(turn).unwrap_or(0)
}

/// The row of an enrolment.
pub(super) fn pupil(plan: &Plan, enrolment: &Enrolment, year: Year) -> Pupil {
    let org = plan.org(enrolment.stay.org);
    let district = plan.district(org, year);
    let life = &enrolment.life;
    let stay = &enrolment.stay;
    let class = class_place(plan, enrolment);
    let is_dual = enrolment.level == Level::Tve && permille(life.words[15]) < 190;
    Pupil {
        year,
        district,
        org_bin: org.bin,
        pid: life.pid,
        birth: life.birth,
        sex: life.sex,
        level: enrolment.level,
        grade: enrolment.grade,
        class_letter: (!org.is_small).then(|| Code::Owned(class.letter())),
        language: class.language,
        shift: (org.group() != OrgGroup::PreSchool).then_some(class.shift),
        study_form: study_form(org, life),
        funding: funding(org, life),
        has_sen: org.org_type == OrgType::Special || permille(life.words[14].rotate_left(8)) < 38,
        citizenship: None,
        home_language: home_language(class.language, life),
        residence: Some(district),
        enrol_from: stay.from,
        enrol_to: enrolment.has_left.then_some(stay.to),
        exit_reason: enrolment.has_left.then_some(stay.reason),
        prev_grade_result: prev_grade_result(enrolment),
        is_dual: matches!(enrolment.level, Level::Tve).then_some(is_dual),
        employer_bin: if is_dual { employer(plan, stay.org, life) } else { None },
        speciality: stay.nominal_years.map(|_| Code::Borrowed(speciality(life))),
        nominal_years: stay.nominal_years,
        dormitory: stay.nominal_years.map(|_| dormitory(plan, org, life)),
        destination: destination(enrolment, year),
    }
}

/// Specialities of colleges: code of the national classifier, how many of a thousand students learn it.
const SPECIALITIES: [(&str, u32); 10] = [
    ("01120100", 90),
    ("02130100", 60),
    ("04110100", 110),
    ("06120100", 70),
    ("06130100", 110),
    ("07130100", 120),
    ("07150700", 130),
    ("07320100", 120),
    ("09130100", 110),
    ("10130300", 80),
];

/// The speciality that a student learns for the whole of the stay.
pub(super) fn speciality(life: &Life) -> &'static str {
    let mut draw = permille(life.words[8].rotate_left(16));
    for (code, share) in SPECIALITIES {
        if draw < share {
            return code;
        }
        draw -= share;
    }
    SPECIALITIES[0].0
}

/// A third of the students need a place; most get one, more where money is.
fn dormitory(plan: &Plan, org: &OrgPlan, life: &Life) -> Dormitory {
    let wealth = plan.traits(org).wealth;
    match (permille(life.words[10].rotate_left(8)), permille(life.words[10].rotate_left(16))) {
        (340.., _) => Dormitory::NotNeeded,
        (_, draw) if draw < 780 + wealth / 8 => Dormitory::Given,
        _ => Dormitory::Needed,
    }
}

/// What a school says of a leaver of grade 9; one in five who is nowhere to be seen stays unknown.
fn destination(enrolment: &Enrolment, year: Year) -> Option<Destination> {
    let stay = &enrolment.stay;
    if !enrolment.has_left || enrolment.grade != 9 || stay.kind != StayKind::School {
        return None;
    }
    let next = enrolment.life.stays().find(|next| next.first_autumn == i32::from(year));
    match (next.map(|next| next.kind), stay.reason) {
        (Some(StayKind::College(_)), _) => Some(Destination::Tve),
        (Some(_), _) => Some(Destination::Grade10),
        (None, ExitReason::Emigrated | ExitReason::Died) => Some(Destination::Other),
        (None, _) => match permille(enrolment.life.words[12].rotate_left(16)) {
            0..600 => Some(Destination::Work),
            600..800 => Some(Destination::Other),
            _ => None,
        },
    }
}

fn study_form(org: &OrgPlan, life: &Life) -> StudyForm {
    if org.org_type == OrgType::Evening {
        return StudyForm::Evening;
    }
    let draw = permille(life.words[14].rotate_left(16));
    match org.group() {
        OrgGroup::College if draw < 60 => StudyForm::Evening,
        OrgGroup::College if draw < 70 => StudyForm::Distance,
        OrgGroup::School if draw < 8 => StudyForm::Home,
        OrgGroup::School if draw < 10 => StudyForm::Distance,
        _ => StudyForm::Full,
    }
}

fn funding(org: &OrgPlan, life: &Life) -> Funding {
    let draw = permille(life.words[10].rotate_left(16));
    match (org.group(), org.ownership) {
        (OrgGroup::School, Ownership::State) => Funding::StateOrder,
        (OrgGroup::School, Ownership::Private) if draw < 700 => Funding::PerCapita,
        (OrgGroup::PreSchool, Ownership::State) if draw < 950 => Funding::StateOrder,
        (OrgGroup::PreSchool, Ownership::Private) if draw < 780 => Funding::StateOrder,
        (OrgGroup::College, _) if draw < 684 => Funding::StateOrder,
        _ => Funding::Paid,
    }
}

/// One in ten speaks another language at home; of a third it is not known.
fn home_language(instruction: Language, life: &Life) -> Option<Language> {
    match permille(life.words[9].rotate_left(16)) {
        0..330 => None,
        330..430 if instruction == Language::Kk => Some(Language::Ru),
        330..430 => Some(Language::Kk),
        _ => Some(instruction),
    }
}

fn prev_grade_result(enrolment: &Enrolment) -> Option<PrevGradeResult> {
    let Enrolment { life, stay, autumn, .. } = enrolment;
    let is_first = stay.is_entry && *autumn == stay.first_autumn;
    match stay.kind {
        StayKind::Kindergarten => None,
        _ if is_first => Some(PrevGradeResult::NewEntrant),
        StayKind::School if life.repeats(*autumn) => Some(PrevGradeResult::Repeated),
        _ if permille(life.words[15].rotate_left(8)) < 4 => Some(PrevGradeResult::Conditional),
        _ => Some(PrevGradeResult::Promoted),
    }
}

/// Each college has a few partners in dual training.
fn employer(plan: &Plan, college: u32, life: &Life) -> Option<Bin> {
    let partner =
        below(high(plan.dice.hash(u64::from(college), u64::from(below(life.words[15], 5)))), 40_000);
    bin(350_000 + partner).ok()
}

/// Rows of S1.CLASS, from the learners themselves, so that the totals agree.
pub(super) fn classes(plan: &Plan, org: u32, year: Year) -> Vec<Class> {
    let school = plan.org(org);
    let mut counts: BTreeMap<(u8, u32), (ClassPlace, i32)> = BTreeMap::new();
    for enrolment in enrolments(plan, org, i32::from(year)) {
        if !enrolment.has_left {
            let place = class_place(plan, &enrolment);
            let class = counts.entry((enrolment.grade, place.index)).or_insert((place, 0));
            class.1 += 1;
        }
    }
    let mut rows: Vec<Class> = counts
        .into_iter()
        .map(|((grade, _), (place, pupil_count))| Class {
            year,
            district: plan.district(school, year),
            org_bin: school.bin,
            class_id: format!("{grade}{}", place.letter()),
            level: Level::of_grade(grade).expect("grades of schools are 1 to 11"),
            grade,
            grade_to: None,
            language: place.language,
            shift: place.shift,
            pupil_count,
        })
        .collect();
    if school.is_small {
        combine(&mut rows);
    }
    rows
}

/// Most pupils that two grades of a small-class school may have together.
const MAX_COMBINED: i32 = 14;

/// Joins grades 1 with 2 and 3 with 4 where both are small.
fn combine(rows: &mut Vec<Class>) {
    for first in [1, 3] {
        let Some(upper) = rows.iter().position(|row| row.grade == first + 1) else {
            continue;
        };
        let count = rows[upper].pupil_count;
        let lower = rows.iter_mut().find(|row| row.grade == first && row.pupil_count + count <= MAX_COMBINED);
        if let Some(lower) = lower {
            lower.pupil_count += count;
            lower.grade_to = Some(first + 1);
            lower.class_id = format!("{first}-{}", first + 1);
            rows.remove(upper);
        }
    }
}
