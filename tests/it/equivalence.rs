//! SQL = oracle: random countries through the real intake and lake, every indicator that has a
//! formula in `bilim_domain::oracle`, at district, region and republic.
//!
//! A cell without any row behind it is absent from `mart.indicator`; the oracle knows it as nothing,
//! or as a zero over a zero.

mod budget;
mod cohort;
pub mod country;
mod fixing;
mod governance;
mod international;
pub mod invariants;
mod ready;
mod registers;
mod services;
mod studies;
mod table;
pub mod warehouse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bilim_domain::dimension::{Language, Locality, Ownership, Sex};
use bilim_domain::ids::{Kato, RegionCode};
use bilim_domain::level::LevelCode;
use bilim_domain::oracle::{
    self, Breakdown, Cell, Dimension, Fraction, Indicator, Parameters, Records, UnitSet, UntThresholds,
};
use bilim_domain::records::{Category, Code, Delay, Destination, Funding, Record};
use bilim_domain::rounding::Decimal;
use bilim_domain::year::Year;
use datafusion::prelude::SessionContext;
use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use country::{DISTRICTS, SUBJECTS, YEARS};
use studies::AREAS;
use table::{Label, Line, READY, TABLE, members_of};
use warehouse::{Answer, Key, Warehouse, answers, block_on, definitions};

/// Countries after which every code was compared once.
const PARTS: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig {
        // Each code in three countries.
        cases: 12,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn sql_equals_the_oracle(records in country::country()) {
        let differences = block_on(differences(records));
        let shown = differences.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("\n");
        prop_assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
    }
}

#[test]
fn no_oracle_is_forgotten() {
    let catalogue = &definitions().catalogue;
    for indicator in Indicator::ALL {
        assert!(TABLE.iter().any(|line| line.oracle == *indicator), "{indicator} is not compared");
        let known = catalogue.indicators.iter().any(|entry| entry.code == indicator.code());
        assert!(known, "{indicator} is not in the catalogue");
    }
    for code in oracle::Ready::ALL {
        assert!(READY.iter().any(|line| line.oracle == *code), "{code} is not compared");
        let entry = catalogue.indicators.iter().find(|entry| entry.code == code.code());
        let is_ready = entry.is_some_and(|entry| entry.derivations.iter().all(|d| d.view.is_some()));
        // The sums of FAC-01 are no whole numbers.
        assert!(
            is_ready || *code == oracle::Ready::Fac01,
            "{code} is not in the catalogue, or is a fraction"
        );
    }
    for line in TABLE {
        let entry = catalogue.indicators.iter().find(|entry| entry.code == line.code).unwrap();
        let sums: Vec<_> = entry.derivations.iter().filter(|derivation| derivation.view.is_none()).collect();
        for level in line.levels {
            let is_offered = sums.iter().any(|derivation| {
                let levels = derivation.levels.as_ref().unwrap_or(&entry.levels);
                levels.iter().any(|known| known == level_name(line, *level))
            });
            assert!(is_offered, "{} has no level {level}", line.code);
        }
        for by in line.breakdowns {
            let name = breakdown_name(by);
            let is_offered = sums.iter().any(|derivation| derivation.breakdowns.contains(&name));
            assert!(is_offered, "{} has no breakdown {name}", line.code);
        }
    }
}

/// A new indicator needs an oracle.
#[test]
fn every_code_is_compared_with_an_oracle() {
    let compared: BTreeSet<&str> = TABLE
        .iter()
        .map(|line| line.code)
        .chain(READY.iter().map(|line| line.oracle.code()))
        .chain(international::CODES)
        .chain(cohort::CODES)
        .chain(governance::CODES)
        .chain(fixing::CODES)
        .collect();
    let catalogue: BTreeSet<&str> =
        definitions().catalogue.indicators.iter().map(|entry| entry.code.as_str()).collect();
    let missing: Vec<&str> = catalogue.difference(&compared).copied().collect();
    assert!(missing.is_empty(), "these have no oracle: {missing:?}");
    let unknown: Vec<&str> = compared.difference(&catalogue).copied().collect();
    assert!(unknown.is_empty(), "compared, but not in the catalogue: {unknown:?}");
}

