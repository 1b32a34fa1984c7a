//! A synthetic country: seeded, plausible, and streamed.
//!
//! Owns records for demonstrations, benches and tests. Everything follows from a seed,
//! a scale and the territory the caller passes in; no reference data are embedded.
//! The plan of organisations is kept in memory, their learners and staff are drawn
//! whenever asked for, one organisation at a time, so a country of four million
//! pupils needs no more memory than one of four thousand.
//!
//! People persist: a child of a kindergarten is the pupil, the leaver, the candidate
//! and the student of later years under one pseudonym; teachers age and are replaced.
//! Regions differ and drift. Records are right; see [`Defect`] for what goes wrong.

mod accreditation;
mod aggregate;
mod attestation;
mod certification;
mod complex_testing;
mod defect;
mod dice;
mod factor;
mod finance;
mod graduate;
mod inspection;
mod learner;
mod licence;
mod life;
mod links;
mod methodical_day;
mod monitoring;
mod passport;
mod plan;
mod population;
mod queue;
mod results;
mod sample;
mod service;
mod staff;
mod study;
mod survey;
mod territory;
mod training;
mod traits;
mod vacancy;
mod wage;

pub use defect::{Defect, DefectEvent, RowFault};
pub use territory::{Place, places_of};

use std::collections::BTreeSet;

use crate::error::DomainError;
use crate::ids::{Bin, Kato, RegionCode};
use crate::records::{Form, OrgGroup, OrgType, Record};
use crate::year::Year;
use plan::{OrgPlan, Plan};

/// What country to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Same seed, same country.
    pub seed: u64,
    /// Number of organisations relative to about 22 thousand; their size stays.
    /// Above 0, at most 2.
    pub scale: f64,
    /// First reporting year.
    pub first_year: Year,
    /// Last reporting year.
    pub last_year: Year,
    /// First year in which the admission test may be sat twice.
    pub second_attempt_from: Year,
    /// Marks of the four quarters besides final ones, as electronic journals send them.
    pub has_quarters: bool,
}

impl Options {
    /// Six years, 2019 to 2024, with two attempts since 2022; final marks only.
    ///
    /// # Panics
    /// Never: the years are in the range of [`Year`].
    #[must_use]
    pub fn new(seed: u64, scale: f64) -> Self {
        let year = |value: i32| Year::try_from(value).expect("a year of this century");
        Self {
            seed,
            scale,
            first_year: year(2019),
            last_year: year(2024),
            second_attempt_from: year(2022),
            has_quarters: false,
        }
    }
}

/// One organisation of the country in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Its number, the same in every year.
    pub org: u32,
    /// Its BIN.
    pub bin: Bin,
    /// Its type.
    pub org_type: OrgType,
    /// Its district on the as-of date of the year.
    pub district: Kato,
}

/// A synthetic country.
#[derive(Debug, Clone)]
pub struct Country {
    plan: Plan,
}

impl Country {
    /// Draws the organisations of a country on the given territory.
    ///
    /// `places` are districts in all their vintages; those valid in the first year are
    /// settled, and followed to their successors.
    ///
    /// # Errors
    /// [`DomainError::UnorderedYears`] when the last year is before the first,
    /// [`DomainError::Scale`] for a scale outside (0, 2],
    /// [`DomainError::NoTerritory`], [`DomainError::NoSuccessor`] and
    /// [`DomainError::MissingSuccessor`] when the territory has gaps,
    /// [`DomainError::YearOutOfRange`] for years without room for a past.
    pub fn new(options: &Options, places: &[Place]) -> Result<Self, DomainError> {
        if options.last_year < options.first_year {
            return Err(DomainError::UnorderedYears { first: options.first_year, second: options.last_year });
        }
        let plan = Plan::new(options, places)?;
        Ok(Self { plan })
    }

    /// Reporting years of a form.
    ///
    /// Population has one more: it is counted on the 1 January after the as-of date.
    pub fn years(&self, form: Form) -> impl Iterator<Item = Year> + use<> {
        let shift = i32::from(form == Form::Population);
        let first = i32::from(self.plan.options.first_year) + shift;
        let last = i32::from(self.plan.options.last_year) + shift;
        (first..=last)
            .filter_map(|year| Year::try_from(year).ok())
            .filter(move |year| !is_of_a_study(form) || study::has_rows(*year, form))
    }

