//! FAC-01 and GRD-03: what explains results, and how marks stand beside them.

use std::collections::BTreeMap;

use super::admission;
use super::cell::{Breakdown, Cell, UnitSet, matches};
use super::ready::whole;
use super::select::Selection;
use crate::ids::{Bin, Kato};
use crate::level::{Level, LevelCode};
use crate::records::{Code, FactorValue, GradeStatus, Period};

/// FAC-01: coefficient times distance from the value of comparison, mean over learners.
pub(super) fn contribution(selection: &Selection<'_>) -> Option<f64> {
    let by = &selection.cell.by;
    let of_year = selection.records.factors.iter().filter(|row| row.year == selection.year());
    // The model of each outcome that counts, whichever organisations and factors it has.
    let mut last: BTreeMap<&Code, (&Code, &Code)> = BTreeMap::new();
    for row in of_year.clone() {
        let model = last.entry(&row.outcome).or_insert((&row.study_id, &row.model));
        *model = (*model).max((&row.study_id, &row.model));
    }
    let passports = selection.passports(selection.year());
    let of_cell = of_year.filter(|row| {
        last[&row.outcome] == (&row.study_id, &row.model)
            && matches(by.subject.as_ref(), &row.outcome)
            && matches(by.member.as_ref(), &row.factor)
            && passports.get(&row.org_bin).is_some_and(|passport| {
                selection.covers(passport.district, row.org_bin)
                    && passport.org_type.group().is_in(selection.cell.level)
            })
    });
    let points = |row: &FactorValue| {
        // Ten thousandths times millionths, whole: nothing is lost.
        let distance = i128::from(row.factor_value.0 - row.reference_value.0);
        distance * i128::from(row.coefficient.0) * i128::from(row.learner_count)
    };
    let (sum, learners) = of_cell
        .fold((0, 0), |(sum, learners), row| (sum + points(row), learners + i64::from(row.learner_count)));
    (learners > 0).then(|| real(sum) / 1e10 / whole(learners))
}

#[allow(clippy::cast_precision_loss, reason = "one rounding of an exact sum")]
fn real(value: i128) -> f64 {
    value as f64
}

/// A school with annual marks and persons tested.
struct School {
    bin: Bin,
    district: Kato,
    tested: f64,
    mark: f64,
    total: f64,
}

/// Mean and deviation of a value of schools, weighted by the persons tested.
fn moments(schools: &[School], value: impl Fn(&School) -> f64) -> (f64, f64) {
    let all: f64 = schools.iter().map(|school| school.tested).sum();
    let mean = schools.iter().map(|school| school.tested * value(school)).sum::<f64>() / all;
    let squares: f64 = schools.iter().map(|school| school.tested * (value(school) - mean).powi(2)).sum();
    (mean, (squares / all).sqrt())
}

/// GRD-03: standardised mean annual mark less standardised mean best total, weighted by the persons tested.
pub(super) fn mark_inflation(selection: &Selection<'_>) -> Option<f64> {
    let year = selection.year();
    let level = LevelCode::Single(Level::GeneralSecondary);
    let everywhere = Cell { year, units: UnitSet::Republic, level, by: Breakdown::default() };
    let republic = Selection::new(&everywhere, selection.records, selection.parameters);
    let mut totals: BTreeMap<(Bin, Kato), Vec<i32>> = BTreeMap::new();
    for (district, bin, total) in admission::totals_by_school(&republic) {
        totals.entry((bin, district)).or_default().push(total);
    }
    let mut marks: BTreeMap<Bin, Vec<u8>> = BTreeMap::new();
    for row in selection.records.marks.iter().filter(|row| {
        row.year == year
            && row.period == Period::Year
            && row.status == GradeStatus::Attested
            && row.level == Level::GeneralSecondary
    }) {
        marks.entry(row.org_bin).or_default().extend(row.mark);
    }
    let mean =
        |values: Vec<f64>| values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap_or(0));
    let schools: Vec<School> = totals
        .into_iter()
        .filter_map(|((bin, district), totals)| {
            let marks = marks.get(&bin).filter(|marks| !marks.is_empty())?;
            Some(School {
                bin,
                district,
                tested: f64::from(u32::try_from(totals.len()).ok()?),
                mark: mean(marks.iter().map(|mark| f64::from(*mark)).collect()),
                total: mean(totals.into_iter().map(f64::from).collect()),
            })
        })
        .collect();
    let (mark_mean, mark_deviation) = moments(&schools, |school| school.mark);
    let (total_mean, total_deviation) = moments(&schools, |school| school.total);
    let mut of_cell =
        schools.iter().filter(|school| selection.covers(school.district, school.bin)).peekable();
    of_cell.peek()?;
    if mark_deviation < 1e-12 || total_deviation < 1e-12 {
        return None;
    }
    let (sum, tested) = of_cell.fold((0.0, 0.0), |(sum, tested), school| {
        let gap = (school.mark - mark_mean) / mark_deviation - (school.total - total_mean) / total_deviation;
        (sum + school.tested * gap, tested + school.tested)
    });
    Some(sum / tested)
}
