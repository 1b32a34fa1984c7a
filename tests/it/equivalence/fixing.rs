//! How a fixing went and what was revised after it, against the oracle: GOV-10 from random ledgers, GOV-09 from
//! random countries that are fixed and corrected.

mod correction;

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim::lake::archive::{EventKind, FreezeEvent, FreezeJob, freeze_event};
use bilim::lake::{Landing, Outcome, TableSpec};
use bilim_domain::calendar::DateInterval;
use bilim_domain::oracle::fixing::{Announcement, Condition, Fixing, HEADLINES, Revision, Write};
use bilim_domain::oracle::{self, Fraction, Records};
use bilim_domain::records::{OrgType, Record};
use bilim_domain::suspension::SuspensionLimits;
use bilim_domain::year::Year;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use datafusion::arrow::datatypes::Date32Type;
use proptest::prelude::*;

use super::country::{self, Bits, YEARS, bin, day, kato, mixed, passport_of};
use super::governance::calendar;
use super::warehouse::{Answer, DIMENSIONS, Key, Warehouse, answers, block_on, definitions};
use correction::Correction;

/// Codes that are compared here.
pub const CODES: [&str; 2] = ["GOV-09", "GOV-10"];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn conformance_equals_the_oracle(
        submissions in prop::collection::vec(any::<u64>(), 0..=6),
        years in any::<[u64; 2]>(),
        clock in any::<u64>(),
    ) {
        let differences = block_on(conformance(submissions, years, clock));
        prop_assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4,
        max_shrink_iters: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn revision_equals_the_oracle(records in country::country(), number in any::<u64>()) {
        let differences = block_on(revision(records, number));
        let shown = differences.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("\n");
        prop_assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
    }
}

/// The oracle's list and the catalogue's are one.
#[test]
fn no_headline_is_forgotten() {
    let headlines = definitions().catalogue.indicators.iter().filter(|entry| entry.is_headline);
    let of_districts =
        headlines.filter(|entry| entry.derivations.iter().any(|d| d.tiers.iter().any(|t| t == "district")));
    let mut found: Vec<(&str, &str)> =
        of_districts.map(|entry| (entry.code.as_str(), entry.headline_level.as_str())).collect();
    let mut known = HEADLINES.map(|(indicator, level)| (indicator.code(), level.code()));
    found.sort_unstable();
    known.sort_unstable();
    assert_eq!(found, known);
}

/// An event as the ledger has it.
pub fn row_of(event: &FreezeEvent) -> (TableSpec, RecordBatch) {
    let spec = freeze_event();
    let on = |date: Option<NaiveDate>| -> ArrayRef {
        Arc::new(Date32Array::from(vec![date.map(Date32Type::from_naive_date)]))
    };
    let at = |time: Option<DateTime<Utc>>| -> ArrayRef {
        let micros = time.map(|time| time.timestamp_micros());
        Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC"))
    };
    let long = |value: Option<i64>| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let columns = spec.schema.fields().iter().map(|field| match field.name().as_str() {
        "sequence" => long(Some(event.sequence)),
        "event" => Arc::new(StringArray::from(vec![event.kind.as_str()])),
        "year" => Arc::new(Int32Array::from(vec![event.year])),
        "event_at" => at(Some(event.at)),
        "date_from" => on(event.date_from),
        "date_to" => on(event.date_to),
        "fixing_date" => on(event.fixing_date),
        "suspended_from" => at(event.suspended_from),
        "reopens_at" => at(event.reopens_at),
        "lake_version" => long(event.lake_version.map(|version| i64::try_from(version).unwrap())),
        _ => new_null_array(field.data_type(), 1),
    });
    let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns.collect()).unwrap();
    (spec, row)
}

/// Whether SQL says the oracle's fraction; nothing counted is no row.
fn is_equal(answer: Option<Answer>, fraction: Fraction) -> bool {
    let (numerator, denominator) = (fraction.numerator as f64, fraction.denominator.unwrap_or(0) as f64);
    match answer {
        None => denominator == 0.0,
        Some(answer) => {
            let value = numerator * 100.0 / denominator;
            (answer.numerator, answer.denominator, answer.value)
                == (Some(numerator), Some(denominator), Some(value))
        }
    }
}

fn differences(
    code: &str,
    mut found: BTreeMap<Key, Answer>,
    expected: BTreeMap<Key, Fraction>,
) -> Vec<String> {
    let mut differences = Vec::new();
    for (key, fraction) in expected {
        let answer = found.remove(&key);
        if !is_equal(answer, fraction) {
            differences.push(format!("{code} {key:?}: SQL {answer:?}, oracle {fraction:?}"));
        }
    }
    let unknown =
        found.into_iter().map(|(key, answer)| format!("{code} {key:?}: SQL {answer:?}, no such cell"));
    differences.extend(unknown);
    differences
}

