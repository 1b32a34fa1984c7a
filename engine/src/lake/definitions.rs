//! Definitions that a lake version names, kept in the lake.
//!
//! A folder `definitions/<hash>/` holds the files as they are. In an object store, where many small objects
//! are slow and no folder gets its name at once, one object holds them all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{LakeError, Result};
use super::layout::Layout;
use super::store::{Created, durable};

/// A file in `definitions/<hash>.json`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Bytes { hex: String },
}

/// Keep files under a hash; those of a known hash are not written again.
pub(super) fn keep(layout: &Layout, hash: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    if layout.store().remote().is_some() {
        return keep_object(layout, hash, files);
    }
    let folder = layout.definitions();
    let target = folder.join(hash);
    if target.is_dir() {
        return Ok(());
    }
    // Under another name until complete, so that a folder of a known hash is always whole.
    let making = folder.join(format!("{hash}.making"));
    if making.exists() {
        durable::remove_folder(&making)?;
    }
    durable::create_folder(&making)?;
    for (path, bytes) in files {
        let file = making.join(path);
        durable::create_folder(file.parent().unwrap_or(&making))?;
        durable::replace(&file, bytes)?;
    }
    durable::rename(&making, &target)?;
    durable::sync_folder(&folder)
}

fn object(layout: &Layout, hash: &str) -> PathBuf {
    layout.definitions().join(format!("{hash}.json"))
}

fn keep_object(layout: &Layout, hash: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let path = object(layout, hash);
    if layout.store().exists(&path)? {
        return Ok(());
    }
    let kept: BTreeMap<&str, Kept> = files
        .iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes.clone()).map(Kept::Text);
            (name.as_str(), text.unwrap_or_else(|_| Kept::Bytes { hex: hex::encode(bytes) }))
        })
        .collect();
    let bytes = serde_json::to_vec(&kept).expect("maps of texts serialise");
    match layout.store().create_once(&path, &bytes)? {
        Created::New | Created::Same => Ok(()),
        Created::Different => Err(damaged(&path)),
    }
}

/// The files kept in an object; none when the hash is unknown.
pub(super) fn read(layout: &Layout, hash: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let path = object(layout, hash);
    if !layout.store().exists(&path)? {
        return Ok(BTreeMap::new());
    }
    let bytes = layout.store().read(&path)?;
    let kept: BTreeMap<String, Kept> =
        serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(&path, error.to_string()))?;
    let file = |(name, kept)| match kept {
        Kept::Text(text) => Ok((name, text.into_bytes())),
        Kept::Bytes { hex } => hex::decode(hex).map(|bytes| (name, bytes)).map_err(|_| damaged(&path)),
    };
    kept.into_iter().map(file).collect()
}

fn damaged(path: &Path) -> LakeError {
    LakeError::damaged(path, "it does not hold the definitions of its hash")
}
