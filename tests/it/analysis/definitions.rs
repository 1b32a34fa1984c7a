//! A definition that changed on a date: both versions answer, and dynamics across the date are flagged.

use std::collections::BTreeMap;
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::{Assets, Definitions};

use super::cells::numbers;
use crate::support;

const FILE: &str = "sql/indicators/tch.toml";

/// This build's definitions, TCH-03 changed by its entry's text.
fn changed(change: impl Fn(&str) -> String) -> Result<Definitions, String> {
    let built_in = Assets::built_in();
    let mut files: BTreeMap<String, Vec<u8>> =
        built_in.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    let text = built_in.text(FILE).unwrap();
    let start = text.find("[[indicator]]\ncode = \"TCH-03\"").unwrap();
    let length = text[start + 1..].find("[[indicator]]").map_or(text.len() - start, |length| length + 1);
    let entry = &text[start..start + length];
    files.insert(FILE.to_owned(), text.replacen(entry, &change(entry), 1).into_bytes());
    Definitions::from_assets(Assets::from_map(files)).map_err(|error| error.to_string())
}

#[test]
fn both_versions_answer_and_the_change_between_them_is_flagged() {
    // Version 2, from 2024: a share of one instead of a percentage.
    let definitions = changed(|entry| {
        let old = entry.replacen("valid_from_year = 1950", "valid_from_year = 1950\nvalid_to_year = 2023", 1);
        let new = entry
            .replacen("version = 1", "version = 2", 1)
            .replacen("valid_from_year = 1950", "valid_from_year = 2024", 1)
            .replacen("scale = 100", "scale = 1", 1);
        format!("{old}\n{new}\n")
    })
    .unwrap();
    let (values, dynamics, ranks) = support::block_on(async move {
        let lake = support::tiny_lake().await;
        let config = Config::default();
        let runtime = bilim::session::runtime(&config).unwrap();
        let ctx = bilim::session::open(&config, runtime, &Arc::new(definitions), &lake.snapshot).unwrap();
        let cell = "where indicator = 'TCH-03' and level = 'school' and breakdown = 'total' and tier = 'region' and geo_code = \
                    '710000000' and year >= 2023 order by year";
        (
            numbers(&ctx, &format!("select year, definition_version, value from mart.indicator {cell}")).await,
            numbers(
                &ctx,
                &format!("select year, cast(comparable as int), cast(break_reason = 'definition' as int) from mart.dynamics {cell}"),
            )
            .await,
            numbers(&ctx, &format!("select year, rank from mart.ranking {cell}")).await,
        )
    });
    // Astana has one teacher with higher education of one in 2023 and two of two in 2024 (the fixture's table).
    let number = |row: &[f64]| row.iter().map(|value| Some(*value)).collect::<Vec<_>>();
    assert_eq!(values, [number(&[2023.0, 1.0, 100.0]), number(&[2024.0, 2.0, 1.0])]);
    assert_eq!(dynamics[1], number(&[2024.0, 0.0, 1.0]), "{dynamics:?}");
    assert_eq!(ranks.len(), 2, "one rank a year, whatever the versions: {ranks:?}");
}

#[test]
fn a_year_has_one_definition() {
    let twice = changed(|entry| format!("{entry}\n{}\n", entry.replacen("version = 1", "version = 2", 1)));
    let message = twice.err().unwrap();
    assert!(message.contains("TCH-03") && message.contains("valid_to_year"), "{message}");
    let break_year = changed(|entry| entry.replacen("unit = ", "break_years = { soon = \"x\" }\nunit = ", 1));
    assert!(break_year.err().unwrap().contains("soon"));
}
