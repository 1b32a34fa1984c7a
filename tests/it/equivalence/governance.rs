//! Random histories of submissions: late, rejected, signed or not, returned, replaced; what GOV says of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim::definitions::Severity;
use bilim::lake::archive::{EventKind, FreezeEvent};
use bilim::lake::{self, Confirmation, Evidence, Landing, Outcome, TableSpec};
use bilim_domain::calendar::{DateInterval, WorkingCalendar};
use bilim_domain::dimension::{Ownership, Sex};
use bilim_domain::level::{Composite, Level, LevelCode};
use bilim_domain::oracle::Fraction;
use bilim_domain::oracle::governance::{self, FormFacts, GovernanceCell, History, Publication, Submission};
use bilim_domain::pseudonym::Pseudonym;
use bilim_domain::records::{
    Category, Education, ExitReason, Form, Hundredths, OrgType, Position, Record, Staff, Tenths,
};
use bilim_domain::year::Year;
use chrono::{Datelike, NaiveDate, NaiveTime, Utc};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use proptest::prelude::*;

use super::country::{Bits, DISTRICTS, YEARS, bin, day, kato, mixed, passport_of, plain_pupil, year};
use super::fixing;
use super::warehouse::{Answer, Key, Warehouse, answers, block_on, definitions};

/// Codes that are compared here.
pub const CODES: [&str; 7] = ["GOV-01", "GOV-02", "GOV-03", "GOV-04", "GOV-05", "GOV-06", "GOV-11"];

/// Forms that are submitted; the others are owed and missing.
const FORMS: [Form; 3] = [Form::Organisation, Form::Pupil, Form::Staff];
const TYPES: [OrgType; 3] = [OrgType::General, OrgType::Kindergarten, OrgType::College];

