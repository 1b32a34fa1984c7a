//! A sample with replicate weights: observations in, estimates out.

use super::additive::{self, Additive};
use super::between::Clusters;
use super::bytes::{Decoder, Encoder};
use super::combine::{Estimate, combine};
use super::error::SurveyError;
use super::head::Head;
use super::method::Method;
use super::quantile::Rows;

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// Weighted mean of plausible values.
    Mean,
    /// Weighted mean of what was observed: one value, no imputation.
    ObservedMean,
    /// Weighted share of those at or above the cut.
    ShareAbove,
    /// Weighted mean of the members less that of the others.
    Gap,
    /// Weighted least squares of the values on the predictors: intercept, slopes, R squared.
    Regression,
    /// Weighted quantile, see [`Rows`].
    Quantile,
    /// Share of the variance that lies between clusters, see [`Clusters`].
    BetweenShare,
}

/// One observation; what its statistic does not read is empty.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Plausible values, or the one value that was observed.
    pub values: &'a [f64],
    /// Final weight.
    pub weight: f64,
    /// Replicate weights.
    pub replicates: &'a [f64],
    /// How they were made; one for a group.
    pub method: Method,
    /// Cut of a share, quantile in 0..=1; one for a group.
    pub parameter: f64,
    /// Predictors of a regression, without the intercept.
    pub predictors: &'a [f64],
    /// Side of a gap.
    pub is_member: bool,
    /// School or other cluster.
    pub cluster: &'a str,
}

/// Observations of one group, or of a part of it.
#[derive(Debug, Clone)]
pub struct Sample {
    statistic: Statistic,
    head: Head,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Additive(Additive),
    Rows(Rows),
    Clusters(Clusters),
}

impl Sample {
    /// No observation yet.
    #[must_use]
    pub fn new(statistic: Statistic) -> Self {
        let body = match statistic {
            Statistic::Quantile => Body::Rows(Rows::default()),
            Statistic::BetweenShare => Body::Clusters(Clusters::default()),
            _ => Body::Additive(Additive::default()),
        };
        Self { statistic, head: Head::default(), body }
    }

    /// Take an observation.
    ///
    /// # Errors
    /// [`SurveyError`] when it cannot stand beside those before, or is not a number; the sample is of no
    /// use then.
    pub fn add(&mut self, observation: &Observation<'_>) -> Result<(), SurveyError> {
        if self.statistic == Statistic::Quantile && !(0.0..=1.0).contains(&observation.parameter) {
            return Err(SurveyError::Quantile { value: observation.parameter });
        }
        self.head.add(observation)?;
        match &mut self.body {
            Body::Additive(body) => body.add(self.statistic, observation),
            Body::Rows(body) => {
                body.add(observation);
                Ok(())
            }
            Body::Clusters(body) => body.add(observation),
        }
    }

    /// Take the observations of another part of the group.
    ///
    /// # Errors
    /// [`SurveyError::State`] for foreign bytes, and as [`Sample::add`].
    pub fn merge(&mut self, bytes: &[u8]) -> Result<(), SurveyError> {
        let mut from = Decoder::new(bytes);
        let other = Head::decode(&mut from)?;
        self.head.merge(&other)?;
        match &mut self.body {
            Body::Additive(body) => body.merge(&mut from)?,
            Body::Rows(body) => body.merge(&mut from)?,
            Body::Clusters(body) => body.merge(&mut from)?,
        }
        from.end()?;
        if self.fits() { Ok(()) } else { Err(SurveyError::State { reason: "sums of another shape" }) }
    }

    /// Whether what is held has the lengths that the head says; foreign bytes may not.
    fn fits(&self) -> bool {
        let Some(setting) = &self.head.setting else {
            return self.size() == 0;
        };
        match &self.body {
            Body::Additive(body) => body.fits(self.statistic, setting),
            Body::Rows(body) => body.fits(setting),
            Body::Clusters(body) => body.fits(setting),
        }
    }

    /// The partial result, for [`Sample::merge`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Encoder::default();
        self.head.encode(&mut to);
        match &self.body {
            Body::Additive(body) => body.encode(&mut to),
            Body::Rows(body) => body.encode(&mut to),
            Body::Clusters(body) => body.encode(&mut to),
        }
        to.finish()
    }

    /// The estimates: one, or those of a regression by name of the coefficient: `intercept`, `x1`, `x2`,
    /// ..., `r2`. Without any observation one that knows nothing; a regression then has no coefficient.
    #[must_use]
    pub fn estimates(&self) -> Vec<(String, Estimate)> {
        let Some(setting) = &self.head.setting else {
            return match self.statistic {
                Statistic::Regression => Vec::new(),
                _ => vec![(String::new(), Estimate::default())],
            };
        };
        let table = match &self.body {
            Body::Additive(body) => body.statistics(self.statistic, setting),
            Body::Rows(body) => body.statistics(setting),
            Body::Clusters(body) => body.statistics(setting),
        };
        let is_imputed = self.statistic != Statistic::ObservedMean;
        let width = setting.replicates + 1;
        let names = additive::names(self.statistic, setting.predictors);
        names
            .into_iter()
            .enumerate()
            .map(|(place, name)| {
                let one = |value: usize, replicate: usize| table[value * width + replicate][place];
                (name, combine(&self.head, is_imputed, one))
            })
            .collect()
    }

    /// Bytes held on the heap, about.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.body {
            Body::Additive(body) => body.size(),
            Body::Rows(body) => body.size(),
            Body::Clusters(body) => body.size(),
        }
    }
}
