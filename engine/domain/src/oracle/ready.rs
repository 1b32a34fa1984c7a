//! Indicators that are no fraction of two sums: their value itself.

use super::cell::Cell;
use super::input::{Parameters, Records};
use super::select::Selection;
use super::{access, admission, discrepancy, factor, finance, sample};
use crate::codes::code_list;

code_list! {
    /// Indicators whose value is not one sum over another.
    Ready, "ready indicator" {
        /// School life expectancy.
        Acc12 = "ACC-12",
        /// Government expenditure on education of the product.
        Fin01 = "FIN-01",
        /// Education in government expenditure.
        Fin02 = "FIN-02",
        /// Expenditure per learner.
        Fin03 = "FIN-03",
        /// The same in constant prices.
        Fin03Real = "FIN-03-REAL",
        /// Expenditure per learner, of the product per inhabitant.
        Fin04 = "FIN-04",
        /// Salaries in current expenditure.
        Fin05 = "FIN-05",
        /// Inequality of spending between districts.
        Fin06 = "FIN-06",
        /// State order in private organisations.
        Fin07 = "FIN-07",
        /// Relative salary.
        Tch09 = "TCH-09",
        /// Contribution of factors.
        Fac01 = "FAC-01",
        /// Deviation of best totals.
        Unt03Sd = "UNT-03-SD",
        /// Tenth of best totals.
        Unt03P10 = "UNT-03-P10",
        /// Middle of best totals.
        Unt03P50 = "UNT-03-P50",
        /// Nine tenths of best totals.
        Unt03P90 = "UNT-03-P90",
        /// Marks beside the admission test.
        Grd03 = "GRD-03",
        /// Mean score of the monitoring study.
        Mon01 = "MON-01",
        /// Share at the medium level or above.
        Mon02 = "MON-02",
        /// Satisfaction.
        Soc01 = "SOC-01",
        /// Bullying.
        Soc03 = "SOC-03",
        /// Discrepancy of two sources.
        Gov08 = "GOV-08",
    }
}

/// The value of `indicator` in `cell`, in its unit and not rounded; `None` without one.
#[must_use]
pub fn ready_value(indicator: Ready, cell: &Cell, records: &Records, parameters: &Parameters) -> Option<f64> {
    let selection = Selection::new(cell, records, parameters);
    match indicator {
        Ready::Acc12 => access::school_life_expectancy(&selection),
        Ready::Fin01 => finance::share(&selection, "expenditure", "grp"),
        Ready::Fin02 => finance::share(&selection, "expenditure", "government_expenditure"),
        Ready::Fin03 => finance::per_learner(&selection),
        Ready::Fin03Real => finance::per_learner_in_constant_prices(&selection),
        Ready::Fin04 => finance::per_learner_of_product(&selection),
        Ready::Fin05 => finance::share(&selection, "staff_compensation", "expenditure_current"),
        Ready::Fin06 => finance::inequality(&selection),
        Ready::Fin07 => finance::private_state_order(&selection),
        Ready::Tch09 => finance::relative_salary(&selection),
        Ready::Fac01 => factor::contribution(&selection),
        Ready::Unt03Sd => admission::deviation(&selection),
        Ready::Unt03P10 => admission::percentile(&selection, 1),
        Ready::Unt03P50 => admission::percentile(&selection, 5),
        Ready::Unt03P90 => admission::percentile(&selection, 9),
        Ready::Gov08 => discrepancy::discrepancy(&selection),
        Ready::Grd03 => factor::mark_inflation(&selection),
        Ready::Mon01 | Ready::Mon02 | Ready::Soc01 | Ready::Soc03 => {
            sample::estimate(indicator, &selection).map(|estimate| estimate.value)
        }
    }
}

/// The standard error of `indicator` in `cell`, in its unit and not rounded; `None` for one without an error,
/// and where the design of the sample does not allow to estimate it.
#[must_use]
pub fn ready_error(indicator: Ready, cell: &Cell, records: &Records, parameters: &Parameters) -> Option<f64> {
    let selection = Selection::new(cell, records, parameters);
    match indicator {
        Ready::Mon01 | Ready::Mon02 | Ready::Soc01 | Ready::Soc03 => {
            sample::estimate(indicator, &selection).and_then(|estimate| estimate.error)
        }
        _ => None,
    }
}

/// A fraction of whole numbers.
pub(super) fn quotient(numerator: i64, denominator: i64) -> f64 {
    whole(numerator) / whole(denominator)
}

/// A whole number as one with fractions.
#[allow(clippy::cast_precision_loss, reason = "counts and sums of money are far below 2^53")]
pub(super) fn whole(value: i64) -> f64 {
    value as f64
}
