//! What the views have to offer: families, tiers, norms, sources.

use super::site::{rows, value};
use crate::support::{block_on, tiny_lake};

#[test]
fn r_04_results_conditions_contingent_and_network_are_observed_and_compared() {
    block_on(async {
        let lake = tiny_lake().await;
        for (what, code) in
            [("results", "GRD-02"), ("conditions", "INF-03"), ("contingent", "CON-01"), ("network", "NET-01")]
        {
            for view in ["indicator", "dynamics"] {
                let sql = format!(
                    "select count(*) > 0 from mart.{view} where indicator = '{code}' and tier = 'region' and value is not \
                     null and breakdown = 'total'"
                );
                assert_eq!(value(&lake.ctx, &sql).await, "true", "{what} in mart.{view}");
            }
        }
        // Assessment: a rank, and the unit beside its parent.
        let ranked = "select count(*) > 0 from mart.ranking where indicator = 'TCH-01' and tier = 'region' and rank = 1";
        assert_eq!(value(&lake.ctx, ranked).await, "true");
        let profile = "select count(*) > 0 from mart.territory_profile where year = 2024 and tier = 'region'";
        assert_eq!(value(&lake.ctx, profile).await, "true");
    });
}

#[test]
fn r_06_every_indicator_has_a_norm_or_says_why_not() {
    block_on(async {
        let lake = tiny_lake().await;
        let silent = "select count(*) from ref.indicator where coalesce(trim(norm_source), '') = ''";
        assert_eq!(value(&lake.ctx, silent).await, "0");
        let reasons = "select count(*) > 0 from ref.indicator where norm_value is null and norm_source like '%no norm%'";
        assert_eq!(value(&lake.ctx, reasons).await, "true");
    });
}

#[test]
fn r_07_administrative_values_rest_on_administrative_forms_only() {
    block_on(async {
        let lake = tiny_lake().await;
        let mut seen = 0;
        for indicator in &lake.definitions.catalogue.indicators {
            for derivation in indicator.derivations.iter().filter(|derivation| derivation.source == "S1") {
                let terms = derivation.numerator.iter().chain(&derivation.denominator);
                for measure in terms.map(|term| term.measure.as_str()).chain(derivation.view.as_deref()) {
                    let sql = format!(
                        "select coalesce(string_agg(f.form, ' '), '-') from ref.measure_form f join ref.form o on o.form = \
                         f.form where f.measure = '{measure}' and o.data_kind not in ('administrative', 'register')"
                    );
                    assert_eq!(value(&lake.ctx, &sql).await, "-", "{} reads {measure}", indicator.code);
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "{seen} terms");
        // By regions, of the previous year.
        let regions = "select count(distinct geo_code) from mart.indicator where indicator = 'CON-01' and year = 2023 and \
                       tier = 'region' and source = 'S1' and breakdown = 'total'";
        assert_eq!(value(&lake.ctx, regions).await, "3");
    });
}

#[test]
fn r_08_state_statistics_and_administrative_data_stand_in_one_view() {
    block_on(async {
        let lake = tiny_lake().await;
        let sql = "select year, source from mart.indicator where indicator = 'NET-01' and tier = 'republic' and level = \
                   'school' and breakdown = 'total' and year in (2010, 2024) order by year";
        let expected = [["2010", "bns"], ["2024", "S1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(rows(&lake.ctx, sql).await, expected);
        // A measure of state statistics is known as one.
        let sql =
            "select string_agg(form, ' ') from ref.measure_form where measure = 'measures.published_value'";
        assert_eq!(value(&lake.ctx, sql).await, "S2.AGG");
    });
}

#[test]
fn r_12_sums_close_from_district_to_republic() {
    block_on(async {
        let lake = tiny_lake().await;
        let sum = |tier: &str| {
            format!(
                "select sum(numerator) from mart.indicator where indicator = 'CON-01' and year = 2024 and tier = '{tier}' \
                 and level = 'all' and breakdown = 'total'"
            )
        };
        // 30 learners of schools, 6 of kindergartens, 4 of the college.
        for tier in ["organisation", "district", "region", "republic"] {
            assert_eq!(value(&lake.ctx, &sum(tier)).await, "40.0", "{tier}");
        }
        let sql = "select distinct tier from mart.indicator where indicator in ('CON-01', 'ACC-01') and tier <> \
                   'organisation' order by tier";
        let tiers: Vec<String> = rows(&lake.ctx, sql).await.into_iter().flatten().collect();
        assert_eq!(tiers, ["district", "international", "region", "republic"]);
        // The international tier is never computed from administrative data.
        let sql = "select count(*) from mart.indicator where tier = 'international' and source in ('S1', 'S1+S2', 'S6')";
        assert_eq!(value(&lake.ctx, sql).await, "0");
    });
}

#[test]
fn r_17_testing_marks_and_studies_are_compared_in_one_answer() {
    block_on(async {
        let lake = tiny_lake().await;
        let sql = "select indicator, max(case when comparable is not null then 1 else 0 end) from mart.dynamics where \
                   indicator in ('UNT-03', 'GRD-02', 'ILS-01') and (geo_code in ('KZ', 'KAZ')) and value is not null group \
                   by indicator order by indicator";
        let found: Vec<String> = rows(&lake.ctx, sql).await.into_iter().map(|row| row[0].clone()).collect();
        assert_eq!(found, ["GRD-02", "ILS-01", "UNT-03"]);
    });
}

#[test]
fn r_31_the_cells_counted_are_the_fields_expected() {
    block_on(async {
        let lake = tiny_lake().await;
        let view =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/measures/item.sql")).unwrap();
        let sql = "select e.form, e.field, f.is_required from ref.expected_field e left join ref.field f on f.form = e.form \
                   and f.field = e.field order by e.form, e.field";
        let expected = rows(&lake.ctx, sql).await;
        // Each is a field that may be empty, and is counted in the part of its form; nothing else is.
        for row in &expected {
            let part = view.split(" as form,").find(|part| part.contains(&format!("count({})", row[1])));
            assert!(part.is_some(), "{row:?} is not counted");
            assert_eq!(row[2], "false", "{row:?}");
        }
        let counted = view.matches("count(").count()
            - view.matches("count(*)").count()
            - view.matches("count(e.").count();
        assert_eq!(counted, expected.len());
    });
}
