//! The one rounding rule: half away from zero, on decimal digits.
//!
//! A value is rounded as the decimal number a reader sees, not as the binary number
//! a processor stores. `1.005` is stored as 1.00499999999999989…, yet prints as
//! `1.005`, and its rounding to two decimals is 1.01. So an `f64` is first written
//! with the fewest digits that read back to the same `f64` (the shortest decimal
//! representation, at most 17 digits) and those digits are rounded. Where counts are
//! at hand, [`round_ratio`] rounds the exact quotient of integers instead.
//!
//! It does not format for languages and does not decide how many decimals a value
//! has: that is part of an indicator's definition.

use std::cmp::Ordering;
use std::fmt;

use crate::error::DomainError;

/// An exact decimal number: `units` / 10^`decimals`.
///
/// Compares by value, so 1.5 and 1.50 are equal.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    decimals: u8,
}

impl Decimal {
    /// `units` / 10^`decimals`.
    #[must_use]
    pub const fn new(units: i128, decimals: u8) -> Self {
        Self { units, decimals }
    }

    /// Rounds the shortest decimal representation of `value`, half away from zero.
    ///
    /// # Errors
    /// [`DomainError::DecimalOverflow`] for NaN, infinities, and values whose digits
    /// do not fit 128 bits.
    pub fn round(value: f64, decimals: u8) -> Result<Self, DomainError> {
        round_text(&value.to_string(), decimals)
            .ok_or_else(|| DomainError::DecimalOverflow { value: value.to_string(), decimals })
    }

    /// The integer of the smallest unit.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    /// Digits after the point.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// The nearest `f64`; never negative zero.
    ///
    /// # Panics
    /// Never: every decimal number reads as an `f64`.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().expect("digits with at most one point read as a number")
    }

    /// Distance from `other`; `None` when it does not fit 128 bits.
    #[must_use]
    pub fn distance(self, other: Self) -> Option<Self> {
        let decimals = self.decimals.max(other.decimals);
        let difference = self.scaled(decimals)?.checked_sub(other.scaled(decimals)?)?;
        Some(Self::new(difference.checked_abs()?, decimals))
    }

    fn scaled(self, decimals: u8) -> Option<i128> {
        let factor = 10_i128.checked_pow(u32::from(decimals - self.decimals))?;
        self.units.checked_mul(factor)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let decimals = self.decimals.max(other.decimals);
        match (self.scaled(decimals), other.scaled(decimals)) {
            (Some(left), Some(right)) => left.cmp(&right),
            // A number that overflows when its digits are extended is the larger one
            // by magnitude; two such numbers have equal decimals and never get here.
            (None, _) => self.units.cmp(&0),
            (_, None) => 0.cmp(&other.units),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let width = usize::from(self.decimals);
        // One digit before the point, however small the number.
        let digits = format!("{:0>1$}", self.units.unsigned_abs(), width + 1);
        let (whole, fraction) = digits.split_at(digits.len() - width);
        if width == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

/// Rounds the digits of a plain decimal text; `None` when it is none or too long.
fn round_text(text: &str, decimals: u8) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = fraction.len().min(usize::from(decimals));
    let mut units: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes().take(kept)) {
        let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
        units = units.checked_mul(10)?.checked_add(digit)?;
    }
    // Away from zero: the first digit dropped decides, whatever follows it.
    if fraction.as_bytes().get(kept).is_some_and(|byte| *byte >= b'5') {
        units = units.checked_add(1)?;
    }
    let missing = u32::from(decimals).checked_sub(u32::try_from(kept).ok()?)?;
    units = units.checked_mul(10_i128.checked_pow(missing)?)?;
    Some(Decimal::new(if negative { -units } else { units }, decimals))
}

/// `value` rounded half away from zero to `decimals`, as SQL and reports show it.
///
/// A value with no more digits than that, too large to have any, or not finite, is
/// returned as it is; negative zero becomes zero.
#[must_use]
pub fn round_half_away(value: f64, decimals: u8) -> f64 {
    let text = value.to_string();
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    if fraction.len() <= usize::from(decimals) {
        return value + 0.0;
    }
    round_text(&text, decimals).map_or(value, Decimal::to_f64)
}

/// The exact quotient of two integers, rounded half away from zero.
///
/// `None` when the denominator is zero: a ratio to nothing is missing, not zero.
///
/// # Errors
/// [`DomainError::DecimalOverflow`] when the digits do not fit 128 bits.
pub fn round_ratio(numerator: i128, denominator: i128, decimals: u8) -> Result<Option<Decimal>, DomainError> {
    if denominator == 0 {
        return Ok(None);
    }
    exact_quotient(numerator, denominator, decimals)
        .map(Some)
        .ok_or_else(|| DomainError::DecimalOverflow { value: format!("{numerator}/{denominator}"), decimals })
}

