//! Answers kept by statement, and sums kept by what they were computed from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use bilim::config::{Audience, Config, Lens};
use bilim::lake::AsOf;
use bilim::query::{Asked, ResultCache};
use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::{MemTable, TableType};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::{country_of, plan, refresh, rows, session, session_as};
use crate::equivalence::warehouse::{Warehouse, block_on};
use crate::support::texts;

const STATEMENT: &str = "select geo_code, value from mart.indicator where indicator = 'CON-01' and tier = 'region' and \
                         breakdown = 'total' and level = 'all' order by geo_code, year";

async fn asked(cache: &ResultCache, ctx: &SessionContext, sql: &str, asked: Asked<'_>) -> Vec<Vec<String>> {
    let rows: Vec<RecordBatch> = cache.run(ctx, sql, asked).await.unwrap().try_collect().await.unwrap();
    texts(&rows)
}

/// A table with another number whenever it is asked.
#[derive(Debug, Default)]
struct Moments(AtomicI64);

#[async_trait]
impl TableProvider for Moments {
    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("number", DataType::Int64, false)]))
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let number: ArrayRef = Arc::new(Int64Array::from(vec![self.0.fetch_add(1, Ordering::Relaxed) + 1]));
        let rows =
            MemTable::try_new(self.schema(), vec![vec![RecordBatch::try_new(self.schema(), vec![number])?]])?;
        rows.scan(state, projection, filters, limit).await
    }
}

#[test]
fn an_answer_is_kept_for_the_same_question_only() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        warehouse.submit(&country_of(400)).await;
        let first = warehouse.snapshot(AsOf::Latest).await;
        let cache = ResultCache::new(1 << 20);
        let ctx = session(&first, true);
        let answer = asked(&cache, &ctx, STATEMENT, Asked::default()).await;
        assert!(!answer.is_empty());
        assert_eq!(cache.len(), 1);
        // Another session over the same version, with or without rollups, shows the same.
        for other in [session(&first, true), session(&first, false)] {
            assert_eq!(asked(&cache, &other, STATEMENT, Asked::default()).await, answer);
            assert_eq!(cache.len(), 1);
        }
        let public = Lens { audience: Audience::Public, ..Lens::default() };
        let vintage = Lens { vintage: Some("2018".to_owned()), ..Lens::default() };
        for (lens, count) in [(public, 2), (vintage, 3)] {
            let other = session_as(&first, &Config { lens, ..Config::default() });
            asked(&cache, &other, STATEMENT, Asked::default()).await;
            assert_eq!(cache.len(), count);
        }
        asked(&cache, &ctx, STATEMENT, Asked { scope: "region 11", ..Asked::default() }).await;
        assert_eq!(cache.len(), 4);
        warehouse.submit(&country_of(401)).await;
        let second = warehouse.snapshot(AsOf::Latest).await;
        let corrected = asked(&cache, &session(&second, true), STATEMENT, Asked::default()).await;
        assert_eq!(cache.len(), 5);
        assert_eq!(
            corrected,
            asked(&ResultCache::new(0), &session(&second, false), STATEMENT, Asked::default()).await
        );
        assert!(cache.bytes() > 0 && cache.bytes() <= 1 << 20);
    });
}

#[test]
fn parameters_belong_to_the_question() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        let ctx = session(&warehouse.snapshot(AsOf::Latest).await, true);
        let cache = ResultCache::new(1 << 20);
        for (value, expected) in
            [(ScalarValue::from("1"), "1"), (ScalarValue::from("2"), "2"), (ScalarValue::from("1"), "1")]
        {
            let parameters = [("wanted".to_owned(), value)];
            let of = Asked { parameters: &parameters, ..Asked::default() };
            assert_eq!(asked(&cache, &ctx, "select $wanted as wanted", of).await, [[expected.to_owned()]]);
        }
        assert_eq!(cache.len(), 2);
        let number = [("wanted".to_owned(), ScalarValue::from(1_i64))];
        asked(&cache, &ctx, "select $wanted as wanted", Asked { parameters: &number, ..Asked::default() })
            .await;
        assert_eq!(cache.len(), 3, "the number 1 is another value than the text 1");
    });
}

