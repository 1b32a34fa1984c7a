//! Which events a landing brought into the data: rows of `gov.change`.
//!
//! A change is an event (a date of `ref.event`, such as an enrolment) that a submission has and the lake
//! did not have before. Who enters for the first time changes nothing: only organisations
//! that had landed the form before are looked at.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::prelude::SessionContext;

use super::SessionError;
use crate::definitions::Form;
use crate::lake::provider::RawTable;
use crate::lake::{self, Snapshot, TableSpec};

/// Changes that submissions of one form made.
///
/// `ctx` is a session over the lake version in which they landed, `before` the version before it.
///
/// # Errors
/// [`SessionError::Engine`] when a statement fails.
pub async fn changes(
    ctx: &SessionContext,
    form: &Form,
    before: &Snapshot,
    submissions: &[i64],
) -> Result<Vec<RecordBatch>, SessionError> {
    let sql =
        format!("select field, event, operation from ref.event where form = '{}' order by field", form.code);
    let mut events = Vec::new();
    for batch in ctx.sql(&sql).await?.collect().await? {
        let texts: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| cast(column, &DataType::Utf8))
            .collect::<Result<_, _>>()
            .map_err(DataFusionError::from)?;
        for row in 0..batch.num_rows() {
            let cell = |column: usize| texts[column].as_string::<i32>().value(row).to_owned();
            events.push((cell(0), cell(1), cell(2)));
        }
    }
    if events.is_empty() || form.field("org_bin").is_none() || submissions.is_empty() {
        return Ok(Vec::new());
    }
    let table = format!("before_{}", form.table());
    let schema = ctx
        .catalog("bilim")
        .and_then(|catalog| catalog.schema("mart"))
        .ok_or_else(|| DataFusionError::Internal("the session has no schema mart".to_owned()))?;
    if !schema.table_exist(&table) {
        let provider = RawTable::new(before, &TableSpec::of_form(form))?;
        schema.register_table(table.clone(), Arc::new(provider))?;
    }
    let numbers: Vec<String> = submissions.iter().map(ToString::to_string).collect();
    let statements: Vec<String> = events
        .iter()
        .map(|(field, event, operation)| {
            statement(form, &table, &numbers.join(", "), field, event, operation)
        })
        .collect();
    let spec = lake::change();
    let mut found = Vec::new();
    for sql in statements {
        for batch in ctx.sql(&sql).await?.collect().await? {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .zip(spec.schema.fields())
                .map(|(column, field)| cast(column, field.data_type()))
                .collect::<Result<_, _>>()
                .map_err(DataFusionError::from)?;
            let batch =
                RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(DataFusionError::from)?;
            if batch.num_rows() > 0 {
                found.push(batch);
            }
        }
    }
    Ok(found)
}

/// Events of one field that were not there before, by organisation and date.
fn statement(form: &Form, before: &str, numbers: &str, field: &str, event: &str, operation: &str) -> String {
    let keys: Vec<&str> = form.key.iter().map(String::as_str).filter(|key| *key != field).collect();
    let named = |alias: &str| keys.iter().map(|key| format!("{alias}.{key}")).collect::<Vec<_>>().join(", ");
    let same = |left: &str, right: &str| {
        keys.iter().map(|key| format!("{left}.{key} = {right}.{key}")).collect::<Vec<_>>().join(" and ")
    };
    let territory = form.territory.as_deref().unwrap_or("region * 10000000");
    // Where the date is part of the record's key, another date is another record.
    let operation = if form.key.iter().any(|key| key == field) {
        format!("'{operation}'")
    } else {
        format!("case when k.dated_count > 0 then 'correct' else '{operation}' end")
    };
    let mut sql = String::from("with landed as (\n");
    // The first landing of the form by the organisation.
    let _ = write!(
        sql,
        "    select c.org_bin, min(d.submitted_on) as entered_on\n    from gov.scope c\n    join gov.submission_day d on \
         d.submission = c.submission\n    where c.form = '{code}' and c.org_bin is not null and c.submission not in \
         ({numbers})\n    group by c.org_bin\n),\n",
        code = form.code
    );
    let _ = write!(
        sql,
        "after as (\n    select a.submission, a.year, a.region, a.{territory} as district, a.{field} as event_date, \
         {columns}\n    from raw.{table} a\n    where a.submission in ({numbers}) and a.{field} is not null\n),\n",
        columns = named("a"),
        table = form.table()
    );
    let _ = write!(
        sql,
        "known as (\n    select {columns}, count(b.{field}) as dated_count\n    from {before} b\n    group by \
         {columns}\n),\nsame as (\n    select distinct {columns}, b.{field} as event_date\n    from {before} b\n)\n",
        columns = named("b")
    );
    let _ = write!(
        sql,
        "select\n    a.submission as submission, '{code}' as form, a.year as year, a.region as region, a.district as \
         district, a.org_bin as org_bin, '{event}' as event, {operation} as operation,\n    a.event_date as event_date, \
         d.submitted_on as recorded_on, l.entered_on as entered_on, count(*) as change_count\nfrom after a\njoin landed \
         l on l.org_bin = a.org_bin\njoin gov.submission_day d on d.submission = a.submission\nleft join known k on \
         {known}\nleft join same m on {same} and m.event_date = a.event_date\nwhere m.event_date is null\ngroup by 1, 3, \
         4, 5, 6, 8, 9, 10, 11",
        code = form.code,
        known = same("k", "a"),
        same = same("m", "a")
    );
    sql
}