    /// Partitions that a form has in a year, ascending.
    #[must_use]
    pub fn regions(&self, year: Year, form: Form) -> Vec<RegionCode> {
        if is_of_a_study(form) {
            return vec![RegionCode::NOT_TERRITORIAL];
        }
        // Population of January lies in the regions of the October before.
        let year = if form == Form::Population { year.previous().unwrap_or(year) } else { year };
        let mut regions: BTreeSet<RegionCode> =
            self.plan.locations.iter().map(|location| location.district(year).region()).collect();
        if matches!(form, Form::Authority | Form::Aggregate) {
            regions.insert(RegionCode::NOT_TERRITORIAL);
        }
        regions.into_iter().collect()
    }

    /// Organisations of a region that submit in a year, those closing included.
    pub fn organisations(&self, year: Year, region: RegionCode) -> impl Iterator<Item = Subject> {
        let number = i32::from(year);
        (0_u32..)
            .zip(&self.plan.orgs)
            .filter(move |(_, org)| submits_in(org, number))
            .map(move |(index, org)| Subject {
                org: index,
                bin: org.bin,
                org_type: org.org_type,
                district: self.plan.district(org, year),
            })
            .filter(move |subject| subject.district.region() == region)
    }

    /// Records of one organisation, form and year: one submission, in a fixed order.
    ///
    /// Empty when the organisation does not owe the form or has nothing to report.
    ///
    /// # Panics
    /// When `org` is no number of [`Country::organisations`].
    #[must_use]
    pub fn submission(&self, org: u32, year: Year, form: Form) -> Vec<Record> {
        let plan = &self.plan;
        let number = i32::from(year);
        let subject = plan.org(org);
        let works = subject.works_in(number);
        if is_of_others(form) {
            return self.of_others(org, year, form);
        }
        let submits = match form {
            Form::Class | Form::Staff | Form::Infrastructure | Form::Activity | Form::Meal => works,
            Form::Mark | Form::Exam | Form::Unt => subject.works_in(number - 1),
            _ => submits_in(subject, number),
        };
        if !submits || !self.forms_of(org).contains(&form) {
            return Vec::new();
        }
        match form {
            Form::Organisation => vec![Record::Organisation(passport::organisation(plan, org, year))],
            Form::Infrastructure => vec![Record::Infrastructure(passport::infrastructure(plan, org, year))],
            Form::Pupil => learner::enrolments(plan, org, number)
                .iter()
                .map(|enrolment| Record::Pupil(learner::pupil(plan, enrolment, year)))
                .collect(),
            Form::Class => records(learner::classes(plan, org, year), Record::Class),
            Form::Staff => records(staff::staff(plan, org, year), Record::Staff),
            Form::Mark => records(results::marks(plan, org, year), Record::Mark),
            Form::Exam => records(results::exams(plan, org, year), Record::Exam),
            Form::Unt => records(results::unt(plan, org, year), Record::Unt),
            Form::TveGraduate => records(graduate::graduates(plan, org, year), Record::TveGraduate),
            Form::Activity => records(service::activities(plan, org, year), Record::Activity),
            Form::Meal => records(service::meals(plan, org, year), Record::Meal),
            // Told of it by others, or made region by region.
            _ => Vec::new(),
        }
    }

    /// What ministry, agencies and departments report of an organisation.
    fn of_others(&self, org: u32, year: Year, form: Form) -> Vec<Record> {
        let plan = &self.plan;
        match form {
            Form::Vacancy => records(vacancy::vacancies(plan, org, year), Record::Vacancy),
            Form::Licence => records(licence::licences(plan, org, year), Record::Licence),
            Form::Attestation => records(attestation::attestations(plan, org, year), Record::Attestation),
            Form::Accreditation => {
                records(accreditation::accreditations(plan, org, year), Record::Accreditation)
            }
            Form::Training => records(training::trainings(plan, org, year), Record::Training),
            Form::Certification => {
                records(certification::certifications(plan, org, year), Record::Certification)
            }
            Form::Inspection => records(inspection::of_organisation(plan, org, year), Record::Inspection),
            _ => Vec::new(),
        }
    }

