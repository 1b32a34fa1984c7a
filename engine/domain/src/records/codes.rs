//! Closed code lists of the forms.

use crate::codes::code_list;
use crate::level::{Composite, Level, LevelCode};

code_list! {
    /// Kind of education authority.
    AuthorityKind, "authority kind" {
        /// Department of a district or city.
        DistrictDept = "district_dept",
        /// Department of a region.
        RegionDept = "region_dept",
        /// The authorised body.
        Ministry = "ministry",
        /// A named agency, such as the testing centre.
        Agency = "agency",
    }
}

code_list! {
    /// Type of organisation of education.
    OrgType, "organisation type" {
        /// Kindergarten.
        Kindergarten = "kindergarten",
        /// Pre-school mini-centre.
        MiniCentre = "mini_centre",
        /// Grades 1 to 4.
        Primary = "primary",
        /// Grades 1 to 9.
        Basic = "basic",
        /// Grades 1 to 11.
        General = "general",
        /// School with a profile in sciences.
        Lyceum = "lyceum",
        /// School with a profile in humanities.
        Gymnasium = "gymnasium",
        /// Special education.
        Special = "special",
        /// Boarding school.
        Boarding = "boarding",
        /// Evening school.
        Evening = "evening",
        /// College.
        College = "college",
        /// Higher college.
        HigherCollege = "higher_college",
    }
}

/// What an organisation mainly is; facts of whole organisations (staff, places,
/// infrastructure) exist at this grain only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrgGroup {
    /// Kindergartens and mini-centres.
    PreSchool,
    /// Schools of every kind.
    School,
    /// Colleges of every kind.
    College,
}

impl OrgGroup {
    /// The level under which facts of whole organisations are shown.
    #[must_use]
    pub const fn main_level(self) -> LevelCode {
        match self {
            Self::PreSchool => LevelCode::Single(Level::PreSchool),
            Self::School => LevelCode::Composite(Composite::School),
            Self::College => LevelCode::Single(Level::Tve),
        }
    }

    /// Whether an indicator at `level` includes whole organisations of the group:
    /// every level they mainly teach is in it.
    #[must_use]
    pub fn is_in(self, level: LevelCode) -> bool {
        let taught = self.main_level().members();
        taught.iter().all(|member| level.includes(*member))
    }
}

impl OrgType {
    /// The group it belongs to.
    #[must_use]
    pub const fn group(self) -> OrgGroup {
        match self {
            Self::Kindergarten | Self::MiniCentre => OrgGroup::PreSchool,
            Self::College | Self::HigherCollege => OrgGroup::College,
            _ => OrgGroup::School,
        }
    }
}

code_list! {
    /// State of the building.
    BuildingState, "building state" {
        /// Built for its purpose and sound.
        Normal = "normal",
        /// Adapted from another purpose.
        Adapted = "adapted",
        /// In emergency condition.
        Emergency = "emergency",
    }
}

code_list! {
    /// Who pays for a learner.
    Funding, "funding" {
        /// State educational order.
        StateOrder = "state_order",
        /// The family.
        Paid = "paid",
        /// Per-capita financing.
        PerCapita = "per_capita",
    }
}

code_list! {
    /// Why a learner left.
    ExitReason, "exit reason" {
        /// To another organisation.
        Transfer = "transfer",
        /// Completed the level or the course.
        Completed = "completed",
        /// Left the country.
        Emigrated = "emigrated",
        /// Expelled.
        Expelled = "expelled",
        /// Died.
        Died = "died",
        /// Any other reason.
        Other = "other",
    }
}

code_list! {
    /// Place in a dormitory.
    Dormitory, "dormitory" {
        /// None needed.
        NotNeeded = "not_needed",
        /// Needed, and not given.
        Needed = "needed",
        /// Given.
        Given = "given",
    }
}

code_list! {
    /// Where a leaver of grade 9 is.
    Destination, "destination" {
        /// In grade 10.
        Grade10 = "grade_10",
        /// In technical and vocational education.
        Tve = "tve",
        /// At work.
        Work = "work",
        /// Elsewhere.
        Other = "other",
        /// Neither seen nor stated; no organisation states it.
        Unknown = "unknown",
    }
}

