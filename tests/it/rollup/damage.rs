//! A rollup that is damaged, cut off or gone is no rollup.

use std::fs;
use std::path::{Path, PathBuf};

use bilim::lake::AsOf;

use super::{country_of, missing, plan, refresh, rows, session};
use crate::equivalence::warehouse::{Warehouse, block_on};

/// Files below a folder with this ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_wrong_byte_or_a_missing_file_changes_no_answer() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        warehouse.submit(&country_of(300)).await;
        let snapshot = warehouse.snapshot(AsOf::Latest).await;
        refresh(&snapshot).await;
        let folder = warehouse.root().join("rollup/enrolment");
        let sql = "select * from measures.enrolment";
        let expected = rows(&session(&snapshot, false), sql).await;
        let stored = files(&folder, "parquet");
        assert!(stored.len() > 1, "{stored:?}");
        // In the middle of one file, at the end of another.
        let mut bytes = fs::read(&stored[0]).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&stored[0], &bytes).unwrap();
        fs::remove_file(&stored[1]).unwrap();
        // A new process: what was sound before it began is looked at again.
        snapshot.derived().unwrap().look_again();
        let ctx = session(&snapshot, true);
        assert_eq!(rows(&ctx, sql).await, expected);
        let shown = plan(&ctx, sql).await;
        assert!(shown.contains("RollupExec") && !shown.contains("computed=[none]"), "{shown}");
        let lacking = missing(&snapshot).await;
        let of_enrolment = lacking.iter().find(|(measure, _)| measure == "enrolment");
        assert_eq!(of_enrolment.map(|(_, partitions)| partitions.len()), Some(2), "{lacking:?}");
        refresh(&snapshot).await;
        assert_eq!(missing(&snapshot).await, []);
        let ctx = session(&snapshot, true);
        assert_eq!(rows(&ctx, sql).await, expected);
        assert!(plan(&ctx, sql).await.contains("computed=[none]"));
    });
}

#[test]
fn a_damaged_register_is_none() {
    block_on(async {
        let warehouse = Warehouse::new().await;
        warehouse.submit(&country_of(301)).await;
        let snapshot = warehouse.snapshot(AsOf::Latest).await;
        refresh(&snapshot).await;
        let register = warehouse.root().join("rollup/enrolment/register.json");
        let whole = fs::read_to_string(&register).unwrap();
        let sql = "select * from measures.enrolment";
        let expected = rows(&session(&snapshot, false), sql).await;
        // A number in it changed, the end cut off, nothing left, no file.
        let more_rows = whole.replacen("numRecords\\\":", "numRecords\\\":1", 1);
        assert_ne!(more_rows, whole, "{whole}");
        for damaged in [more_rows.as_str(), &whole[..whole.len() / 2], ""] {
            fs::write(&register, damaged).unwrap();
            let ctx = session(&snapshot, true);
            assert_eq!(rows(&ctx, sql).await, expected);
            assert!(!plan(&ctx, sql).await.contains("RollupExec"));
        }
        fs::remove_dir_all(warehouse.root().join("rollup")).unwrap();
        assert_eq!(rows(&session(&snapshot, true), sql).await, expected);
        refresh(&snapshot).await;
        assert_eq!(rows(&session(&snapshot, true), sql).await, expected);
    });
}