fn exact_quotient(numerator: i128, denominator: i128, decimals: u8) -> Option<Decimal> {
    let negative = (numerator < 0) != (denominator < 0);
    let (above, below) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let scaled = above.checked_mul(10_u128.checked_pow(u32::from(decimals))?)?;
    let (quotient, remainder) = (scaled / below, scaled % below);
    // remainder >= below - remainder is 2 * remainder >= below without overflow.
    let away = u128::from(remainder >= below - remainder);
    let units = i128::try_from(quotient.checked_add(away)?).ok()?;
    Some(Decimal::new(if negative { -units } else { units }, decimals))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]
    #![allow(clippy::float_cmp, reason = "rounding is exact or it is wrong")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_are_those_a_reader_sees() {
        assert_eq!(round_half_away(1.005, 2), 1.01);
        assert_eq!(round_half_away(2.675, 2), 2.68);
        assert_eq!(round_half_away(-2.675, 2), -2.68);
        assert_eq!(round_half_away(0.5, 0), 1.0);
        assert_eq!(round_half_away(2.5, 0), 3.0);
        assert_eq!(round_half_away(-0.5, 0), -1.0);
        assert_eq!(round_half_away(0.45, 1), 0.5);
        assert_eq!(round_half_away(9.995, 2), 10.0);
        assert_eq!(round_half_away(0.049, 1), 0.0);
    }

    #[test]
    fn zero_has_no_sign() {
        assert!(round_half_away(-0.0, 2).is_sign_positive());
        assert!(round_half_away(-0.001, 2).is_sign_positive());
        assert_eq!(Decimal::round(-0.001, 2).unwrap().to_string(), "0.00");
    }

    #[test]
    fn what_is_not_finite_or_has_no_digits_stays() {
        assert!(round_half_away(f64::NAN, 2).is_nan());
        assert_eq!(round_half_away(f64::NEG_INFINITY, 2), f64::NEG_INFINITY);
        assert_eq!(round_half_away(1e300, 2), 1e300);
        assert_eq!(round_half_away(1e-300, 2), 0.0);
        assert!(matches!(Decimal::round(f64::NAN, 2), Err(DomainError::DecimalOverflow { decimals: 2, .. })));
        assert!(Decimal::round(1e300, 2).is_err());
    }

    #[test]
    fn ratios_are_exact() {
        let show = |n, d, decimals| round_ratio(n, d, decimals).unwrap().unwrap().to_string();
        assert_eq!(show(300, 20, 1), "15.0");
        assert_eq!(show(2, 3, 4), "0.6667");
        assert_eq!(show(-1, 8, 2), "-0.13");
        assert_eq!(show(1, -8, 2), "-0.13");
        assert_eq!(show(1, 200, 2), "0.01");
        assert_eq!(show(i128::MAX, i128::MAX, 0), "1");
        assert_eq!(round_ratio(1, 0, 2), Ok(None));
        assert!(round_ratio(i128::MAX, 1, 2).is_err());
    }

    #[test]
    fn decimals_compare_by_value() {
        assert_eq!(Decimal::new(15, 1), Decimal::new(150, 2));
        assert!(Decimal::new(-15, 1) < Decimal::new(-149, 2));
        assert!(Decimal::new(i128::MAX, 0) > Decimal::new(1, 30));
        assert!(Decimal::new(1, 30) < Decimal::new(i128::MAX, 0));
        let far = Decimal::new(25, 1).distance(Decimal::new(100, 2)).unwrap();
        assert_eq!(far.to_string(), "1.50");
        assert_eq!((far.units(), far.decimals()), (150, 2));
    }

    proptest! {
        /// Integers below a million: the quotient is never closer to a half than the
        /// precision of an `f64`, unless it is one.
        #[test]
        fn text_and_exact_rounding_agree(n in -1_000_000_i32..1_000_000, d in 1_i32..1_000_000, decimals in 0_u8..=5) {
            let exact = round_ratio(i128::from(n), i128::from(d), decimals).unwrap().unwrap();
            let text = round_half_away(f64::from(n) / f64::from(d), decimals);
            prop_assert_eq!(exact.to_f64(), text);
        }

        #[test]
        fn rounding_twice_changes_nothing(value in any::<f64>(), decimals in 0_u8..=12) {
            let once = round_half_away(value, decimals);
            prop_assert_eq!(round_half_away(once, decimals).to_bits(), once.to_bits());
        }

        #[test]
        fn rounding_is_odd(value in -1e9_f64..1e9, decimals in 0_u8..=6) {
            prop_assert_eq!(round_half_away(-value, decimals), -round_half_away(value, decimals));
        }

        #[test]
        fn decimals_print_what_they_are(units in -1_000_000_i64..1_000_000, decimals in 0_u8..=6) {
            let decimal = Decimal::new(i128::from(units), decimals);
            prop_assert_eq!(Decimal::round(decimal.to_f64(), decimals), Ok(decimal));
        }
    }
}
