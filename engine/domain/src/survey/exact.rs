//! Sums that do not depend on the order of their terms.

use super::error::SurveyError;

/// 2^64: terms are counted in units of its inverse, 5.4e-20.
const UNITS: f64 = 18_446_744_073_709_551_616.0;

/// Largest term, 2^62.
const LARGEST: f64 = 4_611_686_018_427_387_904.0;

/// A sum of doubles in fixed point: integers add exactly, in any order and any grouping.
///
/// A term is rounded to a multiple of 2^-64 by itself, which leaves numbers from 2^-11 on as they are;
/// weights that are normalised to a sum of one over a million rows still keep 13 digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactSum(i128);

impl ExactSum {
    /// Add a term.
    ///
    /// # Errors
    /// [`SurveyError::TooLarge`] when the term or the sum is beyond the range; infinite and undefined
    /// terms are.
    pub fn add(&mut self, term: f64) -> Result<(), SurveyError> {
        if !term.is_finite() || term.abs() > LARGEST {
            return Err(SurveyError::TooLarge { value: term });
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 2^126 after the check above")]
        let units = (term * UNITS).round() as i128;
        self.0 = self.0.checked_add(units).ok_or(SurveyError::TooLarge { value: term })?;
        Ok(())
    }

    /// Add another sum.
    ///
    /// # Errors
    /// [`SurveyError::TooLarge`] when the sum is beyond the range.
    pub fn merge(&mut self, other: Self) -> Result<(), SurveyError> {
        self.0 = self.0.checked_add(other.0).ok_or(SurveyError::TooLarge { value: other.value() })?;
        Ok(())
    }

    /// The sum, rounded once.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the one rounding of a sum")]
    pub fn value(self) -> f64 {
        self.0 as f64 / UNITS
    }

    /// Whether nothing but zeros came together.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(super) fn units(self) -> i128 {
        self.0
    }

    pub(super) fn from_units(units: i128) -> Self {
        Self(units)
    }
}
