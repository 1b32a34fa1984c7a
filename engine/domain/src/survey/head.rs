//! What every sample with replicate weights knows of its observations.

use super::bytes::{Decoder, Encoder};
use super::error::SurveyError;
use super::exact::ExactSum;
use super::method::Method;
use super::sample::Observation;

/// Count, weights, lengths and settings of a group; empty until the first observation.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) n: u64,
    weight: ExactSum,
    weight_squares: ExactSum,
    pub(super) setting: Option<Setting>,
}

/// What is one for a whole group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) method: Method,
    /// Cut or quantile.
    pub(super) parameter: f64,
    /// Plausible values, replicate weights and predictors of an observation.
    pub(super) values: usize,
    pub(super) replicates: usize,
    pub(super) predictors: usize,
}

impl Setting {
    fn check(&self, next: &Self) -> Result<(), SurveyError> {
        let lengths = [
            ("plausible values", self.values, next.values),
            ("replicate weights", self.replicates, next.replicates),
            ("predictors", self.predictors, next.predictors),
        ];
        for (what, expected, found) in lengths {
            if found != expected {
                return Err(SurveyError::Length { what, found, expected });
            }
        }
        let changes = |what, before: String, after: String| SurveyError::Changes { what, before, after };
        if self.method != next.method {
            return Err(changes("method", self.method.to_string(), next.method.to_string()));
        }
        if self.parameter.to_bits() != next.parameter.to_bits() {
            return Err(changes("cut or quantile", self.parameter.to_string(), next.parameter.to_string()));
        }
        Ok(())
    }
}

impl Head {
    /// Take the weights and lengths of an observation; nothing is taken of one that is refused.
    pub(super) fn add(&mut self, observation: &Observation<'_>) -> Result<(), SurveyError> {
        let next = Setting {
            method: observation.method,
            parameter: observation.parameter,
            values: observation.values.len(),
            replicates: observation.replicates.len(),
            predictors: observation.predictors.len(),
        };
        match &self.setting {
            Some(setting) => setting.check(&next)?,
            None => self.setting = Some(next),
        }
        finite("value", observation.values)?;
        finite("predictor", observation.predictors)?;
        weights("final weight", &[observation.weight])?;
        weights("replicate weight", observation.replicates)?;
        // A final weight of zero is no observation, but its replicate weights are used.
        self.n += u64::from(observation.weight > 0.0);
        self.weight.add(observation.weight)?;
        self.weight_squares.add(observation.weight * observation.weight)
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), SurveyError> {
        match (&self.setting, &other.setting) {
            (Some(setting), Some(next)) => setting.check(next)?,
            (None, Some(next)) => self.setting = Some(next.clone()),
            _ => {}
        }
        self.n += other.n;
        self.weight.merge(other.weight)?;
        self.weight_squares.merge(other.weight_squares)
    }

    /// Effective sample size by the weights alone (Kish): (sum of w)^2 / sum of w^2.
    pub(super) fn n_effective(&self) -> Option<f64> {
        let squares = self.weight_squares.value();
        (squares > 0.0).then(|| self.weight.value().powi(2) / squares)
    }

    pub(super) fn encode(&self, to: &mut Encoder) {
        to.count(self.n);
        to.sum(self.weight);
        to.sum(self.weight_squares);
        to.count(u64::from(self.setting.is_some()));
        if let Some(setting) = &self.setting {
            to.text(&setting.method.to_string());
            to.number(setting.parameter);
            to.size(setting.values);
            to.size(setting.replicates);
            to.size(setting.predictors);
        }
    }

    pub(super) fn decode(from: &mut Decoder<'_>) -> Result<Self, SurveyError> {
        let (n, weight, weight_squares) = (from.count()?, from.sum()?, from.sum()?);
        let setting = match from.count()? {
            0 => None,
            _ => Some(Setting {
                method: from.text()?.parse()?,
                parameter: from.number()?,
                values: from.size()?,
                replicates: from.size()?,
                predictors: from.size()?,
            }),
        };
        Ok(Self { n, weight, weight_squares, setting })
    }
}

fn finite(what: &'static str, numbers: &[f64]) -> Result<(), SurveyError> {
    match numbers.iter().find(|number| !number.is_finite()) {
        Some(&value) => Err(SurveyError::NotFinite { what, value }),
        None => Ok(()),
    }
}

/// Finite and not negative.
pub(super) fn weights(what: &'static str, weights: &[f64]) -> Result<(), SurveyError> {
    finite(what, weights)?;
    match weights.iter().find(|weight| **weight < 0.0) {
        Some(&value) => Err(SurveyError::NegativeWeight { what, value }),
        None => Ok(()),
    }
}
