//! Identification numbers as they appear in cells: BIN check, detection and masking of IINs.

use std::borrow::Cow;

use bilim_domain::ids::{Bin, Iin};

/// Twelve digits, first digit first; `None` for anything else.
fn twelve(text: &[u8]) -> Option<[u8; 12]> {
    let digits: &[u8; 12] = text.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then(|| digits.map(|digit| digit - b'0'))
}

/// The first six digits could be a birth date (a BIN has 4 to 6 where the day's tens stand).
fn has_birth_date(digits: &[u8; 12]) -> bool {
    let month = digits[2] * 10 + digits[3];
    let day = digits[4] * 10 + digits[5];
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The number of a BIN written with its 12 digits; `None` when it cannot be a BIN.
#[must_use]
pub(super) fn bin(text: &[u8]) -> Option<i64> {
    // Checked first: the domain's error repeats the text.
    twelve(text)?;
    std::str::from_utf8(text).ok()?.parse::<Bin>().ok().map(i64::from)
}

/// Read an IIN; `None` when it cannot be one.
#[must_use]
pub(super) fn iin(text: &[u8]) -> Option<Iin> {
    if !has_birth_date(&twelve(text)?) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Start of the next run of exactly 12 digits at or after `from`.
///
/// Only every twelfth byte is looked at: no run of 12 digits fits between two of them.
fn next_run(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 11;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 12;
            continue;
        }
        let start =
            text[from..at].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(from, |gap| from + gap + 1);
        let end =
            text[at..].iter().position(|byte| !byte.is_ascii_digit()).map_or(text.len(), |gap| at + gap);
        if end - start == 12 {
            return Some(start);
        }
        at = end + 12;
    }
    None
}

/// Whether an IIN stands anywhere in the text.
#[must_use]
pub(super) fn holds_iin(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some(start) = next_run(text, from) {
        if iin(&text[start..start + 12]).is_some() {
            return true;
        }
        from = start + 12;
    }
    false
}

/// The text with everything that could be an IIN, mistyped ones included, replaced by stars.
#[must_use]
pub(super) fn mask_iins(text: &str) -> Cow<'_, str> {
    let mut masked: Option<Vec<u8>> = None;
    let mut from = 0;
    while let Some(start) = next_run(text.as_bytes(), from) {
        let end = start + 12;
        if twelve(&text.as_bytes()[start..end]).is_some_and(|digits| has_birth_date(&digits)) {
            masked.get_or_insert_with(|| text.as_bytes().to_vec())[start..end].fill(b'*');
        }
        from = end;
    }
    match masked {
        // Digits were replaced by stars: still UTF-8.
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        None => Cow::Borrowed(text),
    }
}

/// An IIN or BIN from its first eleven digits, for tests.
#[cfg(test)]
pub(super) fn with_check_digit(first: &str) -> String {
    let person = Iin::from_stem(first).map(|iin| iin.reveal());
    person
        .or_else(|_| Bin::from_stem(first).map(|bin| bin.to_string()))
        .expect("digits of a person or an organisation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_wherever_it_lies() {
        let number = with_check_digit("92010135001");
        for pad in 0..40 {
            let text = format!("{}{number}{}", "x".repeat(pad), "y".repeat(40 - pad));
            assert!(holds_iin(text.as_bytes()), "{text}");
            assert_eq!(mask_iins(&text), format!("{}************{}", "x".repeat(pad), "y".repeat(40 - pad)));
        }
        assert!(!holds_iin(format!("1{number}").as_bytes()));
        assert!(!holds_iin(format!("{number}1").as_bytes()));
        assert!(holds_iin(format!("12 3456789012345 {number}").as_bytes()));
    }

    #[test]
    fn a_bin_is_no_iin_and_an_iin_no_bin() {
        let company = with_check_digit("01014000012");
        assert_eq!(bin(company.as_bytes()), Some(company.parse().expect("digits")));
        assert!(!holds_iin(company.as_bytes()));
        let person = with_check_digit("92010135001");
        assert!(bin(person.as_bytes()).is_none());
        assert!(iin(person.as_bytes()).is_some());
    }
}
