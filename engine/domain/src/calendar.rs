//! Working days.
//!
//! Owns which days are worked and how many of them lie between an event and its
//! entry. It does not decide what is late (a limit is a dated parameter) nor when
//! updates may be suspended ([`crate::suspension`]).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::error::DomainError;

/// Longest interval that working days are counted over: a century.
const MAX_SPAN_DAYS: i64 = 36_525;

/// Days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateInterval {
    from: NaiveDate,
    to: NaiveDate,
}

impl DateInterval {
    /// From `from` to `to`, both included.
    ///
    /// # Errors
    /// [`DomainError::InvertedInterval`] when `to` is before `from`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, DomainError> {
        if to < from {
            return Err(DomainError::InvertedInterval { from, to });
        }
        Ok(Self { from, to })
    }

    /// First day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Last day.
    #[must_use]
    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// Whether `date` lies in it.
    #[must_use]
    pub fn contains(self, date: NaiveDate) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

/// Which days are worked.
///
/// A listed day is what the list says, so that transfers decreed for a year make a
/// Saturday a working day. Any other day falls back to the statutory week: Monday to
/// Friday are worked.
#[derive(Debug, Clone, Default)]
pub struct WorkingCalendar {
    days: BTreeMap<NaiveDate, bool>,
    exact_years: BTreeSet<i32>,
}

impl WorkingCalendar {
    /// From pairs of a date and whether it is worked; order does not matter.
    ///
    /// # Errors
    /// [`DomainError::ContradictoryDay`] when a date is listed with both values.
    pub fn new(days: impl IntoIterator<Item = (NaiveDate, bool)>) -> Result<Self, DomainError> {
        let mut calendar = Self::default();
        for (date, is_working_day) in days {
            calendar.exact_years.insert(date.year());
            if calendar.days.insert(date, is_working_day) == Some(!is_working_day) {
                return Err(DomainError::ContradictoryDay { date });
            }
        }
        Ok(calendar)
    }

    /// Whether the year of `date` has listed days, so that holidays are known.
    ///
    /// Where it has none, holidays count as worked and a computed delay may be too
    /// long; callers say so beside their numbers.
    #[must_use]
    pub fn is_exact(&self, date: NaiveDate) -> bool {
        self.exact_years.contains(&date.year())
    }

    /// Whether `date` is worked.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        self.days.get(&date).copied().unwrap_or(!weekend)
    }

    /// Working days in an interval, both ends included.
    ///
    /// # Errors
    /// [`DomainError::IntervalTooLong`] beyond a century.
    pub fn working_days_in(&self, interval: DateInterval) -> Result<u32, DomainError> {
        let DateInterval { from, to } = interval;
        if (to - from).num_days() > MAX_SPAN_DAYS {
            return Err(DomainError::IntervalTooLong { from, to, limit: MAX_SPAN_DAYS });
        }
        let worked =
            from.iter_days().take_while(|date| *date <= to).filter(|date| self.is_working_day(*date));
        Ok(count(worked))
    }

    /// Working days that passed between an event and its entry.
    ///
    /// The first day counted is the day after the event; an event on a day off
    /// counts as one of the next working day. Days inside a `paused` interval do not
    /// count: the clock stands still while updates are suspended. Entered on the day
    /// of the event, or before it: 0.
    ///
    /// # Errors
    /// [`DomainError::IntervalTooLong`] beyond a century.
    ///
    /// # Source
    /// Paragraph 9: updates within five working days of the change; paragraph 10:
    /// suspension; interpretation register (d).
    pub fn working_days_between(
        &self,
        event: NaiveDate,
        recorded: NaiveDate,
        paused: &[DateInterval],
    ) -> Result<u32, DomainError> {
        if recorded <= event {
            return Ok(0);
        }
        let span = DateInterval::new(event, recorded)?;
        // Limits the walk to the first working day too.
        self.working_days_in(span)?;
        let counted = event
            .iter_days()
            .take_while(|date| *date <= recorded)
            .filter(|date| self.is_working_day(*date))
            // The first working day on or after the event is the event's own.
            .skip(1)
            .filter(|date| !paused.iter().any(|pause| pause.contains(*date)));
        Ok(count(counted))
    }

    /// The last day on which an entry is still within `limit` working days.
    ///
    /// `None` past the end of the calendar or when the limit is not reached within a
    /// century, for instance because `paused` never ends.
    #[must_use]
    pub fn last_day_within(
        &self,
        event: NaiveDate,
        limit: u32,
        paused: &[DateInterval],
    ) -> Option<NaiveDate> {
        let end = event.checked_add_days(Days::new(MAX_SPAN_DAYS.unsigned_abs()))?;
        let first_late = event
            .iter_days()
            .take_while(|date| *date <= end)
            .filter(|date| self.is_working_day(*date))
            .skip(1)
            .filter(|date| !paused.iter().any(|pause| pause.contains(*date)))
            .nth(usize::try_from(limit).ok()?)?;
        first_late.pred_opt()
    }
}