/// What differs in a country, one line of text a cell.
async fn differences(records: Vec<Record>) -> Vec<String> {
    // Once something differs, only that is looked at again while the country shrinks.
    static FAILED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    static COUNTRIES: AtomicUsize = AtomicUsize::new(0);
    let failed = FAILED.lock().unwrap().clone();
    // Planning all codes takes minutes in a development build: every country answers a part of them, in turn.
    let part = COUNTRIES.fetch_add(1, Ordering::Relaxed) % PARTS;
    let is_asked = |index: usize, code: &str| {
        if failed.is_empty() { index % PARTS == part } else { failed.contains(code) }
    };
    let warehouse = Warehouse::new().await;
    warehouse.submit(&records).await;
    let ctx = warehouse.session().await;
    let records = Arc::new(records);
    // Mostly planning, which one thread does: two at a time.
    let permits = Arc::new(Semaphore::new(2));
    let mut compared = JoinSet::new();
    for (index, line) in TABLE.iter().enumerate() {
        if is_asked(index, line.code) {
            let (ctx, records, permits) = (ctx.clone(), Arc::clone(&records), Arc::clone(&permits));
            compared.spawn(async move {
                let _permit = permits.acquire().await.unwrap();
                (line.code, compare(&ctx, line, &records).await)
            });
        }
    }
    for (index, line) in READY.iter().enumerate() {
        let code = line.oracle.code();
        if is_asked(index, code) {
            let (ctx, records, permits) = (ctx.clone(), Arc::clone(&records), Arc::clone(&permits));
            compared.spawn(async move {
                let _permit = permits.acquire().await.unwrap();
                (code, ready::compare(&ctx, line, &records).await)
            });
        }
    }
    for (index, code) in international::CODES.into_iter().enumerate() {
        if is_asked(index, code) {
            let (ctx, records, permits) = (ctx.clone(), Arc::clone(&records), Arc::clone(&permits));
            compared.spawn(async move {
                let _permit = permits.acquire().await.unwrap();
                (code, international::compare(&ctx, code, &records).await)
            });
        }
    }
    let mut all = Vec::new();
    for (code, differences) in compared.join_all().await {
        if !differences.is_empty() {
            FAILED.lock().unwrap().insert(code);
            all.extend(differences);
        }
    }
    all
}

/// Compare all cells of a line; the answer is one line of text a difference.
async fn compare(ctx: &SessionContext, line: &Line, records: &[Record]) -> Vec<String> {
    let levels: Vec<String> =
        line.levels.iter().map(|level| format!("'{}'", level_name(line, *level))).collect();
    let breakdowns: Vec<String> =
        line.breakdowns.iter().map(|by| format!("'{}'", breakdown_name(by))).collect();
    let condition = format!(
        "indicator = '{}' and tier in ('district', 'region', 'republic') and level in ({}) and breakdown in ({}) and {}",
        line.code,
        levels.join(", "),
        breakdowns.join(", "),
        is_of_records(line),
    );
    let mut found = answers(ctx, &condition).await;
    let expected = expected(line, &country::records_of(records));
    let entry = definitions().catalogue.indicators.iter().find(|entry| entry.code == line.code).unwrap();
    let mut differences = Vec::new();
    for (key, fraction) in expected {
        let answer = found.remove(&key);
        if !is_equal(answer, fraction, line, u8::try_from(entry.decimals).unwrap()) {
            differences.push(format!("{} {key:?}: SQL {answer:?}, oracle {fraction:?}", line.code));
        }
    }
    // The oracle is asked for every cell that can exist; what is left has no counterpart.
    for (key, answer) in found {
        let is_last_year = key.0 == YEARS[0] || key.0 == YEARS[1];
        if is_last_year && answer.value.is_some() {
            differences.push(format!("{} {key:?}: SQL {answer:?}, no such cell", line.code));
        }
    }
    differences
}

