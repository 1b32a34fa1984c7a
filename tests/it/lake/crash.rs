//! `kill -9` at any moment, and files that cannot grow.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Instant;

use bilim_domain::records::Form;

use super::{assert_sound, pupils};
use crate::support::program;
use crate::support_cli::{Run, Site, file, organisation};

/// Kills of one run of the test.
const KILLS: u64 = 50;
/// Rows of each submission.
const ROWS: u64 = 40;

/// Pseudo-random numbers from a seed: splitmix64.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Every other killed submission is tried again until it is acknowledged; the rest are left as the
/// kill left them, there or not, and never in part or twice.
#[test]
fn killed_writers_lose_and_double_nothing() {
    let site = Site::new();
    let name = |number: u64| format!("{number}.csv");
    let submit = |number: u64| site.submit(Form::Pupil, &name(number));
    for number in 0..KILLS + 2 {
        site.write(&name(number), pupils(usize::try_from(number).unwrap(), ROWS));
    }
    let start = Instant::now();
    submit(KILLS).ended(0);
    submit(KILLS + 1).ended(0);
    let usual = start.elapsed() / 2;
    let mut seeded = Seeded(459);
    let mut acknowledged = vec![KILLS, KILLS + 1];
    let mut killed = 0;
    for number in 0..KILLS {
        let mut command = site.command(&["submit", &name(number), "--form", "S1.PUPIL", "--quiet"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // A tenth beyond the usual time, so that the last moments are hit, too.
        std::thread::sleep(usual.mul_f64(f64::from(u32::try_from(seeded.below(1100)).unwrap()) / 1000.0));
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            acknowledged.push(number);
            continue;
        }
        killed += 1;
        if number % 2 == 0 {
            submit(number).ended(0);
            acknowledged.push(number);
        }
    }
    assert!(killed > KILLS / 2, "only {killed} of {KILLS} were killed in time");
    // Whoever writes next finishes what a killed one had decided.
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[])]);
    assert_sound(&site);
    let rows = counts(&site, "select org_bin, count(*) from raw.s1_pupil group by org_bin");
    let accepted = counts(
        &site,
        "select file_name, count(*) from gov.submission where outcome = 'accepted' and form = 'S1.PUPIL' group by file_name",
    );
    for number in 0..KILLS + 2 {
        let bin = crate::support_cli::bin(usize::try_from(number).unwrap()).get().to_string();
        let landed = (rows.get(&bin).copied(), accepted.get(&name(number)).copied());
        let is_whole = landed == (Some(ROWS), Some(1));
        let is_nothing = landed == (None, None) && !acknowledged.contains(&number);
        assert!(is_whole || is_nothing, "submission {number}: {landed:?}");
    }
    assert_eq!(site.value("select count(distinct submission) from raw.s1_pupil"), accepted.len().to_string());
}

fn counts(site: &Site, statement: &str) -> BTreeMap<String, u64> {
    let text = site.sql(statement);
    let line = |line: &str| {
        let (key, count) = line.rsplit_once(',').unwrap();
        (key.to_owned(), count.parse().unwrap())
    };
    text.lines().skip(1).map(line).collect()
}

/// The program where no file may grow beyond so many blocks; the signal is ignored, so that it sees
/// an error of the write as on a full disk.
fn limited(site: &Site, blocks: u32, arguments: &[&str]) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh", program()]);
    site.prepare(&mut command);
    command.args(arguments).output().unwrap().into()
}

#[test]
fn a_file_that_cannot_grow_changes_nothing() {
    let site = Site::new();
    site.write("before.csv", pupils(1, 100));
    site.submit(Form::Pupil, "before.csv").ended(0);
    site.write("after.csv", pupils(2, 20_000));
    let mut failed = 0;
    for blocks in [0, 1, 4, 16, 64, 256] {
        let run = limited(&site, blocks, &["submit", "after.csv", "--form", "S1.PUPIL", "--quiet"]);
        if run.code == Some(0) {
            break;
        }
        assert_eq!(run.code, Some(3), "{blocks}: {}", run.err);
        assert!(run.err.starts_with("error: ") && run.err.contains("because: "), "{blocks}: {}", run.err);
        failed += 1;
        // The earlier state answers; what was half written is an orphan at most.
        assert_eq!(site.value("select count(*) from raw.s1_pupil"), "100", "{blocks}");
        assert_sound(&site);
    }
    assert!(failed >= 3, "only {failed} submissions failed");
    site.submit(Form::Pupil, "after.csv").ended(0);
    assert_eq!(site.value("select count(*) from raw.s1_pupil"), "20100");
    assert_eq!(site.value("select count(*) from gov.submission where outcome = 'accepted'"), "2");
    assert_sound(&site);
}

/// `/dev/full` takes nothing: ENOSPC.
#[test]
fn a_full_disk_is_said_to_be_full() {
    let site = Site::new();
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("skipped: this system has no /dev/full");
        return;
    }
    let query = "select * from generate_series(1, 100000)";
    for format in ["csv", "ndjson", "xlsx", "parquet"] {
        let run = site.run(&["sql", query, "--format", format, "--output", "/dev/full"]).ended(3);
        assert!(run.err.contains("No space left"), "{format}: {}", run.err);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = site.command(&["sql", query, "--format", format]);
        let run = Run::from(command.stdout(full).stderr(Stdio::piped()).output().unwrap()).ended(3);
        assert!(run.err.contains("No space left"), "{format}: {}", run.err);
    }
    site.write("bad.csv", file(Form::Organisation, &[organisation(1, &[("shifts", "9")])]));
    let run = site.run(&["submit", "bad.csv", "--form", "S1.ORG", "--findings", "/dev/full"]).ended(3);
    assert!(run.err.contains("No space left"), "{}", run.err);
}
