//! Decomposition of the change of a rate into composition and rate effects.
//!
//! Owns Kitagawa's formula: how much of a change comes from groups growing or
//! shrinking, how much from the rates within them. The parts add up to the change. It
//! does not choose the groups.

/// A group's part of numerator and denominator in one year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Above the line.
    pub numerator: f64,
    /// Below the line.
    pub denominator: f64,
}

/// What one group adds to the change of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Change of the group's share, at the mean of its rates.
    pub composition: f64,
    /// Change of the group's rate, at the mean of its shares.
    pub rate: f64,
}

/// A group in two years; `None` where it is absent.
pub type Group = (Option<Part>, Option<Part>);

/// Effects of every group on numerator / denominator of the whole, in the order of the input.
///
/// A group absent in a year has no rate then; it is given that of the other year, so
/// that coming or going is composition and nothing else. `None` where a year has no
/// denominator.
///
/// # Source
/// Kitagawa, Components of a difference between two rates (1955).
#[must_use]
pub fn kitagawa(groups: &[Group]) -> Option<Vec<Effect>> {
    let total = |pick: fn(&Group) -> Option<Part>| {
        let sum: f64 = groups.iter().filter_map(pick).map(|part| part.denominator).sum();
        (sum > 0.0).then_some(sum)
    };
    let (before, after) = (total(|group| group.0)?, total(|group| group.1)?);
    let share = |part: Option<Part>, total: f64| part.map_or(0.0, |part| part.denominator / total);
    let rate = |part: Option<Part>| {
        part.filter(|part| part.denominator > 0.0).map(|part| part.numerator / part.denominator)
    };
    let effect = |group: &Group| {
        let (share_0, share_1) = (share(group.0, before), share(group.1, after));
        let known = rate(group.0).or(rate(group.1)).unwrap_or(0.0);
        let (rate_0, rate_1) = (rate(group.0).unwrap_or(known), rate(group.1).unwrap_or(known));
        Effect {
            composition: (share_1 - share_0) * (rate_0 + rate_1) / 2.0,
            rate: (rate_1 - rate_0) * (share_0 + share_1) / 2.0,
        }
    };
    Some(groups.iter().map(effect).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[expect(clippy::unnecessary_wraps, reason = "a group that is there, as groups are written")]
    fn part(numerator: f64, denominator: f64) -> Option<Part> {
        Some(Part { numerator, denominator })
    }

    #[test]
    fn worked_by_hand() {
        // Urban 40 of 50 then 72 of 80, rural 10 of 50 then 6 of 20: rates 0.8 and 0.9, 0.2 and 0.3; shares 0.5 and
        // 0.8, 0.5 and 0.2. The whole goes from 0.5 to 0.78, by 0.28: composition 0.3 x 0.85 - 0.3 x 0.25 = 0.18,
        // rates 0.1 x 0.65 + 0.1 x 0.35 = 0.1.
        let effects =
            kitagawa(&[(part(40.0, 50.0), part(72.0, 80.0)), (part(10.0, 50.0), part(6.0, 20.0))]).unwrap();
        let expected = [(0.255, 0.065), (-0.075, 0.035)];
        for (effect, (composition, rate)) in effects.iter().zip(expected) {
            assert!((effect.composition - composition).abs() < 1e-12);
            assert!((effect.rate - rate).abs() < 1e-12);
        }
    }

    #[test]
    fn a_new_group_is_composition() {
        let effects = kitagawa(&[(part(5.0, 10.0), part(5.0, 10.0)), (None, part(10.0, 10.0))]).unwrap();
        assert!(effects.iter().all(|effect| effect.rate.abs() < 1e-15));
        assert!((effects[1].composition - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_year_without_a_denominator_has_no_rate() {
        assert_eq!(kitagawa(&[]), None);
        assert_eq!(kitagawa(&[(None, part(1.0, 2.0))]), None);
        assert_eq!(kitagawa(&[(part(0.0, 0.0), part(1.0, 2.0))]), None);
    }

    fn parts() -> impl Strategy<Value = Option<Part>> {
        prop::option::weighted(0.85, (0_u32..5000, 0_u32..5000)).prop_map(|part| {
            let (numerator, denominator) = part?;
            let numerator = if denominator == 0 { 0 } else { numerator };
            Some(Part { numerator: f64::from(numerator), denominator: f64::from(denominator) })
        })
    }

    proptest! {
        #[test]
        fn effects_add_up_to_the_change(groups in prop::collection::vec((parts(), parts()), 1..20)) {
            let whole = |pick: fn(&Group) -> Option<Part>| {
                let parts: Vec<Part> = groups.iter().filter_map(pick).collect();
                let sum = |of: fn(&Part) -> f64| parts.iter().map(of).sum::<f64>();
                sum(|part| part.numerator) / sum(|part| part.denominator)
            };
            if let Some(effects) = kitagawa(&groups) {
                let sum: f64 = effects.iter().map(|effect| effect.composition + effect.rate).sum();
                let change = whole(|group| group.1) - whole(|group| group.0);
                prop_assert!((sum - change).abs() <= 1e-12 * (1.0 + change.abs()), "{} {}", sum, change);
            }
        }
    }
}
