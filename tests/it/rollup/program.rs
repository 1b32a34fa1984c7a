//! `bilim upkeep rollups` and `--no-rollups`.

use bilim_domain::records::Form;

use crate::support_cli::{Site, organisation};

#[test]
fn upkeep_makes_rollups_once_and_answers_stay() {
    let site = Site::new();
    for number in 1..=3 {
        site.land(Form::Organisation, &format!("org{number}.csv"), &[organisation(number, &[])]);
    }
    let asked = ["indicator", "NET-01", "--tier", "region", "--format", "csv"];
    let before = site.run(&asked).ended(0).text();
    let version = site.value("select max(lake_version) from meta.lake_version");
    let planned = site.run(&["upkeep", "rollups", "--dry-run", "--format", "csv"]).ended(0).text();
    assert!(!site.lake().join("rollup").exists(), "a dry run makes nothing");
    let made = site.run(&["upkeep", "rollups", "--format", "csv"]).ended(0).text();
    let count = |text: &str, measure: &str| -> Option<String> {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{measure},")))?;
        line.split(',').next().map(str::to_owned)
    };
    assert_eq!(count(&made, "network"), Some("1".to_owned()), "{made}");
    assert_eq!(count(&planned, "network"), count(&made, "network"));
    assert_eq!(site.run(&asked).ended(0).text(), before);
    let explain = "explain select * from measures.network";
    assert!(site.sql(explain).contains("RollupExec: measure=network"), "{}", site.sql(explain));
    let without = site.run(&["sql", explain, "--no-rollups", "--format", "csv"]).ended(0).text();
    assert!(!without.contains("RollupExec"), "{without}");
    let again = site.run(&["upkeep", "rollups", "--format", "csv"]).ended(0).text();
    assert_eq!(count(&again, "network"), None, "{again}");
    // No version names a rollup.
    assert_eq!(site.value("select max(lake_version) from meta.lake_version"), version);
    site.run(&["verify", "lake"]).ended(0);
}
