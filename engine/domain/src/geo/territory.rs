//! Units with the dates between which their codes mean them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::crosswalk::Crosswalk;
use crate::error::DomainError;
use crate::ids::Kato;

/// One unit in one vintage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Surrogate key, kept when only the boundary changes; a code alone is not one.
    pub geo_id: i32,
    /// Code, unique among the units valid on one day.
    pub kato: Kato,
    /// Surrogate key of the unit it lies in; `None` for a region.
    pub parent: Option<i32>,
    /// First day on which it exists.
    pub valid_from: NaiveDate,
    /// First day on which it does not exist any more; `None` while it does.
    pub valid_to: Option<NaiveDate>,
}

impl Unit {
    /// Whether it exists on `date`.
    #[must_use]
    pub fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|end| date < end)
    }
}

/// All units in all vintages.
#[derive(Debug, Clone, Default)]
pub struct Territory {
    /// Vintages of each key, in the order of time.
    units: BTreeMap<i32, Vec<Unit>>,
    /// Keys that have had a code.
    by_kato: BTreeMap<Kato, BTreeSet<i32>>,
    crosswalk: Crosswalk,
}

impl Territory {
    /// From vintages of units, in any order, and the links between units.
    ///
    /// Rows that share the code of another unit, such as the unallocated part of a
    /// region, are not units of territory and must be left out.
    ///
    /// # Errors
    /// [`DomainError::InvertedInterval`] for a vintage that ends before it starts,
    /// [`DomainError::DuplicateUnit`] for a key with two vintages on one day,
    /// [`DomainError::OverlappingUnits`] when a code means two units on one day,
    /// [`DomainError::UnknownGeoId`] when a parent or a link names no unit.
    pub fn new(units: impl IntoIterator<Item = Unit>, crosswalk: Crosswalk) -> Result<Self, DomainError> {
        let mut territory = Self { crosswalk, ..Self::default() };
        for unit in units {
            if let Some(end) = unit.valid_to.filter(|end| *end <= unit.valid_from) {
                return Err(DomainError::InvertedInterval { from: unit.valid_from, to: end });
            }
            let keys = territory.by_kato.entry(unit.kato).or_default();
            keys.insert(unit.geo_id);
            territory.units.entry(unit.geo_id).or_default().push(unit);
        }
        territory.check_vintages()?;
        territory.check_codes()?;
        territory.check_references()?;
        Ok(territory)
    }

    /// Sorts the vintages of each key by time and refuses overlaps.
    fn check_vintages(&mut self) -> Result<(), DomainError> {
        for (geo_id, vintages) in &mut self.units {
            vintages.sort_by_key(|unit| unit.valid_from);
            if vintages.windows(2).any(|pair| pair[0].is_valid_on(pair[1].valid_from)) {
                return Err(DomainError::DuplicateUnit { geo_id: *geo_id });
            }
        }
        Ok(())
    }

