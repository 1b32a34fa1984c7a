//! A lake in an object store: the same lake, and one writer at a time however wrong the clocks are.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

use super::*;

const A: i64 = 100_000_000_001;
const B: i64 = 100_000_000_002;

/// A name for a store that no other test has.
pub(super) fn url() -> String {
    format!("memory://{}/some/lake", uuid::Uuid::now_v7())
}

/// A lease so short that a test can wait for its end.
pub(super) fn short() -> WriterOptions {
    WriterOptions { lease: Duration::from_millis(60), ..options() }
}

pub(super) async fn assert_sound(lake: &Lake, told: &str) {
    let report = lake.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.pending.is_empty(), "{told}: {report:?}");
}

/// Where the lease stands: its epoch and whether it is released.
fn lease(lake: &Lake) -> (u64, bool) {
    let layout = lake.layout();
    let epoch = super::super::layout::numbered(layout.store(), &layout.leases(), |n| n.strip_suffix(".json"));
    let epoch = epoch.unwrap().unwrap();
    let text = String::from_utf8(layout.store().read(&layout.lease(epoch)).unwrap()).unwrap();
    (epoch, text.contains(r#""is_released":true"#))
}

#[tokio::test]
async fn it_answers_as_a_lake_in_a_folder_does() {
    let url = url();
    let lake = Lake::init(&url).await.unwrap();
    assert_eq!(lake.root().display().to_string(), url);
    assert!(matches!(Lake::init(&url).await, Err(LakeError::AlreadyThere { .. })));
    assert!(matches!(Lake::open(&format!("{url}/below")).await, Err(LakeError::NotALake { .. })));
    let (_place, folder) = Place::new().await;
    let form = form();
    let files = std::collections::BTreeMap::from([
        ("sql/a.sql".to_owned(), b"select 1".to_vec()),
        ("b.bin".to_owned(), vec![0xff, 0x00]),
    ]);
    for lake in [&lake, &folder] {
        let writer = lake.writer(options()).await.unwrap();
        writer.use_definitions("hash", files.clone()).await.unwrap();
        let first = [(2024, 110_000_000, A, 1, None), (2024, 110_000_000, B, 2, None)];
        land(&writer, &form, "one", &first).await.unwrap();
        // Part of a file goes, the organisation comes back in another region.
        land(&writer, &form, "two", &[(2024, 750_000_000, A, 5, None)]).await.unwrap();
        let again = land(&writer, &form, "two", &[(2024, 750_000_000, A, 5, None)]).await.unwrap();
        assert!(again.is_repeat);
        writer.land(vec![landing(&form, "refused", None)]).await.unwrap();
        for pid in 10..13 {
            let rows = [(2024, 750_000_000, A + pid, pid, None)];
            land(&writer, &form, &format!("more {pid}"), &rows).await.unwrap();
        }
        writer.merge_small_files(2).await.unwrap();
    }
    let reopened = Lake::open(&url).await.unwrap();
    for as_of in [AsOf::Version(0), AsOf::Version(1), AsOf::Version(2), AsOf::Latest] {
        let here = live(&reopened, as_of, &form).await;
        assert_eq!(here, live(&folder, as_of, &form).await);
        assert!(as_of == AsOf::Version(0) || here.contains("2024"), "{here}");
    }
    let ledger = "select submission, row_count, superseded_row_count, outcome from submission order by 1";
    let there = cells(&context(&folder, AsOf::Latest, &form).await, ledger).await;
    assert_eq!(cells(&context(&reopened, AsOf::Latest, &form).await, ledger).await, there);
    assert_eq!(reopened.definitions("hash").await.unwrap(), files);
    assert_eq!(reopened.definitions("other").await.unwrap().len(), 0);
    let report = reopened.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.orphans.is_empty(), "{report:?}");
    let local = folder.verify(true, 2).await.unwrap();
    assert_eq!((report.version_count, report.file_count), (local.version_count, local.file_count));
}

#[tokio::test]
async fn one_writer_follows_another() {
    let url = url();
    let lake = Lake::init(&url).await.unwrap();
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    assert_eq!(lease(&lake), (1, false));
    drop(writer);
    assert_eq!(lease(&lake), (1, true));
    // Released: the next one neither waits nor makes a version of its own.
    let begun = Instant::now();
    let writer = Lake::open(&url).await.unwrap().writer(options()).await.unwrap();
    assert!(begun.elapsed() < options().lease);
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().number(), 1);
    let receipt = land(&writer, &form, "two", &[(2024, 110_000_000, B, 2, None)]).await.unwrap();
    assert_eq!((receipt.submission, receipt.lake_version), (2, 2));
    assert_eq!(live(&lake, AsOf::Latest, &form).await, format!("2024 11 {A} 1; 2024 11 {B} 2"));
}