/// The cell of a category, or the total.
fn key(year: i32, tier: &str, geo_code: &str, category: Option<&str>) -> Key {
    let member = |name: &str| category.filter(|_| name == "category").unwrap_or("_T").to_owned();
    let members = DIMENSIONS.map(member).to_vec();
    let breakdown = if category.is_some() { "category" } else { "total" };
    (year, tier.to_owned(), geo_code.to_owned(), "all".to_owned(), breakdown.to_owned(), members)
}

// ---- GOV-10 ---------------------------------------------------------------------------------

/// Hours that the country is ahead in the calendar of a year.
fn offset(year: i32) -> TimeDelta {
    TimeDelta::hours(if year <= 2023 { 6 } else { 5 })
}

fn day_in(year: i32, time: DateTime<Utc>) -> NaiveDate {
    (time + offset(year)).date_naive()
}

/// A time of a day of Greenwich, mostly where a day of the country begins.
fn time_on(date: NaiveDate, bits: &mut Bits) -> DateTime<Utc> {
    let seconds = [(6, 0), (18, 0), (17, 3_599_999), (19, 0), (18, 3_599_999), (0, 0), (23, 3_599_999)];
    let (hours, milliseconds) = bits.one(&seconds);
    let since = TimeDelta::hours(hours) + TimeDelta::milliseconds(milliseconds);
    (NaiveDateTime::new(date, NaiveTime::MIN) + since).and_utc()
}

/// Events of a year's fixing, and how the oracle sees them.
fn fixing(year: i32, number: u64, versions: u64) -> (Vec<FreezeEvent>, Fixing, Option<u64>) {
    let mut bits = Bits(number);
    let mut events = Vec::new();
    let mut announcements = Vec::new();
    for index in 0..bits.one(&[1, 2, 0, 3]) {
        let mut bits = Bits(mixed(number, index));
        let (month, date) =
            bits.one(&[(10, 7), (10, 14), (10, 1), (9, 30), (10, 5), (10, 24), (10, 28), (11, 1)]);
        let from = day(year, month, date);
        let to = from + Days::new(bits.one(&[11, 4, 12, 13, 14, 15, 0]));
        let fixing_date = bits.one(&[day(year, 10, 10), from, to, to + Days::new(1)]);
        let before = bits.one(&[6, 3, 4, 5, 7, 8, 2, 0]);
        let at = if bits.rarely(6) {
            time_on(from + Days::new(2), &mut bits)
        } else {
            time_on(from - Days::new(before), &mut bits)
        };
        events.push(FreezeEvent {
            date_from: Some(from),
            date_to: Some(to),
            fixing_date: Some(fixing_date),
            suspended_from: Some(from.and_time(NaiveTime::MIN).and_utc() - offset(year)),
            reopens_at: Some((to + Days::new(1)).and_time(NaiveTime::MIN).and_utc() - offset(year)),
            ..FreezeEvent::new(EventKind::Announced, year, at)
        });
        if bits.rarely(2) {
            events.push(FreezeEvent::overridden(year, at, "R-40", "a reason"));
        }
        let suspension = DateInterval::new(from, to).unwrap();
        announcements.push(Announcement { announced_on: day_in(year, at), suspension, fixing_date });
    }
    let is_begun = !announcements.is_empty() && !bits.rarely(4);
    let version = is_begun.then(|| bits.below(versions + 1));
    let (month, date) = bits.one(&[(10, 9), (10, 18), (10, 31), (11, 1), (11, 2)]);
    let at = time_on(day(year, month, date), &mut bits);
    let is_fixed = is_begun && !bits.rarely(3);
    for (kind, happened) in [(EventKind::Begun, is_begun), (EventKind::Fixed, is_fixed)] {
        if happened {
            events.push(FreezeEvent { lake_version: version, ..FreezeEvent::new(kind, year, at) });
        }
    }
    let fixing = Fixing {
        year: Year::try_from(year).unwrap(),
        announcements,
        writes: Vec::new(),
        is_begun,
        fixed_on: is_fixed.then(|| day_in(year, at)),
        today: day(year, 1, 1),
    };
    (events, fixing, version)
}

/// A submission that arrives near what was announced, or around the end of October.
fn arrival(number: u64, events: &[FreezeEvent]) -> DateTime<Utc> {
    let mut bits = Bits(number);
    let announced = events.iter().filter(|event| event.kind == EventKind::Announced);
    let mut days: Vec<NaiveDate> = vec![day(2024, 9, 1), day(2024, 10, 31), day(2024, 11, 1)];
    days.extend([day(2023, 9, 1), day(2023, 10, 31), day(2023, 11, 1)]);
    for event in announced {
        let (from, to) = (event.date_from.unwrap(), event.date_to.unwrap());
        days.extend([from - Days::new(1), from, from + Days::new(1), to, to + Days::new(1)]);
    }
    time_on(bits.one(&days), &mut bits)
}

/// A passport of nothing in particular.
async fn submission(warehouse: &Warehouse, index: usize, at: DateTime<Utc>, is_accepted: bool) -> Landing {
    let mut row = passport_of(OrgType::General);
    row.district = kato(country::DISTRICTS[0]);
    row.org_bin = bin(index);
    row.merged_into = None;
    let mut landing = warehouse.landing_of(&[Record::Organisation(row)]).await;
    landing.submitted_at = at;
    if !is_accepted {
        landing.outcome = Outcome::Rejected;
    }
    landing
}

