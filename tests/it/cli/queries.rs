//! `bilim sql`: what is refused and how, and the formats of answers.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::process::Stdio;

use bilim_domain::records::Form;
use calamine::Reader;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::ipc::reader::FileReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support_cli::{Site, organisation};

fn refused(statement: &str) -> String {
    let run = Site::new().run(&["sql", statement]).ended(2);
    assert!(run.out.is_empty(), "{}", run.text());
    run.err
}

#[test]
fn a_syntax_error_shows_its_place() {
    let err = refused(
        "select year,
  frm raw.s1_org wher",
    );
    assert!(err.starts_with("error: syntax error at line 2, column 10: Expected: end of statement"), "{err}");
    // The mark stands below the tenth letter of the second line.
    assert!(
        err.ends_with(
            "    frm raw.s1_org wher
           ^
"
        ),
        "{err}"
    );
}

#[test]
fn a_statement_that_ends_too_early_is_marked_at_its_end() {
    let err = refused("select *\nfrom mart.indicator\norder by  ");
    assert!(err.starts_with("error: syntax error at line 3, column 9: Expected: an expression"), "{err}");
    assert!(err.ends_with("  order by  \n          ^\n"), "{err}");
}

#[test]
fn an_unknown_view_gets_the_nearest_names() {
    let err = refused("select * from mart.indicatr");
    assert!(err.contains("no table or view mart.indicatr"), "{err}");
    assert!(err.contains("did you mean mart.indicator"), "{err}");
}

#[test]
fn an_unknown_column_gets_the_nearest_names() {
    let err = refused("select valu from mart.indicator");
    assert!(err.contains("no column valu; did you mean value"), "{err}");
}

#[test]
fn whatever_is_no_query_is_refused() {
    let site = Site::new();
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[])]);
    let before = site.value("select max(lake_version) from meta.lake_version");
    for statement in [
        "create table t (a int)",
        "create view v as select 1",
        "create external table t stored as csv location '/etc/passwd'",
        "drop table raw.s1_org",
        "insert into raw.s1_org select * from raw.s1_org",
        "delete from raw.s1_org",
        "update raw.s1_org set year = 1",
        "copy (select 1) to 'out.csv'",
        "set datafusion.execution.batch_size = 1",
        "reset datafusion.execution.batch_size",
        "select 1; drop table raw.s1_org",
        "",
    ] {
        let run = site.run(&["sql", statement]).ended(2);
        assert!(run.err.starts_with("error: "), "{statement}: {}", run.err);
        // What is refused is said in words of SQL, not of the engine.
        assert!(!run.err.contains("planning"), "{statement}: {}", run.err);
    }
    assert_eq!(site.value("select max(lake_version) from meta.lake_version"), before);
    assert!(!site.folder().join("out.csv").exists());
}

#[test]
fn a_failing_statement_is_no_bug_of_ours() {
    let run = Site::new().run(&["sql", "select 1 / 0"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
}

#[test]
fn a_closed_pipe_is_success() {
    let site = Site::new();
    for format in ["csv", "ndjson", "table"] {
        let mut child = site
            .command(&["sql", "select * from generate_series(1, 300000)", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut head = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut head).unwrap();
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), err.as_str()), (Some(0), ""), "{format}");
    }
}

/// The same two rows in every format.
#[test]
fn every_format_can_be_read() {
    let site = Site::new();
    let names = [("name_ru", "\"Школа \"\"Ә\"\", №1\""), ("shifts", "3")];
    site.land(Form::Organisation, "org.csv", &[organisation(1, &names), organisation(2, &[])]);
    let answer = |format: &str| {
        let query = "select shifts, name_ru, name_kk from raw.s1_org order by org_bin";
        site.run(&["sql", query, "--format", format]).ended(0)
    };
    assert_eq!(answer("csv").text(), "shifts,name_ru,name_kk\n3,\"Школа \"\"Ә\"\", №1\",\n2,Школа,\n");
    let json: serde_json::Value = serde_json::from_str(&answer("json").text()).unwrap();
    assert_eq!(json[0]["name_ru"], "Школа \"Ә\", №1");
    assert_eq!(json[1]["shifts"], 2);
    let ndjson = answer("ndjson").text();
    let rows: Vec<serde_json::Value> =
        ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["shifts"]), (2, &serde_json::json!(3)));
    let md = answer("md").text();
    assert!(md.starts_with("| shifts") && md.lines().count() == 4, "{md}");
    let table = answer("table").text();
    assert!(table.contains("Школа \"Ә\", №1"), "{table}");

    let bytes = bytes::Bytes::from(answer("parquet").out);
    let batches: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .unwrap()
        .build()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(shifts(&batches), [3, 2]);
    let reader = FileReader::try_new(Cursor::new(answer("arrow").out), None).unwrap();
    assert_eq!(shifts(&reader.map(Result::unwrap).collect::<Vec<_>>()), [3, 2]);

    // A workbook, and a file instead of stdout.
    let query = "select shifts, name_ru from raw.s1_org order by org_bin";
    site.run(&["sql", query, "--format", "xlsx", "--output", "answer.xlsx"]).ended(0);
    let file = BufReader::new(File::open(site.folder().join("answer.xlsx")).unwrap());
    let mut workbook: calamine::Xlsx<_> = Reader::new(file).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let cells: Vec<String> = sheet.rows().flatten().map(ToString::to_string).collect();
    assert_eq!(cells, ["shifts", "name_ru", "3", "Школа \"Ә\", №1", "2", "Школа"]);
}

fn shifts(batches: &[RecordBatch]) -> Vec<i32> {
    let columns = batches.iter().map(|batch| batch.column_by_name("shifts").unwrap());
    columns.flat_map(|column| column.as_primitive::<Int32Type>().values().to_vec()).collect()
}

#[test]
fn files_of_the_caller_join_the_lake() {
    let site = Site::new();
    site.land(Form::Organisation, "org.csv", &[organisation(1, &[])]);
    site.write("mine.csv", "district,note\n113200000,home\n");
    let query = "select m.note, count(*) as n from raw.s1_org o join mine m on m.district = o.district group by m.note";
    let run = site.run(&["sql", query, "--with", "mine=mine.csv", "--format", "csv", "--timing"]);
    // The name is bare or in a schema of its own; either way it is found.
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(run.text(), "note,n\nhome,1\n");
    assert!(run.err.contains("Time: ") && run.err.contains(" ms"), "{}", run.err);
    site.run(&["sql", "select 1", "--with", "mine=absent.csv"]).ended(2);
}
