//! Empty submissions to fill in, made from a form.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    DataValidation, DataValidationRule, ExcelDateTime, Format, Formula, Note, Workbook, Worksheet, XlsxError,
};

use super::error::IntakeError;
use super::rules::type_name;
use crate::definitions::{Field, FieldType, Form, Lang};

/// Rows of the sheet that carry formats and lists of choices.
const ROWS: u32 = 100_000;

/// Longest list of codes that is kept in the cell itself; Excel allows 255 characters.
const INLINE_LIST: usize = 250;

/// An empty CSV file: byte order mark, header, semicolons.
///
/// Excel in the country's settings opens exactly this by a double click, with all letters.
#[must_use]
pub fn template_csv(form: &Form) -> String {
    let names: Vec<&str> = columns(form).collect();
    format!("\u{feff}{}\r\n", names.join(";"))
}

fn columns(form: &Form) -> impl Iterator<Item = &str> {
    std::iter::once("year").chain(form.fields.iter().map(|field| field.name.as_str()))
}

/// An empty workbook: a sheet to fill in with labels as notes and lists of codes to choose from,
/// and the dictionary of the form's fields in a second sheet.
///
/// # Errors
/// [`IntakeError::Template`] when the workbook cannot be assembled.
pub fn template_xlsx(form: &Form, lang: Lang) -> Result<Vec<u8>, IntakeError> {
    let fail =
        |source: XlsxError| IntakeError::Template { form: form.code.clone(), source: Box::new(source) };
    write(form, lang).map_err(fail)
}

fn write(form: &Form, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same form gives the same bytes, whenever it is written.
    let stamp = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&stamp));
    let (data, dictionary, codes) = match lang {
        Lang::Kk => ("Деректер", "Сөздік", "Кодтар"),
        Lang::Ru => ("Данные", "Словарь", "Коды"),
        Lang::En => ("Data", "Dictionary", "Codes"),
    };
    let lists = long_lists(form);
    write_data(workbook.add_worksheet().set_name(data)?, form, lang, codes, &lists)?;
    write_dictionary(workbook.add_worksheet().set_name(dictionary)?, form, lang)?;
    if !lists.is_empty() {
        let sheet = workbook.add_worksheet().set_name(codes)?;
        for (column, field) in lists.values() {
            sheet.write(0, *column, format!("{}:", field.codes.as_deref().unwrap_or(&field.name)))?;
            for (row, member) in (1..).zip(&field.members) {
                sheet.write(row, *column, member)?;
            }
        }
    }
    workbook.save_to_buffer()
}

/// Fields whose codes need a column of their own, with that column.
fn long_lists(form: &Form) -> BTreeMap<&str, (u16, &Field)> {
    let is_long = |field: &&Field| {
        field.field_type == FieldType::Code
            && field.members.iter().map(|code| code.len() + 1).sum::<usize>() > INLINE_LIST
    };
    let long = form.fields.iter().filter(is_long);
    (0_u16..).zip(long).map(|(column, field)| (field.name.as_str(), (column, field))).collect()
}

fn write_data(
    sheet: &mut Worksheet,
    form: &Form,
    lang: Lang,
    codes: &str,
    lists: &BTreeMap<&str, (u16, &Field)>,
) -> Result<(), XlsxError> {
    let head = Format::new().set_bold();
    // Identifiers as text keep their zeros, and months are not turned into dates.
    let text = Format::new().set_num_format("@");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0_u16..).zip(columns(form)) {
        sheet.write_with_format(0, column, name, &head)?;
        sheet.set_column_width(column, 16)?;
        let Some(field) = form.field(name) else { continue };
        sheet.insert_note(0, column, &Note::new(note(field, lang)).set_author("Bilim"))?;
        match &field.field_type {
            FieldType::Bin
            | FieldType::Kato
            | FieldType::Pseudonym
            | FieldType::Code
            | FieldType::Text(_)
            | FieldType::YearMonth => {
                sheet.set_column_format(column, &text)?;
            }
            FieldType::Date => {
                sheet.set_column_format(column, &date)?;
            }
            _ => {}
        }
        if let Some(rule) = validation(field, codes, lists)? {
            sheet.add_data_validation(1, column, ROWS, column, &rule)?;
        }
    }
    Ok(())
}

