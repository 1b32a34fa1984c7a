//! GOV-09 and GOV-10: how the fixing of a year went, and what was revised after it.
//!
//! Owns which conditions of the Rules a fixing kept, and which cells of the headline indicators differ between
//! the year as fixed and as it is now. It knows neither ledger nor archive: the two states are two sets of records, and
//! every day is a day of the country.
//!
//! # Decisions
//!
//! | point | decision |
//! |---|---|
//! | GOV-10 dates | those announced last, though the ministry overruled a rule for them |
//! | `in_october` | first and last day of the suspension, the fixing date and, once it is known, the day of the fixing; a year of a lake in use that is not fixed when its October is over fails, announced or not |
//! | `length` | working days of the suspension, both ends included: ten at most |
//! | `notice` | working days after that of the announcement and before the suspension, three at least; announced within it: none |
//! | `one_date` | every announcement of the year names the same fixing date |
//! | `no_writes` | nothing that was accepted within the suspension is part of the version fixed; judged once a version is chosen, so that what waited in the queue and landed later is no write |
//! | not judged | a condition that cannot be judged yet counts neither way; a year never announced has only `in_october` |
//! | GOV-09 cells | district by headline indicator, at its headline level, not broken down; ACC-01 and FIN-01 have no cell below the region; regions and the republic are sums of districts |
//! | a cell stands | where an entering organisation has a row of the level, counted or not: a learner who left, a closed organisation, a position that is no teacher's; of marks, exams and sittings one that counts |
//! | revised | numerator or denominator differ, or the cell stands on one side only; a denominator without any row is not known, which differs from zero. Equal fractions have equal values |

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::cell::{Breakdown, Cell, UnitSet};
use super::input::{Parameters, Records};
use super::select::{Except, Reporters, Selection};
use super::{Fraction, Indicator, evaluate};
use crate::calendar::{DateInterval, WorkingCalendar};
use crate::codes::code_list;
use crate::ids::Kato;
use crate::level::{Composite, Level, LevelCode};
use crate::records::{Form, Organisation};
use crate::suspension::SuspensionLimits;
use crate::year::Year;

code_list! {
    /// What the Rules ask of a fixing.
    Condition, "condition of a fixing" {
        /// Within October.
        InOctober = "in_october",
        /// A suspension that is not too long.
        Length = "length",
        /// Announced early enough.
        Notice = "notice",
        /// One date for everybody.
        OneDate = "one_date",
        /// Nothing written while updates were suspended.
        NoWrites = "no_writes",
    }
}

/// One announcement of a fixing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    /// Day on which it was made.
    pub announced_on: NaiveDate,
    /// Days on which updates are suspended.
    pub suspension: DateInterval,
    /// The one date of the data.
    pub fixing_date: NaiveDate,
}

/// A submission that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// Day of arrival.
    pub arrived_on: NaiveDate,
    /// Whether it is part of the version chosen to be fixed.
    pub is_fixed: bool,
}

/// How the fixing of one year went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixing {
    /// Reporting year.
    pub year: Year,
    /// In the order in which they were made.
    pub announcements: Vec<Announcement>,
    /// What was accepted, whatever its year.
    pub writes: Vec<Write>,
    /// Whether a version was chosen to be fixed.
    pub is_begun: bool,
    /// Day on which the archive was there.
    pub fixed_on: Option<NaiveDate>,
    /// Day of the newest state that is known.
    pub today: NaiveDate,
}

impl Fixing {
    /// Whether its October passed without it while the lake was in use.
    fn is_missed(&self) -> bool {
        let november = self.year.date(11, 1);
        let was_in_use = self.writes.iter().any(|write| write.arrived_on < november);
        self.fixed_on.is_none() && was_in_use && self.today >= november
    }

    /// Whether a condition was kept; `None` where it cannot be judged.
    #[must_use]
    pub fn is_kept(
        &self,
        condition: Condition,
        calendar: &WorkingCalendar,
        limits: SuspensionLimits,
    ) -> Option<bool> {
        if condition == Condition::InOctober && self.is_missed() {
            return Some(false);
        }
        let last = self.announcements.last()?;
        let suspension = last.suspension;
        match condition {
            Condition::InOctober => {
                let days = [suspension.from(), suspension.to(), last.fixing_date];
                Some(days.into_iter().chain(self.fixed_on).all(|day| day.month() == 10))
            }
            Condition::Length => {
                let days = suspension.from().iter_days().take_while(|day| *day <= suspension.to());
                let worked = days.filter(|day| calendar.is_working_day(*day)).count();
                Some(worked <= usize::try_from(limits.max_working_days).ok()?)
            }
            Condition::Notice => {
                let days = last.announced_on.iter_days().skip(1).take_while(|day| *day < suspension.from());
                let left = days.filter(|day| calendar.is_working_day(*day)).count();
                Some(left >= usize::try_from(limits.min_notice_working_days).ok()?)
            }
            Condition::OneDate => {
                Some(self.announcements.iter().all(|other| other.fixing_date == last.fixing_date))
            }
            Condition::NoWrites => {
                let is_inside = |write: &Write| write.is_fixed && suspension.contains(write.arrived_on);
                self.is_begun.then(|| !self.writes.iter().any(is_inside))
            }
        }
    }
}

