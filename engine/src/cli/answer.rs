//! Small answers that a command goes on with, and BINs as options give them.

use super::error::CliError;
pub use crate::query::lookup::{Row, quote, rows};

/// A BIN as the option `name` gives it.
pub fn bin(name: &str, text: &str) -> Result<i64, CliError> {
    text.parse::<bilim_domain::ids::Bin>()
        .map_err(|error| CliError::Usage(format!("{name} {text}: {error}")))?;
    text.parse().map_err(|_| CliError::Usage(format!("{name} {text} is no BIN")))
}
