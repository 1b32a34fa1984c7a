//! The suspension of updates while a year is fixed.
//!
//! Owns the three limits the law sets: within October, at most so many working
//! days, announced so many working days ahead. It does not freeze anything.

use chrono::{Datelike, NaiveDate};

use crate::calendar::{DateInterval, WorkingCalendar};
use crate::error::DomainError;

/// Limits of a suspension; dated parameters of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspensionLimits {
    /// Most working days it may last.
    pub max_working_days: u32,
    /// Fewest working days between its announcement and its first day.
    pub min_notice_working_days: u32,
}

impl SuspensionLimits {
    /// Ten days, announced three ahead.
    ///
    /// # Source
    /// Paragraph 10.
    pub const STATUTORY: Self = Self { max_working_days: 10, min_notice_working_days: 3 };
}

/// A lawful suspension: within one October and not too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    interval: DateInterval,
}

impl Suspension {
    /// Checks place and length.
    ///
    /// # Errors
    /// [`DomainError::SuspensionOutsideOctober`] when a day is not in the same
    /// October, [`DomainError::SuspensionTooLong`] beyond the limit.
    pub fn new(
        interval: DateInterval,
        calendar: &WorkingCalendar,
        limits: SuspensionLimits,
    ) -> Result<Self, DomainError> {
        let (from, to) = (interval.from(), interval.to());
        if from.month() != 10 || to.month() != 10 || from.year() != to.year() {
            return Err(DomainError::SuspensionOutsideOctober { from, to });
        }
        let found = calendar.working_days_in(interval)?;
        if found > limits.max_working_days {
            return Err(DomainError::SuspensionTooLong { found, limit: limits.max_working_days });
        }
        Ok(Self { interval })
    }

    /// The days on which updates stand still.
    #[must_use]
    pub const fn interval(self) -> DateInterval {
        self.interval
    }

    /// Checks that users were told in time.
    ///
    /// Counted are the working days after the announcement and before the first day
    /// of the suspension, so that users have that many full days left to enter data.
    ///
    /// # Errors
    /// [`DomainError::NoticeTooShort`].
    pub fn check_notice(
        self,
        announced: NaiveDate,
        calendar: &WorkingCalendar,
        limits: SuspensionLimits,
    ) -> Result<(), DomainError> {
        let from = self.interval.from();
        let full_days = announced
            .succ_opt()
            .zip(from.pred_opt())
            .and_then(|(first, last)| DateInterval::new(first, last).ok());
        let found = match full_days {
            Some(days) => calendar.working_days_in(days)?,
            None => 0,
        };
        if found < limits.min_notice_working_days {
            return Err(DomainError::NoticeTooShort {
                from,
                found,
                required: limits.min_notice_working_days,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn suspension(from: &str, to: &str) -> Result<Suspension, DomainError> {
        let interval = DateInterval::new(day(from), day(to)).unwrap();
        Suspension::new(interval, &WorkingCalendar::default(), SuspensionLimits::STATUTORY)
    }

    #[test]
    fn r_38_only_in_october() {
        assert!(suspension("2025-10-01", "2025-10-03").is_ok());
        for (from, to) in
            [("2025-09-30", "2025-10-02"), ("2025-10-30", "2025-11-03"), ("2024-10-31", "2025-10-01")]
        {
            assert!(matches!(suspension(from, to), Err(DomainError::SuspensionOutsideOctober { .. })));
        }
    }

    #[test]
    fn r_39_ten_days_pass_eleven_do_not() {
        assert!(suspension("2025-10-06", "2025-10-17").is_ok());
        assert_eq!(
            suspension("2025-10-06", "2025-10-20").err(),
            Some(DomainError::SuspensionTooLong { found: 11, limit: 10 })
        );
    }

    #[test]
    fn r_40_three_working_days_of_notice() {
        let week = WorkingCalendar::default();
        let planned = suspension("2025-10-13", "2025-10-17").unwrap();
        let check = |told: &str| planned.check_notice(day(told), &week, SuspensionLimits::STATUTORY);
        // Told on Tuesday: Wednesday, Thursday and Friday remain.
        assert_eq!(check("2025-10-07"), Ok(()));
        assert_eq!(
            check("2025-10-08"),
            Err(DomainError::NoticeTooShort { from: day("2025-10-13"), found: 2, required: 3 })
        );
        assert!(check("2025-10-13").is_err());
        assert!(check("2025-10-20").is_err());
    }

    proptest! {
        #[test]
        fn a_longer_notice_is_never_refused_when_a_shorter_one_passes(start in 0_u64..28, told in 0_u64..20) {
            let week = WorkingCalendar::default();
            let from = day("2025-10-01") + Days::new(start);
            let interval = DateInterval::new(from, from).unwrap();
            let planned = Suspension::new(interval, &week, SuspensionLimits::STATUTORY).unwrap();
            prop_assert_eq!(planned.interval(), interval);
            let check = |ahead| planned.check_notice(from - Days::new(ahead), &week, SuspensionLimits::STATUTORY);
            if check(told).is_ok() {
                prop_assert!(check(told + 1).is_ok());
            }
        }
    }
}