code_list! {
    /// How late a cohort may complete.
    Delay, "delay of a cohort" {
        /// Within the nominal duration.
        OnTime = "on_time",
        /// Within one year more.
        OneYear = "one_year_late",
        /// Within two years more.
        TwoYears = "two_years_late",
    }
}

code_list! {
    /// How a learner came into the present grade.
    PrevGradeResult, "result of the previous grade" {
        /// From the grade below.
        Promoted = "promoted",
        /// Repeats the grade.
        Repeated = "repeated",
        /// From the grade below, with debts.
        Conditional = "conditional",
        /// Not in a grade of this organisation's kind before.
        NewEntrant = "new_entrant",
    }
}

code_list! {
    /// Position of a person in an organisation.
    Position, "position" {
        /// Teacher.
        Teacher = "teacher",
        /// Head.
        Head = "head",
        /// Deputy head.
        Deputy = "deputy",
        /// Psychologist.
        Psychologist = "psychologist",
        /// Anything else.
        Other = "other",
    }
}

code_list! {
    /// Education of a person.
    Education, "education" {
        /// Higher.
        Higher = "higher",
        /// Technical and vocational.
        Vocational = "vocational",
        /// Secondary.
        Secondary = "secondary",
    }
}

code_list! {
    /// Qualification category of a teacher, the old scale last.
    Category, "category" {
        /// None.
        None = "none",
        /// First step of the present scale.
        Pedagog = "pedagog",
        /// Second step.
        Moderator = "moderator",
        /// Third step.
        Expert = "expert",
        /// Fourth step.
        Researcher = "researcher",
        /// Fifth step.
        Master = "master",
        /// Old scale, lowest.
        Second = "second",
        /// Old scale, middle.
        First = "first",
        /// Old scale, highest.
        Highest = "highest",
    }
}

code_list! {
    /// Why a member of staff left.
    LeftReason, "reason of leaving" {
        /// Retired.
        Retired = "retired",
        /// Own wish.
        Resigned = "resigned",
        /// To another organisation of education.
        Transfer = "transfer",
        /// Left the profession.
        LeftProfession = "left_profession",
        /// Any other reason.
        Other = "other",
    }
}

code_list! {
    /// What a mark was given for.
    Period, "period" {
        /// First quarter.
        Q1 = "q1",
        /// Second quarter.
        Q2 = "q2",
        /// Third quarter.
        Q3 = "q3",
        /// Fourth quarter.
        Q4 = "q4",
        /// The year.
        Year = "year",
        /// An exam.
        Exam = "exam",
        /// Everything together.
        Final = "final",
    }
}

code_list! {
    /// Whether a pupil was marked.
    GradeStatus, "grade status" {
        /// Has a mark.
        Attested = "attested",
        /// Should have one and has none.
        NotAttested = "not_attested",
        /// Need not have one.
        Exempt = "exempt",
    }
}

code_list! {
    /// How an exam was held.
    ExamForm, "exam form" {
        /// Written.
        Written = "written",
        /// Oral.
        Oral = "oral",
        /// Test.
        Test = "test",
    }
}

code_list! {
    /// Distinction of a leaver.
    Honours, "honours" {
        /// None.
        None = "none",
        /// Certificate with honours.
        Honours = "honours",
        /// The highest distinction.
        AltynBelgi = "altyn_belgi",
    }
}

code_list! {
    /// Session of the admission test, in the order of the year.
    UntSession, "session" {
        /// January.
        January = "january",
        /// March.
        March = "march",
        /// May to July.
        Main = "main",
        /// August.
        August = "august",
    }
}

code_list! {
    /// Whether a sitting stands.
    UntStatus, "sitting status" {
        /// It stands.
        Valid = "valid",
        /// Annulled for a violation.
        Annulled = "annulled",
    }
}

code_list! {
    /// Whether a published figure may still change.
    PopulationStatus, "status" {
        /// It may.
        Preliminary = "preliminary",
        /// It may not.
        Final = "final",
    }
}
