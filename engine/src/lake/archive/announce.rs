//! The announcement of a fixing: may it be, who is told.

use std::sync::Arc;

use bilim_domain::DomainError;
use bilim_domain::calendar::DateInterval;
use bilim_domain::suspension::{Suspension, SuspensionLimits};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeDelta, Utc};
use datafusion::arrow::array::{ArrayRef, Date32Array, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field};

use super::super::error::{LakeError, Result};
use super::super::ledger::timestamp;
use super::super::snapshot::{AsOf, Snapshot};
use super::super::spec::TableSpec;
use super::super::version::LakeVersion;
use super::super::writer::Writer;
use super::calendar::{FixingRules, next_day};
use super::error::FreezeError;
use super::events::{EventKind, FreezeEvent, History, times};
use super::run::FIX_IN_FOLDER;

/// Clocks of two machines may differ by so much.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// What is to be announced.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Reporting year.
    pub year: i32,
    /// First day of the suspension.
    pub from: NaiveDate,
    /// Last day of the suspension.
    pub to: NaiveDate,
    /// The one date as of which data are fixed.
    pub date: NaiveDate,
    /// Why the ministry overrules what stands against it.
    pub override_reason: Option<String>,
}

/// Somebody who must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// `organisation`, `authority`, `user`; `users` = every user, whoever it is on the day.
    pub kind: String,
    /// BIN or name; `*` for `users`.
    pub recipient: String,
}

impl Announcement {
    /// The events that announce it: the announcement, and one for each rule overruled.
    ///
    /// # Errors
    /// The first rule that stands against it and is not overruled. That dates belong to the reporting
    /// year, that a fixed year stays fixed, and that a fixing under way keeps its dates is never overruled.
    pub fn events(
        &self,
        rules: &FixingRules,
        history: &History,
        now: DateTime<Utc>,
    ) -> std::result::Result<Vec<FreezeEvent>, FreezeError> {
        let Self { year, from, to, date, .. } = *self;
        if to < from {
            return Err(FreezeError::Inverted { from, to });
        }
        for day in [from, to, date] {
            if day.year() != year {
                return Err(FreezeError::OtherYear { year, date: day });
            }
        }
        if let Some(fixed) = history.fixed(year) {
            return Err(FreezeError::AlreadyFixed {
                year,
                date: fixed.fixing_date.unwrap_or_default(),
                manifest: fixed.manifest_sha256.clone().unwrap_or_default(),
            });
        }
        if history.begun(year).is_some() {
            return Err(FreezeError::HasBegun { year });
        }
        let mut overruled: Vec<&'static str> = Vec::new();
        let mut may = |rule: &'static str, error: FreezeError| {
            if self.override_reason.is_none() {
                return Err(error);
            }
            overruled.push(rule);
            Ok(())
        };
        if let Some(earlier) = history.announced(year) {
            let date = earlier.fixing_date.unwrap_or_default();
            may("R-33", FreezeError::AlreadyAnnounced { year, date })?;
        }
        let broken = |rule, source| FreezeError::Rule { rule, source };
        let interval = DateInterval::new(from, to).map_err(|source| broken("R-38", source))?;
        if let Err(source) = Suspension::new(interval, &rules.calendar, rules.limits) {
            let rule = match source {
                DomainError::SuspensionTooLong { .. } => "R-39",
                _ => "R-38",
            };
            may(rule, broken(rule, source))?;
        }
        // A length that was overruled does not shorten the notice.
        let any_length = SuspensionLimits { max_working_days: u32::MAX, ..rules.limits };
        if let Ok(suspension) = Suspension::new(interval, &rules.calendar, any_length)
            && let Err(source) = suspension.check_notice(rules.day(now), &rules.calendar, rules.limits)
        {
            may("R-40", broken("R-40", source))?;
        }
        if !(from..=to).contains(&date) {
            may("R-38", FreezeError::DateOutside { year, date, from, to })?;
        }
        let mut events = vec![FreezeEvent {
            date_from: Some(from),
            date_to: Some(to),
            fixing_date: Some(date),
            suspended_from: Some(rules.midnight(from)),
            reopens_at: Some(rules.midnight(next_day(to))),
            reason: self.override_reason.clone(),
            ..FreezeEvent::new(EventKind::Announced, year, now)
        }];
        let reason = self.override_reason.as_deref().unwrap_or_default();
        events.extend(overruled.iter().map(|rule| FreezeEvent::overridden(year, now, rule, reason)));
        Ok(events)
    }

    /// The rows of `gov.notice` for everybody who must know.
    pub(in super::super) fn notices(
        &self,
        recipients: &[Recipient],
        now: DateTime<Utc>,
    ) -> Result<(TableSpec, RecordBatch)> {
        let spec = notice();
        let count = recipients.len();
        let text = |value: &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, count)))
        };
        let day = |day: NaiveDate| -> ArrayRef {
            Arc::new(Date32Array::from(vec![Date32Type::from_naive_date(day); count]))
        };
        let each = |value: &dyn Fn(&Recipient) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(recipients.iter().map(value)))
        };
        let Self { year, from, to, date, .. } = *self;
        let reopens = next_day(to);
        let columns: Vec<ArrayRef> = vec![
            each(&|one| one.recipient.as_str()),
            each(&|one| one.kind.as_str()),
            text("suspension"),
            Arc::new(Int32Array::from(vec![year; count])),
            times(std::iter::repeat_n(Some(now), count)),
            day(from),
            day(to),
            day(date),
            text(&format!(
                "{year} жылғы деректер {date} күніне бекітіледі; деректерді жаңарту {from} – {to} аралығында \
                 тоқтатылады, {reopens} қайта ашылады"
            )),
            text(&format!(
                "данные за {year} год фиксируются на {date}; обновление приостановлено с {from} по {to} и возобновится \
                 {reopens}"
            )),
            text(&format!(
                "the data of {year} are fixed as of {date}; updates are suspended from {from} to {to} and resume on \
                 {reopens}"
            )),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&spec.schema), columns);
        Ok((spec.clone(), batch.map_err(LakeError::arrow(&spec.name))?))
    }
}

