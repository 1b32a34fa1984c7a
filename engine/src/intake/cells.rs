//! One cell -> one value of a field's type.
//!
//! Nothing is repaired: no rounding, no truncation, no guess. A cell is trimmed of blanks
//! before it comes here.

/// Why a cell is not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Another type altogether.
    Type,
    /// A fraction where a whole number is due.
    Integer,
    /// More decimals than the type has.
    Decimals,
    /// Beyond what the type holds.
    Range,
}

/// The cell without blanks at its ends (also no-break spaces, which spreadsheets leave).
pub(super) fn trim(mut cell: &[u8]) -> &[u8] {
    const NO_BREAK: &[u8] = "\u{a0}".as_bytes();
    const BOM: &[u8] = "\u{feff}".as_bytes();
    loop {
        let before = cell.len();
        cell = cell.trim_ascii();
        for blank in [NO_BREAK, BOM] {
            cell = cell.strip_prefix(blank).unwrap_or(cell);
            cell = cell.strip_suffix(blank).unwrap_or(cell);
        }
        if cell.len() == before {
            return cell;
        }
    }
}

/// A whole number; `7,0` is one, `1.7` is not.
pub(super) fn integer(cell: &[u8]) -> Result<i64, Problem> {
    let (is_negative, digits) = sign(cell);
    // Eighteen digits cannot overflow.
    if !digits.is_empty() && digits.len() <= 18 {
        let mut number = 0_i64;
        let mut is_plain = true;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            is_plain &= digit < 10;
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
        }
        if is_plain {
            return Ok(if is_negative { -number } else { number });
        }
    }
    match decimal(cell, 38, 0) {
        Ok(number) => i64::try_from(number).map_err(|_| Problem::Range),
        Err(Problem::Decimals) => Err(Problem::Integer),
        Err(problem) => Err(problem),
    }
}

fn sign(cell: &[u8]) -> (bool, &[u8]) {
    match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, cell),
    }
}

/// An exact decimal in units of the last place: `12,5` with scale 1 is 125. Exponents are read.
pub(super) fn decimal(cell: &[u8], precision: u8, scale: i8) -> Result<i128, Problem> {
    let (is_negative, rest) = sign(cell);
    let (mantissa, exponent) = match rest.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => {
            let (is_down, digits) = sign(&rest[at + 1..]);
            if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
                return Err(Problem::Type);
            }
            let exponent = digits.iter().fold(0_i32, |number, digit| number * 10 + i32::from(digit - b'0'));
            (&rest[..at], if is_down { -exponent } else { exponent })
        }
        None => (rest, 0),
    };
    let mut number = 0_i128;
    let mut digits = 0_usize;
    // Power of ten that the digits read so far stand at, relative to the unit of the last place.
    let mut place = i32::from(scale) + exponent;
    let mut is_fraction = false;
    for byte in mantissa {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                number = number
                    .checked_mul(10)
                    .and_then(|number| number.checked_add(i128::from(byte - b'0')))
                    .ok_or(Problem::Range)?;
                place -= i32::from(is_fraction);
            }
            b'.' | b',' if !is_fraction => is_fraction = true,
            _ => return Err(Problem::Type),
        }
    }
    if digits == 0 {
        return Err(Problem::Type);
    }
    while place < 0 && number != 0 {
        if number % 10 != 0 {
            return Err(Problem::Decimals);
        }
        number /= 10;
        place += 1;
    }
    if number != 0 {
        for _ in 0..place {
            number = number.checked_mul(10).ok_or(Problem::Range)?;
        }
    }
    if number >= 10_i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX) {
        return Err(Problem::Range);
    }
    Ok(if is_negative { -number } else { number })
}

/// A finite double, with point or comma.
pub(super) fn number(cell: &[u8]) -> Result<f64, Problem> {
    let mut buffer = [0_u8; 64];
    let text = buffer.get_mut(..cell.len()).ok_or(Problem::Type)?;
    let mut commas = 0;
    for (to, from) in text.iter_mut().zip(cell) {
        *to = match from {
            b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E' => *from,
            b',' => {
                commas += 1;
                b'.'
            }
            // Also keeps out `inf`, `nan` and hexadecimal.
            _ => return Err(Problem::Type),
        };
    }
    if commas > 1 {
        return Err(Problem::Type);
    }
    let value: f64 =
        std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Problem::Type)?;
    if value.is_finite() { Ok(value) } else { Err(Problem::Range) }
}

