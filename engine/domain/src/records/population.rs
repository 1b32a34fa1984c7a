//! Records about population.

use chrono::NaiveDate;

use super::{Code, PopulationStatus, RepublicOr, TotalOr, form_record};
use crate::dimension::{Locality, Sex};

form_record! {
    /// S2.POP: population of a territory on 1 January of the year.
    PopulationRow {
        /// Territory; `None` for the republic, written as 0.
        kato: RepublicOr,
        /// Youngest age; -1 for all ages.
        age: i32,
        /// Oldest age; -1 for all ages.
        age_to: i32,
        /// `None` for both.
        sex: TotalOr<Sex>,
        /// `None` for both.
        locality: TotalOr<Locality>,
        /// Persons.
        population: i64,
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
