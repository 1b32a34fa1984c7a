//! the fixing covers all levels; who owes what is missing.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::lake::archive::FreezeError;
use crate::query;

/// Refuses a fixing of a year in which a level has no learners, and lists the subjects that owe them.
///
/// # Errors
/// [`FreezeError::LevelsMissing`], after the list is written.
pub async fn check(context: &Context, ctx: &SessionContext, year: i32) -> Result<(), CliError> {
    let levels =
        texts(ctx, &format!("select level from gov.level_missing where year = {year} order by level"))
            .await?;
    if levels.is_empty() {
        return Ok(());
    }
    let quoted: Vec<String> = levels.iter().map(|level| format!("'{level}'")).collect();
    let owed = format!(
        "from gov.obligation_level o where o.form = 'S1.PUPIL' and o.year = {year} and not o.is_reported and o.level \
         in ({})",
        quoted.join(", ")
    );
    let list = format!(
        "select o.level, o.form, lpad(cast(o.org_bin as varchar), 12, '0') as org_bin, o.region, o.district, \
         o.ownership {owed} order by o.level, org_bin"
    );
    let missing = output::rows(context, query::run(ctx, &list).await?, false).await?;
    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
    Err(crate::lake::LakeError::from(FreezeError::LevelsMissing { year, levels: levels.join(", "), missing })
        .into())
}

/// The first column of an answer, as texts.
pub async fn texts(ctx: &SessionContext, sql: &str) -> Result<Vec<String>, CliError> {
    let failed = |error: datafusion::error::DataFusionError| {
        CliError::Query(query::QueryError::Execution(error.strip_backtrace()))
    };
    let batches: Vec<_> = query::run(ctx, sql).await?.try_collect().await.map_err(failed)?;
    let mut found = Vec::new();
    for batch in batches {
        let column = datafusion::arrow::compute::cast(batch.column(0), &DataType::Utf8)
            .map_err(|error| failed(error.into()))?;
        let column = column.as_string::<i32>();
        found.extend(
            (0..column.len()).filter(|row| column.is_valid(*row)).map(|row| column.value(row).to_owned()),
        );
    }
    Ok(found)
}
