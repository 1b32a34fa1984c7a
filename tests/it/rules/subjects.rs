//! Who is a subject of monitoring, for what, and what it owes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::{Assets, Definitions};
use bilim_domain::records::Form;

use super::site::{AGENCY, AKKOL, AKMOLA, AKTOBE, MINISTRY, fixture, governed, org, rows, submit_as, value};
use crate::support::{block_on, tiny_lake};
use crate::support_cli::{file, organisation};

#[test]
fn r_05_the_ministry_reaches_every_region_a_department_its_own() {
    let site = governed();
    let rows = [organisation(1, &[]), organisation(2, &[("district", "151000000")])];
    site.write("all.csv", file(Form::Organisation, &rows));
    let refused = submit_as(&site, Form::Organisation, "all.csv", AKMOLA).ended(1);
    assert!(refused.err.contains(&org(2)) || refused.err.contains("151000000"), "{}", refused.err);
    assert_eq!(site.value("select count(*) from raw.s1_org"), "0");
    submit_as(&site, Form::Organisation, "all.csv", MINISTRY).ended(0);
    assert_eq!(site.value("select count(distinct region) from raw.s1_org"), "2");
}

#[test]
fn r_10_three_kinds_of_subjects_submit_and_nobody_else() {
    let site = governed();
    let kinds = site.sql("select subject_kind from ref.subject_kind order by paragraph");
    assert_eq!(kinds, "subject_kind\norganisation\ndistrict_dept\nregion_dept\n");
    let write = |name: &str, shifts: &str| {
        site.write(name, file(Form::Organisation, &[organisation(1, &[("shifts", shifts)])]));
    };
    write("own.csv", "1");
    submit_as(&site, Form::Organisation, "own.csv", &org(1)).ended(0);
    write("district.csv", "2");
    submit_as(&site, Form::Organisation, "district.csv", AKKOL).ended(0);
    write("region.csv", "3");
    submit_as(&site, Form::Organisation, "region.csv", AKMOLA).ended(0);
    // Another organisation, the department of another region, an agency, what is no BIN.
    submit_as(&site, Form::Organisation, "own.csv", &org(2)).ended(1);
    submit_as(&site, Form::Organisation, "own.csv", AKTOBE).ended(1);
    submit_as(&site, Form::Organisation, "own.csv", AGENCY).ended(4);
    submit_as(&site, Form::Organisation, "own.csv", "990140001006").ended(2);
    assert_eq!(site.value("select shifts from raw.s1_org"), "3");
    let subjects =
        "select subject_kind, count(*) as n from gov.subject where year = 2024 group by 1 order by 1";
    assert_eq!(site.sql(subjects), "subject_kind,n\ndistrict_dept,1\norganisation,1\nregion_dept,3\n");
}

#[test]
fn r_42_everybody_owes_whatever_the_ownership() {
    block_on(async {
        let lake = tiny_lake().await;
        // A3 is private and a gymnasium, A1 the state's and a general school: the same forms.
        let owed = |bin: &str| {
            format!(
                "select string_agg(form, ' ' order by form) from gov.obligation where year = 2024 and org_bin = {bin}"
            )
        };
        let private = value(&lake.ctx, &owed("990140003001")).await;
        assert_eq!(private, value(&lake.ctx, &owed("990140001005")).await);
        assert!(private.starts_with("S1.CLASS"), "{private}");
        // The facet is in the indicator, and no share exceeds one.
        let facets = rows(
            &lake.ctx,
            "select ownership, max(numerator / denominator) <= 1 from mart.indicator where indicator = 'GOV-01' and year = \
             2024 and breakdown = 'ownership' and level = 'all' and tier = 'republic' group by ownership order by ownership",
        )
        .await;
        assert_eq!(
            facets,
            [["private", "true"], ["state", "true"]].map(|row| row.map(str::to_owned).to_vec())
        );
    });
}

#[test]
fn r_42_a_closed_organisation_owes_nothing() {
    block_on(async {
        let lake = tiny_lake().await;
        // A6 closed on 31 August 2024; it owed in 2023.
        let owed = |year: i32| {
            format!("select count(*) > 0 from gov.obligation where org_bin = 990140006006 and year = {year}")
        };
        assert_eq!(value(&lake.ctx, &owed(2023)).await, "true");
        assert_eq!(value(&lake.ctx, &owed(2024)).await, "false");
        // What it sent all the same is in no completeness: who reported is among who owes.
        let beyond = "select count(*) from gov.completeness where reported_count > obliged_count";
        assert_eq!(value(&lake.ctx, beyond).await, "0");
        let sent = "select count(*) from gov.reported where org_bin = 990140006006 and year = 2024";
        assert_ne!(value(&lake.ctx, sent).await, "0");
    });
}

#[test]
fn r_44_departments_owe_what_a_form_lays_on_them() {
    block_on(async {
        let lake = tiny_lake().await;
        // The form of equipment, laid on district and region departments as well.
        let edit = |path: &str, bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let owed = "owed_by = [";
            assert!(path != "datasets/forms/s1_infra.toml" || text.contains(owed));
            match path {
                "datasets/forms/s1_infra.toml" => {
                    text.replace(owed, "owed_by = [\"district_dept\", \"region_dept\", ").into_bytes()
                }
                _ => text.into_bytes(),
            }
        };
        let files: BTreeMap<String, Vec<u8>> = lake
            .definitions
            .assets
            .iter()
            .map(|(path, bytes)| (path.to_owned(), edit(path, bytes)))
            .collect();
        let definitions = Arc::new(Definitions::from_assets(Assets::from_map(files)).unwrap());
        let config = Config::default();
        let runtime = bilim::session::runtime(&config).unwrap();
        let ctx = bilim::session::open(&config, runtime, &definitions, &lake.snapshot).unwrap();
        let found = rows(
            &ctx,
            "select subject_kind, obliged_count, reported_count from (select subject_kind, sum(obliged_count) as \
             obliged_count, sum(reported_count) as reported_count from gov.completeness where form = 'S1.INFRA' and year = \
             2024 group by subject_kind) order by subject_kind",
        )
        .await;
        // Seven organisations owe it and six sent it (B2 did not); Akkol and three regions owe it and sent nothing.
        let expected = [["district_dept", "1", "0"], ["organisation", "7", "6"], ["region_dept", "3", "0"]];
        assert_eq!(found, expected.map(|row| row.map(str::to_owned).to_vec()));
        let indicator = "select concat(numerator, '/', denominator) from mart.indicator where indicator = 'GOV-01' and \
                         year = 2024 and tier = 'republic' and level = 'all' and breakdown = 'category' and category = \
                         'S1.INFRA'";
        assert_eq!(value(&ctx, indicator).await, "6.0/11.0");
        // Schools alone are not measured by what departments owe.
        let schools = indicator.replace("level = 'all'", "level = 'school'");
        assert_eq!(value(&ctx, &schools).await, "5.0/6.0");
    });
}

#[test]
fn r_44_what_a_department_itself_sends_is_its_delivery() {
    let site = governed();
    let name = "passport.csv";
    site.write(name, file(Form::Organisation, &[organisation(1, &[])]));
    submit_as(&site, Form::Organisation, name, AKKOL).ended(0);
    let sent =
        "select lpad(cast(bin as varchar), 12, '0') from gov.reported_by_subject where form = 'S1.ORG'";
    assert_eq!(site.value(sent), AKKOL);
    assert!(std::path::Path::new(&fixture("reg_authority.csv")).is_file());
}
