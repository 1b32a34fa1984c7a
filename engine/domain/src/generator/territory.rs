//! Where organisations stand, and under which code in which year.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::error::DomainError;
use crate::ids::{Kato, RegionCode};
use crate::year::Year;

/// A district in one vintage, as the caller's reference data know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Code.
    pub kato: Kato,
    /// Name.
    pub name: String,
    /// Name of its region.
    pub region_name: String,
    /// A city, not a rural district.
    pub is_urban: bool,
    /// Learners it has, relative to other places.
    pub weight: u32,
    /// First day; `None` when it always existed.
    pub valid_from: Option<NaiveDate>,
    /// First day on which it does not exist any more.
    pub valid_to: Option<NaiveDate>,
    /// Codes its organisations pass to on that day, divided by the weights of these.
    pub successors: Vec<Kato>,
}

impl Place {
    fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= date) && self.valid_to.is_none_or(|to| date < to)
    }
}

/// Districts of all vintages, with the units that their organisations pass to, from rows of the reference files
/// of units (`geo.csv`) and of their successors (`geo_crosswalk.csv`), cells by column name.
#[must_use]
pub fn places_of(units: &[BTreeMap<String, String>], crosswalk: &[BTreeMap<String, String>]) -> Vec<Place> {
    let cell = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let date = |text: String| text.parse::<NaiveDate>().ok();
    let region_names: BTreeMap<String, String> = units
        .iter()
        .filter(|row| cell(row, "tier") == "region")
        .map(|row| (cell(row, "kato"), cell(row, "name_en")))
        .collect();
    let districts: Vec<_> = units
        .iter()
        .filter(|row| cell(row, "tier") == "district" && cell(row, "unit_type") != "unallocated")
        .collect();
    let mut places = Vec::new();
    for row in &districts {
        let kato = cell(row, "kato");
        let valid_to = date(cell(row, "valid_to"));
        let follows = |other: &&&BTreeMap<String, String>| {
            date(cell(other, "valid_from")).is_some_and(|from| Some(from) == valid_to)
        };
        // The unit itself under its next code, else whatever the crosswalk says of its ground.
        let mut successors: Vec<Kato> = districts
            .iter()
            .filter(|other| cell(other, "geo_id") == cell(row, "geo_id"))
            .filter(follows)
            .filter_map(|other| cell(other, "kato").parse().ok())
            .collect();
        if successors.is_empty() && valid_to.is_some() {
            successors = crosswalk
                .iter()
                .filter(|pair| cell(pair, "kato_from") == kato)
                .filter_map(|pair| cell(pair, "kato_to").parse().ok())
                .collect();
        }
        let unit_type = cell(row, "unit_type");
        let Ok(code) = kato.parse() else { continue };
        places.push(Place {
            kato: code,
            name: cell(row, "name_en"),
            region_name: region_names.get(&cell(row, "parent_kato")).cloned().unwrap_or_default(),
            is_urban: unit_type != "district",
            weight: match unit_type.as_str() {
                "city_district" => 6,
                "city" => 4,
                _ => 2,
            },
            valid_from: date(cell(row, "valid_from")),
            valid_to,
            successors,
        });
    }
    places
}

/// A spot on the ground: the codes it has had since the first year.
#[derive(Debug, Clone)]
pub(super) struct Location {
    /// Code and the first day on which it is another one.
    vintages: Vec<(Kato, Option<NaiveDate>)>,
    pub is_urban: bool,
    pub weight: u32,
}

impl Location {
    /// Its district in a year, on the as-of date.
    pub fn district(&self, year: Year) -> Kato {
        let date = year.fixing_date();
        self.vintages
            .iter()
            .find(|(_, until)| until.is_none_or(|until| date < until))
            .unwrap_or(&self.vintages[self.vintages.len() - 1])
            .0
    }

    /// The region it is in at the end, which its regional traits follow.
    pub fn last_region(&self) -> RegionCode {
        self.vintages[self.vintages.len() - 1].0.region()
    }
}

/// Follows every place of the first year to its last vintage.
///
/// A place that divides becomes one location for each successor. A place that comes
/// from nowhere gets no location: nothing stood there in the first year.
pub(super) fn locations(places: &[Place], first: Year, last: Year) -> Result<Vec<Location>, DomainError> {
    let start = first.fixing_date();
    let mut found = Vec::new();
    for root in places.iter().filter(|place| place.is_valid_on(start)) {
        follow(root, Vec::new(), places, last.fixing_date(), &mut found)?;
    }
    if found.is_empty() {
        return Err(DomainError::NoTerritory { date: start });
    }
    Ok(found)
}

