//! KT, MON, SOC: testing of persons and sample surveys.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::cell::{UnitSet, matches};
use super::select::{Selection, count, count_if};
use crate::ids::{Kato, RegionCode};
use crate::pseudonym::Pseudonym;
use crate::records::{Code, Tenths, TestBlock, UntStatus};

/// Whether a district lies in the territory; studies know no organisations.
fn covers(selection: &Selection<'_>, district: Kato) -> bool {
    match selection.cell.units {
        UnitSet::Republic => true,
        UnitSet::Region(region) => district.region() == region,
        UnitSet::District(kato) => district == kato,
        UnitSet::Organisation(_) => false,
    }
}

/// KT-01: persons who reach the minimum of the total and of every block in one wave over persons tested.
pub(super) fn complex_testing(selection: &Selection<'_>) -> Option<Fraction> {
    let thresholds = &selection.parameters.complex_testing;
    let is_passed = |blocks: &[&TestBlock]| {
        let profile = blocks.iter().any(|row| row.direction == "profile");
        let least = if profile { thresholds.profile_total } else { thresholds.total };
        blocks.iter().all(|row| {
            let block = thresholds.blocks.get(&*row.block).copied().unwrap_or(Tenths(0));
            row.total >= least && row.score >= block
        })
    };
    let mut persons: BTreeMap<(RegionCode, Pseudonym), BTreeMap<&str, Vec<&TestBlock>>> = BTreeMap::new();
    let rows = selection.records.test_blocks.iter();
    for row in rows.filter(|row| row.year == selection.year() && row.status == UntStatus::Valid) {
        let person = persons.entry((row.district.region(), row.pid)).or_default();
        person.entry(&row.wave).or_default().push(row);
    }
    let by = &selection.cell.by;
    let mut share = Fraction::of(0, 0);
    for waves in persons.into_values() {
        // The map is in the order of names and the first minimum wins.
        let best = waves.into_values().min_by_key(|blocks| (!is_passed(blocks), Reverse(blocks[0].total)))?;
        let row = best[0];
        if covers(selection, row.district)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
        {
            share.numerator += i64::from(is_passed(&best));
            share.denominator = share.denominator.map(|persons| persons + 1);
        }
    }
    Some(share)
}

/// A person drawn: survey, wave and number within them.
type Respondent<'a> = (&'a Code, u8, &'a str);

/// SOC-02: respondents who completed over respondents drawn who belong to the population.
pub(super) fn response(selection: &Selection<'_>) -> Fraction {
    let level = selection.cell.level;
    let rows = selection.records.survey_answers.iter().filter(|row| {
        row.year == selection.year()
            && covers(selection, row.district)
            && level.includes(row.level)
            && matches(selection.cell.by.member.as_ref(), &row.respondent_kind)
    });
    let rows: Vec<_> = rows.collect();
    let with_status = |status: &str| -> BTreeSet<Respondent<'_>> {
        let rows = rows.iter().filter(|row| row.status == status);
        rows.map(|row| (&row.survey, row.wave, row.respondent_id.as_str())).collect()
    };
    let outside = with_status("ineligible");
    let completed = with_status("completed");
    let drawn: BTreeSet<Respondent<'_>> =
        rows.iter().map(|row| (&row.survey, row.wave, row.respondent_id.as_str())).collect();
    let eligible: Vec<&Respondent<'_>> = drawn.difference(&outside).collect();
    Fraction::of(count_if(&eligible, |person| completed.contains(person)), count(&eligible))
}
