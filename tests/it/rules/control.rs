//! Control by departments: who sees, returns and accepts what (paragraph 8, item 2).

use bilim_domain::records::Form;

use super::site::{AGENCY, AKKOL, AKMOLA, AKTOBE, MINISTRY, governed, org, rows, submit_as};
use crate::support::{block_on, tiny_lake};
use crate::support_cli::{Site, file, organisation};

/// Organisations 1 and 2 in Akkol, 3 in Aktobe, each with its own passport: submissions 2, 3, 4.
fn country() -> Site {
    let site = governed();
    for (number, district) in [(1, "113200000"), (2, "113200000"), (3, "151000000")] {
        let name = format!("{number}.csv");
        site.write(&name, file(Form::Organisation, &[organisation(number, &[("district", district)])]));
        submit_as(&site, Form::Organisation, &name, &org(number)).ended(0);
    }
    site
}

fn decide(site: &Site, what: &str, submission: &str, by: &str, code: i32) -> String {
    let arguments =
        ["control", what, "--submission", submission, "--by", by, "--reason", "the capacity is wrong"];
    site.run(&arguments).ended(code).err
}

fn states(site: &Site) -> String {
    site.sql("select submission, state from gov.submission_state order by submission")
}

#[test]
fn r_31_departments_return_and_accept_what_is_under_them() {
    let site = country();
    assert_eq!(states(&site), "submission,state\n2,submitted\n3,submitted\n4,submitted\n");
    decide(&site, "return", "2", AKKOL, 0);
    decide(&site, "accept", "3", AKMOLA, 0);
    decide(&site, "accept", "4", MINISTRY, 0);
    assert_eq!(states(&site), "submission,state\n2,returned\n3,accepted\n4,accepted\n");
    let seen = |by: &str| {
        let text = site.run(&["control", "list", "--by", by, "--format", "csv"]).ended(0).text();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((seen(AKKOL), seen(AKTOBE)), (vec!["2".to_owned(), "3".to_owned()], vec!["4".to_owned()]));
    let reason = site.value("select reason from gov.scope_state where state = 'returned'");
    assert_eq!(reason, "the capacity is wrong");
    // Corrected, it stands again; the returned one is history and no longer to be decided on.
    let corrected = organisation(1, &[("design_capacity", "120")]);
    site.write("again.csv", file(Form::Organisation, &[corrected]));
    submit_as(&site, Form::Organisation, "again.csv", &org(1)).ended(0);
    assert_eq!(states(&site), "submission,state\n2,superseded\n3,accepted\n4,accepted\n5,submitted\n");
    let refused = decide(&site, "accept", "2", AKKOL, 2);
    assert!(refused.contains("superseded"), "{refused}");
    // A later decision takes the place of an earlier one.
    decide(&site, "return", "3", AKMOLA, 0);
    assert_eq!(site.value("select state from gov.submission_state where submission = 3"), "returned");
    assert_eq!(site.value("select count(*) from gov.decision"), "4");
}

#[test]
fn r_31_nobody_decides_outside_its_territory() {
    let site = country();
    let version = site.value("select lake_version from meta.lake_version");
    let outside = decide(&site, "return", "4", AKKOL, 4);
    assert!(
        outside.contains(&org(3)) && outside.contains("151000000") && outside.contains(AKKOL),
        "{outside}"
    );
    decide(&site, "return", "2", AKTOBE, 4);
    // Neither an organisation nor an agency is a department.
    decide(&site, "accept", "2", &org(1), 4);
    decide(&site, "accept", "2", AGENCY, 4);
    // A submission over two regions is the ministry's to decide on.
    let both =
        [organisation(2, &[("shifts", "1")]), organisation(3, &[("district", "151000000"), ("shifts", "1")])];
    site.write("both.csv", file(Form::Organisation, &both));
    submit_as(&site, Form::Organisation, "both.csv", MINISTRY).ended(0);
    decide(&site, "accept", "5", AKMOLA, 4);
    // What is not there, and a return without a reason.
    decide(&site, "accept", "77", MINISTRY, 2);
    site.run(&["control", "return", "--submission", "2", "--by", AKKOL]).ended(2);
    assert_eq!(site.value("select count(*) from gov.decision"), "0");
    let after: i64 = site.value("select lake_version from meta.lake_version").parse().unwrap();
    assert_eq!(after, version.parse::<i64>().unwrap() + 1, "only the landing made a version");
}

#[test]
fn r_31_quality_of_data_is_known_by_organisation_district_and_region() {
    block_on(async {
        let lake = tiny_lake().await;
        let found = rows(
            &lake.ctx,
            "select indicator, count(distinct tier) from mart.indicator where indicator in ('GOV-02', 'GOV-03', 'GOV-06') \
             and tier in ('organisation', 'district', 'region') and year = 2024 and value is not null group by indicator \
             order by indicator",
        )
        .await;
        assert_eq!(
            found,
            [["GOV-02", "3"], ["GOV-03", "3"], ["GOV-06", "3"]].map(|row| row.map(str::to_owned).to_vec())
        );
        let found = rows(
            &lake.ctx,
            "select tier, min(flag), max(flag) from mart.indicator where indicator = 'GOV-01' and year = 2024 and tier in \
             ('district', 'region') group by tier order by tier",
        )
        .await;
        assert_eq!(
            found,
            [["district", "ok", "ok"], ["region", "ok", "ok"]].map(|row| row.map(str::to_owned).to_vec())
        );
    });
}

/// A submission over several regions counts once, where its subject has its seat: checks of parts add up to the
/// republic.
#[test]
fn r_31_a_submission_over_two_regions_is_counted() {
    let site = country();
    let counted = || {
        let text = site.sql(
            "select tier, geo_code, cast(denominator as bigint) from mart.indicator where indicator = 'GOV-06' and \
             year = 2024 and level = 'all' and breakdown = 'total' and tier <> 'organisation' order by tier, geo_code",
        );
        let line = |line: &str| {
            let (unit, count) = line.rsplit_once(',').unwrap();
            (unit.to_owned(), count.parse::<i64>().unwrap())
        };
        text.lines().skip(1).map(line).collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = counted();
    // Passports of organisations 1 and 2 in Akkol and of 3 in Aktobe: one row each, 23 fields and 3 rules.
    assert_eq!((before["district,113200000"], before["district,151000000"]), (52, 26), "{before:?}");
    assert_eq!((before["region,110000000"], before["region,150000000"]), (52, 26), "{before:?}");
    let both =
        [organisation(2, &[("shifts", "1")]), organisation(3, &[("district", "151000000"), ("shifts", "1")])];
    site.write("both.csv", file(Form::Organisation, &both));
    submit_as(&site, Form::Organisation, "both.csv", MINISTRY).ended(0);
    // Two rows of the ministry, which has its seat in Astana; nothing changes elsewhere.
    let mut expected = before.clone();
    for unit in ["district,710000000", "region,710000000", "republic,KZ"] {
        *expected.entry(unit.to_owned()).or_default() += 52;
    }
    let after = counted();
    assert_eq!(after, expected);
    let sum =
        |tier: &str| after.iter().filter(|(unit, _)| unit.starts_with(tier)).map(|(_, n)| n).sum::<i64>();
    assert_eq!([sum("district"), sum("region")], [after["republic,KZ"]; 2], "{after:?}");
}
