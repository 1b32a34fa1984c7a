//! The public lens on the tiny country and on random ones: small cells are hidden, and nothing gives them away.

use std::collections::BTreeMap;

use bilim::config::{Audience, Config, Lens};
use bilim_domain::disclosure::{Sum, determined};
use datafusion::prelude::SessionContext;

use crate::support::{self, TestLake, block_on};

fn public(lake: &TestLake) -> SessionContext {
    let config = Config { lens: Lens { audience: Audience::Public, vintage: None }, ..Config::default() };
    let runtime = bilim::session::runtime(&config).unwrap();
    bilim::session::open(&config, runtime, &lake.definitions, &lake.snapshot).unwrap()
}

async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    support::texts(&ctx.sql(sql).await.unwrap().collect().await.unwrap())
}

/// A hidden cell has no number in any of its columns; one that is shown has those that the ministry sees.
#[test]
fn hidden_cells_are_empty_and_the_others_true() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select indicator, year, tier, geo_code, level, breakdown, sex, language, locality, grade, numerator, denominator, \
                   value, n, flag from mart.indicator where indicator in ('GRD-02', 'CON-05', 'CON-01') and tier <> 'international' \
                   and breakdown in ('total', 'sex', 'language', 'locality', 'grade') \
                   order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10";
        let (all, shown) = (rows(&lake.ctx, sql).await, rows(&public(&lake), sql).await);
        assert_eq!(all.len(), shown.len());
        let mut hidden = BTreeMap::new();
        for (all, shown) in all.iter().zip(&shown) {
            if shown[14] == "suppressed" {
                assert_eq!(shown[10..14], ["NULL"; 4].map(str::to_owned), "{shown:?}");
                *hidden.entry(all[0].clone()).or_insert(0) += 1;
            } else {
                assert_eq!(all, shown);
                // GRD-02 tells of at least ten pupils, CON-05 of at least five with special needs or of none.
                let number = |cell: &str| cell.parse::<f64>().unwrap_or(0.0);
                assert!(shown[0] != "GRD-02" || !(1.0..10.0).contains(&number(&shown[13])), "{shown:?}");
                assert!(shown[0] != "CON-05" || !(1.0..5.0).contains(&number(&shown[10])), "{shown:?}");
            }
        }
        // Enrolment is no outcome: everything is shown.
        assert!(hidden["GRD-02"] > 0 && hidden["CON-05"] > 0 && !hidden.contains_key("CON-01"), "{hidden:?}");
    });
}

/// From the table of one indicator, all tiers with sexes and languages, no hidden cell follows.
#[test]
fn no_hidden_cell_follows_from_totals() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select tier, geo_code, parent_code, breakdown, sex, language, flag from mart.indicator where indicator = 'GRD-02' \
                   and year = 2024 and level = 'school' and breakdown in ('total', 'sex', 'language')";
        let found = rows(&public(&lake), sql).await;
        let at: BTreeMap<(&str, &str, &str, &str), usize> = found
            .iter()
            .enumerate()
            .map(|(index, row)| ((row[0].as_str(), row[1].as_str(), row[4].as_str(), row[5].as_str()), index))
            .collect();
        let mut parts: BTreeMap<(&str, &str, &str, &str, &str), Vec<usize>> = BTreeMap::new();
        for (index, row) in found.iter().enumerate() {
            let (tier, code, parent, sex, language) = (&row[0], &row[1], &row[2], &row[4], &row[5]);
            match tier.as_str() {
                "district" => parts.entry(("up", "region", parent, sex, language)).or_default().push(index),
                "region" => parts.entry(("up", "republic", "KZ", sex, language)).or_default().push(index),
                _ => {}
            }
            if sex != "_T" || language != "_T" {
                let by = if sex == "_T" { "language" } else { "sex" };
                parts.entry((by, tier, code, "_T", "_T")).or_default().push(index);
            }
        }
        let sums: Vec<Sum> = parts
            .into_iter()
            .map(|((_, tier, code, sex, language), parts)| Sum {
                total: at.get(&(tier, code, sex, language)).copied(),
                parts,
            })
            .collect();
        let is_hidden: Vec<bool> = found.iter().map(|row| row[6] == "suppressed").collect();
        assert!(is_hidden.iter().any(|hidden| *hidden));
        assert_eq!(determined(&is_hidden, &sums), Vec::<usize>::new());
    });
}

/// What is hidden does not depend on how much was asked for.
#[test]
fn the_same_cells_are_hidden_whatever_is_asked() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let ctx = public(&lake);
        let key = "select tier, geo_code, breakdown, sex, flag from mart.indicator where indicator = 'GRD-02' and year = 2024 and \
                   level = 'school' and breakdown in ('total', 'sex') and tier in ('district', 'region', 'republic')";
        let whole = rows(&ctx, &format!("{key} order by 1, 2, 3, 4")).await;
        for narrow in ["tier = 'region'", "geo_code = '110000000'", "breakdown = 'total'", "sex = 'female'"] {
            let part = rows(&ctx, &format!("{key} and {narrow} order by 1, 2, 3, 4")).await;
            assert!(!part.is_empty() && part.iter().all(|row| whole.contains(row)), "{narrow}");
        }
        // Organisations asked for beside them change nothing above.
        let beside = rows(
            &ctx,
            &format!("{} order by 1, 2, 3, 4", key.replace("('district'", "('organisation', 'district'")),
        )
        .await;
        let above: Vec<_> = beside.into_iter().filter(|row| row[0] != "organisation").collect();
        assert_eq!(above, whole);
    });
}

/// A parity index stands on two values: without one of them it is hidden.
#[test]
fn parity_of_a_hidden_value_is_hidden() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let ctx = public(&lake);
        let hidden = rows(
            &ctx,
            "select distinct geo_code from mart.indicator where indicator = 'GRD-02' and year = 2024 and level = 'school' \
             and breakdown = 'sex' and tier = 'region' and flag = 'suppressed' order by 1",
        )
        .await;
        let parity = rows(
            &ctx,
            "select geo_code from mart.indicator where indicator = 'EQT-01:GRD-02' and year = 2024 and level = 'school' \
             and breakdown = 'total' and tier = 'region' and flag = 'suppressed' and value is null order by 1",
        )
        .await;
        assert!(!hidden.is_empty());
        assert_eq!(parity, hidden);
    });
}