/// `gov.notice`: one row per subject or user told of a suspension.
#[must_use]
pub fn notice() -> TableSpec {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    TableSpec::ledger(
        "notice",
        vec![
            field("recipient", DataType::Utf8),
            field("recipient_kind", DataType::Utf8),
            field("subject", DataType::Utf8),
            field("year", DataType::Int32),
            field("noticed_at", timestamp()),
            field("date_from", DataType::Date32),
            field("date_to", DataType::Date32),
            field("fixing_date", DataType::Date32),
            field("message_kk", DataType::Utf8),
            field("message_ru", DataType::Utf8),
            field("message_en", DataType::Utf8),
        ],
    )
}

impl Writer {
    /// Announce a fixing and tell everybody, in one lake version.
    ///
    /// # Errors
    /// [`FreezeError`] when a rule stands against it, else as [`Writer::record`].
    pub async fn announce(
        &self,
        announcement: &Announcement,
        rules: &FixingRules,
        recipients: &[Recipient],
        more: &[FreezeEvent],
    ) -> Result<LakeVersion> {
        // An announcement suspends landings until the fixing: it must be possible.
        self.lake().layout().needs_folder("the announcement of a fixing", FIX_IN_FOLDER)?;
        let snapshot = self.lake().snapshot(AsOf::Latest).await?;
        let now = self.fixing_time(&snapshot)?;
        let mut events = announcement.events(rules, snapshot.history(), now)?;
        events.extend_from_slice(more);
        let rows = vec![snapshot.history().rows(&events)?, announcement.notices(recipients, now)?];
        self.record(rows).await
    }

    /// The time, refused when it is behind what the lake has recorded.
    pub(super) fn fixing_time(&self, snapshot: &Snapshot) -> Result<DateTime<Utc>> {
        let (now, latest) = (self.core.now(), snapshot.version().created_at);
        if now + CLOCK_TOLERANCE < latest {
            let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
            return Err(FreezeError::ClockBehind { now: text(now), latest: text(latest) }.into());
        }
        Ok(now.max(latest))
    }
}
