//! Which number is asked for.

use crate::dimension::{Language, Locality, Ownership, Sex};
use crate::ids::{Bin, Kato, RegionCode};
use crate::level::LevelCode;
use crate::modality::StudyForm;
use crate::records::{Category, Code, Delay, Destination, Funding};
use crate::year::Year;

/// One cell of an indicator: year, territory, level and breakdown.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Reporting year.
    pub year: Year,
    /// Whose rows.
    pub units: UnitSet,
    /// Level or composite.
    pub level: LevelCode,
    /// Members of the dimensions that are not total.
    pub by: Breakdown,
}

/// Whose rows enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitSet {
    /// Every row.
    Republic,
    /// Rows whose district is in the region.
    Region(RegionCode),
    /// Rows of the district.
    District(Kato),
    /// Rows of the organisation.
    Organisation(Bin),
}

impl UnitSet {
    /// Whether a row of this district and organisation enters.
    #[must_use]
    pub fn covers(self, district: Kato, org_bin: Bin) -> bool {
        match self {
            Self::Republic => true,
            Self::Region(region) => district.region() == region,
            Self::District(kato) => district == kato,
            Self::Organisation(bin) => org_bin == bin,
        }
    }
}

/// Members asked for; `None` is the total of a dimension.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Breakdown {
    /// Sex of the person.
    pub sex: Option<Sex>,
    /// Locality of the organisation.
    pub locality: Option<Locality>,
    /// Language of instruction, or of the test.
    pub language: Option<Language>,
    /// Ownership of the organisation.
    pub ownership: Option<Ownership>,
    /// How the learner studies.
    pub study_form: Option<StudyForm>,
    /// Grade or course.
    pub grade: Option<u8>,
    /// Age in full years.
    pub age: Option<u8>,
    /// Subject.
    pub subject: Option<Code>,
    /// Qualification category.
    pub category: Option<Category>,
    /// Who pays for the learner.
    pub funding: Option<Funding>,
    /// How late a cohort may complete.
    pub delay: Option<Delay>,
    /// Where a leaver is.
    pub destination: Option<Destination>,
    /// Member of a list that only this indicator is broken down by: severity, kind of respondent, factor.
    pub member: Option<Code>,
}

/// A dimension of the breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Sex.
    Sex,
    /// Locality.
    Locality,
    /// Language.
    Language,
    /// Ownership.
    Ownership,
    /// Study form.
    StudyForm,
    /// Grade.
    Grade,
    /// Age.
    Age,
    /// Subject.
    Subject,
    /// Qualification category.
    Category,
    /// Funding.
    Funding,
    /// Delay of a cohort.
    Delay,
    /// Destination of a leaver.
    Destination,
    /// A list of the indicator's own.
    Member,
}

impl Breakdown {
    /// Dimensions that are not total.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Dimension> {
        [
            (self.sex.is_some(), Dimension::Sex),
            (self.locality.is_some(), Dimension::Locality),
            (self.language.is_some(), Dimension::Language),
            (self.ownership.is_some(), Dimension::Ownership),
            (self.study_form.is_some(), Dimension::StudyForm),
            (self.grade.is_some(), Dimension::Grade),
            (self.age.is_some(), Dimension::Age),
            (self.subject.is_some(), Dimension::Subject),
            (self.category.is_some(), Dimension::Category),
            (self.funding.is_some(), Dimension::Funding),
            (self.delay.is_some(), Dimension::Delay),
            (self.destination.is_some(), Dimension::Destination),
            (self.member.is_some(), Dimension::Member),
        ]
        .into_iter()
        .filter_map(|(is_used, dimension)| is_used.then_some(dimension))
        .collect()
    }

    /// Whether it needs the passport of the organisation.
    pub(super) const fn needs_passport(&self) -> bool {
        self.locality.is_some() || self.ownership.is_some()
    }
}

/// Whether a value is the member asked for, or the total is.
pub(super) fn matches<T: PartialEq>(asked: Option<&T>, found: &T) -> bool {
    asked.is_none_or(|member| member == found)
}
