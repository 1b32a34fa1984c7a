//! How a fixing went, and what was revised after it, as indicators.

use bilim_domain::records::Form;

use super::{AFTER, Fixing, INSIDE, SEPTEMBER};
use crate::support_cli::{file, organisation};

/// Conditions kept and judged, of a category.
fn conformance(fixing: &Fixing, category: &str) -> String {
    let breakdown = if category == "_T" { "total" } else { "category" };
    fixing.value(&format!(
        "select concat(cast(numerator as int), '/', cast(denominator as int), ' ', cast(value as int)) from \
         mart.indicator where indicator = 'GOV-10' and year = 2024 and tier = 'republic' and breakdown = '{breakdown}' and \
         category = '{category}'"
    ))
}

/// What is measured of the year.
fn measured(fixing: &Fixing) -> String {
    let row = "select suspension_working_days, notice_working_days, fixing_date_count, write_count from \
               gov.freeze_conformance where year = 2024";
    fixing.site.sql(row).lines().last().unwrap_or_default().to_owned()
}

/// 7 to 18 October 2024 are two full weeks, ten working days; between 1 and 7 October lie Wednesday to Friday, three.
#[test]
fn r_38_a_fixing_by_the_rules_conforms() {
    let fixing = Fixing::announced();
    // Whether anything was written inside is judged once a version is chosen.
    assert_eq!(conformance(&fixing, "_T"), "4/4 100");
    assert_eq!(measured(&fixing), "10,3,1,");
    // What waits in the queue is no write inside the suspension, though it counts as entered then.
    fixing.site.write("late.csv", file(Form::Pupil, &fixing.correction("late.csv")));
    fixing.at(INSIDE, &["submit", "late.csv", "--form", "S1.PUPIL", "--queue"]).ended(0);
    fixing.make_keys("ministry");
    fixing.fix(INSIDE).ended(0);
    fixing.land_at(AFTER, Form::Organisation, "more.csv", &[organisation(9, &[])]).ended(0);
    let late = "select count(*) from gov.submission where file_name = 'late.csv' and outcome = 'accepted'";
    assert_eq!(fixing.value(late), "1");
    assert_eq!(measured(&fixing), "10,3,1,0");
    for category in ["in_october", "length", "notice", "one_date", "no_writes"] {
        assert_eq!(conformance(&fixing, category), "1/1 100", "{category}");
    }
    assert_eq!(conformance(&fixing, "_T"), "5/5 100");
}

/// Announced for one week, then on the 9th for a window that had begun on the 7th, to the 21st (eleven working days),
/// with another date; a file had landed on the 8th.
#[test]
fn r_39_what_was_overruled_does_not_conform() {
    let fixing = Fixing::new();
    fixing.announce(SEPTEMBER, "2024-10-14", "2024-10-18", &["--date", "2024-10-16"]).ended(0);
    fixing
        .land_at("2024-10-08T06:00:00Z", Form::Organisation, "inside.csv", &[organisation(9, &[])])
        .ended(0);
    fixing.announce(INSIDE, "2024-10-07", "2024-10-21", &["--override", "asked by the ministry"]).ended(0);
    assert_eq!(
        fixing.value("select overridden from gov.freeze where year = 2024").trim_matches('"'),
        "R-33,R-39,R-40"
    );
    fixing.make_keys("ministry");
    fixing.fix("2024-10-10T06:00:00Z").ended(0);
    assert_eq!(measured(&fixing), "11,0,2,1");
    assert_eq!(conformance(&fixing, "in_october"), "1/1 100");
    for category in ["length", "notice", "one_date", "no_writes"] {
        assert_eq!(conformance(&fixing, category), "0/1 0", "{category}");
    }
    assert_eq!(conformance(&fixing, "_T"), "1/5 20");
}

/// Announced as it should be and then not held: three of the four that can be judged.
#[test]
fn r_38_a_missed_october_does_not_conform() {
    let fixing = Fixing::announced();
    fixing.land_at("2024-11-05T06:00:00Z", Form::Organisation, "late.csv", &[organisation(9, &[])]).ended(0);
    assert_eq!(conformance(&fixing, "in_october"), "0/1 0");
    assert_eq!(conformance(&fixing, "_T"), "3/4 75");
}

