//! The organisations of the country: drawn once, small enough to keep in memory.
//!
//! Learners and staff are not kept: they follow from an organisation's plan and its
//! blocks of chance whenever they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Options;
use super::dice::{Dice, Topic, Words, below, permille};
use super::links;
use super::territory::{Location, Place, locations};
use super::traits::Traits;
use crate::dimension::{Language, Locality, Ownership};
use crate::error::DomainError;
use crate::geo::apportion;
use crate::ids::{Bin, Kato, RegionCode};
use crate::records::{OrgGroup, OrgType};
use crate::rounding::Decimal;
use crate::year::Year;

/// Sizes of a country at scale 1.
const SCHOOLS: u64 = 8_400;
const GARDENS: u64 = 12_600;
const COLLEGES: u64 = 780;
/// Children entering grade 1 in the first year.
const INTAKE: u64 = 395_000;
/// Schools that a settled place has on average, at least: a small country has fewer
/// places, not one school in each.
const SCHOOLS_A_PLACE: u64 = 4;

/// First school year of which anyone is remembered: a grade-11 repeater of the first
/// year entered twelve years before, and staff are followed from then on.
pub(super) const MEMORY_YEARS: i32 = 14;

/// One organisation.
#[derive(Debug, Clone)]
pub(super) struct OrgPlan {
    pub bin: Bin,
    /// Number in its name.
    pub number: u32,
    pub org_type: OrgType,
    pub location: u32,
    pub locality: Locality,
    pub ownership: Ownership,
    pub language: Language,
    pub shifts: u8,
    pub is_small: bool,
    pub first_grade: u8,
    pub last_grade: u8,
    /// Children entering the first grade in the first year; 0 unless a school.
    pub intake: u32,
    /// Growth of the intake, permille a year.
    pub growth: i32,
    /// Learners expected in the first year.
    pub size: u32,
    pub opened: NaiveDate,
    /// Year in whose summer it closes.
    pub closed: Option<i32>,
    /// School of the same place that takes over its pupils.
    pub partner: u32,
    /// School in another region.
    pub far: u32,
    /// Kindergartens its children come from.
    pub gardens: Vec<u32>,
    /// Colleges its leavers go to.
    pub colleges: Vec<u32>,
    /// Schools whose children may be here.
    pub sources: Vec<u32>,
    /// Shorter schools that pass all their pupils on to this one.
    pub feeders: Vec<u32>,
}

impl OrgPlan {
    /// Whether it takes pupils from elsewhere: a full school that stays.
    pub fn is_host(&self) -> bool {
        self.intake > 0
            && self.last_grade == 11
            && self.first_grade == 1
            && self.closed.is_none()
            && self.org_type != OrgType::Boarding
            // Private schools may open late.
            && self.ownership == Ownership::State
    }

    pub fn group(&self) -> OrgGroup {
        self.org_type.group()
    }

    /// First autumn in which it works.
    pub fn first_autumn(&self) -> i32 {
        use chrono::Datelike;
        self.opened.year()
    }

    /// Whether it works in the autumn of `year`.
    pub fn works_in(&self, year: i32) -> bool {
        self.first_autumn() <= year && self.closed.is_none_or(|closed| year < closed)
    }
}

/// The whole country.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub dice: Dice,
    pub options: Options,
    pub places: Vec<Place>,
    pub locations: Vec<Location>,
    pub orgs: Vec<OrgPlan>,
    traits: BTreeMap<RegionCode, Traits>,
}

impl Plan {
    pub fn new(options: &Options, places: &[Place]) -> Result<Self, DomainError> {
        let dice = Dice::new(options.seed);
        let locations = locations(places, options.first_year, options.last_year)?;
        let traits = locations
            .iter()
            .map(Location::last_region)
            .map(|region| (region, Traits::of(&dice, region)))
            .collect();
        let mut plan = Self {
            dice,
            options: options.clone(),
            places: places.to_vec(),
            locations,
            orgs: Vec::new(),
            traits,
        };
        let numbers = plan.numbers()?;
        for (location, number) in (0_u32..).zip(&numbers) {
            plan.settle(location, *number)?;
        }
        links::connect(&mut plan);
        Ok(plan)
    }

    pub fn org(&self, index: u32) -> &OrgPlan {
        &self.orgs[index as usize]
    }

