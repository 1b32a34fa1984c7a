//! Zip containers are inflated once under limits before a workbook parser sees them.
//!
//! Sizes in the directory may lie, so they are only the first test; the second counts what
//! really comes out. The parser then inflates the same bytes with the same result.

use std::io::{Cursor, Read};

use memchr::memmem;
use zip::ZipArchive;

use super::limit;
use crate::config::Config;
use crate::intake::finding::{At, Findings};
use crate::intake::rules::{self, same};

/// Most files in a workbook.
const MAX_ENTRIES: usize = 10_000;

/// Most that the container may grow when it is inflated, beyond the first MiB of each file.
const MAX_RATIO: u64 = 200;

/// Most cells, and most shared texts, of a workbook.
pub(super) const MAX_CELLS: u64 = 5_000_000;

/// Whether a workbook may be parsed; what forbids it becomes a finding.
pub(super) fn check(bytes: &[u8], config: &Config, findings: &mut Findings) -> bool {
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return damaged(error.to_string(), findings),
    };
    if archive.len() > MAX_ENTRIES {
        limit(findings, "zip", archive.len(), MAX_ENTRIES);
        return false;
    }
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(Into::into).collect();
    if !names.iter().any(|name| name.eq_ignore_ascii_case("xl/workbook.xml")) {
        let holds = |part: &str| names.iter().any(|name| name.eq_ignore_ascii_case(part));
        let found = match (holds("xl/workbook.bin"), holds("content.xml")) {
            (true, _) => "XLSB",
            (_, true) => "ODS",
            _ => "ZIP",
        };
        findings.add(rules::FORMAT, At::FILE, || vec![same(found)]);
        return false;
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        match archive.by_index_raw(index) {
            Ok(entry) => {
                declared = declared.saturating_add(entry.size());
                if !is_sane(entry.size(), entry.compressed_size()) {
                    limit(
                        findings,
                        "zip 200:1",
                        format!("{}:1", entry.size() / entry.compressed_size().max(1)),
                        "200:1",
                    );
                    return false;
                }
            }
            Err(error) => return damaged(error.to_string(), findings),
        }
    }
    if declared > config.max_inflated_bytes {
        limit(findings, "max_inflated_bytes", declared, config.max_inflated_bytes);
        return false;
    }
    let mut left = config.max_inflated_bytes;
    for index in 0..archive.len() {
        if !inflate(&mut archive, index, &mut left, config, findings) {
            return false;
        }
    }
    true
}

fn is_sane(inflated: u64, deflated: u64) -> bool {
    inflated <= (1 << 20) || inflated / MAX_RATIO <= deflated
}

fn damaged(detail: String, findings: &mut Findings) -> bool {
    findings.add(rules::TRUNCATED, At::FILE, || vec![same(detail)]);
    false
}

/// Inflate one file of the container without keeping it.
fn inflate(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    left: &mut u64,
    config: &Config,
    findings: &mut Findings,
) -> bool {
    let entry = match archive.by_index(index) {
        Ok(entry) => entry,
        Err(error) => return damaged(error.to_string(), findings),
    };
    let deflated = entry.compressed_size();
    let is_texts = entry.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
    let is_sheet = entry.name().is_ok_and(|name| name.to_ascii_lowercase().contains("worksheets/"));
    let mut inflated = 0_u64;
    let (mut texts, mut tags) = (0_u64, 0_u64);
    let mut reader = entry.take(*left + 1);
    let mut buffer = vec![0_u8; 1 << 16];
    // The last two bytes of one piece are looked at again with the next: a tag may lie across.
    let mut kept = 0;
    loop {
        let got = match reader.read(&mut buffer[kept..]) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) => return damaged(error.to_string(), findings),
        };
        inflated += got as u64;
        let piece = &buffer[..kept + got];
        texts += memmem::find_iter(piece, b"<si").count() as u64;
        tags += memchr::memchr_iter(b'<', &piece[kept..]).count() as u64;
        if inflated > *left {
            limit(
                findings,
                "max_inflated_bytes",
                format!("> {}", config.max_inflated_bytes),
                config.max_inflated_bytes,
            );
            return false;
        }
        if !is_sane(inflated, deflated) {
            limit(findings, "zip 200:1", format!("> {MAX_RATIO}:1"), "200:1");
            return false;
        }
        let end = kept + got;
        kept = end.min(2);
        buffer.copy_within(end - kept..end, 0);
    }
    *left -= inflated;
    // A list of empty texts or formats takes many times its size in memory.
    if is_texts && texts > MAX_CELLS {
        limit(findings, "sharedStrings", texts, MAX_CELLS);
        return false;
    }
    if !is_texts && !is_sheet && tags > MAX_CELLS / 2 {
        limit(findings, "zip", tags, MAX_CELLS / 2);
        return false;
    }
    true
}
