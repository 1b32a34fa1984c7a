//! Records of the forms as plain structs.
//!
//! Owns one struct per form, with the form's fields in the form's order, and their
//! CSV spelling. The [`crate::oracle`] reads them, the [`crate::generator`] makes
//! them. It does not validate: a record may be wrong, which is what validation in
//! the warehouse is for. Fields are documented in `datasets/forms`; here a comment
//! says only what the name and the type do not.

mod aggregate;
mod codes;
mod csv;
mod development;
mod international;
mod organisation;
mod oversight;
mod person;
mod population;
mod result;
mod service;
mod service_codes;
mod study;

pub use aggregate::Aggregate;
pub use codes::{
    AuthorityKind, BuildingState, Category, Delay, Destination, Dormitory, Education, ExamForm, ExitReason,
    Funding, GradeStatus, Honours, LeftReason, OrgGroup, OrgType, Period, PopulationStatus, Position,
    PrevGradeResult, UntSession, UntStatus,
};
pub use csv::{
    CsvRow, Field, Hundredths, Millionths, RepublicOr, TenThousandths, Tenths, TotalOr, replace_field,
};
pub use development::{Certification, MethodicalDay, Training, Vacancy};
pub use international::{PublishedObservation, StudyPupil, StudyValue, StudyWeight};
pub use organisation::{Authority, Class, Infrastructure, Organisation};
pub use oversight::{Accreditation, Attestation, Inspection, Licence};
pub use person::{Pupil, Staff};
pub use population::PopulationRow;
pub use result::{ExamMark, Mark, UntRow};
pub use service::{Activity, Application, Meal, TveGraduate};
pub use service_codes::{
    Circle, ExemptReason, ExtraProvider, MealKind, OrderKind, QueuePrivilege, QueueStatus,
};
pub use study::{FactorValue, SampleResult, SurveyAnswer, TestBlock};

use std::borrow::Cow;

use crate::codes::code_list;
use crate::ids::{Kato, RegionCode};
use crate::year::{AcademicYearRule, Year};

/// A code of an open list (subject, profile, publisher); borrowed where constant.
pub type Code = Cow<'static, str>;

code_list! {
    /// The forms whose records exist as structs.
    Form, "form" {
        /// Register of education authorities.
        Authority = "REG.AUTHORITY",
        /// Passport of an organisation.
        Organisation = "S1.ORG",
        /// Enrolment of a learner.
        Pupil = "S1.PUPIL",
        /// Class-set.
        Class = "S1.CLASS",
        /// Position of a person.
        Staff = "S1.STAFF",
        /// Infrastructure of an organisation.
        Infrastructure = "S1.INFRA",
        /// Mark of a pupil.
        Mark = "S1.GRADE",
        /// Population.
        Population = "S2.POP",
        /// Published aggregate.
        Aggregate = "S2.AGG",
        /// Exam of the final certification.
        Exam = "S6.EXAM",
        /// Subject of a sitting of the admission test.
        Unt = "S7.UNT",
        /// Graduate of vocational education.
        TveGraduate = "S1.TVE_GRAD",
        /// Activity of a pupil beside lessons.
        Activity = "S1.EXTRA",
        /// Meals of a grade.
        Meal = "S1.MEAL",
        /// Application for a pre-school place.
        Application = "S1.QUEUE",
        /// Position that nobody holds.
        Vacancy = "S1.VACANCY",
        /// School covered by a methodological day.
        MethodicalDay = "S1.METHDAY",
        /// What a factor adds to a result.
        Factor = "S3.FACTOR",
        /// Licence.
        Licence = "S4A.LICENCE",
        /// State attestation of an organisation.
        Attestation = "S4B.ATTESTATION",
        /// Accreditation.
        Accreditation = "S4C.ACCREDITATION",
        /// Result of an inspection.
        Inspection = "S5.INSPECTION",
        /// Block of the complex testing.
        TestBlock = "S8.KT",
        /// Course of a teacher.
        Training = "S9A.TRAINING",
        /// Stage of the certification of a teacher.
        Certification = "S9B.CERTIFICATION",
        /// Pupil of an international study.
        StudyPupil = "S10.PUPIL",
        /// Plausible value of a pupil.
        StudyValue = "S10.PV",
        /// Replicate weight of a pupil.
        StudyWeight = "S10.REPLICATE",
        /// Published observation of a country.
        PublishedObservation = "S10.OBS",
        /// Result of a sampled pupil.
        SampleResult = "S11.MONITORING",
        /// Answer of a respondent.
        SurveyAnswer = "S12.SURVEY",
    }
}

