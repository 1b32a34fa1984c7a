//! The first command of the README shows what the README says.

use std::fs;
use std::path::Path;

use crate::support_cli::Site;

/// The block of the README that begins with this line.
fn shown(first: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(readme).unwrap();
    let start = text.find(&format!("```text\n{first}\n")).unwrap_or_else(|| panic!("no block {first:?}"));
    let block = &text[start + "```text\n".len()..];
    block[..block.find("```").unwrap()].to_owned()
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let site = Site::empty();
    let run = site.run(&["demo"]).ended(0);
    let (printed, shown) = (run.text(), shown("Submissions"));
    let lines = printed.trim().lines().zip(shown.trim().lines());
    let differing = lines.into_iter().find(|(is, was)| is != was);
    assert_eq!(differing, None, "printed, and shown in the README");
    assert_eq!(printed.trim(), shown.trim());
    let lake = site.folder().join("bilim-demo/lake");
    let verified = site.run(&["verify", "--lake", lake.to_str().unwrap()]).ended(0);
    assert!(verified.err.is_empty() || !verified.err.contains("error"), "{}", verified.err);
}