    pub fn location(&self, org: &OrgPlan) -> &Location {
        &self.locations[org.location as usize]
    }

    pub fn district(&self, org: &OrgPlan, year: Year) -> Kato {
        self.location(org).district(year)
    }

    /// Regional traits of an organisation.
    pub fn traits(&self, org: &OrgPlan) -> &Traits {
        &self.traits[&self.location(org).last_region()]
    }

    pub fn first_year(&self) -> i32 {
        i32::from(self.options.first_year)
    }

    /// Children of the catchment of school `org` entering its first grade in `cohort`.
    ///
    /// A closed school keeps its catchment: its children go to the partner.
    pub fn intake(&self, org: u32, cohort: i32) -> u32 {
        let plan = self.org(org);
        if plan.intake == 0 || cohort < plan.first_autumn() {
            return 0;
        }
        let trend = 1000 + plan.growth * (cohort - self.first_year());
        let key = u64::from(org) << 32 | u64::from(cohort.unsigned_abs());
        let noise = 920 + self.dice.permille(key, 11) * 160 / 1000;
        let expected = u64::from(plan.intake) * u64::from(trend.max(100).unsigned_abs());
        u32::try_from(expected * u64::from(noise) / 1_000_000).unwrap_or(u32::MAX).max(1)
    }

    /// Learners expected in an organisation in a year.
    pub fn size(&self, org: &OrgPlan, year: i32) -> u32 {
        let trend = 1000 + org.growth * (year - self.first_year());
        let size = u64::from(org.size) * u64::from(trend.max(100).unsigned_abs()) / 1000;
        u32::try_from(size).unwrap_or(u32::MAX)
    }

    /// How many schools, kindergartens, colleges and entrants each location has.
    fn numbers(&self) -> Result<Vec<Numbers>, DomainError> {
        let scale = self.options.scale;
        let millionths = Decimal::round(scale, 6)
            .ok()
            .and_then(|decimal| u64::try_from(decimal.units()).ok())
            .filter(|units| (1..=2_000_000).contains(units))
            .ok_or(DomainError::Scale { value: scale })?;
        let scaled = |number: u64| {
            i64::try_from((number * millionths).div_ceil(1_000_000)).expect("at most twice a small number")
        };
        let capitals = self.capitals();
        let settled = self.settled(SCHOOLS * millionths / 1_000_000 / SCHOOLS_A_PLACE, &capitals);
        let weigh = |urban: u64, rural: u64| -> Vec<u64> {
            let weight = |(index, l): (usize, &Location)| {
                let kind = if l.is_urban { urban } else { rural };
                u64::from(l.weight.max(1)) * kind * u64::from(settled.contains(&index))
            };
            self.locations.iter().enumerate().map(weight).collect()
        };
        // Rural schools are many and small, colleges stand in cities.
        let schools = spread(scaled(SCHOOLS), &weigh(31, 100), &capitals)?;
        let with_school = |mut weights: Vec<u64>| {
            for (weight, schools) in weights.iter_mut().zip(&schools) {
                *weight *= u64::from(*schools > 0);
            }
            weights
        };
        let gardens = spread(scaled(GARDENS), &with_school(weigh(60, 100)), &capitals)?;
        let colleges = spread(scaled(COLLEGES), &with_school(weigh(100, 25)), &capitals)?;
        let entrants = spread(scaled(INTAKE), &with_school(weigh(1, 1)), &[])?;
        Ok(schools
            .into_iter()
            .zip(gardens)
            .zip(colleges)
            .zip(entrants)
            .map(|(((schools, gardens), colleges), entrants)| Numbers {
                schools,
                gardens,
                colleges,
                entrants,
            })
            .collect())
    }

    /// The heaviest location of each region.
    fn capitals(&self) -> Vec<usize> {
        let mut capitals: BTreeMap<RegionCode, usize> = BTreeMap::new();
        for (index, location) in self.locations.iter().enumerate() {
            let capital = capitals.entry(location.last_region()).or_insert(index);
            if self.locations[*capital].weight < location.weight {
                *capital = index;
            }
        }
        capitals.into_values().collect()
    }