impl Form {
    /// Columns of the form's file: `year`, then the fields in form order.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Authority => Authority::COLUMNS,
            Self::Organisation => Organisation::COLUMNS,
            Self::Pupil => Pupil::COLUMNS,
            Self::Class => Class::COLUMNS,
            Self::Staff => Staff::COLUMNS,
            Self::Infrastructure => Infrastructure::COLUMNS,
            Self::Mark => Mark::COLUMNS,
            Self::Population => PopulationRow::COLUMNS,
            Self::Aggregate => Aggregate::COLUMNS,
            Self::Exam => ExamMark::COLUMNS,
            Self::Unt => UntRow::COLUMNS,
            Self::TveGraduate => TveGraduate::COLUMNS,
            Self::Activity => Activity::COLUMNS,
            Self::Meal => Meal::COLUMNS,
            Self::Application => Application::COLUMNS,
            Self::Vacancy => Vacancy::COLUMNS,
            Self::MethodicalDay => MethodicalDay::COLUMNS,
            Self::Factor => FactorValue::COLUMNS,
            Self::Licence => Licence::COLUMNS,
            Self::Attestation => Attestation::COLUMNS,
            Self::Accreditation => Accreditation::COLUMNS,
            Self::Inspection => Inspection::COLUMNS,
            Self::TestBlock => TestBlock::COLUMNS,
            Self::Training => Training::COLUMNS,
            Self::Certification => Certification::COLUMNS,
            Self::StudyPupil => StudyPupil::COLUMNS,
            Self::StudyValue => StudyValue::COLUMNS,
            Self::StudyWeight => StudyWeight::COLUMNS,
            Self::PublishedObservation => PublishedObservation::COLUMNS,
            Self::SampleResult => SampleResult::COLUMNS,
            Self::SurveyAnswer => SurveyAnswer::COLUMNS,
        }
    }

    /// First line of the form's file, without its line break.
    #[must_use]
    pub fn header(self) -> String {
        self.columns().join(",")
    }

    /// Which academic year its facts belong to.
    #[must_use]
    pub const fn academic_year_rule(self) -> AcademicYearRule {
        match self {
            Self::Mark
            | Self::Exam
            | Self::Unt
            | Self::TveGraduate
            | Self::MethodicalDay
            | Self::Factor
            | Self::Attestation
            | Self::Inspection
            | Self::TestBlock
            | Self::Certification
            | Self::StudyPupil
            | Self::StudyValue
            | Self::StudyWeight
            | Self::SampleResult
            | Self::SurveyAnswer => AcademicYearRule::Ends,
            _ => AcademicYearRule::Begins,
        }
    }
}

/// A record of any form.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// REG.AUTHORITY
    Authority(Authority),
    /// S1.ORG
    Organisation(Organisation),
    /// S1.PUPIL
    Pupil(Pupil),
    /// S1.CLASS
    Class(Class),
    /// S1.STAFF
    Staff(Staff),
    /// S1.INFRA
    Infrastructure(Infrastructure),
    /// S1.GRADE
    Mark(Mark),
    /// S2.POP
    Population(PopulationRow),
    /// S2.AGG
    Aggregate(Aggregate),
    /// S6.EXAM
    Exam(ExamMark),
    /// S7.UNT
    Unt(UntRow),
    /// `S1.TVE_GRAD`
    TveGraduate(TveGraduate),
    /// S1.EXTRA
    Activity(Activity),
    /// S1.MEAL
    Meal(Meal),
    /// S1.QUEUE
    Application(Application),
    /// S1.VACANCY
    Vacancy(Vacancy),
    /// S1.METHDAY
    MethodicalDay(MethodicalDay),
    /// S3.FACTOR
    Factor(FactorValue),
    /// S4A.LICENCE
    Licence(Licence),
    /// S4B.ATTESTATION
    Attestation(Attestation),
    /// S4C.ACCREDITATION
    Accreditation(Accreditation),
    /// S5.INSPECTION
    Inspection(Inspection),
    /// S8.KT
    TestBlock(TestBlock),
    /// S9A.TRAINING
    Training(Training),
    /// S9B.CERTIFICATION
    Certification(Certification),
    /// S10.PUPIL
    StudyPupil(StudyPupil),
    /// S10.PV
    StudyValue(StudyValue),
    /// S10.REPLICATE
    StudyWeight(StudyWeight),
    /// S10.OBS
    PublishedObservation(PublishedObservation),
    /// S11.MONITORING
    SampleResult(SampleResult),
    /// S12.SURVEY
    SurveyAnswer(SurveyAnswer),
}

