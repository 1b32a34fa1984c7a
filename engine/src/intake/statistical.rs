//! Files that say of themselves that they are a form of state statistical observation.
//!
//! Administrative data exclude primary statistical data (paragraph 2, subparagraph 3 of the Rules). Such a form
//! carries its index (2-НК) or its heading above the table; both are in the code list `statistical_form`.

/// The first title that these cells carry, as printed.
pub(super) fn declared<'a>(titles: &[String], cells: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if titles.is_empty() {
        return None;
    }
    let titles: Vec<Vec<String>> = titles.iter().map(|title| words(title)).collect();
    // A heading is short; what is longer is cut, not searched.
    cells.filter(|cell| !cell.is_empty()).find(|cell| {
        let found = words(&cell.chars().take(1000).collect::<String>());
        titles.iter().any(|title| found.windows(title.len()).any(|window| window == title.as_slice()))
    })
}

/// Words in capitals; Latin letters that look like Cyrillic ones are taken for these, as keyboards mix them.
fn words(text: &str) -> Vec<String> {
    let symbols = text.chars().flat_map(char::to_uppercase).map(|symbol| match symbol {
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    });
    let text: String = symbols.collect();
    let split = text.split(|symbol: char| !symbol.is_alphanumeric() && symbol != '-');
    split.map(|word| word.trim_matches('-')).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_or_a_heading_is_found_and_nothing_else() {
        let titles: Vec<String> = ["2-НК", "СОЦФИН", "СТАТИСТИЧЕСКАЯ ФОРМА"].map(str::to_owned).to_vec();
        let found = |cell| declared(&titles, std::iter::once(cell)).is_some();
        for cell in [
            "Индекс: 2-НК",
            "2-HK (годовая)",
            "форма «2\u{2013}нк»",
            "Статистическая форма общегосударственного наблюдения",
            "Соцфин",
        ] {
            assert!(found(cell), "{cell}");
        }
        for cell in ["12-НК", "2-НКТ", "форма статистическая", "Сведения о кадрах", "", "2 НК"]
        {
            assert!(!found(cell), "{cell}");
        }
        assert_eq!(declared(&[], std::iter::once("2-НК")), None);
    }
}