fn histories() -> impl Strategy<Value = (Vec<u64>, u64)> {
    (prop::collection::vec(any::<u64>(), 1..=12), any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn governance_equals_the_oracle((numbers, number) in histories()) {
        let differences = block_on(differences(numbers, number));
        let shown = differences.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("\n");
        prop_assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
    }
}

/// Facts of the forms, from their definitions.
fn forms() -> BTreeMap<Form, FormFacts> {
    let known = Form::ALL.iter().filter_map(|form| Some((*form, definitions().form(form.code())?)));
    let facts = known.map(|(form, definition)| {
        let of_severity = |severity: Severity| {
            i64::try_from(definition.rules.iter().filter(|rule| rule.severity == severity).count()).unwrap()
        };
        let fields = i64::try_from(definition.fields.len()).unwrap();
        let required = definition.fields.iter().filter(|field| field.is_required).count();
        let types = OrgType::ALL.iter().map(|of| of.code());
        let owed_by = types.filter(|of| definition.owed_by.iter().any(|by| by == of)).collect();
        let facts = FormFacts {
            owed_by,
            required: i64::try_from(required).unwrap(),
            error_checks: fields + of_severity(Severity::Error),
            warning_checks: of_severity(Severity::Warning),
        };
        (form, facts)
    });
    facts.collect()
}

/// The calendar of the reference data.
pub fn calendar() -> WorkingCalendar {
    let text = definitions().assets.text("datasets/reference/calendar.csv").unwrap();
    let days = text.lines().filter_map(|line| {
        let mut cells = line.split(',');
        let date: NaiveDate = cells.next()?.parse().ok()?;
        Some((date, cells.next()? == "true"))
    });
    WorkingCalendar::new(days).unwrap()
}

/// One submission unfolded from a number, arriving some days after the one before.
fn submission(index: usize, number: u64, arrived_on: NaiveDate) -> Submission {
    let mut bits = Bits(number);
    let form = bits.one(&FORMS);
    let place = usize::try_from(bits.below(3)).unwrap();
    let reporting = if bits.rarely(4) { YEARS[0] } else { YEARS[1] };
    let is_accepted = !bits.rarely(5);
    let mut records = Vec::new();
    for row in 0..=bits.below(3) {
        let number = mixed(number, 1 + row);
        match form {
            Form::Organisation if row == 0 => records.push(passport(place, number, reporting)),
            Form::Organisation => {}
            Form::Pupil => records.push(pupil(place, row, number, reporting)),
            _ => records.push(staff(place, row, number, reporting)),
        }
    }
    Submission {
        form,
        year: year(reporting),
        org_bin: bin(place),
        records,
        arrived_on,
        is_accepted,
        failed: [
            if is_accepted { 0 } else { 1 + i64::from(index.is_multiple_of(2)) },
            i64::from(bits.small(2)),
        ],
        is_signed: bits.rarely(2) && is_accepted,
        is_returned: bits.rarely(4) && is_accepted,
    }
}

/// Days around which something happens, before and after the first landings of 2024.
fn event(bits: &mut Bits, reporting: i32) -> NaiveDate {
    let (month, date) = bits.one(&[(9, 1), (9, 27), (9, 28), (10, 4), (10, 5), (10, 8), (10, 24)]);
    day(reporting, month, date)
}

fn district(place: usize) -> i32 {
    DISTRICTS[place]
}

fn passport(place: usize, number: u64, reporting: i32) -> Record {
    let mut bits = Bits(number);
    let mut row = passport_of(TYPES[place]);
    row.year = year(reporting);
    row.district = kato(district(place));
    row.org_bin = bin(place);
    row.ownership = bits.one(Ownership::ALL);
    row.name_kk = bits.one(&[None, Some("ұйым")]).map(str::to_owned);
    row.opened = bits.one(&[None, Some(day(2000, 9, 1)), Some(day(2000, 9, 1))]);
    row.closed = bits.one(&[None, None, None, Some(event(&mut Bits(bits.0), reporting))]);
    row.merged_into = None;
    row.split_from = None;
    Record::Organisation(row)
}

fn pupil(place: usize, index: u64, number: u64, reporting: i32) -> Record {
    let mut bits = Bits(number);
    let mut row = plain_pupil(reporting, 0x60_0000 + index, 5, None);
    row.district = kato(district(place));
    row.org_bin = bin(place);
    (row.level, row.grade) = match TYPES[place] {
        OrgType::General => (Level::BasicSecondary, 5),
        OrgType::Kindergarten => (Level::PreSchool, 0),
        _ => (Level::Tve, 1),
    };
    row.birth = format!(
        "{}-03",
        reporting
            - if row.grade == 0 {
                4
            } else if row.level == Level::Tve {
                16
            } else {
                11
            }
    )
    .parse()
    .unwrap();
    row.prev_grade_result = None;
    row.shift = bits.one(&[None, Some(1)]);
    row.enrol_from = if bits.rarely(2) { event(&mut bits, reporting) } else { day(2022, 9, 1) };
    let left = event(&mut bits, reporting);
    row.enrol_to = (bits.rarely(3) && left >= row.enrol_from).then_some(left);
    row.exit_reason = row.enrol_to.map(|_| ExitReason::Other);
    Record::Pupil(row)
}

fn staff(place: usize, index: u64, number: u64, reporting: i32) -> Record {
    let mut bits = Bits(number);
    Record::Staff(Staff {
        year: year(reporting),
        district: kato(district(place)),
        org_bin: bin(place),
        tid: Pseudonym::from_bits(0x70_0000 + index),
        sex: Sex::Female,
        birth: "1980-03".parse().unwrap(),
        position: Position::Teacher,
        is_teacher: true,
        education: Education::Higher,
        subject: None,
        load_hours: bits.one(&[None, Some(Tenths(180))]),
        rate_fte: Hundredths(100),
        is_main_job: true,
        experience_years: bits.one(&[None, Some(5)]),
        category: Category::Expert,
        category_from: bits.rarely(2).then(|| event(&mut bits, reporting)),
        category_to: None,
        salary_band: None,
        left_reason: None,
        has_pedagogical_education: None,
    })
}

/// A verified signature of the head over a file.
fn confirmation(landing: &Landing, submission: &Submission) -> Box<Confirmation> {
    let identity = format!("{:0>64}", landing.content_sha256.get(..60).unwrap());
    Box::new(Confirmation {
        form: landing.form.clone(),
        year: landing.year,
        subject_bin: i64::try_from(submission.org_bin.get()).unwrap(),
        role: "head".to_owned(),
        certificate_serial: "1000".to_owned(),
        algorithm: "RSA SHA-256".to_owned(),
        signed_at: landing.submitted_at,
        is_time_stamped: false,
        file_sha256: landing.content_sha256.clone(),
        envelope_sha256: None,
        submission_id: None,
        nonce: None,
        signature_sha256: identity.clone(),
        cms_sha256: identity,
        evidence: vec![Evidence { ending: "p7s", bytes: landing.content_sha256.clone().into_bytes() }],
    })
}

/// Land one submission as the program does: rows, signature, changes, decision.
async fn land(warehouse: &Warehouse, submission: &Submission, decisions: &mut i64) -> bool {
    let mut landing = warehouse.landing_of(&submission.records).await;
    let noon = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
    landing.submitted_at = submission.arrived_on.and_time(noon).and_utc();
    landing.year = Some(i32::from(submission.year));
    landing.subject_bin = Some(i64::try_from(submission.org_bin.get()).unwrap());
    landing.error_count = submission.failed[0].unsigned_abs();
    landing.warning_count = submission.failed[1].unsigned_abs();
    if submission.is_signed {
        landing.confirmation = Some(confirmation(&landing, submission));
    }
    if !submission.is_accepted {
        landing.outcome = Outcome::Rejected;
    }
    let writer = warehouse.writer();
    let receipt = writer.land(vec![landing]).await.unwrap().remove(0);
    if receipt.is_repeat {
        return false;
    }
    if submission.is_accepted {
        let rows = warehouse.changes(&receipt).await;
        if rows.iter().any(|(_, batch)| batch.num_rows() > 0) {
            writer.record(rows).await.unwrap();
        }
    }
    if submission.is_returned {
        *decisions += 1;
        let spec = lake::decision();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![*decisions])),
            Arc::new(Int64Array::from(vec![receipt.submission])),
            Arc::new(Int64Array::from(vec![1])),
            Arc::new(StringArray::from(vec!["returned"])),
            Arc::new(StringArray::from(vec!["a reason"])),
            Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")),
        ];
        let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap();
        writer.record(vec![(spec, row)]).await.unwrap();
    }
    true
}

