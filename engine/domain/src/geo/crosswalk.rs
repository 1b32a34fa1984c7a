//! Links between vintages of territory.

use std::collections::{BTreeMap, BTreeSet};

use super::apportion::apportion;
use crate::error::DomainError;

/// Where the parts of a unit went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Surrogate key of the earlier unit.
    pub from: i32,
    /// Surrogate key of the later unit.
    pub to: i32,
    /// Weight of this part among all parts of `from`: learners, population, or 1.
    pub weight: u64,
}

/// All links, by the unit they leave.
#[derive(Debug, Clone, Default)]
pub struct Crosswalk {
    parts: BTreeMap<i32, Vec<Link>>,
}

impl Crosswalk {
    /// From links in any order.
    #[must_use]
    pub fn new(links: impl IntoIterator<Item = Link>) -> Self {
        let mut parts: BTreeMap<i32, Vec<Link>> = BTreeMap::new();
        for link in links {
            parts.entry(link.from).or_default().push(link);
        }
        // A fixed order of parts makes the remainder fall the same way every time.
        for links in parts.values_mut() {
            links.sort_by_key(|link| link.to);
        }
        Self { parts }
    }

    /// Carries totals of the earlier vintage to the later one.
    ///
    /// A unit without links keeps its total. The grand total is conserved exactly.
    /// Weights are a fallback: where organisations are known, values are summed again
    /// from them instead.
    ///
    /// # Errors
    /// [`DomainError::NoWeights`] when all parts of a unit weigh nothing and its total
    /// is not zero; [`DomainError::SumOverflow`] when parts of several units add up
    /// beyond 64 bits.
    pub fn recast(&self, totals: &BTreeMap<i32, i64>) -> Result<BTreeMap<i32, i64>, DomainError> {
        let mut recast: BTreeMap<i32, i64> = BTreeMap::new();
        for (from, total) in totals {
            let unlinked = [Link { from: *from, to: *from, weight: 1 }];
            let links = self.parts.get(from).map_or(&unlinked[..], Vec::as_slice);
            let weights: Vec<u64> = links.iter().map(|link| link.weight).collect();
            for (link, part) in links.iter().zip(apportion(*total, &weights)?) {
                let sum = recast.entry(link.to).or_insert(0);
                *sum = sum.checked_add(part).ok_or(DomainError::SumOverflow { geo_id: link.to })?;
            }
        }
        Ok(recast)
    }

    /// Every unit that a link names.
    pub(super) fn units(&self) -> impl Iterator<Item = i32> {
        self.parts.values().flatten().flat_map(|link| [link.from, link.to])
    }

    /// Units connected with any of `ids` by links forwards or backwards in time.
    pub(super) fn related(&self, ids: &[i32]) -> BTreeSet<i32> {
        let mut found = self.reachable(ids, |link| (link.from, link.to));
        found.extend(self.reachable(ids, |link| (link.to, link.from)));
        found
    }

    /// Follows links in one direction only: both at once would reach siblings.
    fn reachable(&self, ids: &[i32], step: impl Fn(&Link) -> (i32, i32)) -> BTreeSet<i32> {
        let mut found = BTreeSet::new();
        let mut open: Vec<i32> = ids.to_vec();
        while let Some(id) = open.pop() {
            let next = self.parts.values().flatten().map(&step);
            for (_, to) in next.filter(|(from, _)| *from == id) {
                if found.insert(to) {
                    open.push(to);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(from: i32, to: i32, weight: u64) -> Link {
        Link { from, to, weight }
    }

    #[test]
    fn a_split_unit_is_divided_and_the_rest_stays() {
        let crosswalk = Crosswalk::new([link(1, 11, 2), link(1, 10, 1)]);
        let totals = BTreeMap::from([(1, 100), (2, 7)]);
        let expected = BTreeMap::from([(2, 7), (10, 33), (11, 67)]);
        assert_eq!(crosswalk.recast(&totals), Ok(expected));
    }

    #[test]
    fn parts_of_several_units_add_up() {
        let crosswalk = Crosswalk::new([link(1, 10, 1), link(2, 10, 1)]);
        let totals = BTreeMap::from([(1, 3), (2, 4)]);
        assert_eq!(crosswalk.recast(&totals), Ok(BTreeMap::from([(10, 7)])));
        let huge = BTreeMap::from([(1, i64::MAX), (2, 1)]);
        assert_eq!(crosswalk.recast(&huge), Err(DomainError::SumOverflow { geo_id: 10 }));
    }

    #[test]
    fn parts_without_weight_are_refused() {
        let crosswalk = Crosswalk::new([link(1, 10, 0)]);
        assert_eq!(crosswalk.recast(&BTreeMap::from([(1, 3)])), Err(DomainError::NoWeights { total: 3 }));
    }

    #[test]
    fn siblings_are_not_related() {
        let crosswalk = Crosswalk::new([link(1, 10, 1), link(1, 11, 1), link(10, 20, 1)]);
        assert_eq!(crosswalk.related(&[10]), BTreeSet::from([1, 20]));
        assert_eq!(crosswalk.related(&[1]), BTreeSet::from([10, 11, 20]));
    }

    proptest! {
        #[test]
        fn recasting_conserves_the_grand_total(
            links in prop::collection::vec((0_i32..6, 10_i32..16, 1_u64..1_000), 0..20),
            totals in prop::collection::btree_map(0_i32..8, -1_000_000_i64..1_000_000, 0..8),
        ) {
            let crosswalk = Crosswalk::new(links.iter().map(|(f, t, w)| link(*f, *t, *w)));
            let recast = crosswalk.recast(&totals).map(|parts| parts.values().sum::<i64>());
            prop_assert_eq!(recast, Ok(totals.values().sum::<i64>()));
        }
    }
}
