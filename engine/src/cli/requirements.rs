//! `bilim catalog rules`: requirements of the Rules, where each is enforced, which tests hold it.

use std::collections::BTreeMap;

use super::context::Context;
use super::error::CliError;
use super::output;
use crate::definitions::DefinitionError;

const REQUIREMENTS: &str = "datasets/reference/requirement.csv";
const TESTS: &str = "datasets/reference/requirement_test.csv";

pub async fn list(context: &Context) -> Result<(), CliError> {
    let requirements = read(context, REQUIREMENTS)?;
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for test in read(context, TESTS)? {
        let cell = |name: &str| test.get(name).cloned().unwrap_or_default();
        tests.entry(cell("requirement")).or_default().push(cell("test"));
    }
    let mut rows = Vec::new();
    let mut without = Vec::new();
    for requirement in &requirements {
        let cell = |name: &str| requirement.get(name).cloned().unwrap_or_default();
        let code = cell("requirement");
        let held = tests.get(&code).map(|tests| tests.join(" ")).unwrap_or_default();
        if held.is_empty() {
            without.push(code.clone());
        }
        rows.push(vec![
            code,
            cell("paragraph"),
            cell(&format!("name_{}", context.lang_code())),
            cell("module"),
            cell("view"),
            cell("command"),
            held,
            cell("note"),
        ]);
    }
    let header = ["rule", "paragraph", "requirement", "module", "view", "command", "tests", "note"];
    output::list(context, &header, rows).await?;
    let missing =
        if without.is_empty() { String::new() } else { format!("; without: {}", without.join(" ")) };
    let sum = format!("{} of {} with tests{missing}", requirements.len() - without.len(), requirements.len());
    // Beside a format that a program reads, the sum is a note.
    if context.global.format.is_none() && context.global.output.is_none() {
        println!("{sum}");
    } else {
        context.note(&sum);
    }
    Ok(())
}

/// Rows of a reference table by column.
fn read(context: &Context, path: &str) -> Result<Vec<BTreeMap<String, String>>, CliError> {
    let text = context.definitions.assets.text(path)?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<Vec<BTreeMap<String, String>>, _>>().map_err(|error| {
        DefinitionError::Inconsistent { path: path.to_owned(), message: error.to_string() }.into()
    })
}