/// The condition that leaves out what is published of a unit and replaces what nobody submitted there.
fn is_of_records(line: &Line) -> String {
    let entry = definitions().catalogue.indicators.iter().find(|entry| entry.code == line.code).unwrap();
    let sums = entry.derivations.iter().filter(|derivation| derivation.view.is_none());
    let sources: BTreeSet<String> = sums.map(|derivation| format!("'{}'", derivation.source)).collect();
    format!("source in ({})", sources.into_iter().collect::<Vec<_>>().join(", "))
}

/// Whether a published number stands where the records give no value.
fn is_published_too(line: &Line) -> bool {
    let entry = definitions().catalogue.indicators.iter().find(|entry| entry.code == line.code).unwrap();
    entry.derivations.iter().any(|derivation| derivation.view.is_some())
}

fn is_equal(answer: Option<Answer>, fraction: Option<Fraction>, line: &Line, decimals: u8) -> bool {
    let Some(fraction) = fraction else {
        return answer.is_none_or(|answer| answer.value.is_none());
    };
    let fraction = match line.label {
        Label::NumeratorOnly => Fraction { numerator: fraction.numerator, denominator: None },
        _ => fraction,
    };
    let Some(answer) = answer else {
        let is_whole = line.label != Label::ShareOfWhole;
        let is_without_value = fraction.denominator == Some(0);
        return (is_without_value && is_published_too(line))
            || fraction.numerator == 0 && (!is_whole || fraction.denominator.unwrap_or(0) == 0);
    };
    let whole = |value: i64| value as f64;
    let scale = if line.label == Label::NumeratorOnly { 1 } else { line.oracle.scale() };
    let value = match fraction.denominator {
        None => Some(whole(fraction.numerator)),
        Some(0) => None,
        Some(denominator) => Some(whole(fraction.numerator) * f64::from(scale) / whole(denominator)),
    };
    let rounded = |value: Option<f64>| value.map(|value| Decimal::round(value, decimals).unwrap());
    answer.numerator.unwrap_or(0.0) == whole(fraction.numerator)
        && answer.denominator.unwrap_or(0.0) == fraction.denominator.map_or(0.0, whole)
        && rounded(answer.value) == rounded(value)
}

/// What the oracle says of every cell of a line.
fn expected(line: &Line, records: &Records) -> BTreeMap<Key, Option<Fraction>> {
    let mut cells = BTreeMap::new();
    for year in YEARS {
        let parameters = parameters(year);
        for (tier, code, units) in units() {
            for level in line.levels {
                for dimensions in line.breakdowns {
                    for (by, members) in breakdowns(line.code, dimensions) {
                        let cell = Cell { year: Year::try_from(year).unwrap(), units, level: *level, by };
                        let fraction = oracle::evaluate(line.oracle, &cell, records, &parameters);
                        if is_offered(line, tier) {
                            let key = (
                                year,
                                tier.to_owned(),
                                code.clone(),
                                level_name(line, *level).to_owned(),
                                breakdown_name(dimensions),
                                members,
                            );
                            cells.insert(key, fraction);
                        }
                    }
                }
            }
        }
    }
    cells
}

/// How the catalogue spells a level of the line.
fn level_name(line: &Line, level: LevelCode) -> &'static str {
    if line.label == Label::NoLevel { "NA" } else { LevelCode::code(level) }
}

fn is_offered(line: &Line, tier: &str) -> bool {
    let entry = definitions().catalogue.indicators.iter().find(|entry| entry.code == line.code).unwrap();
    entry.derivations.iter().any(|d| d.view.is_none() && d.tiers.iter().any(|offered| offered == tier))
}

/// The parameters that hold in the years compared; the others are the oracle's own.
fn parameters(year: i32) -> Parameters {
    // datasets/reference/unt_threshold.csv: the test of 2024 had 10 tasks of mathematical literacy.
    let mathematics = if year == 2023 { 5 } else { 3 };
    let thresholds = UntThresholds {
        total: 50,
        subjects: BTreeMap::from([(SUBJECTS[0].to_owned(), 5), (SUBJECTS[1].to_owned(), mathematics)]),
        profile: 5,
    };
    Parameters { thresholds, ..Parameters::default() }
}