fn follow(
    place: &Place,
    mut vintages: Vec<(Kato, Option<NaiveDate>)>,
    places: &[Place],
    last: NaiveDate,
    found: &mut Vec<Location>,
) -> Result<(), DomainError> {
    // What ends after the last year asked for does not end here.
    let ends = place.valid_to.filter(|end| *end <= last);
    vintages.push((place.kato, ends));
    let Some(end) = ends else {
        found.push(Location { vintages, is_urban: place.is_urban, weight: place.weight });
        return Ok(());
    };
    if place.successors.is_empty() {
        return Err(DomainError::NoSuccessor { kato: place.kato, date: end });
    }
    for successor in &place.successors {
        // Later than this vintage, so that the walk ends.
        let next = places
            .iter()
            .find(|next| next.kato == *successor && next.is_valid_on(end))
            .ok_or(DomainError::MissingSuccessor { kato: place.kato, date: end, successor: *successor })?;
        follow(next, vintages.clone(), places, last, found)?;
    }
    Ok(())
}

/// Places valid on the as-of date of a year.
pub(super) fn valid_in(places: &[Place], year: Year) -> impl Iterator<Item = &Place> {
    let date = year.fixing_date();
    places.iter().filter(move |place| place.is_valid_on(date))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn year(value: i32) -> Year {
        Year::try_from(value).unwrap()
    }

    fn place(kato: i32, from: Option<&str>, to: Option<&str>, successors: &[i32]) -> Place {
        let code = |value: i32| Kato::try_from(value).unwrap();
        Place {
            kato: code(kato),
            name: String::new(),
            region_name: String::new(),
            is_urban: false,
            weight: 1,
            valid_from: from.map(|day| day.parse().unwrap()),
            valid_to: to.map(|day| day.parse().unwrap()),
            successors: successors.iter().copied().map(code).collect(),
        }
    }

    const REFORM: Option<&str> = Some("2022-06-08");

    #[test]
    fn codes_change_on_the_day_of_the_reform() {
        let places = [
            place(191_000_000, None, REFORM, &[331_000_000]),
            place(331_000_000, REFORM, None, &[]),
            place(191_600_000, None, REFORM, &[191_000_000]),
            place(191_000_000, REFORM, None, &[]),
        ];
        let found = locations(&places, year(2019), year(2024)).unwrap();
        let codes: Vec<(u32, u32)> =
            found.iter().map(|l| (l.district(year(2021)).get(), l.district(year(2022)).get())).collect();
        assert_eq!(codes, [(191_000_000, 331_000_000), (191_600_000, 191_000_000)]);
        assert_eq!(found[0].last_region().get(), 33);
        assert_eq!(valid_in(&places, year(2021)).count(), 2);
    }

    #[test]
    fn a_divided_place_is_two_locations() {
        let places = [
            place(635_800_000, None, REFORM, &[635_800_000, 103_400_000]),
            place(635_800_000, REFORM, None, &[]),
            place(103_400_000, REFORM, None, &[]),
        ];
        let found = locations(&places, year(2019), year(2024)).unwrap();
        assert_eq!(found.len(), 2);
        // Before the reform nothing divides.
        let earlier = locations(&places, year(2019), year(2021)).unwrap();
        assert_eq!(earlier.len(), 1);
    }

    #[test]
    fn broken_chains_are_refused() {
        let build = |places: &[Place]| locations(places, year(2019), year(2024)).err();
        let date = "2022-06-08".parse().unwrap();
        let kato = Kato::try_from(191_000_000).unwrap();
        assert_eq!(
            build(&[place(191_000_000, None, REFORM, &[])]),
            Some(DomainError::NoSuccessor { kato, date })
        );
        assert!(matches!(
            build(&[place(191_000_000, None, REFORM, &[331_000_000])]),
            Some(DomainError::MissingSuccessor { .. })
        ));
        assert!(matches!(
            build(&[place(191_000_000, REFORM, None, &[])]),
            Some(DomainError::NoTerritory { .. })
        ));
    }

    proptest! {
        #[test]
        fn every_location_has_a_district_in_every_year(value in 2019_i32..=2024) {
            let places = [
                place(191_000_000, None, REFORM, &[331_000_000]),
                place(331_000_000, REFORM, None, &[]),
            ];
            for location in locations(&places, year(2019), year(2024)).unwrap() {
                let expected = if value < 2022 { 191_000_000 } else { 331_000_000 };
                prop_assert_eq!(location.district(year(value)).get(), expected);
            }
        }
    }
}
