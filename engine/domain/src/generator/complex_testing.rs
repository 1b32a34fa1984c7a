//! Rows of S8.KT: persons who want to enter a master's programme.

use super::dice::{bell, high};
use super::plan::Plan;
use crate::dimension::{Language, Sex};
use crate::ids::{Kato, RegionCode};
use crate::pseudonym::Pseudonym;
use crate::records::{Code, Tenths, TestBlock, UntStatus};
use crate::year::Year;

const TOPIC: u64 = 2_500;
/// Blocks with their maxima; the profile direction has the last three.
const BLOCKS: [(&str, i32); 4] =
    [("foreign_language", 50), ("readiness", 30), ("profile_1", 30), ("profile_2", 40)];
const GROUPS: [&str; 4] = ["M001", "M072", "M094", "M131"];

/// Testings of a region: about three persons for each organisation of education.
pub(super) fn blocks(plan: &Plan, year: Year, region: RegionCode) -> Vec<TestBlock> {
    let works_here = |district: &Kato| district.region() == region;
    let orgs = plan.orgs.iter().filter(|org| org.works_in(i32::from(year)));
    let districts: Vec<Kato> = orgs.map(|org| plan.district(org, year)).filter(works_here).collect();
    let mut rows = Vec::new();
    for (person, district) in (0_u64..).zip(districts.iter().flat_map(|district| [*district; 3])) {
        let key = 1 << 62 | u64::from(region.get()) << 40 | u64::from(year.get()) << 24 | person;
        rows.extend(testing(plan, key, district, year, "summer", 0));
        let summer = rows.last().map_or(0, |row: &TestBlock| row.total.0);
        // Many who failed come again in autumn, better prepared.
        if summer < 750 && plan.dice.happens(key, TOPIC, 450) {
            rows.extend(testing(plan, key, district, year, "autumn", 400));
        }
    }
    rows
}

fn testing(
    plan: &Plan,
    key: u64,
    district: Kato,
    year: Year,
    wave: &'static str,
    prepared: i32,
) -> Vec<TestBlock> {
    let occasion = TOPIC + 10 + u64::from(wave == "autumn") * 10;
    let is_profile = plan.dice.happens(key, TOPIC + 1, 250);
    let ability = bell(high(plan.dice.hash(key, TOPIC + 2))) * 8 / 10 + prepared;
    let blocks = if is_profile { &BLOCKS[1..] } else { &BLOCKS[..] };
    let scores: Vec<i32> = (0_u64..)
        .zip(blocks)
        .map(|(number, (_, most))| {
            let result = ability + bell(high(plan.dice.hash(key, occasion + number))) / 2;
            (most * (560 + result * 180 / 1000).clamp(0, 1000) + 500) / 1000
        })
        .collect();
    let total: i32 = scores.iter().sum();
    let is_annulled = plan.dice.happens(key, occasion + 8, 4);
    blocks
        .iter()
        .zip(scores)
        .map(|((block, most), score)| TestBlock {
            year,
            district,
            pid: Pseudonym::from_bits(plan.dice.identity(key)),
            sex: if plan.dice.happens(key, TOPIC + 3, 580) { Sex::Female } else { Sex::Male },
            language: if plan.dice.happens(key, TOPIC + 4, 690) { Language::Kk } else { Language::Ru },
            wave: Code::Borrowed(wave),
            direction: Code::Borrowed(if is_profile { "profile" } else { "scientific_pedagogical" }),
            programme_group: Code::Borrowed(GROUPS[plan.dice.between(key, TOPIC + 5, 0, 3) as usize]),
            block: Code::Borrowed(block),
            score: Tenths(score * 10),
            score_max: Tenths(most * 10),
            total: Tenths(total * 10),
            status: if is_annulled { UntStatus::Annulled } else { UntStatus::Valid },
        })
        .collect()
}
