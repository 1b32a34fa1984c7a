use super::*;

const A: i64 = 100_000_000_001;
const B: i64 = 100_000_000_002;

#[tokio::test]
async fn an_empty_lake_answers_with_no_rows() {
    let (place, lake) = Place::new().await;
    assert_eq!(live(&lake, AsOf::Latest, &form()).await, "");
    assert!(matches!(Lake::init(&place.path()).await, Err(LakeError::AlreadyThere { .. })));
    assert!(matches!(Lake::init("ftp://host/lake").await, Err(LakeError::Scheme { .. })));
    assert!(matches!(Lake::open("/nonexistent/lake").await, Err(LakeError::NotALake { .. })));
    let url = format!("file://{}", place.path());
    assert_eq!(Lake::open(&url).await.unwrap().root(), lake.root());
}

#[tokio::test]
async fn a_submission_replaces_exactly_its_scopes_in_every_region() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    let first = [
        (2024, 110_000_000, A, 1, Some("male")),
        (2024, 110_000_000, A, 2, None),
        (2024, 110_000_000, B, 3, Some("female")),
        (2023, 110_000_000, A, 9, None),
    ];
    let receipt = land(&writer, &form, "first", &first).await.unwrap();
    assert_eq!((receipt.submission, receipt.lake_version, receipt.superseded_row_count), (1, 1, 0));
    // Organisation A has moved to another region: its rows in the old one go too.
    let receipt = land(&writer, &form, "second", &[(2024, 150_000_000, A, 5, None)]).await.unwrap();
    assert_eq!((receipt.submission, receipt.lake_version, receipt.superseded_row_count), (2, 2, 2));
    let now = format!("2023 11 {A} 9; 2024 15 {A} 5; 2024 11 {B} 3");
    assert_eq!(live(&lake, AsOf::Latest, &form).await, now);
    // Another process, which reads the log rather than the writer's memory, sees the same.
    let other = place.reopen().await;
    assert_eq!(live(&other, AsOf::Latest, &form).await, now);
    let same = |lake: Snapshot| lake.table("raw.s1_test").unwrap().files.clone();
    assert_eq!(
        same(lake.snapshot(AsOf::Latest).await.unwrap()),
        same(other.snapshot(AsOf::Latest).await.unwrap()),
        "the writer's idea of a table is what the log says"
    );
    assert_eq!(
        live(&other, AsOf::Version(1), &form).await,
        format!("2023 11 {A} 9; 2024 11 {A} 1; 2024 11 {A} 2; 2024 11 {B} 3")
    );
    assert_eq!(live(&other, AsOf::Version(0), &form).await, "");
    let context = context(&other, AsOf::Latest, &form).await;
    assert_eq!(
        cells(&context, "select org_bin, submission from t where year = 2024 order by 1").await,
        format!("{A} 2; {B} 1")
    );
    assert_eq!(
        cells(&context, "select submission, outcome, row_count, superseded_row_count, lake_version from submission order by 1").await,
        "1 accepted 4 0 1; 2 accepted 1 2 2"
    );
    assert_eq!(
        cells(
            &context,
            "select submission, year, region, district, org_bin, row_count from scope order by 1, 2, 5"
        )
        .await,
        format!(
            "1 2023 11 110000000 {A} 1; 1 2024 11 110000000 {A} 2; 1 2024 11 110000000 {B} 1; 2 2024 15 150000000 {A} 1"
        )
    );
    assert!(other.verify(true, 2).await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn the_same_bytes_land_once() {
    let (place, lake) = Place::new().await;
    let form = form();
    let data = [(2024, 110_000_000, A, 1, None)];
    let writer = lake.writer(options()).await.unwrap();
    let first = land(&writer, &form, "same", &data).await.unwrap();
    let again = land(&writer, &form, "same", &data).await.unwrap();
    assert_eq!(again, Receipt { is_repeat: true, ..first.clone() });
    drop(writer);
    // The ledger knows it in another process too, and nothing of the second staging stays.
    let other = place.reopen().await;
    let writer = other.writer(options()).await.unwrap();
    assert_eq!(land(&writer, &form, "same", &data).await.unwrap(), again);
    assert_eq!(writer.known("s1.test", Some(2024), &first.content_sha256).await, Some(again));
    assert_eq!(other.snapshot(AsOf::Latest).await.unwrap().number(), 1);
    assert!(other.verify(true, 2).await.unwrap().orphans.is_empty());
    // Twice in one batch, as well.
    let one = writer.stage(&form, stream(vec![rows(&[(2024, 110_000_000, B, 7, None)])])).await.unwrap();
    let two = writer.stage(&form, stream(vec![rows(&[(2024, 110_000_000, B, 7, None)])])).await.unwrap();
    let both = vec![landing(&form, "twice", Some(one)), landing(&form, "twice", Some(two))];
    let receipts = writer.land(both).await.unwrap();
    assert!(!receipts[0].is_repeat && receipts[1].is_repeat);
    assert_eq!(receipts[0].submission, receipts[1].submission);
    assert_eq!(live(&other, AsOf::Latest, &form).await, format!("2024 11 {A} 1; 2024 11 {B} 7"));
}

#[tokio::test]
async fn within_a_batch_the_later_landing_wins() {
    let (_place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "before", &[(2024, 110_000_000, A, 1, None), (2024, 110_000_000, B, 2, None)])
        .await
        .unwrap();
    let mut landings = Vec::new();
    for (content, data) in [
        ("one", vec![(2024, 110_000_000, A, 10, None), (2024, 110_000_000, B, 11, None)]),
        ("two", vec![(2024, 110_000_000, A, 20, None)]),
    ] {
        let staged = writer.stage(&form, stream(vec![rows(&data)])).await.unwrap();
        landings.push(landing(&form, content, Some(staged)));
    }
    let receipts = writer.land(landings).await.unwrap();
    assert_eq!(live(&lake, AsOf::Latest, &form).await, format!("2024 11 {A} 20; 2024 11 {B} 11"));
    assert_eq!(receipts.iter().map(|r| r.lake_version).collect::<Vec<_>>(), [2, 2]);
    // B's old row goes to the first; A's old row and the first's own go to the second.
    assert_eq!(receipts.iter().map(|r| r.superseded_row_count).collect::<Vec<_>>(), [1, 2]);
    let report = lake.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.orphans.is_empty(), "{report:?}");
}

