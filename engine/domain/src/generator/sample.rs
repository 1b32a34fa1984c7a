//! Samples of organisations: a part of each region's, drawn without replacement.

use super::plan::{OrgPlan, Plan};
use crate::ids::RegionCode;
use crate::records::TenThousandths;
use crate::year::Year;

/// Organisations drawn, with the number that each of them stands for.
pub(super) struct Sample {
    pub drawn: Vec<u32>,
    pub weight: TenThousandths,
}

/// One in `one_in` of a region's organisations that satisfy a condition, `least` at least.
pub(super) fn sample(
    plan: &Plan,
    year: Year,
    region: RegionCode,
    topic: u64,
    (one_in, least): (usize, usize),
    condition: impl Fn(&OrgPlan) -> bool,
) -> Sample {
    let mut frame: Vec<(u64, u32)> = (0_u32..)
        .zip(&plan.orgs)
        .filter(|(_, org)| org.works_in(i32::from(year) - 1) && org.works_in(i32::from(year)))
        .filter(|(_, org)| plan.district(org, year).region() == region && condition(org))
        .map(|(index, _)| (plan.dice.hash(u64::from(index) << 12 | u64::from(year.get()), topic), index))
        .collect();
    frame.sort_unstable();
    let size = frame.len();
    frame.truncate((size / one_in).max(least));
    let weight = i32::try_from(size * 10_000 / frame.len().max(1)).unwrap_or(10_000);
    Sample { drawn: frame.into_iter().map(|(_, index)| index).collect(), weight: TenThousandths(weight) }
}

/// The stratum of a region's organisations.
pub(super) fn stratum(region: RegionCode) -> String {
    format!("{:02}", region.get())
}
