//! Means and ratios of a stratified sample of units, by linearisation.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::bytes::{Decoder, Encoder};
use super::combine::Estimate;
use super::error::SurveyError;
use super::exact::ExactSum;
use super::head::weights;

/// What a stratum says in which one sampling unit was drawn: its variance cannot be estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LonelyUnit {
    /// The error is not known: `None`.
    #[default]
    Unknown,
    /// The unit was taken with certainty and adds nothing.
    Certainty,
    /// Its deviation is taken from the mean of all units, on the safe side.
    Centred,
}

impl FromStr for LonelyUnit {
    type Err = SurveyError;

    fn from_str(text: &str) -> Result<Self, SurveyError> {
        match text {
            "unknown" => Ok(Self::Unknown),
            "certainty" => Ok(Self::Certainty),
            "centred" => Ok(Self::Centred),
            _ => Err(SurveyError::UnknownLonelyUnit { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for LonelyUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "unknown",
            Self::Certainty => "certainty",
            Self::Centred => "centred",
        })
    }
}

/// One observation of a design.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// Value above and below the line; the mean of a value has 1 below. `None` = drawn, but not of the
    /// domain or without an answer: it adds nothing, its sampling unit stays in the design.
    pub ratio: Option<(f64, f64)>,
    /// Final weight.
    pub weight: f64,
    /// Stratum.
    pub stratum: &'a str,
    /// Primary sampling unit within the stratum.
    pub psu: &'a str,
    /// What lonely units say; one for a group.
    pub lonely: LonelyUnit,
}

/// Observations of one group, or of a part of it.
///
/// With R = sum of w y / sum of w x, every unit i of stratum h has z = sum of w (y - R x) / sum of w x, and
///
/// ```text
/// variance = sum over h of n_h / (n_h - 1) * sum over i of (z_hi - mean of z_h)^2
/// ```
///
/// Units are drawn with replacement within strata, which is on the safe side where they were not.
#[derive(Debug, Clone, Default)]
pub struct DesignSample {
    n: u64,
    weight: ExactSum,
    weight_squares: ExactSum,
    lonely: Option<LonelyUnit>,
    /// Weighted sums above and below the line by stratum and unit.
    units: BTreeMap<(String, String), [ExactSum; 2]>,
}

impl DesignSample {
    /// Take an observation.
    ///
    /// # Errors
    /// [`SurveyError`] for a negative or infinite weight, an infinite value, a changed `lonely`.
    pub fn add(&mut self, unit: &Unit<'_>) -> Result<(), SurveyError> {
        self.set(Some(unit.lonely))?;
        weights("weight", &[unit.weight])?;
        let key = (unit.stratum.to_owned(), unit.psu.to_owned());
        let sums = self.units.entry(key).or_default();
        if let Some((above, below)) = unit.ratio {
            for value in [above, below] {
                if !value.is_finite() {
                    return Err(SurveyError::NotFinite { what: "value", value });
                }
            }
            sums[0].add(unit.weight * above)?;
            sums[1].add(unit.weight * below)?;
            self.n += u64::from(unit.weight > 0.0);
            self.weight.add(unit.weight)?;
            self.weight_squares.add(unit.weight * unit.weight)?;
        }
        Ok(())
    }

    fn set(&mut self, lonely: Option<LonelyUnit>) -> Result<(), SurveyError> {
        match (self.lonely, lonely) {
            (Some(before), Some(after)) if before != after => Err(SurveyError::Changes {
                what: "answer to lonely units",
                before: before.to_string(),
                after: after.to_string(),
            }),
            (known, given) => {
                self.lonely = known.or(given);
                Ok(())
            }
        }
    }

    /// Take the observations of another part of the group.
    ///
    /// # Errors
    /// [`SurveyError::State`] for foreign bytes, and as [`DesignSample::add`].
    pub fn merge(&mut self, bytes: &[u8]) -> Result<(), SurveyError> {
        let mut from = Decoder::new(bytes);
        self.n += from.count()?;
        self.weight.merge(from.sum()?)?;
        self.weight_squares.merge(from.sum()?)?;
        let lonely = from.text()?;
        self.set(if lonely.is_empty() { None } else { Some(lonely.parse()?) })?;
        for _ in 0..from.size()? {
            let key = (from.text()?.to_owned(), from.text()?.to_owned());
            let sums = self.units.entry(key).or_default();
            for sum in sums {
                sum.merge(from.sum()?)?;
            }
        }
        from.end()
    }

    /// The partial result, for [`DesignSample::merge`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Encoder::default();
        to.count(self.n);
        to.sum(self.weight);
        to.sum(self.weight_squares);
        to.text(&self.lonely.map(|lonely| lonely.to_string()).unwrap_or_default());
        to.size(self.units.len());
        for ((stratum, psu), sums) in &self.units {
            to.text(stratum);
            to.text(psu);
            for sum in sums {
                to.sum(*sum);
            }
        }
        to.finish()
    }

    /// The estimate; there is no imputation.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let squares = self.weight_squares.value();
        let n_effective = (squares > 0.0).then(|| self.weight.value().powi(2) / squares);
        let unknown = Estimate { n: self.n, n_effective, ..Estimate::default() };
        let mut totals = [ExactSum::default(); 2];
        for sums in self.units.values() {
            for (total, sum) in totals.iter_mut().zip(sums) {
                if total.merge(*sum).is_err() {
                    return unknown;
                }
            }
        }
        let [above, below] = totals.map(ExactSum::value);
        if below == 0.0 {
            return unknown;
        }
        let ratio = above / below;
        let se = if self.n < 2 { None } else { self.variance(ratio, below).map(f64::sqrt) };
        Estimate { estimate: Some(ratio), se, se_sampling: se, se_imputation: se.map(|_| 0.0), ..unknown }
    }

    #[expect(clippy::cast_precision_loss, reason = "sampling units are counted in thousands")]
    fn variance(&self, ratio: f64, below: f64) -> Option<f64> {
        let mut strata: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for ((stratum, _), sums) in &self.units {
            let deviation = (sums[0].value() - ratio * sums[1].value()) / below;
            strata.entry(stratum).or_default().push(deviation);
        }
        let unit_mean = strata.values().flatten().sum::<f64>() / self.units.len() as f64;
        let mut variance = 0.0;
        for deviations in strata.values() {
            let count = deviations.len() as f64;
            let about = |mean: f64| deviations.iter().map(|z| (z - mean).powi(2)).sum::<f64>();
            variance += match (deviations.len(), self.lonely.unwrap_or_default()) {
                (1, LonelyUnit::Unknown) => return None,
                (1, LonelyUnit::Certainty) => 0.0,
                (1, LonelyUnit::Centred) => about(unit_mean),
                _ => count / (count - 1.0) * about(deviations.iter().sum::<f64>() / count),
            };
        }
        Some(variance)
    }

    /// Bytes held on the heap, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.units.keys().map(|(stratum, psu)| stratum.len() + psu.len() + 96).sum()
    }
}
