//! What the law and the calendar say of a fixing: working days, limits, the hour of the country.

use std::collections::BTreeMap;

use bilim_domain::calendar::WorkingCalendar;
use bilim_domain::suspension::SuspensionLimits;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::error::FreezeError;
use crate::definitions::Assets;

const CALENDAR: &str = "datasets/reference/calendar.csv";
const YEARS: &str = "datasets/reference/calendar_year.csv";
const PARAMETERS: &str = "datasets/reference/parameter_default.csv";

/// Working days, limits and time zone of one reporting year.
#[derive(Debug, Clone)]
pub struct FixingRules {
    /// Working days.
    pub calendar: WorkingCalendar,
    /// Longest suspension, shortest notice.
    pub limits: SuspensionLimits,
    /// Whether the calendar of the year rests on the government's decisions.
    pub is_exact: bool,
    offset: TimeDelta,
}

impl FixingRules {
    /// The rules in force for a year.
    ///
    /// # Errors
    /// [`FreezeError::CalendarEnds`] beyond the last year of the calendar, [`FreezeError::Reference`]
    /// when a file lacks a column, a row or a number.
    pub fn of_year(assets: &Assets, year: i32) -> Result<Self, FreezeError> {
        let mut years = BTreeMap::new();
        for row in rows(assets, YEARS)? {
            let known = row.get("year").and_then(|year| year.parse::<i32>().ok());
            let known = known.ok_or_else(|| bad(YEARS, "a row has no year"))?;
            years.insert(known, row.get("is_exact").is_some_and(|exact| exact == "true"));
        }
        let last = years.last_key_value().map_or(0, |(year, _)| *year);
        let is_exact = *years.get(&year).ok_or(FreezeError::CalendarEnds { year, last })?;
        let mut days = Vec::new();
        for row in rows(assets, CALENDAR)? {
            let date = row.get("date").and_then(|date| date.parse::<NaiveDate>().ok());
            let date = date.ok_or_else(|| bad(CALENDAR, "a row has no date"))?;
            days.push((date, row.get("is_working_day").is_some_and(|worked| worked == "true")));
        }
        let calendar = WorkingCalendar::new(days).map_err(|error| bad(CALENDAR, &error.to_string()))?;
        let parameters = rows(assets, PARAMETERS)?;
        let limits = SuspensionLimits {
            max_working_days: number(&parameters, "freeze_max_working_days", year)?,
            min_notice_working_days: number(&parameters, "freeze_notice_working_days", year)?,
        };
        let offset = TimeDelta::hours(number(&parameters, "utc_offset_hours", year)?);
        Ok(Self { calendar, limits, is_exact, offset })
    }

    /// The day it is in the country.
    #[must_use]
    pub fn day(&self, time: DateTime<Utc>) -> NaiveDate {
        (time + self.offset).date_naive()
    }

    /// When a day begins in the country.
    #[must_use]
    pub fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        day.and_time(NaiveTime::MIN).and_utc() - self.offset
    }
}

/// The last moment of a day in the country.
///
/// # Errors
/// [`FreezeError::Reference`] when the parameters do not say how late it is there.
pub fn end_of_day(assets: &Assets, day: NaiveDate) -> Result<DateTime<Utc>, FreezeError> {
    let offset = TimeDelta::hours(number(&rows(assets, PARAMETERS)?, "utc_offset_hours", day.year())?);
    Ok(next_day(day).and_time(NaiveTime::MIN).and_utc() - offset - TimeDelta::milliseconds(1))
}

/// The day after; the last day of time for the last day.
pub(super) fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

fn bad(path: &'static str, message: &str) -> FreezeError {
    FreezeError::Reference { path, message: message.to_owned() }
}

type Row = BTreeMap<String, String>;

fn rows(assets: &Assets, path: &'static str) -> Result<Vec<Row>, FreezeError> {
    let text = assets.text(path).map_err(|error| bad(path, &error.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| bad(path, &error.to_string()))
}

/// The value in force in a year.
fn number<T: std::str::FromStr>(rows: &[Row], name: &str, year: i32) -> Result<T, FreezeError> {
    let bound = |row: &Row, column: &str| row.get(column).and_then(|bound| bound.parse::<i32>().ok());
    let row = rows.iter().find(|row| {
        row.get("name").is_some_and(|known| known == name)
            && bound(row, "valid_from_year").is_none_or(|from| from <= year)
            && bound(row, "valid_to_year").is_none_or(|to| to >= year)
    });
    row.and_then(|row| row.get("value")?.parse().ok())
        .ok_or_else(|| bad(PARAMETERS, &format!("no whole number {name} in {year}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_day_begins_five_hours_before_it_does_in_greenwich() {
        let rules = FixingRules::of_year(&Assets::built_in(), 2024).unwrap();
        let day: NaiveDate = "2024-10-14".parse().unwrap();
        let midnight = rules.midnight(day);
        assert_eq!(midnight.to_rfc3339(), "2024-10-13T19:00:00+00:00");
        assert_eq!(rules.day(midnight), day);
        assert_eq!(rules.day(midnight - TimeDelta::seconds(1)), day.pred_opt().unwrap());
        assert_eq!(rules.limits, SuspensionLimits::STATUTORY);
        assert!(rules.is_exact);
        // One zone since March 2024; six hours before.
        let rules = FixingRules::of_year(&Assets::built_in(), 2023).unwrap();
        assert_eq!(rules.midnight(day).to_rfc3339(), "2024-10-13T18:00:00+00:00");
    }

    #[test]
    fn the_end_of_the_calendar_is_said() {
        let refused = FixingRules::of_year(&Assets::built_in(), 2031);
        assert!(matches!(refused, Err(FreezeError::CalendarEnds { year: 2031, last: 2030 })), "{refused:?}");
    }
}
