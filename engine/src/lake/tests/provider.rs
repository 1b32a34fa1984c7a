use datafusion::physical_plan::displayable;

use super::*;

const A: i64 = 100_000_000_001;

/// Three years, two regions, several organisations.
async fn wide() -> (Place, Lake) {
    let (place, lake) = Place::new().await;
    let form = form();
    let writer = lake.writer(options()).await.unwrap();
    let mut data: Vec<Row> = Vec::new();
    for year in 2022..2025 {
        for (region, district) in [(0_i64, 110_000_000), (1, 150_000_000)] {
            for organisation in 0..20_i64 {
                for pupil in 0..10_i64 {
                    let org = A + region * 100 + organisation;
                    data.push((
                        year,
                        district,
                        org,
                        org * 1000 + pupil,
                        if pupil % 3 == 0 { None } else { Some("male") },
                    ));
                }
            }
        }
    }
    data.reverse();
    land(&writer, &form, "wide", &data).await.unwrap();
    drop(writer);
    (place, lake)
}

async fn plan(context: &SessionContext, query: &str) -> String {
    let plan = context.sql(query).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(true).to_string()
}

#[tokio::test]
async fn partitions_are_pruned_exactly_and_leave_no_filter() {
    let (_place, lake) = wide().await;
    let context = context(&lake, AsOf::Latest, &form()).await;
    let query = "select org_bin, count(*) from t where year = 2023 and region = 15 group by org_bin";
    let text = plan(&context, query).await;
    assert!(!text.contains("FilterExec"), "{text}");
    assert_eq!(text.matches(".parquet").count(), 1, "{text}");
    let by_district = "select district, count(*) from t where year = 2023 and region = 15 group by district";
    let text = plan(&context, by_district).await;
    assert!(text.contains("output_ordering=[district@0 ASC]"), "{text}");
    assert_eq!(cells(&context, "select count(*) from t where year = 2023 and region = 15").await, "200");
    assert_eq!(cells(&context, "select count(*) from t where year * 10 + region = 20351").await, "0");
    assert_eq!(
        cells(&context, "select count(*) from t where year in (2022, 2024) or region = 11").await,
        "1000"
    );
}

#[tokio::test]
async fn ranges_prune_files_and_the_predicate_is_there_once() {
    let (_place, lake) = wide().await;
    let context = context(&lake, AsOf::Latest, &form()).await;
    let text = plan(&context, &format!("select pid from t where org_bin = {A}")).await;
    assert_eq!(text.matches(".parquet").count(), 3, "one region of three years: {text}");
    assert_eq!(text.matches(&format!(" predicate=org_bin@2 = {A},")).count(), 1, "set once: {text}");
    assert_eq!(
        cells(&context, &format!("select count(*), min(pid) from t where org_bin = {A} and year > 2022"))
            .await,
        format!("20 {}", A * 1000)
    );
    assert_eq!(cells(&context, "select count(*) from t where sex = 'male'").await, "720");
    assert_eq!(
        cells(&context, "select count(*) from t where sex is null and district = 110000000").await,
        "240"
    );
}

#[tokio::test]
async fn counts_and_bounds_come_from_the_log() {
    let (_place, lake) = wide().await;
    let context = context(&lake, AsOf::Latest, &form()).await;
    let query = "select count(*), min(org_bin), max(pid), min(year), max(region), count(sex), max(born), min(mark) from t";
    let text = plan(&context, query).await;
    assert!(!text.contains("DataSourceExec") && text.contains("PlaceholderRowExec"), "{text}");
    let whole = cells(&context, query).await;
    let scanned = cells(&context, "select count(*), min(org_bin), max(pid), min(year), max(region), count(sex), max(born), min(mark) from t where pid >= 0").await;
    assert_eq!(whole, scanned);
}

#[tokio::test]
async fn the_declared_order_is_the_order() {
    let (_place, lake) = wide().await;
    let context = context(&lake, AsOf::Latest, &form()).await;
    let query = "select district, org_bin, pid from t where year = 2022 and region = 11 order by district nulls first, org_bin nulls first, pid nulls first";
    assert!(!plan(&context, query).await.contains("SortExec"));
    let sorted = sql(&context, query).await;
    let again = sql(&context, "select district, org_bin, pid from t where year = 2022 and region = 11 order by pid + 0, org_bin + 0").await;
    assert_eq!(sorted, again);
}

#[tokio::test]
async fn columns_come_in_the_order_of_the_form() {
    let (_place, lake) = wide().await;
    let context = context(&lake, AsOf::Latest, &form()).await;
    let one = "select * from t where pid = 100000000001001 and year = 2022";
    assert_eq!(
        cells(&context, one).await,
        format!("2022 11 1 110000000 {A} 100000000001001 male 1972-09-28 0.1")
    );
    assert_eq!(
        cells(&context, "select region, mark, year from t where pid = 100000000001001 order by year limit 1")
            .await,
        "11 0.1 2022"
    );
    assert_eq!(cells(&context, "select count(*) from (select 1 from t limit 7)").await, "7");
}