async fn conformance(submissions: Vec<u64>, years: [u64; 2], clock: u64) -> Vec<String> {
    let mut bits = Bits(clock);
    let (year, month, date) = bits.one(&[
        (2024, 10, 9),
        (2024, 10, 31),
        (2024, 11, 1),
        (2023, 10, 9),
        (2023, 10, 31),
        (2023, 11, 1),
        (2025, 1, 15),
    ]);
    let now = time_on(day(year, month, date), &mut bits);
    let warehouse = Warehouse::at(now).await;
    let versions = submissions.len() as u64;
    let (mut events, mut fixings) = (Vec::new(), Vec::new());
    for (year, number) in YEARS.into_iter().zip(years) {
        let (of_year, fixing, version) = fixing(year, number, versions);
        events.extend(of_year);
        fixings.push((fixing, version));
    }
    // The ledger comes last: what a test writes need not be what the lake would have let in.
    let mut landed = Vec::new();
    for (index, number) in submissions.into_iter().enumerate() {
        let is_accepted = !Bits(mixed(number, 1)).rarely(5);
        let at = arrival(number, &events);
        let landing = submission(&warehouse, index, at, is_accepted).await;
        let receipt = warehouse.writer().land(vec![landing]).await.unwrap().remove(0);
        if is_accepted {
            landed.push((at, receipt.lake_version));
        }
    }
    let mut rows = Vec::new();
    for (event, sequence) in events.iter().zip(1..) {
        rows.push(row_of(&FreezeEvent { sequence, ..event.clone() }));
    }
    if bits.rarely(2) {
        rows.reverse();
    }
    warehouse.writer().record(rows).await.unwrap();
    // Nothing is known of other years but that they passed.
    for year in [2022, 2025] {
        fixings.push((fixing(year, 2, 0).1, None));
    }
    let mut expected = BTreeMap::new();
    for (mut fixing, version) in fixings {
        let year = i32::from(fixing.year);
        fixing.today = day_in(year, now);
        let writes = landed.iter().map(|(at, landed)| Write {
            arrived_on: day_in(year, *at),
            is_fixed: version.is_some_and(|version| *landed <= version),
        });
        fixing.writes = writes.collect();
        let of = |condition| {
            oracle::fixing::conformance(&fixing, condition, &calendar(), SuspensionLimits::STATUTORY)
        };
        expected.insert(key(year, "republic", "KZ", None), of(None));
        for condition in Condition::ALL {
            expected.insert(key(year, "republic", "KZ", Some(condition.code())), of(Some(*condition)));
        }
    }
    let ctx = warehouse.session().await;
    differences("GOV-10", answers(&ctx, "indicator = 'GOV-10'").await, expected)
}

// ---- GOV-09 ---------------------------------------------------------------------------------

/// A suspension that has begun and does not end.
fn suspended(year: i32) -> FreezeEvent {
    let date = day(year, 10, 10);
    FreezeEvent {
        sequence: 1,
        date_from: Some(date),
        date_to: Some(date),
        fixing_date: Some(date),
        suspended_from: Some(date.and_time(NaiveTime::MIN).and_utc()),
        reopens_at: Some(Utc::now() + TimeDelta::days(1)),
        ..FreezeEvent::new(EventKind::Announced, year, Utc::now())
    }
}

async fn revision(records: Vec<Record>, number: u64) -> Vec<String> {
    let correction = Correction::new(&records, number);
    let warehouse = Warehouse::new().await;
    warehouse.keep_definitions().await;
    warehouse.submit(&correction.fixed()).await;
    let year = YEARS[1];
    warehouse.writer().record(vec![row_of(&suspended(year))]).await.unwrap();
    let job = FreezeJob {
        year,
        addendum: None,
        signer: None,
        override_reason: None,
        overridden: Vec::new(),
        software: "a test".to_owned(),
    };
    warehouse.writer().freeze(job).await.unwrap();
    warehouse.submit(&correction.landed()).await;
    let ctx = warehouse.session().await;
    let condition = "indicator = 'GOV-09' and tier in ('district', 'region', 'republic')";
    let found = answers(&ctx, condition).await;
    let (fixed, now): (Records, Records) =
        (correction.fixed().into_iter().collect(), correction.now().into_iter().collect());
    let parameters = super::parameters(year);
    let of =
        Revision { year: Year::try_from(year).unwrap(), fixed: &fixed, now: &now, parameters: &parameters };
    let mut expected = BTreeMap::new();
    for (tier, code, units) in super::units() {
        expected.insert(key(year, tier, &code, None), oracle::fixing::revised(&of, units, None));
        for (headline, _) in HEADLINES {
            let fraction = oracle::fixing::revised(&of, units, Some(headline));
            expected.insert(key(year, tier, &code, Some(headline.code())), fraction);
        }
    }
    differences("GOV-09", found, expected)
}
