//! What is wrong with the rows of a sample survey.

/// A row, or the argument of a statistic, that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// Rows of one group with different numbers of list elements.
    #[error("a row has {found} {what} where earlier rows of the group have {expected}")]
    Length {
        /// Plausible values, replicate weights or predictors.
        what: &'static str,
        /// Of this row.
        found: usize,
        /// Of the rows before.
        expected: usize,
    },
    /// A list that holds some of its elements only.
    #[error("a row lacks element {position} of its {what}; all of them must be there, or none")]
    Incomplete {
        /// Plausible values or replicate weights.
        what: &'static str,
        /// Counted from 1.
        position: usize,
    },
    /// A number that is infinite or no number.
    #[error("a {what} is {value}, not a finite number")]
    NotFinite {
        /// What it is.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// A weight below zero.
    #[error("a {what} is {value}; weights are not negative")]
    NegativeWeight {
        /// Which weight.
        what: &'static str,
        /// The weight.
        value: f64,
    },
    /// A method of variance that is not known.
    #[error(
        "the method {text:?} is not known; give brr, fay (k = 0.5), fay:<k>, jk1, jk2, jk2_both, bootstrap, \
         or the factor of the sum of squares as a number above zero"
    )]
    UnknownMethod {
        /// As given.
        text: String,
    },
    /// An answer to strata of one sampling unit that is not known.
    #[error("{text:?} says nothing about strata of one sampling unit; give unknown, certainty or centred")]
    UnknownLonelyUnit {
        /// As given.
        text: String,
    },
    /// An argument that must be one for the whole group.
    #[error("the {what} changes within a group, from {before} to {after}; group by what it depends on")]
    Changes {
        /// Which argument.
        what: &'static str,
        /// Of the rows before.
        before: String,
        /// Of this row.
        after: String,
    },
    /// A quantile outside of 0..=1.
    #[error("the quantile {value} is outside 0..=1")]
    Quantile {
        /// As given.
        value: f64,
    },
    /// More than exact sums hold.
    #[error(
        "a sum of {value} is beyond 4.6e18, the limit of exact sums; give weights or values in a larger unit"
    )]
    TooLarge {
        /// What was added.
        value: f64,
    },
    /// Bytes that are no sample.
    #[error("the bytes of a partial result are cut or foreign: {reason}")]
    State {
        /// What was expected.
        reason: &'static str,
    },
}
