//! Selection of the rows that enter a cell.
//!
//! Every rule that more than one indicator shares is here once: which organisations
//! enter, who is a learner, who is a teacher, which population belongs to it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::cell::{Cell, UnitSet, matches};
use super::input::{Parameters, Records};
use crate::ids::{Bin, Kato};
use crate::level::AgeBand;
use crate::records::{Form, Organisation, PopulationRow, Pupil, Staff};
use crate::year::Year;

/// Organisations that reported every form an indicator draws on.
pub(super) type Reporters = BTreeSet<Bin>;

/// Attributes of a learner that a formula handles itself instead of the cell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Except {
    /// Do not select by level.
    pub level: bool,
    /// Do not select by grade.
    pub grade: bool,
    /// Do not select by language.
    pub language: bool,
}

/// A cell with what it is computed from.
pub(super) struct Selection<'a> {
    pub cell: &'a Cell,
    pub records: &'a Records,
    pub parameters: &'a Parameters,
}

impl<'a> Selection<'a> {
    pub fn new(cell: &'a Cell, records: &'a Records, parameters: &'a Parameters) -> Self {
        Self { cell, records, parameters }
    }

    pub fn year(&self) -> Year {
        self.cell.year
    }

    pub fn covers(&self, district: Kato, org_bin: Bin) -> bool {
        self.cell.units.covers(district, org_bin)
    }

