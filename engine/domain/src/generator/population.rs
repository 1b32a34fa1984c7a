//! Rows of S2.POP: the children the learners come from, and those who are not any.

use super::plan::{OrgPlan, Plan};
use crate::dimension::{Locality, Sex};
use crate::ids::RegionCode;
use crate::records::{Code, PopulationRow, PopulationStatus, RepublicOr, TotalOr};
use crate::year::Year;

/// Ages published: 0 to 24, one by one.
const LAST_AGE: i32 = 24;
/// Age of the cohort that enters school in the autumn before 1 January.
const ENTRY_AGE: i32 = 6;

/// Population of a region on 1 January of `year`, by single age, sex and locality,
/// with totals.
pub(super) fn population(plan: &Plan, year: Year, region: RegionCode) -> Vec<PopulationRow> {
    let Some(kato) = region.kato() else {
        return Vec::new();
    };
    // On 1 January the region is what it was on the as-of date before.
    let Some(before) = year.previous() else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for age in 0..=LAST_AGE {
        let cohort = i32::from(before) - age + ENTRY_AGE;
        let urban = persons(plan, before, region, cohort, Locality::Urban);
        let rural = persons(plan, before, region, cohort, Locality::Rural);
        for (locality, number) in
            [(Some(Locality::Urban), urban), (Some(Locality::Rural), rural), (None, Sexes::sum(urban, rural))]
        {
            for (sex, population) in [
                (Some(Sex::Female), number.female),
                (Some(Sex::Male), number.male),
                (None, number.female + number.male),
            ] {
                rows.push(PopulationRow {
                    year,
                    kato: RepublicOr(Some(kato)),
                    age,
                    age_to: age,
                    sex: TotalOr(sex),
                    locality: TotalOr(locality),
                    population,
                    publisher: Code::Borrowed("bilim"),
                    edition: Code::Borrowed("synthetic"),
                    published_on: Some(year.date(4, 1)),
                    status: PopulationStatus::Final,
                });
            }
        }
    }
    rows
}

#[derive(Debug, Clone, Copy)]
struct Sexes {
    female: i64,
    male: i64,
}

impl Sexes {
    const fn sum(left: Self, right: Self) -> Self {
        Self { female: left.female + right.female, male: left.male + right.male }
    }
}

/// Children of all catchments, and the few who are in no school.
fn persons(plan: &Plan, year: Year, region: RegionCode, cohort: i32, locality: Locality) -> Sexes {
    let is_here = |org: &OrgPlan| {
        org.intake > 0
            && org.first_grade == 1
            && org.locality == locality
            && plan.district(org, year).region() == region
    };
    let all: u64 = (0_u32..)
        .zip(&plan.orgs)
        .filter(|(_, org)| is_here(org))
        .map(|(index, org)| {
            let covered = u64::from(plan.traits(org).coverage);
            u64::from(plan.intake(index, cohort)) * 1000 / covered
        })
        .sum();
    let female = all * 487 / 1000;
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Sexes { female: signed(female), male: signed(all - female) }
}
