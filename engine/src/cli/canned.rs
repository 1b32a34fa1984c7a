//! `bilim canned`: the parameterised queries of `sql/canned`.

use datafusion::common::ParamValues;
use datafusion::common::ScalarValue;

use super::args::CannedArgs;
use super::context::Context;
use super::error::CliError;
use super::output;
use crate::definitions::Definitions;
use crate::query::{self, format::plain_table};

/// One canned query: its file is SQL with a header of titles and parameters.
pub struct Canned {
    /// File stem.
    pub name: String,
    /// Titles kk, ru, en.
    pub titles: [String; 3],
    /// Name, type and default of each parameter.
    pub parameters: Vec<(String, String, String)>,
    /// Statement.
    pub sql: String,
}

/// Every canned query, ordered by name.
pub fn all(definitions: &Definitions) -> Vec<Canned> {
    definitions
        .assets
        .under("sql/canned/")
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix("sql/canned/")?.strip_suffix(".sql")?;
            Some(parse(name, std::str::from_utf8(bytes).ok()?))
        })
        .collect()
}

fn parse(name: &str, text: &str) -> Canned {
    let tag = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix("-- ")?.strip_prefix(key))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let parameters = text
        .lines()
        .filter_map(|line| {
            let mut words = line.strip_prefix("-- param: ")?.splitn(3, ' ');
            Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect();
    Canned {
        name: name.to_owned(),
        titles: [tag("title.kk:"), tag("title.ru:"), tag("title.en:")],
        parameters,
        sql: text.to_owned(),
    }
}

pub async fn run(context: &Context, args: CannedArgs) -> Result<u8, CliError> {
    let queries = all(&context.definitions);
    let Some(name) = &args.name else {
        list(context, &queries);
        return Ok(0);
    };
    let query = queries.iter().find(|query| query.name == *name).ok_or_else(|| {
        CliError::Usage(format!("there is no canned query {name}; `bilim canned` lists them"))
    })?;
    let values = values(query, &args.param)?;
    let (ctx, _) = context.session(None).await?;
    let plan = query::plan(&ctx, &query.sql).await?;
    let failed = |error: datafusion::error::DataFusionError| {
        CliError::Query(query::QueryError::Execution(error.strip_backtrace()))
    };
    let frame = ctx.execute_logical_plan(plan).await.map_err(failed)?;
    let frame = if values.is_empty() {
        frame
    } else {
        frame.with_param_values(ParamValues::from(values)).map_err(failed)?
    };
    let rows = output::rows(context, frame.execute_stream().await.map_err(failed)?, false).await?;
    Ok(u8::from(rows == 0))
}

fn values(query: &Canned, given: &[String]) -> Result<Vec<(String, ScalarValue)>, CliError> {
    let mut chosen: Vec<(&str, &str)> = Vec::new();
    for pair in given {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| CliError::Usage(format!("--param takes K=V, not {pair:?}")))?;
        if !query.parameters.iter().any(|(known, ..)| known == name) {
            let known: Vec<&str> = query.parameters.iter().map(|(known, ..)| known.as_str()).collect();
            return Err(CliError::Usage(format!(
                "{} has no parameter {name}: {}",
                query.name,
                known.join(", ")
            )));
        }
        chosen.push((name, value));
    }
    query
        .parameters
        .iter()
        .map(|(name, kind, default)| {
            let text =
                chosen.iter().rfind(|(known, _)| known == name).map_or(default.as_str(), |(_, value)| *value);
            let value =
                match kind.as_str() {
                    "int" => ScalarValue::Int32(Some(text.parse().map_err(|_| {
                        CliError::Usage(format!("{name} takes a whole number, not {text:?}"))
                    })?)),
                    _ => ScalarValue::Utf8(Some(text.to_owned())),
                };
            Ok((name.clone(), value))
        })
        .collect()
}

fn list(context: &Context, queries: &[Canned]) {
    let position = match context.lang_code() {
        "kk" => 0,
        "ru" => 1,
        _ => 2,
    };
    let mut table = plain_table();
    table.set_header(["name", "title", "parameters"]);
    for query in queries {
        let parameters: Vec<String> =
            query.parameters.iter().map(|(name, _, default)| format!("{name}={default}")).collect();
        table.add_row([query.name.as_str(), query.titles[position].as_str(), &parameters.join(" ")]);
    }
    table.lines().for_each(|line| println!("{}", line.trim_end()));
}