fn units() -> Vec<(&'static str, String, UnitSet)> {
    let mut units = vec![("republic", "KZ".to_owned(), UnitSet::Republic)];
    for district in DISTRICTS {
        let kato = Kato::try_from(district).unwrap();
        units.push(("district", district.to_string(), UnitSet::District(kato)));
    }
    for region in [11, 15] {
        let code = RegionCode::try_from(region).unwrap();
        units.push(("region", (region * 10_000_000).to_string(), UnitSet::Region(code)));
    }
    units
}

/// Every combination of members of the dimensions of a code, with its columns in `mart.indicator`.
fn breakdowns(code: &str, dimensions: &[Dimension]) -> Vec<(Breakdown, Vec<String>)> {
    let total = vec!["_T".to_owned(); warehouse::DIMENSIONS.len()];
    let mut all = vec![(Breakdown::default(), total)];
    for dimension in dimensions {
        let position = warehouse::DIMENSIONS.iter().position(|name| *name == name_of(*dimension)).unwrap();
        all = all
            .iter()
            .flat_map(|(by, members)| {
                broken_down(code, *dimension, by).into_iter().map(move |(by, member)| {
                    let mut members = members.clone();
                    members[position] = member;
                    (by, members)
                })
            })
            .collect();
    }
    all
}

fn broken_down(code: &str, dimension: Dimension, by: &Breakdown) -> Vec<(Breakdown, String)> {
    macro_rules! members {
        ($type:ident, $field:ident) => {
            $type::ALL
                .iter()
                .map(|member| (Breakdown { $field: Some(*member), ..by.clone() }, member.code().to_owned()))
                .collect()
        };
    }
    match dimension {
        Dimension::Sex => members!(Sex, sex),
        Dimension::Locality => members!(Locality, locality),
        Dimension::Language => members!(Language, language),
        Dimension::Ownership => members!(Ownership, ownership),
        Dimension::Category => members!(Category, category),
        Dimension::Funding => members!(Funding, funding),
        Dimension::Delay => members!(Delay, delay),
        Dimension::Destination => members!(Destination, destination),
        Dimension::StudyForm => unreachable!("no line is broken down by study form"),
        Dimension::Grade => (0..=12)
            .map(|grade| (Breakdown { grade: Some(grade), ..by.clone() }, grade.to_string()))
            .collect(),
        Dimension::Age => {
            (3..=24).map(|age| (Breakdown { age: Some(age), ..by.clone() }, age.to_string())).collect()
        }
        Dimension::Member => members_of(code)
            .iter()
            .map(|member| {
                (Breakdown { member: Some(Code::Borrowed(member)), ..by.clone() }, (*member).to_owned())
            })
            .collect(),
        Dimension::Subject => ["algebra", "kazakh"]
            .into_iter()
            .chain(SUBJECTS)
            .chain(AREAS.into_iter().filter(|area| !SUBJECTS.contains(area)))
            .map(|subject| {
                (Breakdown { subject: Some(Code::Borrowed(subject)), ..by.clone() }, subject.to_owned())
            })
            .collect(),
    }
}

fn name_of(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Sex => "sex",
        Dimension::Locality => "locality",
        Dimension::Language => "language",
        Dimension::Ownership => "ownership",
        Dimension::StudyForm => "study_form",
        Dimension::Grade => "grade",
        Dimension::Age => "age",
        Dimension::Subject => "subject",
        Dimension::Category
        | Dimension::Funding
        | Dimension::Delay
        | Dimension::Destination
        | Dimension::Member => "category",
    }
}

fn breakdown_name(dimensions: &[Dimension]) -> String {
    let mut names: Vec<&str> = dimensions.iter().map(|dimension| name_of(*dimension)).collect();
    names.sort_unstable();
    if names.is_empty() { "total".to_owned() } else { names.join(",") }
}
