//! Statistics of sample surveys: plausible values, replicate weights, sample designs.
//!
//! A *sample* takes observations one by one, is merged with others, travels as bytes and answers
//! [`Estimate`]s at its end. Its sums are exact ([`ExactSum`]), so that the order of rows and the way
//! they are split over threads change no bit of an answer.
//!
//! With M plausible values and G replicate weights, t(m, r) being the statistic of value m under weight
//! r and r = 0 the final weight:
//!
//! ```text
//! estimate     t = 1/M sum over m of t(m, 0)
//! sampling     V = 1/M sum over m of  c * sum over r of (t(m, r) - t(m, 0))^2,  c of the Method
//! imputation   B = (1 + 1/M) * 1/(M - 1) sum over m of (t(m, 0) - t)^2
//! se           sqrt(V + B)
//! ```
//!
//! Source: OECD, PISA Data Analysis Manual, chapters 7 and 8; IEA, methods and procedures of TIMSS and
//! PIRLS; Rubin (1987) for the combination. Numbers of values and of replicates come from the data.
//!
//! What is left out and what is refused: an observation without value, weight or replicate weights is
//! left out (so are regression rows without a predictor); some plausible values without the others, a
//! negative or infinite number, or lists that change their length are errors. `n` counts what was used.
//! A standard error is `None` for fewer than two observations, without replicates, and where a
//! replicate has no weight in the domain, because then it cannot be estimated.

mod additive;
mod between;
mod bytes;
mod combine;
mod design;
mod error;
mod exact;
mod head;
mod method;
mod quantile;
mod regression;
mod sample;
#[cfg(test)]
mod tests;

pub use combine::Estimate;
pub use design::{DesignSample, LonelyUnit, Unit};
pub use error::SurveyError;
pub use exact::ExactSum;
pub use method::Method;
pub use sample::{Observation, Sample, Statistic};

/// Standard error of the change of a mean between two cycles of a study, the link error of their scales
/// included: `sqrt(first^2 + second^2 + link^2)`; the samples are independent.
///
/// # Source
/// OECD, PISA technical reports, chapter on scaling outcomes, "linking error".
#[must_use]
pub fn trend_error(first: f64, second: f64, link: f64) -> f64 {
    (first * first + second * second + link * link).sqrt()
}
