//! The shell: history, completion, `\d`, `\timing`, `\x`.

use std::borrow::Cow;

use datafusion::prelude::SessionContext;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context as LineContext, Editor, Helper};

use super::context::Context;
use super::error::CliError;
use super::sql::{Shown, execute_cached};
use crate::lake::Snapshot;
use crate::query::ResultCache;

const HELP: &str = "\\d            schemas and views
\\d NAME       columns of a view
\\timing       time of each statement on or off
\\x            one column a line on or off
\\q            leave
A statement ends with `;`.";

/// Words completed besides the names of views.
const KEYWORDS: [&str; 16] = [
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "limit",
    "join",
    "left join",
    "on",
    "and",
    "between",
    "in",
    "with",
    "union all",
    "explain",
    "distinct",
];

pub async fn run(
    context: &Context,
    ctx: &SessionContext,
    snapshot: &Snapshot,
    timing: bool,
) -> Result<u8, CliError> {
    context.note(&format!("lake version {}; \\d lists the views, \\? helps, \\q leaves", snapshot.number()));
    let names = names(ctx);
    let mut editor: Editor<Assistant, DefaultHistory> =
        Editor::new().map_err(|error| CliError::Usage(error.to_string()))?;
    editor.set_helper(Some(Assistant { names: names.clone() }));
    let history = std::env::var_os("HOME").map(|home| std::path::Path::new(&home).join(".bilim_history"));
    if let Some(history) = &history {
        // A first session has no history.
        let _ = editor.load_history(history);
    }
    let cache = ResultCache::new(context.config.result_cache_bytes);
    let mut timing = timing;
    let mut is_expanded = false;
    loop {
        let line = match editor.readline("bilim> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(CliError::Usage(error.to_string())),
        };
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let _ = editor.add_history_entry(line);
        match line {
            "\\q" | "quit" | "exit" => break,
            "\\?" | "help" => println!("{HELP}"),
            "\\timing" => {
                timing = !timing;
                println!("timing is {}", if timing { "on" } else { "off" });
            }
            "\\x" => {
                is_expanded = !is_expanded;
                println!("expanded display is {}", if is_expanded { "on" } else { "off" });
            }
            "\\d" => names.iter().for_each(|name| println!("{name}")),
            _ => {
                let statement = match line.strip_prefix("\\d ") {
                    Some(name) => describe(name.trim()),
                    None => line.to_owned(),
                };
                let shown = Shown { timing, is_expanded };
                if let Err(error) = execute_cached(context, ctx, &statement, &cache, shown).await {
                    eprintln!("error: {}", error.chain());
                }
            }
        }
    }
    if let Some(history) = &history {
        let _ = editor.save_history(history);
    }
    Ok(0)
}

fn describe(name: &str) -> String {
    let (schema, table) = name.split_once('.').unwrap_or(("mart", name));
    let quote = |text: &str| text.replace('\'', "''");
    format!(
        "select column_name, data_type from information_schema.columns where table_schema = '{}' and table_name = '{}' \
         order by ordinal_position",
        quote(schema),
        quote(table)
    )
}

/// `schema.table` names of the lake, sorted.
fn names(ctx: &SessionContext) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(catalog) = ctx.catalog("bilim") {
        for schema in catalog.schema_names() {
            if let Some(tables) = catalog.schema(&schema) {
                names.extend(tables.table_names().into_iter().map(|table| format!("{schema}.{table}")));
            }
        }
    }
    names.sort();
    names
}

struct Assistant {
    names: Vec<String>,
}

impl Helper for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

impl Highlighter for Assistant {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Validator for Assistant {
    fn validate(&self, line: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = line.input().trim();
        let is_complete = text.is_empty()
            || text.starts_with('\\')
            || text.ends_with(';')
            || matches!(text, "quit" | "exit" | "help");
        Ok(if is_complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &LineContext<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let start = line[..position]
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |index| index + 1);
        let word = line[start..position].to_lowercase();
        let candidates = self.names.iter().map(String::as_str).chain(KEYWORDS);
        Ok((start, candidates.filter(|name| name.starts_with(&word)).map(str::to_owned).collect()))
    }
}
