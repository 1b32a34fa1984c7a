//! The two publications and their dates (paragraph 12).

use super::site::fixture;
use crate::support_cli::Site;

fn record(site: &Site, kind: &str, year: &str, on: &str) -> crate::support_cli::Run {
    site.run(&["publication", "record", kind, "--year", year, "--on", on])
}

fn judged(site: &Site, kind: &str) -> String {
    let sql = format!(
        "select year, cast(due_on as varchar) as due, is_on_time, days_late from gov.publication_due where publication = \
         '{kind}' and published_on is not null order by year"
    );
    site.sql(&sql).replace("year,due,is_on_time,days_late\n", "")
}

#[test]
fn r_46_the_national_report_is_due_on_1_december() {
    let site = Site::new();
    record(&site, "national", "2021", "2022-12-01").ended(0);
    record(&site, "national", "2022", "2023-12-02").ended(0);
    assert_eq!(judged(&site, "national_report"), "2021,2022-12-01,true,0\n2022,2023-12-01,false,1\n");
    // Each names the lake version it was made from.
    assert_eq!(site.value("select lake_version from gov.publication where year = 2021"), "1");
    let punctual = "select concat(numerator, '/', denominator) from mart.indicator where indicator = 'GOV-11' and year = \
                    2022 and breakdown = 'category' and category = 'national_report'";
    assert_eq!(site.value(punctual), "0.0/1.0");
}

#[test]
fn r_46_a_publication_is_recorded_once_and_not_before_its_year_is_over() {
    let site = Site::new();
    record(&site, "national", "2021", "2021-12-31").ended(2);
    record(&site, "national", "2021", "2022-11-30").ended(0);
    let twice = record(&site, "national", "2021", "2022-12-01").ended(2);
    assert!(twice.err.contains("2022-11-30"), "{}", twice.err);
    let absent = [
        "publication",
        "record",
        "collection",
        "--year",
        "2021",
        "--on",
        "2022-02-01",
        "--lake-version",
        "99",
    ];
    site.run(&absent).ended(3);
    assert_eq!(site.value("select count(*) from gov.publication"), "1");
}

#[test]
fn r_47_the_collection_is_due_until_1_march_included() {
    let site = Site::new();
    record(&site, "collection", "2022", "2023-03-01").ended(0);
    record(&site, "collection", "2023", "2024-03-02").ended(0);
    assert_eq!(judged(&site, "national_collection"), "2022,2023-03-01,true,0\n2023,2024-03-01,false,1\n");
}

#[test]
fn r_47_what_is_not_out_in_time_is_late_without_a_record() {
    let site = Site::new();
    site.run(&["submit", &fixture("s1_org.csv"), "--form", "S1.ORG", "--quiet"]).ended(0);
    let overdue = "select string_agg(concat(publication, ' ', year), '; ' order by year, publication) from \
                   gov.publication_due where is_due and not is_on_time and published_on is null and year = 2023";
    assert_eq!(site.value(overdue), "national_collection 2023; national_report 2023");
}
