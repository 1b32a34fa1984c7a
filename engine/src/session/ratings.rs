//! `mart.rating_input`: the cells of `mart.indicator` that the sets of weights name, as one SQL view.
//!
//! The sets are data (`datasets/reference/rating.csv`, `rating_weight.csv`), and `mart.indicator` plans what a
//! statement names literally; so the view's text is written from the sets: one SELECT per rating and
//! tier, of which a query plans those it asks for.

use std::fmt::Write as _;

use serde::Deserialize;

use super::SessionError;
use super::indicator::TIERS;
use crate::definitions::Assets;

const RATINGS: &str = "datasets/reference/rating.csv";
const WEIGHTS: &str = "datasets/reference/rating_weight.csv";

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of the file")]
struct Rating {
    rating: String,
    tiers: String,
    normalisation: String,
    missing: String,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of the file")]
struct Weight {
    rating: String,
    indicator: String,
    level: String,
    weight: f64,
}

/// The text of the view; definitions without ratings (those of an older archive) give one without rows.
///
/// # Errors
/// [`SessionError::Reference`] naming the rating that cannot be used, and why.
pub fn input(assets: &Assets) -> Result<String, SessionError> {
    let ratings: Vec<Rating> = rows(assets, "rating", RATINGS)?;
    let weights: Vec<Weight> = rows(assets, "rating_weight", WEIGHTS)?;
    let mut sql = String::new();
    for rating in &ratings {
        let own: Vec<&Weight> = weights.iter().filter(|weight| weight.rating == rating.rating).collect();
        check(rating, &own)?;
        for tier in rating.tiers.split(';').map(str::trim) {
            let lead = if sql.is_empty() { "" } else { "\nunion all\n" };
            let _ = write!(sql, "{lead}{}", select(&rating.rating, tier, &own));
        }
    }
    if let Some(lost) = weights.iter().find(|weight| !ratings.iter().any(|one| one.rating == weight.rating)) {
        return Err(bad("rating_weight", format!("{} is no rating of rating.csv", lost.rating)));
    }
    Ok(if sql.is_empty() { format!("{}\nwhere false", select("", "region", &[])) } else { sql })
}

fn rows<T: for<'a> Deserialize<'a>>(assets: &Assets, name: &str, path: &str) -> Result<Vec<T>, SessionError> {
    let Ok(text) = assets.text(path) else { return Ok(Vec::new()) };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| bad(name, error.to_string()))
}

fn check(rating: &Rating, weights: &[&Weight]) -> Result<(), SessionError> {
    let refuse = |message: String| Err(bad("rating", format!("{}: {message}", rating.rating)));
    if let Some(tier) = rating.tiers.split(';').find(|tier| !TIERS[..3].contains(&tier.trim())) {
        return refuse(format!("{tier:?} is none of the tiers that are rated: {}", TIERS[..3].join(", ")));
    }
    if !["min_max", "z_score", "rank"].contains(&rating.normalisation.as_str()) {
        return refuse(format!(
            "the normalisation {:?} is none of min_max, z_score, rank",
            rating.normalisation
        ));
    }
    if !["renormalise", "exclude", "zero"].contains(&rating.missing.as_str()) {
        return refuse(format!("the rule {:?} is none of renormalise, exclude, zero", rating.missing));
    }
    if weights.is_empty() {
        return refuse("it has no weights in rating_weight.csv".to_owned());
    }
    match weights.iter().find(|weight| weight.weight.is_nan() || weight.weight <= 0.0) {
        Some(weight) => refuse(format!("the weight of {} is not above zero", weight.indicator)),
        None => Ok(()),
    }
}

fn select(rating: &str, tier: &str, weights: &[&Weight]) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let list = |of: fn(&Weight) -> &str| {
        let mut values: Vec<String> = weights.iter().map(|weight| quoted(of(weight))).collect();
        values.sort();
        values.dedup();
        values.join(", ")
    };
    let mut sql = format!(
        "select\n    {} as rating, indicator, definition_version, year, tier, geo_id, geo_code, geo_name_kk, \
         geo_name_ru,\n    geo_name_en, parent_code, level, value, n, unit\nfrom mart.indicator",
        quoted(rating)
    );
    if !weights.is_empty() {
        let pairs: Vec<String> = weights
            .iter()
            .map(|weight| {
                format!("indicator = {} and level = {}", quoted(&weight.indicator), quoted(&weight.level))
            })
            .collect();
        let _ = write!(
            sql,
            "\nwhere\n    tier = {} and breakdown = 'total' and indicator in ({}) and level in ({})\n    and ({})",
            quoted(tier),
            list(|weight| &weight.indicator),
            list(|weight| &weight.level),
            pairs.join(" or "),
        );
    }
    sql
}

fn bad(table: &str, message: String) -> SessionError {
    SessionError::Reference { table: table.to_owned(), message }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use std::collections::BTreeMap;

    use super::*;

    const HEAD: &str = "rating,tiers,normalisation,missing,name_kk,name_ru,name_en,source\n";
    const WEIGHT_HEAD: &str = "rating,indicator,level,weight,source\n";

    fn text(ratings: &str, weights: &str) -> Result<String, String> {
        let files = BTreeMap::from([
            (RATINGS.to_owned(), format!("{HEAD}{ratings}").into_bytes()),
            (WEIGHTS.to_owned(), format!("{WEIGHT_HEAD}{weights}").into_bytes()),
        ]);
        input(&Assets::from_map(files)).map_err(|error| error.to_string())
    }

    #[test]
    fn one_select_per_rating_and_tier() {
        let sql =
            text("r,district;region,min_max,zero,,,,x\n", "r,TCH-01,school,1,x\nr,UNT-03,tve,2,x\n").unwrap();
        assert_eq!(sql.matches("from mart.indicator").count(), 2);
        assert!(sql.contains("tier = 'district'") && sql.contains("indicator in ('TCH-01', 'UNT-03')"));
    }

    #[test]
    fn definitions_without_ratings_have_an_empty_view() {
        assert!(input(&Assets::default()).unwrap().ends_with("where false"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (ratings, weights, expected) in [
            ("r,moon,min_max,zero,,,,x\n", "r,A,school,1,x\n", "moon"),
            ("r,region,best,zero,,,,x\n", "r,A,school,1,x\n", "normalisation"),
            ("r,region,rank,guess,,,,x\n", "r,A,school,1,x\n", "guess"),
            ("r,region,rank,zero,,,,x\n", "", "no weights"),
            ("r,region,rank,zero,,,,x\n", "r,A,school,0,x\n", "not above zero"),
            ("r,region,rank,zero,,,,x\n", "r,A,school,much,x\n", "much"),
            ("", "r,A,school,1,x\n", "r is no rating"),
        ] {
            let message = text(ratings, weights).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