/// GOV-10: conditions kept over conditions that can be judged, of one condition or of all.
#[must_use]
pub fn conformance(
    fixing: &Fixing,
    condition: Option<Condition>,
    calendar: &WorkingCalendar,
    limits: SuspensionLimits,
) -> Fraction {
    let asked = Condition::ALL.iter().filter(|of| condition.is_none_or(|condition| condition == **of));
    let judged = asked.filter_map(|condition| fixing.is_kept(*condition, calendar, limits));
    judged.fold(Fraction::of(0, 0), counted)
}

/// One more of a share.
fn counted(share: Fraction, counts: bool) -> Fraction {
    let numerator = share.numerator + i64::from(counts);
    Fraction { numerator, denominator: share.denominator.map(|all| all + 1) }
}

const SCHOOL: LevelCode = LevelCode::Composite(Composite::School);
const GENERAL: LevelCode = LevelCode::Single(Level::GeneralSecondary);

/// Headline indicators that a district has, with their headline levels.
pub const HEADLINES: [(Indicator, LevelCode); 9] = [
    (Indicator::Con01, SCHOOL),
    (Indicator::Net01, SCHOOL),
    (Indicator::Net04, SCHOOL),
    (Indicator::Tch01, SCHOOL),
    (Indicator::Tch03, SCHOOL),
    (Indicator::Tch05, SCHOOL),
    (Indicator::Grd02, SCHOOL),
    (Indicator::Sfc02, GENERAL),
    (Indicator::Unt03, GENERAL),
];

/// The two states of a fixed year.
#[derive(Debug, Clone, Copy)]
pub struct Revision<'a> {
    /// Reporting year.
    pub year: Year,
    /// Records as fixed.
    pub fixed: &'a Records,
    /// Records as they are now.
    pub now: &'a Records,
    /// Parameters of the year.
    pub parameters: &'a Parameters,
}

/// GOV-09: cells revised over cells of either state, of one headline indicator or of all.
#[must_use]
pub fn revised(revision: &Revision<'_>, units: UnitSet, headline: Option<Indicator>) -> Fraction {
    let districts: BTreeSet<Kato> = [revision.fixed, revision.now].into_iter().flat_map(districts).collect();
    let mut share = Fraction::of(0, 0);
    for district in districts.into_iter().filter(|district| is_within(*district, units)) {
        for (indicator, level) in HEADLINES {
            if headline.is_none_or(|headline| headline == indicator) {
                let by = Breakdown::default();
                let cell = Cell { year: revision.year, units: UnitSet::District(district), level, by };
                let fixed = state(indicator, &cell, revision.fixed, revision.parameters);
                let now = state(indicator, &cell, revision.now, revision.parameters);
                if fixed.is_some() || now.is_some() {
                    share = counted(share, fixed != now);
                }
            }
        }
    }
    share
}

fn is_within(district: Kato, units: UnitSet) -> bool {
    match units {
        UnitSet::Republic => true,
        UnitSet::Region(region) => district.region() == region,
        UnitSet::District(kato) => district == kato,
        // Organisations have no such cells.
        UnitSet::Organisation(_) => false,
    }
}

/// Districts that a row of the forms read here names.
fn districts(records: &Records) -> BTreeSet<Kato> {
    let passports = records.organisations.iter().map(|row| row.district);
    let people = records.pupils.iter().map(|row| row.district);
    let people = people.chain(records.staff.iter().map(|row| row.district));
    let results = records.marks.iter().map(|row| row.district);
    let results = results.chain(records.exams.iter().map(|row| row.district));
    let results = results.chain(records.unt.iter().map(|row| row.district));
    passports.chain(people).chain(results).collect()
}

/// What a cell holds; `None` where it does not stand.
fn state(indicator: Indicator, cell: &Cell, records: &Records, parameters: &Parameters) -> Option<Fraction> {
    let fraction = evaluate(indicator, cell, records, parameters)?;
    let selection = Selection::new(cell, records, parameters);
    let reporters = |forms: &[Form]| selection.reporters(cell.year, forms);
    match indicator {
        Indicator::Con01 | Indicator::Net04 => {
            has_enrolments(&selection, &reporters(&[Form::Pupil])?).then_some(fraction)
        }
        Indicator::Net01 => has_passports(&selection).then_some(fraction),
        Indicator::Tch03 | Indicator::Tch05 => {
            has_positions(&selection, &reporters(&[Form::Staff, Form::Organisation])?).then_some(fraction)
        }
        Indicator::Tch01 => {
            let reporters = reporters(&[Form::Pupil, Form::Staff, Form::Organisation])?;
            let is_known = has_positions(&selection, &reporters);
            let denominator = fraction.denominator.filter(|_| is_known);
            (is_known || has_enrolments(&selection, &reporters))
                .then_some(Fraction { denominator, ..fraction })
        }
        _ => fraction.if_any(),
    }
}

