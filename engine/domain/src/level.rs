//! Levels of education, their grades, ages and international names.
//!
//! Owns the six levels of paragraph 5, the composites that published figures use,
//! and which level a grade is in. It does not know organisations: a school may
//! teach several levels.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::codes::code_list;
use crate::error::DomainError;

/// Age at which children enter grade 1, on 1 September.
pub const ENTRY_AGE: u8 = 6;

/// Highest grade of general education (twelve-year schools).
pub const LAST_GRADE: u8 = 12;

code_list! {
    /// A level of education, in the order learners pass them.
    ///
    /// # Source
    /// Paragraph 5 names exactly these six.
    Level, "level" {
        /// Before school.
        PreSchool = "pre_school",
        /// Grades 1 to 4.
        Primary = "primary",
        /// Grades 5 to 9.
        BasicSecondary = "basic_secondary",
        /// Grades 10 to 12.
        GeneralSecondary = "general_secondary",
        /// Technical and vocational education.
        Tve = "tve",
        /// After secondary, not higher education.
        PostSecondary = "post_secondary",
    }
}

impl Level {
    /// The level that a grade of general education is in; grade 0 is pre-school.
    ///
    /// # Errors
    /// [`DomainError::GradeOutOfRange`] outside 0..=12.
    pub fn of_grade(grade: u8) -> Result<Self, DomainError> {
        match grade {
            0 => Ok(Self::PreSchool),
            1..=4 => Ok(Self::Primary),
            5..=9 => Ok(Self::BasicSecondary),
            10..=LAST_GRADE => Ok(Self::GeneralSecondary),
            _ => Err(DomainError::GradeOutOfRange { grade: i64::from(grade) }),
        }
    }

    /// Grades of the level; `None` where `grade` means a course, not a school grade.
    #[must_use]
    pub const fn grades(self) -> Option<RangeInclusive<u8>> {
        match self {
            Self::PreSchool => Some(0..=0),
            Self::Primary => Some(1..=4),
            Self::BasicSecondary => Some(5..=9),
            Self::GeneralSecondary => Some(10..=LAST_GRADE),
            Self::Tve | Self::PostSecondary => None,
        }
    }

    /// Whether `grade` may stand beside this level in a learner's record.
    #[must_use]
    pub fn admits_grade(self, grade: u8) -> bool {
        self.grades().map_or((1..=LAST_GRADE).contains(&grade), |grades| grades.contains(&grade))
    }

    /// Official ages on 1 September, for children entering grade 1 at `entry_age`.
    ///
    /// Pre-school is ISCED 02, the three years before entry; general secondary is
    /// two years; vocational education the four years after grade 9, which is the
    /// band of the indicator TVE-01; post-secondary the two years after grade 11.
    #[must_use]
    pub const fn official_ages(self, entry_age: u8) -> AgeBand {
        let (from, to) = match self {
            Self::PreSchool => (entry_age.saturating_sub(3), entry_age.saturating_sub(1)),
            Self::Primary => (entry_age, entry_age + 3),
            Self::BasicSecondary => (entry_age + 4, entry_age + 8),
            Self::GeneralSecondary => (entry_age + 9, entry_age + 10),
            Self::Tve => (entry_age + 9, entry_age + 12),
            Self::PostSecondary => (entry_age + 11, entry_age + 12),
        };
        AgeBand { from, to }
    }
}

/// Theoretical age on 1 September of a pupil of `grade`: 5 + grade for entry at 6.
///
/// # Errors
/// [`DomainError::GradeOutOfRange`] outside 1..=12: pre-school has no single age.
pub fn theoretical_age(grade: u8, entry_age: u8) -> Result<u8, DomainError> {
    if (1..=LAST_GRADE).contains(&grade) {
        Ok(entry_age.saturating_add(grade - 1))
    } else {
        Err(DomainError::GradeOutOfRange { grade: i64::from(grade) })
    }
}

/// Ages, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AgeBand {
    /// Youngest age.
    pub from: u8,
    /// Oldest age.
    pub to: u8,
}

impl AgeBand {
    /// Whether an age in full years is in the band.
    #[must_use]
    pub fn contains(self, age: i32) -> bool {
        (i32::from(self.from)..=i32::from(self.to)).contains(&age)
    }
}

code_list! {
    /// A set of levels that published figures report together.
    Composite, "composite level" {
        /// Primary to general secondary: what schools teach.
        School = "school",
        /// Upper secondary, general and vocational.
        Isced3 = "isced_3",
        /// All secondary.
        Isced23 = "isced_2_3",
        /// All six levels.
        All = "all",
    }
}

impl Composite {
    /// The levels in the composite, in their order.
    #[must_use]
    pub const fn members(self) -> &'static [Level] {
        match self {
            Self::School => &[Level::Primary, Level::BasicSecondary, Level::GeneralSecondary],
            Self::Isced3 => &[Level::GeneralSecondary, Level::Tve],
            Self::Isced23 => &[Level::BasicSecondary, Level::GeneralSecondary, Level::Tve],
            Self::All => Level::ALL,
        }
    }
}

/// What the column `level` may hold: one level or a composite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelCode {
    /// One of the six.
    Single(Level),
    /// Several together.
    Composite(Composite),
}

