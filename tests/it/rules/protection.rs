//! Protection of persons: in what is stored, and in what is shown.

use bilim_domain::records::Form;

use super::site::rows;
use crate::support::{block_on, tiny_lake};
use crate::support_cli::{Site, file, pupil};

/// An IIN with a right check digit; nobody's.
const IIN: &str = "080229600019";

#[test]
fn r_35_an_iin_is_refused_and_repeated_nowhere() {
    let site = Site::new();
    site.write("pupils.csv", file(Form::Pupil, &[pupil(1, 1, &[("pid", IIN)])]));
    let run = site.run(&["submit", "pupils.csv", "--form", "S1.PUPIL", "--findings", "found.csv"]).ended(1);
    assert!(!run.err.contains(IIN), "{}", run.err);
    assert!(!std::fs::read_to_string(site.folder().join("found.csv")).unwrap().contains(IIN));
    assert_eq!(site.value("select count(*) from raw.s1_pupil"), "0");
    // The attempt itself is on record: who, when, with which outcome.
    assert_eq!(
        site.value("select concat(outcome, ' ', submitted_at is not null) from gov.submission"),
        "rejected true"
    );
    let findings = site.sql("select value, message_en from gov.finding");
    assert!(!findings.contains(IIN), "{findings}");
}

#[test]
fn r_48_no_view_of_mart_carries_a_person() {
    block_on(async {
        let lake = tiny_lake().await;
        let views =
            ["indicator", "indicator_edition", "indicator_wide", "dynamics", "ranking", "territory_profile"];
        for view in views {
            let frame = lake.ctx.table(format!("mart.{view}")).await.unwrap();
            let named: Vec<String> =
                frame.schema().fields().iter().map(|field| field.name().clone()).collect();
            assert!(!named.is_empty());
            let person = ["pid", "tid", "iin", "birth", "child_pid", "respondent_id"];
            assert!(!named.iter().any(|name| person.contains(&name.as_str())), "mart.{view}: {named:?}");
        }
        let known = rows(
            &lake.ctx,
            "select table_name from information_schema.tables where table_schema = 'mart' order by table_name",
        )
        .await;
        let known: Vec<&str> = known.iter().map(|row| row[0].as_str()).collect();
        assert!(views.iter().all(|view| known.contains(view)), "{known:?}");
    });
}
