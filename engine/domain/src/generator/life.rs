//! The path of one learner through organisations.
//!
//! A learner is born in the catchment of one school and owns one block of chance
//! there. From it and the plan follows the whole path: kindergarten, schools,
//! college. Nothing is remembered between years, so every year agrees with every
//! other.

use chrono::{Days, NaiveDate};

use super::dice::{Words, below, permille};
use super::plan::{OrgPlan, Plan};
use crate::dimension::Sex;
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::records::{ExitReason, OrgType};
use crate::year_month::YearMonth;

/// Stay in one organisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stay {
    pub org: u32,
    pub kind: StayKind,
    /// First autumn in it.
    pub first_autumn: i32,
    /// First autumn not in it.
    pub end_autumn: i32,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub reason: ExitReason,
    /// The learner was not in a school, or not in this kind of one, before.
    pub is_entry: bool,
    /// Nominal duration of the programme of a college.
    pub nominal_years: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StayKind {
    Kindergarten,
    School,
    College(Level),
}

/// Longest path: kindergarten, five schools, college.
const MAX_STAYS: usize = 8;

/// One learner.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub pid: Pseudonym,
    pub sex: Sex,
    pub birth: YearMonth,
    pub words: Words,
    /// School of the catchment, year of entering its first grade, number among them.
    pub origin: u32,
    pub cohort: i32,
    pub number: u32,
    first_grade: u8,
    repeated_grade: Option<u8>,
    stays: [Option<Stay>; MAX_STAYS],
}

impl Life {
    /// The learner `number` of a cohort of the catchment of school `origin`.
    pub fn new(plan: &Plan, origin: u32, cohort: i32, number: u32, words: Words) -> Self {
        let school = plan.org(origin);
        let key = u64::from(origin) << 36
            | u64::from(cohort.unsigned_abs() & 0xfff) << 24
            | u64::from(number & 0xff_ffff);
        let mut life = Self {
            pid: Pseudonym::from_bits(plan.dice.identity(key)),
            sex: if permille(words[0]) < 487 { Sex::Female } else { Sex::Male },
            birth: birth(school.first_grade, cohort, &words),
            words,
            origin,
            cohort,
            number,
            first_grade: school.first_grade,
            repeated_grade: (permille(words[3]) < 90).then(|| 1 + small(words[3].rotate_left(16), 9)),
            stays: [None; MAX_STAYS],
        };
        let mut path = Path { plan, life: &mut life, length: 0 };
        path.kindergarten(school);
        path.schools(school);
        life
    }

    pub fn stays(&self) -> impl Iterator<Item = &Stay> {
        self.stays.iter().flatten()
    }

    /// School grade in the autumn of `year`.
    pub fn grade(&self, year: i32) -> u8 {
        let years = u8::try_from(year - self.cohort).unwrap_or(0);
        let grade = self.first_grade + years;
        match self.repeated_grade {
            Some(repeated) if repeated >= self.first_grade && grade > repeated => grade - 1,
            _ => grade,
        }
    }

    /// Whether the grade of that autumn is the one of the autumn before.
    pub fn repeats(&self, year: i32) -> bool {
        year > self.cohort && self.grade(year) == self.grade(year - 1)
    }

    /// First autumn in the grade.
    fn first_autumn_in(&self, grade: u8) -> i32 {
        let steps = i32::from(grade) - i32::from(self.first_grade);
        let delayed =
            self.repeated_grade.is_some_and(|repeated| repeated >= self.first_grade && repeated < grade);
        self.cohort + steps + i32::from(delayed)
    }
}

/// A number in 0..`limit`.
fn small(word: u32, limit: u8) -> u8 {
    u8::try_from(below(word, u32::from(limit))).unwrap_or(0)
}

fn years(word: u32, limit: u32) -> i32 {
    i32::try_from(below(word, limit)).unwrap_or(0)
}

/// Most enter at six on 1 September, a tenth at seven, a few at five.
fn birth(first_grade: u8, cohort: i32, words: &Words) -> YearMonth {
    let older = match permille(words[1]) {
        0..25 => -1,
        25..900 => 0,
        _ => 1,
    };
    // Evening schools are for those who left long ago.
    let late = if first_grade > 1 { 1 + years(words[2], 8) } else { 0 };
    let slot = small(words[2], 12);
    let grades_before = i32::from(first_grade) - 1;
    let (year, month) = if slot < 4 { (cohort - 7, 9 + slot) } else { (cohort - 6, slot - 3) };
    let year = u16::try_from(year - older - late - grades_before).unwrap_or(1900);
    YearMonth::new(year, month).expect("a month of a year that has cohorts")
}

