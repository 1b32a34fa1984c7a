//! Every storage operation of a submission, of upkeep and of a fixing: it fails or the process ends there, before
//! it took effect and after.

use super::super::inject::local::{Planted, Way, plant};
use super::freeze::{announced, by_clock, converges, job};
use super::*;

const A: i64 = 100_000_000_001;

const WAYS: [Way; 4] = [
    Way { is_after: false, is_kill: false },
    Way { is_after: true, is_kill: false },
    Way { is_after: false, is_kill: true },
    Way { is_after: true, is_kill: true },
];

/// Counts and disturbs nothing.
fn counting(lake: &Lake) -> Planted {
    plant(lake.root(), None, WAYS[0])
}

async fn rows_of(lake: &Lake) -> u64 {
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    snapshot.table("raw.s1_test").map_or(0, |table| table.row_count())
}

async fn assert_sound(lake: &Lake, told: &str) {
    let report = lake.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.pending.is_empty(), "{told}: {report:?}");
}

/// Two rows landed; two more, one of which replaces one, are about to.
async fn before() -> (Place, Lake) {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, A, 1, None), (2024, 750_000_000, A + 1, 2, None)])
        .await
        .unwrap();
    (place, lake)
}

async fn submit(lake: &Lake) -> std::result::Result<Receipt, LakeError> {
    let writer = lake.writer(options()).await?;
    let rows = [(2024, 110_000_000, A, 3, None), (2023, 110_000_000, A + 2, 4, None)];
    land(&writer, &form(), "two", &rows).await
}

#[tokio::test]
async fn a_submission_is_there_once_or_not_at_all() {
    let (_place, lake) = before().await;
    let counted = counting(&lake);
    submit(&lake).await.unwrap();
    let operations = counted.count();
    drop(counted);
    assert!(operations > 30, "{operations}");
    let (mut disturbed, mut ambiguous) = (0, 0);
    for number in 0..operations {
        for way in WAYS {
            let told = format!("operation {number} of {operations}, {way:?}");
            let (place, lake) = before().await;
            let plan = plant(lake.root(), Some(number), way);
            let answer = submit(&lake).await;
            drop((plan, lake));
            disturbed += 1;
            ambiguous += u32::from(way.is_after);
            let lake = place.reopen().await;
            // Whoever writes next takes over what was decided.
            let writer = lake.writer(options()).await.unwrap();
            let rows = rows_of(&lake).await;
            assert!(rows == 2 || rows == 3, "{told}: {rows} rows");
            match &answer {
                // Nobody is left to hear what a killed process would have said.
                Err(_) if way.is_kill => {}
                Ok(_) | Err(LakeError::Unconfirmed { .. }) => assert_eq!(rows, 3, "{told}: {answer:?}"),
                Err(_) => assert_eq!(rows, 2, "{told}: {answer:?}"),
            }
            drop(writer);
            let again = submit(&lake).await.unwrap();
            assert_eq!(again.is_repeat, rows == 3, "{told}: {again:?}");
            assert_eq!(rows_of(&lake).await, 3, "{told}");
            assert_sound(&lake, &told).await;
        }
    }
    assert!(disturbed >= 120 && ambiguous >= 60, "{disturbed}, {ambiguous}");
}

/// Merge whatever is small.
async fn upkeep(lake: Lake) -> std::result::Result<(), LakeError> {
    let mut merged = Vec::new();
    for group in lake.snapshot(AsOf::Latest).await?.merge_groups(options().max_file_rows) {
        merged.push(lake.merge(group, &options()).await?);
    }
    lake.writer(options()).await?.adopt(merged).await?;
    Ok(())
}

#[tokio::test]
async fn upkeep_changes_no_row() {
    let several = || async {
        let (place, lake) = Place::new().await;
        let writer = lake.writer(options()).await.unwrap();
        for bin in 0..3 {
            let rows = [(2024, 110_000_000, A + bin, bin, None)];
            land(&writer, &form(), &format!("{bin}"), &rows).await.unwrap();
        }
        drop(writer);
        (place, lake)
    };
    let (_place, lake) = several().await;
    let counted = counting(&lake);
    upkeep(lake.clone()).await.unwrap();
    let operations = counted.count();
    drop(counted);
    assert!(operations > 15, "{operations}");
    for number in 0..operations {
        for way in WAYS {
            let told = format!("operation {number} of {operations}, {way:?}");
            let (place, lake) = several().await;
            let plan = plant(lake.root(), Some(number), way);
            let _ = upkeep(lake.clone()).await;
            drop((plan, lake));
            let lake = place.reopen().await;
            assert_eq!(rows_of(&lake).await, 3, "{told}");
            upkeep(lake.clone()).await.unwrap();
            assert_eq!(rows_of(&lake).await, 3, "{told}");
            let files = lake.snapshot(AsOf::Latest).await.unwrap().table("raw.s1_test").unwrap().files.len();
            assert_eq!(files, 1, "{told}");
            assert_sound(&lake, &told).await;
        }
    }
}

#[tokio::test]
async fn a_fixing_is_whole_or_not_at_all() {
    let fix = |lake: Lake| async move {
        let writer = lake.writer(by_clock("2024-10-09T06:00:00Z", None)).await?;
        writer.freeze(job()).await
    };
    let (_place, lake) = announced().await;
    let counted = counting(&lake);
    fix(lake.clone()).await.unwrap();
    let operations = counted.count();
    drop(counted);
    assert!(operations > 60, "{operations}");
    for number in 0..operations {
        for way in WAYS {
            let told = format!("operation {number} of {operations}, {way:?}");
            let (place, lake) = announced().await;
            let plan = plant(lake.root(), Some(number), way);
            let answer = fix(lake.clone()).await;
            drop((plan, lake));
            let lake = place.reopen().await;
            // Opening for writing finishes what was decided; said to be fixed, it is.
            drop(lake.writer(by_clock("2024-10-10T06:00:00Z", None)).await.unwrap());
            let is_fixed = lake.snapshot(AsOf::Latest).await.unwrap().history().fixed(2024).is_some();
            assert!(answer.is_err() || is_fixed, "{told}");
            converges(&place, &told).await;
        }
    }
}

/// What was merged from files that a landing replaced meanwhile is not used, the rest is.
#[tokio::test]
async fn a_landing_beside_upkeep_wins() {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    for (number, district) in [(0, 110_000_000), (1, 110_000_000), (2, 750_000_000), (3, 750_000_000)] {
        let rows = [(2024, district, A + number, number, None)];
        land(&writer, &form(), &format!("{number}"), &rows).await.unwrap();
    }
    let groups = lake.snapshot(AsOf::Latest).await.unwrap().merge_groups(options().max_file_rows);
    let mut merged = Vec::new();
    for group in groups.into_iter().filter(|group| group.table() == "raw.s1_test") {
        merged.push(lake.merge(group, &options()).await.unwrap());
    }
    assert_eq!(merged.len(), 2);
    land(&writer, &form(), "better", &[(2024, 110_000_000, A, 9, None)]).await.unwrap();
    let (_, used) = writer.adopt(merged).await.unwrap();
    assert_eq!(used, [false, true]);
    let expected = format!("2024 11 {} 9; 2024 11 {} 1; 2024 75 {} 2; 2024 75 {} 3", A, A + 1, A + 2, A + 3);
    assert_eq!(live(&lake, AsOf::Latest, &form()).await, expected);
    drop((writer, lake));
    let lake = place.reopen().await;
    let report = lake.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.orphans.is_empty(), "{report:?}");
}
