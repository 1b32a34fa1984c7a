//! Where the organisations of the synthetic country are: districts of all vintages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bilim_domain::generator::{Place, places_of};

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
    Ok(places_of(&units, &crosswalk))
}
