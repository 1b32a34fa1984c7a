//! Rows of S12.SURVEY: what parents, pupils and students say, asked in a sample of organisations.

use super::plan::Plan;
use super::sample::{Sample, sample, stratum};
use crate::dimension::Locality;
use crate::ids::RegionCode;
use crate::level::Level;
use crate::records::{Code, OrgGroup, SurveyAnswer};
use crate::year::Year;

const TOPIC: u64 = 2_900;
/// Respondents of an organisation, level and item.
const RESPONDENTS: u32 = 8;

/// Item, kind of respondent and level asked about.
type Question = (&'static str, &'static str, Level);

const PRE_SCHOOL: [Question; 1] = [("satisfaction", "parent", Level::PreSchool)];
const SCHOOL: [Question; 5] = [
    ("satisfaction", "parent", Level::Primary),
    ("satisfaction", "parent", Level::BasicSecondary),
    ("satisfaction", "parent", Level::GeneralSecondary),
    ("bullying", "pupil", Level::Primary),
    ("bullying", "pupil", Level::BasicSecondary),
];
const COLLEGE: [Question; 2] =
    [("satisfaction", "pupil", Level::Tve), ("satisfaction", "pupil", Level::PostSecondary)];

/// Answers of a region.
pub(super) fn answers(plan: &Plan, year: Year, region: RegionCode) -> Vec<SurveyAnswer> {
    let mut rows = Vec::new();
    for (number, (group, questions)) in (0_u64..).zip([
        (OrgGroup::PreSchool, &PRE_SCHOOL[..]),
        (OrgGroup::School, &SCHOOL[..]),
        (OrgGroup::College, &COLLEGE[..]),
    ]) {
        let drawn = sample(plan, year, region, TOPIC + number, (10, 4), |org| org.group() == group);
        for question in questions {
            ask(plan, year, region, &drawn, *question, &mut rows);
        }
    }
    rows
}

fn ask(
    plan: &Plan,
    year: Year,
    region: RegionCode,
    sample: &Sample,
    (item, kind, level): Question,
    rows: &mut Vec<SurveyAnswer>,
) {
    for index in &sample.drawn {
        let org = plan.org(*index);
        for number in 0..RESPONDENTS {
            let topic = TOPIC + 10 + u64::from(number) * 4;
            let key = u64::from(*index) << 24 | u64::from(year.get()) << 8 | level as u64;
            let draw =
                |offset: u64| plan.dice.permille(key, topic + offset + u64::from(item == "bullying") * 2_000);
            let status = match draw(0) {
                0..780 => "completed",
                780..870 => "refused",
                870..975 => "not_reached",
                _ => "ineligible",
            };
            // Villages are easier to please, and the organisations differ.
            let mood = plan.dice.permille(u64::from(*index), TOPIC + 9) / 5
                + if org.locality == Locality::Rural { 60 } else { 0 };
            let opinion = draw(1);
            let response = match item {
                "bullying" if opinion < 760 + mood / 4 => "never",
                "bullying" if opinion < 880 + mood / 4 => "yearly",
                "bullying" if opinion < 960 => "monthly",
                "bullying" => "weekly",
                _ if opinion < 430 + mood => "satisfied",
                _ if opinion < 720 + mood => "partly_satisfied",
                _ if opinion < 930 => "dissatisfied",
                _ => "hard_to_say",
            };
            let is_completed = status == "completed";
            rows.push(SurveyAnswer {
                year,
                district: plan.district(org, year),
                survey: Code::Borrowed("quality"),
                wave: 1,
                questionnaire: Code::Borrowed("q1"),
                respondent_id: format!("r{index}-{}-{kind}-{number}", level.code()),
                respondent_kind: Code::Borrowed(kind),
                level,
                item: Code::Borrowed(item),
                status: Code::Borrowed(status),
                response: is_completed.then_some(Code::Borrowed(response)),
                weight: sample.weight,
                stratum: format!("{}-{}", stratum(region), group_name(org.group())),
                psu: org.bin.get().to_string(),
                monitoring_form: Code::Borrowed(if draw(2) < 600 { "distance" } else { "direct" }),
            });
        }
    }
}

const fn group_name(group: OrgGroup) -> &'static str {
    match group {
        OrgGroup::PreSchool => "pre-school",
        OrgGroup::School => "school",
        OrgGroup::College => "college",
    }
}
