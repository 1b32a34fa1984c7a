//! `bilim canned`: the parameterised queries of `sql/canned`.

use datafusion::common::{ParamValues, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::prelude::DataFrame;

use super::args::CannedArgs;
use super::context::Context;
use super::error::CliError;
use super::output;
use crate::definitions::Definitions;
use crate::query::{self, Format};

/// One canned query: its file is SQL with a header of titles and parameters.
pub struct Canned {
    /// File stem.
    pub name: String,
    /// What it is about: `pre_school`, `schools`, ...
    pub theme: String,
    /// Titles kk, ru, en.
    pub titles: [String; 3],
    /// Column and its head in kk, ru, en.
    pub heads: Vec<(String, [String; 3])>,
    /// Name, type and default of each parameter.
    pub parameters: Vec<(String, String, String)>,
    /// Statement.
    pub sql: String,
}

/// Themes in the order of the publications.
const THEMES: [&str; 12] = [
    "overview",
    "pre_school",
    "schools",
    "outcomes",
    "inclusion",
    "tve",
    "teachers",
    "infrastructure",
    "international",
    "quality",
    "data",
    "rankings",
];

/// Every canned query, by theme and name.
pub fn all(definitions: &Definitions) -> Vec<Canned> {
    let mut queries: Vec<Canned> = definitions
        .assets
        .under("sql/canned/")
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix("sql/canned/")?.strip_suffix(".sql")?;
            Some(parse(name, std::str::from_utf8(bytes).ok()?))
        })
        .collect();
    let place = |theme: &str| THEMES.iter().position(|known| *known == theme).unwrap_or(THEMES.len());
    queries.sort_by(|a, b| place(&a.theme).cmp(&place(&b.theme)).then_with(|| a.name.cmp(&b.name)));
    queries
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
    let heads = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("-- head: ")?.split('|').map(|cell| cell.trim().to_owned());
            Some((cells.next()?, [cells.next()?, cells.next()?, cells.next()?]))
        })
        .collect();
    Canned {
        name: name.to_owned(),
        theme: tag("theme:"),
        heads,
        titles: [tag("title.kk:"), tag("title.ru:"), tag("title.en:")],
        parameters,
        sql: text.to_owned(),
    }
}

pub async fn run(context: &Context, args: CannedArgs) -> Result<u8, CliError> {
    let queries = all(&context.definitions);
    let Some(name) = &args.name else {
        list(context, &queries).await?;
        return Ok(0);
    };
    let query = queries.iter().find(|query| query.name == *name).ok_or_else(|| {
        CliError::Usage(format!("there is no canned query {name}; `bilim canned` lists them"))
    })?;
    let values = values(query, &args.param, context.lang_code())?;
    let (ctx, _) = context.session(None).await?;
    let plan = query::plan(&ctx, &query.sql).await?;
    let failed =
        |error: DataFusionError| CliError::Query(query::QueryError::Execution(error.strip_backtrace()));
    let frame = ctx.execute_logical_plan(plan).await.map_err(failed)?;
    let frame = if values.is_empty() {
        frame
    } else {
        frame.with_param_values(ParamValues::from(values)).map_err(failed)?
    };
    let frame = headed(context, query, frame).map_err(failed)?;
    let has_symbols = query.sql.contains("cell_text(");
    let rows = output::rows(context, frame.execute_stream().await.map_err(failed)?, false).await?;
    if has_symbols && rows > 0 {
        context.note(SYMBOLS[position(context)]);
    }
    Ok(u8::from(rows == 0))
}

/// Footnote of tables with symbols, kk, ru, en.
const SYMBOLS: [&str; 3] = [
    "- құбылыс жоқ; … дерек жоқ; x жасырылған; . қолданылмайды; * баға",
    "- явление отсутствует; … данных нет; x скрыто; . неприменимо; * оценка",
    "- nil; … not available; x suppressed; . not applicable; * estimate",
];

fn position(context: &Context) -> usize {
    match context.lang_code() {
        "kk" => 0,
        "ru" => 1,
        _ => 2,
    }
}

/// Heads in the reader's language where people read; programs get the names of the columns.
fn headed(context: &Context, query: &Canned, frame: DataFrame) -> Result<DataFrame, DataFusionError> {
    if query.heads.is_empty() || !matches!(context.format(), Format::Table | Format::Md | Format::Xlsx) {
        return Ok(frame);
    }
    let columns: Vec<Expr> = frame
        .schema()
        .columns()
        .into_iter()
        .map(|column| {
            let head = query.heads.iter().find(|(name, _)| *name == column.name);
            let title =
                head.map_or_else(|| column.name.clone(), |(_, heads)| heads[position(context)].clone());
            Expr::Column(column).alias(title)
        })
        .collect();
    frame.select(columns)
}

fn values(query: &Canned, given: &[String], lang: &str) -> Result<Vec<(String, ScalarValue)>, CliError> {
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
            // Names of territories come in the language of the answer.
            let default = if name == "lang" { lang } else { default.as_str() };
            let text = chosen.iter().rfind(|(known, _)| known == name).map_or(default, |(_, value)| *value);
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

async fn list(context: &Context, queries: &[Canned]) -> Result<(), CliError> {
    let row = |query: &Canned| {
        let parameters: Vec<String> = query
            .parameters
            .iter()
            .filter(|(name, ..)| name != "lang")
            .map(|(name, _, default)| format!("{name}={default}"))
            .collect();
        let title = query.titles[position(context)].clone();
        vec![query.theme.clone(), query.name.clone(), title, parameters.join(" ")]
    };
    output::list(context, &["theme", "name", "title", "parameters"], queries.iter().map(row).collect()).await
}
