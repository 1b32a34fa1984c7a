//! What must not change an answer, and what must add up.

use std::collections::BTreeMap;

use bilim_domain::ids::{Bin, Kato, RegionCode};
use bilim_domain::pseudonym::Pseudonym;
use bilim_domain::records::{Form, Record};
use proptest::prelude::*;

use super::country::{self, country};
use super::table::TABLE;
use super::warehouse::{Answer, Key, Warehouse, answers, block_on, definitions};

/// A third region that a country gets: Astana, its district Saryarka.
const NEW_REGION: i32 = 71;
const NEW_DISTRICT: i32 = 711_310_000;

/// One or two indicators of each measure set: what is asked here is not how they are computed.
const CODES: [&str; 14] = [
    "ACC-01", "CON-01", "CON-04", "CON-06", "NET-01", "NET-03", "NET-07", "TCH-01", "TCH-03", "INF-02",
    "GRD-02", "SFC-02", "UNT-03", "EFF-02",
];

fn few_cases() -> ProptestConfig {
    ProptestConfig { cases: 2, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() }
}

/// Totals of these indicators in all tiers and years.
async fn totals(warehouse: &Warehouse) -> BTreeMap<(&'static str, Key), Answer> {
    let ctx = warehouse.session().await;
    let mut all = BTreeMap::new();
    for line in TABLE.iter().filter(|line| CODES.contains(&line.code)) {
        let breakdown = super::breakdown_name(line.breakdowns[0]);
        let levels: Vec<String> = line.levels.iter().map(|level| format!("'{level}'")).collect();
        let condition = format!(
            "indicator = '{}' and breakdown = '{breakdown}' and level in ({}) and tier in ('district', 'region', 'republic')",
            line.code,
            levels.join(", ")
        );
        all.extend(
            answers(&ctx, &condition).await.into_iter().map(|(key, answer)| ((line.code, key), answer)),
        );
    }
    all
}

async fn totals_of(submissions: &[Vec<Record>]) -> BTreeMap<(&'static str, Key), Answer> {
    let warehouse = Warehouse::new().await;
    for records in submissions {
        warehouse.submit(records).await;
    }
    totals(&warehouse).await
}

