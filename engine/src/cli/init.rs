//! `bilim init`: create a lake.

use super::context::Context;
use super::error::CliError;
use crate::lake::{Lake, Writer, WriterOptions};

pub async fn run(context: &Context) -> Result<u8, CliError> {
    let location = context.lake_location()?;
    let lake = Lake::init_at(location, context.config.now()).await?;
    keep_definitions(context, &lake).await?;
    context.note(&format!("created the lake {}", lake.root().display()));
    Ok(0)
}

/// Put this build's definitions into the lake, so that its answers can be reproduced.
pub async fn keep_definitions(context: &Context, lake: &Lake) -> Result<(), CliError> {
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    use_definitions(context, &writer).await?;
    writer.publish().await?;
    Ok(())
}

/// Let the versions that this writer makes name this build's definitions.
pub async fn use_definitions(context: &Context, writer: &Writer) -> Result<(), CliError> {
    Ok(context.site().use_definitions(writer).await?)
}
