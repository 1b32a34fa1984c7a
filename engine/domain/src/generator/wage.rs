//! Wages as the bureau of statistics publishes them: of all, and of teachers by level.

use super::plan::Plan;
use crate::ids::RegionCode;
use crate::level::{Composite, Level, LevelCode};
use crate::records::OrgGroup;
use crate::year::Year;

const TOPIC: u64 = 3_200;
/// Levels with the wage of their teachers, permille of that of school teachers.
const LEVELS: [(LevelCode, i64); 3] = [
    (LevelCode::Single(Level::PreSchool), 760),
    (LevelCode::Composite(Composite::School), 1000),
    (LevelCode::Single(Level::Tve), 930),
];

/// Series, level and tenge a month of a region, or of the republic; nothing of a region without schools.
pub(super) fn wages(plan: &Plan, year: Year, region: RegionCode) -> Vec<(&'static str, LevelCode, i64)> {
    let learners = learners(plan, year);
    let of = |region: RegionCode| (economy(plan, year, region), teachers(plan, year, region));
    let (all, school) = if region == RegionCode::NOT_TERRITORIAL {
        // The republic is the mean of its regions, by the learners of their schools.
        let total: i64 = learners.iter().map(|(_, number)| number).sum();
        let sum = |part: fn((i64, i64)) -> i64| {
            learners.iter().map(|(region, number)| part(of(*region)) * number).sum::<i64>() / total.max(1)
        };
        (sum(|wages| wages.0), sum(|wages| wages.1))
    } else if learners.iter().any(|(known, _)| *known == region) {
        of(region)
    } else {
        return Vec::new();
    };
    let mut rows = vec![("mean_wage", LevelCode::Composite(Composite::All), all)];
    rows.extend(LEVELS.map(|(level, share)| ("mean_wage_teachers", level, school * share / 1000)));
    rows
}

/// Learners that the plan expects in the schools of each region.
fn learners(plan: &Plan, year: Year) -> Vec<(RegionCode, i64)> {
    let mut learners = std::collections::BTreeMap::new();
    let number = i32::from(year);
    for org in plan.orgs.iter().filter(|org| org.group() == OrgGroup::School && org.works_in(number)) {
        *learners.entry(plan.district(org, year).region()).or_insert(0) += i64::from(plan.size(org, number));
    }
    learners.into_iter().collect()
}

/// Mean wage of all: nine percent more a year, some regions far above the others.
fn economy(plan: &Plan, year: Year, region: RegionCode) -> i64 {
    let spread = i64::from(plan.dice.permille(u64::from(region.get()), TOPIC));
    let base = 150_000 + spread * spread / 8;
    grown(base, year, plan.first_year(), 90)
}

/// Mean wage of school teachers: less unequal, and catching up since 2020.
fn teachers(plan: &Plan, year: Year, region: RegionCode) -> i64 {
    let spread = i64::from(plan.dice.permille(u64::from(region.get()), TOPIC));
    grown(118_000 + spread * 60, year, plan.first_year(), 150)
}

fn grown(base: i64, year: Year, first: i32, permille: i64) -> i64 {
    (first..i32::from(year)).fold(base, |wage, _| wage + wage * permille / 1000)
}