    /// Passports of the year that match the cell's locality and ownership.
    pub fn passports(&self, year: Year) -> BTreeMap<Bin, &'a Organisation> {
        self.records
            .organisations
            .iter()
            .filter(|passport| {
                passport.year == year
                    && matches(self.cell.by.locality.as_ref(), &passport.locality)
                    && matches(self.cell.by.ownership.as_ref(), &passport.ownership)
            })
            .map(|passport| (passport.org_bin, passport))
            .collect()
    }

    /// Passports of reporters that are active and of the cell's level and territory.
    pub fn active_passports(&self, reporters: &Reporters) -> Vec<&'a Organisation> {
        self.passports(self.year())
            .into_values()
            .filter(|passport| {
                reporters.contains(&passport.org_bin)
                    && passport.is_active()
                    && passport.org_type.group().is_in(self.cell.level)
                    && self.covers(passport.district, passport.org_bin)
            })
            .collect()
    }

    /// Organisations with a row of each form in `year`; `None` when none of them has
    /// a row in the territory.
    pub fn reporters(&self, year: Year, forms: &[Form]) -> Option<Reporters> {
        let mut rows: Vec<BTreeMap<Bin, bool>> = forms.iter().map(|form| self.senders(*form, year)).collect();
        if self.cell.by.needs_passport() || forms.contains(&Form::Organisation) {
            let matching = self.passports(year).into_values();
            rows.push(matching.map(|p| (p.org_bin, self.covers(p.district, p.org_bin))).collect());
        }
        let (first, others) = rows.split_first()?;
        let all: Reporters =
            first.keys().filter(|bin| others.iter().all(|form| form.contains_key(*bin))).copied().collect();
        let in_territory = all.iter().any(|bin| first[bin]);
        in_territory.then_some(all)
    }

    /// Organisations with a row of the form, and whether one lies in the territory.
    fn senders(&self, form: Form, year: Year) -> BTreeMap<Bin, bool> {
        let mut senders = BTreeMap::new();
        let mut add = |row_year: Year, district: Kato, bin: Bin| {
            if row_year == year {
                *senders.entry(bin).or_insert(false) |= self.covers(district, bin);
            }
        };
        let records = self.records;
        match form {
            Form::Organisation => {
                for r in &records.organisations {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Pupil => {
                for r in &records.pupils {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Class => {
                for r in &records.classes {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Staff => {
                for r in &records.staff {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Infrastructure => {
                for r in &records.infrastructure {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Mark => {
                for r in &records.marks {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Exam => {
                for r in &records.exams {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Unt => {
                for r in &records.unt {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::TveGraduate => {
                for r in &records.graduates {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Activity => {
                for r in &records.activities {
                    add(r.year, r.district, r.org_bin);
                }
            }
            Form::Meal => {
                for r in &records.meals {
                    add(r.year, r.district, r.org_bin);
                }
            }
            // Not forms that organisations owe.
            _ => {}
        }
        senders
    }

    /// Rows of S1.PUPIL of the year in the cell, active or not.
    pub fn pupil_rows(
        &self,
        year: Year,
        reporters: &Reporters,
        except: Except,
    ) -> impl Iterator<Item = &'a Pupil> {
        self.records.pupils.iter().filter(move |row| {
            row.year == year
                && reporters.contains(&row.org_bin)
                && self.covers(row.district, row.org_bin)
                && self.matches_pupil(row, except)
        })
    }

    /// Whether level and attributes of a row are those of the cell.
    fn matches_pupil(&self, row: &Pupil, except: Except) -> bool {
        let by = &self.cell.by;
        (except.level || self.cell.level.includes(row.level))
            && (except.grade || matches(by.grade.as_ref(), &row.grade))
            && (except.language || matches(by.language.as_ref(), &row.language))
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.study_form.as_ref(), &row.study_form)
            && by.age.is_none_or(|age| row.age() == i32::from(age))
    }

    /// Learners of the cell.
    pub fn learners(&self, year: Year, reporters: &Reporters) -> Vec<&'a Pupil> {
        self.learners_except(year, reporters, Except::default())
    }

    /// Learners of the cell, some attributes left to the caller.
    pub fn learners_except(&self, year: Year, reporters: &Reporters, except: Except) -> Vec<&'a Pupil> {
        let main = self.main_enrolments(year);
        self.pupil_rows(year, reporters, except).filter(|row| is_main(row, &main)).collect()
    }

    /// Learners of the year before, counted where their organisation is in the cell's year.
    ///
    /// The passport of the cell's year says its district, locality and ownership; without one the
    /// district is that of the row. `None` when nobody of the territory reported.
    pub fn learners_before(&self, except: Except) -> Option<Vec<&'a Pupil>> {
        self.learners_of(self.year().previous()?, except)
    }

    /// The same for the learners of any earlier year.
    pub fn learners_of(&self, before: Year, except: Except) -> Option<Vec<&'a Pupil>> {
        let matching = self.passports(self.year());
        let now = self.records.organisations.iter().filter(|passport| passport.year == self.year());
        let districts: BTreeMap<Bin, Kato> =
            now.map(|passport| (passport.org_bin, passport.district)).collect();
        let is_here = |row: &Pupil| {
            let district = districts.get(&row.org_bin).copied().unwrap_or(row.district);
            self.covers(district, row.org_bin)
                && (!self.cell.by.needs_passport() || matching.contains_key(&row.org_bin))
        };
        let mut rows = self.records.pupils.iter().filter(|row| row.year == before && is_here(row)).peekable();
        rows.peek()?;
        let main = self.main_enrolments(before);
        Some(rows.filter(|row| self.matches_pupil(row, except) && is_main(row, &main)).collect())
    }

    /// Learners of a year, wherever they are.
    pub fn learners_anywhere(&self, year: Year) -> Vec<&'a Pupil> {
        let main = self.main_enrolments(year);
        self.records.pupils.iter().filter(|row| row.year == year && is_main(row, &main)).collect()
    }

    /// Organisations with a row of S1.PUPIL.
    pub fn delivered(&self, year: Year) -> Reporters {
        self.records.pupils.iter().filter(|row| row.year == year).map(|row| row.org_bin).collect()
    }

    /// Whether the organisation's passport of the year says that it works; `None` without one.
    pub fn is_working(&self, year: Year, org_bin: Bin) -> Option<bool> {
        let mut passports = self.records.organisations.iter();
        passports.find(|row| row.year == year && row.org_bin == org_bin).map(Organisation::is_active)
    }

    /// Latest start of an active enrolment, by organisation and learner.
    fn main_enrolments(&self, year: Year) -> MainEnrolments {
        let mut main = BTreeMap::new();
        let active = self.records.pupils.iter();
        for row in active.filter(|row| row.year == year && row.is_active()) {
            let start = main.entry((row.org_bin, row.pid.to_i64())).or_insert(row.enrol_from);
            *start = row.enrol_from.max(*start);
        }
        main
    }

    /// Teachers of the cell, one row a person within an organisation; the category is
    /// left to the caller.
    pub fn teachers(&self, reporters: &Reporters) -> Vec<&'a Staff> {
        let passports = self.passports(self.year());
        let by = &self.cell.by;
        main_positions(&self.records.staff, self.year())
            .filter(|row| reporters.contains(&row.org_bin))
            .filter(|row| self.covers(row.district, row.org_bin))
            .filter(|row| {
                passports.get(&row.org_bin).is_some_and(|p| p.org_type.group().is_in(self.cell.level))
            })
            .filter(|row| matches(by.sex.as_ref(), &row.sex))
            .filter(|row| by.age.is_none_or(|age| row.age() == i32::from(age)))
            .collect()
    }

    /// Population of the cell, by unit that has any; empty where none is published.
    ///
    /// The units are the regions for the republic, else the unit itself.
    pub fn population(&self, ages: AgeBand) -> BTreeMap<Kato, i64> {
        let offset = self.parameters.population_year_offset;
        let Ok(year) = Year::try_from(i32::from(self.year()) + offset) else {
            return BTreeMap::new();
        };
        let is_wanted = |kato: Kato| match self.cell.units {
            UnitSet::Republic => kato.is_region(),
            UnitSet::Region(region) => region.kato() == Some(kato),
            UnitSet::District(district) => kato == district,
            UnitSet::Organisation(_) => false,
        };
        let mut by_unit: BTreeMap<Kato, Vec<&PopulationRow>> = BTreeMap::new();
        for row in &self.records.population {
            let single_age = row.age >= 0 && row.age == row.age_to;
            match row.kato.0.filter(|kato| is_wanted(*kato)) {
                Some(kato) if row.year == year && single_age => {
                    by_unit.entry(kato).or_default().push(row);
                }
                _ => {}
            }
        }
        by_unit.into_iter().map(|(kato, rows)| (kato, self.persons(&preferred(rows), ages))).collect()
    }

    fn persons(&self, rows: &[&PopulationRow], ages: AgeBand) -> i64 {
        let by = &self.cell.by;
        rows.iter()
            .filter(|row| ages.contains(row.age))
            .filter(|row| row.sex.0.is_some_and(|s| matches(by.sex.as_ref(), &s)))
            .filter(|row| {
                let locality = row.locality.0;
                locality.is_some_and(|l| matches(by.locality.as_ref(), &l))
            })
            .map(|row| row.population)
            .sum()
    }

    /// Whether a row belongs to one of the units that have population.
    pub fn has_population(&self, units: &BTreeMap<Kato, i64>, district: Kato) -> bool {
        match self.cell.units {
            UnitSet::Republic => district.region().kato().is_some_and(|region| units.contains_key(&region)),
            _ => true,
        }
    }
}

/// Latest start of an active enrolment, by organisation and learner.
type MainEnrolments = BTreeMap<(Bin, i64), NaiveDate>;

/// Whether the row is the enrolment that counts the learner.
fn is_main(row: &Pupil, main: &MainEnrolments) -> bool {
    row.is_active() && main[&(row.org_bin, row.pid.to_i64())] == row.enrol_from
}

/// Teachers of a year, one row a person within an organisation.
pub(super) fn main_positions(staff: &[Staff], year: Year) -> impl Iterator<Item = &Staff> {
    let mut main: BTreeMap<(Bin, i64), &Staff> = BTreeMap::new();
    for row in staff.iter().filter(|row| row.year == year && row.is_counted()) {
        let best = main.entry((row.org_bin, row.tid.to_i64())).or_insert(row);
        if teacher_order(row) < teacher_order(best) {
            *best = row;
        }
    }
    main.into_values()
}

/// The row of a teacher that counts comes first.
fn teacher_order(row: &Staff) -> (Reverse<i32>, &'static str) {
    (Reverse(row.rate_fte.0), row.position.code())
}

/// Rows of the edition published last, then of the first publisher, then of the last
/// edition; undated editions come after dated ones.
fn preferred(rows: Vec<&PopulationRow>) -> Vec<&PopulationRow> {
    let order = |row: &PopulationRow| {
        (Reverse(row.published_on), row.publisher.clone(), Reverse(row.edition.clone()))
    };
    let best = rows.iter().map(|row| order(row)).min();
    rows.into_iter().filter(|row| best.as_ref() == Some(&order(row))).collect()
}

/// Number of rows.
pub(super) fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).expect("fewer rows than 2^63 fit in memory")
}

/// Number of rows that satisfy a condition.
pub(super) fn count_if<T>(rows: &[&T], condition: impl Fn(&T) -> bool) -> i64 {
    rows.iter().map(|row| i64::from(condition(row))).sum()
}
