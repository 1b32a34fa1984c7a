//! The share of the variance that lies between clusters, schools above all.

use std::collections::BTreeMap;

use super::bytes::{Decoder, Encoder};
use super::error::SurveyError;
use super::exact::ExactSum;
use super::head::Setting;
use super::sample::Observation;

/// Sums of every cluster: for the final and each replicate weight the count, the weight, and for each
/// value that of it and of its square.
///
/// Variances are those of the one-way random effects model by the method of moments. Weights are scaled
/// to the number n of observations; with J clusters of weights `W_j`:
///
/// ```text
/// within   s_w = sum of w (y - mean_j)^2 / (n - J)
/// between  s_b = (sum of W_j (mean_j - mean)^2 / (J - 1) - s_w) / n_0,  n_0 = (n - sum of W_j^2 / n) / (J - 1)
/// share    s_b / (s_b + s_w); an s_b below zero is zero
/// ```
///
/// `None` for fewer than two clusters, or where every cluster has one observation.
#[derive(Debug, Clone, Default)]
pub(super) struct Clusters {
    clusters: BTreeMap<String, Vec<ExactSum>>,
}

impl Clusters {
    pub(super) fn add(&mut self, observation: &Observation<'_>) -> Result<(), SurveyError> {
        let width = 2 + 2 * observation.values.len();
        if !self.clusters.contains_key(observation.cluster) {
            let sums = vec![ExactSum::default(); width * (observation.replicates.len() + 1)];
            self.clusters.insert(observation.cluster.to_owned(), sums);
        }
        let Some(sums) = self.clusters.get_mut(observation.cluster) else { return Ok(()) };
        let weights = std::iter::once(&observation.weight).chain(observation.replicates);
        for (sums, weight) in sums.chunks_exact_mut(width).zip(weights) {
            if *weight > 0.0 {
                sums[0].add(1.0)?;
                sums[1].add(*weight)?;
                for (pair, value) in sums[2..].chunks_exact_mut(2).zip(observation.values) {
                    pair[0].add(weight * value)?;
                    pair[1].add(weight * value * value)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, from: &mut Decoder<'_>) -> Result<(), SurveyError> {
        for _ in 0..from.size()? {
            let (name, other) = (from.text()?, from.sums()?);
            match self.clusters.get_mut(name) {
                None => {
                    self.clusters.insert(name.to_owned(), other);
                }
                Some(sums) if sums.len() == other.len() => {
                    sums.iter_mut().zip(other).try_for_each(|(sum, other)| sum.merge(other))?;
                }
                Some(_) => return Err(SurveyError::State { reason: "sums of another shape" }),
            }
        }
        Ok(())
    }

    pub(super) fn encode(&self, to: &mut Encoder) {
        to.size(self.clusters.len());
        for (name, sums) in &self.clusters {
            to.text(name);
            to.sums(sums);
        }
    }

    /// Per value and weight.
    pub(super) fn statistics(&self, setting: &Setting) -> Vec<Vec<Option<f64>>> {
        let width = 2 + 2 * setting.values;
        let mut table = Vec::with_capacity(setting.values * (setting.replicates + 1));
        for value in 0..setting.values {
            for weight in 0..=setting.replicates {
                let of_cluster = self.clusters.values().map(|sums| {
                    let own = &sums[weight * width..];
                    [own[0], own[1], own[2 + 2 * value], own[3 + 2 * value]].map(ExactSum::value)
                });
                table.push(vec![share(of_cluster.filter(|own| own[1] > 0.0).collect())]);
            }
        }
        table
    }

    pub(super) fn fits(&self, setting: &Setting) -> bool {
        let length = (2 + 2 * setting.values) * (setting.replicates + 1);
        self.clusters.values().all(|sums| sums.len() == length)
    }

    pub(super) fn size(&self) -> usize {
        let one = |(name, sums): (&String, &Vec<ExactSum>)| name.len() + sums.len() * size_of::<ExactSum>();
        self.clusters.iter().map(one).sum()
    }
}

/// From (count, weight, weighted sum, weighted sum of squares) of every cluster.
#[expect(clippy::cast_precision_loss, reason = "clusters are counted in thousands")]
fn share(mut clusters: Vec<[f64; 4]>) -> Option<f64> {
    let n: f64 = clusters.iter().map(|own| own[0]).sum();
    let total: f64 = clusters.iter().map(|own| own[1]).sum();
    let count = clusters.len() as f64;
    if count < 2.0 || n <= count {
        return None;
    }
    for own in &mut clusters {
        own[1..].iter_mut().for_each(|sum| *sum *= n / total);
    }
    let mean = clusters.iter().map(|own| own[2]).sum::<f64>() / n;
    let squares: f64 = clusters.iter().map(|own| (own[3] - own[2] * own[2] / own[1]).max(0.0)).sum();
    let within = squares / (n - count);
    let spread: f64 = clusters.iter().map(|own| own[1] * (own[2] / own[1] - mean).powi(2)).sum();
    let size = (n - clusters.iter().map(|own| own[1] * own[1]).sum::<f64>() / n) / (count - 1.0);
    let between = ((spread / (count - 1.0) - within) / size).max(0.0);
    (between + within > 0.0).then(|| between / (between + within))
}
