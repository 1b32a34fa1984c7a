//! What tests share: folders, lakes, the program, real data.

use std::path::PathBuf;

use bilim::config::Config;
use datafusion::prelude::SessionConfig;

/// The options of every session of ours.
pub fn session_config() -> SessionConfig {
    bilim::session::session_config(&Config::default()).expect("our options are known")
}

/// The program under test.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_bilim")
}

/// The folder of real published statistics; `None`, said aloud, when it is absent outside CI.
///
/// # Panics
/// In CI, where the folder must be there.
pub fn real_data() -> Option<PathBuf> {
    let folder =
        std::env::var_os("BILIM_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder =
        if folder.is_absolute() { folder } else { PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder) };
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", folder.display());
    let note = format!("skipped: {} is missing; set BILIM_DATA\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes());
    None
}
