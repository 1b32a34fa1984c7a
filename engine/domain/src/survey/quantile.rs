//! Weighted quantiles; they need the observations themselves.

use super::bytes::{Decoder, Encoder};
use super::error::SurveyError;
use super::exact::ExactSum;
use super::head::Setting;
use super::sample::Observation;

/// Two cumulative weights this near, as a part of the total, are the same.
const SAME: f64 = 1e-12;

/// Values and weights of every observation.
///
/// The quantile p is the smallest value up to which at least the part p of the weight lies; where
/// exactly p lies up to it, the mean of it and the next value: the inverse of the weighted distribution
/// function with averaging (definition 5 of SAS, type 2 of Hyndman and Fan, `_pctile` of Stata), in use
/// at the OECD. Values of no weight under a replicate do not count under it.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Rows {
    pub(super) fn add(&mut self, observation: &Observation<'_>) {
        self.values.extend(observation.values);
        self.weights.push(observation.weight);
        self.weights.extend(observation.replicates);
    }

    pub(super) fn merge(&mut self, from: &mut Decoder<'_>) -> Result<(), SurveyError> {
        self.values.extend(from.numbers()?);
        self.weights.extend(from.numbers()?);
        Ok(())
    }

    pub(super) fn encode(&self, to: &mut Encoder) {
        to.numbers(&self.values);
        to.numbers(&self.weights);
    }

    /// Per value and weight.
    pub(super) fn statistics(&self, setting: &Setting) -> Vec<Vec<Option<f64>>> {
        let width = setting.replicates + 1;
        let count = self.weights.len() / width;
        let mut order: Vec<usize> = (0..count).collect();
        let mut table = Vec::with_capacity(setting.values * width);
        for place in 0..setting.values {
            let value = |row: usize| self.values[row * setting.values + place];
            order.sort_unstable_by(|a, b| value(*a).total_cmp(&value(*b)));
            for weight in 0..width {
                let pairs = order.iter().map(|row| (value(*row), self.weights[row * width + weight]));
                table.push(vec![quantile(setting.parameter, pairs)]);
            }
        }
        table
    }

    pub(super) fn fits(&self, setting: &Setting) -> bool {
        let width = setting.replicates + 1;
        self.weights.len().is_multiple_of(width)
            && self.values.len() == self.weights.len() / width * setting.values
    }

    pub(super) fn size(&self) -> usize {
        (self.values.capacity() + self.weights.capacity()) * size_of::<f64>()
    }
}

/// The quantile of pairs (value, weight) in order of value; the order of ties does not matter.
fn quantile(part: f64, pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let mut total = ExactSum::default();
    for (_, weight) in pairs.clone() {
        total.add(weight).ok()?;
    }
    let total = total.value();
    let target = part * total;
    let mut up_to = ExactSum::default();
    let mut last = None;
    for (value, weight) in pairs.filter(|(_, weight)| *weight > 0.0) {
        if let Some(last) = last
            && last < value
        {
            let reached = up_to.value() - target;
            if reached.abs() <= SAME * total && part > 0.0 {
                return Some(f64::midpoint(last, value));
            }
            if reached > 0.0 {
                return Some(last);
            }
        }
        up_to.add(weight).ok()?;
        last = Some(value);
    }
    last
}
