//! A context without a lake, for mappings of published files.

use std::sync::Arc;

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;

use super::error::SessionError;
use super::{functions, optimizer, options};
use crate::config::Config;

/// A context with our options and functions whose only tables are those the caller registers.
///
/// # Errors
/// [`SessionError::Engine`] when an option is unusable.
pub fn scratch(config: &Config, runtime: Arc<RuntimeEnv>) -> Result<SessionContext, SessionError> {
    let builder = SessionStateBuilder::new_with_default_features()
        .with_config(options::common(config)?)
        .with_runtime_env(runtime);
    let state = optimizer::with_rules(builder).build();
    let ctx = SessionContext::new_with_state(state);
    functions::register_all(&ctx);
    options::leave_out_rules(&ctx);
    Ok(ctx)
}
