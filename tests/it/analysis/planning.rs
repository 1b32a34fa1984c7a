//! A question about one indicator plans that indicator, however large the catalogue.

use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::Definitions;
use bilim::session::indicator::{IndicatorTable, Request};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionContext, col, lit};

use super::enlarged::enlarged;
use crate::support;

const QUESTION: &str =
    "select * from mart.indicator where indicator = 'TCH-01' and tier = 'region' and year = 2024";

async fn plan(ctx: &SessionContext) -> String {
    let batches = ctx.sql(&format!("explain {QUESTION}")).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

#[test]
fn only_what_is_asked_for_is_planned() {
    let definitions = Definitions::built_in().unwrap();
    let filters =
        [col("indicator").eq(lit("TCH-01")), col("tier").eq(lit("region")), col("year").eq(lit(2024))];
    let parts = IndicatorTable::sql(&definitions, &Request::from_filters(&filters));
    // TCH-01 has one derivation from our own records and one from published tables at this tier; the third is of
    // countries. Parity indices are indicators of their own.
    assert_eq!(parts.len(), 2, "{}", parts.join("\n\n"));
    assert!(
        parts
            .iter()
            .all(|sql| !sql.contains("'republic' as tier") && !sql.contains("'international' as tier"))
    );
    assert!(parts.iter().all(|sql| sql.matches("'TCH-01' as indicator").count() >= 1));
}

#[test]
fn the_plan_does_not_grow_with_the_catalogue() {
    let (small, large) = support::block_on(async {
        let lake = support::tiny_lake().await;
        let config = Config::default();
        let large = Arc::new(enlarged(5));
        assert_eq!(large.catalogue.indicators.len(), 5 * lake.definitions.catalogue.indicators.len());
        let runtime = bilim::session::runtime(&config).unwrap();
        let other = bilim::session::open(&config, runtime, &large, &lake.snapshot).unwrap();
        (plan(&lake.ctx).await, plan(&other).await)
    });
    assert!(small.contains("TCH-01") && !small.contains("TCH-03"), "{small}");
    assert_eq!(small, large);
}
