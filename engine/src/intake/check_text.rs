//! What text cells and lines of text give away about the way they came here.

use encoding_rs::WINDOWS_1251;
use memchr::memchr2_iter;

/// Whether control characters other than tab and line ends stand in the cell.
pub(super) fn has_control(cell: &[u8]) -> bool {
    cell.iter().any(|byte| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0x7f)
}

/// Whether question marks (or replacement characters) stand where letters of a Cyrillic word were.
pub(super) fn has_lost_letters(cell: &[u8]) -> bool {
    const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
    let is_lead = |byte: Option<&u8>| matches!(byte, Some(0xd0..=0xd3));
    memchr2_iter(b'?', REPLACEMENT[0], cell).any(|at| {
        if cell[at] != b'?' {
            return cell[at..].starts_with(REPLACEMENT);
        }
        // A letter follows at once, and a letter or the beginning of a word stands before.
        let starts_word = at == 0 || matches!(cell[at - 1], b' ' | b'"' | b'(' | b'?');
        let after = cell[at + 1..].iter().find(|byte| **byte != b'?');
        is_lead(after) && (starts_word || (at >= 2 && is_lead(cell.get(at - 2))))
    })
}

/// Whether the text is a spreadsheet's error value.
pub(super) fn is_spreadsheet_error(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#N/A"
                | "#REF!"
                | "#VALUE!"
                | "#DIV/0!"
                | "#NAME?"
                | "#NUM!"
                | "#NULL!"
                | "#Н/Д"
                | "#ССЫЛКА!"
                | "#ЗНАЧ!"
                | "#ДЕЛ/0!"
                | "#ИМЯ?"
        )
}

/// The line read as Windows-1251, when most of its bytes beyond ASCII are letters there.
pub(super) fn as_windows_1251(line: &[u8]) -> Option<String> {
    let beyond = line.iter().filter(|byte| **byte >= 0x80).count();
    let letters = line.iter().filter(|byte| **byte >= 0xc0 || matches!(byte, 0xa8 | 0xb8)).count();
    (beyond > 0 && letters * 5 >= beyond * 4)
        .then(|| WINDOWS_1251.decode_without_bom_handling(line).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_letters_are_told_from_questions() {
        for text in
            ["Ша?ырбай", "?аза?стан", "мектеп-?йірме ?азыналы?", "Ал\u{fffd}аты", "(?лы Дала)", "??лы"]
        {
            assert!(has_lost_letters(text.as_bytes()), "{text}");
        }
        for text in ["Где?", "Как? Так", "a?b", "", "?", "школа №1?"] {
            assert!(!has_lost_letters(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn windows_1251_is_recognised() {
        let bytes = WINDOWS_1251.encode("Школа Ёлка").0;
        assert_eq!(as_windows_1251(&bytes).as_deref(), Some("Школа Ёлка"));
        assert_eq!(as_windows_1251(&[0x80, 0x81, 0x82]), None);
    }

    #[test]
    fn control_characters() {
        assert!(has_control(b"a\0b"));
        assert!(!has_control("line\r\nline\tқ".as_bytes()));
    }
}