pub(super) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("only called with days that every month has")
}

/// A day between the as-of dates before and of `autumn`.
fn between_autumns(autumn: i32, word: u32) -> NaiveDate {
    date(autumn - 1, 10, 10) + Days::new(u64::from(below(word, 340)))
}

/// A change of school: in which autumn, to where, and whether the family decided it.
#[derive(Debug, Clone, Copy)]
struct Change {
    autumn: i32,
    target: u32,
    is_move: bool,
}

/// Where a learner goes on after school.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    College,
    Elsewhere,
}

struct Path<'a> {
    plan: &'a Plan,
    life: &'a mut Life,
    length: usize,
}

impl Path<'_> {
    fn push(&mut self, stay: Stay) {
        if stay.first_autumn < stay.end_autumn && self.length < MAX_STAYS {
            self.life.stays[self.length] = Some(stay);
            self.length += 1;
        }
    }

    /// Two to five years before school, if a place is near.
    fn kindergarten(&mut self, school: &OrgPlan) {
        let words = &self.life.words;
        let attendance = self.plan.traits(school).attendance;
        let limit = u32::try_from(school.gardens.len()).unwrap_or(0);
        let Some(garden) = school.gardens.get(below(words[8], limit) as usize) else {
            return;
        };
        let years_before = match permille(words[7]) * 1000 / attendance.max(1) {
            0..400 => 4,
            400..750 => 3,
            750..920 => 2,
            920..1000 => 1,
            _ => return,
        };
        let cohort = self.life.cohort;
        let open = self.plan.org(*garden).first_autumn();
        let first_autumn = (cohort - years_before).max(open);
        self.push(Stay {
            org: *garden,
            kind: StayKind::Kindergarten,
            first_autumn,
            end_autumn: cohort,
            from: date(first_autumn, 9, 1),
            to: date(cohort, 8, 25),
            reason: ExitReason::Completed,
            is_entry: true,
            nominal_years: None,
        });
    }

    fn schools(&mut self, school: &OrgPlan) {
        let (last_grade, next) = self.destination(school);
        let cohort = self.life.cohort;
        let graduation = self.graduation(last_grade);
        let words = self.life.words;
        // One in twenty-five leaves the country or the register on the way.
        let exit = cohort + 1 + years(words[5].rotate_left(16), 10);
        let exits = permille(words[5]) < 40 && exit < graduation;
        let end = if exits { exit } else { graduation };

        let origin = self.life.origin;
        let mut changes = self.changes(school);
        changes.sort_by_key(|change| (change.autumn, change.is_move));
        let mut open = first_school(school, cohort, origin);
        let mut has_moved = false;
        for change in changes {
            let is_relevant = change.autumn > cohort
                && change.autumn < end
                && change.target != open.org
                && (change.is_move || !has_moved);
            if !is_relevant {
                continue;
            }
            has_moved |= change.is_move;
            let (closed, opened) = self.hand_over(open, change);
            self.push(closed);
            open = opened;
        }
        let (to, reason) = if exits {
            let reason = match permille(words[5].rotate_left(8)) {
                0..700 => ExitReason::Emigrated,
                700..760 => ExitReason::Died,
                760..800 => ExitReason::Expelled,
                _ => ExitReason::Other,
            };
            (between_autumns(exit, words[6]), reason)
        } else {
            (date(graduation, 6, 15), ExitReason::Completed)
        };
        // Whoever came in September cannot have left before it.
        let to = to.max(open.from.succ_opt().unwrap_or(open.from));
        self.push(Stay { end_autumn: end, to, reason, ..open });
        if !exits && next == Next::College {
            self.college(school, graduation, last_grade);
        }
    }

    /// First autumn after the last grade.
    fn graduation(&self, last_grade: u8) -> i32 {
        let repeats_last = self.life.repeated_grade == Some(last_grade);
        self.life.first_autumn_in(last_grade) + 1 + i32::from(repeats_last)
    }

    /// Last school grade and what follows it.
    fn destination(&self, school: &OrgPlan) -> (u8, Next) {
        let words = &self.life.words;
        let vocational = self.plan.traits(school).vocational;
        let has_college = !school.colleges.is_empty();
        let after_nine = permille(words[4]);
        if school.first_grade > 9 {
            return (11, Next::Elsewhere);
        }
        if after_nine < vocational && has_college {
            (9, Next::College)
        } else if after_nine > 970 || (school.org_type == OrgType::Special) {
            (9, Next::Elsewhere)
        } else if permille(words[12]) < 190 && has_college {
            (11, Next::College)
        } else {
            (11, Next::Elsewhere)
        }
    }

    fn changes(&self, school: &OrgPlan) -> Vec<Change> {
        let words = &self.life.words;
        let mut changes = Vec::new();
        if school.last_grade < 11 {
            changes.push(Change {
                autumn: self.graduation(school.last_grade),
                target: school.partner,
                is_move: false,
            });
        }
        if let Some(closed) = school.closed {
            changes.push(Change { autumn: closed, target: school.partner, is_move: false });
        }
        let target = match permille(words[6]) {
            0..110 => Some(school.partner),
            110..130 => Some(school.far),
            _ => None,
        };
        if let Some(target) = target.filter(|target| *target != self.life.origin) {
            let autumn = self.life.cohort + 1 + years(words[6].rotate_left(16), 9);
            // A school that is not open yet takes nobody.
            if self.plan.org(target).works_in(autumn) {
                changes.push(Change { autumn, target, is_move: true });
            }
        }
        changes
    }

    /// Ends a stay and begins the next one.
    fn hand_over(&self, open: Stay, change: Change) -> (Stay, Stay) {
        let autumn = change.autumn;
        let completed =
            !change.is_move && self.life.grade(autumn) == 10 && self.plan.org(open.org).last_grade == 9;
        let (to, from) = if change.is_move {
            let day = between_autumns(autumn, self.life.words[13]);
            let day = day.max(open.from.succ_opt().unwrap_or(day));
            (day, day)
        } else {
            (date(autumn, 6, 15), date(autumn, 9, 1))
        };
        let closed = Stay {
            end_autumn: autumn,
            to,
            reason: if completed { ExitReason::Completed } else { ExitReason::Transfer },
            ..open
        };
        let opened = Stay { org: change.target, first_autumn: autumn, from, is_entry: completed, ..open };
        (closed, opened)
    }

    fn college(&mut self, school: &OrgPlan, entry: i32, last_grade: u8) {
        let words = self.life.words;
        let limit = u32::try_from(school.colleges.len()).unwrap_or(0);
        let Some(college) = school.colleges.get(below(words[9], limit) as usize) else {
            return;
        };
        let plan = self.plan.org(*college);
        if !plan.works_in(entry) {
            return;
        }
        let is_long = permille(words[10]) < 550;
        let (level, course_years) = match (last_grade, plan.org_type) {
            (11, OrgType::HigherCollege) if is_long => (Level::PostSecondary, 2),
            (11, _) => (Level::Tve, 2 + i32::from(is_long)),
            _ => (Level::Tve, 3 + i32::from(is_long)),
        };
        let drops_out = permille(words[11]) < 60;
        let end_autumn = if drops_out { entry + 1 } else { entry + course_years };
        let (to, reason) = if drops_out {
            (between_autumns(end_autumn, words[11]), ExitReason::Expelled)
        } else {
            (date(end_autumn, 7, 1), ExitReason::Completed)
        };
        self.push(Stay {
            org: *college,
            kind: StayKind::College(level),
            first_autumn: entry,
            end_autumn,
            from: date(entry, 9, 1),
            to,
            reason,
            is_entry: true,
            nominal_years: u8::try_from(course_years).ok(),
        });
    }
}

/// The stay that begins a school life, still open.
fn first_school(school: &OrgPlan, cohort: i32, origin: u32) -> Stay {
    // Catchments of closed schools belong to their partners.
    let is_closed = school.closed.is_some_and(|closed| closed <= cohort);
    Stay {
        org: if is_closed { school.partner } else { origin },
        kind: StayKind::School,
        first_autumn: cohort,
        end_autumn: i32::MAX,
        from: date(cohort, 9, 1),
        to: NaiveDate::MAX,
        reason: ExitReason::Other,
        is_entry: true,
        nominal_years: None,
    }
}
