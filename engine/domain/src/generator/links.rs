//! Who passes learners on to whom.
//!
//! Children go from kindergartens to schools, from short schools to full ones, from
//! schools to colleges, and sometimes move. All roads lead from the school in whose
//! catchment a child is born, so an organisation's learners are found by asking the
//! few schools that can lead to it.

use std::collections::BTreeMap;

use super::dice::{below, high};
use super::plan::Plan;
use crate::dimension::Locality;
use crate::ids::RegionCode;
use crate::records::OrgGroup;

/// Organisations by where they are.
type ByRegion = BTreeMap<RegionCode, Vec<u32>>;
type ByLocation = BTreeMap<u32, Vec<u32>>;

/// Draws all links of a plan whose organisations are founded.
pub(super) fn connect(plan: &mut Plan) {
    connect_schools(plan);
    connect_gardens(plan);
    connect_colleges(plan);
    record_sources(plan);
    estimate_sizes(plan);
}

fn indexes(plan: &Plan) -> impl Iterator<Item = u32> + use<> {
    0..u32::try_from(plan.orgs.len()).unwrap_or(u32::MAX)
}

fn by_region(plan: &Plan, wanted: impl Fn(u32) -> bool) -> ByRegion {
    let mut groups = ByRegion::new();
    for index in indexes(plan).filter(|index| wanted(*index)) {
        let region = plan.location(plan.org(index)).last_region();
        groups.entry(region).or_default().push(index);
    }
    groups
}

fn by_location(plan: &Plan, wanted: impl Fn(u32) -> bool) -> ByLocation {
    let mut groups = ByLocation::new();
    for index in indexes(plan).filter(|index| wanted(*index)) {
        groups.entry(plan.org(index).location).or_default().push(index);
    }
    groups
}

/// Any of the candidates but `except`, always the same one.
fn pick(plan: &Plan, candidates: &[u32], except: u32, topic: u64) -> Option<u32> {
    let others = candidates.iter().filter(|index| **index != except);
    let number = u32::try_from(others.clone().count()).ok()?;
    let draw = below(high(plan.dice.hash(u64::from(except), topic)), number);
    others.copied().nth(draw as usize)
}

fn connect_schools(plan: &mut Plan) {
    let is_host = |index| plan.org(index).is_host();
    let near = by_location(plan, is_host);
    let around = by_region(plan, is_host);
    let cities: Vec<u32> = indexes(plan)
        .filter(|index| is_host(*index) && plan.org(*index).locality == Locality::Urban)
        .collect();
    let mut links = Vec::new();
    for index in indexes(plan).filter(|index| plan.org(*index).group() == OrgGroup::School) {
        let org = plan.org(index);
        let region = plan.location(org).last_region();
        let in_place = near.get(&org.location).and_then(|hosts| pick(plan, hosts, index, 21));
        let partner = in_place.or_else(|| pick(plan, around.get(&region)?, index, 21)).unwrap_or(index);
        let is_elsewhere = |far: &u32| plan.location(plan.org(*far)).last_region() != region;
        let far = pick(plan, &cities, index, 22).filter(is_elsewhere).unwrap_or(partner);
        links.push((index, partner, far));
    }
    for (index, partner, far) in links {
        let org = &mut plan.orgs[index as usize];
        org.partner = partner;
        org.far = far;
    }
}

/// Gives each kindergarten to the school with the most entrants for each of its own.
fn connect_gardens(plan: &mut Plan) {
    let is_source = |index: u32| {
        let org = plan.org(index);
        org.intake > 0 && org.first_grade == 1
    };
    let schools = by_location(plan, is_source);
    let gardens = by_location(plan, |index| plan.org(index).group() == OrgGroup::PreSchool);
    for (location, gardens) in gardens {
        let Some(schools) = schools.get(&location) else {
            continue;
        };
        for garden in &gardens {
            let neediest = schools.iter().copied().max_by_key(|index| {
                let org = &plan.orgs[*index as usize];
                let share = u64::from(org.intake) * 1_000 / (org.gardens.len() as u64 + 1);
                (share, std::cmp::Reverse(*index))
            });
            if let Some(school) = neediest {
                plan.orgs[school as usize].gardens.push(*garden);
            }
        }
        // Children of schools without one of their own go to one of the place.
        for school in schools {
            if plan.orgs[*school as usize].gardens.is_empty() {
                let garden = pick(plan, &gardens, *school, 23);
                plan.orgs[*school as usize].gardens.extend(garden);
            }
        }
    }
}

fn connect_colleges(plan: &mut Plan) {
    let colleges = by_region(plan, |index| plan.org(index).group() == OrgGroup::College);
    for index in indexes(plan) {
        let org = plan.org(index);
        if org.intake == 0 || org.first_grade != 1 {
            continue;
        }
        let region = plan.location(org).last_region();
        let Some(candidates) = colleges.get(&region) else {
            continue;
        };
        let mut chosen: Vec<u32> =
            [24, 25].into_iter().filter_map(|topic| pick(plan, candidates, index, topic)).collect();
        chosen.dedup();
        plan.orgs[index as usize].colleges = chosen;
    }
}

fn record_sources(plan: &mut Plan) {
    let mut sources: Vec<Vec<u32>> = vec![Vec::new(); plan.orgs.len()];
    let mut feeders: Vec<Vec<u32>> = vec![Vec::new(); plan.orgs.len()];
    for index in indexes(plan) {
        let org = plan.org(index);
        if org.intake == 0 {
            continue;
        }
        sources[index as usize].push(index);
        for target in [org.partner, org.far].into_iter().chain(org.gardens.iter().copied()) {
            sources[target as usize].push(index);
        }
        for college in &org.colleges {
            sources[*college as usize].push(index);
        }
        if org.last_grade < 11 && org.partner != index {
            feeders[org.partner as usize].push(index);
        }
    }
    for (org, (mut sources, feeders)) in plan.orgs.iter_mut().zip(sources.into_iter().zip(feeders)) {
        sources.sort_unstable();
        sources.dedup();
        org.sources = sources;
        org.feeders = feeders;
    }
}

/// Learners that kindergartens and colleges may expect from their schools.
fn estimate_sizes(plan: &mut Plan) {
    for index in indexes(plan) {
        let org = plan.org(index);
        if org.group() == OrgGroup::School {
            continue;
        }
        let expected: u32 = org
            .sources
            .iter()
            .map(|source| {
                let school = plan.org(*source);
                let traits = plan.traits(school);
                if org.group() == OrgGroup::PreSchool {
                    // About three of the four years, for those who come at all.
                    school.intake * 3 * traits.attendance
                        / 1000
                        / u32::try_from(school.gardens.len().max(1)).unwrap_or(1)
                } else {
                    // Three and a half years after grade 9, fewer after grade 11.
                    school.intake * 4 * traits.vocational
                        / 1000
                        / u32::try_from(school.colleges.len().max(1)).unwrap_or(1)
                }
            })
            .sum();
        plan.orgs[index as usize].size = expected.max(12);
    }
}