/// A clock ten days off, either way: neither is a living writer put aside, nor does a dead one stay for ever.
#[tokio::test]
async fn a_clock_ten_days_off_decides_nothing() {
    for days in [-10, 10] {
        let now = Utc::now() + TimeDelta::days(days);
        let far = WriterOptions { now: Some(now), ..short() };
        let lake = Lake::init(&url()).await.unwrap();
        // The holder lives, by a clock that is right; the other one's is ten days off. And the other way round.
        for (holder, other) in [(short(), far.clone()), (far.clone(), short())] {
            let held = lake.writer(holder.clone()).await.unwrap();
            let refused = lake.writer(other.clone()).await.unwrap_err();
            assert!(
                matches!(&refused, LakeError::Locked { holder, .. } if holder.starts_with("process")),
                "{refused}"
            );
            land(&held, &form(), "by the holder", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
            // It stops without releasing: whoever comes waits for the lease's length by its own count.
            held.core.lock.lease().unwrap().freeze();
            let begun = Instant::now();
            let follower = lake.writer(other).await.unwrap();
            let waited = begun.elapsed();
            assert!(waited >= holder.lease, "after {waited:?}");
            land(&follower, &form(), &format!("{days} {waited:?}"), &[(2024, 110_000_000, B, 2, None)])
                .await
                .unwrap();
            drop((held, follower));
        }
        assert_eq!(live(&lake, AsOf::Latest, &form()).await, format!("2024 11 {A} 1; 2024 11 {B} 2"));
        assert_sound(&lake, "ten days").await;
    }
}

/// A stale lease: who was stopped and goes on cannot commit again, and leaves nothing half done.
#[tokio::test]
async fn a_stale_holder_is_fenced() {
    let url = url();
    let (lake, other) = (Lake::init(&url).await.unwrap(), Lake::open(&url).await.unwrap());
    let (form, upsert) = (form(), upsert_form());
    let stale = lake.writer(short()).await.unwrap();
    land(&stale, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    let staged = stale.stage(&form, stream(vec![rows(&[(2024, 110_000_000, A, 7, None)])])).await.unwrap();
    stale.core.lock.lease().unwrap().freeze();

    let writer = other.writer(short()).await.unwrap();
    // Its epoch stands in every table before anything else.
    let fenced = other.snapshot(AsOf::Latest).await.unwrap();
    assert_eq!(fenced.number(), 2);
    assert!(fenced.tables().count() >= 3);
    for table in fenced.tables() {
        let entry = other.layout().log_entry(&table.name, table.version);
        let text = String::from_utf8(other.layout().store().read(&entry).unwrap()).unwrap();
        assert!(text.contains(r#""leaseEpoch":2"#) && !text.contains(r#""add""#), "{}: {text}", table.name);
    }
    // The stopped one goes on as if nothing had happened: with what it had staged, with a table that it knew,
    // with one that nobody ever wrote to, with upkeep.
    let lost = |error: LakeError| matches!(error, LakeError::LeaseLost { epoch: 1 });
    assert!(lost(stale.land(vec![landing(&form, "two", Some(staged))]).await.unwrap_err()));
    assert!(lost(land(&stale, &form, "two", &[(2024, 110_000_000, A, 8, None)]).await.unwrap_err()));
    assert!(lost(land(&stale, &upsert, "three", &[(2024, 110_000_000, A, 9, None)]).await.unwrap_err()));
    assert!(lost(
        stale.merge_small_files(2).await.map(drop).and(stale.record(vec![]).await.map(drop)).unwrap_err()
    ));

    let seen = format!("2024 11 {A} 1");
    assert_eq!(live(&other, AsOf::Latest, &form).await, seen);
    let receipt = land(&writer, &upsert, "four", &[(2024, 110_000_000, B, 4, None)]).await.unwrap();
    assert_eq!((receipt.submission, receipt.lake_version), (2, 3));
    drop((stale, writer));
    let report = other.verify(true, 2).await.unwrap();
    assert!(
        report.problems.is_empty() && report.orphans.is_empty() && report.pending.is_empty(),
        "{report:?}"
    );
    assert_eq!(lease(&other), (2, true));
}

/// What the stopped one had decided before it stopped is finished by who follows, before the fence.
#[tokio::test]
async fn what_a_stale_holder_decided_stands() {
    let url = url();
    let lake = Lake::init(&url).await.unwrap();
    let form = form();
    for fault in [Fault::AfterPending, Fault::AfterLogEntry(0), Fault::AfterPublish] {
        let stale = lake.writer(WriterOptions { fault: Some(fault), ..short() }).await.unwrap();
        let content = format!("{fault:?}");
        let rows = [(2024, 110_000_000, A, 1, None)];
        let error = land(&stale, &form, &content, &rows).await.unwrap_err();
        assert!(matches!(error, LakeError::Planted { .. }), "{error}");
        stale.core.lock.lease().unwrap().freeze();
        let writer = Lake::open(&url).await.unwrap().writer(short()).await.unwrap();
        assert!(land(&writer, &form, &content, &rows).await.unwrap().is_repeat, "{fault:?}");
        drop((stale, writer));
        assert_sound(&lake, &content).await;
    }
}

#[tokio::test]
async fn two_writers_at_once_take_turns() {
    let url = url();
    Lake::init(&url).await.unwrap();
    let work = |name: usize| {
        let url = url.clone();
        async move {
            let lake = Lake::open(&url).await.unwrap();
            for number in 0..4 {
                let patient = WriterOptions { wait: Duration::from_mins(1), ..options() };
                let writer = lake.writer(patient).await.unwrap();
                let bin = A + i64::try_from(name * 10 + number).unwrap();
                land(&writer, &form(), &format!("{name} {number}"), &[(2024, 110_000_000, bin, bin, None)])
                    .await
                    .unwrap();
            }
        }
    };
    tokio::join!(work(0), work(1), work(2));
    let lake = Lake::open(&url).await.unwrap();
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    assert_eq!((snapshot.number(), snapshot.table("raw.s1_test").unwrap().row_count()), (12, 12));
    assert_sound(&lake, "turns").await;
}

#[tokio::test]
async fn changed_bytes_show_and_are_not_answered() {
    let lake = Lake::init(&url()).await.unwrap();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    drop(writer);
    let table = Arc::clone(lake.snapshot(AsOf::Latest).await.unwrap().table("raw.s1_test").unwrap());
    let layout = lake.layout();
    let remote = layout.store().remote().unwrap();
    let files = [
        table.folder.join(&table.files[0].path),
        layout.log_entry("raw.s1_test", 0),
        layout.pending().join("1.json"),
        layout.snapshot(1),
    ];
    for path in files {
        let sound = layout.store().read(&path).unwrap();
        let mut bytes = sound.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        remote.overwrite(&path, bytes).await.unwrap();
        let report = lake.verify(true, 2).await.unwrap();
        assert!(report.problems.iter().any(|problem| problem.path == path), "{}: {report:?}", path.display());
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
            let config = SessionConfig::new().with_extension(Arc::new(VerifiedReads::default()));
            let context = SessionContext::new_with_config(config);
            let table = RawTable::new(&snapshot, &TableSpec::of_form(&form())).unwrap();
            context.register_table("t", Arc::new(table)).unwrap();
            let error = context.sql("select count(pid) from t").await.unwrap().collect().await.unwrap_err();
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
        remote.overwrite(&path, sound).await.unwrap();
    }
    assert_sound(&lake, "restored").await;
}

/// What needs a folder says so before it changes anything.
#[tokio::test]
async fn what_needs_a_folder_is_refused() {
    let lake = Lake::init(&url()).await.unwrap();
    let request = archive::QueueRequest {
        form: "S1.TEST".to_owned(),
        year: None,
        subject_bin: None,
        path: "none.csv".into(),
        source_system: None,
        signature: None,
        envelope: None,
        received_at: Utc::now(),
    };
    let error = lake.enqueue(request).await.unwrap_err();
    assert!(error.to_string().contains("submit it again when updates resume"), "{error}");
    assert!(lake.queued().await.unwrap().is_empty());
    let writer = lake.writer(options()).await.unwrap();
    let error = writer.freeze(super::freeze::job()).await.unwrap_err();
    assert!(matches!(error, LakeError::NeedsFolder { what: "a fixing", .. }), "{error}");
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().number(), 0);
}