fn validation(
    field: &Field,
    codes: &str,
    lists: &BTreeMap<&str, (u16, &Field)>,
) -> Result<Option<DataValidation>, XlsxError> {
    let rule = DataValidation::new();
    Ok(match (&field.field_type, field.min, field.max) {
        (FieldType::Code, ..) if field.members.is_empty() => None,
        (FieldType::Code, ..) => Some(match lists.get(field.name.as_str()) {
            Some((column, field)) => {
                let letter = rust_xlsxwriter::utility::column_number_to_name(*column);
                let last = field.members.len() + 1;
                rule.allow_list_formula(Formula::new(format!("='{codes}'!${letter}$2:${letter}${last}")))
            }
            None => rule.allow_list_strings(&field.members)?,
        }),
        (FieldType::Boolean, ..) => Some(rule.allow_list_strings(&["true", "false"])?),
        (FieldType::Integer | FieldType::Long, Some(min), Some(max)) => {
            #[allow(clippy::cast_possible_truncation, reason = "bounds of whole numbers in forms are small")]
            let (min, max) = (min as i32, max as i32);
            Some(rule.allow_whole_number(DataValidationRule::Between(min, max)))
        }
        (FieldType::Decimal(..) | FieldType::Number, Some(min), Some(max)) => {
            Some(rule.allow_decimal_number(DataValidationRule::Between(min, max)))
        }
        _ => None,
    })
}

fn note(field: &Field, lang: Lang) -> String {
    let mut note = format!("{}\n{}", field.label.get(lang), type_name(&field.field_type).get(lang));
    if let Some(unit) = &field.unit {
        note.push_str("; ");
        note.push_str(unit);
    }
    if field.is_required {
        note.push_str(match lang {
            Lang::Kk => "\nміндетті",
            Lang::Ru => "\nобязательно",
            Lang::En => "\nrequired",
        });
    }
    note
}

fn write_dictionary(sheet: &mut Worksheet, form: &Form, lang: Lang) -> Result<(), XlsxError> {
    let head = Format::new().set_bold();
    // One word a heading and none of them a column of a form: this sheet must not pass for data.
    let headings = match lang {
        Lang::Kk => ["Баған", "Мағынасы", "Түрі", "Міндетті", "Аралық", "Кодтар"],
        Lang::Ru => ["Столбец", "Значение", "Тип", "Обязателен", "Диапазон", "Коды"],
        Lang::En => ["Column", "Meaning", "Type", "Required", "Range", "Codes"],
    };
    sheet.write(0, 0, format!("{} {}: {}", form.code, form.version, form.title.get(lang)))?;
    for (column, heading) in (0_u16..).zip(headings) {
        sheet.write_with_format(2, column, heading, &head)?;
    }
    for (row, field) in (3_u32..).zip(&form.fields) {
        let range = match (field.min, field.max) {
            (None, None) => String::new(),
            (min, max) => {
                let side = |bound: Option<f64>| bound.map_or_else(String::new, |bound| bound.to_string());
                format!("{}..{}", side(min), side(max))
            }
        };
        let codes: String = field.members.join(", ").chars().take(30_000).collect();
        let required = if field.is_required { "+" } else { "" };
        let type_name = field.field_type.name();
        let cells = [&field.name, field.label.get(lang), type_name.as_str(), required, &range, &codes];
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write(row, column, cell)?;
        }
    }
    sheet.set_column_width(1, 40)?;
    sheet.set_freeze_panes(3, 1)?;
    Ok(())
}
