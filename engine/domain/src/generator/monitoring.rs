//! Rows of S11.MONITORING: the sample of schools whose grades 4 and 9 are tested.

use super::learner::class_place;
use super::plan::Plan;
use super::results::{ability, class_of, noise};
use super::sample::{sample, stratum};
use crate::ids::RegionCode;
use crate::records::{Code, Hundredths, OrgGroup, SampleResult};
use crate::year::Year;

const TOPIC: u64 = 2_800;
/// Literacy areas with the tasks of grade 4; grade 9 has twenty of each.
const AREAS: [(&str, i32); 3] = [("reading_literacy", 10), ("math_literacy", 12), ("science", 8)];
/// Pupils tested in a school and grade at most.
const MOST: usize = 25;

/// Results of a region's sampled schools.
pub(super) fn results(plan: &Plan, year: Year, region: RegionCode) -> Vec<SampleResult> {
    let sample = sample(plan, year, region, TOPIC, (4, 3), |org| {
        org.group() == OrgGroup::School && org.first_grade == 1 && org.last_grade >= 9
    });
    let mut rows = Vec::new();
    for index in sample.drawn {
        let org = plan.org(index);
        let class = class_of(plan, index, year);
        for grade in [4, 9] {
            for enrolment in class.iter().filter(|enrolment| enrolment.grade == grade).take(MOST) {
                let life = &enrolment.life;
                let ability = ability(plan, org, life, year);
                for (number, (domain, tasks)) in (0_u64..).zip(AREAS) {
                    let score_max = if grade == 4 { tasks } else { 20 };
                    let result = ability + noise(plan, life, year, 300 + number) * 50 / 100;
                    let share = (590 + result * 165 / 1000).clamp(0, 1000);
                    let score = (score_max * share + 500) / 1000;
                    let level = match score * 100 / score_max {
                        0..45 => "low",
                        45..78 => "medium",
                        _ => "high",
                    };
                    // A few tests were never given a level.
                    let key = life.pid.to_i64().cast_unsigned();
                    let is_lost = plan.dice.happens(key, TOPIC + 1 + number, 12);
                    rows.push(SampleResult {
                        year,
                        district: plan.district(org, year),
                        org_bin: org.bin,
                        study: Code::Borrowed("modo"),
                        pid: life.pid,
                        sex: life.sex,
                        grade,
                        language: class_place(plan, enrolment).language,
                        domain: Code::Borrowed(domain),
                        score: Hundredths(score * 100),
                        score_max: Hundredths(score_max * 100),
                        level_reached: (!is_lost).then_some(Code::Borrowed(level)),
                        weight: sample.weight,
                        stratum: stratum(region),
                        psu: org.bin.get().to_string(),
                        monitoring_form: Code::Borrowed("direct"),
                    });
                }
            }
        }
    }
    rows
}
