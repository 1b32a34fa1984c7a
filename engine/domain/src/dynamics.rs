//! Change of an indicator over years.
//!
//! Owns the arithmetic of change. It does not decide whether two years may be
//! compared (definitions, vintages of territory and breaks do), nor does it round.

use crate::error::DomainError;
use crate::year::Year;

/// One year's value; `None` when the year is unreported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Reporting year.
    pub year: Year,
    /// Value in the indicator's own unit.
    pub value: Option<f64>,
}

/// Change between two years; every part has its own NULL policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Difference in the indicator's unit (percentage points for percents); `None`
    /// if either year is unreported.
    pub absolute: Option<f64>,
    /// Difference as percent of the earlier value's magnitude; `None` if either year
    /// is unreported or the earlier value is zero.
    pub percent: Option<f64>,
    /// Compound growth a year, in percent; `None` if either year is unreported, the
    /// earlier value is not above zero, or the later one is below zero.
    pub annual_growth_percent: Option<f64>,
}

impl Change {
    /// Change from `earlier` to `later`.
    ///
    /// # Errors
    /// [`DomainError::UnorderedYears`] when the first year is not before the second.
    ///
    /// # Source
    /// Dynamics rules of the indicator catalogue (1.15).
    pub fn between(earlier: Observation, later: Observation) -> Result<Self, DomainError> {
        let span = earlier.year.years_until(later.year);
        if span <= 0 {
            return Err(DomainError::UnorderedYears { first: earlier.year, second: later.year });
        }
        let both = earlier.value.zip(later.value);
        Ok(Self {
            absolute: both.map(|(from, to)| to - from),
            percent: both.filter(|(from, _)| *from != 0.0).map(|(from, to)| 100.0 * (to - from) / from.abs()),
            annual_growth_percent: both
                .filter(|(from, to)| *from > 0.0 && *to >= 0.0)
                .map(|(from, to)| 100.0 * ((to / from).powf(1.0 / f64::from(span)) - 1.0)),
        })
    }
}

/// Value as an index of the base year's value, which is 100.
///
/// `None` if either is unreported or the base is zero.
#[must_use]
pub fn index_to_base(base: Option<f64>, value: Option<f64>) -> Option<f64> {
    base.zip(value).filter(|(base, _)| *base != 0.0).map(|(base, value)| 100.0 * value / base)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]
    #![allow(clippy::float_cmp, reason = "the expected values are exact")]

    use super::*;
    use proptest::prelude::*;

    fn at(year: i32, value: Option<f64>) -> Observation {
        Observation { year: Year::try_from(year).unwrap(), value }
    }

    fn change(from: Option<f64>, to: Option<f64>, span: i32) -> Change {
        Change::between(at(2020, from), at(2020 + span, to)).unwrap()
    }

    #[test]
    fn doubling_in_one_year() {
        let doubled = change(Some(50.0), Some(100.0), 1);
        assert_eq!(doubled.absolute, Some(50.0));
        assert_eq!(doubled.percent, Some(100.0));
        assert_eq!(doubled.annual_growth_percent, Some(100.0));
    }

    #[test]
    fn growth_is_compound() {
        let grown = change(Some(100.0), Some(121.0), 2);
        assert!((grown.annual_growth_percent.unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(grown.percent, Some(21.0));
    }

    #[test]
    fn from_zero_there_is_a_difference_and_no_growth() {
        let new = change(Some(0.0), Some(3.0), 1);
        assert_eq!(new.absolute, Some(3.0));
        assert_eq!(new.percent, None);
        assert_eq!(new.annual_growth_percent, None);
        let gone = change(Some(3.0), Some(0.0), 1);
        assert_eq!(gone.annual_growth_percent, Some(-100.0));
    }

    #[test]
    fn a_negative_start_grows_upwards() {
        let risen = change(Some(-4.0), Some(-2.0), 1);
        assert_eq!(risen.percent, Some(50.0));
        assert_eq!(risen.annual_growth_percent, None);
    }

    #[test]
    fn an_unreported_year_has_no_change() {
        for missing in [change(None, Some(1.0), 1), change(Some(1.0), None, 1)] {
            assert_eq!(missing.absolute, None);
            assert_eq!(missing.percent, None);
            assert_eq!(missing.annual_growth_percent, None);
        }
        assert_eq!(index_to_base(None, Some(1.0)), None);
        assert_eq!(index_to_base(Some(0.0), Some(1.0)), None);
        assert_eq!(index_to_base(Some(8.0), Some(10.0)), Some(125.0));
    }

    #[test]
    fn years_run_forward() {
        let refused = Change::between(at(2021, Some(1.0)), at(2021, Some(2.0)));
        assert!(matches!(refused, Err(DomainError::UnorderedYears { .. })));
    }

    proptest! {
        #[test]
        fn growth_compounds_back_to_the_later_value(from in 0.1_f64..1e6, to in 0.0_f64..1e6, span in 1_i32..30) {
            let growth = change(Some(from), Some(to), span).annual_growth_percent.unwrap();
            let back = from * (1.0 + growth / 100.0).powi(span);
            prop_assert!((back - to).abs() <= 1e-6 * to.max(1.0));
        }

        #[test]
        fn signs_agree(from in 0.1_f64..1e6, to in 0.1_f64..1e6) {
            let change = change(Some(from), Some(to), 3);
            let up = to > from;
            prop_assert_eq!(change.absolute.unwrap() > 0.0, up);
            prop_assert_eq!(change.percent.unwrap() > 0.0, up);
        }
    }
}
