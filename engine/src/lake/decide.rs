//! Whether a batch is decided, and what a writer decides first that follows another one's unreleased lease.

use std::sync::Arc;

use serde_json::json;

use super::error::Result;
use super::lake::blocking;
use super::land::TableChange;
use super::pending::Pending;
use super::supersede::Change;
use super::writer::Core;

impl Core {
    /// Record the decision; false = nobody knows yet whether it was stored. An error means: certainly not.
    pub(super) async fn decide(&self, pending: &Pending) -> Result<bool> {
        let undecided = |is_undecided| {
            self.lock.lease().into_iter().for_each(|lease| lease.set_undecided(is_undecided));
        };
        undecided(true);
        let (layout, decision) = (self.lake.layout().clone(), pending.clone());
        let decided = blocking("record the landing", move || decision.decide(&layout)).await;
        let is_decided = match decided {
            Ok(()) => true,
            // "Failed" may mean "done": the file may have its name and only the sync was refused.
            Err(error) if self.lock.lease().is_none() => {
                if !pending.path(self.lake.layout()).exists() {
                    return Err(error);
                }
                true
            }
            // A request without an answer may yet be carried out, however often one looks before it is.
            Err(error) if !error.is_refusal() => return Ok(false),
            Err(error) => {
                undecided(false);
                return Err(error);
            }
        };
        undecided(false);
        Ok(is_decided)
    }

    /// Take over from a holder that did not release its lease: the next lake version is ours, and every table
    /// holds a commit with our epoch.
    pub(super) async fn fence(&self, epoch: u64) -> Result<()> {
        let mut state = self.state.lock().await;
        let version = state.current.version.version + 1;
        let mut changes = Vec::new();
        for (name, at) in &state.current.version.tables {
            let table = self.lake.table(name, *at).await?;
            changes.push(TableChange {
                spec: Arc::new(table.spec()),
                base: Some(table),
                change: Change::default(),
                data_change: false,
                info: json!({"lakeVersion": version, "leaseEpoch": epoch}),
            });
        }
        self.commit(&mut state, changes, Vec::new(), Vec::new(), Vec::new()).await
    }
}
