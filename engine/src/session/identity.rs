//! What a session shows, in one text: equal texts, equal answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use datafusion::catalog::TableProvider;
use datafusion::datasource::TableType;

use super::policy::{Caller, Role};
use crate::config::Lens;
use crate::definitions::Definitions;
use crate::lake::Snapshot;

/// An extension of a session's options: lake version, definitions, years that are final, vintage, audience and whose
/// rights hold. Callers of one role and unit are shown the same, researchers what is masked for each.
#[derive(Debug)]
pub struct Identity {
    definitions: Arc<Definitions>,
    rest: String,
    text: OnceLock<String>,
    has_own_tables: AtomicBool,
}

impl Identity {
    pub(super) fn new(
        definitions: &Arc<Definitions>,
        snapshot: &Snapshot,
        lens: &Lens,
        caller: &Caller,
    ) -> Self {
        let mut years: Vec<i32> = snapshot.final_years().collect();
        years.sort_unstable();
        let name = if caller.role() == Role::Researcher { caller.name() } else { "" };
        let rights = (caller.role(), caller.scope(), name, caller.mask().is_some());
        let rest = format!("{} {years:?} {lens:?} {rights:?}", snapshot.sha256());
        Self {
            definitions: Arc::clone(definitions),
            rest,
            text: OnceLock::new(),
            has_own_tables: AtomicBool::new(false),
        }
    }

    /// The text; `None` once the session has tables of the caller's, which nothing here names.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if self.has_own_tables.load(Ordering::Relaxed) {
            return None;
        }
        // The hash of the definitions is taken only when somebody asks.
        Some(self.text.get_or_init(|| format!("{} {}", self.definitions.assets.hash(), self.rest)))
    }

    /// The session has got a table of the caller's. One that changes from moment to moment (`meta.query`) leaves the
    /// text: no answer from it is kept.
    pub(super) fn has_got(&self, table: &dyn TableProvider) {
        if table.table_type() != TableType::Temporary {
            self.has_own_tables.store(true, Ordering::Relaxed);
        }
    }
}