/// A suspension announced for a year, as the ledger has it.
fn announced(suspension: DateInterval) -> (TableSpec, RecordBatch) {
    let at = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let (from, to) = (suspension.from(), suspension.to());
    fixing::row_of(&FreezeEvent {
        sequence: 1,
        date_from: Some(from),
        date_to: Some(to),
        fixing_date: Some(from),
        suspended_from: Some(at(from)),
        reopens_at: Some(at(to)),
        ..FreezeEvent::new(EventKind::Announced, from.year(), at(from - chrono::Days::new(9)))
    })
}

/// Publications of both years around their dates, or none.
fn publications(number: u64) -> BTreeMap<i32, Vec<(Publication, Option<NaiveDate>)>> {
    let mut bits = Bits(number);
    YEARS
        .into_iter()
        .map(|year| {
            let report = bits.one(&[None, Some(day(year + 1, 12, 1)), Some(day(year + 1, 12, 2))]);
            let collection = bits.one(&[None, Some(day(year + 1, 3, 1)), Some(day(year + 1, 3, 2))]);
            (year, vec![(Publication::Report, report), (Publication::Collection, collection)])
        })
        .collect()
}

async fn differences(numbers: Vec<u64>, number: u64) -> Vec<String> {
    let warehouse = Warehouse::new().await;
    let mut bits = Bits(mixed(number, 1));
    let suspension = DateInterval::new(day(2024, 10, 7), day(2024, 10, 9)).unwrap();
    let suspensions = if bits.rarely(2) { vec![suspension] } else { Vec::new() };
    for suspension in &suspensions {
        warehouse.writer().record(vec![announced(*suspension)]).await.unwrap();
    }
    let mut submissions = Vec::new();
    let mut arrived_on = day(2024, 9, 25);
    let mut decisions = 0;
    for (index, number) in numbers.into_iter().enumerate() {
        arrived_on = arrived_on + chrono::Days::new(Bits(mixed(number, 99)).below(6));
        let submission = submission(index, number, arrived_on);
        // The same bytes once more are no submission.
        if land(&warehouse, &submission, &mut decisions).await {
            submissions.push(submission);
        }
    }
    let publications = publications(mixed(number, 2));
    record_publications(&warehouse, &publications).await;
    let history = History { submissions, forms: forms(), calendar: calendar(), suspensions, term: 5 };
    compare(&warehouse, &history, &publications).await
}