/// Whether anybody was enrolled at the level, ever in the year.
fn has_enrolments(selection: &Selection<'_>, reporters: &Reporters) -> bool {
    selection.pupil_rows(selection.year(), reporters, Except::default()).next().is_some()
}

/// Whether there is an organisation of the level, open or not.
fn has_passports(selection: &Selection<'_>) -> bool {
    let passports = selection.passports(selection.year());
    passports.values().any(|row| is_here(selection, row, row.district))
}

/// Whether an organisation of the level employs anybody.
fn has_positions(selection: &Selection<'_>, reporters: &Reporters) -> bool {
    let passports = selection.passports(selection.year());
    let staff = selection.records.staff.iter();
    let mut entering = staff.filter(|row| row.year == selection.year() && reporters.contains(&row.org_bin));
    entering.any(|row| {
        passports.get(&row.org_bin).is_some_and(|passport| is_here(selection, passport, row.district))
    })
}

/// Whether a row of an organisation is of the cell.
fn is_here(selection: &Selection<'_>, passport: &Organisation, district: Kato) -> bool {
    passport.org_type.group().is_in(selection.cell.level) && selection.covers(district, passport.org_bin)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn announcement(announced_on: &str, from: &str, to: &str, fixing_date: &str) -> Announcement {
        let suspension = DateInterval::new(day(from), day(to)).unwrap();
        Announcement { announced_on: day(announced_on), suspension, fixing_date: day(fixing_date) }
    }

    /// Announced on Tuesday 1 October 2024 for the ten working days from the 7th to the 18th.
    fn fixing() -> Fixing {
        Fixing {
            year: Year::try_from(2024).unwrap(),
            announcements: vec![announcement("2024-10-01", "2024-10-07", "2024-10-18", "2024-10-10")],
            writes: vec![Write { arrived_on: day("2024-09-10"), is_fixed: true }],
            is_begun: false,
            fixed_on: None,
            today: day("2024-10-06"),
        }
    }

    fn kept(fixing: &Fixing) -> Vec<Option<bool>> {
        let (week, limits) = (WorkingCalendar::default(), SuspensionLimits::STATUTORY);
        Condition::ALL.iter().map(|condition| fixing.is_kept(*condition, &week, limits)).collect()
    }

    fn all(fixing: &Fixing) -> Fraction {
        conformance(fixing, None, &WorkingCalendar::default(), SuspensionLimits::STATUTORY)
    }

    #[test]
    fn r_38_kept_in_everything() {
        let mut fixing = fixing();
        assert_eq!(kept(&fixing), [Some(true), Some(true), Some(true), Some(true), None]);
        fixing.is_begun = true;
        // Waited in the queue, and landed after the version was chosen.
        fixing.writes.push(Write { arrived_on: day("2024-10-09"), is_fixed: false });
        assert_eq!(all(&fixing), Fraction::of(5, 5));
        fixing.fixed_on = Some(day("2024-11-01"));
        assert_eq!(all(&fixing), Fraction::of(4, 5));
    }

    /// Eleven working days, announced within them, for another date than before, and written into on the first.
    #[test]
    fn r_39_kept_in_nothing_but_the_month() {
        let mut fixing = fixing();
        fixing.announcements.push(announcement("2024-10-09", "2024-10-07", "2024-10-21", "2024-10-16"));
        fixing.is_begun = true;
        fixing.writes.push(Write { arrived_on: day("2024-10-07"), is_fixed: true });
        assert_eq!(kept(&fixing), [Some(true), Some(false), Some(false), Some(false), Some(false)]);
    }

    #[test]
    fn r_38_an_october_passes() {
        let announced = Fixing { today: day("2024-11-01"), ..fixing() };
        assert_eq!(all(&announced), Fraction::of(3, 4));
        let never = Fixing { announcements: Vec::new(), ..announced };
        assert_eq!(all(&never), Fraction::of(0, 1));
        // Nothing was there to be fixed.
        let unused = Fixing { writes: Vec::new(), ..never.clone() };
        assert_eq!(all(&unused), Fraction::of(0, 0));
        assert_eq!(all(&Fixing { today: day("2024-10-31"), ..never }), Fraction::of(0, 0));
    }
}
