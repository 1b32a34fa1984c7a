//! GOV: what the history of submissions says about itself.
//!
//! Owns completeness, timeliness, confirmation and validation as a plain fold over the submissions in the
//! order of their arrival. What is fixed of a year is in [`super::fixing`].
//!
//! # Decisions
//!
//! | point | decision |
//! |---|---|
//! | scope | a submission covers one organisation and year of a form; of accepted ones the last holds |
//! | register | the last passport up to the year, if open on 1 October of it; years are those of passports |
//! | GOV-01 | whoever is in the register owes the forms of its type; delivered: anything accepted of form and year |
//! | GOV-02 | required cells are filled, or the file would have been rejected; expected ones are counted |
//! | GOV-03, GOV-04 | a date that no record of the same key had, of organisations that had landed the form before; not before that first landing, and no correction of a date; an event on a day off is one of the next working day; days of a suspension do not count |
//! | GOV-05 | rows of the submission that holds; confirmed: signed, and not returned by the last decision |
//! | GOV-06 | rows of every submission, rejected ones too, times the checks of the form; failed: errors and warnings |
//! | GOV-11 | the National Report on 1 December, the collection on 1 March of the following year, these days included; not out and not due yet: not counted |
//! | level | the main level of the organisation; of one outside the register `all` |

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Fraction;
use super::cell::UnitSet;
use crate::calendar::{DateInterval, WorkingCalendar};
use crate::dimension::Ownership;
use crate::ids::{Bin, Kato};
use crate::level::{Composite, LevelCode};
use crate::records::{Form, OrgType, Organisation, Record};
use crate::year::Year;

/// What the definition of a form says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormFacts {
    /// Types of organisations that owe it.
    pub owed_by: BTreeSet<&'static str>,
    /// Required fields.
    pub required: i64,
    /// Checks of severity error: fields and rules.
    pub error_checks: i64,
    /// Checks of severity warning.
    pub warning_checks: i64,
}

/// One submission about one organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Form.
    pub form: Form,
    /// Reporting year.
    pub year: Year,
    /// The organisation, which submits itself.
    pub org_bin: Bin,
    /// Its rows.
    pub records: Vec<Record>,
    /// Day of arrival.
    pub arrived_on: NaiveDate,
    /// Whether it was accepted.
    pub is_accepted: bool,
    /// Errors and warnings found.
    pub failed: [i64; 2],
    /// Signed by the head.
    pub is_signed: bool,
    /// Returned by the last decision on it.
    pub is_returned: bool,
}

/// The history of a lake.
#[derive(Debug, Clone)]
pub struct History {
    /// In the order of arrival.
    pub submissions: Vec<Submission>,
    /// Definitions of the forms.
    pub forms: BTreeMap<Form, FormFacts>,
    /// Days off and days worked.
    pub calendar: WorkingCalendar,
    /// Suspensions of updates.
    pub suspensions: Vec<DateInterval>,
    /// Working days within which a change is to be recorded.
    pub term: i64,
}

/// Which number is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernanceCell {
    /// Reporting year.
    pub year: Year,
    /// Territory.
    pub units: UnitSet,
    /// Level.
    pub level: LevelCode,
    /// Form, event or severity; `None` for all of them.
    pub category: Option<&'static str>,
    /// Ownership; GOV-01 only.
    pub ownership: Option<Ownership>,
}

impl History {
    /// Passports that hold, by year and organisation.
    fn passports(&self) -> BTreeMap<(Year, Bin), &Organisation> {
        let accepted = self.submissions.iter().filter(|submission| submission.is_accepted);
        let rows = accepted.flat_map(|submission| &submission.records).filter_map(|record| match record {
            Record::Organisation(row) => Some(((row.year, row.org_bin), row)),
            _ => None,
        });
        rows.collect()
    }

    /// Organisations that owe something in the year.
    fn register(&self, year: Year) -> BTreeMap<Bin, &Organisation> {
        let passports = self.passports();
        if !passports.keys().any(|(of, _)| *of == year) {
            return BTreeMap::new();
        }
        let day = year.fixing_date();
        // In the order of years, so that the last one stays.
        let last: BTreeMap<Bin, &Organisation> = passports
            .into_iter()
            .filter(|((of, _), _)| *of <= year)
            .map(|((_, bin), passport)| (bin, passport))
            .collect();
        let is_open = |passport: &Organisation| {
            passport.opened.is_none_or(|opened| opened <= day)
                && passport.closed.is_none_or(|closed| closed > day)
        };
        last.into_iter().filter(|(_, passport)| is_open(passport)).collect()
    }

    /// Whether an organisation counts at a level.
    fn is_of_level(&self, cell: &GovernanceCell, org_bin: Bin) -> bool {
        cell.level == LevelCode::Composite(Composite::All)
            || self.register(cell.year).get(&org_bin).is_some_and(|p| p.org_type.group().is_in(cell.level))
    }

    /// The submissions that hold, by form and organisation of a year.
    fn holding(&self, year: Year) -> BTreeMap<(Form, Bin), &Submission> {
        let accepted = self.submissions.iter().filter(|s| s.is_accepted && s.year == year);
        accepted.map(|submission| ((submission.form, submission.org_bin), submission)).collect()
    }
}