async fn record_publications(
    warehouse: &Warehouse,
    publications: &BTreeMap<i32, Vec<(Publication, Option<NaiveDate>)>>,
) {
    let epoch = day(1970, 1, 1);
    for (year, kinds) in publications {
        for (kind, published_on) in kinds {
            let Some(published_on) = published_on else { continue };
            let spec = lake::publication();
            let days = i32::try_from((*published_on - epoch).num_days()).unwrap();
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from(vec![name(*kind)])),
                Arc::new(Int32Array::from(vec![*year])),
                Arc::new(Date32Array::from(vec![days])),
                Arc::new(Int64Array::from(vec![1])),
                Arc::new(StringArray::from(vec![None::<&str>])),
                Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")),
            ];
            let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap();
            warehouse.writer().record(vec![(spec, row)]).await.unwrap();
        }
    }
}

fn name(publication: Publication) -> &'static str {
    match publication {
        Publication::Report => "national_report",
        Publication::Collection => "national_collection",
    }
}

/// Every cell of every code; the answer is one line of text a difference.
async fn compare(
    warehouse: &Warehouse,
    history: &History,
    publications: &BTreeMap<i32, Vec<(Publication, Option<NaiveDate>)>>,
) -> Vec<String> {
    let ctx = warehouse.session().await;
    let mut differences = Vec::new();
    for code in CODES {
        let condition = format!(
            "indicator = '{code}' and tier in ('district', 'region', 'republic') and level in ('all', 'school', 'tve') and \
             breakdown in ('total', 'category', 'ownership')"
        );
        let mut found = answers(&ctx, &condition).await;
        let expected =
            if code == "GOV-11" { punctuality(history, publications) } else { expected(code, history) };
        for (key, fraction) in expected {
            let answer = found.remove(&key);
            if !is_equal(answer, fraction) {
                differences.push(format!("{code} {key:?}: SQL {answer:?}, oracle {fraction:?}"));
            }
        }
        for (key, answer) in found.into_iter().filter(|(_, answer)| answer.value.is_some()) {
            differences.push(format!("{code} {key:?}: SQL {answer:?}, no such cell"));
        }
    }
    differences
}

fn is_equal(answer: Option<Answer>, fraction: Fraction) -> bool {
    let (numerator, denominator) = (fraction.numerator as f64, fraction.denominator.unwrap_or(0) as f64);
    let answer = answer.map(|answer| (answer.numerator.unwrap_or(0.0), answer.denominator.unwrap_or(0.0)));
    answer.unwrap_or((0.0, 0.0)) == (numerator, denominator)
}

