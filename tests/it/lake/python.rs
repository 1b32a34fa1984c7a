//! Other engines read the tables: the Python packages `deltalake` and `duckdb` see what we see.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use bilim_domain::records::Form;

use crate::support_cli::{Site, file, organisation, pupil};

/// What the virtual environment holds.
const PACKAGES: [&str; 3] = ["deltalake", "duckdb", "pyarrow"];

/// Counts and sums of a table, by both packages, one line each.
const SCRIPT: &str = r#"
import sys
import duckdb
import pyarrow.compute as pc
from deltalake import DeltaTable

path, columns = sys.argv[1], sys.argv[2].split(",")
table = DeltaTable(path)
rows = table.to_pyarrow_table()
print("deltalake", rows.num_rows, *[pc.sum(rows[column]).as_py() for column in columns])
files = table.file_uris()
sums = ", ".join(f"cast(sum({column}) as bigint)" for column in columns)
query = f"select count(*), {sums} from read_parquet(?, hive_partitioning = true)"
print("duckdb", *duckdb.execute(query, [files]).fetchone())
"#;

/// The interpreter of a virtual environment made once under the build folder; the reason when it
/// cannot be made.
pub fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Several test runs may share the build folder.
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let interpreter = folder.join("venv/bin/python");
    let is_ready = folder.join("ready");
    if is_ready.exists() {
        return Ok(interpreter);
    }
    let run = |command: &mut Command| {
        let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
        }
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder.join("venv")))?;
    run(Command::new(&interpreter)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))?;
    fs::write(is_ready, "").map_err(|error| error.to_string())?;
    Ok(interpreter)
}

#[test]
fn deltalake_and_duckdb_read_the_same_rows() {
    let interpreter = match python("python", &PACKAGES) {
        Ok(interpreter) => interpreter,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "no virtual environment: {reason}");
            eprintln!("skipped: no virtual environment: {reason}");
            return;
        }
    };
    let site = Site::new();
    let far = [("district", "153400000"), ("year", "2023")];
    site.land(
        Form::Organisation,
        "org.csv",
        &[organisation(1, &[]), organisation(2, &far), organisation(3, &[])],
    );
    // A correction, so that files exist that no longer count, and rows of three partitions.
    site.land(Form::Organisation, "better.csv", &[organisation(1, &[("design_capacity", "777")])]);
    let rows: Vec<String> = (1..=500)
        .map(|index| pupil(usize::try_from(index % 3 + 1).unwrap(), index * 0x0123_4567_89ab, &[]))
        .collect();
    site.land(Form::Pupil, "pupil.csv", &rows);
    site.land(Form::Pupil, "again.csv", &rows[..9]);
    site.write("bad.csv", file(Form::Organisation, &[organisation(1, &[("shifts", "9")])]));
    site.submit(Form::Organisation, "bad.csv").ended(1);
    for (table, columns) in [
        ("raw/s1_org", "year,region,submission,org_bin,shifts,design_capacity"),
        ("raw/s1_pupil", "year,region,submission,org_bin,pid,grade"),
        ("gov/submission", "submission,row_count,superseded_row_count,error_count"),
    ] {
        let sums: Vec<String> = columns.split(',').map(|column| format!("sum({column})")).collect();
        let ours =
            site.value(&format!("select count(*), {} from {}", sums.join(", "), table.replace('/', ".")));
        let mut command = Command::new(&interpreter);
        command.args(["-c", SCRIPT]).arg(site.lake().join(table)).arg(columns);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{table}: {}", String::from_utf8_lossy(&output.stderr));
        let ours = ours.replace(',', " ");
        assert_eq!(text, format!("deltalake {ours}\nduckdb {ours}\n"), "{table}");
    }
}
