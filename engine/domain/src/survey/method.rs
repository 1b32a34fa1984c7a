//! Methods of replication and the factor of their sum of squares.

use std::fmt;
use std::str::FromStr;

use super::error::SurveyError;

/// How replicate weights were made; it decides the factor `c` of the sampling variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Balanced repeated replication: `1/G`.
    Brr,
    /// With Fay's factor: `1/(G (1-k)^2)`; PISA (G = 80) 0.05, TALIS (G = 100) 0.04 with k = 0.5.
    Fay {
        /// At least 0, below 1.
        k: f64,
    },
    /// Jackknife that leaves one unit out: `(G-1)/G`.
    Jk1,
    /// Paired jackknife, one replicate a zone: 1 (TIMSS until 2011, PIRLS until 2011).
    Jk2,
    /// Paired jackknife, both replicates of a zone: 1/2 (TIMSS from 2015, PIRLS from 2016).
    Jk2Both,
    /// Bootstrap, around the estimate of the whole sample: `1/G`.
    Bootstrap,
    /// The factor itself.
    Factor(
        /// Above 0.
        f64,
    ),
}

impl Method {
    /// The factor of the sum of squared deviations of `count` replicates.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "replicates are few")]
    pub fn factor(self, count: usize) -> f64 {
        let count = count as f64;
        match self {
            Self::Brr | Self::Bootstrap => 1.0 / count,
            Self::Fay { k } => 1.0 / (count * (1.0 - k).powi(2)),
            Self::Jk1 => (count - 1.0) / count,
            Self::Jk2 => 1.0,
            Self::Jk2Both => 0.5,
            Self::Factor(factor) => factor,
        }
    }
}

impl FromStr for Method {
    type Err = SurveyError;

    /// `brr`, `fay`, `fay:0.3`, `jk1`, `jk2`, `jk2_both`, `bootstrap` or a number.
    fn from_str(text: &str) -> Result<Self, SurveyError> {
        let unknown = || SurveyError::UnknownMethod { text: text.to_owned() };
        match text.trim() {
            "brr" => Ok(Self::Brr),
            "fay" => Ok(Self::Fay { k: 0.5 }),
            "jk1" => Ok(Self::Jk1),
            "jk2" => Ok(Self::Jk2),
            "jk2_both" => Ok(Self::Jk2Both),
            "bootstrap" => Ok(Self::Bootstrap),
            other => {
                let (is_fay, number) = match other.strip_prefix("fay:") {
                    Some(number) => (true, number),
                    None => (false, other),
                };
                let number: f64 = number.parse().map_err(|_| unknown())?;
                match is_fay {
                    true if (0.0..1.0).contains(&number) => Ok(Self::Fay { k: number }),
                    false if number > 0.0 && number.is_finite() => Ok(Self::Factor(number)),
                    _ => Err(unknown()),
                }
            }
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brr => formatter.write_str("brr"),
            Self::Fay { k } => write!(formatter, "fay:{k}"),
            Self::Jk1 => formatter.write_str("jk1"),
            Self::Jk2 => formatter.write_str("jk2"),
            Self::Jk2Both => formatter.write_str("jk2_both"),
            Self::Bootstrap => formatter.write_str("bootstrap"),
            Self::Factor(factor) => write!(formatter, "{factor}"),
        }
    }
}