fn categories(code: &str) -> Vec<&'static str> {
    match code {
        "GOV-01" | "GOV-02" | "GOV-05" => Form::ALL.iter().map(|form| form.code()).collect(),
        "GOV-06" => vec!["error", "warning"],
        _ => vec![
            "organisation_opened",
            "organisation_closed",
            "learner_enrolled",
            "learner_left",
            "category_awarded",
        ],
    }
}

fn expected(code: &str, history: &History) -> BTreeMap<Key, Fraction> {
    let mut cells = BTreeMap::new();
    for year in YEARS {
        for (tier, geo_code, units) in super::units() {
            for level in [
                LevelCode::Composite(Composite::All),
                LevelCode::Composite(Composite::School),
                LevelCode::Single(Level::Tve),
            ] {
                let total = GovernanceCell {
                    year: Year::try_from(year).unwrap(),
                    units,
                    level,
                    category: None,
                    ownership: None,
                };
                let mut asked = vec![(total.clone(), "total", "_T", "_T")];
                for category in categories(code) {
                    let cell = GovernanceCell { category: Some(category), ..total.clone() };
                    asked.push((cell, "category", "_T", category));
                }
                let ownerships = if code == "GOV-01" { Ownership::ALL } else { &[] };
                for ownership in ownerships {
                    let cell = GovernanceCell { ownership: Some(*ownership), ..total.clone() };
                    asked.push((cell, "ownership", ownership.code(), "_T"));
                }
                for (cell, breakdown, ownership, category) in asked {
                    let members = ["_T", "_T", "_T", ownership, "_T", "_T", "_T", "_T", category];
                    let key = (
                        year,
                        tier.to_owned(),
                        geo_code.clone(),
                        LevelCode::code(level).to_owned(),
                        breakdown.to_owned(),
                        members.map(str::to_owned).to_vec(),
                    );
                    cells.insert(key, evaluate(code, history, &cell));
                }
            }
        }
    }
    cells
}

fn evaluate(code: &str, history: &History, cell: &GovernanceCell) -> Fraction {
    let of = |numerator, denominator| Fraction { numerator, denominator: Some(denominator) };
    let changes = || governance::changes(history, cell);
    match code {
        "GOV-01" => governance::completeness(history, cell),
        "GOV-02" => governance::filled(history, cell),
        "GOV-03" => of(changes().on_time, changes().count),
        "GOV-04" => of(changes().lag_days, changes().count),
        "GOV-05" => governance::confirmed(history, cell),
        _ => governance::failed_checks(history, cell),
    }
}

/// GOV-11 of the years that have passports or a publication.
fn punctuality(
    history: &History,
    publications: &BTreeMap<i32, Vec<(Publication, Option<NaiveDate>)>>,
) -> BTreeMap<Key, Fraction> {
    let mut cells = BTreeMap::new();
    for (year, all) in publications {
        let is_reported = history.submissions.iter().any(|submission| {
            submission.is_accepted
                && submission.form == Form::Organisation
                && i32::from(submission.year) == *year
        });
        // What is not out is owed only of a year with passports.
        let known: Vec<_> =
            all.iter().copied().filter(|(_, published_on)| is_reported || published_on.is_some()).collect();
        let mut asked = vec![("total", "_T", known.clone())];
        for (kind, published_on) in known {
            asked.push(("category", name(kind), vec![(kind, published_on)]));
        }
        for (breakdown, category, of) in asked {
            let members = ["_T", "_T", "_T", "_T", "_T", "_T", "_T", "_T", category];
            let key = (
                *year,
                "republic".to_owned(),
                "KZ".to_owned(),
                "all".to_owned(),
                breakdown.to_owned(),
                members.map(str::to_owned).to_vec(),
            );
            let year = Year::try_from(*year).unwrap();
            cells.insert(key, governance::punctuality(year, &of, Utc::now().date_naive()));
        }
    }
    cells
}
