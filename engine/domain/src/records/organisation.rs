//! Records about organisations and authorities.

use chrono::NaiveDate;

use super::{AuthorityKind, BuildingState, Hundredths, OrgType, RepublicOr, form_record};
use crate::dimension::{Language, Locality, Ownership};
use crate::ids::{Bin, Kato};
use crate::level::Level;

form_record! {
    /// REG.AUTHORITY: one education authority.
    Authority {
        /// BIN of the authority.
        bin: Bin,
        /// `None` for an authority of the whole republic, written as 0.
        kato: RepublicOr,
        /// Kind.
        kind: AuthorityKind,
        /// Name in Kazakh.
        name_kk: Option<String>,
        /// Name in Russian.
        name_ru: String,
        /// Name in English.
        name_en: Option<String>,
    }
}

form_record! {
    /// S1.ORG: passport of an organisation as of 1 October.
    Organisation {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Type.
        org_type: OrgType,
        /// Ownership.
        ownership: Ownership,
        /// Department it answers to.
        department: Option<String>,
        /// Name in Kazakh.
        name_kk: Option<String>,
        /// Name in Russian.
        name_ru: String,
        /// Name in English.
        name_en: Option<String>,
        /// Settlement.
        settlement: Option<Kato>,
        /// Kind of settlement.
        locality: Locality,
        /// Language of the organisation, not of each learner.
        language: Language,
        /// Shifts, 1..=3.
        shifts: u8,
        /// Places in one shift.
        design_capacity: i32,
        /// Small-class school.
        is_small_class: bool,
        /// Support school for small-class ones.
        is_support_school: Option<bool>,
        /// State of the building.
        building_state: Option<BuildingState>,
        /// First day.
        opened: Option<NaiveDate>,
        /// First day on which it does not exist any more.
        closed: Option<NaiveDate>,
        /// Successor.
        merged_into: Option<Bin>,
        /// Predecessor.
        split_from: Option<Bin>,
        /// Patron enterprises of a college.
        patron_count: Option<i32>,
        /// Has a target order.
        has_target_order: Option<bool>,
        /// Meets the criteria of conditions for inclusion.
        is_inclusive: Option<bool>,
    }
}

impl Organisation {
    /// Active on 1 October of its year: opened by then and not closed by then.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let as_of = self.year.fixing_date();
        self.opened.is_none_or(|opened| opened <= as_of) && self.closed.is_none_or(|closed| closed > as_of)
    }
}

form_record! {
    /// S1.CLASS: one class-set.
    Class {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Name within the organisation.
        class_id: String,
        /// Level of its first grade.
        level: Level,
        /// Grade, the first one of a combined class.
        grade: u8,
        /// Last grade of a combined class.
        grade_to: Option<u8>,
        /// Language of instruction.
        language: Language,
        /// Shift, 1..=3.
        shift: u8,
        /// Pupils in it.
        pupil_count: i32,
    }
}

form_record! {
    /// S1.INFRA: infrastructure of an organisation as of 1 October.
    Infrastructure {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Electricity.
        has_electricity: bool,
        /// Internet for teaching.
        has_internet: bool,
        /// Measured speed, Mbit/s; `None` when not measured.
        measured_mbps: Option<Hundredths>,
        /// Computers used in teaching.
        computers_teaching: i32,
        /// Of these, at most five years old.
        computers_recent: i32,
        /// Modern physics room.
        has_physics_room: bool,
        /// Modern chemistry room.
        has_chemistry_room: bool,
        /// Modern biology room.
        has_biology_room: bool,
        /// STEM room.
        has_stem_room: bool,
        /// Textbooks required.
        textbooks_required: i32,
        /// Textbooks held that match the list.
        textbooks_held: i32,
        /// Drinking water.
        has_drinking_water: bool,
        /// Toilets for each sex.
        has_single_sex_toilets: bool,
        /// Handwashing.
        has_handwashing: bool,
        /// Ramp.
        has_ramp: bool,
        /// Canteen.
        has_canteen: bool,
        /// Gym.
        has_gym: bool,
        /// Year of the last major repair.
        repair_year: Option<u16>,
    }
}
