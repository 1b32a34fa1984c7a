//! What the formulas read: records and dated parameters.

use std::collections::BTreeMap;

use crate::level::{AgeBand, ENTRY_AGE};
use crate::records::{
    Accreditation, Activity, Aggregate, Application, Attestation, Authority, Category, Certification, Class,
    ExamMark, FactorValue, Hundredths, Infrastructure, Inspection, Licence, Mark, Meal, MethodicalDay,
    Organisation, PopulationRow, Pupil, Record, SampleResult, Staff, SurveyAnswer, Tenths, TestBlock,
    Training, TveGraduate, UntRow, Vacancy,
};

/// Records of all forms and years, in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// REG.AUTHORITY
    pub authorities: Vec<Authority>,
    /// S1.ORG
    pub organisations: Vec<Organisation>,
    /// S1.PUPIL
    pub pupils: Vec<Pupil>,
    /// S1.CLASS
    pub classes: Vec<Class>,
    /// S1.STAFF
    pub staff: Vec<Staff>,
    /// S1.INFRA
    pub infrastructure: Vec<Infrastructure>,
    /// S1.GRADE
    pub marks: Vec<Mark>,
    /// S2.POP
    pub population: Vec<PopulationRow>,
    /// S2.AGG
    pub aggregates: Vec<Aggregate>,
    /// S6.EXAM
    pub exams: Vec<ExamMark>,
    /// S7.UNT
    pub unt: Vec<UntRow>,
    /// `S1.TVE_GRAD`
    pub graduates: Vec<TveGraduate>,
    /// S1.EXTRA
    pub activities: Vec<Activity>,
    /// S1.MEAL
    pub meals: Vec<Meal>,
    /// S1.QUEUE
    pub applications: Vec<Application>,
    /// S1.VACANCY
    pub vacancies: Vec<Vacancy>,
    /// S1.METHDAY
    pub methodical_days: Vec<MethodicalDay>,
    /// S3.FACTOR
    pub factors: Vec<FactorValue>,
    /// S4A.LICENCE
    pub licences: Vec<Licence>,
    /// S4B.ATTESTATION
    pub attestations: Vec<Attestation>,
    /// S4C.ACCREDITATION
    pub accreditations: Vec<Accreditation>,
    /// S5.INSPECTION
    pub inspections: Vec<Inspection>,
    /// S8.KT
    pub test_blocks: Vec<TestBlock>,
    /// S9A.TRAINING
    pub trainings: Vec<Training>,
    /// S9B.CERTIFICATION
    pub certifications: Vec<Certification>,
    /// S11.MONITORING
    pub sample_results: Vec<SampleResult>,
    /// S12.SURVEY
    pub survey_answers: Vec<SurveyAnswer>,
}

impl Extend<Record> for Records {
    fn extend<I: IntoIterator<Item = Record>>(&mut self, records: I) {
        for record in records {
            match record {
                Record::Authority(row) => self.authorities.push(row),
                Record::Organisation(row) => self.organisations.push(row),
                Record::Pupil(row) => self.pupils.push(row),
                Record::Class(row) => self.classes.push(row),
                Record::Staff(row) => self.staff.push(row),
                Record::Infrastructure(row) => self.infrastructure.push(row),
                Record::Mark(row) => self.marks.push(row),
                Record::Population(row) => self.population.push(row),
                Record::Aggregate(row) => self.aggregates.push(row),
                Record::Exam(row) => self.exams.push(row),
                Record::Unt(row) => self.unt.push(row),
                Record::TveGraduate(row) => self.graduates.push(row),
                Record::Activity(row) => self.activities.push(row),
                Record::Meal(row) => self.meals.push(row),
                Record::Application(row) => self.applications.push(row),
                // Read as they are by `assessment` and `published`.
                Record::StudyPupil(_)
                | Record::StudyValue(_)
                | Record::StudyWeight(_)
                | Record::PublishedObservation(_) => {}
                Record::Vacancy(row) => self.vacancies.push(row),
                Record::MethodicalDay(row) => self.methodical_days.push(row),
                Record::Factor(row) => self.factors.push(row),
                Record::Licence(row) => self.licences.push(row),
                Record::Attestation(row) => self.attestations.push(row),
                Record::Accreditation(row) => self.accreditations.push(row),
                Record::Inspection(row) => self.inspections.push(row),
                Record::TestBlock(row) => self.test_blocks.push(row),
                Record::Training(row) => self.trainings.push(row),
                Record::Certification(row) => self.certifications.push(row),
                Record::SampleResult(row) => self.sample_results.push(row),
                Record::SurveyAnswer(row) => self.survey_answers.push(row),
            }
        }
    }
}

impl FromIterator<Record> for Records {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let mut all = Self::default();
        all.extend(records);
        all
    }
}

