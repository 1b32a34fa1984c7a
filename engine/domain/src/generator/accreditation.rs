//! Rows of S4C.ACCREDITATION: certificates of colleges, for five years.

use super::life::date;
use super::plan::Plan;
use crate::records::{Accreditation, Code, OrgGroup};
use crate::year::Year;

const TOPIC: u64 = 2_300;
const TERM: u32 = 5;

/// Certificates of a college in force in a year, or refused for these years.
pub(super) fn accreditations(plan: &Plan, index: u32, year: Year) -> Vec<Accreditation> {
    let org = plan.org(index);
    let number = i32::from(year);
    if org.group() != OrgGroup::College || !org.works_in(number) {
        return Vec::new();
    }
    let since = number - i32::try_from((u32::from(year.get()) + index) % TERM).unwrap_or(0);
    let key = u64::from(index) << 12 | u64::from(since.unsigned_abs() & 0xfff);
    // A sixth has never applied; of an agency that is not recognised no certificate stands.
    let draw = plan.dice.permille(key, TOPIC);
    if draw < 170 {
        return Vec::new();
    }
    let result = match draw {
        170..810 => "accredited",
        810..930 => "conditional",
        930..970 => "refused",
        _ => "withdrawn",
    };
    let row = |kind: &'static str, programme: &'static str, certificate: u32| Accreditation {
        year,
        district: plan.district(org, year),
        org_bin: org.bin,
        agency: Code::Borrowed(if index.is_multiple_of(3) { "IQAA" } else { "IAAR" }),
        is_agency_recognised: true,
        certificate_no: format!("AC{since}-{:05}-{certificate}", index + 1),
        kind: Code::Borrowed(kind),
        programme: Code::Borrowed(programme),
        valid_from: date(since, 2, 1),
        valid_to: date(since + 5, 1, 31),
        result: Code::Borrowed(result),
    };
    let mut rows = vec![row("institutional", "all", 0)];
    let programmes = ["04110100", "06130100", "07150300"];
    let count = plan.dice.between(key, TOPIC + 1, 0, 3) as usize;
    rows.extend(
        programmes.iter().zip(1..).take(count).map(|(code, number)| row("specialised", code, number)),
    );
    rows
}
