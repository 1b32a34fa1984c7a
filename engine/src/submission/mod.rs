//! A file of a form into the lake: read, checked, staged, landed, its changes recorded. What `submit`, `import`, `demo`
//! and the server share.
//!
//! Who may submit what is `remit`; which information system stands where two report the same organisation is
//! `precedence`. Signatures over files are `cli`'s, because only there is a file whose bytes were signed.

mod changes;
mod error;
mod land;
pub mod precedence;
mod prepare;
pub mod remit;

pub use changes::record as record_changes;
pub use error::SubmissionError;
pub use land::{Landed, Request, land};
pub use prepare::{Origin, Prepared, Reading, landing, prepare};

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;

use crate::config::Config;
use crate::definitions::Definitions;
use crate::intake::TerritoryCheck;
use crate::lake::{Snapshot, Writer};
use crate::session;

/// What submissions are taken in with.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// Limits.
    pub config: &'a Config,
    /// Definitions of this build.
    pub definitions: &'a Arc<Definitions>,
    /// Memory, spill folder and caches of the process.
    pub runtime: &'a Arc<RuntimeEnv>,
}

impl Site<'_> {
    /// The ministry's session over a lake version: remits and precedence are decided over all data.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn session_over(&self, snapshot: &Snapshot) -> Result<SessionContext, SubmissionError> {
        Ok(session::open(self.config, Arc::clone(self.runtime), self.definitions, snapshot)?)
    }

    /// The register of territory codes of this build.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn territory(&self) -> Result<TerritoryCheck, SubmissionError> {
        let text = self.definitions.assets.text("datasets/reference/geo.csv")?;
        Ok(TerritoryCheck::from_csv(text.as_bytes())?)
    }

    /// Let the versions that a writer makes name this build's definitions.
    ///
    /// # Errors
    /// When the lake cannot be written.
    pub async fn use_definitions(&self, writer: &Writer) -> Result<(), SubmissionError> {
        let assets = &self.definitions.assets;
        let files = assets.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        Ok(writer.use_definitions(&assets.hash(), files).await?)
    }
}