impl LevelCode {
    /// The levels it stands for.
    #[must_use]
    pub fn members(self) -> &'static [Level] {
        match self {
            // A one-element slice of the constant list, found by position.
            Self::Single(level) => &Level::ALL[level as usize..=level as usize],
            Self::Composite(composite) => composite.members(),
        }
    }

    /// Whether it includes `level`.
    #[must_use]
    pub fn includes(self, level: Level) -> bool {
        self.members().contains(&level)
    }

    /// Official ages on 1 September.
    ///
    /// Composites of upper secondary have those of its general branch, as UIS counts;
    /// all levels together have none: `None`.
    #[must_use]
    pub const fn official_ages(self, entry_age: u8) -> Option<AgeBand> {
        let (youngest, oldest) = match self {
            Self::Single(level) => (level, level),
            Self::Composite(Composite::School) => (Level::Primary, Level::GeneralSecondary),
            Self::Composite(Composite::Isced3) => (Level::GeneralSecondary, Level::GeneralSecondary),
            Self::Composite(Composite::Isced23) => (Level::BasicSecondary, Level::GeneralSecondary),
            Self::Composite(Composite::All) => return None,
        };
        Some(AgeBand { from: youngest.official_ages(entry_age).from, to: oldest.official_ages(entry_age).to })
    }

    /// Spelling in files, SQL and output.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Single(level) => level.code(),
            Self::Composite(composite) => composite.code(),
        }
    }

    /// The level under which a count published by ISCED 2011 appears.
    ///
    /// `02`, `1`, `2`, `3`, `2-3` (as UIS writes them) have a place; `None` for
    /// others, which keep their publisher's code. ISCED 4 and 5 are not mapped:
    /// vocational programmes of one level here fall into 3, 4 and 5 there, so the
    /// ISCED level is a property of the programme.
    #[must_use]
    pub fn from_isced(code: &str) -> Option<Self> {
        match code {
            "02" => Some(Self::Single(Level::PreSchool)),
            "1" => Some(Self::Single(Level::Primary)),
            "2" => Some(Self::Single(Level::BasicSecondary)),
            "3" => Some(Self::Composite(Composite::Isced3)),
            "2-3" | "2_3" => Some(Self::Composite(Composite::Isced23)),
            _ => None,
        }
    }
}

impl fmt::Display for LevelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for LevelCode {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        text.parse()
            .map(Self::Single)
            .or_else(|_| text.parse().map(Self::Composite))
            .map_err(|_: DomainError| DomainError::UnknownMember { list: "level", value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn composites_name_their_members() {
        assert_eq!(LevelCode::Single(Level::Tve).members(), &[Level::Tve]);
        assert_eq!("school".parse::<LevelCode>().map(|l| l.members().len()), Ok(3));
        assert_eq!(Composite::All.members(), Level::ALL);
        assert!(LevelCode::Composite(Composite::Isced3).includes(Level::Tve));
        assert!(!LevelCode::Composite(Composite::School).includes(Level::PreSchool));
    }

    #[test]
    fn an_unknown_level_is_refused_by_name() {
        assert_eq!(
            "higher".parse::<LevelCode>(),
            Err(DomainError::UnknownMember { list: "level", value: "higher".to_owned() })
        );
    }

    #[test]
    fn international_counts_find_their_level() {
        let code = |text| LevelCode::from_isced(text).map(LevelCode::code);
        assert_eq!(code("02"), Some("pre_school"));
        assert_eq!(code("1"), Some("primary"));
        assert_eq!(code("2"), Some("basic_secondary"));
        assert_eq!(code("3"), Some("isced_3"));
        assert_eq!(code("2-3"), Some("isced_2_3"));
        assert_eq!(code("5"), None);
    }

    #[test]
    fn grade_and_age_go_together() {
        assert_eq!(theoretical_age(1, ENTRY_AGE), Ok(6));
        assert_eq!(theoretical_age(11, ENTRY_AGE), Ok(16));
        assert_eq!(theoretical_age(1, 7), Ok(7));
        assert_eq!(theoretical_age(0, ENTRY_AGE), Err(DomainError::GradeOutOfRange { grade: 0 }));
        assert!(Level::of_grade(13).is_err());
        let band = |code: &str| {
            let level = code.parse::<LevelCode>().ok()?;
            let band = level.official_ages(ENTRY_AGE)?;
            Some((band.from, band.to))
        };
        assert_eq!(band("pre_school"), Some((3, 5)));
        assert_eq!(band("school"), Some((6, 16)));
        assert_eq!(band("isced_3"), Some((15, 16)));
        assert_eq!(band("isced_2_3"), Some((10, 16)));
        assert_eq!(band("tve"), Some((15, 18)));
        assert_eq!(band("all"), None);
        assert!(AgeBand { from: 3, to: 5 }.contains(5));
        assert!(!AgeBand { from: 3, to: 5 }.contains(-1));
    }

    proptest! {
        #[test]
        fn a_grade_is_in_exactly_its_own_level(grade in 0_u8..=12) {
            let level = Level::of_grade(grade);
            let holding: Vec<Level> = Level::ALL
                .iter()
                .copied()
                .filter(|l| l.grades().is_some_and(|g| g.contains(&grade)))
                .collect();
            prop_assert_eq!(Ok(holding[0]), level);
            prop_assert_eq!(holding.len(), 1);
            prop_assert!(holding[0].admits_grade(grade));
        }

        #[test]
        fn theoretical_ages_lie_in_the_official_band(grade in 1_u8..=11, entry in 5_u8..=7) {
            let age = theoretical_age(grade, entry).map(i32::from);
            let level = Level::of_grade(grade);
            prop_assert!(age.is_ok_and(|a| level.is_ok_and(|l| l.official_ages(entry).contains(a))));
        }

        #[test]
        fn level_codes_round_trip(index in 0_usize..10) {
            let code = if index < 6 {
                LevelCode::Single(Level::ALL[index])
            } else {
                LevelCode::Composite(Composite::ALL[index - 6])
            };
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
    }
}
