//! Records about what learners are given beside lessons, and what becomes of graduates.

use chrono::NaiveDate;

use super::{
    Circle, Code, ExemptReason, ExtraProvider, Hundredths, MealKind, OrderKind, QueuePrivilege, QueueStatus,
    Tenths, form_record,
};
use crate::dimension::{Language, Sex};
use crate::ids::{Bin, Kato};
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::year_month::YearMonth;

form_record! {
    /// `S1.TVE_GRAD`: one graduate of the calendar year in one qualification.
    TveGraduate {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Graduate.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Level.
        level: Level,
        /// Language of instruction.
        language: Language,
        /// Code of the speciality.
        speciality: Code,
        /// Code of the qualification.
        qualification: Code,
        /// Day of graduation.
        graduated_on: NaiveDate,
        /// Basis of training.
        order_kind: OrderKind,
        /// First day of work.
        employed_on: Option<NaiveDate>,
        /// Employer.
        employer_bin: Option<Bin>,
        /// In the field of training.
        is_in_field: Option<bool>,
        /// Continues education.
        is_continuing: bool,
        /// Why the graduate is left out of the count of those who should work.
        exempt_reason: Option<ExemptReason>,
    }
}

form_record! {
    /// S1.EXTRA: one activity of a pupil, or that there is none.
    Activity {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Pupil.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Level.
        level: Level,
        /// Grade.
        grade: u8,
        /// Language of instruction.
        language: Language,
        /// Kind of activity.
        circle: Circle,
        /// Provider; none where nothing is attended.
        provider: Option<ExtraProvider>,
        /// Hours a week.
        hours_week: Option<Tenths>,
        /// Free of charge.
        is_free: Option<bool>,
    }
}

form_record! {
    /// S1.MEAL: pupils of one grade fed in one way on an average school day.
    Meal {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Grade.
        grade: u8,
        /// Who pays.
        kind: MealKind,
        /// Pupils.
        pupil_count: i32,
        /// Cost of a meal.
        cost_kzt: Option<Hundredths>,
        /// Of it paid by parents.
        parent_pays_kzt: Option<Hundredths>,
    }
}

form_record! {
    /// S1.QUEUE: one application for a place in pre-school education.
    Application {
        /// District applied to.
        district: Kato,
        /// Child.
        pid: Pseudonym,
        /// Month of birth.
        birth: YearMonth,
        /// Sex.
        sex: Sex,
        /// Day of the application.
        applied_on: NaiveDate,
        /// Privilege.
        privilege: Option<QueuePrivilege>,
        /// Day of the referral.
        directed_on: Option<NaiveDate>,
        /// Status.
        status: QueueStatus,
    }
}
