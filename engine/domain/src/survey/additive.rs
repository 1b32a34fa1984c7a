//! Statistics that are functions of weighted sums: means, shares, gaps, regressions.

use super::bytes::{Decoder, Encoder};
use super::error::SurveyError;
use super::exact::ExactSum;
use super::head::Setting;
use super::regression;
use super::sample::{Observation, Statistic};

/// For the final and every replicate weight: sums of the terms that no value enters, then for each
/// value those of the terms that it does.
#[derive(Debug, Clone, Default)]
pub(super) struct Additive {
    sums: Vec<ExactSum>,
    /// Terms of the observation at hand, kept for their memory.
    terms: Vec<f64>,
}

/// Number of terms without and with a value.
fn shape(statistic: Statistic, predictors: usize) -> (usize, usize) {
    match statistic {
        Statistic::Gap => (2, 2),
        Statistic::Regression => regression::shape(predictors),
        _ => (1, 1),
    }
}

/// Names of what a statistic estimates.
pub(super) fn names(statistic: Statistic, predictors: usize) -> Vec<String> {
    match statistic {
        Statistic::Regression => {
            let slopes = (1..=predictors).map(|place| format!("x{place}"));
            std::iter::once("intercept".to_owned()).chain(slopes).chain(["r2".to_owned()]).collect()
        }
        _ => vec![String::new()],
    }
}

impl Additive {
    pub(super) fn add(
        &mut self,
        statistic: Statistic,
        observation: &Observation<'_>,
    ) -> Result<(), SurveyError> {
        terms(statistic, observation, &mut self.terms);
        let width = self.terms.len();
        if self.sums.is_empty() {
            self.sums.resize(width * (observation.replicates.len() + 1), ExactSum::default());
        }
        let weights = std::iter::once(&observation.weight).chain(observation.replicates);
        for (sums, weight) in self.sums.chunks_exact_mut(width).zip(weights) {
            if *weight > 0.0 {
                for (sum, term) in sums.iter_mut().zip(&self.terms) {
                    sum.add(weight * term)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, from: &mut Decoder<'_>) -> Result<(), SurveyError> {
        let other = from.sums()?;
        if self.sums.is_empty() {
            self.sums = other;
            return Ok(());
        }
        if !other.is_empty() && other.len() != self.sums.len() {
            return Err(SurveyError::State { reason: "sums of another shape" });
        }
        self.sums.iter_mut().zip(other).try_for_each(|(sum, other)| sum.merge(other))
    }

    pub(super) fn encode(&self, to: &mut Encoder) {
        to.sums(&self.sums);
    }

    /// Per value and weight, the statistics in the order of [`names`].
    pub(super) fn statistics(&self, statistic: Statistic, setting: &Setting) -> Vec<Vec<Option<f64>>> {
        let (base, per_value) = shape(statistic, setting.predictors);
        let width = base + per_value * setting.values;
        let sums: Vec<f64> = self.sums.iter().map(|sum| sum.value()).collect();
        let mut table = Vec::with_capacity(setting.values * (setting.replicates + 1));
        for value in 0..setting.values {
            for of_weight in sums.chunks_exact(width) {
                let start = base + value * per_value;
                let (base, own) = (&of_weight[..base], &of_weight[start..start + per_value]);
                table.push(match statistic {
                    Statistic::Regression => regression::solve(setting.predictors, base, own),
                    Statistic::Gap => {
                        let gap = ratio(own[0], base[0]).zip(ratio(own[1], base[1]));
                        vec![gap.map(|(members, others)| members - others)]
                    }
                    _ => vec![ratio(own[0], base[0])],
                });
            }
        }
        table
    }

    pub(super) fn fits(&self, statistic: Statistic, setting: &Setting) -> bool {
        let (base, per_value) = shape(statistic, setting.predictors);
        self.sums.len() == (base + per_value * setting.values) * (setting.replicates + 1)
    }

    pub(super) fn size(&self) -> usize {
        self.sums.capacity() * size_of::<ExactSum>() + self.terms.capacity() * size_of::<f64>()
    }
}

/// The terms of an observation before they are weighted.
fn terms(statistic: Statistic, observation: &Observation<'_>, terms: &mut Vec<f64>) {
    terms.clear();
    match statistic {
        Statistic::ShareAbove => {
            terms.push(1.0);
            terms.extend(observation.values.iter().map(|value| indicator(*value >= observation.parameter)));
        }
        Statistic::Gap => {
            let (member, other) = (indicator(observation.is_member), indicator(!observation.is_member));
            terms.extend([member, other]);
            terms.extend(observation.values.iter().flat_map(|value| [member * value, other * value]));
        }
        Statistic::Regression => regression::terms(observation.predictors, observation.values, terms),
        _ => {
            terms.push(1.0);
            terms.extend(observation.values);
        }
    }
}

fn indicator(is_true: bool) -> f64 {
    f64::from(u8::from(is_true))
}

fn ratio(above: f64, below: f64) -> Option<f64> {
    (below > 0.0).then(|| above / below)
}
