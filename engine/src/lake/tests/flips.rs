//! Single bits flipped in data, log, lake versions, manifest, signature and sums: each is found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::archive::verify_archive;
use super::freeze::{announced, by_clock, job};
use super::*;

/// Flips of the lake, and of its archive.
const LAKE_FLIPS: usize = 7000;
const ARCHIVE_FLIPS: usize = 3000;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Places spread evenly over all bits of the files, each file at least once: (file, bit).
fn places(files: &[PathBuf], count: usize) -> Vec<(usize, usize)> {
    let bits: Vec<usize> = files
        .iter()
        .map(|path| usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap() * 8)
        .collect();
    let all: usize = bits.iter().sum();
    let mut chosen: BTreeSet<(usize, usize)> =
        (0..files.len()).filter(|file| bits[*file] > 0).map(|file| (file, 0)).collect();
    let mut seed = 459_u64;
    while chosen.len() < count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bit = usize::try_from(seed >> 20).unwrap() % all;
        let file = bits.iter().position(|length| {
            let is_here = bit < *length;
            if !is_here {
                bit -= length;
            }
            is_here
        });
        chosen.insert((file.unwrap(), bit));
    }
    chosen.into_iter().collect()
}

fn flip(path: &Path, bit: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).unwrap();
}

/// What verify vouches for: everything but the lock's note.
fn of_lake(lake: &Lake) -> Vec<PathBuf> {
    let is_vouched = |path: &PathBuf| {
        let relative = path.strip_prefix(lake.root()).unwrap();
        ["raw", "gov", "snapshots", "definitions"].iter().any(|folder| relative.starts_with(folder))
    };
    files(lake.root()).into_iter().filter(is_vouched).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seven_thousand_bits_of_a_lake() {
    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, 1, 1, None)]).await.unwrap();
    land(&writer, &form(), "two", &[(2024, 110_000_000, 1, 2, None)]).await.unwrap();
    drop(writer);
    let files = of_lake(&lake);
    let mut missed = Vec::new();
    for (file, bit) in places(&files, LAKE_FLIPS) {
        flip(&files[file], bit);
        let is_found = match lake.verify(true, 1).await {
            Ok(report) => !report.problems.is_empty(),
            // It cannot even be opened.
            Err(_) => true,
        };
        if !is_found {
            missed.push(format!("{}: bit {bit}", files[file].display()));
        }
        flip(&files[file], bit);
    }
    assert_eq!(missed, Vec::<String>::new());
    assert!(lake.verify(true, 1).await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn three_thousand_bits_of_an_archive() {
    let (_place, lake) = announced().await;
    let writer = lake.writer(by_clock("2024-10-09T06:00:00Z", None)).await.unwrap();
    writer.freeze(job()).await.unwrap();
    let folder = lake.root().join("archive/2024");
    let copy = tempfile::tempdir().unwrap();
    for path in files(&folder) {
        let to = copy.path().join(path.strip_prefix(&folder).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, std::fs::read(path).unwrap()).unwrap();
    }
    let files = files(copy.path());
    let check = || verify_archive(copy.path(), Some(2024), None).problems;
    assert_eq!(check(), []);
    let mut missed = Vec::new();
    for (file, bit) in places(&files, ARCHIVE_FLIPS) {
        flip(&files[file], bit);
        if check().is_empty() {
            missed.push(format!("{}: bit {bit}", files[file].display()));
        }
        flip(&files[file], bit);
    }
    assert_eq!(missed, Vec::<String>::new());
    assert_eq!(check(), []);
}
