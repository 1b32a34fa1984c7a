//! Every bad input that submitters have been seen to send, and hostile ones.
#![allow(clippy::unwrap_used, reason = "test code")]

mod xls;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use bilim_domain::pseudonym::PseudonymKey;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array,
    Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Int32Type, Int64Type, Schema};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};

use super::ids::with_check_digit;
use super::*;
use crate::definitions::{Assets, Definitions, Lang};

const PUPIL: &str = r#"
code = "T.PUPIL"
version = 1
source = "S1"
grain = "one enrolment"
academic_year = "begins"
mode = "replace"
scope = ["org_bin"]
key = ["pid", "org_bin", "enrol_from"]
subject = "organisation"
territory = "district"
due = "10-01"
valid_from_year = 2010
title = { kk = "Білім алушылар", ru = "Обучающиеся", en = "Learners" }
field = [
    { name = "district", type = "kato", required = true, kk = "Аудан", ru = "Район", en = "District" },
    { name = "org_bin", type = "bin", required = true, kk = "БСН", ru = "БИН", en = "BIN" },
    { name = "pid", type = "pseudonym", required = true, kk = "Код", ru = "Псевдоним", en = "Pseudonym" },
    { name = "birth", type = "year_month", required = true, kk = "Туған айы", ru = "Месяц рождения", en = "Birth" },
    { name = "sex", type = "code", required = true, codes = "sex", members = ["female", "male"], kk = "Жынысы", ru = "Пол", en = "Sex" },
    { name = "grade", type = "integer", required = true, min = 0, max = 12, aliases = ["class"], kk = "Сынып", ru = "Класс", en = "Grade" },
    { name = "letter", type = "text(8)", kk = "Литер", ru = "Литера", en = "Letter" },
    { name = "rate", type = "decimal(4,2)", kk = "Мөлшерлеме", ru = "Ставка", en = "Rate" },
    { name = "score", type = "number", kk = "Балл", ru = "Балл", en = "Score" },
    { name = "has_sen", type = "boolean", kk = "ЕБҚ", ru = "ООП", en = "Special needs" },
    { name = "residence", type = "kato", kk = "Тұрғылықты жері", ru = "Место жительства", en = "Residence" },
    { name = "enrol_from", type = "date", required = true, kk = "Қабылданған", ru = "Зачислен", en = "Enrolled" },
    { name = "steps", type = "long", kk = "Қадам", ru = "Шаги", en = "Steps" },
]
[[rule]]
code = "V-T-01"
severity = "error"
field = "birth"
check = "year - birth / 100 between 0 and 80"
message = { kk = "жасы", ru = "возраст", en = "the age is impossible" }
[[rule]]
code = "V-T-02"
severity = "warning"
field = "letter"
check = "letter <> 'Z' and 12 / (12 - grade) > 0"
message = { kk = "литер", ru = "литера", en = "no such letter" }
"#;

const SCHOOL: &str = r#"
code = "T.SCHOOL"
version = 1
source = "S1"
grain = "one school"
academic_year = "begins"
mode = "replace"
scope = ["org_bin"]
key = ["org_bin"]
subject = "organisation"
valid_from_year = 2010
title = { kk = "Мектеп", ru = "Школа", en = "School" }
field = [
    { name = "org_bin", type = "bin", required = true, kk = "БСН", ru = "БИН", en = "BIN" },
    { name = "capacity", type = "integer", required = true, kk = "Сыйымдылығы", ru = "Мощность", en = "Capacity" },
    { name = "shifts", type = "integer", required = true, kk = "Ауысым", ru = "Смены", en = "Shifts" },
]
"#;

const TABLE: &str = r#"
code = "T.TABLE"
version = 1
source = "S2"
grain = "one published number"
academic_year = "begins"
mode = "replace"
scope = ["kato"]
key = ["kato", "country"]
subject = "ministry"
territory = "kato"
valid_from_year = 1990
title = { kk = "Кесте", ru = "Таблица", en = "Table" }
field = [
    { name = "kato", type = "kato", required = true, kk = "ӘАОЖ", ru = "КАТО", en = "KATO" },
    { name = "country", type = "code", codes = "country", kk = "Ел", ru = "Страна", en = "Country" },
    { name = "value", type = "decimal(24,6)", required = true, kk = "Мәні", ru = "Значение", en = "Value" },
]
"#;

const GEO: &str = "# a register
geo_id,kato,tier,valid_from,valid_to
10,100000000,region,2022-06-08,
11,110000000,region,1997-01-01,
632800,632800000,district,1997-01-01,2022-06-08
632800,101000000,district,2022-06-08,
111000,111000000,district,1997-01-01,
";

