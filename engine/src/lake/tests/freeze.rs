//! A fixing that breaks off: no archive or one that verifies, and the next run converges.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::archive::{Announcement, FixingRules, FreezeJob, Recipient, verify_archive};
use super::super::fault::FreezeStep;
use super::*;
use crate::definitions::Assets;

const A: i64 = 100_000_000_001;

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn job() -> FreezeJob {
    FreezeJob {
        year: 2024,
        addendum: None,
        signer: None,
        override_reason: None,
        overridden: Vec::new(),
        software: "test".to_owned(),
    }
}

pub(super) fn by_clock(now: &str, fault: Option<Fault>) -> WriterOptions {
    WriterOptions { now: Some(at(now)), fault, ..options() }
}

/// A lake with one submission, announced for 7 to 18 October 2024.
pub(super) async fn announced() -> (Place, Lake) {
    let place = Place { folder: TempDir::new().unwrap() };
    let lake = Lake::init_at(&place.path(), at("2024-09-01T00:00:00Z")).await.unwrap();
    let writer = lake.writer(by_clock("2024-09-02T00:00:00Z", None)).await.unwrap();
    let definitions = [("sql/mart/one.sql".to_owned(), b"select 1".to_vec())].into();
    writer.use_definitions("hash", definitions).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, A, 1, None), (2024, 750_000_000, A, 2, None)])
        .await
        .unwrap();
    drop(writer);
    let writer = lake.writer(by_clock("2024-10-01T06:00:00Z", None)).await.unwrap();
    let announcement = Announcement {
        year: 2024,
        from: day("2024-10-07"),
        to: day("2024-10-18"),
        date: day("2024-10-10"),
        override_reason: None,
    };
    let rules = FixingRules::of_year(&Assets::built_in(), 2024).unwrap();
    let users = [Recipient { kind: "users".to_owned(), recipient: "*".to_owned() }];
    writer.announce(&announcement, &rules, &users, &[]).await.unwrap();
    (place, lake)
}

/// Every step of a fixing, and every step of the two landings in it.
fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = [
        FreezeStep::Begun,
        FreezeStep::Copied,
        FreezeStep::Counted,
        FreezeStep::Manifest,
        FreezeStep::Signed,
        FreezeStep::Sealed,
        FreezeStep::Named,
        FreezeStep::Fixed,
    ]
    .map(Fault::Freeze)
    .to_vec();
    faults.extend((0..6).map(|file| Fault::Freeze(FreezeStep::File(file))));
    faults.extend((0..6).map(|file| Fault::Freeze(FreezeStep::FileFull(file))));
    faults.extend([
        Fault::BeforePending,
        Fault::AfterPending,
        Fault::AfterLogEntry(0),
        Fault::AfterPublish,
        Fault::DataFileFull(0),
        Fault::DataFileFull(1),
        Fault::LogEntryFull(0),
    ]);
    faults
}

#[tokio::test]
async fn a_killed_fixing_leaves_no_archive_or_one_that_verifies() {
    for fault in faults() {
        let (place, lake) = announced().await;
        let writer = lake.writer(by_clock("2024-10-09T06:00:00Z", Some(fault))).await.unwrap();
        let error = writer.freeze(job()).await.unwrap_err();
        assert!(
            matches!(error, LakeError::Planted { .. } | LakeError::Io { .. } | LakeError::Unconfirmed { .. }),
            "{fault:?}: {error}"
        );
        drop(writer);
        converges(&place, &format!("{fault:?}")).await;
    }
}

