//! Rows of S2.AGG: aggregates that others publish of the same country.

use super::dice::{Topic, permille};
use super::graduate::leavers;
use super::learner::first_block;
use super::plan::Plan;
use crate::ids::RegionCode;
use crate::level::{Composite, Level, LevelCode};
use crate::records::{Aggregate, Code, OrgGroup, OrgType, PopulationStatus, RepublicOr, TotalOr};
use crate::year::Year;

/// Aggregates of a region: registered children with special needs, graduates of colleges as statistics count them.
pub(super) fn aggregates(plan: &Plan, year: Year, region: RegionCode) -> Vec<Aggregate> {
    let Some(kato) = region.kato() else {
        return Vec::new();
    };
    let row = |series: &'static str, level: LevelCode, value: i64, publisher: &'static str| Aggregate {
        year,
        kato: RepublicOr(Some(kato)),
        series: Code::Borrowed(series),
        level,
        sex: TotalOr(None),
        locality: TotalOr(None),
        language: TotalOr(None),
        ownership: TotalOr(None),
        study_form: TotalOr(None),
        grade: -1,
        value: Some(value),
        unit: Code::Borrowed("persons"),
        flag: Code::Borrowed("ok"),
        publisher: Code::Borrowed(publisher),
        edition: Code::Borrowed("synthetic"),
        published_on: Some(year.date(12, 1)),
        status: PopulationStatus::Final,
    };
    let mut rows = vec![row(
        "sen_registered",
        LevelCode::Composite(Composite::All),
        registered(plan, year, region),
        "ministry",
    )];
    for level in [Level::Tve, Level::PostSecondary] {
        let graduates = graduates(plan, year, region, level);
        if graduates > 0 {
            let draw = i64::from(plan.dice.permille(u64::from(region.get()), 900 + u64::from(year.get())));
            let code = LevelCode::Single(level);
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
