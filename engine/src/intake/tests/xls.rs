//! Workbooks of Excel 97 to 2003. The files are made here, record by record, and read by calamine as well, so
//! that writer and reader do not agree on an error of their own.

use std::io::{Cursor, Write as _};

use calamine::{Data, Reader as _, Xls};
use cfb::CompoundFile;

use super::*;

/// A cell, as a kind of record.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Shared(&'a str),
    Label(&'a str),
    Number(f64),
    Short(u32),
    Date(f64),
    Truth(bool),
    Error(u8),
    TextFormula(&'a str),
    NumberFormula(f64),
}

type Cells<'a> = Vec<(u16, u16, Cell<'a>)>;

fn record(stream: &mut Vec<u8>, kind: u16, data: &[u8]) {
    stream.extend(kind.to_le_bytes());
    stream.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    stream.extend(data);
}

fn bof(version: u16, kind: u16) -> Vec<u8> {
    [version, kind, 0x0dbb, 0x07cc].map(u16::to_le_bytes).concat()
}

/// UTF-16 with its flag, after the length.
fn wide(text: &str) -> Vec<u8> {
    [vec![1], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
}

fn units(text: &str) -> u16 {
    u16::try_from(text.encode_utf16().count()).unwrap()
}

/// SST and CONTINUE records of at most `piece` bytes: Latin texts in one byte, others in two a character.
fn shared_texts(stream: &mut Vec<u8>, texts: &[&str], piece: usize) {
    let count = u32::try_from(texts.len()).unwrap().to_le_bytes();
    let mut parts = vec![[count, count].concat()];
    for text in texts {
        let is_wide = !text.is_ascii();
        if parts.last().unwrap().len() + 3 > piece {
            parts.push(Vec::new());
        }
        let part = parts.last_mut().unwrap();
        part.extend(units(text).to_le_bytes());
        part.push(u8::from(is_wide));
        for unit in text.encode_utf16() {
            if parts.last().unwrap().len() + 2 > piece {
                parts.push(vec![u8::from(is_wide)]);
            }
            let part = parts.last_mut().unwrap();
            if is_wide { part.extend(unit.to_le_bytes()) } else { part.push(u8::try_from(unit).unwrap()) }
        }
    }
    for (number, part) in parts.iter().enumerate() {
        record(stream, if number == 0 { 0x00fc } else { 0x003c }, part);
    }
}

fn cell(stream: &mut Vec<u8>, texts: &[&str], (row, column, cell): (u16, u16, Cell<'_>)) {
    let style = u16::from(matches!(cell, Cell::Date(_)));
    let place = [row, column, style].map(u16::to_le_bytes).concat();
    let put = |stream: &mut Vec<u8>, kind, data: &[u8]| record(stream, kind, &[&place, data].concat());
    let text = |text: &str| [units(text).to_le_bytes().to_vec(), wide(text)].concat();
    // Options, chain, and a formula of no tokens.
    let formula = |value: [u8; 8]| [&value[..], &[0; 8]].concat();
    match cell {
        Cell::Shared(text) => {
            let number = texts.iter().position(|one| *one == text).unwrap();
            put(stream, 0x00fd, &u32::try_from(number).unwrap().to_le_bytes());
        }
        Cell::Label(label) => put(stream, 0x0204, &text(label)),
        Cell::Number(number) | Cell::Date(number) => put(stream, 0x0203, &number.to_le_bytes()),
        Cell::Short(bits) => put(stream, 0x027e, &bits.to_le_bytes()),
        Cell::Truth(truth) => put(stream, 0x0205, &[truth.into(), 0]),
        Cell::Error(code) => put(stream, 0x0205, &[code, 1]),
        Cell::NumberFormula(number) => put(stream, 0x0006, &formula(number.to_le_bytes())),
        Cell::TextFormula(value) => {
            put(stream, 0x0006, &formula([0, 0, 0, 0, 0, 0, 0xff, 0xff]));
            record(stream, 0x0207, &text(value));
        }
    }
}

/// The stream of a workbook of these sheets; `extra` stands among the records of the whole.
fn stream(sheets: &[(&str, Cells<'_>)], piece: usize, extra: &[(u16, &[u8])]) -> Vec<u8> {
    let shared = |cell: &(u16, u16, Cell<'_>)| matches!(cell.2, Cell::Shared(_));
    let mut texts: Vec<&str> = Vec::new();
    for (_, cells) in sheets {
        for (_, _, one) in cells.iter().filter(|cell| shared(cell)) {
            let Cell::Shared(text) = one else { continue };
            if !texts.contains(text) {
                texts.push(text);
            }
        }
    }
    let mut stream = Vec::new();
    record(&mut stream, 0x0809, &bof(0x0600, 5));
    record(&mut stream, 0x0042, &1200_u16.to_le_bytes());
    for (kind, data) in extra {
        record(&mut stream, *kind, data);
    }
    let format =
        [&164_u16.to_le_bytes()[..], &units("yyyy-mm-dd").to_le_bytes(), &wide("yyyy-mm-dd")].concat();
    record(&mut stream, 0x041e, &format);
    for format in [0_u16, 164] {
        let style = [&[0, 0][..], &format.to_le_bytes(), &[0; 16]].concat();
        record(&mut stream, 0x00e0, &style);
    }
    let mut places = Vec::new();
    for (name, _) in sheets {
        places.push(stream.len() + 4);
        let count = u8::try_from(units(name)).unwrap();
        record(&mut stream, 0x0085, &[&[0; 6][..], &[count], &wide(name)].concat());
    }
    shared_texts(&mut stream, &texts, piece);
    record(&mut stream, 0x000a, &[]);
    for (at, (_, cells)) in places.into_iter().zip(sheets) {
        let start = u32::try_from(stream.len()).unwrap();
        stream[at..at + 4].copy_from_slice(&start.to_le_bytes());
        record(&mut stream, 0x0809, &bof(0x0600, 0x10));
        // More rows and columns than there can be: nobody is to believe it.
        record(&mut stream, 0x0200, &[[0xff; 12].as_slice(), &[0, 0]].concat());
        for one in cells {
            cell(&mut stream, &texts, *one);
        }
        record(&mut stream, 0x000a, &[]);
    }
    stream
}

/// A compound file of one stream.
fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut file = CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
    file.create_stream(name).unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn xls(cells: Cells<'_>) -> Vec<u8> {
    ole("/Workbook", &stream(&[("Лист1", cells)], 8224, &[]))
}

fn shared(cells: &[(u32, u16, String)]) -> Cells<'_> {
    let one = |cell: &(u32, u16, String)| (u16::try_from(cell.0).unwrap(), cell.1);
    cells.iter().map(|cell| (one(cell).0, one(cell).1, Cell::Shared(cell.2.as_str()))).collect()
}

/// Good rows with every kind of record, so many.
fn good(cells: &[(u32, u16, String)]) -> Cells<'_> {
    let mut found = shared(cells);
    let mut at = |column: u16, cell: Cell<'static>| {
        let place = found.iter().position(|one| (one.0, one.1) == (1, column)).unwrap();
        found[place].2 = cell;
    };
    at(0, Cell::Number(111_000_000.0));
    at(3, Cell::Date(40_422.0));
    at(4, Cell::TextFormula("female"));
    at(5, Cell::Short(9 << 2 | 2));
    at(6, Cell::Label("A"));
    at(7, Cell::NumberFormula(0.1 + 0.4));
    at(8, Cell::Short(150 << 2 | 3));
    at(9, Cell::Truth(true));
    at(11, Cell::Date(42_979.0));
    found
}

#[test]
fn an_old_workbook_gives_the_same_rows_as_a_new_one() {
    let desk = Desk::pupils();
    let (expected, _) = desk.read("f.csv", one(&[]));
    let cells = pupil_cells(0);
    let (batches, report) = desk.read("f.xls", xls(good(&cells)));
    assert_eq!(brief(&report), [""; 0]);
    assert_eq!((batches, report.format), (expected.clone(), Some(FileFormat::Xls)));
    // The header below a title, on the second sheet, texts cut by records of forty bytes in the middle of words.
    let mut cells = pupil_cells(3);
    cells.insert(0, (0, 0, "Білім алушылар, барлығы: ".repeat(9)));
    let sheets = [("оқыңыз", vec![(0, 0, Cell::Label("read me"))]), ("кесте", shared(&cells))];
    for piece in [40, 41, 8224] {
        let (batches, report) = desk.read("f.xls", ole("/Workbook", &stream(&sheets, piece, &[])));
        assert_eq!(brief(&report), [""; 0], "{piece}");
        assert_eq!(batches, expected, "{piece}");
    }
    // Rows are those of the sheet; an error of a formula is no value.
    let at = cells.iter().position(|(row, column, _)| (*row, *column) == (4, 5)).unwrap();
    let mut wrong = shared(&cells);
    wrong[at].2 = Cell::Number(1.7);
    assert_eq!(desk.findings("f.xls", xls(wrong.clone())), ["F-INTEGER grade@5"]);
    wrong[at].2 = Cell::Error(0x2a);
    assert_eq!(desk.findings("f.csv", xls(wrong)), ["F-TYPE grade@5"]);
}

#[test]
fn calamine_reads_the_files_of_these_tests_as_they_are_meant() {
    let cells = pupil_cells(0);
    let meant = good(&cells);
    let texts: Vec<(u16, u16, String)> = meant
        .iter()
        .map(|(row, column, cell)| {
            let text = match cell {
                Cell::Shared(text) | Cell::Label(text) | Cell::TextFormula(text) => (*text).to_owned(),
                Cell::Number(number) | Cell::NumberFormula(number) => number.to_string(),
                Cell::Date(number) => format!("day {number}"),
                Cell::Short(bits) if bits & 1 == 0 => (bits >> 2).to_string(),
                Cell::Short(bits) => (f64::from(bits >> 2) / 100.0).to_string(),
                Cell::Truth(truth) => truth.to_string(),
                Cell::Error(_) => unreachable!("none of the good cells"),
            };
            (*row, *column, text)
        })
        .collect();
    let mut stream = stream(&[("Лист1", meant)], 40, &[]);
    // calamine reserves memory for what is declared; the other tests show that we do not.
    let declared = stream.windows(4).position(|bytes| bytes == [0, 2, 14, 0]).unwrap();
    stream[declared + 4..declared + 18].fill(0);
    let mut book = Xls::new(Cursor::new(ole("/Workbook", &stream))).unwrap();
    assert_eq!(book.sheet_names(), ["Лист1"]);
    let range = book.worksheet_range("Лист1").unwrap();
    for (row, column, text) in texts {
        let found = match range.get_value((row.into(), column.into())).unwrap() {
            Data::DateTime(time) => format!("day {}", time.as_f64()),
            other => other.to_string(),
        };
        assert_eq!(found, text, "{row}, {column}");
    }
}

#[test]
fn iins_are_found_in_old_workbooks_as_numbers_and_texts() {
    let desk = Desk::pupils();
    let person = with_check_digit("05091560001");
    let cells = pupil_cells(0);
    let mut cells = shared(&cells);
    let at = cells.iter().position(|one| (one.0, one.1) == (1, 6)).unwrap();
    cells[at].2 = Cell::Number(person.parse().unwrap());
    cells.push((1, 20, Cell::TextFormula(&person)));
    let (_, report) = desk.read("f.xls", xls(cells));
    assert_eq!(brief(&report), ["F-IIN letter@2", "F-IIN U@2"]);
    assert!(!format!("{:?}", report.findings).contains(&person));
}

#[test]
fn cells_at_the_borders_cost_one_cell_each() {
    let desk = Desk::pupils();
    let cells = pupil_cells(0);
    let mut last = shared(&cells);
    last.push((65_535, 5, Cell::Number(1.7)));
    let found = desk.findings("f.xls", xls(last));
    assert!(found.contains(&"F-INTEGER grade@65536".to_owned()), "{found:?}");
    let mut beyond = shared(&cells);
    beyond.push((1, 255, Cell::Number(1.0)));
    assert_eq!(desk.findings("f.xls", xls(beyond)), ["F-CELLS IV@2"]);
    for column in [256, 65_535] {
        let mut beyond = shared(&cells);
        beyond.push((1, column, Cell::Number(1.0)));
        assert_eq!(desk.findings("f.xls", xls(beyond)), ["F-TRUNCATED -@file"], "{column}");
    }
}

#[test]
fn formats_that_look_alike_are_refused_by_name() {
    let desk = Desk::pupils();
    let cells = pupil_cells(0);
    let told = |bytes: Vec<u8>| {
        let (_, report) = desk.read("f.xls", bytes);
        let findings = report.findings.first().map(|finding| finding.message.en.clone());
        (brief(&report), findings.unwrap_or_default())
    };
    let mut old = stream(&[("a", shared(&cells))], 8224, &[]);
    let encrypted = stream(&[("a", shared(&cells))], 8224, &[(0x002f, &[1, 0, 1, 0])]);
    old[4..6].copy_from_slice(&0x0500_u16.to_le_bytes());
    for (bytes, name) in [
        (ole("/Workbook", &old), "Excel 95"),
        (ole("/Book", &old), "Excel 95"),
        (ole("/Workbook", &encrypted), "password"),
        (ole("/EncryptedPackage", b"x"), "password"),
        (ole("/WordDocument", b"x"), "DOC"),
        (ole("/Other", b"x"), "OLE"),
        (vec![9, 0, 4, 0, 2, 0, 0x10, 0], "Excel 2-4"),
    ] {
        let (found, message) = told(bytes);
        assert_eq!(found, ["F-FORMAT -@file"], "{name}");
        assert!(message.contains(name), "{name}: {message}");
    }
}

/// Where a file may be changed: place and bytes.
fn changed(bytes: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

#[test]
fn a_container_that_goes_in_a_circle_is_damaged() {
    let desk = Desk::pupils();
    let cells = pupil_cells(0);
    // Long enough that the stream lies in sectors of its own, at least nine.
    let mut cells = shared(&cells);
    cells.extend((0..200).map(|row| (row + 2, 30, Cell::Label("xxxxxxxxxxxxxxxxxxxxxx"))));
    let bytes = xls(cells);
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let sector = |number: u32| (number as usize + 1) * 512;
    let (fat, directory) = (sector(word(76)), sector(word(48)));
    let entry = (0..4).map(|number| directory + number * 128).find(|at| bytes[*at..].starts_with(b"W\0o\0"));
    let start = word(entry.unwrap() + 116);
    let link = fat + start as usize * 4;
    let next = word(link);
    for (what, hostile) in [
        ("to itself", changed(&bytes, link, &start.to_le_bytes())),
        ("back", changed(&bytes, fat + next as usize * 4, &start.to_le_bytes())),
        ("out of the file", changed(&bytes, link, &60_000_u32.to_le_bytes())),
        ("its list to itself", changed(&bytes, 68, &[1, 0, 0, 0])),
        ("the same list often", changed(&bytes, 76, &bytes[76..80].repeat(109))),
        ("the directory to itself", changed(&bytes, fat + word(48) as usize * 4, &bytes[48..52])),
        ("a length beyond it", changed(&bytes, entry.unwrap() + 120, &[0, 0, 0, 0x40])),
    ] {
        assert_eq!(desk.findings("f.xls", hostile), ["F-TRUNCATED -@file"], "{what}");
    }
}

#[test]
fn records_that_lie_are_damage() {
    let desk = Desk::pupils();
    let cells = pupil_cells(0);
    let whole = stream(&[("a", shared(&cells)), ("b", shared(&cells))], 8224, &[]);
    let find = |kind: u16, length: u16| {
        let head = [kind.to_le_bytes(), length.to_le_bytes()].concat();
        whole.windows(4).position(|bytes| bytes == head).unwrap()
    };
    let shared_cell = find(0x00fd, 10);
    let sheets = find(0x0085, 10);
    let second = sheets + 14;
    assert_eq!(whole[second..second + 2], [0x85, 0]);
    let start = whole[sheets + 4..sheets + 8].to_vec();
    for (what, hostile) in [
        ("a text that is not there", changed(&whole, shared_cell + 10, &[0xff, 0xff, 0, 0])),
        ("a record longer than the stream", changed(&whole, shared_cell + 2, &[0xff, 0xff])),
        ("a sheet beyond the end", changed(&whole, sheets + 4, &[0xff; 4])),
        ("a sheet within a record", changed(&whole, sheets + 4, &[9, 0, 0, 0])),
        ("two sheets in one place", changed(&whole, second + 4, &start)),
        ("no end", whole[..whole.len() - 4].to_vec()),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(desk.findings("f.xls", ole("/Workbook", &hostile)), ["F-TRUNCATED -@file"], "{what}");
    }
}

/// Cut anywhere, or with any byte changed: a finding or the same rows, never a panic.
#[test]
fn damage_anywhere_is_survived() {
    let desk = Desk::pupils();
    let cells = pupil_cells(0);
    let bytes = xls(good(&cells));
    let (expected, _) = desk.read("f.xls", bytes.clone());
    for length in (8..bytes.len()).step_by(61) {
        let (batches, report) = desk.read("f.xls", &bytes[..length]);
        assert!(!report.findings.is_empty() || batches == expected, "cut at {length}");
    }
    for at in (8..bytes.len()).step_by(7) {
        let mut bad = bytes.clone();
        bad[at] ^= 0x55;
        let _ = desk.read("f.xls", bad);
    }
}

#[test]
fn old_workbooks_have_limits() {
    let mut desk = Desk::pupils();
    let cells = pupil_cells(0);
    // One text of 4,000 letters, named by 300 cells: a small file, 1.2 million bytes of text.
    let long = "x".repeat(4000);
    let mut many = shared(&cells);
    many.extend((0..300).map(|row| (row + 2, 30, Cell::Shared(&long))));
    let bytes = xls(many);
    assert!(bytes.len() < 40_000);
    desk.config.max_inflated_bytes = 1_200_000;
    assert_eq!(desk.findings("f.xls", &bytes), ["F-LIMIT -@file"]);
    desk.config.max_inflated_bytes = 2_000_000;
    assert_ne!(desk.findings("f.xls", &bytes), ["F-LIMIT -@file"]);
    // Texts that no cell names count, too.
    desk.config.max_inflated_bytes = 3_000;
    assert_eq!(desk.findings("f.xls", &bytes), ["F-LIMIT -@file"]);
    desk.config.max_workbook_bytes = 1000;
    assert_eq!(desk.findings("f.xls", &bytes), ["F-LIMIT -@file"]);
    // 19,532 rows of 256 numbers are 5,000,192 cells.
    let mut desk = Desk::pupils();
    let mut cells = Vec::new();
    record(&mut cells, 0x0809, &bof(0x0600, 0x10));
    for row in 0..19_532_u16 {
        let numbers: Vec<u8> = [0, 0, 6, 0, 0, 0].repeat(256);
        let data = [&row.to_le_bytes()[..], &[0, 0], &numbers, &255_u16.to_le_bytes()].concat();
        record(&mut cells, 0x00bd, &data);
    }
    record(&mut cells, 0x000a, &[]);
    let mut book = stream(&[("a", Vec::new())], 8224, &[]);
    let sheet = book.windows(4).rposition(|bytes| bytes == [9, 8, 8, 0]).unwrap();
    book.truncate(sheet);
    book.extend(cells);
    desk.config.max_workbook_bytes = 64 << 20;
    assert_eq!(desk.findings("f.xls", ole("/Workbook", &book)), ["F-LIMIT -@file"]);
}
