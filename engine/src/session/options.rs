//! Session options, each with its reason.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::optimizer::Rewrites;
use crate::config::Config;
use crate::lake::VerifiedReads;

/// Options of sessions over a lake.
///
/// # Errors
/// When the engine does not know an option: a misspelt option is an error, not a log line.
pub fn session_config(config: &Config) -> Result<SessionConfig> {
    let session = common(config)?
        .with_default_catalog_and_schema("bilim", "mart")
        .with_create_default_catalog_and_schema(false);
    // Off by default: a whole scan reads every byte twice.
    Ok(if config.verify_reads { session.with_extension(Arc::new(VerifiedReads::default())) } else { session })
}

/// Options of every session.
///
/// # Errors
/// As [`session_config`].
pub fn common(config: &Config) -> Result<SessionConfig> {
    let mut session =
        SessionConfig::new().with_target_partitions(config.threads).with_information_schema(true);
    let options = session.options_mut();
    options.extensions.insert(Rewrites::default());
    // Joins over groupings by two same-named columns lose rows with these on (DataFusion 25264);
    // `tests/it/upstream.rs` holds the repro.
    options.set("datafusion.optimizer.enable_join_dynamic_filter_pushdown", "false")?;
    options.set("datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown", "false")?;
    // 22 thousand organisations must be broadcast; otherwise the facts are repartitioned.
    options.set("datafusion.optimizer.hash_join_single_partition_threshold", "67108864")?;
    options.set("datafusion.optimizer.hash_join_single_partition_threshold_rows", "2000000")?;
    // Row filters inside the scan cost more than they save unless few rows pass: a scan decides (`lake::provider`).
    options.set("datafusion.execution.parquet.pushdown_filters", "false")?;
    // Plain UTF-8 and not views: one type in files, plans and answers.
    options.set("datafusion.execution.parquet.schema_force_view_types", "false")?;
    options.set("datafusion.sql_parser.map_string_types_to_utf8view", "false")?;
    // Columns keep the letters the user typed only when quoted, as in PostgreSQL.
    options.set("datafusion.sql_parser.dialect", "PostgreSQL")?;
    Ok(session)
}

/// Leave out optimizer rules that give wrong answers (`tests/it/upstream.rs` shows each).
///
/// `eliminate_duplicated_expr` drops sort keys on the strength of wrong functional dependencies.
pub fn leave_out_rules(ctx: &SessionContext) {
    ctx.remove_optimizer_rule("eliminate_duplicated_expr");
}
