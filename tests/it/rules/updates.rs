//! Updates: what is kept of them, and the clock of five working days.

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::Definitions;
use bilim::intake::TerritoryCheck;
use bilim::lake::{self, AsOf, Lake, Landing, Writer, WriterOptions};
use bilim_domain::calendar::{DateInterval, WorkingCalendar};
use bilim_domain::records::Form;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

use super::site::{governed, org, rows, submit_as, value};
use crate::support::{block_on, landing, tiny_lake};
use crate::support_cli::{Site, file, organisation, pupil};

#[test]
fn r_14_the_ledger_only_grows_and_every_version_is_read() {
    let site = Site::new();
    let mut versions = Vec::new();
    for shifts in ["1", "2", "9"] {
        let name = format!("{shifts}.csv");
        site.write(&name, file(Form::Organisation, &[organisation(1, &[("shifts", shifts)])]));
        // Nine shifts are refused: the attempt is on record as well.
        site.run(&["submit", &name, "--form", "S1.ORG", "--quiet"]).ended(i32::from(shifts == "9"));
        versions.push(site.value("select lake_version from meta.lake_version"));
    }
    for (index, (version, shifts)) in versions.iter().zip(["1", "2", "2"]).enumerate() {
        let sql = "select (select count(*) from gov.submission) as n, shifts from raw.s1_org";
        let then = site.run(&["sql", sql, "--as-of", version, "--format", "csv"]).ended(0).text();
        assert_eq!(then, format!("n,shifts\n{},{shifts}\n", index + 1));
    }
    site.run(&["verify", "lake", "--all"]).ended(0);
}

#[test]
fn r_30_entering_correcting_and_closing_are_kept_with_actor_and_both_times() {
    let site = governed();
    let send = |name: &str, rows: &[String]| {
        site.write(name, file(Form::Pupil, rows));
        submit_as(&site, Form::Pupil, name, &org(1)).ended(0);
    };
    let left = |date: &'static str| [("enrol_to", date), ("exit_reason", "transfer")];
    send("first.csv", &[pupil(1, 1, &[]), pupil(1, 2, &[])]);
    assert_eq!(site.value("select count(*) from gov.change"), "0", "what is entered first changes nothing");
    // 2 left, 3 came.
    let came = pupil(1, 3, &[("enrol_from", "2024-11-04")]);
    send("second.csv", &[pupil(1, 1, &[]), pupil(1, 2, &left("2024-11-01")), came.clone()]);
    // The date on which 2 left was wrong; the rest is sent again and is no change.
    send("third.csv", &[pupil(1, 1, &[]), pupil(1, 2, &left("2024-11-05")), came]);
    let sql = "select c.submission, c.event, c.operation, cast(c.event_date as varchar) as event_date, c.change_count, \
               lpad(cast(s.subject_bin as varchar), 12, '0') as actor, s.submitted_at is not null as is_timed from \
               gov.change c join gov.submission s on s.submission = c.submission order by c.submission, c.event";
    let expected = format!(
        "submission,event,operation,event_date,change_count,actor,is_timed\n3,learner_enrolled,enter,2024-11-04,1,{0},true\n\
         3,learner_left,close,2024-11-01,1,{0},true\n4,learner_left,correct,2024-11-05,1,{0},true\n",
        org(1)
    );
    assert_eq!(site.sql(sql), expected);
}

/// A lake whose landings have times of their own.
struct History {
    lake: Lake,
    writer: Writer,
    config: Config,
    definitions: Arc<Definitions>,
    folder: TempDir,
}

impl History {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::default();
        let lake = Lake::init(folder.path().join("lake").to_str().unwrap()).await.unwrap();
        let writer = lake.writer(WriterOptions::from(&config)).await.unwrap();
        Self { lake, writer, config, definitions: Arc::new(Definitions::built_in().unwrap()), folder }
    }

    async fn session(&self) -> SessionContext {
        let snapshot = self.lake.snapshot(AsOf::Latest).await.unwrap();
        let runtime = bilim::session::runtime(&self.config).unwrap();
        bilim::session::open(&self.config, runtime, &self.definitions, &snapshot).unwrap()
    }

    /// Land rows at a moment, and record what they changed.
    async fn land(&self, form: Form, rows: &[String], at: &str) {
        let path = self.folder.path().join("rows.csv");
        std::fs::write(&path, file(form, rows)).unwrap();
        let geo = self.definitions.assets.text("datasets/reference/geo.csv").unwrap();
        let territory = TerritoryCheck::from_csv(geo.as_bytes()).unwrap();
        let definition = self.definitions.form(form.code()).unwrap();
        let before = self.lake.snapshot(AsOf::Latest).await.unwrap();
        let landing = landing(&self.writer, definition, &path, &self.config, &territory).await;
        let at: DateTime<Utc> = at.parse().unwrap();
        let receipts = self.writer.land(vec![Landing { submitted_at: at, ..landing }]).await.unwrap();
        let ctx = self.session().await;
        let found =
            bilim::session::changes(&ctx, definition, &before, &[receipts[0].submission]).await.unwrap();
        self.writer.record(found.into_iter().map(|batch| (lake::change(), batch)).collect()).await.unwrap();
    }
}