impl Record {
    /// Its form.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self {
            Self::Authority(_) => Form::Authority,
            Self::Organisation(_) => Form::Organisation,
            Self::Pupil(_) => Form::Pupil,
            Self::Class(_) => Form::Class,
            Self::Staff(_) => Form::Staff,
            Self::Infrastructure(_) => Form::Infrastructure,
            Self::Mark(_) => Form::Mark,
            Self::Population(_) => Form::Population,
            Self::Aggregate(_) => Form::Aggregate,
            Self::Exam(_) => Form::Exam,
            Self::Unt(_) => Form::Unt,
            Self::TveGraduate(_) => Form::TveGraduate,
            Self::Activity(_) => Form::Activity,
            Self::Meal(_) => Form::Meal,
            Self::Application(_) => Form::Application,
            Self::Vacancy(_) => Form::Vacancy,
            Self::MethodicalDay(_) => Form::MethodicalDay,
            Self::Factor(_) => Form::Factor,
            Self::Licence(_) => Form::Licence,
            Self::Attestation(_) => Form::Attestation,
            Self::Accreditation(_) => Form::Accreditation,
            Self::Inspection(_) => Form::Inspection,
            Self::TestBlock(_) => Form::TestBlock,
            Self::Training(_) => Form::Training,
            Self::Certification(_) => Form::Certification,
            Self::StudyPupil(_) => Form::StudyPupil,
            Self::StudyValue(_) => Form::StudyValue,
            Self::StudyWeight(_) => Form::StudyWeight,
            Self::PublishedObservation(_) => Form::PublishedObservation,
            Self::SampleResult(_) => Form::SampleResult,
            Self::SurveyAnswer(_) => Form::SurveyAnswer,
        }
    }

    /// Its reporting year.
    #[must_use]
    pub const fn year(&self) -> Year {
        match self {
            Self::Authority(r) => r.year,
            Self::Organisation(r) => r.year,
            Self::Pupil(r) => r.year,
            Self::Class(r) => r.year,
            Self::Staff(r) => r.year,
            Self::Infrastructure(r) => r.year,
            Self::Mark(r) => r.year,
            Self::Population(r) => r.year,
            Self::Aggregate(r) => r.year,
            Self::Exam(r) => r.year,
            Self::Unt(r) => r.year,
            Self::TveGraduate(r) => r.year,
            Self::Activity(r) => r.year,
            Self::Meal(r) => r.year,
            Self::Application(r) => r.year,
            Self::Vacancy(r) => r.year,
            Self::MethodicalDay(r) => r.year,
            Self::Factor(r) => r.year,
            Self::Licence(r) => r.year,
            Self::Attestation(r) => r.year,
            Self::Accreditation(r) => r.year,
            Self::Inspection(r) => r.year,
            Self::TestBlock(r) => r.year,
            Self::Training(r) => r.year,
            Self::Certification(r) => r.year,
            Self::StudyPupil(r) => r.year,
            Self::StudyValue(r) => r.year,
            Self::StudyWeight(r) => r.year,
            Self::PublishedObservation(r) => r.year,
            Self::SampleResult(r) => r.year,
            Self::SurveyAnswer(r) => r.year,
        }
    }

    /// The partition it lands in.
    #[must_use]
    pub fn region(&self) -> RegionCode {
        let kato = match self {
            Self::Authority(r) => r.kato.0,
            Self::Population(r) => r.kato.0,
            Self::Aggregate(r) => r.kato.0,
            Self::Organisation(r) => Some(r.district),
            Self::Pupil(r) => Some(r.district),
            Self::Class(r) => Some(r.district),
            Self::Staff(r) => Some(r.district),
            Self::Infrastructure(r) => Some(r.district),
            Self::Mark(r) => Some(r.district),
            Self::Exam(r) => Some(r.district),
            Self::Unt(r) => Some(r.district),
            Self::TveGraduate(r) => Some(r.district),
            Self::Activity(r) => Some(r.district),
            Self::Meal(r) => Some(r.district),
            Self::Application(r) => Some(r.district),
            Self::Vacancy(r) => Some(r.district),
            Self::MethodicalDay(r) => Some(r.district),
            Self::Factor(r) => Some(r.district),
            Self::Licence(r) => Some(r.district),
            Self::Attestation(r) => Some(r.district),
            Self::Accreditation(r) => Some(r.district),
            Self::Inspection(r) => Some(r.district),
            Self::TestBlock(r) => Some(r.district),
            Self::Training(r) => Some(r.district),
            Self::Certification(r) => Some(r.district),
            Self::StudyPupil(_)
            | Self::StudyValue(_)
            | Self::StudyWeight(_)
            | Self::PublishedObservation(_) => None,
            Self::SampleResult(r) => Some(r.district),
            Self::SurveyAnswer(r) => Some(r.district),
        };
        kato.map_or(RegionCode::NOT_TERRITORIAL, Kato::region)
    }

    /// Appends the record as one CSV line, with its line break.
    pub fn write_csv(&self, out: &mut Vec<u8>) {
        let mut row = CsvRow::new(out);
        match self {
            Self::Authority(r) => r.write_fields(&mut row),
            Self::Organisation(r) => r.write_fields(&mut row),
            Self::Pupil(r) => r.write_fields(&mut row),
            Self::Class(r) => r.write_fields(&mut row),
            Self::Staff(r) => r.write_fields(&mut row),
            Self::Infrastructure(r) => r.write_fields(&mut row),
            Self::Mark(r) => r.write_fields(&mut row),
            Self::Population(r) => r.write_fields(&mut row),
            Self::Aggregate(r) => r.write_fields(&mut row),
            Self::Exam(r) => r.write_fields(&mut row),
            Self::Unt(r) => r.write_fields(&mut row),
            Self::TveGraduate(r) => r.write_fields(&mut row),
            Self::Activity(r) => r.write_fields(&mut row),
            Self::Meal(r) => r.write_fields(&mut row),
            Self::Application(r) => r.write_fields(&mut row),
            Self::Vacancy(r) => r.write_fields(&mut row),
            Self::MethodicalDay(r) => r.write_fields(&mut row),
            Self::Factor(r) => r.write_fields(&mut row),
            Self::Licence(r) => r.write_fields(&mut row),
            Self::Attestation(r) => r.write_fields(&mut row),
            Self::Accreditation(r) => r.write_fields(&mut row),
            Self::Inspection(r) => r.write_fields(&mut row),
            Self::TestBlock(r) => r.write_fields(&mut row),
            Self::Training(r) => r.write_fields(&mut row),
            Self::Certification(r) => r.write_fields(&mut row),
            Self::StudyPupil(r) => r.write_fields(&mut row),
            Self::StudyValue(r) => r.write_fields(&mut row),
            Self::StudyWeight(r) => r.write_fields(&mut row),
            Self::PublishedObservation(r) => r.write_fields(&mut row),
            Self::SampleResult(r) => r.write_fields(&mut row),
            Self::SurveyAnswer(r) => r.write_fields(&mut row),
        }
        row.end();
    }
}

/// Declares a form's struct; columns and fields cannot drift apart.
macro_rules! form_record {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            /// Reporting year.
            pub year: $crate::year::Year,
            $( $(#[$field_meta])* pub $field: $type, )+
        }

        impl $name {
            /// Columns of its file.
            pub const COLUMNS: &'static [&'static str] = &["year", $(stringify!($field)),+];

            pub(super) fn write_fields(&self, row: &mut $crate::records::CsvRow<'_>) {
                row.field(&self.year);
                $( row.field(&self.$field); )+
            }
        }
    };
}

pub(crate) use form_record;

#[cfg(test)]
mod tests;
