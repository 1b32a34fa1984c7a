//! How regions differ, so that rankings have something to rank.

use super::dice::Dice;
use crate::ids::RegionCode;

/// What a region is like; shares in permille.
#[derive(Debug, Clone)]
pub(super) struct Traits {
    /// Organisations that teach in Kazakh.
    pub kazakh: u32,
    /// Of the others, those that teach in a language of a minority.
    pub minority: u32,
    /// Private schools among those of cities.
    pub private: u32,
    /// Growth of the intake a year.
    pub growth: i32,
    /// Children of two to five in a kindergarten, the youngest half as often.
    pub attendance: u32,
    /// Children of school age who are in school.
    pub coverage: u32,
    /// Leavers of grade 9 who go to a college.
    pub vocational: u32,
    /// Shift of learning outcomes, in thousandths of a deviation.
    pub quality: i32,
    /// The same, a year.
    pub quality_trend: i32,
    /// Shift of everything that money buys: equipment, qualification.
    pub wealth: u32,
}

impl Traits {
    pub fn of(dice: &Dice, region: RegionCode) -> Self {
        let draw = |topic: u64, from: u32, to: u32| {
            from + dice.permille(u64::from(region.get()), 100 + topic) * (to - from) / 1000
        };
        let signed = |topic: u64, limit: u32| {
            let drawn = draw(topic, 0, 2 * limit + 1);
            i32::try_from(drawn).unwrap_or(0) - i32::try_from(limit).unwrap_or(0)
        };
        Self {
            kazakh: draw(0, 350, 930),
            minority: if draw(1, 0, 1000) < 200 { 250 } else { 10 },
            private: draw(2, 40, 170),
            growth: signed(3, 14) + 8,
            attendance: draw(4, 620, 900),
            coverage: draw(5, 945, 990),
            vocational: draw(6, 300, 430),
            quality: signed(7, 260),
            quality_trend: signed(8, 30),
            wealth: draw(9, 0, 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn traits_are_plausible_for_every_seed(seed in any::<u64>(), code in 10_i32..=99) {
            let region = RegionCode::try_from(code).unwrap_or(RegionCode::NOT_TERRITORIAL);
            let traits = Traits::of(&Dice::new(seed), region);
            prop_assert!(traits.kazakh + traits.minority <= 1_200);
            prop_assert!((-6..=22).contains(&traits.growth));
            prop_assert!((945..990).contains(&traits.coverage));
            prop_assert!(traits.quality.abs() <= 260);
        }
    }
}
