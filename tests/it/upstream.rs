//! Faults of the engine that our session options work around; each test fails when a pin moves the fault.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::prelude::ParquetReadOptions;
use parquet::arrow::ArrowWriter;

use crate::support;

/// `DataFusion` 25264: a join over a grouping by two same-named columns loses rows when dynamic filters of
/// joins and aggregates are pushed down. Under our options it gives its one row.
#[tokio::test]
async fn issue_25264_join_over_grouping_keeps_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = support::scratch();
    for (name, columns) in [
        ("a", vec![("id", vec![1, 2, 3]), ("k", vec![10, 20, 30])]),
        ("b", vec![("id", vec![100, 200, 300]), ("k", vec![10, 20, 30])]),
        ("d", vec![("x", vec![100])]),
    ] {
        let batch = RecordBatch::try_from_iter(
            columns.into_iter().map(|(name, values)| (name, Arc::new(Int64Array::from(values)) as _)),
        )
        .unwrap();
        let path = folder.path().join(format!("{name}.parquet"));
        let mut writer =
            ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        ctx.register_parquet(name, path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    }
    let sql = "select * from d join (select a.id aid, b.id bid, count(*) n from a join b on a.k = b.k \
               group by a.id, b.id) g on d.x = g.bid";
    let rows: usize =
        ctx.sql(sql).await.unwrap().collect().await.unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 1);
}
