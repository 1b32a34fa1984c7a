//! Every request of a submission to an object store: it fails or the process ends there, before it took effect and
//! after; and stores that do not do what they must.

use super::super::inject::local::{Way, plant};
use super::object::{assert_sound, short, url};
use super::*;

const A: i64 = 100_000_000_001;

const WAYS: [Way; 4] = [
    Way { is_after: false, is_kill: false },
    Way { is_after: true, is_kill: false },
    Way { is_after: false, is_kill: true },
    Way { is_after: true, is_kill: true },
];

async fn rows_of(lake: &Lake) -> u64 {
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    snapshot.table("raw.s1_test").map_or(0, |table| table.row_count())
}

/// Two rows landed; two more, one of which replaces one, are about to.
async fn before(url: &str) -> Lake {
    let lake = Lake::init(url).await.unwrap();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, A, 1, None), (2024, 750_000_000, A + 1, 2, None)])
        .await
        .unwrap();
    lake
}

async fn submit(lake: &Lake) -> std::result::Result<Receipt, LakeError> {
    let writer = lake.writer(short()).await?;
    let rows = [(2024, 110_000_000, A, 3, None), (2023, 110_000_000, A + 2, 4, None)];
    land(&writer, &form(), "two", &rows).await
}

#[tokio::test]
async fn a_submission_is_there_once_or_not_at_all() {
    let lake = before(&url()).await;
    let counted = plant(lake.root(), None, WAYS[0]);
    submit(&lake).await.unwrap();
    let operations = counted.count();
    drop(counted);
    // The lease and its probe, three data files, two of the ledger, the decision, three log entries, the version.
    assert!(operations >= 12, "{operations}");
    let mut ambiguous = 0;
    for number in 0..operations {
        for way in WAYS {
            let told = format!("operation {number} of {operations}, {way:?}");
            let url = url();
            let lake = before(&url).await;
            let plan = plant(lake.root(), Some(number), way);
            let answer = submit(&lake).await;
            drop((plan, lake));
            ambiguous += u32::from(way.is_after);
            let lake = Lake::open(&url).await.unwrap();
            // A reader beside sees a whole version, whatever is still to be finished.
            let rows = rows_of(&lake).await;
            assert!(rows == 2 || rows == 3, "{told}: {rows} rows");
            // Whoever writes next takes over what was decided.
            drop(lake.writer(short()).await.unwrap());
            let rows = rows_of(&lake).await;
            assert!(rows == 2 || rows == 3, "{told}: {rows} rows");
            match &answer {
                // Nobody is left to hear what a killed process would have said.
                Err(_) if way.is_kill => {}
                Ok(_) => assert_eq!(rows, 3, "{told}"),
                // This machine's own disk refused the file that was to go up: refused, and nothing has changed.
                Err(LakeError::Io { action: "create", path, .. })
                    if path.extension().is_some_and(|ending| ending == "parquet") =>
                {
                    assert_eq!(rows, 2, "{told}");
                }
                Err(error) => panic!("{told}: one failed request is one to repeat: {error}"),
            }
            let again = submit(&lake).await.unwrap();
            assert_eq!(again.is_repeat, rows == 3, "{told}: {again:?}");
            assert_eq!(rows_of(&lake).await, 3, "{told}");
            assert_sound(&lake, &told).await;
        }
    }
    assert!(ambiguous >= 24, "{ambiguous}");
}

/// The store answers nothing for a while, then it is back: the writer that was left in the dark asks again before it
/// does anything else.
#[tokio::test]
async fn a_store_that_was_away_leaves_nothing_in_doubt() {
    let mut unanswered = 0;
    for number in 0..14 {
        for is_after in [false, true] {
            let told = format!("operation {number}, after {is_after}");
            let lake = before(&url()).await;
            let writer = lake.writer(options()).await.unwrap();
            let rows = [(2024, 110_000_000, A, 3, None), (2023, 110_000_000, A + 2, 4, None)];
            let plan = plant(lake.root(), Some(number), Way { is_after, is_kill: true });
            let answer = land(&writer, &form(), "two", &rows).await;
            drop(plan);
            let other = [(2024, 750_000_000, A + 5, 9, None)];
            assert!(!land(&writer, &form(), "three", &other).await.unwrap().is_repeat, "{told}");
            let again = land(&writer, &form(), "two", &rows).await.unwrap();
            let is_there = match &answer {
                Ok(_) => true,
                Err(LakeError::Unconfirmed { source, .. }) => {
                    unanswered += u32::from(matches!(**source, LakeError::NoAnswer { .. }));
                    true
                }
                Err(_) => false,
            };
            assert_eq!(again.is_repeat, is_there, "{told}: {answer:?}");
            assert_eq!(rows_of(&lake).await, 4, "{told}");
            drop(writer);
            assert_sound(&lake, &told).await;
        }
    }
    assert!(unanswered > 0);
}

/// Larger files go up in parts; one that fails is begun anew, and what is there is whole.
#[tokio::test]
async fn a_large_file_goes_up_in_parts() {
    let lake = Lake::init(&url()).await.unwrap();
    let remote = Arc::clone(lake.layout().store().remote().unwrap());
    let file = remote.scratch_file();
    let bytes: Vec<u8> = (0..(33_u32 << 20)).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&file, &bytes).unwrap();
    let wanted = (bytes.len() as u64, super::super::version::sha256_hex(&bytes));
    // Begin, three parts, end.
    for number in 0..5 {
        for way in &WAYS[..2] {
            let path = lake.root().join(format!("raw/large/{number}-{}", way.is_after));
            let plan = plant(lake.root(), Some(number), *way);
            remote.upload(&file, &path).unwrap();
            assert!(plan.count() > 5, "{number}, {way:?}: {}", plan.count());
            drop(plan);
            assert_eq!(lake.layout().store().digest(&path).unwrap(), wanted, "{number}, {way:?}");
        }
    }
}