#[test]
fn what_changes_is_not_kept() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        let ctx = session(&warehouse.snapshot(AsOf::Latest).await, true);
        let cache = ResultCache::new(1 << 20);
        for sql in
            ["select now()", "select random()", "explain select 1", "select 1 where (select random()) < 2"]
        {
            asked(&cache, &ctx, sql, Asked::default()).await;
            assert!(cache.is_empty(), "{sql}");
        }
        // An answer that was not read to its end is none.
        drop(cache.run(&ctx, "select 1", Asked::default()).await.unwrap());
        assert!(cache.is_empty());
        asked(&cache, &ctx, "select 1 where false", Asked::default()).await;
        assert_eq!(cache.len(), 1, "no rows are an answer");
        assert_eq!(
            asked(&cache, &ctx, "select 1 where false", Asked::default()).await,
            Vec::<Vec<String>>::new()
        );
        // A large one passes through.
        let large = "select * from generate_series(1, 100000)";
        assert_eq!(asked(&cache, &ctx, large, Asked::default()).await.len(), 100_000);
        assert_eq!(cache.len(), 1);
        // A table that changes from moment to moment.
        ctx.register_table("moments", Arc::new(Moments::default())).unwrap();
        let numbers = ["1", "2"].map(|number| vec![vec![number.to_owned()]]);
        for expected in numbers {
            assert_eq!(asked(&cache, &ctx, "select number from moments", Asked::default()).await, expected);
        }
        assert_eq!(cache.len(), 1);
        asked(&cache, &ctx, "select 2 as two", Asked::default()).await;
        assert_eq!(cache.len(), 2, "of the session's other answers");
        // A session with tables of the caller's is nobody else's.
        let mart = ctx.catalog("bilim").unwrap().schema("mart").unwrap();
        mart.register_table("own".to_owned(), ctx.sql("select 1 as one").await.unwrap().into_view()).unwrap();
        asked(&cache, &ctx, "select one from own", Asked::default()).await;
        asked(&cache, &ctx, "select 3 as three", Asked::default()).await;
        assert_eq!(cache.len(), 2);
    });
}

#[test]
fn a_finished_answer_is_read_from_memory_until_its_files_change() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        warehouse.submit(&country_of(402)).await;
        let snapshot = warehouse.snapshot(AsOf::Latest).await;
        refresh(&snapshot).await;
        let of = |tier: &str, level: &str| {
            format!(
                "select * from mart.indicator where indicator = 'CON-01' and tier = '{tier}' and breakdown = 'total' and \
                 level = '{level}'"
            )
        };
        let (with, without) = (session(&snapshot, true), session(&snapshot, false));
        let cold = plan(&with, &of("region", "all")).await;
        assert!(cold.contains("KeptExec: CON-01, to be kept"), "{cold}");
        assert_eq!(rows(&with, &of("region", "all")).await, rows(&without, &of("region", "all")).await);
        // The same answer holds every level; a new session over the version finds it too.
        let warm = session(&snapshot, true);
        for level in ["all", "primary"] {
            let shown = plan(&warm, &of("region", level)).await;
            assert!(shown.contains("KeptExec: CON-01, from memory") && !shown.contains("raw/"), "{shown}");
            assert_eq!(rows(&warm, &of("region", level)).await, rows(&without, &of("region", level)).await);
        }
        // Another tier is another answer from the same sums.
        let shown = plan(&warm, &of("republic", "all")).await;
        assert!(
            shown.contains("to be kept") && shown.contains("SharedExec: step=cell_0, in memory"),
            "{shown}"
        );
        warehouse.submit(&country_of(403)).await;
        let next = warehouse.snapshot(AsOf::Latest).await;
        let shown = plan(&session(&next, true), &of("region", "all")).await;
        assert!(shown.contains("to be kept"), "{shown}");
        let expected = rows(&session(&next, false), &of("region", "all")).await;
        assert_eq!(rows(&session(&next, true), &of("region", "all")).await, expected);
        // The earlier version has what it had.
        assert!(plan(&session(&snapshot, true), &of("region", "all")).await.contains("from memory"));
    });
}
