//! Rows of S1.METHDAY: methodological days that departments hold in schools of their territory.

use std::collections::BTreeMap;

use super::life::date;
use super::passport::authorities;
use super::plan::Plan;
use crate::ids::{Bin, Kato, RegionCode};
use crate::records::{Code, MethodicalDay, OrgGroup};
use crate::year::Year;

const TOPIC: u64 = 3_000;
const TOPICS: [&str; 3] = ["Оқу сауаттылығы", "Функциональная грамотность", "Критериалды бағалау"];

/// Methodological days of the academic year that ended, in a region.
pub(super) fn days(plan: &Plan, year: Year, region: RegionCode) -> Vec<MethodicalDay> {
    let number = i32::from(year);
    let organisers: BTreeMap<Kato, Bin> = authorities(plan, year, region)
        .into_iter()
        .filter_map(|authority| authority.kato.0.map(|kato| (kato, authority.bin)))
        .collect();
    let mut rows = Vec::new();
    for (index, org) in (0_u32..).zip(&plan.orgs) {
        let district = plan.district(org, year);
        let is_visitable = org.group() == OrgGroup::School && org.works_in(number - 1);
        let Some(organiser) = organisers.get(&district).filter(|_| is_visitable) else { continue };
        let key = u64::from(index) << 12 | u64::from(year.get());
        // One department in thirty holds none and sends nothing.
        let is_idle = plan.dice.happens(organiser.get() << 12 | u64::from(year.get()), TOPIC, 33);
        if is_idle || !plan.dice.happens(key, TOPIC + 1, 560) {
            continue;
        }
        let event = 1 + index % 3;
        let given = plan.dice.between(key, TOPIC + 2, 1, 6);
        let done = plan.dice.between(key, TOPIC + 3, 0, given);
        rows.push(MethodicalDay {
            year,
            district,
            organiser_bin: *organiser,
            event_id: format!("E{number}-{event}"),
            visited_bin: org.bin,
            held_on: match event {
                1 => date(number - 1, 11, 21),
                2 => date(number, 2, 13),
                _ => date(number, 4, 10),
            },
            monitoring_form: Code::Borrowed(if plan.dice.happens(key, TOPIC + 4, 150) {
                "distance"
            } else {
                "direct"
            }),
            topic: Code::Borrowed(TOPICS[(event - 1) as usize]),
            participant_count: plan.dice.between(key, TOPIC + 5, 6, 60),
            recommendation_count: u16::try_from(given).unwrap_or(1),
            done_count: u16::try_from(done).unwrap_or(0),
            recommendations: None,
        });
    }
    rows
}
