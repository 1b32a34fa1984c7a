//! Parameters change with a reason and a date in force; earlier results stay (paragraph 12).

use super::site::fixture;
use crate::support_cli::Site;

/// Schools with fast internet among those that measured, 2024: INF-03.
const FAST: &str = "select concat(numerator, '/', denominator) as share from mart.indicator where indicator = 'INF-03' and \
                    year = 2024 and tier = 'republic' and level = 'school' and breakdown = 'total'";

fn set(site: &Site, arguments: &[&str]) -> crate::support_cli::Run {
    let mut all = vec!["parameter", "set"];
    all.extend_from_slice(arguments);
    site.run(&all)
}

#[test]
fn r_45_a_changed_parameter_is_logged_and_earlier_answers_stay() {
    let site = Site::new();
    for (form, name) in [("S1.ORG", "s1_org.csv"), ("S1.INFRA", "s1_infra.csv")] {
        site.run(&["submit", &fixture(name), "--form", form, "--quiet"]).ended(0);
    }
    let version = site.value("select lake_version from meta.lake_version");
    let then =
        |version: &str| site.run(&["sql", FAST, "--as-of", version, "--format", "csv"]).ended(0).text();
    // At 20 Mbit/s, the norm of 2024: A1 25, A3 50, B1 20 and D1 100 of five.
    assert_eq!(site.value(FAST), "4.0/5.0");
    set(&site, &["broadband_norm_mbps", "50", "--from", "2024", "--reason", "a faster norm"]).ended(0);
    // A3 50 and D1 100.
    assert_eq!(site.value(FAST), "2.0/5.0");
    assert_eq!(then(&version), "share\n4.0/5.0\n");
    let log = "select name, value, value_before, cast(in_force_on as varchar) as d, valid_from_year, reason from \
               gov.parameter_change";
    assert_eq!(
        site.sql(log),
        "name,value,value_before,d,valid_from_year,reason\nbroadband_norm_mbps,50.0000,20.0000,2024-01-01,2024,a faster \
         norm\n"
    );
    // In force on 1 November: from the fixing of the next October, so reporting year 2025; 2024 keeps 50.
    set(&site, &["broadband_norm_mbps", "200", "--from", "2024-11-01", "--reason", "again"]).ended(0);
    assert_eq!(site.value(FAST), "2.0/5.0");
    let years = "select string_agg(cast(cast(value as int) as varchar), ' ' order by year) from ref.parameter_year where \
                 name = 'broadband_norm_mbps' and year between 2018 and 2027";
    assert_eq!(site.value(years), "4 10 10 10 20 20 50 200 200 200");
    // An earlier change stays beneath a later one of the same year.
    set(&site, &["broadband_norm_mbps", "100.5", "--from", "2024-10-01", "--reason", "on the day of fixing"])
        .ended(0);
    assert_eq!(site.value(FAST), "0.0/5.0");
    assert_eq!(then(&version), "share\n4.0/5.0\n");
}

#[test]
fn r_45_a_change_without_reason_name_or_number_is_refused() {
    let site = Site::new();
    let version = site.value("select lake_version from meta.lake_version");
    set(&site, &["broadband_norm_mbps", "50", "--from", "2024"]).ended(2);
    set(&site, &["broadband_norm_mbps", "50", "--from", "2024", "--reason", "  "]).ended(2);
    set(&site, &["no_such_norm", "50", "--from", "2024", "--reason", "r"]).ended(2);
    for bad in ["fifty", "1e3", "1.23456", "", "-", "123456789012345"] {
        set(&site, &["broadband_norm_mbps", bad, "--from", "2024", "--reason", "r"]).ended(2);
    }
    for bad in ["1800", "2024-13-01", "soon", "2041"] {
        set(&site, &["broadband_norm_mbps", "50", "--from", bad, "--reason", "r"]).ended(2);
    }
    assert_eq!(site.value("select lake_version from meta.lake_version"), version);
    // Without changes the parameters are those built in, row by row.
    let differing = "select count(*) from ref.parameter p full join ref.parameter_default d on d.name = p.name and \
                     coalesce(d.valid_from_year, 0) = coalesce(p.valid_from_year, 0) where (p.value is \
                     distinct from d.value) or (p.valid_to_year is distinct from d.valid_to_year) or (p.unit is distinct \
                     from d.unit)";
    assert_eq!(site.value(differing), "0");
}
