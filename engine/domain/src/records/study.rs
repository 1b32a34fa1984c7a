//! Records of studies: complex testing, monitoring samples, surveys, analysis of factors.

use super::{Code, Hundredths, Millionths, TenThousandths, Tenths, form_record};
use crate::dimension::{Language, Sex};
use crate::ids::{Bin, Kato};
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::records::UntStatus;

form_record! {
    /// S3.FACTOR: what one factor adds to the result of one organisation.
    FactorValue {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Study.
        study_id: Code,
        /// Model.
        model: Code,
        /// Outcome explained.
        outcome: Code,
        /// Factor.
        factor: Code,
        /// Value of the organisation.
        factor_value: TenThousandths,
        /// Value of comparison.
        reference_value: TenThousandths,
        /// Coefficient of the model.
        coefficient: Millionths,
        /// Its standard error.
        se: Option<Millionths>,
        /// Learners behind it.
        learner_count: u32,
        /// Lake version of the inputs.
        input_version: u32,
        /// Method in words.
        method: Code,
    }
}

form_record! {
    /// S8.KT: one block of the complex testing of a person.
    TestBlock {
        /// District of residence.
        district: Kato,
        /// Person.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Language of the test.
        language: Language,
        /// `summer` or `autumn`.
        wave: Code,
        /// `scientific_pedagogical` or `profile`.
        direction: Code,
        /// Group of programmes.
        programme_group: Code,
        /// Block.
        block: Code,
        /// Points.
        score: Tenths,
        /// Points possible.
        score_max: Tenths,
        /// Points of the testing.
        total: Tenths,
        /// Whether it stands.
        status: UntStatus,
    }
}

form_record! {
    /// S11.MONITORING: one result of a sampled pupil in a literacy area.
    SampleResult {
        /// District as at reporting.
        district: Kato,
        /// School.
        org_bin: Bin,
        /// Study.
        study: Code,
        /// Pupil.
        pid: Pseudonym,
        /// Sex.
        sex: Sex,
        /// Grade.
        grade: u8,
        /// Language of the test.
        language: Language,
        /// Literacy area.
        domain: Code,
        /// Points.
        score: Hundredths,
        /// Points possible.
        score_max: Hundredths,
        /// `low`, `medium` or `high`.
        level_reached: Option<Code>,
        /// Weight.
        weight: TenThousandths,
        /// Stratum.
        stratum: String,
        /// Primary sampling unit.
        psu: String,
        /// `direct` or `distance`.
        monitoring_form: Code,
    }
}

form_record! {
    /// S12.SURVEY: one item of a respondent.
    SurveyAnswer {
        /// District as at reporting.
        district: Kato,
        /// Survey.
        survey: Code,
        /// Wave.
        wave: u8,
        /// Questionnaire.
        questionnaire: Code,
        /// Respondent within survey and wave; never a pseudonym.
        respondent_id: String,
        /// `parent`, `pupil`, `teacher` or `employer`.
        respondent_kind: Code,
        /// Level asked about.
        level: Level,
        /// Item.
        item: Code,
        /// `completed`, `refused`, `not_reached` or `ineligible`.
        status: Code,
        /// Answer of the completed.
        response: Option<Code>,
        /// Weight.
        weight: TenThousandths,
        /// Stratum.
        stratum: String,
        /// Primary sampling unit.
        psu: String,
        /// `direct` or `distance`.
        monitoring_form: Code,
    }
}
