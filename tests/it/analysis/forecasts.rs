//! Forecasts: what may be forecast, bounds, reconciliation, and coverage on published series.

use std::path::Path;
use std::process::Command;

use bilim_domain::forecast::{Bounds, forecast};

use super::cells::{Cell, is_near, numbers, session};
use crate::support::{self, block_on};

const REGIONS: [&str; 3] = ["110000000", "150000000", "190000000"];

/// Yearly counts of three regions and the republic that is their sum.
fn country() -> Vec<Cell> {
    let mut cells = Vec::new();
    for year in 2012..=2021 {
        let step = f64::from(year - 2012);
        let values =
            [900.0 + 17.0 * step, 400.0 - 9.0 * step + 5.0 * (step % 3.0), 250.0 + 3.0 * step * (step % 2.0)];
        for (region, value) in REGIONS.iter().zip(values) {
            cells.push(Cell { geo: (*region).to_owned(), ..Cell::of(year, value) });
        }
        cells.push(Cell { tier: "republic", geo: "KZ".to_owned(), ..Cell::of(year, values.iter().sum()) });
    }
    cells
}

#[test]
fn regions_are_reconciled_to_the_republic() {
    let (sums, republic) = block_on(async {
        let ctx = session(&country()).await;
        let regions = "select year, sum(value), sum(value_proportional), min(reconciled_share) from mart.forecast where tier = \
                       'region' group by year order by year";
        let republic =
            "select year, value, value_bottom_up from mart.forecast where tier = 'republic' order by year";
        (numbers(&ctx, regions).await, numbers(&ctx, republic).await)
    });
    assert_eq!((sums.len(), republic.len()), (3, 3));
    for (sum, whole) in sums.iter().zip(&republic) {
        assert_eq!(sum[0], whole[0]);
        assert!(is_near(sum[1], whole[2]), "bottom-up: {sum:?} {whole:?}");
        assert!(is_near(sum[2], whole[1]), "proportional: {sum:?} {whole:?}");
        assert!(is_near(sum[3], Some(1.0)));
    }
}

#[test]
fn a_region_without_a_forecast_keeps_its_share() {
    let (sums, republic) = block_on(async {
        let cells = country()
            .into_iter()
            .filter(|cell| cell.geo != REGIONS[2] || cell.year > 2017)
            .collect::<Vec<_>>();
        let ctx = session(&cells).await;
        let sql = "select sum(value_proportional), count(*), min(reconciled_share) from mart.forecast where tier = 'region' and \
                   year = 2022";
        (
            numbers(&ctx, sql).await,
            numbers(&ctx, "select value from mart.forecast where tier = 'republic' and year = 2022").await,
        )
    });
    // In 2021 the regions have 1053, 319 and 277 of 1649: four years of the third are too few.
    let share = (1053.0 + 319.0) / 1649.0;
    assert_eq!(sums[0][1], Some(2.0));
    assert!(is_near(sums[0][2], Some(share)), "{sums:?}");
    assert!(is_near(sums[0][0], republic[0][0].map(|value| value * share)), "{sums:?} {republic:?}");
}

#[test]
fn the_view_gives_what_the_oracle_gives() {
    let cells: Vec<Cell> = country().into_iter().filter(|cell| cell.geo == REGIONS[1]).collect();
    let points: Vec<(i32, f64)> = cells.iter().map(|cell| (cell.year, cell.value)).collect();
    let rows = block_on(async move {
        let ctx = session(&cells).await;
        numbers(
            &ctx,
            "select year, value, lo80, hi80, lo95, hi95, backtest_error from mart.forecast order by year",
        )
        .await
    });
    let expected = forecast(&points, 3, Bounds { lower: Some(0.0), upper: None }).unwrap();
    assert_eq!(rows.len(), 3);
    for (row, step) in rows.iter().zip(expected.steps) {
        let year = f64::from(2021 + i32::try_from(step.ahead).unwrap());
        let numbers = [year, step.value, step.lo80, step.hi80, step.lo95, step.hi95, expected.backtest_error];
        assert!(
            row.iter().zip(numbers).all(|(found, number)| is_near(*found, Some(number))),
            "{row:?} {numbers:?}"
        );
    }
}

#[test]
fn never_across_a_break_nor_out_of_bounds() {
    let (broken, later, shares) = block_on(async {
        let of =
            |cells: Vec<Cell>, sql: &'static str| async move { numbers(&session(&cells).await, sql).await };
        let region = || country().into_iter().filter(|cell| cell.geo == REGIONS[0]);
        let count = "select count(*) from mart.forecast";
        // Another source since 2018 leaves four years, a new definition since 2016 six.
        let source = region()
            .map(|cell| Cell { source: if cell.year < 2018 { "S2" } else { "S1" }, ..cell })
            .collect();
        let version =
            region().map(|cell| Cell { version: if cell.year < 2016 { 1 } else { 2 }, ..cell }).collect();
        let shares = (2012..=2021).map(|year| Cell::ratio(year, f64::from(year - 1922), 100.0)).collect();
        (
            of(source, count).await,
            of(version, count).await,
            of(shares, "select max(hi95), max(value), min(lo95) from mart.forecast").await,
        )
    });
    assert_eq!(broken, [[Some(0.0)]]);
    assert_eq!(later, [[Some(3.0)]]);
    // 90 to 99 percent: the trend would pass 100.
    assert_eq!(shares[0][0], Some(100.0));
    assert!(shares[0][1] <= Some(100.0) && shares[0][2] >= Some(0.0));
}

/// On the schools, pupils, teachers and enrolment ratios by region that the Bureau published, 2000 to 2022, the
/// 80 % intervals hold between 70 and 90 % of what came. Anyone can ask: `mart.forecast_coverage`.
#[test]
fn intervals_cover_what_came_on_the_published_series() {
    let Some(data) = support::real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let bilim = |args: &[&str]| {
        let output = Command::new(support::program())
            .args(["--quiet", "--format", "csv", "--lake"])
            .arg(&lake)
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    bilim(&["init"]);
    bilim(&["import", "bns-schools", "--from", Path::new(&data).to_str().unwrap()]);
    let sql = "select sum(trials) as trials, sum(trials * coverage_80) / sum(trials) as coverage_80, sum(trials * coverage_95) / \
               sum(trials) as coverage_95 from mart.forecast_coverage where tier = 'region' and breakdown = 'total' and indicator \
               in ('CON-01', 'NET-01', 'ACC-01', 'TCH-01')";
    let answer = bilim(&["sql", sql]);
    let numbers: Vec<f64> =
        answer.lines().nth(1).unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
    assert!(numbers[0] > 2000.0, "{answer}");
    assert!((70.0..=90.0).contains(&numbers[1]), "{answer}");
    assert!((87.0..=99.0).contains(&numbers[2]), "{answer}");
}
