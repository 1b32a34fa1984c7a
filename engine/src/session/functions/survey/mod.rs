//! Aggregate functions of sample surveys over the formulas of `bilim_domain::survey`.
//!
//! ```text
//! pv_mean(values, weight, replicates, method)
//! pv_quantile(values, quantile, weight, replicates, method)
//! pv_share_above(values, cut, weight, replicates, method)
//! pv_gap(values, is_member, weight, replicates, method)
//! pv_regression(values, predictors, weight, replicates, method)
//! pv_between_share(values, cluster, weight, replicates, method)
//! weighted_mean_se(value, weight, replicates, method)
//! survey_mean(value, weight, stratum, psu [, lonely_units])
//! survey_ratio(above, below, weight, stratum, psu [, lonely_units])
//! ```
//!
//! `values`, `predictors` and `replicates` are lists of numbers, as long as the study has them; `method` is
//! `brr`, `fay`, `fay:<k>`, `jk1`, `jk2`, `jk2_both`, `bootstrap` or the factor of the sum of squares. The answer is
//! a struct `estimate, se, se_sampling, se_imputation, n, n_effective`; that of `pv_regression` a list of them with
//! the name of the `coefficient`. What is left out, what is NULL and what is an error: see the formulas.

mod argument;
mod linearised;
mod replicated;
mod result;

pub use linearised::Linearised;
pub use replicated::Replicated;
