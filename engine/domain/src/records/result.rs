//! Records about learning outcomes.

use super::{Code, ExamForm, GradeStatus, Honours, Period, Tenths, UntSession, UntStatus, form_record};
use crate::dimension::{Language, Sex};
use crate::ids::{Bin, Kato};
use crate::level::Level;
use crate::pseudonym::Pseudonym;

form_record! {
    /// S1.GRADE: one mark of a pupil in a subject and period.
    Mark {
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
        /// Grade of the year that ended.
        grade: u8,
        /// Language of instruction.
        language: Language,
        /// What the mark is for.
        period: Period,
        /// Subject.
        subject: Code,
        /// Mark, 2..=5; given to the attested.
        mark: Option<u8>,
        /// Whether a mark was given.
        status: GradeStatus,
    }
}

form_record! {
    /// S6.EXAM: one exam of the final certification.
    ExamMark {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Pupil.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Language of instruction.
        language: Language,
        /// 9 or 11.
        exam_grade: u8,
        /// Subject.
        subject: Code,
        /// Attempt, from 1.
        attempt: u8,
        /// How it was held.
        form: Option<ExamForm>,
        /// Points reached.
        score_raw: Option<Tenths>,
        /// Points possible.
        score_max: Option<Tenths>,
        /// Mark, 2..=5.
        mark: Option<u8>,
        /// Admitted to the exams.
        is_admitted: bool,
        /// Distinction.
        honours: Option<Honours>,
    }
}

form_record! {
    /// S7.UNT: one subject of one sitting of the admission test.
    UntRow {
        /// District of the school of leaving.
        district: Kato,
        /// School of leaving.
        org_bin: Bin,
        /// Person.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Language of the test.
        language: Language,
        /// Year of leaving school.
        leaver_year: Option<u16>,
        /// Session.
        session: UntSession,
        /// Attempt within the session.
        attempt: u8,
        /// Pair of profile subjects.
        profile: Option<Code>,
        /// Subject.
        subject: Code,
        /// Points in the subject.
        score: i32,
        /// Points possible in the subject.
        score_max: i32,
        /// Points of the sitting.
        total: i32,
        /// Points possible in the sitting.
        total_max: i32,
        /// Whether the sitting stands.
        status: UntStatus,
        /// Applied for a grant.
        grant_applied: Option<bool>,
        /// Got one.
        grant_awarded: Option<bool>,
    }
}
