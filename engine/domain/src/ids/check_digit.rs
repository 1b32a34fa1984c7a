//! The check digit that BIN and IIN share.
//!
//! Weights 1..11 over the first eleven digits, modulo 11; when that gives 10, the
//! weights 3..11, 1, 2; when that gives 10 too, the number is never issued.

use std::fmt;

const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// Why a twelve-digit number is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberFault {
    /// Not twelve (for a stem: eleven) decimal digits.
    NotDigits,
    /// The check digit does not follow from the others.
    CheckDigit,
    /// Both weight rows give 10, so the number is never issued.
    NeverIssued,
    /// The fifth digit does not name a kind of legal entity.
    EntityKind,
    /// The first six digits are no date of the century named by the seventh.
    BirthDate,
    /// The seventh digit does not name a century and sex.
    CenturyAndSex,
}

impl fmt::Display for NumberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDigits => "does not have the required number of digits",
            Self::CheckDigit => "has a wrong check digit",
            Self::NeverIssued => "has no check digit and is never issued",
            Self::EntityKind => "has a fifth digit outside 4..6",
            Self::BirthDate => "does not start with a date of birth",
            Self::CenturyAndSex => "has a seventh digit outside 1..6",
        })
    }
}

/// Check digit of eleven digits; `None` when the number is never issued.
pub(super) fn check_digit(stem: [u8; 11]) -> Option<u8> {
    let weighted = |weights: [u32; 11]| -> u32 {
        let sum: u32 = stem.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        sum % 11
    };
    [FIRST, SECOND]
        .into_iter()
        .map(weighted)
        .find(|remainder| *remainder < 10)
        .and_then(|remainder| u8::try_from(remainder).ok())
}

/// Exactly `N` ASCII digits as numbers.
pub(super) fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.try_into().ok()?;
    bytes.iter().all(u8::is_ascii_digit).then(|| bytes.map(|byte| byte - b'0'))
}

/// Twelve digits whose last is the check digit of the others.
pub(super) fn checked(text: &[u8]) -> Result<[u8; 12], NumberFault> {
    let number: [u8; 12] = digits(text).ok_or(NumberFault::NotDigits)?;
    let mut stem = [0; 11];
    stem.copy_from_slice(&number[..11]);
    match check_digit(stem) {
        Some(digit) if digit == number[11] => Ok(number),
        Some(_) => Err(NumberFault::CheckDigit),
        None => Err(NumberFault::NeverIssued),
    }
}

/// Eleven digits with their check digit appended.
pub(super) fn completed(stem: &[u8]) -> Result<[u8; 12], NumberFault> {
    let stem: [u8; 11] = digits(stem).ok_or(NumberFault::NotDigits)?;
    let mut number = [0; 12];
    number[..11].copy_from_slice(&stem);
    number[11] = check_digit(stem).ok_or(NumberFault::NeverIssued)?;
    Ok(number)
}

/// The digits as one integer.
pub(super) fn value(number: [u8; 12]) -> u64 {
    number.iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_row_decides_when_it_can() {
        // 9 4 1 2 4 0 0 0 1 1 5 with weights 1..11:
        // 9+8+3+8+20+0+0+0+9+10+55 = 122; 122 mod 11 = 1.
        assert_eq!(check_digit([9, 4, 1, 2, 4, 0, 0, 0, 1, 1, 5]), Some(1));
    }

    #[test]
    fn second_row_decides_after_a_ten() {
        // 0 1 0 0 0 0 0 1 0 0 0: 2 + 8 = 10; second row 4 + 10 = 14; 14 mod 11 = 3.
        assert_eq!(check_digit([0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]), Some(3));
    }

    #[test]
    fn two_tens_are_never_issued() {
        // Searched, not derived: few stems give 10 under both rows.
        let found = (0..1_000_u32).find_map(|number| {
            let d = |power: u32| u8::try_from(number / power % 10).ok();
            let stem = [d(100)?, d(10)?, d(1)?, 0, 0, 0, 0, 0, 0, 0, 0];
            check_digit(stem).is_none().then_some(stem)
        });
        let stem = found.map(|stem| stem.map(|digit| digit + b'0'));
        assert_eq!(stem.map(|stem| completed(&stem)), Some(Err(NumberFault::NeverIssued)));
    }

    proptest! {
        #[test]
        fn a_wrong_digit_is_noticed(stem in "[0-9]{11}", at in 0_usize..12, by in 1_u8..=9) {
            if let Ok(number) = completed(stem.as_bytes()) {
                let text = number.map(|digit| digit + b'0');
                prop_assert_eq!(checked(&text), Ok(number));
                let mut wrong = number;
                wrong[at] = (wrong[at] + by) % 10;
                let refused = checked(&wrong.map(|digit| digit + b'0'));
                // Modulo 11 with weights below 11 catches every single error except
                // at the eleventh place (weight 11 = 0) or when rows switch.
                if at == 11 {
                    prop_assert_eq!(refused, Err(NumberFault::CheckDigit));
                }
            }
        }

        #[test]
        fn other_lengths_are_refused(text in "[0-9]{0,11}|[0-9]{13,20}|[0-9]{6}x[0-9]{5}") {
            prop_assert_eq!(checked(text.as_bytes()), Err(NumberFault::NotDigits));
        }
    }
}
