//! Every storage operation of keeping a file during a suspension, and of landing it afterwards, failing and
//! ending the process, before and after it took effect.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::inject::{WAYS, copy};
use super::{assert_sound, pupils};
use crate::freeze::{AFTER, Fixing, INSIDE};
use crate::support_cli::{Run, Site, bin};

/// The organisations of the file that waits and of the one that comes later, and the rows of the first.
const WAITS: usize = 7;
const LATER: usize = 8;
const ROWS: u64 = 11;
/// Of the operations that land a waiting file, those that a submission has too are sampled.
const EVERY: usize = 8;

fn at(site: &Site, now: &str, arguments: &[&str], plan: &str) -> Run {
    let mut command = site.command(arguments);
    command.env("BILIM_NOW", now).env("RUST_BACKTRACE", "0");
    if !plan.is_empty() {
        command.env("BILIM_INJECT", plan);
    }
    Run::from(command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap())
}

fn keep(site: &Site, plan: &str) -> Run {
    at(site, INSIDE, &["submit", "waits.csv", "--form", "S1.PUPIL", "--queue", "--quiet"], plan)
}

/// Another submission once the lake is open, which lands first what waits.
fn reopen(site: &Site, plan: &str) -> Run {
    at(site, AFTER, &["submit", "later.csv", "--form", "S1.PUPIL", "--quiet"], plan)
}

/// A lake whose updates are suspended, and two files.
fn suspended() -> Fixing {
    let fixing = Fixing::announced();
    fixing.site.write("waits.csv", pupils(WAITS, ROWS));
    fixing.site.write("later.csv", pupils(LATER, 1));
    assert_eq!(fixing.site.value("select count(*) from gov.submission"), "2");
    fixing
}

/// Entries of the queue, and whatever else lies there.
fn queue(site: &Site) -> (usize, Vec<String>) {
    let Ok(entries) = fs::read_dir(site.lake().join("queue")) else { return (0, Vec::new()) };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let (whole, rest): (Vec<String>, Vec<String>) = names.partition(|name| name.parse::<u32>().is_ok());
    (whole.len(), rest)
}

fn rows(site: &Site, organisation: usize) -> String {
    site.value(&format!("select count(*) from raw.s1_pupil where org_bin = {}", bin(organisation).get()))
}

/// The operations that `BILIM_INJECT` counts in a run.
fn operations(base: &Site, run: fn(&Site, &str) -> Run) -> Vec<String> {
    let site = Site::empty();
    copy(base.folder(), site.folder());
    let list = site.folder().join("operations.txt");
    run(&site, &format!("count:{}", list.display())).ended(0);
    fs::read_to_string(list).unwrap().lines().map(str::to_owned).collect()
}

/// On two threads, each case on a copy of the base.
fn each_case(base: &Path, cases: &[(usize, &'static str)], one: impl Fn(&Site, usize, &str) + Sync) {
    let (first, second) = cases.split_at(cases.len() / 2);
    std::thread::scope(|scope| {
        for cases in [first, second] {
            let one = &one;
            scope.spawn(move || {
                for (number, way) in cases {
                    let site = Site::empty();
                    copy(base, site.folder());
                    one(&site, *number, way);
                }
            });
        }
    });
}

/// The file landed once, and nothing is left of its waiting.
fn landed_once(site: &Site, told: &str) {
    let (waits, later) = (bin(WAITS).get(), bin(LATER).get());
    let counted = site.value(&format!(
        "select p.waits, p.later, s.waits, s.later from (select sum(case org_bin when {waits} then 1 else 0 end) as waits, \
         sum(case org_bin when {later} then 1 else 0 end) as later from raw.s1_pupil) p cross join (select sum(case \
         file_name when 'waits.csv' then 1 else 0 end) as waits, sum(case file_name when 'later.csv' then 1 else 0 end) \
         as later from gov.submission) s"
    ));
    assert_eq!(counted, format!("{ROWS},1,1,1"), "{told}");
    let (whole, rest) = queue(site);
    // What was never whole may be somebody's at work, until it is a day old.
    assert!(whole == 0 && rest.iter().all(|name| name.starts_with("making-")), "{told}: {whole} {rest:?}");
    assert_sound(site);
}

#[test]
fn every_operation_of_keeping_a_file_may_fail_or_end_the_process() {
    let fixing = suspended();
    let operations = operations(&fixing.site, keep);
    assert!(operations.len() >= 10, "only {} operations are watched:\n{operations:#?}", operations.len());
    let cases: Vec<(usize, &str)> =
        (0..operations.len()).flat_map(|number| WAYS.map(|way| (number, way))).collect();
    each_case(fixing.site.folder(), &cases, |site, number, way| {
        let told = format!("operation {number} {way}: {}", operations[number]);
        let run = keep(site, &format!("{number}:{way}"));
        let (whole, _) = queue(site);
        assert!(whole <= 1, "{told}");
        match run.code {
            Some(0) => assert_eq!(whole, 1, "{told}: acknowledged and not there"),
            Some(_) => assert_eq!(whole, 0, "{told}: said that it failed: {}", run.err),
            // Nobody is left to hear.
            None => {}
        }
        // Whoever was not told that it is kept brings it again.
        if run.code != Some(0) {
            keep(site, "").ended(0);
        }
        reopen(site, "").ended(0);
        landed_once(site, &told);
    });
}

#[test]
fn every_operation_of_landing_what_waits_may_fail_or_end_the_process() {
    let fixing = suspended();
    keep(&fixing.site, "").ended(0);
    let operations = operations(&fixing.site, reopen);
    let is_queue = |number: &usize| operations[*number].contains("/queue");
    let of_queue = (0..operations.len()).filter(is_queue).count();
    assert!(of_queue >= 3, "only {of_queue} operations of the queue are watched:\n{operations:#?}");
    let cases: Vec<(usize, &str)> = (0..operations.len())
        .filter(|number| is_queue(number) || number % EVERY == 0)
        .flat_map(|number| WAYS.map(|way| (number, way)))
        .collect();
    assert!(cases.len() >= 40, "{}", cases.len());
    each_case(fixing.site.folder(), &cases, |site, number, way| {
        let told = format!("operation {number} {way}: {}", operations[number]);
        let run = reopen(site, &format!("{number}:{way}"));
        let seen = rows(site, WAITS);
        assert!(seen == "0" || seen == ROWS.to_string(), "{told}: {seen} rows");
        // It was acknowledged when it was kept: until it has landed, it waits.
        assert!(queue(site).0 == 1 || seen != "0", "{told}: it is gone");
        if run.code == Some(0) {
            assert_eq!(seen, ROWS.to_string(), "{told}");
        }
        reopen(site, "").ended(0);
        landed_once(site, &told);
    });
}