/// A version of half an hour before midnight of the capital does not miss October; one of half an hour after does,
/// though Greenwich is still in it.
#[test]
fn r_38_october_ends_at_midnight_of_the_capital() {
    let fixing = Fixing::announced();
    for (time, kept) in [("2024-10-31T18:30:00Z", "1/1 100"), ("2024-10-31T19:30:00Z", "0/1 0")] {
        let number = usize::from(kept == "0/1 0") + 8;
        fixing.land_at(time, Form::Organisation, "late.csv", &[organisation(number, &[])]).ended(0);
        assert_eq!(conformance(&fixing, "in_october"), kept, "{time}");
    }
}

/// GOV-09 at every tier: cells revised and cells of CON-01, of NET-01, and whether all revised cells were counted in the
/// total and in each tier alike.
fn revised(fixing: &Fixing) -> Vec<String> {
    let rows = fixing.site.sql(
        "select category, string_agg(concat(cast(numerator as int), '/', cast(denominator as int)), ' ' order by tier) as \
         tiers from mart.indicator where indicator = 'GOV-09' and year = 2024 and tier in ('district', 'region', \
         'republic') and breakdown in ('category', 'total') group by category",
    );
    let find = |category: &str| {
        let row = rows.lines().find_map(|row| row.strip_prefix(&format!("{category},")));
        row.unwrap_or_else(|| panic!("no {category}: {rows}")).to_owned()
    };
    let counts = |text: &str| -> (u32, u32) {
        let (revised, cells) = text.split_once('/').unwrap();
        (revised.parse().unwrap(), cells.parse().unwrap())
    };
    let total = find("_T");
    let tiers: Vec<&str> = total.split(' ').collect();
    assert!(tiers.len() == 3 && tiers.iter().all(|tier| *tier == tiers[0]), "{rows}");
    let parts = rows.lines().skip(1).filter(|row| !row.starts_with("_T,"));
    let (revised, cells) = parts
        .map(|row| counts(row.split_once(',').unwrap().1.split(' ').next().unwrap()))
        .fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    assert_eq!((revised, cells), counts(tiers[0]), "{rows}");
    vec![find("CON-01"), find("NET-01"), tiers[0].to_owned()]
}

/// All four organisations are of one district, so that each indicator has one cell. A correction takes a learner away
/// (CON-01: 3, then 2); then one more school is registered (NET-01: 4 organisations, then 5).
#[test]
fn r_34_revision_after_the_fixing_is_measured() {
    let fixing = Fixing::fixed();
    let found = revised(&fixing);
    assert_eq!(found[..2], ["0/1 0/1 0/1", "0/1 0/1 0/1"]);
    assert!(found[2].starts_with("0/"), "{}", found[2]);
    let mut rows = fixing.correction("fix.csv");
    rows.pop();
    fixing.land_at(AFTER, Form::Pupil, "fix.csv", &rows).ended(0);
    assert_eq!(revised(&fixing)[..2], ["1/1 1/1 1/1", "0/1 0/1 0/1"]);
    let kinds = "select change_kind from mart.comparison where year = 2024 and indicator = 'NET-01' and tier = 'district' \
                 and breakdown = 'total' and level = 'all'";
    assert_eq!(fixing.value(kinds), "unchanged");
    fixing.land_at(AFTER, Form::Organisation, "more.csv", &[organisation(9, &[])]).ended(0);
    assert_eq!(revised(&fixing)[..2], ["1/1 1/1 1/1", "1/1 1/1 1/1"]);
    assert_eq!(fixing.value(kinds), "changed");
    // What is made of revisions is not revised itself, and an archive knows of no later state.
    assert_eq!(fixing.value("select count(*) from mart.revision where indicator = 'GOV-09'"), "0");
    let archived = "select count(*) from archive_2024.mart.indicator where indicator = 'GOV-09'";
    assert_eq!(fixing.value(archived), "0");
}
