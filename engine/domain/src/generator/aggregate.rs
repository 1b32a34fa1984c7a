//! Rows of S2.AGG: aggregates that others publish of the same country.

use super::dice::{Topic, permille};
use super::graduate::leavers;
use super::learner::first_block;
use super::plan::Plan;
use crate::ids::RegionCode;
use crate::level::Level;
use crate::records::{Aggregate, Code, OrgGroup, OrgType, RepublicOr};
use crate::year::Year;

/// Aggregates of a region: registered children with special needs, graduates of colleges as statistics count them.
pub(super) fn aggregates(plan: &Plan, year: Year, region: RegionCode) -> Vec<Aggregate> {
    let Some(kato) = region.kato() else {
        return Vec::new();
    };
    let row = |series: &'static str, level: &'static str, value: i64, publisher: &'static str| Aggregate {
        year,
        kato: RepublicOr(Some(kato)),
        series: Code::Borrowed(series),
        level: Code::Borrowed(level),
        sex: Code::Borrowed("_T"),
        locality: Code::Borrowed("_T"),
        language: Code::Borrowed("_T"),
        ownership: Code::Borrowed("_T"),
        study_form: Code::Borrowed("_T"),
        grade: -1,
        value: Some(value),
        unit: Code::Borrowed("persons"),
        flag: Code::Borrowed("ok"),
        publisher: Code::Borrowed(publisher),
        // What one submission replaces is an edition: each region has its own.
        edition: Code::Owned(format!("synthetic-{year}-{:02}", region.get())),
        published_on: Some(year.date(12, 1)),
        status: Code::Borrowed("final"),
    };
    let mut rows = vec![row("sen_registered", "all", registered(plan, year, region), "ministry")];
    for level in [Level::Tve, Level::PostSecondary] {
        let graduates = graduates(plan, year, region, level);
        if graduates > 0 {
            let draw = i64::from(plan.dice.permille(u64::from(region.get()), 900 + u64::from(year.get())));
            let code = level.code();
            rows.push(row("tve_graduates", code, graduates, "bns"));
            rows.push(row("tve_graduates_employed", code, graduates * (540 + draw / 10) / 1000, "bns"));
            rows.push(row("tve_graduates_continuing", code, graduates * (130 + draw / 20) / 1000, "bns"));
        }
    }
    rows
}

/// Children of two to seventeen with special needs, and one in ten whom no organisation teaches.
fn registered(plan: &Plan, year: Year, region: RegionCode) -> i64 {
    let number = i32::from(year);
    let mut children = 0_i64;
    for (index, school) in (0_u32..).zip(&plan.orgs) {
        if school.intake == 0 || plan.district(school, year).region() != region {
            continue;
        }
        for cohort in number - 11..=number + 4 {
            let mut blocks = plan.dice.blocks(Topic::Learner, index, first_block(cohort));
            for _ in 0..plan.intake(index, cohort) {
                let words = blocks.next();
                let is_special = school.org_type == OrgType::Special;
                children += i64::from(is_special || permille(words[14].rotate_left(8)) < 38);
            }
        }
    }
    children * 10 / 9
}

fn graduates(plan: &Plan, year: Year, region: RegionCode, level: Level) -> i64 {
    let colleges = (0_u32..)
        .zip(&plan.orgs)
        .filter(|(_, org)| org.group() == OrgGroup::College && plan.district(org, year).region() == region);
    let of_level = colleges.flat_map(|(index, _)| leavers(plan, index, year));
    i64::try_from(of_level.filter(|enrolment| enrolment.level == level).count()).unwrap_or(i64::MAX)
}
