use super::*;

const A: i64 = 100_000_000_001;
const B: i64 = 100_000_000_002;
const OLD: &str = "2024 11 100000000001 1; 2024 11 100000000002 2";
const NEW: &str = "2024 11 100000000001 5; 2024 11 100000000002 2";

/// Land one submission whole, then a correction that breaks off at `fault`.
async fn broken(fault: Fault) -> (Place, LakeError) {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None), (2024, 110_000_000, B, 2, None)])
        .await
        .unwrap();
    drop(writer);
    let writer = lake.writer(WriterOptions { fault: Some(fault), ..options() }).await.unwrap();
    let error = land(&writer, &form, "two", &[(2024, 110_000_000, A, 5, None)]).await.unwrap_err();
    (place, error)
}

#[tokio::test]
async fn a_crash_anywhere_leaves_the_old_state_or_the_new_one() {
    let form = form();
    let faults = [
        (Fault::BeforePending, false),
        (Fault::AfterPending, true),
        (Fault::AfterLogEntry(0), true),
        (Fault::AfterLogEntry(1), true),
        (Fault::AfterLogEntry(2), true),
        (Fault::AfterPublish, true),
    ];
    for (fault, is_decided) in faults {
        let (place, error) = broken(fault).await;
        assert!(matches!(error, LakeError::Planted { .. }), "{fault:?}: {error}");
        // A reader beside the crash sees a whole version.
        let lake = place.reopen().await;
        let seen = live(&lake, AsOf::Latest, &form).await;
        assert_eq!(seen, if fault == Fault::AfterPublish { NEW } else { OLD }, "{fault:?}");
        // The next writer decides for good.
        let writer = lake.writer(options()).await.unwrap();
        let recovered = live(&lake, AsOf::Latest, &form).await;
        assert_eq!(recovered, if is_decided { NEW } else { OLD }, "{fault:?}");
        let context = context(&lake, AsOf::Latest, &form).await;
        let ledger =
            cells(&context, "select submission, superseded_row_count from submission order by 1").await;
        assert_eq!(ledger, if is_decided { "1 0; 2 1" } else { "1 0" }, "{fault:?}: ledger and table agree");
        // The same bytes again converge, whatever had happened.
        let receipt = land(&writer, &form, "two", &[(2024, 110_000_000, A, 5, None)]).await.unwrap();
        assert_eq!(receipt.is_repeat, is_decided, "{fault:?}");
        assert_eq!(live(&lake, AsOf::Latest, &form).await, NEW, "{fault:?}");
        assert_eq!(live(&lake, AsOf::Version(1), &form).await, OLD, "{fault:?}");
        let report = lake.verify(true, 2).await.unwrap();
        assert!(report.problems.is_empty() && report.pending.is_empty(), "{fault:?}: {report:?}");
    }
}

#[tokio::test]
async fn a_crash_during_recovery_is_recovered_too() {
    let (place, _) = broken(Fault::AfterLogEntry(0)).await;
    let lake = place.reopen().await;
    // Half a recovery: one more entry of the pending landing, then nothing.
    let pending = super::super::pending::Pending::find(lake.layout()).unwrap();
    let faults = super::super::fault::Faults::new(Some(Fault::AfterLogEntry(1)));
    assert!(pending[0].carry_out(lake.layout(), &faults).is_err());
    let _writer = lake.writer(options()).await.unwrap();
    assert_eq!(live(&lake, AsOf::Latest, &form()).await, NEW);
}

#[tokio::test]
async fn a_full_disk_while_writing_data_changes_nothing() {
    // 0 = the new rows, 1 = the rewritten file, 2.. = the ledger.
    for number in 0..4 {
        let (place, error) = broken(Fault::DataFileFull(number)).await;
        let text = format!("{error}");
        assert!(matches!(error, LakeError::Io { .. }) && text.contains("free some space"), "{text}");
        let lake = place.reopen().await;
        assert_eq!(live(&lake, AsOf::Latest, &form()).await, OLD);
        let report = lake.verify(true, 2).await.unwrap();
        assert!(report.problems.is_empty() && report.orphans.is_empty(), "{number}: {report:?}");
    }
}

#[tokio::test]
async fn a_full_disk_while_committing_is_finished_by_the_next_landing() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer =
        lake.writer(WriterOptions { fault: Some(Fault::LogEntryFull(1)), ..options() }).await.unwrap();
    let error = land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap_err();
    assert!(matches!(error, LakeError::Unconfirmed { version: 1, .. }), "{error}");
    // The fault stays, so this writer cannot get on; it says so and does not mix the two.
    let error = land(&writer, &form, "two", &[(2024, 110_000_000, B, 2, None)]).await.unwrap_err();
    assert!(matches!(error, LakeError::Io { .. }), "{error}");
    drop(writer);
    let lake = place.reopen().await;
    let writer = lake.writer(options()).await.unwrap();
    assert!(land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap().is_repeat);
    assert!(!land(&writer, &form, "two", &[(2024, 110_000_000, B, 2, None)]).await.unwrap().is_repeat);
    assert_eq!(live(&lake, AsOf::Latest, &form).await, OLD);
}

#[tokio::test]
async fn a_commit_of_another_program_is_an_error_and_is_not_overwritten() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    let entry = lake.root().join("raw/s1_test/_delta_log").join(format!("{:020}.json", 1));
    std::fs::write(&entry, "{\"commitInfo\":{}}\n").unwrap();
    let error = land(&writer, &form, "two", &[(2024, 110_000_000, A, 2, None)]).await.unwrap_err();
    assert!(format!("{error:?}").contains("ForeignCommit"), "{error:?}");
    drop(writer);
    assert_eq!(std::fs::read_to_string(&entry).unwrap(), "{\"commitInfo\":{}}\n");
    let error = place.reopen().await.writer(options()).await.unwrap_err();
    assert!(matches!(error, LakeError::ForeignCommit { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_tear_a_landing() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    for round in 0..12_u32 {
        let staged = writer
            .stage(&form, stream(vec![rows(&[(2024, 110_000_000, A, i64::from(round), None)])]))
            .await
            .unwrap();
        let (writer, landings) = (writer.clone(), vec![landing(&form, &round.to_string(), Some(staged))]);
        let landing = tokio::spawn(async move { writer.land(landings).await });
        // At some point within the landing, another one each round.
        tokio::time::sleep(std::time::Duration::from_micros(u64::from(round) * 700)).await;
        landing.abort();
    }
    // A landing that had begun goes on; wait for the last one by landing once more.
    land(&writer, &form, "last", &[(2024, 110_000_000, B, 2, None)]).await.unwrap();
    let report = place.reopen().await.verify(true, 2).await.unwrap();
    assert!(
        report.problems.is_empty() && report.orphans.is_empty() && report.pending.is_empty(),
        "{report:?}"
    );
    let context = context(&lake, AsOf::Latest, &form).await;
    let landed = "select count(*) = 1 from t where org_bin = 100000000001";
    assert_eq!(cells(&context, landed).await, "true");
}
