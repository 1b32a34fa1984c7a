//! Records about learners and staff.

use chrono::NaiveDate;

use super::{
    Category, Code, Destination, Dormitory, Education, ExitReason, Funding, Hundredths, LeftReason, Position,
    PrevGradeResult, Tenths, form_record,
};
use crate::dimension::{Language, Sex};
use crate::ids::{Bin, Kato};
use crate::level::Level;
use crate::modality::StudyForm;
use crate::pseudonym::Pseudonym;
use crate::year_month::YearMonth;

form_record! {
    /// S1.PUPIL: one enrolment of a learner in an organisation.
    Pupil {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Learner.
        pid: Pseudonym,
        /// Month of birth.
        birth: YearMonth,
        /// Sex.
        sex: Sex,
        /// Level.
        level: Level,
        /// Grade; course in vocational education; 0 before school.
        grade: u8,
        /// Letter of the class.
        class_letter: Option<Code>,
        /// Language of instruction.
        language: Language,
        /// Shift, 1..=3.
        shift: Option<u8>,
        /// How the learner studies.
        study_form: StudyForm,
        /// Who pays.
        funding: Funding,
        /// Special educational needs.
        has_sen: bool,
        /// Citizenship, ISO 3166 alpha-3.
        citizenship: Option<Code>,
        /// Language spoken at home.
        home_language: Option<Language>,
        /// Settlement of residence.
        residence: Option<Kato>,
        /// First day.
        enrol_from: NaiveDate,
        /// First day on which the learner is not enrolled any more.
        enrol_to: Option<NaiveDate>,
        /// Why the learner left.
        exit_reason: Option<ExitReason>,
        /// How the learner came into the grade.
        prev_grade_result: Option<PrevGradeResult>,
        /// Dual training.
        is_dual: Option<bool>,
        /// Employer in dual training.
        employer_bin: Option<Bin>,
        /// Code of the speciality.
        speciality: Option<Code>,
        /// Nominal duration of the programme, in years.
        nominal_years: Option<u8>,
        /// Dormitory.
        dormitory: Option<Dormitory>,
        /// Where the learner went, as the organisation says.
        destination: Option<Destination>,
    }
}

impl Pupil {
    /// Enrolled on 1 October of its year.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let as_of = self.year.fixing_date();
        self.enrol_from <= as_of && self.enrol_to.is_none_or(|end| end > as_of)
    }

    /// Age in full years on 1 September of its year.
    #[must_use]
    pub fn age(&self) -> i32 {
        self.birth.age_on_first_september(self.year)
    }
}

form_record! {
    /// S1.STAFF: one position of a person in an organisation.
    Staff {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Person.
        tid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Month of birth.
        birth: YearMonth,
        /// Position.
        position: Position,
        /// Teaches.
        is_teacher: bool,
        /// Education.
        education: Education,
        /// Subject taught.
        subject: Option<Code>,
        /// Hours a week.
        load_hours: Option<Tenths>,
        /// Full-time equivalent.
        rate_fte: Hundredths,
        /// Main job.
        is_main_job: bool,
        /// Years of teaching.
        experience_years: Option<u8>,
        /// Qualification category.
        category: Category,
        /// Its first day.
        category_from: Option<NaiveDate>,
        /// Its last day.
        category_to: Option<NaiveDate>,
        /// Salary band.
        salary_band: Option<u8>,
        /// Why the person left; `None` while employed.
        left_reason: Option<LeftReason>,
        /// Has pedagogical education or retraining.
        has_pedagogical_education: Option<bool>,
    }
}

impl Staff {
    /// Counted as a teacher: teaches, by main job, and has not left.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.is_teacher && self.is_main_job && self.left_reason.is_none()
    }

    /// Age in full years on 1 October of its year.
    #[must_use]
    pub fn age(&self) -> i32 {
        self.birth.age_on_first_october(self.year)
    }
}