proptest! {
    #![proptest_config(few_cases())]

    /// Row order, a file cut in two between organisations, and the same rows submitted again in
    /// other bytes change nothing; the same bytes land once.
    #[test]
    fn the_way_of_submitting_changes_nothing(records in country(), seed in any::<u64>()) {
        block_on(async move {
            let plain = totals_of(std::slice::from_ref(&records)).await;
            let mut shuffled = records.clone();
            shuffle(&mut shuffled, seed);
            let (first, second): (Vec<Record>, Vec<Record>) =
                shuffled.iter().cloned().partition(|record| is_first_half(record, seed));
            let cut = Warehouse::new().await;
            for part in [first, second] {
                cut.submit(&part).await;
            }
            assert_eq!(totals(&cut).await, plain, "a file in two submissions");
            for receipt in cut.submit(&shuffled).await {
                // A form that was not cut comes in the same bytes again.
                let is_replaced = receipt.row_count == receipt.superseded_row_count;
                assert!(receipt.is_repeat || is_replaced, "{receipt:?}");
            }
            assert_eq!(totals(&cut).await, plain, "everything again, in another order");
            for receipt in cut.submit(&shuffled).await {
                assert!(receipt.is_repeat, "{receipt:?}");
            }
        });
    }

    /// The republic is the sum of its regions, a region of its districts; shares lie within bounds;
    /// another region leaves all others alone.
    #[test]
    fn parts_add_up_and_do_not_disturb_each_other(records in country()) {
        block_on(async move {
            // What is published of a unit does not follow from what its parts submit.
            let records: Vec<Record> = records.into_iter().filter(is_read).collect();
            let warehouse = Warehouse::new().await;
            warehouse.submit(&records).await;
            let before = totals(&warehouse).await;
            adds_up(&before);
            within_bounds(&before);
            let moved = moved(&records);
            warehouse.submit(&moved).await;
            let after = totals(&warehouse).await;
            adds_up(&after);
            let of_others = |(_, key): &(&'static str, Key)| key.1 != "republic" && !key.2.starts_with("71");
            let kept: BTreeMap<_, _> = after.into_iter().filter(|(key, _)| of_others(key)).collect();
            let others: BTreeMap<_, _> = before.into_iter().filter(|(key, _)| of_others(key)).collect();
            assert_eq!(kept, others);
        });
    }
}

/// Deterministic Fisher-Yates.
fn shuffle(records: &mut [Record], mut seed: u64) {
    for index in (1..records.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        records.swap(index, usize::try_from((seed >> 33) % (index as u64 + 1)).unwrap());
    }
}

/// Which of two files a record goes into; what one submission replaces as a whole stays together.
fn is_first_half(record: &Record, seed: u64) -> bool {
    let scope = match record {
        Record::Authority(row) => row.bin.get(),
        Record::Organisation(row) => row.org_bin.get(),
        Record::Pupil(row) => row.org_bin.get(),
        Record::Class(row) => row.org_bin.get(),
        Record::Staff(row) => row.org_bin.get(),
        Record::Infrastructure(row) => row.org_bin.get(),
        Record::Mark(row) => row.org_bin.get(),
        Record::Exam(row) => row.org_bin.get(),
        Record::Population(row) => row.kato.0.map_or(0, |kato| u64::from(kato.get())),
        Record::Vacancy(row) => row.org_bin.get(),
        Record::Licence(row) => row.org_bin.get(),
        Record::Inspection(row) => row.subject_bin.get(),
        // A course replaces those of its provider.
        Record::Training(row) => row.provider_bin.get(),
        Record::Certification(row) => row.org_bin.get(),
        Record::Aggregate(row) => row.series.bytes().chain(row.edition.bytes()).map(u64::from).sum(),
        Record::Unt(row) => u64::from(row.attempt) + row.pid.to_i64().unsigned_abs(),
        // No total here reads the others: they are not cut.
        _ => 0,
    };
    // The stem of a BIN counts up before its last two digits.
    (scope / 100 + scope + seed).is_multiple_of(2)
}

/// Numerators and denominators of the lower tier summed, where it is offered.
fn adds_up(all: &BTreeMap<(&'static str, Key), Answer>) {
    for (lower, upper) in [("district", "region"), ("region", "republic")] {
        let mut sums: BTreeMap<(&str, Key), (f64, f64)> = BTreeMap::new();
        for ((code, key), answer) in all.iter().filter(|((_, key), _)| key.1 == lower) {
            let mut above = key.clone();
            upper.clone_into(&mut above.1);
            above.2 = if upper == "region" { format!("{}0000000", &key.2[..2]) } else { "KZ".to_owned() };
            let sum = sums.entry((*code, above)).or_default();
            // A region without population is in no republic's ratio.
            if is_over_population(code) && answer.denominator.is_none() {
                continue;
            }
            sum.0 += answer.numerator.unwrap_or(0.0);
            sum.1 += answer.denominator.unwrap_or(0.0);
        }
        for (cell, sum) in sums {
            let whole = all.get(&cell).unwrap_or_else(|| panic!("{cell:?} is missing"));
            let whole = (whole.numerator.unwrap_or(0.0), whole.denominator.unwrap_or(0.0));
            assert_eq!(whole, sum, "{cell:?}");
        }
    }
}

fn is_over_population(code: &str) -> bool {
    code.starts_with("ACC-") || code == "TVE-09"
}

/// Parts of a whole lie between nothing and all of it; no count is negative.
fn within_bounds(all: &BTreeMap<(&'static str, Key), Answer>) {
    // A percentage that is no part of a whole: over another population, or of last year.
    let ratios = ["ACC-", "CON-06", "NET-07", "EFF-", "TVE-09"];
    for ((code, key), answer) in all {
        let entry = definitions().catalogue.indicators.iter().find(|entry| entry.code == *code).unwrap();
        let Some(value) = answer.value else { continue };
        assert!(value >= 0.0 || matches!(*code, "CON-06" | "EFF-03"), "{code} {key:?}: {answer:?}");
        if entry.unit == "percent" && !ratios.iter().any(|ratio| code.starts_with(ratio)) {
            assert!(value <= 100.0, "{code} {key:?}: {answer:?}");
        }
    }
}

/// The country once more as another region: other organisations and persons, all in one district.
fn moved(records: &[Record]) -> Vec<Record> {
    let district = Kato::try_from(NEW_DISTRICT).unwrap();
    let region = RegionCode::try_from(NEW_REGION).unwrap().kato().unwrap();
    let another = |bin: Bin| {
        let number = usize::try_from(bin.get() / 10 % 100_000).unwrap() / 10;
        country::bin(number + 500)
    };
    let mut moved = records.to_vec();
    moved.retain(|record| match record {
        Record::Population(row) => row.kato.0.is_some_and(|kato| kato.get() == 110_000_000),
        _ => true,
    });
    for record in &mut moved {
        macro_rules! of_organisation {
            ($row:ident) => {{
                $row.district = district;
                $row.org_bin = another($row.org_bin);
            }};
        }
        match record {
            Record::Organisation(row) => of_organisation!(row),
            Record::Pupil(row) => of_organisation!(row),
            Record::Class(row) => of_organisation!(row),
            Record::Staff(row) => {
                of_organisation!(row);
                // These are other persons, who leave and stay by themselves.
                row.tid = Pseudonym::from_i64(row.tid.to_i64() + 1_000_000);
            }
            Record::Infrastructure(row) => of_organisation!(row),
            Record::Mark(row) => of_organisation!(row),
            Record::Exam(row) => of_organisation!(row),
            Record::Unt(row) => {
                of_organisation!(row);
                // The key of a sitting is the person's: these are other persons.
                row.pid = Pseudonym::from_i64(row.pid.to_i64() + 1_000_000);
            }
            Record::Population(row) => row.kato.0 = Some(region),
            _ => unreachable!("not read"),
        }
    }
    moved
}

/// Whether one of the indicators here reads records of its form.
pub fn is_read(record: &Record) -> bool {
    matches!(
        record.form(),
        Form::Organisation
            | Form::Pupil
            | Form::Class
            | Form::Staff
            | Form::Infrastructure
            | Form::Mark
            | Form::Exam
            | Form::Unt
            | Form::Population
    )
}
