//! Bad input: nothing lands, and every finding says rule, file, row, field and value.

use std::fs;
use std::io::{Cursor, Write};
use std::sync::Arc;

use bilim_domain::records::Form;
use datafusion::arrow::array::{Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;

use crate::support_cli::{Run, Site, bin, file, organisation, pupil, row};

/// A finding as its columns: row, field, rule, value.
type Expected<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Submit the bytes to an empty lake: refused with this finding among others of the same rule, in
/// the findings file and in the ledger, and nothing landed.
fn refused(form: Form, name: &str, bytes: impl AsRef<[u8]>, expected: Expected<'_>) -> Run {
    let site = Site::new();
    site.write(name, bytes);
    refused_at(&site, form, name, &[], expected)
}

fn refused_at(site: &Site, form: Form, name: &str, options: &[&str], expected: Expected<'_>) -> Run {
    let (row, field, rule, value) = expected;
    let mut arguments = vec!["submit", name, "--form", form.code(), "--findings", "findings.csv"];
    arguments.extend_from_slice(options);
    let run = site.run(&arguments).ended(1);
    let mut reader = csv::Reader::from_path(site.folder().join("findings.csv")).unwrap();
    let columns = ["file", "row", "field", "rule", "severity", "value", "message"];
    assert_eq!(reader.headers().unwrap(), columns.as_slice());
    let findings: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let wanted = [name, row, field, rule, "error", value];
    let is_wanted = |finding: &&csv::StringRecord| finding.iter().take(6).eq(wanted);
    let found =
        findings.iter().find(is_wanted).unwrap_or_else(|| panic!("{wanted:?} is not in {findings:#?}"));
    assert!(!found[6].is_empty(), "no message");
    // The ledger knows the same.
    let ledger = site.sql(&format!(
        "select f.file, f.row, f.field, f.rule, f.severity, f.value, f.message_en, s.outcome, s.subject_bin is null \
         from gov.finding f join gov.submission s on s.submission = f.submission \
         where s.file_name = '{name}' and f.rule = '{rule}'"
    ));
    let mut reader = csv::Reader::from_reader(ledger.as_bytes());
    let kept: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of_ledger = kept.iter().find(is_wanted).unwrap_or_else(|| panic!("{wanted:?} is not in {ledger}"));
    assert_eq!((&of_ledger[6], &of_ledger[7]), (&found[6], "rejected"));
    let table = form.code().to_lowercase().replace('.', "_");
    assert_eq!(site.value(&format!("select count(*) from raw.{table}")), "0");
    run
}

/// A file of one organisation with one wrong cell.
fn refused_cell(field: &str, value: &str, rule: &str) -> Run {
    let text = file(Form::Organisation, &[organisation(1, &[]), organisation(2, &[(field, value)])]);
    refused(Form::Organisation, "org.csv", text, ("3", field, rule, value))
}

#[test]
fn an_unknown_column() {
    let text = file(Form::Organisation, &[organisation(1, &[])]);
    let text = text.replacen("building_state", "building_stat", 1);
    refused(Form::Organisation, "org.csv", text, ("1", "building_stat", "F-COLUMN-UNKNOWN", "building_stat"));
}

#[test]
fn a_missing_column() {
    let text = file(Form::Organisation, &[organisation(1, &[])]);
    let cut = |line: &str| {
        line.split(',')
            .enumerate()
            .filter(|(at, _)| *at != 12)
            .map(|(_, cell)| cell)
            .collect::<Vec<_>>()
            .join(",")
    };
    let text: Vec<String> = text.lines().map(cut).collect();
    refused(Form::Organisation, "org.csv", text.join("\n"), ("", "shifts", "F-COLUMN-MISSING", ""));
}

#[test]
fn a_wrong_type() {
    refused_cell("shifts", "two", "F-TYPE");
}

#[test]
fn a_number_out_of_range() {
    let run = refused_cell("shifts", "4", "F-RANGE");
    let line = run.err.lines().find(|line| line.contains("F-RANGE")).unwrap();
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(cells[..6], ["org.csv", "3", "shifts", "F-RANGE", "error", "4"]);
    assert!(line.ends_with("is outside the allowed range 1..3. Check the value."), "{line}");
    assert!(run.err.contains("0 accepted (0 rows, 0 superseded), 1 rejected"), "{}", run.err);
}

#[test]
fn a_fraction_where_a_whole_number_is_due() {
    refused_cell("design_capacity", "1.7", "F-INTEGER");
}

/// Shymkent was 511000000 of South Kazakhstan until 19 June 2018.
#[test]
fn a_territory_code_of_another_time() {
    refused_cell("district", "511000000", "F-KATO");
    let site = Site::new();
    let then = organisation(1, &[("year", "2015"), ("district", "511000000")]);
    site.land(Form::Organisation, "then.csv", &[then]);
}

#[test]
fn a_code_outside_the_list() {
    refused_cell("ownership", "public", "F-CODE");
}

#[test]
fn a_rule_of_the_form() {
    let text = file(Form::Pupil, &[pupil(1, 1, &[("grade", "9")])]);
    refused(Form::Pupil, "pupil.csv", text, ("2", "grade", "V-PUP-02", "9"));
}

#[test]
fn a_record_twice_in_one_file() {
    let text = file(Form::Organisation, &[organisation(1, &[]), organisation(2, &[]), organisation(1, &[])]);
    refused(Form::Organisation, "org.csv", text, ("4", "", "F-KEY-DUPLICATE", ""));
}

#[test]
fn a_file_of_another_form() {
    let text = file(Form::Pupil, &[pupil(1, 1, &[])]);
    let run = refused(Form::Organisation, "pupil.csv", text, ("", "", "F-FORM-OTHER", ""));
    assert!(run.err.contains("S1.PUPIL"), "{}", run.err);
}

#[test]
fn an_empty_file() {
    refused(Form::Organisation, "header.csv", file(Form::Organisation, &[]), ("", "", "F-EMPTY", ""));
    refused(Form::Organisation, "nothing.csv", "", ("", "", "F-EMPTY", ""));
}

#[test]
fn a_parquet_file_cut_short() {
    let column: Arc<Int64Array> = Arc::new((0..10_000).collect());
    let batch = RecordBatch::try_from_iter([("org_bin", column as _)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let run =
        refused(Form::Organisation, "org.parquet", &bytes[..bytes.len() / 2], ("", "", "F-TRUNCATED", ""));
    assert!(run.err.contains("damaged or incomplete"), "{}", run.err);
}

#[test]
fn a_zip_bomb() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        archive.start_file(name, options).unwrap();
        archive.write_all(&vec![b' '; 16 << 20]).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    let run = refused(Form::Organisation, "bomb.xlsx", &bytes, ("", "", "F-LIMIT", ""));
    assert!(run.err.contains("200:1"), "{}", run.err);
}

/// What a program that writes Windows-1251 makes of «Әйтеке би мектебі».
#[test]
fn lost_kazakh_letters() {
    let text = file(Form::Organisation, &[organisation(1, &[("name_kk", "NAME")])]);
    let (before, after) = text.split_once("NAME").unwrap();
    let (name, _, has_losses) = encoding_rs::WINDOWS_1251.encode("Айтеке би мектебi");
    assert!(!has_losses);
    let bytes = [before.as_bytes(), &name, after.as_bytes()].concat();
    let value = "2024,113200000,390140000100,general,state,,Айтеке би мектебi,РЁРєРѕР»Р°,,,urban,kk,2,100,false,,norm…";
    let run = refused(Form::Organisation, "1251.csv", bytes, ("2", "", "F-ENCODING", value));
    assert!(run.err.contains("Windows-1251"), "{}", run.err);
    // Already converted: question marks in words are a warning, the file may land.
    let site = Site::new();
    site.land(Form::Organisation, "marks.csv", &[organisation(1, &[("name_kk", "?йтеке би мектеб?")])]);
    assert_eq!(site.value("select rule from gov.finding"), "F-LETTERS");
}

#[test]
fn rows_outside_the_remit() {
    let site = Site::new();
    let department = bin(900).to_string();
    let authority = row(
        Form::Authority,
        &[
            ("year", "2024"),
            ("bin", department.as_str()),
            ("kato", "113200000"),
            ("kind", "district_dept"),
            ("name_ru", "Отдел образования"),
        ],
    );
    site.land(Form::Authority, "authority.csv", &[authority]);
    let text =
        file(Form::Organisation, &[organisation(1, &[]), organisation(2, &[("district", "113400000")])]);
    site.write("org.csv", text);
    let outside = ("3", "district", "F-REMIT", "113400000");
    refused_at(&site, Form::Organisation, "org.csv", &["--subject", &department], outside);
    // An organisation may speak for itself only, a department not for the testing centre.
    site.write("own.csv", file(Form::Organisation, &[organisation(1, &[])]));
    let another = bin(2).to_string();
    let outside = bin(1).to_string();
    let outside = ("2", "org_bin", "F-REMIT", outside.as_str());
    refused_at(&site, Form::Organisation, "own.csv", &["--subject", &another], outside);
    site.run(&["submit", "own.csv", "--form", "S7.UNT", "--subject", &department]).ended(4);
    site.run(&["submit", "own.csv", "--form", "S1.ORG", "--subject", "123"]).ended(2);
    let run = site.run(&["submit", "own.csv", "--form", "S1.ORG", "--subject", &department]).ended(0);
    assert!(run.err.contains("1 accepted"), "{}", run.err);
    let subjects =
        site.sql("select subject_bin from gov.submission where file_name = 'own.csv' order by submission");
    assert_eq!(subjects, format!("subject_bin\n{}\n{}\n", bin(2).get(), bin(900).get()));
}

/// One run shows all mistakes, and none of several files stops the others.
#[test]
fn every_mistake_is_named_at_once() {
    let site = Site::new();
    let bad = [
        organisation(1, &[("shifts", "9"), ("ownership", "")]),
        organisation(2, &[("district", "999999999")]),
    ];
    site.write("bad.csv", file(Form::Organisation, &bad));
    site.write("good.csv", file(Form::Organisation, &[organisation(3, &[])]));
    let arguments =
        ["submit", "bad.csv", "good.csv", "--form", "S1.ORG", "--findings", "f.csv", "--lang", "kk"];
    let run = site.run(&arguments).ended(1);
    assert!(run.err.contains("1 accepted") && run.err.contains("1 rejected"), "{}", run.err);
    let findings = fs::read_to_string(site.folder().join("f.csv")).unwrap();
    for rule in ["F-RANGE", "F-REQUIRED", "F-KATO"] {
        assert!(findings.contains(rule), "{findings}");
    }
    assert!(findings.contains("болуы керек") || findings.contains("толтырылады"), "{findings}");
    assert_eq!(site.value("select org_bin from raw.s1_org"), bin(3).get().to_string());
}
