//! Records of international studies: pupils tested, their plausible values and weights, and what is published.

use chrono::NaiveDate;

use super::{Code, Hundredths, Millionths, TenThousandths, form_record};
use crate::dimension::{Locality, Ownership, Sex};

form_record! {
    /// S10.PUPIL: one pupil of a foreign or international examination.
    StudyPupil {
        /// Study.
        study: Code,
        /// Country.
        country: Code,
        /// Code of the area in the country.
        area_code: Option<Code>,
        /// Name of the area.
        area_name: Option<Code>,
        /// School.
        school_id: String,
        /// Name of the school.
        school_name: Option<Code>,
        /// Pupil.
        pupil_id: String,
        /// Sex.
        sex: Sex,
        /// Year of birth.
        birth_year: i32,
        /// Ownership of the school.
        ownership: Option<Ownership>,
        /// Locality of the school.
        locality: Locality,
        /// Shift.
        shift: Option<Code>,
        /// Points.
        score_mathematics: Option<Hundredths>,
        /// Points.
        score_language: Option<Hundredths>,
        /// Points.
        score_science: Option<Hundredths>,
        /// Points.
        score_social: Option<Hundredths>,
        /// Points.
        score_philosophy: Option<Hundredths>,
        /// Points.
        score_english: Option<Hundredths>,
        /// Points.
        score_total: Option<Hundredths>,
        /// Weight, where there are no replicates.
        weight: Option<Millionths>,
        /// Rank.
        rank: Option<u32>,
        /// Index of economic, social and cultural status.
        escs: Option<TenThousandths>,
    }
}

form_record! {
    /// S10.PV: one plausible value.
    StudyValue {
        /// Study.
        study: Code,
        /// Country.
        country: Code,
        /// School.
        school_id: String,
        /// Pupil.
        pupil_id: String,
        /// Subject.
        subject: Code,
        /// Its number, from 1.
        pv: u8,
        /// Points.
        value: TenThousandths,
    }
}

form_record! {
    /// S10.REPLICATE: one replicate weight.
    StudyWeight {
        /// Study.
        study: Code,
        /// Country.
        country: Code,
        /// School.
        school_id: String,
        /// Pupil.
        pupil_id: String,
        /// Its number; 0 is the final weight.
        replicate: u16,
        /// Persons.
        weight: Millionths,
    }
}

form_record! {
    /// S10.OBS: one published observation of a country.
    PublishedObservation {
        /// Country.
        country: Code,
        /// Whether it is a group of countries.
        is_aggregate: bool,
        /// Series.
        series: Code,
        /// Concept.
        concept: Code,
        /// Level.
        level: Code,
        /// Orientation of programmes.
        orientation: Code,
        /// Sex.
        sex: Code,
        /// Ownership.
        ownership: Code,
        /// Locality.
        locality: Code,
        /// Grade, -1 for all.
        grade: i32,
        /// Age, -1 for all.
        age: i32,
        /// Last age, -1 for all.
        age_to: i32,
        /// Subject.
        subject: Option<Code>,
        /// Value.
        value: Hundredths,
        /// Its standard error.
        se: Option<Hundredths>,
        /// Number behind it.
        n: Option<u32>,
        /// Unit.
        unit: Code,
        /// Publisher.
        publisher: Code,
        /// Edition.
        edition: Code,
        /// Date of publication.
        published_on: Option<NaiveDate>,
        /// Flag.
        flag: Option<Code>,
        /// Note.
        note: Option<Code>,
    }
}