#[test]
fn r_36_five_working_days_from_event_to_record() {
    block_on(async {
        let history = History::new().await;
        let organisations = [organisation(1, &[("year", "2025")]), organisation(2, &[("year", "2025")])];
        history.land(Form::Organisation, &organisations, "2025-09-01T06:00:00Z").await;
        let learner = |number: usize, pid: u64, from: &str| {
            pupil(number, pid, &[("year", "2025"), ("enrol_from", from), ("birth", "2016-03")])
        };
        let first = [learner(1, 1, "2023-09-01"), learner(2, 9, "2023-09-01")];
        history.land(Form::Pupil, &first, "2025-09-02T06:00:00Z").await;
        // Friday 3 October: entered on Friday the 10th, five days later, and by another school on Monday the 13th.
        let in_time = [first[0].clone(), learner(1, 2, "2025-10-03")];
        history.land(Form::Pupil, &in_time, "2025-10-10T18:30:00Z").await;
        let late = [first[1].clone(), learner(2, 10, "2025-10-03")];
        // Sunday, 19:30 in UTC, is half past midnight of Monday in the country.
        history.land(Form::Pupil, &late, "2025-10-12T19:30:00Z").await;
        let later = [first[1].clone(), learner(2, 10, "2025-10-03"), learner(2, 11, "2025-10-04")];
        // Saturday 4 October counts as Monday the 6th: Monday the 13th is the fifth day, Tuesday the sixth.
        history.land(Form::Pupil, &later, "2025-10-14T06:00:00Z").await;
        let ctx = history.session().await;
        let sql = "select cast(event_date as varchar), cast(recorded_on as varchar), lag_working_days, is_on_time from \
                   gov.timeliness order by submission";
        let expected = [
            ["2025-10-03", "2025-10-10", "5", "true"],
            ["2025-10-03", "2025-10-13", "6", "false"],
            ["2025-10-04", "2025-10-14", "6", "false"],
        ];
        assert_eq!(rows(&ctx, sql).await, expected.map(|row| row.map(str::to_owned).to_vec()));
        let sql = "select concat(numerator, '/', denominator) from mart.indicator where indicator = 'GOV-03' and year = \
                   2025 and tier = 'district' and level = 'all' and breakdown = 'total'";
        assert_eq!(value(&ctx, sql).await, "1.0/3.0");
    });
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The calendar of the reference data, as the independent oracle has it.
async fn calendar(ctx: &SessionContext) -> WorkingCalendar {
    let listed = rows(ctx, "select cast(date as varchar), is_working_day from ref.calendar").await;
    WorkingCalendar::new(listed.iter().map(|row| (day(&row[0]), row[1] == "true"))).unwrap()
}

/// Elapsed and start number of every day, with suspensions in place of those of the lake.
async fn clock(ctx: &SessionContext, paused: &[DateInterval]) -> BTreeMap<NaiveDate, (i64, i64)> {
    let view =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/gov/counted_day.sql")).unwrap();
    let rows_of = paused
        .iter()
        .map(|pause| format!("({}, date '{}', date '{}')", pause.from().year(), pause.from(), pause.to()));
    let values = rows_of.collect::<Vec<_>>().join(", ");
    let suspended = format!("(select * from (values {values}) as t (year, from_date, to_date))");
    let sql = if paused.is_empty() {
        view
    } else {
        assert!(view.contains("join gov.suspension s"));
        view.replace("join gov.suspension s", &format!("join {suspended} s"))
    };
    let sql = format!(
        "select cast(date as varchar), elapsed_number, start_number from ({sql}) where date between date '2010-01-01' and \
         date '2031-06-30'"
    );
    rows(ctx, &sql)
        .await
        .iter()
        .map(|row| (day(&row[0]), (row[1].parse().unwrap(), row[2].parse().unwrap())))
        .collect()
}

/// SQL = oracle for every day of 2010 to 2030 and records of up to `span` days later.
fn compare(
    clock: &BTreeMap<NaiveDate, (i64, i64)>,
    calendar: &WorkingCalendar,
    paused: &[DateInterval],
    span: u64,
) -> usize {
    let mut compared = 0;
    let mut event = day("2010-01-01");
    while event <= day("2030-12-31") {
        for wait in 0..span {
            let recorded = event + Days::new(wait * wait % 97 + wait);
            let own = clock[&event].1;
            let found = (clock[&recorded].0 - own).max(0);
            let expected = calendar.working_days_between(event, recorded, paused).unwrap();
            assert_eq!(found, i64::from(expected), "{event} to {recorded}");
            compared += 1;
        }
        event = event.succ_opt().unwrap();
    }
    compared
}

#[test]
fn r_36_working_days_are_those_of_the_oracle_on_every_day() {
    block_on(async {
        let ctx = tiny_lake().await.ctx.clone();
        let calendar = calendar(&ctx).await;
        let clock = clock(&ctx, &[]).await;
        // 7670 days, 21 years with 5 leap days, and 12 distances of 0 to 132 days each.
        assert_eq!(compare(&clock, &calendar, &[], 12), 7670 * 12);
    });
}

#[test]
fn r_37_the_clock_of_the_warehouse_stops_in_the_suspension() {
    block_on(async {
        let ctx = tiny_lake().await.ctx.clone();
        let calendar = calendar(&ctx).await;
        let pause = |from: &str, to: &str| DateInterval::new(day(from), day(to)).unwrap();
        let paused = [
            pause("2013-10-01", "2013-10-14"),
            pause("2020-10-19", "2020-10-30"),
            pause("2024-10-05", "2024-10-06"),
            pause("2025-10-06", "2025-10-17"),
        ];
        let clock = clock(&ctx, &paused).await;
        assert_eq!(compare(&clock, &calendar, &paused, 12), 7670 * 12);
        // Friday 3 October 2025, ten suspended working days, and four after them: on time.
        let lag = |recorded: &str| clock[&day(recorded)].0 - clock[&day("2025-10-03")].1;
        assert_eq!((lag("2025-10-17"), lag("2025-10-23"), lag("2025-10-24")), (0, 4, 5));
    });
}