/// `true`/`false`, `1`/`0`, `yes`/`no`, `да`/`нет`, `иә`/`жоқ`, in any case.
pub(super) fn boolean(cell: &[u8]) -> Result<bool, Problem> {
    match cell {
        b"1" | b"true" => return Ok(true),
        b"0" | b"false" => return Ok(false),
        _ if cell.len() > 16 => return Err(Problem::Type),
        _ => {}
    }
    let text = std::str::from_utf8(cell).map_err(|_| Problem::Type)?.to_lowercase();
    match text.as_str() {
        // The last two are what spreadsheets write.
        "true" | "yes" | "да" | "иә" | "истина" | "ақиқат" => Ok(true),
        "false" | "no" | "нет" | "жоқ" | "ложь" | "жалған" => Ok(false),
        _ => Err(Problem::Type),
    }
}

/// Digits only, as a number.
fn digits(text: &[u8]) -> Option<i32> {
    if text.is_empty() || text.len() > 6 {
        return None;
    }
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0')))
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar; `None` when there is none such.
pub(super) fn days(year: i32, month: i32, day: i32) -> Option<i32> {
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > length {
        return None;
    }
    // Years from March, so that the leap day is the last day; eras of 400 years have 146 097 days.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// `yyyy-mm-dd` of days since 1970-01-01.
pub(super) fn date_text(days: i32) -> String {
    chrono::DateTime::from_timestamp(i64::from(days) * 86_400, 0)
        .map_or_else(|| days.to_string(), |time| time.format("%Y-%m-%d").to_string())
}

/// `yyyy-mm-dd` or `dd.mm.yyyy` as days since 1970-01-01; years 1900 to 2100.
pub(super) fn date(cell: &[u8]) -> Result<i32, Problem> {
    // A time of midnight is what exports add to dates.
    let cell = match cell {
        [head @ .., b' ' | b'T', b'0', b'0', b':', b'0', b'0', b':', b'0', b'0'] => head,
        _ => cell,
    };
    let (year, month, day) = match cell {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => (digits(year), [*m1, *m2], [*d1, *d2]),
        [d1, d2, b'.', m1, m2, b'.', year @ ..] if year.len() == 4 => (digits(year), [*m1, *m2], [*d1, *d2]),
        _ => return Err(Problem::Type),
    };
    let (Some(year), Some(month), Some(day)) = (year, digits(&month), digits(&day)) else {
        return Err(Problem::Type);
    };
    let days = days(year, month, day).ok_or(Problem::Type)?;
    if (1900..=2100).contains(&year) { Ok(days) } else { Err(Problem::Range) }
}

/// `yyyy-mm`, `yyyymm` or `mm.yyyy` as yyyymm; years 1900 to 2100.
pub(super) fn year_month(cell: &[u8]) -> Result<i32, Problem> {
    let (year, month) = match cell {
        [year @ .., b'-', m1, m2] if year.len() == 4 => (digits(year), digits(&[*m1, *m2])),
        [m1, m2, b'.', year @ ..] if year.len() == 4 => (digits(year), digits(&[*m1, *m2])),
        [year @ .., m1, m2] if year.len() == 4 => (digits(year), digits(&[*m1, *m2])),
        _ => return Err(Problem::Type),
    };
    match (year, month) {
        (Some(year), Some(month @ 1..=12)) if (1900..=2100).contains(&year) => Ok(year * 100 + month),
        (Some(_), Some(1..=12)) => Err(Problem::Range),
        _ => Err(Problem::Type),
    }
}

/// Nine digits, or `0` for the country.
pub(super) fn kato(cell: &[u8]) -> Result<i32, Problem> {
    if cell == b"0" {
        return Ok(0);
    }
    if cell.len() != 9 || !cell.iter().all(u8::is_ascii_digit) {
        return Err(Problem::Type);
    }
    Ok(cell.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0')))
}

/// Sixteen lower-case hex digits as two's complement.
pub(super) fn pseudonym(cell: &[u8]) -> Result<i64, Problem> {
    let digits: &[u8; 16] = cell.try_into().map_err(|_| Problem::Type)?;
    let mut number = 0_u64;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return Err(Problem::Type),
        };
        number = number << 4 | u64::from(digit);
    }
    Ok(number.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        for (cell, value) in [
            ("0", Ok(0)),
            ("-12", Ok(-12)),
            ("+7", Ok(7)),
            ("7,0", Ok(7)),
            ("7.00", Ok(7)),
            ("1e3", Ok(1000)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775808", Err(Problem::Range)),
            ("99999999999999999999999999999999999999999", Err(Problem::Range)),
            ("1.7", Err(Problem::Integer)),
            ("1,7", Err(Problem::Integer)),
            ("", Err(Problem::Type)),
            ("-", Err(Problem::Type)),
            (".", Err(Problem::Type)),
            ("1 000", Err(Problem::Type)),
            ("1e", Err(Problem::Type)),
            ("0x10", Err(Problem::Type)),
            ("seven", Err(Problem::Type)),
        ] {
            assert_eq!(integer(cell.as_bytes()), value, "{cell}");
        }
    }

    #[test]
    fn decimals_are_exact_and_never_rounded() {
        for (cell, value) in [
            ("12,5", Ok(125)),
            ("12.5", Ok(125)),
            ("-.5", Ok(-5)),
            ("12", Ok(120)),
            ("12.50", Ok(125)),
            ("1.25e1", Ok(125)),
            ("0e999", Ok(0)),
            ("12.55", Err(Problem::Decimals)),
            ("1e-5", Err(Problem::Decimals)),
            ("99999", Err(Problem::Range)),
            ("1e999", Err(Problem::Range)),
            ("1.2.3", Err(Problem::Type)),
            ("1,234.5", Err(Problem::Type)),
        ] {
            assert_eq!(decimal(cell.as_bytes(), 5, 1), value, "{cell}");
        }
        assert_eq!(decimal(b"99999999999999999999999999999999999999", 38, 0), Ok(10_i128.pow(38) - 1));
    }

    #[test]
    fn doubles_are_finite() {
        assert_eq!(number(b"1,5"), Ok(1.5));
        assert_eq!(number(b"1e-3"), Ok(0.001));
        assert_eq!(number(b"1e999"), Err(Problem::Range));
        for cell in ["inf", "NaN", "1,5,0", "", "1.5.0"] {
            assert_eq!(number(cell.as_bytes()), Err(Problem::Type), "{cell}");
        }
    }

    #[test]
    fn booleans_in_three_languages() {
        for cell in ["true", "TRUE", "1", "yes", "Да", "ИӘ"] {
            assert_eq!(boolean(cell.as_bytes()), Ok(true), "{cell}");
        }
        for cell in ["false", "0", "No", "нет", "Жоқ"] {
            assert_eq!(boolean(cell.as_bytes()), Ok(false), "{cell}");
        }
        assert_eq!(boolean(b"2"), Err(Problem::Type));
        assert_eq!(boolean(&[0xff]), Err(Problem::Type));
    }

    #[test]
    fn dates_agree_with_a_calendar() {
        let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
        let mut day = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");
        while day.to_string().as_str() < "2100-12-31" {
            let expected = i32::try_from((day - epoch).num_days()).expect("small");
            assert_eq!(date(day.to_string().as_bytes()), Ok(expected), "{day}");
            assert_eq!(date(day.format("%d.%m.%Y").to_string().as_bytes()), Ok(expected), "{day}");
            assert_eq!(date_text(expected), day.to_string());
            day = day.succ_opt().expect("a date");
        }
        assert_eq!(date(b"2024-02-30"), Err(Problem::Type));
        assert_eq!(date(b"2023-02-29"), Err(Problem::Type));
        assert_eq!(date(b"1024-01-01"), Err(Problem::Range));
        assert_eq!(date(b"01/02/2024"), Err(Problem::Type));
        assert!(date(b"2024-09-01 00:00:00").is_ok());
        assert_eq!(date(b"2024-09-01 10:00:00"), Err(Problem::Type));
    }

    #[test]
    fn months_codes_and_pseudonyms() {
        assert_eq!(year_month(b"2010-09"), Ok(201_009));
        assert_eq!(year_month(b"201009"), Ok(201_009));
        assert_eq!(year_month(b"09.2010"), Ok(201_009));
        assert_eq!(year_month(b"2010-13"), Err(Problem::Type));
        assert_eq!(year_month(b"1810-01"), Err(Problem::Range));
        assert_eq!(kato(b"110000000"), Ok(110_000_000));
        assert_eq!(kato(b"0"), Ok(0));
        assert_eq!(kato(b"11"), Err(Problem::Type));
        assert_eq!(pseudonym(b"ffffffffffffffff"), Ok(-1));
        assert_eq!(pseudonym(b"FFFFFFFFFFFFFFFF"), Err(Problem::Type));
    }

    #[test]
    fn blanks_go_from_both_ends() {
        assert_eq!(trim("\u{feff}\u{a0} x y \u{a0}\t".as_bytes()), b"x y");
        assert_eq!(trim("\u{a0}".as_bytes()), b"");
    }
}