    /// Refuses a code that means two units on one day.
    fn check_codes(&self) -> Result<(), DomainError> {
        for kato in self.by_kato.keys() {
            let mut holders: Vec<&Unit> = self.holders(*kato).collect();
            holders.sort_by_key(|unit| unit.valid_from);
            for pair in holders.windows(2) {
                if pair[0].is_valid_on(pair[1].valid_from) {
                    return Err(DomainError::OverlappingUnits {
                        kato: *kato,
                        first: pair[0].geo_id,
                        second: pair[1].geo_id,
                        date: pair[1].valid_from,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_references(&self) -> Result<(), DomainError> {
        let parents = self.units.values().flatten().filter_map(|unit| unit.parent);
        let linked = self.crosswalk.units();
        match parents.chain(linked).find(|geo_id| !self.units.contains_key(geo_id)) {
            None => Ok(()),
            Some(geo_id) => Err(DomainError::UnknownGeoId { geo_id }),
        }
    }

    /// Vintages of any unit with this code.
    fn holders(&self, kato: Kato) -> impl Iterator<Item = &Unit> {
        let keys = self.by_kato.get(&kato).into_iter().flatten();
        keys.flat_map(|geo_id| &self.units[geo_id]).filter(move |unit| unit.kato == kato)
    }

    /// The unit that `kato` means on `date`.
    ///
    /// # Errors
    /// [`DomainError::UnknownKato`] when no vintage has the code;
    /// [`DomainError::KatoNotValid`] when it is not in force on that date, with the
    /// codes that were: those linked to it by the crosswalk, else those of its region.
    pub fn find(&self, kato: Kato, date: NaiveDate) -> Result<&Unit, DomainError> {
        let keys = self.by_kato.get(&kato).ok_or(DomainError::UnknownKato { kato })?;
        self.holders(kato).find(|unit| unit.is_valid_on(date)).ok_or_else(|| DomainError::KatoNotValid {
            kato,
            date,
            valid_then: self.valid_then(keys, kato, date),
        })
    }

    /// All vintages of a unit, in the order of time.
    ///
    /// # Errors
    /// [`DomainError::UnknownGeoId`].
    pub fn vintages(&self, geo_id: i32) -> Result<&[Unit], DomainError> {
        self.units.get(&geo_id).map(Vec::as_slice).ok_or(DomainError::UnknownGeoId { geo_id })
    }

    /// Units that exist on `date`, by surrogate key.
    pub fn valid_on(&self, date: NaiveDate) -> impl Iterator<Item = &Unit> {
        self.units.values().flatten().filter(move |unit| unit.is_valid_on(date))
    }

    /// The links between vintages.
    #[must_use]
    pub const fn crosswalk(&self) -> &Crosswalk {
        &self.crosswalk
    }

    fn valid_then(&self, keys: &BTreeSet<i32>, kato: Kato, date: NaiveDate) -> Vec<Kato> {
        let keys: Vec<i32> = keys.iter().copied().collect();
        let mut related = self.crosswalk.related(&keys);
        // The same unit under another code.
        related.extend(keys);
        let codes = |wanted: &dyn Fn(&Unit) -> bool| -> BTreeSet<Kato> {
            self.valid_on(date).filter(|unit| wanted(unit)).map(|unit| unit.kato).collect()
        };
        let mut found = codes(&|unit| related.contains(&unit.geo_id));
        if found.is_empty() {
            found = codes(&|unit| unit.kato.region() == kato.region());
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::geo::Link;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn kato(value: i32) -> Kato {
        Kato::try_from(value).unwrap()
    }

    fn unit(geo_id: i32, code: i32, from: &str, to: Option<&str>) -> Unit {
        Unit { geo_id, kato: kato(code), parent: None, valid_from: day(from), valid_to: to.map(day) }
    }

    /// Taldykorgan became 331000000; Kapshagai, renamed Konaev, took over its code.
    fn reform_of_2022() -> Territory {
        let units = [
            unit(1, 191_000_000, "2000-01-01", Some("2022-06-08")),
            unit(2, 191_600_000, "2000-01-01", Some("2022-06-08")),
            unit(3, 331_000_000, "2022-06-08", None),
            unit(4, 191_000_000, "2022-06-08", None),
            unit(5, 196_200_000, "2000-01-01", None),
        ];
        let link = |from, to| Link { from, to, weight: 1 };
        Territory::new(units, Crosswalk::new([link(1, 3), link(2, 4)])).unwrap()
    }

    #[test]
    fn one_code_is_two_cities() {
        let territory = reform_of_2022();
        let on = |date| territory.find(kato(191_000_000), day(date)).unwrap().geo_id;
        assert_eq!(on("2022-06-07"), 1);
        assert_eq!(on("2022-06-08"), 4);
    }

    #[test]
    fn a_code_of_another_time_names_those_of_its_own() {
        let territory = reform_of_2022();
        let refused = |code, date| territory.find(kato(code), day(date)).err();
        let error = |code, date, valid_then: &[i32]| {
            Some(DomainError::KatoNotValid {
                kato: kato(code),
                date: day(date),
                valid_then: valid_then.iter().copied().map(kato).collect(),
            })
        };
        assert_eq!(refused(331_000_000, "2021-10-01"), error(331_000_000, "2021-10-01", &[191_000_000]));
        assert_eq!(refused(191_600_000, "2024-10-01"), error(191_600_000, "2024-10-01", &[191_000_000]));
        // Unrelated by the crosswalk, so the region answers; before any vintage: none.
        assert_eq!(refused(196_200_000, "1999-10-01"), error(196_200_000, "1999-10-01", &[]));
    }

    #[test]
    fn without_links_the_region_answers() {
        let units = [
            unit(1, 111_600_000, "2023-01-01", None),
            unit(2, 113_200_000, "2000-01-01", None),
            unit(3, 153_200_000, "2000-01-01", None),
        ];
        let territory = Territory::new(units, Crosswalk::default()).unwrap();
        let refused = territory.find(kato(111_600_000), day("2020-10-01"));
        assert_eq!(
            refused.err(),
            Some(DomainError::KatoNotValid {
                kato: kato(111_600_000),
                date: day("2020-10-01"),
                valid_then: vec![kato(113_200_000)],
            })
        );
        assert_eq!(
            territory.find(kato(999_999_999), day("2020-10-01")).err(),
            Some(DomainError::UnknownKato { kato: kato(999_999_999) })
        );
        assert_eq!(territory.valid_on(day("2020-10-01")).count(), 2);
        assert_eq!(territory.vintages(3).map(<[Unit]>::len), Ok(1));
        assert_eq!(territory.vintages(9), Err(DomainError::UnknownGeoId { geo_id: 9 }));
    }

    #[test]
    fn a_unit_keeps_its_key_when_its_boundary_changes() {
        let units = [
            unit(635_800, 635_800_000, "2022-06-07", None),
            unit(635_800, 635_800_000, "1997-01-01", Some("2022-06-07")),
        ];
        let territory = Territory::new(units, Crosswalk::default()).unwrap();
        let found = territory.find(kato(635_800_000), day("2022-06-06")).unwrap();
        assert_eq!(found.valid_from, day("1997-01-01"));
        assert_eq!(territory.vintages(635_800).unwrap()[1].valid_to, None);
    }

    #[test]
    fn contradictory_units_are_refused() {
        let build = |units: Vec<Unit>| Territory::new(units, Crosswalk::default()).err();
        let a = unit(1, 111_600_000, "2000-01-01", Some("2010-01-02"));
        let b = unit(2, 111_600_000, "2010-01-01", None);
        assert!(matches!(
            build(vec![b.clone(), a.clone()]),
            Some(DomainError::OverlappingUnits { first: 1, second: 2, .. })
        ));
        assert_eq!(build(vec![a.clone(), a.clone()]), Some(DomainError::DuplicateUnit { geo_id: 1 }));
        let orphan = Unit { parent: Some(9), ..b };
        assert_eq!(build(vec![orphan]), Some(DomainError::UnknownGeoId { geo_id: 9 }));
        let inverted = Unit { valid_to: Some(day("1999-01-01")), ..a };
        assert!(matches!(build(vec![inverted]), Some(DomainError::InvertedInterval { .. })));
    }

    proptest! {
        #[test]
        fn a_code_means_one_unit_at_most(offset in -2_000_i64..2_000) {
            let territory = reform_of_2022();
            let date = day("2022-06-08") + chrono::Duration::days(offset);
            for unit in territory.valid_on(date) {
                prop_assert_eq!(territory.find(unit.kato, date), Ok(unit));
            }
        }
    }
}
