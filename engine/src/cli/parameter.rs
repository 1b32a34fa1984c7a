//! `bilim parameter`: the values that indicators and rules rest on, and their dated changes (paragraph 12).

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Utc};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Date32Type;

use super::args::{ParameterCommand, ParameterSetArgs};
use super::context::Context;
use super::error::CliError;
use super::init::use_definitions;
use super::{answer, sql};
use crate::lake::{self, AsOf, WriterOptions};

/// Decimals of a value, as `ref.parameter` holds them.
const SCALE: u32 = 4;

/// Reporting years that a change may begin in.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2040;

pub async fn run(context: &Context, command: ParameterCommand) -> Result<u8, CliError> {
    match command {
        ParameterCommand::List { name, as_of } => {
            let (ctx, _) = context.session(as_of.as_deref()).await?;
            let filter =
                name.map_or_else(|| "true".to_owned(), |name| format!("name = {}", answer::quote(&name)));
            let statement = format!(
                "select name, value, unit, valid_from_year, valid_to_year, source from ref.parameter where {filter} \
                 order by name, valid_from_year nulls first"
            );
            let rows = sql::execute(context, &ctx, &statement, false, false).await?;
            Ok(u8::from(rows == 0))
        }
        ParameterCommand::Set(args) => set(context, args).await,
    }
}

async fn set(context: &Context, args: ParameterSetArgs) -> Result<u8, CliError> {
    let value = decimal(&args.value)?;
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(CliError::Usage("say why: --reason TEXT; the change is logged with it".to_owned()));
    }
    let lake = context.open_lake().await?;
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    let ctx = context.session_over(&lake.snapshot(AsOf::Latest).await?)?;
    let name = &args.name;
    let known = format!(
        "select count(*), max(case when name like 'as_of_%' then 1 else 0 end) from ref.parameter where name = {}",
        answer::quote(name)
    );
    let known = answer::rows(&ctx, &known).await?;
    if known.first().and_then(|row| row[0].clone()).as_deref() == Some("0") {
        return Err(CliError::Usage(format!(
            "there is no parameter {name}: `bilim parameter list` shows them"
        )));
    }
    // A reporting year stands on its date of fixing: what comes into force after it holds from the next.
    let fixing = format!(
        "select min(year) from ref.year where fixing_date >= date '{}'",
        args.from.format("%Y-%m-%d")
    );
    let year = number(&answer::rows(&ctx, &fixing).await?).and_then(|year| i32::try_from(year).ok());
    let year =
        year.filter(|year| YEARS.contains(year) && YEARS.contains(&args.from.year())).ok_or_else(|| {
            CliError::Usage(format!("--from {} is outside {} to {}", args.from, YEARS.start(), YEARS.end()))
        })?;
    let before = format!(
        "select cast(value * 10000 as bigint) from ref.parameter where name = {} and (valid_from_year is null or \
         valid_from_year <= {year}) and (valid_to_year is null or valid_to_year >= {year})",
        answer::quote(name)
    );
    let before = number(&answer::rows(&ctx, &before).await?).map(i128::from);
    let count = answer::rows(&ctx, "select coalesce(max(change), 0) + 1 from gov.parameter_change").await?;
    let change = number(&count).unwrap_or(1);
    use_definitions(context, &writer).await?;
    let spec = lake::parameter_change();
    let amount = |value: Option<i128>| -> Result<ArrayRef, CliError> {
        let array = Decimal128Array::from(vec![value]).with_precision_and_scale(18, 4);
        Ok(Arc::new(array.map_err(super::ledger_row)?))
    };
    let now =
        TimestampMicrosecondArray::from(vec![Utc::now().timestamp_millis() * 1000]).with_timezone("UTC");
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![change])),
        Arc::new(StringArray::from(vec![name.as_str()])),
        amount(Some(value))?,
        amount(before)?,
        Arc::new(Date32Array::from(vec![Date32Type::from_naive_date(args.from)])),
        Arc::new(Int32Array::from(vec![year])),
        Arc::new(StringArray::from(vec![reason])),
        Arc::new(now),
    ];
    let row = RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(super::ledger_row)?;
    let version = writer.record(vec![(spec, row)]).await?;
    context.note(&format!(
        "change {change}: {name} is {} from reporting year {year} on; lake version {}, earlier answers with --as-of {}",
        args.value,
        version.version,
        version.version - 1
    ));
    Ok(0)
}

/// The first cell as a whole number.
fn number(rows: &[answer::Row]) -> Option<i64> {
    rows.first()?.first()?.as_ref()?.parse().ok()
}

/// `12.5` as 125000 ten-thousandths.
fn decimal(text: &str) -> Result<i128, CliError> {
    let bad = || {
        CliError::Usage(format!("{text:?} is no number with at most {SCALE} decimals and 14 digits before"))
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    if whole.is_empty() || whole.len() > 14 || decimals > SCALE || !is_number(whole) || !is_number(fraction) {
        return Err(bad());
    }
    let zeros = 10_i128.pow(SCALE - decimals);
    let value: i128 = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
    Ok(sign * value * zeros)
}

/// A date, or a reporting year, which stands for 1 January.
pub fn in_force(text: &str) -> Result<NaiveDate, String> {
    let year = text.parse::<i32>().ok().filter(|_| text.len() == 4);
    let date = year.and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1)).or_else(|| text.parse().ok());
    date.ok_or_else(|| format!("{text:?} is neither a date such as 2025-09-01 nor a reporting year"))
}
