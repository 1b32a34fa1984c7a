//! Parity of two groups.
//!
//! Owns the ratio of two values of one indicator and its adjustment, which makes
//! disadvantage of either side weigh alike. It does not choose the groups.

/// Value of the first group over that of the second (female/male, rural/urban).
///
/// `None` when either is missing, the second is zero, or one is negative: parity is
/// defined for rates only.
///
/// # Source
/// SDG indicator 4.5.1.
#[must_use]
pub fn ratio(first: Option<f64>, second: Option<f64>) -> Option<f64> {
    let (first, second) = first.zip(second)?;
    (first >= 0.0 && second > 0.0).then(|| first / second)
}

/// The adjusted index: the ratio up to 1, and 2 - 1/ratio above, so that it lies in
/// [0, 2) and x and 1/x are equally far from 1.
///
/// # Source
/// SDG indicator 4.5.1, adjusted parity index.
#[must_use]
pub fn adjusted(ratio: f64) -> f64 {
    if ratio <= 1.0 { ratio } else { 2.0 - 1.0 / ratio }
}

/// [`adjusted`] of [`ratio`].
#[must_use]
pub fn adjusted_index(first: Option<f64>, second: Option<f64>) -> Option<f64> {
    ratio(first, second).map(adjusted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "the expected values are exact")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_adjustment_mirrors_around_one() {
        assert_eq!(adjusted_index(Some(50.0), Some(100.0)), Some(0.5));
        assert_eq!(adjusted_index(Some(100.0), Some(50.0)), Some(1.5));
        assert_eq!(adjusted_index(Some(7.0), Some(7.0)), Some(1.0));
        assert_eq!(adjusted_index(Some(0.0), Some(7.0)), Some(0.0));
    }

    #[test]
    fn without_two_rates_there_is_no_parity() {
        assert_eq!(ratio(None, Some(1.0)), None);
        assert_eq!(ratio(Some(1.0), None), None);
        assert_eq!(ratio(Some(1.0), Some(0.0)), None);
        assert_eq!(ratio(Some(0.0), Some(0.0)), None);
        assert_eq!(ratio(Some(-1.0), Some(2.0)), None);
        assert_eq!(ratio(Some(f64::NAN), Some(2.0)), None);
    }

    proptest! {
        #[test]
        fn swapping_the_groups_mirrors_the_index(first in 0.001_f64..1e6, second in 0.001_f64..1e6) {
            let there = adjusted_index(Some(first), Some(second));
            let back = adjusted_index(Some(second), Some(first));
            let sum = there.zip(back).map(|(a, b)| a + b);
            prop_assert!(sum.is_some_and(|s| (s - 2.0).abs() < 1e-9));
            prop_assert!(there.is_some_and(|index| (0.0..=2.0).contains(&index)));
        }
    }
}