    /// Records of a partition, one organisation after another.
    pub fn records(
        &self,
        year: Year,
        region: RegionCode,
        form: Form,
    ) -> Box<dyn Iterator<Item = Record> + '_> {
        match form {
            Form::Authority => {
                Box::new(passport::authorities(&self.plan, year, region).into_iter().map(Record::Authority))
            }
            Form::Application => {
                Box::new(queue::applications(&self.plan, year, region).into_iter().map(Record::Application))
            }
            Form::Aggregate => {
                let others = aggregate::aggregates(&self.plan, year, region);
                let rows = others.into_iter().chain(finance::finance(&self.plan, year, region));
                Box::new(rows.map(Record::Aggregate))
            }
            Form::Population => {
                Box::new(population::population(&self.plan, year, region).into_iter().map(Record::Population))
            }
            Form::MethodicalDay => {
                boxed(methodical_day::days(&self.plan, year, region), Record::MethodicalDay)
            }
            Form::Factor => boxed(factor::factors(&self.plan, year, region), Record::Factor),
            Form::TestBlock => boxed(complex_testing::blocks(&self.plan, year, region), Record::TestBlock),
            Form::SampleResult => boxed(monitoring::results(&self.plan, year, region), Record::SampleResult),
            Form::SurveyAnswer => boxed(survey::answers(&self.plan, year, region), Record::SurveyAnswer),
            Form::StudyPupil => boxed(study::pupils(&self.plan, year), Record::StudyPupil),
            Form::StudyValue => boxed(study::values(&self.plan, year), Record::StudyValue),
            Form::StudyWeight => boxed(study::weights(&self.plan, year), Record::StudyWeight),
            Form::PublishedObservation => {
                boxed(study::observations(&self.plan, year), Record::PublishedObservation)
            }
            Form::Inspection => Box::new(
                self.organisations(year, region)
                    .flat_map(move |subject| self.submission(subject.org, year, form))
                    .chain(
                        inspection::of_authorities(&self.plan, year, region)
                            .into_iter()
                            .map(Record::Inspection),
                    ),
            ),
            _ => Box::new(
                self.organisations(year, region)
                    .flat_map(move |subject| self.submission(subject.org, year, form)),
            ),
        }
    }

    /// Forms that an organisation submits, in the order of [`Form::ALL`].
    ///
    /// S7.UNT is submitted by the testing agency; it is listed under the school of
    /// leaving.
    ///
    /// # Panics
    /// When `org` is no number of [`Country::organisations`].
    #[must_use]
    pub fn forms_of(&self, org: u32) -> &'static [Form] {
        let subject = self.plan.org(org);
        match (subject.group(), subject.last_grade) {
            (OrgGroup::PreSchool, _) => &[Form::Organisation, Form::Pupil, Form::Staff],
            (OrgGroup::College, _) => {
                &[Form::Organisation, Form::Pupil, Form::Staff, Form::Infrastructure, Form::TveGraduate]
            }
            (OrgGroup::School, ..9) => &[
                Form::Organisation,
                Form::Pupil,
                Form::Class,
                Form::Staff,
                Form::Infrastructure,
                Form::Activity,
                Form::Meal,
            ],
            (OrgGroup::School, 9..11) => &[
                Form::Organisation,
                Form::Pupil,
                Form::Class,
                Form::Staff,
                Form::Infrastructure,
                Form::Mark,
                Form::Exam,
                Form::Activity,
                Form::Meal,
            ],
            (OrgGroup::School, _) => &[
                Form::Organisation,
                Form::Pupil,
                Form::Class,
                Form::Staff,
                Form::Infrastructure,
                Form::Mark,
                Form::Exam,
                Form::Unt,
                Form::Activity,
                Form::Meal,
            ],
        }
    }

    /// Defects of the submissions of a year, at most one an organisation.
    pub fn defects(&self, year: Year) -> impl Iterator<Item = DefectEvent> {
        let number = i32::from(year);
        (0_u32..)
            .zip(&self.plan.orgs)
            .filter(move |(_, org)| org.works_in(number))
            .filter_map(move |(index, _)| defect::draw(self, index, year))
    }
}

/// Forms about organisations that somebody else fills in, or that nobody owes.
const fn is_of_others(form: Form) -> bool {
    matches!(
        form,
        Form::Vacancy
            | Form::Licence
            | Form::Attestation
            | Form::Accreditation
            | Form::Training
            | Form::Certification
            | Form::Inspection
    )
}

/// Forms of international studies: one file of the republic, in the years of their cycles.
const fn is_of_a_study(form: Form) -> bool {
    matches!(form, Form::StudyPupil | Form::StudyValue | Form::StudyWeight | Form::PublishedObservation)
}

fn boxed<'a, T: 'a>(rows: Vec<T>, wrap: fn(T) -> Record) -> Box<dyn Iterator<Item = Record> + 'a> {
    Box::new(rows.into_iter().map(wrap))
}

fn records<T>(rows: Vec<T>, wrap: impl Fn(T) -> Record) -> Vec<Record> {
    rows.into_iter().map(wrap).collect()
}

/// A closing organisation still submits in the year it closes.
fn submits_in(org: &OrgPlan, year: i32) -> bool {
    org.first_autumn() <= year && org.closed.is_none_or(|closed| year <= closed)
}

#[cfg(test)]
mod tests;
