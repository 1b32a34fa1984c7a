//! Ranks of units by one indicator.
//!
//! Owns ranks 1, 2, 2, 4 on rounded values: what looks equal in print is equal. It
//! does not decide who takes part: the caller passes one tier, level, year and
//! breakdown, with `None` for whatever is missing or suppressed.

use std::cmp::{Ordering, Reverse};

use crate::error::DomainError;
use crate::rounding::Decimal;

/// Which values of an indicator are good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither; never ranked.
    Neutral,
    /// The nearer to this value the better, on either side.
    Target(f64),
}

/// Place of one unit among those that have a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// Rank, from 1; units with equal rounded values share it and the next is skipped.
    pub rank: u32,
    /// Units that have a rank.
    pub rank_of: u32,
    /// Units sharing this rank, this one included.
    pub tied: u32,
}

impl Rank {
    /// Percent of the other ranked units that are worse: 100 for a sole leader, 0 for
    /// a sole last; `None` when no other unit is ranked.
    #[must_use]
    pub fn percentile(self) -> Option<f64> {
        let others = self.rank_of - 1;
        let worse = self.rank_of - (self.rank - 1) - self.tied;
        (others > 0).then(|| 100.0 * f64::from(worse) / f64::from(others))
    }
}

/// Ranks `values`, rounded to `decimals`; the result is in the order of the input.
///
/// `None` for a missing or suppressed value, and for every value of a
/// [`Direction::Neutral`] indicator.
///
/// # Errors
/// [`DomainError::DecimalOverflow`] when a value or the target is not finite or too
/// large to have decimals.
///
/// # Source
/// Ranking rules of the indicator catalogue (1.15); rounding is [`crate::rounding`]'s.
pub fn rank(
    values: &[Option<f64>],
    direction: Direction,
    decimals: u8,
) -> Result<Vec<Option<Rank>>, DomainError> {
    let rounded = values
        .iter()
        .map(|value| value.map(|v| Decimal::round(v, decimals)).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    match direction {
        Direction::Neutral => Ok(vec![None; values.len()]),
        Direction::Higher => Ok(rank_by(&rounded, |value| Reverse(*value))),
        Direction::Lower => Ok(rank_by(&rounded, |value| *value)),
        Direction::Target(target) => {
            let target = exact(target)?;
            let distances = rounded
                .iter()
                .map(|value| value.map(|v| distance(v, target)).transpose())
                .collect::<Result<Vec<_>, _>>()?;
            Ok(rank_by(&distances, |value| *value))
        }
    }
}

/// The best and the worst rank that a unit may have, given how sure its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankInterval {
    /// One more than the units that are significantly better.
    pub low: u32,
    /// Units ranked less those that are significantly worse.
    pub high: u32,
}

/// A ranked unit: how far from the best (less is better), and the standard error of that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Distance from the best, as ranked: rounded, turned by the direction.
    pub position: f64,
    /// Standard error; `None` where the value is known and not estimated.
    pub se: Option<f64>,
}

/// Rank intervals of units by pairwise comparison, in the order of the input.
///
/// Two units differ when their distance exceeds `z` standard errors of it; a value without a standard error
/// is as exact as it is printed. Where nobody has one, the interval is the rank itself, ties and all.
///
/// # Source
/// Ranking rules of the indicator catalogue (1.15): units significantly better and worse.
#[must_use]
pub fn intervals(units: &[Position], z: f64) -> Vec<RankInterval> {
    let total = count(units.len());
    let is_estimated = units.iter().any(|unit| unit.se.is_some());
    let variance = |unit: &Position| unit.se.map_or(0.0, |se| se * se);
    units
        .iter()
        .map(|own| {
            let better = |other: &Position| {
                let distance = own.position - other.position;
                distance > 0.0 && distance > z * (variance(own) + variance(other)).sqrt()
            };
            let worse = |other: &Position| {
                let distance = other.position - own.position;
                distance > 0.0 && distance > z * (variance(own) + variance(other)).sqrt()
            };
            let low = 1 + count(units.iter().filter(|other| better(other)).count());
            if !is_estimated {
                return RankInterval { low, high: low };
            }
            RankInterval { low, high: total - count(units.iter().filter(|other| worse(other)).count()) }
        })
        .collect()
}

/// A target is written in a catalogue with a few digits: nine keep it exact.
fn exact(target: f64) -> Result<Decimal, DomainError> {
    Decimal::round(target, 9)
}

fn distance(value: Decimal, target: Decimal) -> Result<Decimal, DomainError> {
    value
        .distance(target)
        .ok_or_else(|| DomainError::DecimalOverflow { value: value.to_string(), decimals: target.decimals() })
}

/// Ranks ascending by `key`: the smallest key is the best.
fn rank_by<K: Ord>(values: &[Option<Decimal>], key: impl Fn(&Decimal) -> K) -> Vec<Option<Rank>> {
    let mut order: Vec<(K, usize)> = values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| value.as_ref().map(|v| (key(v), index)))
        .collect();
    order.sort_by(|left, right| left.0.cmp(&right.0));
    let rank_of = count(order.len());

    let mut ranks = vec![None; values.len()];
    let mut before = 0;
    for group in order.chunk_by(|left, right| left.0.cmp(&right.0) == Ordering::Equal) {
        for (_, index) in group {
            ranks[*index] = Some(Rank { rank: count(before + 1), rank_of, tied: count(group.len()) });
        }
        before += group.len();
    }
    ranks
}