fn district(record: &Record) -> Option<Kato> {
    match record {
        Record::Organisation(row) => Some(row.district),
        Record::Pupil(row) => Some(row.district),
        Record::Staff(row) => Some(row.district),
        _ => None,
    }
}

fn is_of_category(cell: &GovernanceCell, category: &str) -> bool {
    cell.category.is_none_or(|asked| asked == category)
}

/// GOV-01: obligations delivered over obligations owed.
#[must_use]
pub fn completeness(history: &History, cell: &GovernanceCell) -> Fraction {
    let holding = history.holding(cell.year);
    let mut share = Fraction::of(0, 0);
    for (org_bin, passport) in history.register(cell.year) {
        let is_of_cell = cell.units.covers(passport.district, org_bin)
            && passport.org_type.group().is_in(cell.level)
            && cell.ownership.is_none_or(|ownership| ownership == passport.ownership);
        let owes = |facts: &FormFacts| facts.owed_by.contains(OrgType::code(passport.org_type));
        for (form, _) in history.forms.iter().filter(|(_, facts)| is_of_cell && owes(facts)) {
            if is_of_category(cell, form.code()) {
                add(&mut share, holding.contains_key(&(*form, org_bin)), 1);
            }
        }
    }
    share
}

/// Count `weight` in the denominator, and in the numerator too if it counts.
fn add(share: &mut Fraction, counts: bool, weight: i64) {
    share.numerator += if counts { weight } else { 0 };
    share.denominator = share.denominator.map(|all| all + weight);
}

/// Expected cells of a record: how many there are and how many are filled.
fn expected(record: &Record) -> (i64, i64) {
    let filled = |cells: &[bool]| cells.iter().map(|is_filled| i64::from(*is_filled)).sum();
    match record {
        Record::Organisation(row) => (
            4,
            filled(&[
                row.name_kk.is_some(),
                row.settlement.is_some(),
                row.building_state.is_some(),
                row.opened.is_some(),
            ]),
        ),
        Record::Pupil(row) => {
            (3, filled(&[row.shift.is_some(), row.citizenship.is_some(), row.residence.is_some()]))
        }
        Record::Staff(row) => (2, filled(&[row.load_hours.is_some(), row.experience_years.is_some()])),
        _ => (0, 0),
    }
}

/// GOV-02: filled cells over cells that are required or expected, of passports, learners and staff.
#[must_use]
pub fn filled(history: &History, cell: &GovernanceCell) -> Fraction {
    let mut share = Fraction::of(0, 0);
    for ((form, org_bin), submission) in history.holding(cell.year) {
        if !is_of_category(cell, form.code()) || !history.is_of_level(cell, org_bin) {
            continue;
        }
        let required = history.forms.get(&form).map_or(0, |facts| facts.required);
        for record in &submission.records {
            if district(record).is_some_and(|district| cell.units.covers(district, org_bin)) {
                let (expected, filled) = expected(record);
                share.numerator += required + filled;
                share.denominator = share.denominator.map(|cells| cells + required + expected);
            }
        }
    }
    share
}

/// GOV-05: rows confirmed over rows that hold.
#[must_use]
pub fn confirmed(history: &History, cell: &GovernanceCell) -> Fraction {
    let mut share = Fraction::of(0, 0);
    for ((form, org_bin), submission) in history.holding(cell.year) {
        if is_of_category(cell, form.code()) && history.is_of_level(cell, org_bin) {
            let rows = submission.records.iter().filter_map(district);
            for _ in rows.filter(|district| cell.units.covers(*district, org_bin)) {
                add(&mut share, submission.is_signed && !submission.is_returned, 1);
            }
        }
    }
    share
}

/// GOV-06: failed checks over executed checks.
#[must_use]
pub fn failed_checks(history: &History, cell: &GovernanceCell) -> Fraction {
    let mut share = Fraction::of(0, 0);
    for submission in history.submissions.iter().filter(|submission| submission.year == cell.year) {
        let org_bin = submission.org_bin;
        // What was accepted counts where its rows are, what was rejected at the seat in the register.
        let place = if submission.is_accepted {
            submission.records.first().and_then(district)
        } else {
            history.register(cell.year).get(&org_bin).map(|passport| passport.district)
        };
        let is_of_cell = place.is_some_and(|district| cell.units.covers(district, org_bin))
            && history.is_of_level(cell, org_bin);
        let facts = history.forms.get(&submission.form).filter(|_| is_of_cell);
        let rows = i64::try_from(submission.records.len()).unwrap_or(i64::MAX);
        for (severity, failed) in ["error", "warning"].into_iter().zip(submission.failed) {
            let checks =
                facts.map_or(
                    0,
                    |facts| {
                        if severity == "error" { facts.error_checks } else { facts.warning_checks }
                    },
                );
            // Where nothing is checked nothing can fail.
            if checks > 0 && is_of_category(cell, severity) {
                share.numerator += failed;
                share.denominator = share.denominator.map(|all| all + rows * checks);
            }
        }
    }
    share
}

