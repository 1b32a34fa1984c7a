//! The same question as known then and as known now.

use std::fs;

use bilim_domain::records::Form;

use super::{AFTER, Fixing, INSIDE, NOTICE};
use crate::support_cli::organisation;

/// Fixed with learners 3 in the general school; then a correction leaves out the one of grade 10.
fn corrected() -> Fixing {
    let fixing = Fixing::fixed();
    let mut rows = fixing.correction("fix.csv");
    rows.pop();
    fixing.land_at(AFTER, Form::Pupil, "fix.csv", &rows).ended(0);
    fixing
}

const SCHOOL: &str = "where indicator = 'CON-01' and year = 2024 and tier = 'region' and level = 'school' and breakdown = 'total'";

#[test]
fn r_34_an_archive_answers_as_then() {
    let fixing = corrected();
    let answer = |from: &str| fixing.value(&format!("select value from {from}.indicator {SCHOOL}"));
    assert_eq!(answer("archive_2024.mart"), "3.0");
    assert_eq!(answer("mart"), "2.0");
    // Views of the archive look their names up in the archive.
    let wide = "select count(*) from archive_2024.gov.register where year = 2024";
    assert_eq!(fixing.value(wide), "4");
    fixing.land_at(AFTER, Form::Organisation, "more.csv", &[organisation(9, &[])]).ended(0);
    assert_eq!(fixing.value(wide), "4");
    assert_eq!(fixing.value(&wide.replace("archive_2024.", "")), "5");
    let dynamics = format!("select value from archive_2024.mart.dynamics {SCHOOL}");
    assert_eq!(fixing.value(&dynamics), "3.0");
    assert_eq!(fixing.value(&dynamics.replace("archive_2024.", "")), "2.0");
    let version = fixing.value("select lake_version from gov.freeze where year = 2024");
    assert_eq!(fixing.value("select lake_version from archive_2024.meta.lake_version"), version);
}

/// The definitions in an archive are those of its time, whatever the program's are today.
#[test]
fn r_34_an_archive_keeps_its_definitions() {
    let fixing = Fixing::announced();
    // What the lake calls its definitions at the time of the fixing: those of this build but for one view.
    let hash = fixing.value("select definitions from meta.lake_version");
    let definitions = fixing.site.lake().join("definitions").join(&hash);
    fs::write(definitions.join("sql/mart/of_its_time.sql"), "select 459 as article").unwrap();
    fixing.make_keys("ministry");
    fixing.fix(INSIDE).ended(0);
    assert_eq!(fixing.value("select article from archive_2024.mart.of_its_time"), "459");
    let run = fixing.at(AFTER, &["sql", "select article from mart.of_its_time"]).ended(2);
    assert!(run.err.contains("of_its_time"), "{}", run.err);
    // The copy does not change with the original.
    fs::write(definitions.join("sql/mart/of_its_time.sql"), "select 460 as article").unwrap();
    assert_eq!(fixing.value("select article from archive_2024.mart.of_its_time"), "459");
}

#[test]
fn a_value_is_preliminary_until_the_fixing() {
    let fixing = Fixing::announced();
    let status = |from: &str| fixing.value(&format!("select distinct status from {from}.indicator {SCHOOL}"));
    assert_eq!(status("mart"), "preliminary");
    fixing.make_keys("ministry");
    fixing.fix(INSIDE).ended(0);
    assert_eq!(status("mart"), "final");
    assert_eq!(status("archive_2024.mart"), "final");
    let agreed = "select count(*) from gov.freeze where (status = 'fixed') <> (year_status(year) = 'final')";
    assert_eq!(fixing.value(agreed), "0");
    assert_eq!(fixing.value("select year_status(2023)"), "preliminary");
}