/// Parameters in force in the year asked for; the defaults are those of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Age of entry to grade 1 on 1 September.
    pub entry_age: u8,
    /// Last grade of general education.
    pub last_grade: u8,
    /// Years from the reporting year to the 1 January whose population is used.
    pub population_year_offset: i32,
    /// Ages that pre-school places are provided for.
    pub place_ages: AgeBand,
    /// Ages of pre-school coverage.
    pub coverage_ages: AgeBand,
    /// Ages of its variant from 1.
    pub coverage_ages_from_1: AgeBand,
    /// Ages of its variant from 3.
    pub coverage_ages_from_3: AgeBand,
    /// Ages that school life expectancy adds up.
    pub life_ages: AgeBand,
    /// Years above the theoretical age from which a learner is over age.
    pub overage_years: i32,
    /// Shifts in which a place may be used.
    pub allowed_shifts: i64,
    /// The same, strictly.
    pub allowed_shifts_strict: i64,
    /// Months of a budget year whose learners are those of the autumn before.
    pub budget_months_of_last_autumn: u8,
    /// Year whose prices are the constant ones.
    pub price_base_year: i32,
    /// Least speed of a broadband connection, Mbit/s.
    pub broadband_norm: Hundredths,
    /// Age from which a teacher is senior.
    pub senior_age: i32,
    /// Ages of students of TVE beside pupils of upper secondary education.
    pub upper_secondary_ages: AgeBand,
    /// Ages of youth.
    pub youth_ages: AgeBand,
    /// First and last field, the first two digits of a speciality's code, that is technical.
    pub technical_fields: (u32, u32),
    /// Least total of a high scorer.
    pub high_score: i32,
    /// Least scores of the admission test.
    pub thresholds: UntThresholds,
    /// Years for which a course of a teacher counts.
    pub training_years: i32,
    /// Months after graduation within which an employment counts.
    pub employment_months: u32,
    /// Ages of the queue for a place.
    pub queue_ages: AgeBand,
    /// Last grade whose pupils are fed free of charge.
    pub free_meal_grade: u8,
    /// Least scores of the knowledge assessment.
    pub assessment: AssessmentThresholds,
    /// Least points of the complex testing.
    pub complex_testing: ComplexTestingThresholds,
}

/// Least scores of the knowledge assessment of teachers, percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentThresholds {
    /// Of each category applied for; a category without one cannot be applied for.
    pub categories: Vec<(Category, Tenths)>,
    /// Of heads of organisations.
    pub head: Tenths,
}

impl Default for AssessmentThresholds {
    fn default() -> Self {
        let categories = vec![
            (Category::Pedagog, Tenths(500)),
            (Category::Moderator, Tenths(600)),
            (Category::Expert, Tenths(700)),
            (Category::Researcher, Tenths(800)),
            (Category::Master, Tenths(900)),
        ];
        Self { categories, head: Tenths(700) }
    }
}

/// Least points of the complex testing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplexTestingThresholds {
    /// Least total.
    pub total: Tenths,
    /// Least total of the profile direction.
    pub profile_total: Tenths,
    /// Least points of each block.
    pub blocks: BTreeMap<String, Tenths>,
}

impl Default for ComplexTestingThresholds {
    fn default() -> Self {
        let blocks = [("foreign_language", 250), ("readiness", 70), ("profile_1", 70), ("profile_2", 70)];
        let blocks = blocks.into_iter().map(|(block, least)| (block.to_owned(), Tenths(least))).collect();
        Self { total: Tenths(750), profile_total: Tenths(300), blocks }
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            entry_age: ENTRY_AGE,
            last_grade: 11,
            population_year_offset: 1,
            place_ages: AgeBand { from: 1, to: 6 },
            coverage_ages: AgeBand { from: 2, to: 6 },
            coverage_ages_from_1: AgeBand { from: 1, to: 6 },
            coverage_ages_from_3: AgeBand { from: 3, to: 6 },
            life_ages: AgeBand { from: 3, to: 24 },
            overage_years: 2,
            allowed_shifts: 2,
            allowed_shifts_strict: 1,
            budget_months_of_last_autumn: 8,
            price_base_year: 2024,
            broadband_norm: Hundredths(2_000),
            senior_age: 50,
            upper_secondary_ages: AgeBand { from: 15, to: 18 },
            youth_ages: AgeBand { from: 15, to: 24 },
            technical_fields: (6, 7),
            high_score: 100,
            thresholds: UntThresholds::default(),
            training_years: 3,
            employment_months: 12,
            queue_ages: AgeBand { from: 2, to: 6 },
            free_meal_grade: 4,
            assessment: AssessmentThresholds::default(),
            complex_testing: ComplexTestingThresholds::default(),
        }
    }
}

/// Least scores of one year and scope of admission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UntThresholds {
    /// Least total.
    pub total: i32,
    /// Least score of each subject that has its own.
    pub subjects: BTreeMap<String, i32>,
    /// Least score of any other subject: the profile subjects.
    pub profile: i32,
}

impl UntThresholds {
    /// Least score of a subject.
    #[must_use]
    pub fn subject(&self, subject: &str) -> i32 {
        self.subjects.get(subject).copied().unwrap_or(self.profile)
    }
}