    /// The capitals and, of the other locations, about as many as fit `budget`, drawn
    /// evenly from all regions.
    fn settled(&self, budget: u64, capitals: &[usize]) -> BTreeSet<usize> {
        let mut others: Vec<usize> = (0..self.locations.len()).collect();
        others.retain(|index| !capitals.contains(index));
        others.sort_by_key(|index| self.dice.hash(*index as u64, 12));
        let limit = usize::try_from(budget).unwrap_or(usize::MAX).max(2 * capitals.len());
        capitals.iter().copied().chain(others).take(limit).collect()
    }

    /// Adds the organisations of one location.
    fn settle(&mut self, location: u32, numbers: Numbers) -> Result<(), DomainError> {
        let start = self.orgs.len();
        for number in 1..=numbers.schools {
            self.found(location, number, OrgGroup::School)?;
        }
        let sizes: Vec<u64> = self.orgs[start..].iter().map(|school| u64::from(school.intake)).collect();
        if !sizes.is_empty() {
            let entrants = apportion(i64::from(numbers.entrants), &sizes)?;
            for (school, entrants) in self.orgs[start..].iter_mut().zip(entrants) {
                school.intake = u32::try_from(entrants).unwrap_or(0).max(2);
                let grades = u32::from(school.last_grade - school.first_grade) + 1;
                school.size = school.intake * grades * 93 / 100 + 1;
                school.is_small = school.locality == Locality::Rural && school.intake <= 10;
            }
        }
        for number in 1..=numbers.gardens {
            self.found(location, number, OrgGroup::PreSchool)?;
        }
        for number in 1..=numbers.colleges {
            self.found(location, number, OrgGroup::College)?;
        }
        Ok(())
    }

    fn found(&mut self, location: u32, number: u32, group: OrgGroup) -> Result<(), DomainError> {
        let index = u32::try_from(self.orgs.len()).unwrap_or(u32::MAX);
        let words = self.dice.blocks(Topic::Organisation, index, 0).next();
        let is_main = number == 1;
        let place = &self.locations[location as usize];
        let is_urban = place.is_urban || permille(words[0]) < 120;
        let traits = &self.traits[&place.last_region()];
        let org_type = match group {
            OrgGroup::School if is_main => OrgType::General,
            OrgGroup::School => school_type(&words, is_urban),
            OrgGroup::PreSchool if permille(words[1]) < 270 && !is_main => OrgType::MiniCentre,
            OrgGroup::PreSchool => OrgType::Kindergarten,
            OrgGroup::College if permille(words[1]) < 120 => OrgType::HigherCollege,
            OrgGroup::College => OrgType::College,
        };
        let is_private = !is_main && permille(words[2]) < private_share(group, is_urban, traits);
        let (first_grade, last_grade) = grades(org_type);
        let first = self.first_year();
        let span = self.options.first_year.years_until(self.options.last_year).unsigned_abs();
        // Private organisations are young; some state schools of villages close.
        let opened = if is_private && permille(words[3]) < 600 {
            first - 2 + i32::try_from(below(words[4], span + 3)).unwrap_or(0)
        } else {
            first - MEMORY_YEARS - 6 - i32::try_from(below(words[4], 40)).unwrap_or(0)
        };
        let may_close = group == OrgGroup::School && !is_main && !is_urban && !is_private;
        let closed = (may_close && span > 0 && permille(words[5]) < 45)
            .then(|| first + 1 + i32::try_from(below(words[6], span)).unwrap_or(0));
        self.orgs.push(OrgPlan {
            bin: bin(index)?,
            number,
            org_type,
            location,
            locality: if is_urban { Locality::Urban } else { Locality::Rural },
            ownership: if is_private { Ownership::Private } else { Ownership::State },
            language: language(&words, traits),
            shifts: shifts(&words, group, is_urban),
            is_small: false,
            first_grade,
            last_grade,
            intake: if group == OrgGroup::School {
                size_weight(&words, is_main, is_urban, org_type)
            } else {
                0
            },
            growth: traits.growth + if is_urban { 8 } else { -6 },
            size: 0,
            opened: Year::try_from(opened)?.date(9, 1),
            closed,
            partner: index,
            far: index,
            gardens: Vec::new(),
            colleges: Vec::new(),
            sources: Vec::new(),
            feeders: Vec::new(),
        });
        Ok(())
    }
}

/// What one location has.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    schools: u32,
    gardens: u32,
    colleges: u32,
    entrants: u32,
}