#[test]
fn as_of_a_version_a_time_a_day_and_a_fixing() {
    let fixing = corrected();
    let as_of = |moment: &str| {
        let statement = format!("select value, status from mart.indicator {SCHOOL}");
        let run = fixing.at(AFTER, &["sql", &statement, "--format", "csv", "--as-of", moment]);
        if run.code == Some(0) { run.text().lines().nth(1).unwrap_or("nothing").to_owned() } else { run.err }
    };
    let version = fixing.value("select lake_version from gov.freeze where year = 2024");
    assert_eq!(as_of("freeze:2024"), "3.0,final");
    assert_eq!(as_of(&version), "3.0,preliminary");
    assert_eq!(as_of("2024-10-09T05:59:59Z"), "3.0,preliminary");
    // The fixing is of the 9th, the correction of the 21st; a day means its end in the country.
    assert_eq!(as_of("2024-10-08"), "3.0,preliminary");
    assert_eq!(as_of("2024-10-20"), "3.0,final");
    assert_eq!(as_of("2024-10-21"), "2.0,final");
    assert_eq!(as_of("2024-10-21T05:59:59Z"), "3.0,final");
    assert!(as_of("freeze:2023").contains("no archive of 2023"));
    assert!(as_of("yesterday").contains("freeze:2024"), "{}", as_of("yesterday"));
    assert!(as_of("2024-08-31").contains("no version as early as"));
    let arguments = ["indicator", "CON-01", "--year", "2024", "--level", "school", "--as-of", "freeze:2024"];
    let run = fixing.at(AFTER, &[&arguments[..], &["--tier", "region", "--format", "csv"]].concat()).ended(0);
    assert!(run.text().contains(",3"), "{}", run.text());
}

/// One learner fewer: the sums that held her change by one, at every tier, by the one submission.
#[test]
fn revision_names_cells_and_submissions() {
    let fixing = corrected();
    let number = fixing.value("select max(submission) from gov.submission where file_name = 'fix.csv'");
    let cells = "select tier, geo_code, then_value, now_value, change, change_kind, submissions, submission_count from \
                 mart.revision where year = 2024 and indicator = 'CON-01' and breakdown = 'total' and level = 'school' \
                 and tier in ('organisation', 'district', 'region', 'republic') \
                 order by tier desc";
    let found = fixing.site.sql(cells);
    let bin = crate::support_cli::bin(2).to_string();
    let wanted: Vec<String> =
        [("republic", "KZ"), ("region", "110000000"), ("organisation", &bin), ("district", "113200000")]
            .iter()
            .map(|(tier, code)| format!("{tier},{code},3.0,2.0,-1.0,changed,{number},1"))
            .collect();
    assert_eq!(found.lines().skip(1).collect::<Vec<_>>(), wanted);
    // Of the levels that CON-01 counts from S1, these three hold grade 10; primary is as it was.
    let levels = "select distinct level from mart.revision where year = 2024 and indicator = 'CON-01' and breakdown = \
                  'total' and tier = 'republic' order by level";
    assert_eq!(
        fixing.site.sql(levels).lines().skip(1).collect::<Vec<_>>(),
        ["all", "general_secondary", "school"]
    );
    let none = "select count(*) from mart.revision where indicator = 'NET-01' and breakdown = 'total'";
    assert_eq!(fixing.value(none), "0");
    let sexes = "select then_value, now_value from mart.revision where year = 2024 and indicator = 'CON-01' and breakdown \
                 = 'sex' and sex = 'female' and level = 'school' and tier = 'republic'";
    assert_eq!(fixing.site.sql(sexes).lines().last(), Some("3.0,2.0"));
}

#[test]
fn without_a_fixing_nothing_is_revised() {
    let fixing = Fixing::new();
    assert_eq!(fixing.value("select count(*) from mart.revision"), "0");
    fixing.announce(NOTICE, "2024-10-07", "2024-10-18", &[]).ended(0);
    assert_eq!(fixing.value("select count(*) from mart.revision where year = 2024"), "0");
    let run = fixing.at(NOTICE, &["sql", "select 1 from archive_2024.mart.indicator"]).ended(2);
    assert!(run.err.contains("archive_2024"), "{}", run.err);
}
