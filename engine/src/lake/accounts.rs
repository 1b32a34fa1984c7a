//! The area `auth/` of a lake: who may sign in. What it holds is the server's; here is how it is kept.
//!
//! States are numbered, each a whole file, `auth/<n>.json`, created only while its name is free: of two writers one has
//! made state n and the other looks again. No lake version, archive or citation names anything in it, and in a folder
//! only the owner of the lake may enter it (0700, files 0600).

use std::path::PathBuf;

use super::error::Result;
use super::lake::{Lake, blocking};
use super::layout::{Layout, numbered};
use super::store::Created;

/// The area of a lake that holds accounts.
#[derive(Debug, Clone)]
pub struct AccountArea {
    layout: Layout,
}

impl Lake {
    /// Where the accounts of this lake are kept.
    #[must_use]
    pub fn accounts(&self) -> AccountArea {
        AccountArea { layout: self.layout().clone() }
    }
}

impl AccountArea {
    /// The newest state later than `known` (0 = none is known), with its number; `None` when there is none.
    ///
    /// # Errors
    /// [`LakeError::Io`](super::LakeError::Io) naming the file.
    pub async fn newer(&self, known: u64) -> Result<Option<(u64, Vec<u8>)>> {
        let layout = self.layout.clone();
        blocking("read the accounts", move || {
            let store = layout.store();
            let mut newest = match known {
                0 => numbered(store, &layout.auth(), |name| name.strip_suffix(".json"))?.unwrap_or(0),
                known => known,
            };
            // One look-up a check where nothing has changed, instead of a listing.
            while store.exists(&state(&layout, newest + 1))? {
                newest += 1;
            }
            if newest == known {
                return Ok(None);
            }
            store.read(&state(&layout, newest)).map(|bytes| Some((newest, bytes)))
        })
        .await
    }

    /// Make a state, synced; `false` when the number is taken, and then nothing has changed.
    ///
    /// # Errors
    /// [`LakeError::Io`](super::LakeError::Io) naming the file.
    pub async fn create(&self, number: u64, bytes: Vec<u8>) -> Result<bool> {
        let layout = self.layout.clone();
        blocking("write the accounts", move || {
            layout.store().private_folder(&layout.auth())?;
            let created = layout.store().create_once(&state(&layout, number), &bytes)?;
            Ok(created != Created::Different)
        })
        .await
    }
}

fn state(layout: &Layout, number: u64) -> PathBuf {
    layout.auth().join(format!("{number}.json"))
}
