//! Rows of S3.FACTOR: what explains the results of the schools of a region.

use super::dice::{bell, high};
use super::plan::Plan;
use crate::dimension::Locality;
use crate::ids::RegionCode;
use crate::records::{Code, FactorValue, Millionths, OrgGroup, TenThousandths};
use crate::year::Year;

const TOPIC: u64 = 3_100;

/// The analysis of a year: three factors and what they leave unexplained, which adds up to nothing in a region.
pub(super) fn factors(plan: &Plan, year: Year, region: RegionCode) -> Vec<FactorValue> {
    let number = i32::from(year);
    let schools: Vec<(u32, i64, i64)> = (0_u32..)
        .zip(&plan.orgs)
        .filter(|(_, org)| {
            org.group() == OrgGroup::School && org.last_grade == 11 && org.works_in(number - 1)
        })
        .filter(|(_, org)| org.works_in(number) && plan.district(org, year).region() == region)
        .map(|(index, org)| {
            let effect = bell(high(plan.dice.hash(i64::from(org.bin).unsigned_abs(), 41)));
            (index, i64::from(plan.size(org, number).max(1)), i64::from(effect) * 3)
        })
        .collect();
    let learners: i64 = schools.iter().map(|(_, size, _)| size).sum();
    let mean = schools.iter().map(|(_, size, effect)| size * effect).sum::<i64>() / learners.max(1);
    let mut rows = Vec::new();
    for (index, size, effect) in schools {
        let org = plan.org(index);
        let key = u64::from(index) << 12 | u64::from(year.get());
        let town = if org.locality == Locality::Urban { 3_500 } else { -3_000 };
        let context = town + bell(high(plan.dice.hash(u64::from(index), TOPIC))) * 4;
        let stable = i32::try_from(plan.dice.between(key, TOPIC + 1, 7_600, 9_900)).unwrap_or(9_000);
        let class = i32::try_from(plan.dice.between(key, TOPIC + 2, 110_000, 300_000)).unwrap_or(200_000);
        let unexplained = i32::try_from(effect - mean).unwrap_or(0);
        for (factor, value, reference, coefficient, se) in [
            ("socio_economic", context, 0, 420_000, Some(35_000)),
            ("staff_stability", stable, 9_000, 1_900_000, Some(410_000)),
            ("class_size", class, 220_000, -21_000, Some(6_000)),
            ("value_added", unexplained, 0, 1_000_000, None),
        ] {
            rows.push(FactorValue {
                year,
                district: plan.district(org, year),
                org_bin: org.bin,
                study_id: Code::Owned(format!("F{number}")),
                model: Code::Borrowed("m1"),
                outcome: Code::Borrowed("mathematics"),
                factor: Code::Borrowed(factor),
                factor_value: TenThousandths(value),
                reference_value: TenThousandths(reference),
                coefficient: Millionths(coefficient),
                se: se.map(Millionths),
                learner_count: u32::try_from(size).unwrap_or(1),
                input_version: 1,
                method: Code::Borrowed("linear regression over schools"),
            });
        }
    }
    rows
}
