//! Records about published aggregates.

use chrono::NaiveDate;

use super::{Code, PopulationStatus, RepublicOr, TotalOr, form_record};
use crate::dimension::{Language, Locality, Ownership, Sex};
use crate::level::LevelCode;
use crate::modality::StudyForm;

form_record! {
    /// S2.AGG: one published aggregate of a territory.
    Aggregate {
        /// Territory; `None` for the republic, written as 0.
        kato: RepublicOr,
        /// What is counted.
        series: Code,
        /// Level or composite.
        level: LevelCode,
        /// `None` for both.
        sex: TotalOr<Sex>,
        /// `None` for both.
        locality: TotalOr<Locality>,
        /// `None` for all.
        language: TotalOr<Language>,
        /// `None` for both.
        ownership: TotalOr<Ownership>,
        /// `None` for all.
        study_form: TotalOr<StudyForm>,
        /// Grade; -1 for all.
        grade: i32,
        /// The number; `None` where none is available.
        value: Option<i64>,
        /// Its unit.
        unit: Code,
        /// `ok`, or why there is no number.
        flag: Code,
        /// Publisher.
        publisher: Code,
        /// Edition of the publisher.
        edition: Code,
        /// Day of publication.
        published_on: Option<NaiveDate>,
        /// Whether it may still change.
        status: PopulationStatus,
    }
}

impl Aggregate {
    /// Whether every dimension but level and ownership is a total.
    #[must_use]
    pub fn is_total(&self) -> bool {
        self.sex.0.is_none()
            && self.locality.0.is_none()
            && self.language.0.is_none()
            && self.study_form.0.is_none()
            && self.grade < 0
    }
}
