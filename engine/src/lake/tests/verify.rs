use super::*;

const A: i64 = 100_000_000_001;

async fn lake_of_two() -> (Place, Lake) {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    land(&writer, &form, "two", &[(2024, 110_000_000, A, 2, None)]).await.unwrap();
    drop(writer);
    (place, lake)
}

fn flip(path: &std::path::Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_flipped_byte_anywhere_names_its_file() {
    let (_place, lake) = lake_of_two().await;
    let sound = lake.verify(true, 2).await.unwrap();
    assert!(sound.problems.is_empty() && sound.orphans.is_empty(), "{sound:?}");
    assert_eq!(sound.version_count, 3);
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let table = snapshot.table("raw.s1_test").unwrap();
    let data = table.folder.join(&table.files[0].path);
    let log = lake.root().join("raw/s1_test/_delta_log/00000000000000000001.json");
    let paths = [data, log, lake.root().join("snapshots/1.json"), lake.root().join("snapshots/2.json")];
    for path in paths {
        for at in [40, 90] {
            flip(&path, at);
            let report = lake.verify(false, 2).await.unwrap();
            assert!(
                report.problems.iter().any(|problem| problem.path == path),
                "{}: {report:?}",
                path.display()
            );
            flip(&path, at);
        }
    }
    assert!(lake.verify(true, 2).await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn superseded_files_are_read_only_when_every_version_is_asked_for() {
    let (_place, lake) = lake_of_two().await;
    let old = lake.snapshot(AsOf::Version(1)).await.unwrap();
    let table = old.table("raw.s1_test").unwrap();
    flip(&table.folder.join(&table.files[0].path), 30);
    assert!(lake.verify(false, 1).await.unwrap().problems.is_empty());
    assert_eq!(lake.verify(true, 1).await.unwrap().problems.len(), 1);
}

#[tokio::test]
async fn missing_and_unknown_files_are_told_apart() {
    let (_place, lake) = lake_of_two().await;
    let stray = lake.root().join("raw/s1_test/year=2024/region=11/stray.parquet");
    std::fs::write(&stray, b"x").unwrap();
    let report = lake.verify(false, 1).await.unwrap();
    assert_eq!((report.problems.len(), report.orphans), (0, vec![stray]));
    std::fs::remove_file(lake.root().join("raw/s1_test/_delta_log/00000000000000000000.json")).unwrap();
    assert!(!lake.verify(false, 1).await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn a_damaged_file_is_not_given_a_fresh_hash_by_a_rewrite() {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form, "one", &[(2024, 110_000_000, A, 1, None), (2024, 110_000_000, A + 1, 2, None)])
        .await
        .unwrap();
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let table = snapshot.table("raw.s1_test").unwrap();
    let path = table.folder.join(&table.files[0].path);
    let size = std::fs::metadata(&path).unwrap().len();
    // The version in the footer's last bytes before its length: it still parses.
    let mut bytes = std::fs::read(&path).unwrap();
    let created_by = bytes.windows(5).rposition(|window| window == b"bilim").unwrap();
    bytes[created_by] = b'B';
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), size);
    let error = land(&writer, &form, "two", &[(2024, 110_000_000, A, 3, None)]).await.unwrap_err();
    assert!(matches!(&error, LakeError::Damaged { path: named, .. } if *named == path), "{error}");
    drop(writer);
    assert_eq!(place.reopen().await.snapshot(AsOf::Latest).await.unwrap().number(), 1);
}

#[tokio::test]
async fn a_property_that_changes_what_files_mean_is_refused() {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, A, 1, None)]).await.unwrap();
    drop(writer);
    let entry = lake.root().join("raw/s1_test/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&entry).unwrap();
    let changed = text
        .replace("\"delta.enableExpiredLogCleanup\":\"false\"", "\"delta.enableExpiredLogCleanup\":\"true\"");
    assert_ne!(text, changed);
    std::fs::write(&entry, changed).unwrap();
    let refused = place.reopen().await.snapshot(AsOf::Latest).await.unwrap_err();
    assert!(matches!(refused, LakeError::Property { .. }), "{refused}");
}