#[tokio::test]
async fn upsert_replaces_records_by_key() {
    let (_place, lake) = Place::new().await;
    let form = upsert_form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None), (2024, 110_000_000, A, 2, None)])
        .await
        .unwrap();
    let receipt =
        land(&writer, &form, "two", &[(2024, 150_000_000, B, 2, None), (2024, 150_000_000, B, 3, None)])
            .await
            .unwrap();
    assert_eq!(receipt.superseded_row_count, 1);
    assert_eq!(
        live(&lake, AsOf::Latest, &form).await,
        format!("2024 11 {A} 1; 2024 15 {B} 2; 2024 15 {B} 3")
    );
}

#[tokio::test]
async fn a_rejected_submission_leaves_findings_and_no_rows() {
    let (_place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    let finding = FindingRow {
        file: "a.csv".to_owned(),
        row: Some(3),
        field: Some("sex".to_owned()),
        rule: "V-01".to_owned(),
        severity: "error".to_owned(),
        value: Some("x".to_owned()),
        message_en: "bad".to_owned(),
        message_ru: "плохо".to_owned(),
        message_kk: "жаман".to_owned(),
    };
    let rejected =
        || Landing { findings: vec![finding.clone()], error_count: 1, ..landing(&form, "bad", None) };
    let staged = writer.stage(&form, stream(vec![rows(&[(2024, 110_000_000, A, 1, None)])])).await.unwrap();
    let with_files = Landing { staged: Some(staged), ..rejected() };
    let receipts = writer.land(vec![with_files]).await.unwrap();
    assert_eq!(receipts[0].outcome, Outcome::Rejected);
    // Rejected bytes may come again: the definitions may have changed.
    assert!(!writer.land(vec![rejected()]).await.unwrap()[0].is_repeat);
    let accepted = Landing { outcome: Outcome::Accepted, ..landing(&form, "none", None) };
    assert!(matches!(writer.land(vec![accepted]).await, Err(LakeError::NothingStaged { .. })));
    let context = context(&lake, AsOf::Latest, &form).await;
    assert_eq!(cells(&context, "select count(*) from t").await, "0");
    assert_eq!(
        cells(&context, "select outcome, error_count from submission").await,
        "rejected 1; rejected 1"
    );
    assert_eq!(cells(&context, "select distinct row, field, message_kk from finding").await, "3 sex жаман");
    assert!(lake.verify(true, 1).await.unwrap().orphans.is_empty());
}

#[tokio::test]
async fn a_second_writer_waits_or_is_told_who_holds_the_lock() {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let other = place.reopen().await;
    let refused = other.writer(options()).await.unwrap_err();
    assert!(
        matches!(&refused, LakeError::Locked { holder, .. } if holder.contains(&std::process::id().to_string()))
    );
    let patient = WriterOptions { wait: std::time::Duration::from_secs(20), ..options() };
    let waiting = tokio::spawn(async move { other.writer(patient).await.map(|_| ()) });
    tokio::task::yield_now().await;
    drop(writer);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn versions_are_found_by_time_and_number() {
    let (_place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    let versions = lake.versions().await.unwrap();
    assert_eq!(versions.len(), 2);
    let at = |time| AsOf::Time(time);
    assert_eq!(lake.snapshot(at(versions[1].created_at)).await.unwrap().number(), 1);
    let early = versions[0].created_at - chrono::TimeDelta::seconds(1);
    assert!(matches!(lake.snapshot(at(early)).await, Err(LakeError::BeforeFirst { .. })));
    assert!(matches!(
        lake.snapshot(AsOf::Version(7)).await,
        Err(LakeError::NoSuchVersion { version: 7, latest: 1 })
    ));
}

#[tokio::test]
async fn definitions_are_kept_once_and_named_by_later_versions() {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let files = std::collections::BTreeMap::from([("sql/a/b.sql".to_owned(), b"select 1".to_vec())]);
    writer.use_definitions("abc", files.clone()).await.unwrap();
    writer.use_definitions("abc", files.clone()).await.unwrap();
    assert_eq!(writer.publish().await.unwrap().definitions.as_deref(), Some("abc"));
    assert_eq!(writer.publish().await.unwrap().version, 1, "nothing changed, so no further version");
    assert_eq!(place.reopen().await.definitions("abc").await.unwrap(), files);
    assert!(lake.definitions("other").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_field_is_null_in_older_files_and_a_changed_type_is_refused() {
    let (place, lake) = Place::new().await;
    let old = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &old, "one", &[(2024, 110_000_000, A, 1, None), (2024, 110_000_000, B, 2, None)])
        .await
        .unwrap();
    let mut new = form();
    new.fields.push(field("grade", FieldType::Integer));
    let batch = rows(&[(2024, 110_000_000, A, 3, None)]);
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(Int32Array::from(vec![7])));
    let batch = RecordBatch::try_new(new.row_schema(), columns).unwrap();
    let staged = writer.stage(&new, stream(vec![batch])).await.unwrap();
    writer.land(vec![landing(&new, "two", Some(staged))]).await.unwrap();
    let lake = place.reopen().await;
    let context = context(&lake, AsOf::Latest, &new).await;
    assert_eq!(cells(&context, "select org_bin, grade from t order by 1").await, format!("{A} 7; {B}"));
    assert_eq!(cells(&context, "select count(*) from t where grade is null").await, "1");
    assert_eq!(cells(&context, "select count(grade), max(grade) from t").await, "1 7");
    let mut wrong = form();
    wrong.fields[3].field_type = FieldType::Long;
    let mut columns = rows(&[(2024, 110_000_000, A, 3, None)]).columns().to_vec();
    columns[5] = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_new(wrong.row_schema(), columns).unwrap();
    let staged = writer.stage(&wrong, stream(vec![batch])).await.unwrap();
    let refused = writer.land(vec![landing(&wrong, "three", Some(staged))]).await;
    assert!(matches!(refused, Err(LakeError::TypeChanged { .. })), "{refused:?}");
}

#[tokio::test]
async fn many_small_landings_are_merged_and_checkpointed() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    let mut wanted = Vec::new();
    for number in 0..70 {
        let organisation = A + number;
        land(&writer, &form, &format!("{number}"), &[(2024, 110_000_000, organisation, number, None)])
            .await
            .unwrap();
        wanted.push(format!("2024 11 {organisation} {number}"));
    }
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    assert!(snapshot.number() > 70, "a merge is a version of its own");
    assert!(snapshot.table("raw.s1_test").unwrap().files.len() < 10);
    assert!(snapshot.table("gov.submission").unwrap().files.len() < 10);
    let log = lake.root().join("raw/s1_test/_delta_log");
    assert!(log.join(format!("{:020}.checkpoint.parquet", 50)).exists());
    let other = place.reopen().await;
    assert_eq!(live(&other, AsOf::Latest, &form).await, wanted.join("; "));
    let files = |snapshot: &Snapshot| snapshot.table("raw.s1_test").unwrap().files.clone();
    assert_eq!(files(&other.snapshot(AsOf::Latest).await.unwrap()), files(&snapshot));
    let report = other.verify(true, 2).await.unwrap();
    assert!(report.problems.is_empty() && report.orphans.is_empty(), "{report:?}");
    drop(writer);
    assert!(land(&other.writer(options()).await.unwrap(), &form, "5", &[]).await.unwrap().is_repeat);
}
