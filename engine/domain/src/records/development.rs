//! Records of the work with teachers: vacancies, courses, certification, methodological days.

use chrono::NaiveDate;

use super::{Category, Code, Hundredths, Position, Tenths, form_record};
use crate::dimension::Sex;
use crate::ids::{Bin, Kato};
use crate::modality::StudyForm;
use crate::pseudonym::Pseudonym;

form_record! {
    /// S1.VACANCY: one position that nobody holds.
    Vacancy {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Number of the vacancy.
        vacancy_no: String,
        /// Position.
        position: Position,
        /// A position of a teacher.
        is_teacher: bool,
        /// Subject.
        subject: Option<Code>,
        /// Full-time equivalent.
        rate_fte: Hundredths,
        /// Since when.
        vacant_from: Option<NaiveDate>,
    }
}

impl Vacancy {
    /// A position of a teacher that is vacant on 1 October of its year.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.is_teacher && self.vacant_from.is_none_or(|day| day <= self.year.fixing_date())
    }
}

form_record! {
    /// S1.METHDAY: one school covered by one methodological day.
    MethodicalDay {
        /// District of the school.
        district: Kato,
        /// Authority that held it.
        organiser_bin: Bin,
        /// Number of the event.
        event_id: String,
        /// School.
        visited_bin: Bin,
        /// Day.
        held_on: NaiveDate,
        /// `direct` or `distance`.
        monitoring_form: Code,
        /// Topic.
        topic: Code,
        /// Persons who took part.
        participant_count: u32,
        /// Recommendations given.
        recommendation_count: u16,
        /// Of them, followed.
        done_count: u16,
        /// Their text.
        recommendations: Option<Code>,
    }
}

form_record! {
    /// S9A.TRAINING: one certificate of a course.
    Training {
        /// District of the teacher's organisation.
        district: Kato,
        /// The teacher's organisation.
        org_bin: Bin,
        /// Teacher.
        tid: Pseudonym,
        /// Who held the course.
        provider_bin: Bin,
        /// Number of the certificate.
        certificate_no: String,
        /// Title.
        course: Code,
        /// Subject.
        subject: Option<Code>,
        /// Hours.
        hours: u16,
        /// `full` or `distance`.
        form: StudyForm,
        /// First day.
        started_on: NaiveDate,
        /// Last day.
        ended_on: NaiveDate,
        /// `state_order` or `paid`.
        funding: Option<Code>,
        /// `passed` or `failed`.
        result: Code,
    }
}

form_record! {
    /// S9B.CERTIFICATION: one stage of an application for a category.
    Certification {
        /// District of the teacher's organisation.
        district: Kato,
        /// The teacher's organisation.
        org_bin: Bin,
        /// Teacher.
        tid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Number of the application.
        application_no: String,
        /// `knowledge_test`, `portfolio` or `decision`.
        stage: Code,
        /// Category applied for.
        category_applied: Category,
        /// Category before.
        category_before: Option<Category>,
        /// Head of an organisation.
        is_head: bool,
        /// Score of the knowledge test.
        score_percent: Option<Tenths>,
        /// Day.
        held_on: NaiveDate,
        /// `passed`, `failed`, `granted` or `refused`.
        result: Code,
        /// Last day of the category.
        valid_to: Option<NaiveDate>,
        /// Level of the commission.
        commission: Option<Code>,
    }
}
