use super::*;

/// Rows of many organisations in a scattered order.
fn scattered(count: i64) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    let mut data: Vec<Row> = Vec::new();
    for number in 0..count {
        let mixed = number.wrapping_mul(2_654_435_761) % count;
        let organisation = 100_000_000_000 + mixed % 97;
        let district =
            if mixed % 97 < 60 { 110_000_000 + i32::try_from(mixed % 7).unwrap() } else { 150_000_000 };
        let sex = [Some("male"), Some("female"), None][usize::try_from(mixed % 3).unwrap()];
        data.push((2023 + i32::try_from(mixed % 2).unwrap(), district, organisation, mixed * 7919, sex));
        if data.len() == 1000 {
            batches.push(rows(&data));
            data.clear();
        }
    }
    batches.push(rows(&data));
    batches
}

const SUMS: &str = "select year, region, count(*), sum(org_bin), sum(pid), sum(mark), count(sex) from t group by 1, 2 order by 1, 2";

#[tokio::test]
async fn spilled_rows_are_the_rows_kept_in_memory() {
    let form = form();
    let mut answers = Vec::new();
    for memory_bytes in [384 << 20, 200_000] {
        let (_place, lake) = Place::new().await;
        let options = WriterOptions { memory_bytes, max_file_rows: 3_000, ..options() };
        let writer = lake.writer(options).await.unwrap();
        let staged = writer.stage(&form, stream(scattered(20_000))).await.unwrap();
        assert_eq!(staged.row_count(), 20_000);
        for file in staged.files() {
            assert!(file.num_records <= 3_000);
            assert_eq!(file.sort_columns, ["district", "org_bin", "pid"]);
        }
        let scopes = staged.scope_count();
        writer.land(vec![landing(&form, "all", Some(staged))]).await.unwrap();
        let context = context(&lake, AsOf::Latest, &form).await;
        let ledger = cells(&context, "select count(*), sum(row_count) from scope").await;
        answers.push((scopes, ledger, sql(&context, SUMS).await));
        assert!(!lake.root().join("staging/1").exists());
        // An organisation's rows of a year and district are in one file.
        let split = "select count(*) from (select year, district, org_bin from (select distinct year, region, district, org_bin from t))";
        assert_eq!(cells(&context, split).await, cells(&context, "select count(*) from scope").await);
        assert!(lake.verify(true, 2).await.unwrap().problems.is_empty());
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_submission_that_is_dropped_takes_its_files_along() {
    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let staged = writer.stage(&form(), stream(scattered(100))).await.unwrap();
    assert!(lake.root().join("raw/s1_test").join(&staged.files()[0].path).exists());
    drop(staged);
    assert!(lake.verify(true, 1).await.unwrap().orphans.is_empty());
}

#[tokio::test]
async fn rows_that_are_not_the_forms_are_refused() {
    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let batch = rows(&[(2024, 110_000_000, 1, 1, None)]);
    let without = batch.project(&[0, 1, 2]).unwrap();
    let refused = writer.stage(&form(), stream(vec![without])).await;
    assert!(matches!(refused, Err(LakeError::RowSchema { .. })));
    let failing = futures::stream::iter([Ok(batch.clone()), Err(std::io::Error::other("torn"))]);
    assert!(matches!(writer.stage(&form(), failing).await, Err(LakeError::Rows { .. })));
    let fields: Vec<_> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| Arc::new(field.as_ref().clone().with_nullable(true)))
        .collect();
    let mut columns = batch.columns().to_vec();
    columns[1] = Arc::new(Int32Array::from(vec![None]));
    let nulls =
        RecordBatch::try_new(Arc::new(datafusion::arrow::datatypes::Schema::new(fields)), columns).unwrap();
    assert!(matches!(
        writer.stage(&form(), stream(vec![nulls])).await,
        Err(LakeError::NullPartition { .. } | LakeError::Arrow { .. })
    ));
}

#[tokio::test]
async fn parquet_is_written_as_designed() {
    use parquet::basic::{Compression, Encoding};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let staged = writer.stage(&form(), stream(scattered(5_000))).await.unwrap();
    let path = lake.root().join("raw/s1_test").join(&staged.files()[0].path);
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let group = reader.metadata().row_group(0);
    let column =
        |name: &str| group.columns().iter().find(|column| column.column_path().string() == name).unwrap();
    assert!(matches!(column("org_bin").compression(), Compression::ZSTD(_)));
    assert!(column("org_bin").encodings().any(|encoding| encoding == Encoding::DELTA_BINARY_PACKED));
    assert!(column("district").encodings().any(|encoding| encoding == Encoding::DELTA_BINARY_PACKED));
    assert!(column("sex").encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY));
    assert!(!column("pid").encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY));
    assert_eq!(group.sorting_columns().unwrap().len(), 3);
    assert!(group.columns().iter().all(|column| column.statistics().is_some()));
}
