//! `bilim doctor`: can this installation answer, and is the lake whole?

use super::context::Context;
use super::error::CliError;
use crate::query;

pub async fn run(context: &Context) -> Result<u8, CliError> {
    let catalogue = &context.definitions.catalogue;
    println!("bilim        {}", env!("CARGO_PKG_VERSION"));
    println!("definitions  {}", &context.definitions.assets.hash()[..16]);
    println!(
        "             {} forms, {} indicators, {} measure sets",
        context.definitions.forms.len(),
        catalogue.indicators.len(),
        catalogue.measures.len()
    );
    println!("threads      {}", context.config.threads);
    println!("memory       {} MiB for queries", context.config.query_memory_bytes >> 20);
    let Ok(location) = context.lake_location() else {
        println!("lake         none named");
        return Ok(0);
    };
    println!("lake         {location}");
    let (ctx, snapshot) = context.session(None).await?;
    println!(
        "version      {} of {}",
        snapshot.number(),
        snapshot.version().created_at.format("%Y-%m-%d %H:%M:%S UTC")
    );
    let mut failed = 0;
    let names: Vec<(String, Vec<String>)> = ctx
        .catalog("bilim")
        .map(|catalog| {
            let mut schemas = catalog.schema_names();
            schemas.sort();
            schemas
                .into_iter()
                .map(|schema| {
                    let tables = catalog.schema(&schema).map(|s| s.table_names()).unwrap_or_default();
                    (schema, tables)
                })
                .collect()
        })
        .unwrap_or_default();
    for (schema, tables) in names {
        if schema == "information_schema" {
            continue;
        }
        let mut planned = 0;
        for table in &tables {
            match query::plan(&ctx, &format!("select * from {schema}.{table} limit 0")).await {
                Ok(_) => planned += 1,
                Err(error) => {
                    failed += 1;
                    println!("             {schema}.{table}: {error}");
                }
            }
        }
        println!("views        {schema}: {planned} of {} can be planned", tables.len());
    }
    Ok(if failed == 0 { 0 } else { 70 })
}
