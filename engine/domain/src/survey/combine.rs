//! From statistics of every value and replicate to an estimate with its errors.

use super::head::Head;

/// An estimate of a sample survey.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// The estimate; `None` without observations of positive weight.
    pub estimate: Option<f64>,
    /// Its standard error, both parts together.
    pub se: Option<f64>,
    /// The part of the sample.
    pub se_sampling: Option<f64>,
    /// The part of the imputation: zero for what was observed, `None` for a single plausible value, from
    /// which it cannot be estimated; `se` is then the part of the sample alone.
    pub se_imputation: Option<f64>,
    /// Observations used.
    pub n: u64,
    /// Effective number of them by their weights (Kish).
    pub n_effective: Option<f64>,
}

/// Combine `statistic(value, replicate)`; replicate 0 is the final weight.
#[expect(clippy::cast_precision_loss, reason = "plausible values are few")]
pub(super) fn combine(
    head: &Head,
    is_imputed: bool,
    statistic: impl Fn(usize, usize) -> Option<f64>,
) -> Estimate {
    let unknown = Estimate { n: head.n, n_effective: head.n_effective(), ..Estimate::default() };
    let Some(setting) = &head.setting else { return unknown };
    let finals: Option<Vec<f64>> = (0..setting.values).map(|value| statistic(value, 0)).collect();
    let Some(finals) = finals.filter(|finals| !finals.is_empty()) else { return unknown };
    let count = finals.len() as f64;
    let estimate = finals.iter().sum::<f64>() / count;
    let answer = Estimate { estimate: Some(estimate), ..unknown };
    if head.n < 2 {
        return answer;
    }
    let imputation = match (is_imputed, finals.len()) {
        (false, _) => Some(0.0),
        (true, 1) => None,
        (true, _) => {
            let squares: f64 = finals.iter().map(|one| (one - estimate).powi(2)).sum();
            Some((1.0 + 1.0 / count) * squares / (count - 1.0))
        }
    };
    let of_value = |value: usize| -> Option<f64> {
        let squares: Option<f64> = (1..=setting.replicates)
            .map(|replicate| statistic(value, replicate).map(|one| (one - finals[value]).powi(2)))
            .sum();
        Some(setting.method.factor(setting.replicates) * squares?)
    };
    let sampling = match setting.replicates {
        0 => None,
        _ => (0..setting.values).map(of_value).sum::<Option<f64>>().map(|sum| sum / count),
    };
    Estimate {
        se: sampling.map(|sampling| (sampling + imputation.unwrap_or(0.0)).sqrt()),
        se_sampling: sampling.map(f64::sqrt),
        se_imputation: imputation.map(f64::sqrt),
        ..answer
    }
}