fn definitions() -> Definitions {
    use std::fmt::Write as _;
    let mut codes = "code_list,code,valid_from_year,valid_to_year\nsex,female,,\nsex,male,,\n".to_owned();
    for number in 0..300 {
        writeln!(codes, "country,C{number:02},,").unwrap();
    }
    let files = [
        ("datasets/forms/pupil.toml", PUPIL),
        ("datasets/forms/school.toml", SCHOOL),
        ("datasets/forms/table.toml", TABLE),
        ("datasets/reference/code.csv", &codes),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    Definitions::from_assets(Assets::from_map(BTreeMap::from(files))).unwrap()
}

/// A form, the limits and a folder for files.
struct Desk {
    forms: Vec<Arc<Form>>,
    form: Arc<Form>,
    config: Config,
    geo: TerritoryCheck,
    remit: Remit,
    year: Option<i32>,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(code: &str) -> Self {
        let definitions = definitions();
        Self {
            form: Arc::clone(definitions.form(code).unwrap()),
            forms: definitions.forms,
            config: Config { threads: 2, ..Config::default() },
            geo: TerritoryCheck::from_csv(GEO.as_bytes()).unwrap(),
            remit: Remit::Everything,
            year: Some(2024),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn pupils() -> Self {
        Self::new("T.PUPIL")
    }

    fn options(&self) -> Options<'_> {
        Options {
            year: self.year,
            config: &self.config,
            territory: Some(&self.geo),
            remit: &self.remit,
            other_forms: &self.forms,
        }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn read(&self, name: &str, bytes: impl AsRef<[u8]>) -> (Vec<RecordBatch>, Report) {
        let path = self.file(name, bytes.as_ref());
        let mut batches = Vec::new();
        let report = super::read(&self.form, &path, &self.options(), |batch| {
            assert_eq!(batch.schema(), self.form.row_schema());
            batches.push(batch);
            Ok::<_, std::io::Error>(())
        })
        .unwrap();
        if !report.findings.is_empty() {
            for lang in [Lang::Kk, Lang::Ru, Lang::En] {
                assert!(report.findings.iter().all(|found| !found.message.get(lang).is_empty()));
            }
        }
        (batches, report)
    }

    /// `rule field@row` of every finding kept.
    fn findings(&self, name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
        brief(&self.read(name, bytes).1)
    }
}

fn brief(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|found| {
            let row = found.row.map_or_else(|| "file".to_owned(), |row| row.to_string());
            format!("{} {}@{row}", found.rule, found.field.as_deref().unwrap_or("-"))
        })
        .collect()
}

fn bin(number: u32) -> String {
    // Not every stem has a check digit: take the next that has.
    (number..)
        .map(|number| format!("0101400{number:04}"))
        .find_map(|stem| stem.parse::<u64>().ok().and(bilim_domain::ids::Bin::from_stem(&stem).ok()))
        .unwrap()
        .to_string()
}

const HEADER: &str =
    "district,org_bin,pid,birth,sex,grade,letter,rate,score,has_sen,residence,enrol_from,steps";

/// A good row of the pupil form with some cells replaced.
fn row(pid: u64, changes: &[(&str, &str)]) -> String {
    let org = bin(1);
    let pid = format!("{pid:016x}");
    let mut cells = vec![
        "111000000",
        &org,
        &pid,
        "2010-09",
        "female",
        "9",
        "A",
        "0.5",
        "1.5",
        "true",
        "111035100",
        "2017-09-01",
        "7",
    ];
    for (name, value) in changes {
        let at = HEADER.split(',').position(|column| column == *name).unwrap();
        cells[at] = value;
    }
    cells.join(",")
}

fn csv(rows: &[String]) -> String {
    std::iter::once(HEADER.to_owned()).chain(rows.iter().cloned()).collect::<Vec<_>>().join("\n") + "\n"
}

fn one(changes: &[(&str, &str)]) -> String {
    csv(&[row(1, changes)])
}

#[test]
fn a_good_file_becomes_typed_rows() {
    let (batches, report) =
        Desk::pupils().read("good.csv", csv(&[row(1, &[]), row(u64::MAX, &[("letter", "")])]));
    assert_eq!(brief(&report), [""; 0]);
    assert!(report.is_accepted());
    assert_eq!((report.rows, report.format), (2, Some(FileFormat::Csv)));
    assert_eq!(report.years, BTreeSet::from([2024]));
    let batch = &batches[0];
    let ints = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Int32Type>().values().to_vec();
    assert_eq!(ints("year"), [2024, 2024]);
    assert_eq!(ints("region"), [11, 11]);
    assert_eq!(ints("birth"), [201_009, 201_009]);
    let pids = batch.column_by_name("pid").unwrap().as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(pids, [1, -1]);
    let letters = batch.column_by_name("letter").unwrap().as_string::<i32>();
    assert_eq!((letters.value(0), letters.is_null(1)), ("A", true));
    let expected = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(csv(&[
        row(1, &[]),
        row(u64::MAX, &[("letter", "")]),
    ])));
    assert_eq!(report.content_sha256, Some(expected));
}

#[test]
fn columns_are_held_against_the_form() {
    let desk = Desk::pupils();
    let good = csv(&[row(1, &[])]);
    assert_eq!(desk.findings("f.csv", good.replace("letter", "leter")), ["F-COLUMN-UNKNOWN leter@1"]);
    let message = &desk.read("f.csv", good.replace("letter", "leter")).1.findings[0].message.en;
    assert!(message.contains("closest name: letter"), "{message}");
    // A missing column is one finding, not one a row.
    assert_eq!(
        desk.findings("f.csv", good.replace("birth", "letter2")),
        ["F-COLUMN-MISSING birth@file", "F-COLUMN-UNKNOWN letter2@1"]
    );
    assert_eq!(desk.findings("f.csv", good.replace("letter", "Пол")), ["F-COLUMN-TWICE Пол@1"]);
    // Aliases, labels and loose spellings are understood.
    let loose = good.replace("grade", "CLASS").replace("sex", "Жынысы").replace("org_bin", "Org BIN");
    assert_eq!(desk.findings("f.csv", loose), [""; 0]);
}

#[test]
fn a_file_of_another_form_is_named() {
    let desk = Desk::pupils();
    let schools = format!("org_bin,capacity,shifts\n{},100,2\n", bin(1));
    let (_, report) = desk.read("schools.csv", &schools);
    assert_eq!(brief(&report), ["F-FORM-OTHER -@file"]);
    assert!(report.findings[0].message.en.contains("T.SCHOOL (School)"));
    assert!(report.content_sha256.is_some());
}

#[test]
fn wrong_cells_are_all_found_in_one_pass() {
    let desk = Desk::pupils();
    for (field, value, rule) in [
        ("grade", "nine", "F-TYPE"),
        ("grade", "1.7", "F-INTEGER"),
        ("grade", "13", "F-RANGE"),
        ("grade", "99999999999999999999", "F-RANGE"),
        ("steps", "9223372036854775808", "F-RANGE"),
        ("rate", "0.555", "F-DECIMALS"),
        ("rate", "100", "F-RANGE"),
        ("score", "NaN", "F-TYPE"),
        ("has_sen", "maybe", "F-TYPE"),
        ("birth", "2010-13", "F-TYPE"),
        ("enrol_from", "31.02.2017", "F-TYPE"),
        ("sex", "femal", "F-CODE"),
        ("letter", "123456789", "F-LENGTH"),
        ("letter", "#N/A", "F-TYPE"),
        ("pid", "000000000000000A", "F-TYPE"),
        ("org_bin", "010140000013", "F-BIN"),
        ("org_bin", "1", "F-BIN"),
        ("grade", "", "F-REQUIRED"),
        ("district", "11", "F-TYPE"),
        ("district", "0", "F-KATO"),
        ("district", "123456789", "F-KATO"),
        ("birth", "1930-01", "V-T-01"),
    ] {
        assert_eq!(desk.findings("f.csv", one(&[(field, value)])), [format!("{rule} {field}@2")], "{value}");
    }
    let many = one(&[("grade", "x"), ("sex", "x"), ("letter", "x\0"), ("pid", "")]);
    assert_eq!(
        desk.findings("f.csv", many),
        ["F-REQUIRED pid@2", "F-CODE sex@2", "F-TYPE grade@2", "F-ENCODING letter@2"]
    );
}

#[test]
fn row_rules_pass_on_null_and_survive_division_by_zero() {
    let desk = Desk::pupils();
    assert_eq!(desk.findings("f.csv", one(&[("letter", "")])), [""; 0]);
    let (batches, report) =
        desk.read("f.csv", csv(&[row(1, &[("letter", "Z")]), row(2, &[("grade", "12")])]));
    assert_eq!(brief(&report), ["V-T-02 letter@2", "F-RULE letter@3"]);
    assert_eq!(report.count(Severity::Warning), 1);
    assert!(batches.is_empty() && !report.is_accepted());
    // A warning alone does not stop the rows.
    let (batches, report) = desk.read("f.csv", one(&[("letter", "Z")]));
    assert!(report.is_accepted() && batches[0].num_rows() == 1);
}

#[test]
fn territory_codes_are_judged_on_the_date() {
    let mut desk = Desk::pupils();
    let semey = |year: i32, desk: &mut Desk| {
        desk.year = Some(year);
        desk.read("f.csv", one(&[("district", "632800000"), ("residence", "")])).1
    };
    assert!(semey(2021, &mut desk).is_accepted());
    let report = semey(2024, &mut desk);
    assert_eq!(brief(&report), ["F-KATO district@2"]);
    assert!(report.findings[0].message.en.contains("not valid on 2024-10-01"), "{:?}", report.findings);
    assert!(report.findings[0].message.en.contains("101000000"));
    // Schools under the oblast carry its own code; settlements follow their district.
    assert_eq!(desk.findings("f.csv", one(&[("district", "110000000")])), [""; 0]);
    assert_eq!(desk.findings("f.csv", one(&[("residence", "632835100")])), ["F-KATO residence@2"]);
    let table = Desk::new("T.TABLE");
    assert_eq!(table.findings("t.csv", "kato,value\n0,1\n110000000,2\n"), [""; 0]);
}

#[test]
fn an_iin_is_found_wherever_it_hides_and_never_shown() {
    let desk = Desk::pupils();
    let person = with_check_digit("10091560001");
    let in_cell = |field: &str, value: String| {
        let (_, report) = desk.read("f.csv", one(&[(field, &value)]));
        assert_eq!(brief(&report), [format!("F-IIN {field}@2")], "{value}");
        report
    };
    let mut reports: Vec<Report> = HEADER.split(',').map(|field| in_cell(field, person.clone())).collect();
    reports.push(in_cell("letter", format!("ЖСН{person}.")));
    let unknown = format!("{HEADER},note\n{},см. {person}\n", row(1, &[]));
    reports.push(desk.read("f.csv", unknown).1);
    assert_eq!(brief(&reports[reports.len() - 1]), ["F-COLUMN-UNKNOWN note@1", "F-IIN note@2"]);
    // Too many cells in the row, in the header, in the title above it, in JSON.
    reports.push(desk.read("f.csv", format!("{}{},{person}\n", csv(&[]), row(1, &[]))).1);
    reports.push(desk.read("f.csv", format!("{HEADER},{person}\n{},\n", row(1, &[]))).1);
    reports.push(desk.read("f.csv", format!("list of {person}\n{}", csv(&[row(1, &[])]))).1);
    reports
        .push(desk.read("f.ndjson", format!("{{\"pid\":{person},\"deep\":[{{\"a\":\"{person}\"}}]}}\n")).1);
    reports.push(desk.read("f.ndjson", format!("{{\"pid\":{person}\n")).1);
    for report in reports {
        assert!(report.findings.iter().any(|found| found.rule == "F-IIN"), "{:?}", brief(&report));
        assert!(!format!("{:?}", report.findings).contains(&person), "{:?}", report.findings);
    }
}

#[test]
fn a_record_that_stands_twice_names_both_rows() {
    let desk = Desk::pupils();
    let (_, report) =
        desk.read("f.csv", csv(&[row(1, &[]), row(2, &[]), row(1, &[("grade", "8")]), row(1, &[])]));
    assert_eq!(brief(&report), ["F-KEY-DUPLICATE -@4", "F-KEY-DUPLICATE -@5"]);
    assert!(report.findings[1].message.en.contains("row 2 (key: year, pid, org_bin, enrol_from)"));
    // Another year is another record.
    let mut desk = Desk::pupils();
    desk.year = None;
    let both = format!("year,{HEADER}\n2023,{0}\n2024,{0}\n", row(1, &[("birth", "2012-01")]));
    let (_, report) = desk.read("f.csv", both);
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!(report.years, BTreeSet::from([2023, 2024]));
}

#[test]
fn the_year_is_the_announced_one() {
    let mut desk = Desk::pupils();
    let file = format!("year,{HEADER}\n2023,{}\n,{}\n", row(1, &[]), row(2, &[]));
    assert_eq!(desk.findings("f.csv", &file), ["F-YEAR year@2"]);
    desk.year = None;
    assert_eq!(desk.findings("f.csv", &file), ["F-YEAR year@3"]);
    assert_eq!(desk.findings("f.csv", csv(&[row(1, &[])])), ["F-COLUMN-MISSING year@file"]);
    assert_eq!(desk.findings("f.csv", file.replace("2023", "1999")), ["F-YEAR year@2", "F-YEAR year@3"]);
}

#[test]
fn rows_outside_the_remit_are_refused() {
    let mut desk = Desk::pupils();
    let file = csv(&[row(1, &[]), row(2, &[("org_bin", &bin(500))]), row(3, &[("district", "101000000")])]);
    desk.remit = Remit::Organisations(BTreeSet::from([bin(1).parse().unwrap()]));
    assert_eq!(desk.findings("f.csv", &file), ["F-REMIT org_bin@3"]);
    desk.remit = Remit::Territories(BTreeSet::from([110_000_000]));
    assert_eq!(desk.findings("f.csv", &file), ["F-REMIT district@4"]);
    desk.remit = Remit::Territories(BTreeSet::from([111_000_000, 101_000_000]));
    assert_eq!(desk.findings("f.csv", &file), [""; 0]);
    let mut table = Desk::new("T.TABLE");
    table.remit = Remit::Organisations(BTreeSet::new());
    assert_eq!(table.findings("t.csv", "kato,value\n0,1\n"), ["F-REMIT -@file"]);
}

#[test]
fn empty_files_are_said_to_be_empty() {
    let desk = Desk::pupils();
    for bytes in ["", "\u{feff}", " \r\n\r\n", &csv(&[]), &(csv(&[]) + "\n,,,,,,,,,,,,\n \r\n")] {
        assert_eq!(desk.findings("f.csv", bytes), ["F-EMPTY -@file"], "{bytes:?}");
    }
    assert_eq!(desk.findings("f.csv", "a,b\n1,2\n"), ["F-HEADER -@file"]);
    assert_eq!(desk.findings("f.parquet", ""), ["F-EMPTY -@file"]);
}

#[test]
fn separators_marks_and_line_ends_do_not_matter() {
    let desk = Desk::pupils();
    let good = csv(&[row(1, &[("letter", "Ә")]), row(2, &[])]);
    let (expected, report) = desk.read("f.csv", &good);
    assert_eq!(brief(&report), [""; 0]);
    let comma = good.replace(',', ";").replace("0.5", "0,5").replace("1.5", "1,5");
    let titled = format!("Сведения об обучающихся\n\n2024 год\n{good}");
    let quoted =
        good.replace("\nfemale", "\n\"female\"").replace(",A,", ",\"A\",").replace(",0.5,", ",\"0,5\",");
    for variant in [
        format!("\u{feff}{good}"),
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        good.replace(',', "\t"),
        comma,
        titled,
        quoted,
        good.replace("2017-09-01", " 01.09.2017 "),
    ] {
        let (batches, report) = desk.read("f.csv", &variant);
        assert_eq!(brief(&report), [""; 0], "{variant}");
        assert_eq!(batches, expected, "{variant}");
    }
}

#[test]
fn quoted_line_ends_belong_to_the_cell_and_rows_keep_their_line() {
    let desk = Desk::pupils();
    let file = csv(&[row(1, &[("letter", "\"A\r\n\"\"B\"\"\"")]), row(2, &[("grade", "x")])]);
    let (_, report) = desk.read("f.csv", &file);
    assert_eq!(brief(&report), ["F-TYPE grade@4"]);
    let (batches, _) = desk.read("f.csv", csv(&[row(1, &[("letter", "\"A\r\n\"\"B\"\"\"")])]));
    assert_eq!(batches[0].column_by_name("letter").unwrap().as_string::<i32>().value(0), "A\r\n\"B\"");
    // A quotation mark that never closes swallows the rest, and says where it began.
    let open = csv(&[row(1, &[]), row(2, &[("letter", "\"A")]), row(3, &[])]);
    let found = desk.findings("f.csv", open);
    assert!(found.contains(&"F-TRUNCATED -@3".to_owned()), "{found:?}");
}

#[test]
fn rows_with_other_than_the_headers_cells_are_named() {
    let desk = Desk::pupils();
    let file = format!("{}{},surplus\n{},,\na,b\n{}\n", csv(&[]), row(1, &[]), row(2, &[]), row(3, &[]));
    let (_, report) = desk.read("f.csv", file);
    assert_eq!(brief(&report), ["F-CELLS -@2", "F-CELLS -@4"]);
    assert_eq!(report.rows, 2);
    let nameless = format!("{HEADER},,note\n{},x,\n", row(1, &[]));
    assert_eq!(desk.findings("f.csv", nameless), ["F-COLUMN-UNKNOWN note@1", "F-COLUMN-UNKNOWN #14@2"]);
}

#[test]
fn lost_kazakh_letters_are_noticed() {
    let desk = Desk::pupils();
    let text = csv(&[row(1, &[("letter", "Қазақ")]), row(2, &[("letter", "Школа")])]);
    // As a program without these letters writes it: question marks, then Windows-1251.
    let lossy = encoding_rs::WINDOWS_1251.encode(&text.replace(['Қ', 'қ'], "?")).0.into_owned();
    let (_, report) = desk.read("f.csv", lossy);
    assert_eq!(brief(&report), ["F-ENCODING -@2", "F-ENCODING -@3"]);
    assert!(report.findings[0].message.ru.contains("Windows-1251"));
    assert!(report.findings[1].value.as_ref().unwrap().contains("Школа"));
    // The same, later saved as UTF-8: nothing is wrong with the bytes any more.
    let (batches, report) = desk.read("f.csv", text.replace(['Қ', 'қ'], "?"));
    assert_eq!(brief(&report), ["F-LETTERS letter@2"]);
    assert!(report.is_accepted() && batches.len() == 1);
    // A header in that encoding is understood as far as needed to say so.
    let header =
        encoding_rs::WINDOWS_1251.encode(&text.replace("sex", "Пол").replace(['Қ', 'қ'], "?")).0.into_owned();
    assert_eq!(desk.findings("f.csv", header), ["F-ENCODING -@1", "F-ENCODING -@2", "F-ENCODING -@3"]);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(desk.findings("f.csv", [b"\xff\xfe".as_slice(), &wide].concat()), ["F-ENCODING -@file"]);
    assert_eq!(desk.findings("f.csv", wide), ["F-ENCODING -@file"]);
    assert_eq!(desk.findings("f.csv", one(&[("letter", "a\0b")])), ["F-ENCODING letter@2"]);
}

#[test]
fn limits_hold() {
    let mut desk = Desk::pupils();
    let columns = (0..1_000_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    assert_eq!(desk.findings("f.csv", columns + "\n1\n"), ["F-LIMIT -@file"]);
    let huge = "x".repeat(100_000);
    assert_eq!(desk.findings("f.csv", one(&[("letter", &huge)])), ["F-LIMIT letter@2"]);
    assert_eq!(desk.findings("f.csv", "y".repeat(3 << 20)), ["F-LIMIT -@file"]);
    // A record without end: reading stops, the file is still hashed.
    let endless = csv(&[row(1, &[("letter", &format!("\"{}", "x\n".repeat(4 << 20)))])]);
    let (_, report) = desk.read("f.csv", endless);
    assert_eq!(brief(&report), ["F-TRUNCATED -@2"]);
    assert!(report.content_sha256.is_some());
    desk.config.max_rows = 2;
    let three = csv(&[row(1, &[]), row(2, &[]), row(3, &[])]);
    assert_eq!(desk.findings("f.csv", &three), ["F-LIMIT -@file"]);
    desk.config.max_file_bytes = 10;
    let (_, report) = desk.read("f.csv", &three);
    assert_eq!(
        (brief(&report).as_slice(), report.content_sha256),
        (&["F-LIMIT -@file".to_owned()][..], None)
    );
}

#[test]
fn findings_are_bounded_but_counted() {
    let mut desk = Desk::pupils();
    desk.config.max_findings = 50;
    let rows: Vec<String> = (0..500).map(|n| row(n, &[("grade", "x"), ("sex", "x")])).collect();
    let (_, report) = desk.read("f.csv", csv(&rows));
    assert_eq!(report.findings.len(), 50);
    assert_eq!(report.count(Severity::Error), 1000);
    assert_eq!(report.counts[&("F-CODE".to_owned(), "sex".to_owned())].count, 500);
}

#[test]
fn a_receiver_that_fails_ends_the_reading() {
    let desk = Desk::pupils();
    let path = desk.file("f.csv", one(&[]).as_bytes());
    let error = super::read(&desk.form, &path, &desk.options(), |_| Err("disk full")).unwrap_err();
    assert_eq!(error.to_string(), "rows of f.csv were not taken");
    let missing = desk.folder.path().join("none.csv");
    let take = |_| Ok::<_, std::io::Error>(());
    assert!(matches!(
        super::read(&desk.form, &missing, &desk.options(), take),
        Err(IntakeError::Open { .. })
    ));
}

#[test]
fn a_rule_that_is_no_condition_is_an_error_of_the_form() {
    let desk = Desk::pupils();
    let path = desk.file("f.csv", one(&[]).as_bytes());
    for (check, expected) in [
        ("grade +", "rule V-T-01 of form T.PUPIL cannot be planned"),
        ("no_such_column", "rule V-T-01 of form T.PUPIL cannot be planned"),
        ("grade + 1", "rule V-T-01 of form T.PUPIL yields Int64, not a boolean"),
    ] {
        let mut form = Form::clone(&desk.form);
        check.clone_into(&mut form.rules[0].check);
        let take = |_| Ok::<_, std::io::Error>(());
        let error = super::read(&Arc::new(form), &path, &desk.options(), take).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

// NDJSON

#[test]
fn json_lines_become_rows() {
    let desk = Desk::pupils();
    let object = |pid: &str, rest: &str| {
        format!(
            "{{\"district\":111000000,\"org_bin\":\"{}\",\"pid\":\"{pid:0>16}\",\"birth\":\"2010-09\",\"sex\":\"female\",\
             \"enrol_from\":\"2017-09-01\"{rest}}}\n",
            bin(1)
        )
    };
    let good = object("1", ",\"grade\":9,\"rate\":0.5,\"has_sen\":true,\"letter\":null");
    let (batches, report) = desk.read("f.ndjson", &good);
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!((batches[0].num_rows(), report.format), (1, Some(FileFormat::Ndjson)));
    for (rest, expected) in [
        (",\"grade\":1.7", vec!["F-INTEGER grade@2"]),
        (",\"grade\":[1]", vec!["F-TYPE grade@2", "F-REQUIRED grade@2"]),
        (",\"grade\":true", vec!["F-TYPE grade@2", "F-REQUIRED grade@2"]),
        ("", vec!["F-REQUIRED grade@2"]),
        (",\"grade\":9,\"extra\":1", vec!["F-COLUMN-UNKNOWN extra@2"]),
    ] {
        assert_eq!(desk.findings("f.ndjson", good.clone() + &object("2", rest)), expected, "{rest}");
    }
    let deep = format!("{{\"grade\":{}1{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(desk.findings("f.ndjson", good.clone() + &deep), ["F-TYPE -@2"]);
    assert_eq!(desk.findings("f.ndjson", good.clone() + "{\"pid\":\"\n"), ["F-TYPE -@2"]);
    let long = format!("{{\"letter\":\"{}\"}}", "x".repeat(3 << 20));
    assert_eq!(desk.findings("f.ndjson", good + &long), ["F-LIMIT -@2"]);
    assert_eq!(desk.findings("f.json", "[{}]"), ["F-FORMAT -@file"]);
}

// Workbooks

fn sheet(cells: &[(u32, u16, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, column, cell) in cells {
        sheet.write(*row, *column, *cell).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// The header at a row and good cells below it as text.
fn pupil_cells(at: u32) -> Vec<(u32, u16, String)> {
    let mut cells = Vec::new();
    for (offset, line) in [HEADER.to_owned(), row(1, &[])].iter().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            cells.push((
                at + u32::try_from(offset).unwrap(),
                u16::try_from(column).unwrap(),
                cell.to_owned(),
            ));
        }
    }
    cells
}

fn borrowed(cells: &[(u32, u16, String)]) -> Vec<(u32, u16, &str)> {
    cells.iter().map(|(row, column, cell)| (*row, *column, cell.as_str())).collect()
}

#[test]
fn a_workbook_is_read_wherever_its_header_stands() {
    let desk = Desk::pupils();
    let (expected, _) = desk.read("f.csv", one(&[]));
    let mut cells = pupil_cells(3);
    cells.push((0, 0, "Обучающиеся".to_owned()));
    let (batches, report) = desk.read("f.xlsx", sheet(&borrowed(&cells)));
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!((batches, report.format), (expected, Some(FileFormat::Xlsx)));
    // Rows are those of the sheet.
    let at = cells.iter().position(|(row, column, _)| (*row, *column) == (4, 5)).unwrap();
    cells[at].2 = "1.7".to_owned();
    assert_eq!(desk.findings("f.xlsx", sheet(&borrowed(&cells))), ["F-INTEGER grade@5"]);
    // Told by its bytes, not by its name.
    assert_eq!(desk.findings("f.csv", sheet(&borrowed(&cells))), ["F-INTEGER grade@5"]);
}

#[test]
fn numbers_and_dates_of_a_workbook_are_what_they_are() {
    let desk = Desk::pupils();
    let write = |grade: f64, pid: bool| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        for (column, name) in HEADER.split(',').enumerate() {
            sheet.write(0, u16::try_from(column).unwrap(), name).unwrap();
        }
        sheet.write(1, 0, 111_000_000_f64).unwrap();
        sheet.write(1, 1, bin(1).parse::<f64>().unwrap()).unwrap();
        if pid {
            sheet.write(1, 2, "0000000000000001").unwrap();
        } else {
            sheet.write(1, 2, 1_234_567_890_123_450_f64).unwrap();
        }
        sheet.write_with_format(1, 3, 40_422.0, &date).unwrap();
        sheet.write(1, 4, "female").unwrap();
        sheet.write(1, 5, grade).unwrap();
        sheet.write(1, 6, "A").unwrap();
        sheet.write(1, 7, 0.1 + 0.4).unwrap();
        sheet.write(1, 8, 1.5).unwrap();
        sheet.write(1, 9, true).unwrap();
        sheet.write(1, 10, 111_035_100_f64).unwrap();
        sheet.write_with_format(1, 11, 42_979.0, &date).unwrap();
        sheet.write(1, 12, 7).unwrap();
        book.save_to_buffer().unwrap()
    };
    let (batches, report) = desk.read("f.xlsx", write(9.0, true));
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!(batches, desk.read("f.csv", one(&[])).0);
    assert_eq!(desk.findings("f.xlsx", write(1.7, true)), ["F-INTEGER grade@2"]);
    // Excel keeps fifteen digits: a pseudonym kept as a number is lost.
    assert_eq!(desk.findings("f.xlsx", write(9.0, false)), ["F-TYPE pid@2"]);
}

#[test]
fn the_second_sheet_may_hold_the_table_and_iins_are_found_as_numbers() {
    let desk = Desk::pupils();
    let person = with_check_digit("05091560001");
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "read me").unwrap();
    let sheet = book.add_worksheet();
    for (row, column, cell) in pupil_cells(0) {
        sheet.write(row, column, cell).unwrap();
    }
    sheet.write(1, 6, person.parse::<f64>().unwrap()).unwrap();
    sheet.write(1, 20, person.parse::<f64>().unwrap()).unwrap();
    let (_, report) = desk.read("f.xlsx", book.save_to_buffer().unwrap());
    assert_eq!(brief(&report), ["F-IIN letter@2", "F-IIN U@2"]);
    assert!(!format!("{:?}", report.findings).contains(&person));
}

#[test]
fn a_far_away_cell_costs_one_cell() {
    let desk = Desk::pupils();
    let mut cells = pupil_cells(0);
    cells.push((1_048_575, 16_383, "far".to_owned()));
    assert_eq!(desk.findings("f.xlsx", sheet(&borrowed(&cells))), ["F-CELLS XFD@1048576"]);
    assert_eq!(desk.findings("f.xlsx", sheet(&[(0, 16_383, "far")])), ["F-HEADER -@file"]);
    let mut wide = pupil_cells(0);
    wide.push((0, 600, "x".to_owned()));
    assert_eq!(desk.findings("f.xlsx", sheet(&borrowed(&wide))), ["F-LIMIT -@file"]);
}

/// A zip container with the parts of a workbook and whatever else is given.
fn container(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let how = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, how).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let mut desk = Desk::pupils();
    let zeros = vec![b' '; 64 << 20];
    let bomb = container(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(desk.findings("f.xlsx", &bomb), ["F-LIMIT -@file"]);
    // A directory that lies about the size: what comes out is counted.
    let mut liar = bomb.clone();
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let honest: Vec<usize> = (0..liar.len() - 4).filter(|at| liar[*at..*at + 4] == size).collect();
    for at in honest {
        liar[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let found = desk.findings("f.xlsx", &liar);
    assert!(found == ["F-LIMIT -@file"] || found == ["F-TRUNCATED -@file"], "{found:?}");
    // A bomb of modest ratio breaks the absolute limit.
    desk.config.max_inflated_bytes = 1 << 20;
    let noise: Vec<u8> = (0_u32..2 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let large = container(&[("xl/workbook.xml", b"<workbook/>"), ("x.bin", &noise)]);
    assert_eq!(desk.findings("f.xlsx", large), ["F-LIMIT -@file"]);
    desk.config.max_workbook_bytes = 100;
    assert_eq!(desk.findings("f.xlsx", &bomb), ["F-LIMIT -@file"]);
}

#[test]
fn containers_that_are_no_workbooks_are_refused() {
    let desk = Desk::pupils();
    let good = sheet(&borrowed(&pupil_cells(0)));
    assert_eq!(desk.findings("f.xlsx", container(&[("a.csv", b"x")])), ["F-FORMAT -@file"]);
    assert_eq!(desk.findings("f.ods", container(&[("content.xml", b"x")])), ["F-FORMAT -@file"]);
    assert_eq!(desk.findings("f.xlsx", &good[..good.len() / 2]), ["F-TRUNCATED -@file"]);
    assert_eq!(desk.findings("f.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ["F-TRUNCATED -@file"]);
    assert_eq!(desk.findings("f.csv.gz", b"\x1f\x8b\x08"), ["F-FORMAT -@file"]);
    assert_eq!(desk.findings("f.csv", "<html></html>"), ["F-FORMAT -@file"]);
    for at in (0..good.len()).step_by(23) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        let _ = desk.read("f.xlsx", bad);
    }
    let entities = b"<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\">]><workbook>&b;</workbook>";
    let found = desk.findings("f.xlsx", container(&[("xl/workbook.xml", entities)]));
    assert_eq!(found.len(), 1, "{found:?}");
}

// Parquet

fn parquet_file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let fields: Vec<ArrowField> =
        columns.iter().map(|(name, array)| ArrowField::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect())
            .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn pupil_columns() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("district", Arc::new(Int32Array::from(vec![111_000_000])) as ArrayRef),
        ("org_bin", Arc::new(Int64Array::from(vec![bin(1).parse::<i64>().unwrap()]))),
        ("pid", Arc::new(Int64Array::from(vec![1]))),
        ("birth", Arc::new(Int32Array::from(vec![201_009]))),
        ("sex", Arc::new(StringArray::from(vec!["female"]))),
        ("grade", Arc::new(Int32Array::from(vec![9]))),
        ("letter", Arc::new(StringArray::from(vec!["A"]))),
        ("rate", Arc::new(Decimal128Array::from(vec![50]).with_precision_and_scale(4, 2).unwrap())),
        ("score", Arc::new(Float64Array::from(vec![1.5]))),
        ("has_sen", Arc::new(BooleanArray::from(vec![true]))),
        ("residence", Arc::new(Int32Array::from(vec![111_035_100]))),
        ("enrol_from", Arc::new(Date32Array::from(vec![17_410]))),
        ("steps", Arc::new(Int64Array::from(vec![7]))),
    ]
}

fn with(name: &str, array: ArrayRef) -> Vec<u8> {
    let mut columns = pupil_columns();
    let at = columns.iter().position(|(column, _)| *column == name).unwrap();
    columns[at].1 = array;
    parquet_file(columns)
}

#[test]
fn parquet_types_are_never_cast() {
    let desk = Desk::pupils();
    let (batches, report) = desk.read("f.parquet", parquet_file(pupil_columns()));
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!(batches, desk.read("f.csv", one(&[])).0);
    let double = |value: f64| Arc::new(Float64Array::from(vec![value])) as ArrayRef;
    let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    for (field, array, expected) in [
        ("grade", double(1.7), vec!["F-INTEGER grade@1"]),
        ("grade", double(9.0), vec![]),
        ("grade", double(f64::NAN), vec!["F-TYPE grade@1"]),
        ("grade", text("9"), vec!["F-TYPE grade@file"]),
        ("has_sen", Arc::new(Int32Array::from(vec![1])), vec!["F-TYPE has_sen@file"]),
        ("letter", double(1.0), vec!["F-TYPE letter@file"]),
        ("pid", text("0000000000000001"), vec![]),
        ("pid", double(1.0), vec!["F-TYPE pid@file"]),
        ("steps", Arc::new(Int64Array::from(vec![None])), vec![]),
        ("grade", Arc::new(Int32Array::from(vec![None])), vec!["F-REQUIRED grade@1"]),
    ] {
        assert_eq!(desk.findings("f.parquet", with(field, array)), expected, "{field}");
    }
    let person: i64 = with_check_digit("05091560001").parse().unwrap();
    for (field, array) in [
        ("pid", Arc::new(Int64Array::from(vec![person])) as ArrayRef),
        ("steps", Arc::new(Int64Array::from(vec![person]))),
        ("letter", text(&format!("0{person}"))),
    ] {
        let (_, report) = desk.read("f.parquet", with(field, array));
        // Eleven digits of a column of whole numbers have a right to be a number.
        let expected = if field == "steps" { vec![] } else { vec![format!("F-IIN {field}@1")] };
        assert_eq!(brief(&report), expected);
    }
}

#[test]
fn damaged_parquet_is_a_finding() {
    let desk = Desk::pupils();
    let good = parquet_file(pupil_columns());
    assert_eq!(desk.findings("f.parquet", &good[..good.len() - 20]), ["F-TRUNCATED -@file"]);
    assert_eq!(desk.findings("f.parquet", b"PAR1"), ["F-TRUNCATED -@file"]);
    assert_eq!(desk.findings("f.parquet", b"garbage"), ["F-TRUNCATED -@file"]);
    // Every byte flipped in turn: never a panic that escapes, never an error.
    for at in (4..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        let _ = desk.read("f.parquet", bad);
    }
}

#[test]
fn nested_and_unknown_parquet_columns_do_not_matter_but_are_named() {
    let desk = Desk::pupils();
    let mut columns = pupil_columns();
    let person = with_check_digit("10091560001");
    columns.push(("iin", Arc::new(StringArray::from(vec![person.as_str()]))));
    let list =
        datafusion::arrow::array::ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(
            1,
        )])]);
    columns.push(("list", Arc::new(list)));
    assert_eq!(
        desk.findings("f.parquet", parquet_file(columns)),
        ["F-COLUMN-UNKNOWN iin@file", "F-COLUMN-UNKNOWN list@file", "F-IIN iin@1"]
    );
    let fields = vec![ArrowField::new("x", DataType::Int32, true)];
    let empty = RecordBatch::new_empty(Arc::new(Schema::new(fields)));
    assert_eq!(empty.num_columns(), 1);
}

// Templates and pseudonyms

#[test]
fn templates_come_back_as_empty_files() {
    for code in ["T.PUPIL", "T.TABLE", "T.SCHOOL"] {
        let mut desk = Desk::new(code);
        desk.year = None;
        assert_eq!(desk.findings("t.csv", template_csv(&desk.form)), ["F-EMPTY -@file"], "{code}");
        for lang in [Lang::Kk, Lang::Ru, Lang::En] {
            let book = template_xlsx(&desk.form, lang).unwrap();
            assert_eq!(desk.findings("t.xlsx", &book), ["F-EMPTY -@file"], "{code}");
            assert_eq!(book, template_xlsx(&desk.form, lang).unwrap(), "the same form, the same bytes");
        }
    }
}

#[test]
fn the_forms_of_the_country_plan_and_their_templates_come_back() {
    let definitions = Definitions::built_in().unwrap();
    let mut desk = Desk::pupils();
    desk.year = None;
    desk.forms.clone_from(&definitions.forms);
    for form in &definitions.forms {
        desk.form = Arc::clone(form);
        assert_eq!(desk.findings("t.csv", template_csv(form)), ["F-EMPTY -@file"], "{}", form.code);
        let book = template_xlsx(form, Lang::Kk).unwrap();
        assert_eq!(desk.findings("t.xlsx", book), ["F-EMPTY -@file"], "{}", form.code);
    }
}

#[test]
fn iins_become_pseudonyms_or_nothing_is_written() {
    let desk = Desk::pupils();
    let key = PseudonymKey::new(&[7; 32]).unwrap();
    let output = desk.folder.path().join("out.csv");
    let girl = with_check_digit("10091560001");
    let run = |name: &str, bytes: &[u8]| {
        let path = desk.file(name, bytes);
        let report = pseudonymise(&desk.form, &path, &key, &output, &desk.options()).unwrap();
        (brief(&report), std::fs::read_to_string(&output).ok())
    };
    let with_iin = |iin: &str, changes: &[(&str, &str)]| csv(&[row(1, &[&[("pid", iin)], changes].concat())]);
    for (iin, changes, expected) in [
        ("100915600001", vec![], "F-IIN-INVALID pid@2"),
        ("0000000000000001", vec![], "F-IIN-INVALID pid@2"),
        (girl.as_str(), vec![("birth", "2010-08")], "F-IIN-OTHER birth@2"),
        (girl.as_str(), vec![("sex", "male")], "F-IIN-OTHER sex@2"),
        (girl.as_str(), vec![("letter", girl.as_str())], "F-IIN letter@2"),
    ] {
        let (found, text) = run("in.csv", with_iin(iin, &changes).as_bytes());
        if !(iin == "100915600001" && girl == iin) {
            assert_eq!((found, text), (vec![expected.to_owned()], None));
        }
    }
    let good = with_iin(&girl, &[("letter", "\"A, \"\"Б\"\"\"")]);
    let (found, text) = run("in.csv", good.as_bytes());
    let text = text.unwrap();
    assert_eq!(found, [""; 0]);
    assert!(!text.contains(&girl) && text.contains("\"A, \"\"Б\"\"\""));
    let expected = key.pseudonym(&girl.parse().unwrap()).to_string();
    assert!(text.contains(&expected));
    // What comes out is a good submission.
    let (batches, report) = desk.read("out2.csv", &text);
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!(batches[0].num_rows(), 1);
    assert!(matches!(
        pseudonymise(&Desk::new("T.SCHOOL").form, &output, &key, &output, &desk.options()),
        Err(IntakeError::Form { .. })
    ));
}

/// Reading speed on a real form; `cargo test --release --lib intake::tests::speed -- --ignored --nocapture`.
#[test]
#[ignore = "writes and reads 300 MB: a measurement, not a check"]
#[allow(clippy::print_stderr, reason = "a measurement for whoever asked for it")]
fn speed() {
    let rows: u64 = std::env::var("BILIM_ROWS").map_or(2_000_000, |rows| rows.parse().unwrap());
    let definitions = Definitions::built_in().unwrap();
    let geo =
        TerritoryCheck::from_csv(definitions.assets.text("datasets/reference/geo.csv").unwrap().as_bytes());
    let (form, geo, folder) =
        (definitions.form("S1.PUPIL").unwrap(), geo.unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("pupils.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
    writeln!(file, "{}", names.join(",")).unwrap();
    let organisations: Vec<String> = (0..2000).map(|number| bin(number * 4)).collect();
    for number in 0..rows {
        let organisation =
            &organisations[usize::try_from(number * organisations.len() as u64 / rows).unwrap()];
        let pid = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let sex = if number % 2 == 0 { "female" } else { "male" };
        let grade = 5 + number % 5;
        for (column, name) in names.iter().enumerate() {
            let comma = if column == 0 { "" } else { "," };
            match *name {
                "district" => write!(file, "{comma}111000000"),
                "org_bin" => write!(file, "{comma}{organisation}"),
                "pid" => write!(file, "{comma}{pid:016x}"),
                "birth" => write!(file, "{comma}{}-{:02}", 2024 - 6 - grade, 1 + number % 12),
                "sex" => write!(file, "{comma}{sex}"),
                "level" => write!(file, "{comma}basic_secondary"),
                "grade" => write!(file, "{comma}{grade}"),
                "class_letter" => write!(file, "{comma}Ә"),
                "language" | "home_language" => {
                    write!(file, "{comma}{}", if number % 3 == 0 { "ru" } else { "kk" })
                }
                "shift" => write!(file, "{comma}1"),
                "study_form" => write!(file, "{comma}full"),
                "funding" => write!(file, "{comma}state_order"),
                "has_sen" | "is_dual" => write!(file, "{comma}false"),
                "citizenship" => write!(file, "{comma}KAZ"),
                "residence" => write!(file, "{comma}111035100"),
                "enrol_from" => write!(file, "{comma}2021-09-01"),
                "prev_grade_result" => write!(file, "{comma}promoted"),
                _ => write!(file, "{comma}"),
            }
            .unwrap();
        }
        writeln!(file).unwrap();
    }
    drop(file.into_inner().unwrap());
    let config = Config { threads: 2, ..Config::default() };
    let options = Options { year: Some(2024), territory: Some(&geo), ..Options::new(&config) };
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let report = super::read(form, &path, &options, |_| Ok::<_, std::io::Error>(())).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(brief(&report), [""; 0]);
        assert_eq!(report.rows, rows);
        #[allow(clippy::cast_precision_loss, reason = "for reading")]
        let megabytes = report.bytes as f64 / 1e6;
        eprintln!("{rows} rows, {megabytes:.0} MB: {seconds:.2} s");
    }
}

// Properties

/// Rows and findings of a CSV file cut into blocks of so many bytes.
fn in_blocks(desk: &Desk, text: &str, block_bytes: usize) -> (Vec<RecordBatch>, Vec<String>) {
    let path = desk.file("blocks.csv", text.as_bytes());
    let options = desk.options();
    let mut input = Input::open(&path).unwrap();
    let mut findings = Findings::new("blocks.csv", 1000);
    let opened = source::open_with(&desk.form, &mut input, &options, block_bytes, &mut findings).unwrap();
    let (layout, source) = opened.rows.unwrap();
    let checker = check::Checker::new(&desk.form, layout, &options).unwrap();
    let mut batches = Vec::new();
    let mut take = |batch| {
        batches.push(batch);
        Ok(())
    };
    pipeline::run(&mut input, source, &checker, &options, &mut findings, &mut take).unwrap();
    let (kept, _) = findings.finish();
    let found =
        kept.iter().map(|found| format!("{} {:?} {:?}", found.rule, found.field, found.row)).collect();
    (batches, found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn cutting_a_file_anywhere_changes_nothing(
        letters in proptest::collection::vec("[aЖ\"\n\r,]{0,6}", 1..20),
        block_bytes in 1_usize..400,
    ) {
        let desk = Desk::pupils();
        let rows: Vec<String> = (0..)
            .zip(&letters)
            .map(|(pid, letter)| row(pid, &[("letter", &format!("\"{}\"", letter.replace('"', "\"\"")))]))
            .collect();
        let text = csv(&rows);
        let (whole, found) = in_blocks(&desk, &text, 1 << 20);
        let (parts, found_in_parts) = in_blocks(&desk, &text, block_bytes);
        prop_assert_eq!(found, found_in_parts);
        let schema = desk.form.row_schema();
        let join = |batches: &[RecordBatch]| datafusion::arrow::compute::concat_batches(&schema, batches).unwrap();
        prop_assert_eq!(join(&whole), join(&parts));
        prop_assert_eq!(join(&whole).num_rows(), rows.len());
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        magic in proptest::sample::select(vec![&b""[..], b"PK\x03\x04", b"PAR1", b"{", b"district,pid\n"]),
    ) {
        let desk = Desk::pupils();
        let (_, report) = desk.read("f.bin", [magic, &bytes].concat());
        prop_assert!(!report.is_accepted());
    }

    #[test]
    fn random_cells_never_panic(cells in proptest::collection::vec("\\PC{0,20}", 13)) {
        let desk = Desk::pupils();
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let (_, report) = desk.read("f.csv", csv(&[quoted.join(",")]));
        prop_assert_eq!(report.rows <= 1, true);
    }
}
