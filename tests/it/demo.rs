//! The first command of the README shows what the README says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program;
use crate::support_cli::{Run, Site};

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
    // What it says to try next can be tried.
    let next = printed[printed.find("Try next:").unwrap()..].lines().skip(1).map(str::trim);
    let mut tried = Vec::new();
    for line in next {
        let arguments = line.strip_prefix("bilim ").unwrap();
        let mut shell = Command::new("sh");
        site.prepare(&mut shell);
        shell.args(["-c", &format!("exec \"$0\" {arguments}")]).arg(program());
        let run = Run::from(shell.output().unwrap()).ended(0);
        tried.push((arguments.split(' ').next().unwrap().to_owned(), run));
    }
    let verified = tried.iter().find(|(command, _)| command == "verify").unwrap();
    assert!(verified.1.err.contains("0 problems; signature valid"), "{}", verified.1.err);
    assert_eq!(tried.iter().filter(|(command, _)| command == "catalog").count(), 2);
    fixed_and_corrected(&site, &lake);
}

/// Three learners had left in September: whoever asks now gets three fewer, whoever asks the archive those fixed.
fn fixed_and_corrected(site: &Site, lake: &Path) {
    let one = |statement: &str| -> i64 {
        let run = site.run(&["sql", statement, "--format", "csv", "--lake", lake.to_str().unwrap()]).ended(0);
        run.text().lines().nth(1).unwrap().parse().unwrap()
    };
    let cell = "where indicator = 'CON-01' and year = 2024 and tier = 'republic' and level = 'school' and breakdown = \
                'total'";
    let now = one(&format!("select cast(value as bigint) from mart.indicator {cell}"));
    let then = one(&format!("select cast(value as bigint) from archive_2024.mart.indicator {cell}"));
    assert_eq!(then - now, 3);
    let revised = format!("select cast(change as bigint) from mart.revision {cell}");
    assert_eq!(one(&revised), -3);
    // The archive was made before the school was heard, and holds nothing from after.
    let inside = "select count(*) from archive_2024.gov.submission where submitted_at >= timestamp '2024-10-21 00:00:00'";
    assert_eq!(one(inside), 0);
    let refused = "select count(*) from gov.submission where file_name like '%left-in-september%'";
    assert_eq!(one(refused), 1, "refused in October, landed in November");
}
