//! `bilim pseudonymise`: where the key is kept, before signing.

use std::sync::Arc;

use bilim_domain::pseudonym::PseudonymKey;

use super::args::PseudonymiseArgs;
use super::context::Context;
use super::error::CliError;
use crate::intake::{Options, pseudonymise};

pub async fn run(context: &Context, args: PseudonymiseArgs) -> Result<u8, CliError> {
    let output = context
        .global
        .output
        .clone()
        .ok_or_else(|| CliError::Usage("name the file to write: --output FILE".to_owned()))?;
    let form = context.definitions.form(&args.form).cloned().ok_or_else(|| {
        CliError::Usage(format!("there is no form {}; `bilim catalog forms` lists them", args.form))
    })?;
    let bytes = std::fs::read(&args.key_file)
        .map_err(|source| CliError::File { path: args.key_file.clone(), source })?;
    let key = PseudonymKey::new(bytes.trim_ascii())
        .map_err(|error| CliError::Usage(format!("--key-file {}: {error}", args.key_file.display())))?;
    let config = context.config.clone();
    let forms: Vec<Arc<_>> = context.definitions.forms.clone();
    let file = args.file.clone();
    let report = tokio::task::spawn_blocking(move || {
        let options = Options { other_forms: &forms, ..Options::new(&config) };
        pseudonymise(&form, &file, &key, &output, &options)
    })
    .await
    .map_err(|error| CliError::Panicked(error.to_string()))??;
    for finding in &report.findings {
        eprintln!(
            "{} row {} {} {}: {}",
            finding.file,
            finding.row.map_or_else(|| "-".to_owned(), |row| row.to_string()),
            finding.field.as_deref().unwrap_or("-"),
            finding.rule,
            finding.message.get(context.lang())
        );
    }
    context.note(&format!("{} rows", report.rows));
    Ok(u8::from(!report.is_accepted()))
}