/// Days in a sequence; a century has far fewer than 2^32.
fn count(days: impl Iterator<Item = NaiveDate>) -> u32 {
    days.fold(0, |sum, _| sum + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn between(calendar: &WorkingCalendar, event: &str, recorded: &str) -> u32 {
        calendar.working_days_between(day(event), day(recorded), &[]).unwrap()
    }

    #[test]
    fn r_36_five_working_days() {
        let week = WorkingCalendar::default();
        assert_eq!(between(&week, "2025-10-03", "2025-10-10"), 5);
        assert_eq!(between(&week, "2025-10-03", "2025-10-13"), 6);
        assert_eq!(week.last_day_within(day("2025-10-03"), 5, &[]), Some(day("2025-10-12")));
    }

    #[test]
    fn r_36_an_event_on_a_day_off_counts_from_the_next_working_day() {
        let week = WorkingCalendar::default();
        // Saturday counts as Monday the 6th: Tuesday is the first day.
        assert_eq!(between(&week, "2025-10-04", "2025-10-07"), 1);
        assert_eq!(between(&week, "2025-10-04", "2025-10-06"), 0);
        assert_eq!(between(&week, "2025-10-04", "2025-10-05"), 0);
    }

    #[test]
    fn r_37_the_clock_stops_in_the_suspension() {
        let week = WorkingCalendar::default();
        let pause = DateInterval::new(day("2025-10-06"), day("2025-10-17")).unwrap();
        let days = |recorded| week.working_days_between(day("2025-10-03"), day(recorded), &[pause]);
        // One working day before ten suspended ones, then four more: on time.
        assert_eq!(days("2025-10-17"), Ok(0));
        assert_eq!(days("2025-10-23"), Ok(4));
        assert_eq!(days("2025-10-27"), Ok(6));
    }

    #[test]
    fn decreed_days_overrule_the_week() {
        // A holiday on Friday and a worked Saturday in exchange.
        let calendar = WorkingCalendar::new([(day("2025-10-24"), false), (day("2025-10-25"), true)]).unwrap();
        assert!(!calendar.is_working_day(day("2025-10-24")));
        assert!(calendar.is_working_day(day("2025-10-25")));
        assert_eq!(between(&calendar, "2025-10-23", "2025-10-27"), 2);
        assert!(calendar.is_exact(day("2025-01-01")));
        assert!(!calendar.is_exact(day("2026-01-01")));
    }

    #[test]
    fn contradictions_and_inverted_intervals_are_refused() {
        let twice = [(day("2025-10-24"), false), (day("2025-10-24"), true)];
        assert_eq!(
            WorkingCalendar::new(twice).err(),
            Some(DomainError::ContradictoryDay { date: day("2025-10-24") })
        );
        let same = [(day("2025-10-24"), false), (day("2025-10-24"), false)];
        assert!(WorkingCalendar::new(same).is_ok());
        assert!(matches!(
            DateInterval::new(day("2025-10-24"), day("2025-10-23")),
            Err(DomainError::InvertedInterval { .. })
        ));
    }

    #[test]
    fn a_century_is_the_limit() {
        let week = WorkingCalendar::default();
        let refused = week.working_days_between(day("1900-01-01"), day("2025-01-01"), &[]);
        assert!(matches!(refused, Err(DomainError::IntervalTooLong { .. })));
        let forever = DateInterval::new(day("2000-01-01"), day("2200-01-01")).unwrap();
        assert_eq!(week.last_day_within(day("2025-01-01"), 5, &[forever]), None);
    }

    proptest! {
        #[test]
        fn five_days_later_is_within_five_days(start in 0_u64..20_000, limit in 0_u32..30, gap in 0_u64..40, length in 0_u64..20) {
            let week = WorkingCalendar::default();
            let event = day("1990-01-01") + Days::new(start);
            let from = event + Days::new(gap);
            let pause = [DateInterval::new(from, from + Days::new(length)).unwrap()];
            let last = week.last_day_within(event, limit, &pause).unwrap();
            let on_time = week.working_days_between(event, last, &pause).unwrap();
            let late = week.working_days_between(event, last.succ_opt().unwrap(), &pause).unwrap();
            prop_assert_eq!(on_time, limit);
            prop_assert_eq!(late, limit + 1);
        }

        #[test]
        fn a_pause_never_makes_it_later(start in 0_u64..20_000, wait in 0_u64..60, gap in 0_u64..40, length in 0_u64..20) {
            let week = WorkingCalendar::default();
            let event = day("1990-01-01") + Days::new(start);
            let from = event + Days::new(gap);
            let pause = [DateInterval::new(from, from + Days::new(length)).unwrap()];
            let recorded = event + Days::new(wait);
            let paused = week.working_days_between(event, recorded, &pause).unwrap();
            let plain = week.working_days_between(event, recorded, &[]).unwrap();
            prop_assert!(paused <= plain);
            prop_assert!(u64::from(plain) <= wait);
        }
    }
}