fn count(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 2^32 units are ranked")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]
    #![allow(clippy::float_cmp, reason = "the expected quotients are exact")]

    use super::*;
    use proptest::prelude::*;

    fn ranks(values: &[Option<f64>], direction: Direction, decimals: u8) -> Vec<Option<u32>> {
        rank(values, direction, decimals).unwrap().into_iter().map(|rank| rank.map(|r| r.rank)).collect()
    }

    #[test]
    fn ties_share_a_rank_and_the_next_is_skipped() {
        let values = [Some(1.0), Some(3.0), Some(2.04), Some(1.96)];
        assert_eq!(ranks(&values, Direction::Higher, 1), [Some(4), Some(1), Some(2), Some(2)]);
        assert_eq!(ranks(&values, Direction::Lower, 1), [Some(1), Some(4), Some(2), Some(2)]);
    }

    #[test]
    fn missing_values_are_unranked_and_do_not_count() {
        let values = [None, Some(5.0), None, Some(7.0)];
        let ranked = rank(&values, Direction::Higher, 0).unwrap();
        assert_eq!(ranked[0], None);
        assert_eq!(ranked[3].map(|r| (r.rank, r.rank_of)), Some((1, 2)));
    }

    #[test]
    fn neutral_is_never_ranked() {
        assert_eq!(ranks(&[Some(1.0)], Direction::Neutral, 0), [None]);
    }

    #[test]
    fn a_target_is_approached_from_both_sides() {
        let values = [Some(97.0), Some(103.0), Some(100.4), Some(90.0)];
        assert_eq!(ranks(&values, Direction::Target(100.0), 1), [Some(2), Some(2), Some(1), Some(4)]);
        // 0.98 and 0.97 are equally far from 0.975, which binary arithmetic denies.
        let near = [Some(0.98), Some(0.97)];
        assert_eq!(ranks(&near, Direction::Target(0.975), 2), [Some(1), Some(1)]);
    }

    #[test]
    fn the_percentile_counts_who_is_worse() {
        let values = [Some(4.0), Some(3.0), Some(3.0), Some(1.0)];
        let percentiles: Vec<Option<f64>> = rank(&values, Direction::Higher, 0)
            .unwrap()
            .into_iter()
            .map(|r| r.unwrap().percentile())
            .collect();
        assert_eq!(percentiles[0], Some(100.0));
        assert_eq!(percentiles[1], percentiles[2]);
        assert_eq!(percentiles[1], Some(100.0 / 3.0));
        assert_eq!(percentiles[3], Some(0.0));
        let alone = rank(&[Some(4.0)], Direction::Higher, 0).unwrap()[0].unwrap();
        assert_eq!(alone.percentile(), None);
    }

    fn spans(units: &[(f64, Option<f64>)]) -> Vec<(u32, u32)> {
        let units: Vec<Position> = units.iter().map(|&(position, se)| Position { position, se }).collect();
        intervals(&units, 1.96).into_iter().map(|span| (span.low, span.high)).collect()
    }

    #[test]
    fn intervals_count_who_is_significantly_better_and_worse() {
        // Distances 4, 10 and 6 beside 1.96 x sqrt(2 x 2 + 2 x 2) = 5.54: the first and second do not differ.
        let estimated = [(0.0, Some(2.0)), (4.0, Some(2.0)), (10.0, Some(2.0))];
        assert_eq!(spans(&estimated), [(1, 2), (1, 2), (3, 3)]);
        // Beside a known value only one error counts: 4 exceeds 1.96 x 2 = 3.92.
        assert_eq!(spans(&[(0.0, None), (4.0, Some(2.0))]), [(1, 1), (2, 2)]);
        assert_eq!(spans(&[(1.0, None), (1.0, None), (3.0, None)]), [(1, 1), (1, 1), (3, 3)]);
    }

    #[test]
    fn values_that_are_no_numbers_are_refused() {
        assert!(rank(&[Some(f64::NAN)], Direction::Higher, 1).is_err());
        assert!(rank(&[Some(1.0)], Direction::Target(f64::INFINITY), 1).is_err());
        let wide = [Some(1.5e29)];
        assert!(rank(&wide, Direction::Target(1.0), 0).is_ok());
        assert!(rank(&[Some(1.5e30)], Direction::Target(1.0), 0).is_err());
    }

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_the_number_of_better_values(
            values in prop::collection::vec(prop::option::of(0_u8..20), 0..40)
        ) {
            let numbers: Vec<Option<f64>> = values.iter().map(|v| v.map(f64::from)).collect();
            for (index, got) in ranks(&numbers, Direction::Higher, 0).into_iter().enumerate() {
                let expected = values[index].map(|own| {
                    let better = values.iter().flatten().filter(|v| **v > own).count();
                    u32::try_from(better).unwrap() + 1
                });
                prop_assert_eq!(got, expected);
            }
        }

        #[test]
        fn an_interval_holds_the_rank(
            units in prop::collection::vec((0_u8..30, prop::option::of(0.0_f64..5.0)), 1..30)
        ) {
            let values: Vec<Option<f64>> = units.iter().map(|unit| Some(f64::from(unit.0))).collect();
            let positions: Vec<(f64, Option<f64>)> =
                units.iter().map(|unit| (f64::from(unit.0), unit.1)).collect();
            for (rank, (low, high)) in ranks(&values, Direction::Lower, 0).into_iter().zip(spans(&positions)) {
                let rank = rank.unwrap();
                prop_assert!(low <= rank && rank <= high, "{} not in {}..{}", rank, low, high);
            }
        }

        #[test]
        fn order_of_the_input_does_not_matter(
            values in prop::collection::vec(prop::option::of(-100.0_f64..100.0), 0..20)
        ) {
            let forward = rank(&values, Direction::Target(3.0), 1).unwrap();
            let reversed: Vec<Option<f64>> = values.iter().rev().copied().collect();
            let mut backward = rank(&reversed, Direction::Target(3.0), 1).unwrap();
            backward.reverse();
            prop_assert_eq!(forward, backward);
        }
    }
}