/// Dates of a record that say when something happened: the event, the key without the date, the date, and whether the
/// date is part of the key.
fn events(record: &Record) -> Vec<(&'static str, String, Option<NaiveDate>, bool)> {
    match record {
        Record::Organisation(row) => vec![
            ("organisation_opened", row.org_bin.to_string(), row.opened, false),
            ("organisation_closed", row.org_bin.to_string(), row.closed, false),
        ],
        Record::Pupil(row) => {
            let enrolment = format!("{} {} {}", row.org_bin, row.pid.to_i64(), row.enrol_from);
            let learner = format!("{} {}", row.org_bin, row.pid.to_i64());
            vec![
                ("learner_enrolled", learner, Some(row.enrol_from), true),
                ("learner_left", enrolment, row.enrol_to, false),
            ]
        }
        Record::Staff(row) => {
            let position = format!("{} {} {}", row.org_bin, row.tid.to_i64(), row.position.code());
            vec![("category_awarded", position, row.category_from, false)]
        }
        _ => Vec::new(),
    }
}

/// GOV-03 and GOV-04: changes, those recorded in time, and the sum of their lags in working days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Changes.
    pub count: i64,
    /// Recorded within the term.
    pub on_time: i64,
    /// Working days from events to their records.
    pub lag_days: i64,
}

/// The changes that the submissions of a cell brought in.
#[must_use]
pub fn changes(history: &History, cell: &GovernanceCell) -> Changes {
    let mut changes = Changes::default();
    // First landing of a form by an organisation, and what holds of every scope.
    let mut entered: BTreeMap<(Form, Bin), NaiveDate> = BTreeMap::new();
    let mut holding: BTreeMap<(Form, Bin, Year), &[Record]> = BTreeMap::new();
    for submission in history.submissions.iter().filter(|submission| submission.is_accepted) {
        let (form, org_bin) = (submission.form, submission.org_bin);
        if let Some(entered_on) = entered.get(&(form, org_bin)) {
            let before = holding.iter().filter(|((of, ..), _)| *of == form).flat_map(|(_, rows)| *rows);
            let known: Vec<_> = before.flat_map(events).collect();
            for record in &submission.records {
                for (event, key, date, is_key) in events(record) {
                    let Some(date) = date else { continue };
                    let mut of_key = known.iter().filter(|known| known.0 == event && known.1 == key);
                    let is_known = of_key.clone().any(|known| known.2 == Some(date));
                    let is_correction = !is_key && of_key.any(|known| known.2.is_some());
                    if is_known || is_correction || date <= *entered_on {
                        continue;
                    }
                    let is_of_cell = submission.year == cell.year
                        && is_of_category(cell, event)
                        && district(record).is_some_and(|district| cell.units.covers(district, org_bin))
                        && history.is_of_level(cell, org_bin);
                    let calendar = &history.calendar;
                    let lag =
                        calendar.working_days_between(date, submission.arrived_on, &history.suspensions);
                    if let Ok(lag) = lag.map(i64::from)
                        && is_of_cell
                    {
                        changes.count += 1;
                        changes.on_time += i64::from(lag <= history.term);
                        changes.lag_days += lag;
                    }
                }
            }
        }
        entered.entry((form, org_bin)).or_insert(submission.arrived_on);
        holding.insert((form, org_bin, submission.year), &submission.records);
    }
    changes
}

/// A yearly publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// The National Report.
    Report,
    /// The National Statistical Collection.
    Collection,
}

impl Publication {
    /// The day by which it is to be out.
    fn due(self, year: Year) -> Option<NaiveDate> {
        let month = match self {
            Self::Report => 12,
            Self::Collection => 3,
        };
        NaiveDate::from_ymd_opt(i32::from(year) + 1, month, 1)
    }
}

/// GOV-11: publications out by their legal date over publications out or due, of a year.
#[must_use]
pub fn punctuality(year: Year, out: &[(Publication, Option<NaiveDate>)], today: NaiveDate) -> Fraction {
    let mut share = Fraction::of(0, 0);
    for (publication, published_on) in out {
        let Some(due) = publication.due(year) else { continue };
        if published_on.is_some() || today > due {
            add(&mut share, published_on.is_some_and(|day| day <= due), 1);
        }
    }
    share
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    /// Of 2022: out on the day, and a day late; of nothing out, what is due counts and what is not yet due does not.
    #[test]
    fn publications_by_hand() {
        let year = Year::try_from(2022).unwrap();
        let out =
            [(Publication::Report, Some(day(2023, 12, 1))), (Publication::Collection, Some(day(2023, 3, 2)))];
        assert_eq!(punctuality(year, &out, day(2024, 1, 1)), Fraction::of(1, 2));
        let none = [(Publication::Report, None), (Publication::Collection, None)];
        assert_eq!(punctuality(year, &none, day(2023, 3, 2)), Fraction::of(0, 1));
        assert_eq!(punctuality(year, &none, day(2023, 3, 1)), Fraction::of(0, 0));
    }
}