/// Apportions a total, then gives at least one to each place of `required`.
fn spread(total: i64, weights: &[u64], required: &[usize]) -> Result<Vec<u32>, DomainError> {
    let mut parts: Vec<u32> =
        apportion(total, weights)?.into_iter().map(|part| u32::try_from(part).unwrap_or(0)).collect();
    for index in required {
        parts[*index] = parts[*index].max(1);
    }
    Ok(parts)
}

fn school_type(words: &Words, is_urban: bool) -> OrgType {
    let draw = permille(words[1]);
    if is_urban {
        match draw {
            0..100 => OrgType::Gymnasium,
            100..210 => OrgType::Lyceum,
            210..240 => OrgType::Special,
            240..260 => OrgType::Boarding,
            260..270 => OrgType::Evening,
            _ => OrgType::General,
        }
    } else {
        match draw {
            0..110 => OrgType::Primary,
            110..260 => OrgType::Basic,
            260..280 => OrgType::Boarding,
            280..290 => OrgType::Special,
            _ => OrgType::General,
        }
    }
}

fn grades(org_type: OrgType) -> (u8, u8) {
    match org_type {
        OrgType::Primary => (1, 4),
        OrgType::Basic | OrgType::Special => (1, 9),
        OrgType::Evening => (10, 11),
        _ if org_type.group() == OrgGroup::School => (1, 11),
        _ => (0, 0),
    }
}

/// Size of a school relative to the others of its place.
fn size_weight(words: &Words, is_main: bool, is_urban: bool, org_type: OrgType) -> u32 {
    let full = match (is_main, is_urban) {
        (true, true) => 100,
        (true, false) => 45,
        (false, true) => 40 + below(words[7], 120),
        (false, false) if permille(words[8]) < 560 => 2 + below(words[7], 8),
        (false, false) => 14 + below(words[7], 34),
    };
    match org_type {
        OrgType::Special | OrgType::Evening => full / 6 + 1,
        OrgType::Primary => full / 2 + 1,
        _ => full,
    }
}

fn private_share(group: OrgGroup, is_urban: bool, traits: &Traits) -> u32 {
    match (group, is_urban) {
        (OrgGroup::PreSchool, true) => traits.private * 4,
        (OrgGroup::PreSchool, false) => traits.private * 3,
        (OrgGroup::School, true) => traits.private,
        (OrgGroup::School, false) => 5,
        (OrgGroup::College, _) => 380,
    }
}

fn language(words: &Words, traits: &Traits) -> Language {
    let draw = permille(words[9]);
    let rest = 1000 - traits.kazakh;
    if draw < traits.kazakh {
        Language::Kk
    } else if draw < traits.kazakh + rest * 55 / 100 {
        Language::Mixed
    } else if permille(words[10]) < traits.minority {
        [Language::Uz, Language::Ug, Language::Tg][below(words[11], 3) as usize]
    } else {
        Language::Ru
    }
}

fn shifts(words: &Words, group: OrgGroup, is_urban: bool) -> u8 {
    let (one, two) = match (group, is_urban) {
        (OrgGroup::PreSchool, _) => (1000, 1000),
        (OrgGroup::School, true) => (250, 955),
        (OrgGroup::School, false) => (480, 994),
        (OrgGroup::College, _) => (600, 1000),
    };
    match permille(words[12]) {
        draw if draw < one => 1,
        draw if draw < two => 2,
        _ => 3,
    }
}

/// Number of a synthetic organisation or authority.
///
/// Its year of registration is 39 or later, which no real number has yet, so that no
/// synthetic BIN is ever one of a real organisation. Distinct for distinct indexes.
pub(super) fn bin(index: u32) -> Result<Bin, DomainError> {
    const A_MONTH: u32 = 14_000;
    let month = index / A_MONTH;
    let (year, month) = (39 + month / 12, 1 + month % 12);
    // Seven serials for each index: at most a few have no check digit.
    let serial = index % A_MONTH * 7;
    let candidate = |attempt| Bin::from_stem(&format!("{year:02}{month:02}40{:05}", serial + attempt));
    let valid = (0..6).find_map(|attempt| candidate(attempt).ok());
    valid.map_or_else(|| candidate(6), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_of_organisations_are_distinct(left in 0_u32..400_000, right in 0_u32..400_000) {
            let (one, other) = (bin(left), bin(right));
            prop_assert!(one.is_ok());
            prop_assert_eq!(left == right, one == other);
        }
    }
}
