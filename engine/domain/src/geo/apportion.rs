//! Division of a whole into integer parts.

use std::cmp::Reverse;

use crate::error::DomainError;

/// Divides `total` in proportion to `weights` by the largest remainder.
///
/// The parts are integers, in the order of the weights, and add up to `total`
/// exactly. Equal remainders are served in order. A zero total has zero parts
/// whatever the weights; a negative total is divided like its magnitude.
///
/// # Errors
/// [`DomainError::NoWeights`] when the total is not zero and no weight is above zero.
///
/// # Panics
/// Never: a part is at most the total.
pub fn apportion(total: i64, weights: &[u64]) -> Result<Vec<i64>, DomainError> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if total == 0 {
        return Ok(vec![0; weights.len()]);
    }
    if sum == 0 {
        return Err(DomainError::NoWeights { total });
    }
    // Both factors are below 2^64, so the product fits 128 bits.
    let share = |weight: u64| u128::from(total.unsigned_abs()) * u128::from(weight);
    let mut parts: Vec<u128> = weights.iter().map(|w| share(*w) / sum).collect();

    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| (Reverse(share(weights[*index]) % sum), *index));
    let given: u128 = parts.iter().sum();
    let missing = u128::from(total.unsigned_abs()) - given;
    // Fewer units are missing than parts have a remainder, so one each is enough.
    let missing = usize::try_from(missing).expect("fewer than the number of parts");
    for index in order.into_iter().take(missing) {
        parts[index] += 1;
    }

    let sign = i128::from(total.signum());
    let signed = |part: u128| {
        let part = i128::try_from(part).expect("a part is at most the total");
        i64::try_from(sign * part).expect("a part is at most the total")
    };
    Ok(parts.into_iter().map(signed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn remainders_go_to_the_largest_then_to_the_first() {
        assert_eq!(apportion(10, &[1, 1, 1]), Ok(vec![4, 3, 3]));
        assert_eq!(apportion(10, &[2, 1, 1]), Ok(vec![5, 3, 2]));
        assert_eq!(apportion(100, &[1, 2]), Ok(vec![33, 67]));
        assert_eq!(apportion(-10, &[1, 1, 1]), Ok(vec![-4, -3, -3]));
    }

    #[test]
    fn nothing_needs_no_weights() {
        assert_eq!(apportion(0, &[0, 0]), Ok(vec![0, 0]));
        assert_eq!(apportion(5, &[0, 3]), Ok(vec![0, 5]));
        assert_eq!(apportion(5, &[]), Err(DomainError::NoWeights { total: 5 }));
    }

    #[test]
    fn the_ends_of_the_range_fit() {
        assert_eq!(apportion(i64::MIN, &[u64::MAX]), Ok(vec![i64::MIN]));
        let halves = apportion(i64::MAX, &[u64::MAX, u64::MAX]);
        assert_eq!(halves.map(|parts| parts.iter().sum()), Ok(i64::MAX));
    }

    proptest! {
        #[test]
        fn parts_add_up_and_stay_within_one_of_their_share(
            total in any::<i32>(),
            weights in prop::collection::vec(0_u64..1_000_000, 1..30),
        ) {
            let total = i64::from(total);
            let sum: u64 = weights.iter().sum();
            prop_assume!(sum > 0);
            let parts = apportion(total, &weights).unwrap_or_default();
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                let scaled = i128::from(total) * i128::from(*weight);
                let difference = (i128::from(*part) * i128::from(sum) - scaled).abs();
                prop_assert!(difference < i128::from(sum));
            }
        }
    }
}
