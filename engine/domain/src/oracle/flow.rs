//! EFF-01, EFF-03: who went on from a grade, who repeats it, who is gone.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Fraction;
use super::select::{Except, Selection};
use crate::ids::Bin;
use crate::level::Level;
use crate::records::{ExitReason, PrevGradeResult, Pupil};

/// Grades that end with a certificate.
const CERTIFIED: [u8; 2] = [9, 11];
/// Last grade of general education.
const LAST: u8 = 11;

/// A level and grade left, once for each person.
type Left = (Level, u8);

struct Flow {
    base: i64,
    promoted: i64,
    repeated: i64,
}

impl Flow {
    fn new(selection: &Selection<'_>) -> Option<Self> {
        let year = selection.year();
        let before = year.previous()?;
        let (now_delivered, before_delivered) = (selection.delivered(year), selection.delivered(before));
        if now_delivered.is_empty() || before_delivered.is_empty() {
            return None;
        }
        let every = Except { level: true, grade: true, ..Except::default() };
        let counts = |left: Option<Left>| {
            left.is_some_and(|(level, grade)| {
                selection.cell.level.includes(level)
                    && selection.cell.by.grade.is_none_or(|asked| asked == grade)
            })
        };
        let is_base = |bin: Bin| {
            now_delivered.contains(&bin) || selection.is_working(year, bin).is_some_and(|works| !works)
        };
        // Who worked the year before and did not deliver it has nobody whom these come from.
        let is_known =
            |bin: Bin| before_delivered.contains(&bin) || !selection.is_working(before, bin).unwrap_or(false);
        let earlier = selection.learners_before(every).unwrap_or_default();
        let base = earlier.iter().filter(|row| is_base(row.org_bin) && counts(left_by_staying(row)));
        let learners = selection.learners_except(year, &now_delivered, every);
        let learners: Vec<&Pupil> = learners.into_iter().filter(|row| is_known(row.org_bin)).collect();
        let as_of_before = before.fixing_date();
        let promoted = learners.iter().filter(|row| counts(left_by_promotion(row, as_of_before)));
        let repeated = learners.iter().filter(|row| repeats(row) && counts(left_by_staying(row)));
        let certified = completed(selection, as_of_before, &now_delivered)
            .into_iter()
            .filter(|(bin, _, left)| is_known(*bin) && counts(Some(*left)));
        Some(Self {
            base: number(base.count()),
            promoted: number(promoted.count()) + number(certified.count()),
            repeated: number(repeated.count()),
        })
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("fewer rows than 2^63 fit in memory")
}

fn repeats(row: &Pupil) -> bool {
    row.prev_grade_result == Some(PrevGradeResult::Repeated)
}

fn is_school(level: Level) -> bool {
    matches!(level, Level::Primary | Level::BasicSecondary | Level::GeneralSecondary)
}

/// The grade that a learner of it leaves some day.
fn left_by_staying(row: &Pupil) -> Option<Left> {
    let is_grade = is_school(row.level) && row.grade <= LAST;
    let is_course = row.level == Level::Tve && row.nominal_years.is_some_and(|years| row.grade < years);
    (is_grade || is_course).then_some((row.level, row.grade))
}

/// The grade that a learner of the next one has left.
fn left_by_promotion(row: &Pupil, as_of_before: NaiveDate) -> Option<Left> {
    if repeats(row) || row.grade == 0 {
        return None;
    }
    let grade = row.grade - 1;
    if row.level == Level::Tve {
        let has_next = row.nominal_years.is_some_and(|years| row.grade <= years);
        return (grade > 0 && has_next).then_some((Level::Tve, grade));
    }
    let was_here = row.enrol_from <= as_of_before;
    let counts = is_school(row.level) && grade > 0 && (!CERTIFIED.contains(&grade) || was_here);
    counts.then(|| (Level::of_grade(grade).expect("a grade below one of a school"), grade))
}

/// Who left with a certificate in the twelve months up to the as-of date.
fn completed(
    selection: &Selection<'_>,
    after: NaiveDate,
    delivered: &BTreeSet<Bin>,
) -> BTreeSet<(Bin, i64, Left)> {
    let every = Except { level: true, grade: true, ..Except::default() };
    let year = selection.year();
    selection
        .pupil_rows(year, delivered, every)
        .filter(|row| row.exit_reason == Some(ExitReason::Completed))
        .filter(|row| row.enrol_to.is_some_and(|to| after < to && to <= year.fixing_date()))
        .filter(|row| is_school(row.level) && CERTIFIED.contains(&row.grade))
        .map(|row| (row.org_bin, row.pid.to_i64(), (row.level, row.grade)))
        .collect()
}

/// EFF-01: promoted over learners of the year before.
pub(super) fn promotion(selection: &Selection<'_>) -> Option<Fraction> {
    let flow = Flow::new(selection)?;
    Some(Fraction::of(flow.promoted, flow.base))
}

/// EFF-03: neither promoted nor repeating over learners of the year before; negative where more came than went.
pub(super) fn dropout(selection: &Selection<'_>) -> Option<Fraction> {
    let flow = Flow::new(selection)?;
    Some(Fraction::of(flow.base - flow.promoted - flow.repeated, flow.base))
}
