//! Composite ratings from a named set of weights.
//!
//! Owns normalisation, the rule for missing components, and the design by which
//! weights are moved to see how firm a rank is. It does not choose weights: those are
//! data with a source.

/// How values of one component become scores that can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// The worst unit has 0, the best 100; 50 where all are equal.
    MinMax,
    /// Standard deviations above the mean; 0 where all are equal.
    ZScore,
    /// Percent of the other units that are not better; 50 for a unit alone.
    Rank,
}

/// What a missing component means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing {
    /// The known weights are taken for all, if they are at least this share of all.
    Renormalise {
        /// Least share of the weights that must be known.
        least: f64,
    },
    /// A unit that lacks a component is not rated.
    Exclude,
    /// It scores 0: the worst by [`Normalisation::MinMax`] and [`Normalisation::Rank`], the mean by
    /// [`Normalisation::ZScore`].
    Zero,
}

/// Scores of one component, in the order of the input; more of `goodness` is better.
///
/// # Panics
/// With 2^32 units or more.
#[must_use]
pub fn normalise(goodness: &[Option<f64>], normalisation: Normalisation) -> Vec<Option<f64>> {
    let known: Vec<f64> = goodness.iter().flatten().copied().collect();
    let n = f64::from(u32::try_from(known.len()).expect("fewer than 2^32 units are rated"));
    let mean = known.iter().sum::<f64>() / n;
    let deviation = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    let least = known.iter().copied().fold(f64::INFINITY, f64::min);
    let most = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let score = |own: f64| match normalisation {
        Normalisation::MinMax if most > least => 100.0 * (own - least) / (most - least),
        Normalisation::ZScore if most > least => (own - mean) / deviation,
        Normalisation::ZScore => 0.0,
        Normalisation::Rank if known.len() > 1 => {
            let better = known.iter().filter(|other| **other > own).count();
            let better = f64::from(u32::try_from(better).expect("fewer than 2^32 units are rated"));
            100.0 * (n - 1.0 - better) / (n - 1.0)
        }
        Normalisation::MinMax | Normalisation::Rank => 50.0,
    };
    goodness.iter().map(|own| own.map(score)).collect()
}

/// A unit's composite; `None` where the rule does not rate it.
///
/// `scores` and `weights` are in the same order; `base` are the weights before they were moved, by which
/// the least known share is judged.
#[must_use]
pub fn composite(scores: &[Option<f64>], weights: &[f64], base: &[f64], missing: Missing) -> Option<f64> {
    let known = |weights: &[f64]| -> f64 {
        scores.iter().zip(weights).filter(|(score, _)| score.is_some()).map(|(_, weight)| weight).sum()
    };
    let sum: f64 = scores.iter().zip(weights).filter_map(|(score, weight)| Some((*score)? * weight)).sum();
    let all: f64 = weights.iter().sum();
    match missing {
        Missing::Renormalise { least } => {
            let share = known(base) / base.iter().sum::<f64>();
            (share >= least && share > 0.0).then(|| sum / known(weights))
        }
        Missing::Exclude => scores.iter().all(Option::is_some).then(|| sum / all),
        Missing::Zero => Some(sum / all),
    }
}

/// Sets of weights around the given ones: each weight alone up and down by the share `by`, and every pair in
/// opposite directions.
#[must_use]
pub fn design(weights: &[f64], by: f64) -> Vec<Vec<f64>> {
    let moved = |up: Option<usize>, down: Option<usize>| {
        let factor = |index| match index {
            index if Some(index) == up => 1.0 + by,
            index if Some(index) == down => 1.0 - by,
            _ => 1.0,
        };
        weights.iter().enumerate().map(|(index, weight)| weight * factor(index)).collect::<Vec<f64>>()
    };
    let mut sets = Vec::new();
    for up in 0..weights.len() {
        sets.push(moved(Some(up), None));
        sets.push(moved(None, Some(up)));
        sets.extend((0..weights.len()).filter(|down| *down != up).map(|down| moved(Some(up), Some(down))));
    }
    sets
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]
    #![allow(clippy::float_cmp, reason = "the expected values are exact")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_worked_by_hand() {
        let goodness = [Some(2.0), None, Some(4.0), Some(8.0)];
        let of = |normalisation| normalise(&goodness, normalisation);
        assert_eq!(of(Normalisation::MinMax), [Some(0.0), None, Some(100.0 / 3.0), Some(100.0)]);
        assert_eq!(of(Normalisation::Rank), [Some(0.0), None, Some(50.0), Some(100.0)]);
        // Mean 14 / 3, squares 64/9 + 4/9 + 100/9 = 168/9, deviation sqrt(56/9) = 2.494438.
        let z = of(Normalisation::ZScore)[3].unwrap();
        assert!((z - (10.0 / 3.0) / (56.0_f64 / 9.0).sqrt()).abs() < 1e-12);
        for (normalisation, score) in
            [(Normalisation::MinMax, 50.0), (Normalisation::ZScore, 0.0), (Normalisation::Rank, 100.0)]
        {
            assert_eq!(normalise(&[Some(3.0), Some(3.0)], normalisation), [Some(score), Some(score)]);
        }
        assert_eq!(normalise(&[Some(3.0)], Normalisation::Rank), [Some(50.0)]);
    }

    #[test]
    fn missing_components_follow_their_rule() {
        let (scores, weights) = ([Some(80.0), None, Some(50.0)], [0.5, 0.3, 0.2]);
        let of = |missing| composite(&scores, &weights, &weights, missing);
        assert_eq!(of(Missing::Exclude), None);
        assert!((of(Missing::Zero).unwrap() - 50.0).abs() < 1e-12);
        assert!((of(Missing::Renormalise { least: 0.5 }).unwrap() - 50.0 / 0.7).abs() < 1e-12);
        assert_eq!(of(Missing::Renormalise { least: 0.8 }), None);
        assert_eq!(composite(&[None], &[1.0], &[1.0], Missing::Renormalise { least: 0.0 }), None);
    }

    #[test]
    fn a_design_moves_one_or_two_weights() {
        let sets = design(&[1.0, 2.0, 3.0], 0.2);
        assert_eq!(sets.len(), 3 * 2 + 3 * 2);
        assert_eq!(sets[0], [1.2, 2.0, 3.0]);
        assert!(sets.contains(&vec![0.8, 2.0, 3.0]));
        assert!(sets.iter().any(|set| set[0] > 1.0 && set[2] < 3.0));
    }

    proptest! {
        #[test]
        fn a_composite_lies_between_its_scores(
            parts in prop::collection::vec((prop::option::of(0.0_f64..100.0), 0.1_f64..5.0), 1..8)
        ) {
            let (scores, weights): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let rule = Missing::Renormalise { least: 0.0 };
            if let Some(score) = composite(&scores, &weights, &weights, rule) {
                let least = scores.iter().flatten().copied().fold(f64::INFINITY, f64::min);
                let most = scores.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
                prop_assert!(least - 1e-9 <= score && score <= most + 1e-9);
            }
        }
    }
}