/// After whatever happened there is no archive or one that verifies; the next run ends with exactly one, and
/// the lake is open and sound.
pub(super) async fn converges(place: &Place, told: &str) {
    let lake = place.reopen().await;
    let folder = lake.root().join("archive/2024");
    let had_archive = folder.exists();
    let first = std::fs::read(folder.join("manifest.json")).ok();
    if had_archive {
        assert_eq!(verify_archive(&folder, Some(2024), None).problems, [], "{told}");
    }
    // Recovery, some days later.
    let lake = place.reopen().await;
    let writer = lake.writer(by_clock("2024-10-11T06:00:00Z", None)).await.unwrap();
    let is_fixed = lake.snapshot(AsOf::Latest).await.unwrap().history().fixed(2024).is_some();
    assert!(had_archive || !is_fixed, "{told}: recorded without an archive");
    match writer.freeze(job()).await {
        Ok(_) => assert!(!is_fixed, "{told}"),
        Err(error) => assert!(is_fixed && error.to_string().contains("R-33"), "{told}: {error}"),
    }
    let report = verify_archive(&folder, Some(2024), None);
    assert_eq!(report.problems, [], "{told}");
    // A manifest that somebody may have seen stays the manifest of the year.
    let last = std::fs::read(folder.join("manifest.json")).unwrap();
    assert!(first.is_none_or(|first| first == last), "{told}: another manifest");
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let history = snapshot.history();
    let fixed: Vec<_> = history.archives().map(|event| event.manifest_sha256.clone()).collect();
    assert_eq!(fixed, [report.manifest_sha256], "{told}");
    let names: Vec<_> = std::fs::read_dir(lake.root().join("archive")).unwrap().flatten().collect();
    assert_eq!(names.len(), 1, "{told}: {names:?}");
    // Read back, the archive is the lake version: types, statistics, order of rows.
    let (opened, definitions) = snapshot.archives()[0].open().unwrap();
    let pinned = lake.snapshot(AsOf::Freeze(2024)).await.unwrap();
    assert_eq!((opened.number(), opened.sha256()), (pinned.number(), pinned.sha256()), "{told}");
    for (there, here) in pinned.tables().zip(opened.tables()) {
        assert_eq!((&there.schema, &there.files), (&here.schema, &here.files), "{told}: {}", here.name);
    }
    assert_eq!(definitions.len(), 1, "{told}");
    // Two rows went in, and no more; the lake is open again and sound.
    let table = report.manifest.unwrap().tables.into_iter().find(|table| table.name == "raw.s1_test");
    assert_eq!(table.unwrap().rows, 2, "{told}");
    land(&writer, &form(), "two", &[(2024, 110_000_000, A, 5, None)]).await.unwrap();
    let report = lake.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.pending.is_empty(), "{told}: {report:?}");
}

/// Landings within the suspension are refused in the commit, also by a writer that began before it.
#[tokio::test]
async fn r_39_the_gate_stands_in_the_commit() {
    let (_place, lake) = announced().await;
    let version = lake.snapshot(AsOf::Latest).await.unwrap().number();
    for (now, is_open) in [
        ("2024-10-06T18:59:59Z", true),
        ("2024-10-06T19:00:00Z", false),
        ("2024-10-18T18:59:59Z", false),
        ("2024-10-18T19:00:00Z", true),
    ] {
        let writer = lake.writer(by_clock(now, None)).await.unwrap();
        let landed = land(&writer, &form(), now, &[(2024, 110_000_000, A, 7, None)]).await;
        match landed {
            Ok(_) => assert!(is_open, "{now}"),
            Err(error) => assert!(!is_open && error.to_string().starts_with("FREEZE: "), "{now}: {error}"),
        }
    }
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().number(), version + 2);
}

/// A rotten byte in the lake is found before it is fixed.
#[tokio::test]
async fn a_damaged_lake_is_not_fixed() {
    let (_place, lake) = announced().await;
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let table = snapshot.table("raw.s1_test").unwrap();
    let data = table.folder.join(&table.files[0].path);
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[30] ^= 4;
    std::fs::write(&data, bytes).unwrap();
    let writer = lake.writer(by_clock("2024-10-09T06:00:00Z", None)).await.unwrap();
    let error = writer.freeze(job()).await.unwrap_err();
    assert!(error.to_string().contains("not those recorded when it landed"), "{error}");
    assert!(!lake.root().join("archive/2024").exists());
    assert!(lake.snapshot(AsOf::Latest).await.unwrap().history().fixed(2024).is_none());
}
