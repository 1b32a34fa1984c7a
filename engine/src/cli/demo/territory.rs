//! Where the organisations of the synthetic country are: districts of all vintages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bilim_domain::generator::Place;
use bilim_domain::ids::Kato;
use chrono::NaiveDate;

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// Districts of all vintages from the reference data, with the units that their organisations pass to.
pub(super) fn places(context: &Context) -> Result<Vec<Place>, CliError> {
    let rows = |path: &str| -> Result<Vec<BTreeMap<String, String>>, CliError> {
        let text = context.definitions.assets.text(path)?;
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        reader
            .deserialize()
            .collect::<Result<_, _>>()
            .map_err(|error| CliError::Config { path: PathBuf::from(path), source: Box::new(error) })
    };
    let units = rows("datasets/reference/geo.csv")?;
    let crosswalk = rows("datasets/reference/geo_crosswalk.csv")?;
    let cell = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let date = |text: String| text.parse::<NaiveDate>().ok();
    let region_names: BTreeMap<String, String> = units
        .iter()
        .filter(|row| cell(row, "tier") == "region")
        .map(|row| (cell(row, "kato"), cell(row, "name_en")))
        .collect();
    let districts: Vec<_> = units
        .iter()
        .filter(|row| cell(row, "tier") == "district" && cell(row, "unit_type") != "unallocated")
        .collect();
    let mut places = Vec::new();
    for row in &districts {
        let kato = cell(row, "kato");
        let valid_to = date(cell(row, "valid_to"));
        let follows = |other: &&&BTreeMap<String, String>| {
            date(cell(other, "valid_from")).is_some_and(|from| Some(from) == valid_to)
        };
        // The unit itself under its next code, else whatever the crosswalk says of its ground.
        let mut successors: Vec<Kato> = districts
            .iter()
            .filter(|other| cell(other, "geo_id") == cell(row, "geo_id"))
            .filter(follows)
            .filter_map(|other| cell(other, "kato").parse().ok())
            .collect();
        if successors.is_empty() && valid_to.is_some() {
            successors = crosswalk
                .iter()
                .filter(|pair| cell(pair, "kato_from") == kato)
                .filter_map(|pair| cell(pair, "kato_to").parse().ok())
                .collect();
        }
        let unit_type = cell(row, "unit_type");
        let Ok(code) = kato.parse() else { continue };
        places.push(Place {
            kato: code,
            name: cell(row, "name_en"),
            region_name: region_names.get(&cell(row, "parent_kato")).cloned().unwrap_or_default(),
            is_urban: unit_type != "district",
            weight: match unit_type.as_str() {
                "city_district" => 6,
                "city" => 4,
                _ => 2,
            },
            valid_from: date(cell(row, "valid_from")),
            valid_to,
            successors,
        });
    }
    Ok(places)
}
