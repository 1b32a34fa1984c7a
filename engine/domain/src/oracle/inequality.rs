//! EQT-08: inequality of whole numbers, person by person.

use std::collections::BTreeMap;

/// Gini coefficient: the mean distance of two persons over twice the mean; `None` where all have nothing.
#[must_use]
pub fn gini(values: &[i64]) -> Option<f64> {
    let total: i64 = values.iter().sum();
    let distances: i64 =
        values.iter().flat_map(|left| values.iter().map(move |right| (left - right).abs())).sum();
    let number = real(i64::try_from(values.len()).unwrap_or(i64::MAX));
    (total > 0).then(|| real(distances) / (2.0 * number * real(total)))
}

/// Theil's T, and its parts between and within groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theil {
    /// Of all persons.
    pub whole: f64,
    /// If everybody had the mean of the group.
    pub between: f64,
    /// Mean of the groups' own, weighted with their shares of the total.
    pub within: f64,
}

/// Theil's T of persons in groups; `None` where all have nothing.
#[must_use]
pub fn theil<G: Ord>(persons: &[(G, i64)]) -> Option<Theil> {
    let mut groups: BTreeMap<&G, Vec<i64>> = BTreeMap::new();
    for (group, value) in persons {
        groups.entry(group).or_default().push(*value);
    }
    let all: Vec<i64> = persons.iter().map(|(_, value)| *value).collect();
    let whole = index(&all)?;
    let (total, mean) = (real(all.iter().sum()), mean(&all));
    let (mut between, mut within) = (0.0, 0.0);
    for values in groups.values() {
        let share = real(values.iter().sum()) / total;
        if share > 0.0 {
            between += share * (self::mean(values) / mean).ln();
            within += share * index(values)?;
        }
    }
    Some(Theil { whole, between, within })
}

fn index(values: &[i64]) -> Option<f64> {
    let mean = mean(values);
    let positive = values.iter().filter(|value| **value > 0).map(|value| real(*value) / mean);
    let number = real(i64::try_from(values.len()).unwrap_or(i64::MAX));
    (mean > 0.0).then(|| positive.map(|ratio| ratio * ratio.ln()).sum::<f64>() / number)
}

fn mean(values: &[i64]) -> f64 {
    real(values.iter().sum()) / real(i64::try_from(values.len()).unwrap_or(i64::MAX))
}

#[allow(clippy::cast_precision_loss, reason = "sums of points of one country stay below 2^53")]
fn real(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Four persons with 1, 3 | 2, 2. Distances: 1-3 2, 1-2 1 twice, 3-2 1 twice = 6, both ways 12; over 2 x 4 x 8 = 12 / 64.
    /// Theil: 1/8 ln(1/2) + 3/8 ln(3/2); the groups have the same mean, so all of it lies within the first, whose share is
    /// one half.
    #[test]
    fn four_persons() {
        assert_eq!(gini(&[1, 3, 2, 2]), Some(12.0 / 64.0));
        let theil = theil(&[("a", 1), ("a", 3), ("b", 2), ("b", 2)]).expect("they have something");
        let expected = 0.125 * 0.5_f64.ln() + 0.375 * 1.5_f64.ln();
        assert!((theil.whole - expected).abs() < 1e-12);
        assert!(theil.between.abs() < 1e-12);
        assert!((theil.within - expected).abs() < 1e-12);
        assert_eq!(gini(&[0, 0]), None);
        assert_eq!(super::theil(&[("a", 0)]), None);
    }

    proptest! {
        #[test]
        fn parts_add_up(persons in prop::collection::vec((0_u8..4, 0_i64..140), 1..60)) {
            let values: Vec<i64> = persons.iter().map(|(_, value)| *value).collect();
            let share = gini(&values);
            prop_assert!(share.is_none_or(|share| (0.0..1.0).contains(&share)));
            if let Some(theil) = theil(&persons) {
                prop_assert!((theil.whole - theil.between - theil.within).abs() < 1e-12);
                prop_assert!(theil.between >= -1e-12 && theil.within >= -1e-12);
            }
        }
    }
}
