//! Partial results as bytes, little-endian, for the second phase of an aggregation.

use super::error::SurveyError;
use super::exact::ExactSum;

/// Appends.
#[derive(Debug, Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn size(&mut self, value: usize) {
        self.count(value as u64);
    }

    pub(super) fn count(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn number(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn sum(&mut self, value: ExactSum) {
        self.0.extend(value.units().to_le_bytes());
    }

    pub(super) fn text(&mut self, value: &str) {
        self.size(value.len());
        self.0.extend(value.as_bytes());
    }

    pub(super) fn numbers(&mut self, values: &[f64]) {
        self.size(values.len());
        for value in values {
            self.number(*value);
        }
    }

    pub(super) fn sums(&mut self, values: &[ExactSum]) {
        self.size(values.len());
        for value in values {
            self.sum(*value);
        }
    }
}

/// Takes from the front; every length is checked against what is left.
#[derive(Debug)]
pub(super) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn size(&mut self) -> Result<usize, SurveyError> {
        usize::try_from(self.count()?).map_err(|_| SurveyError::State { reason: "a length is too large" })
    }

    pub(super) fn count(&mut self) -> Result<u64, SurveyError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn number(&mut self) -> Result<f64, SurveyError> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    pub(super) fn sum(&mut self) -> Result<ExactSum, SurveyError> {
        Ok(ExactSum::from_units(i128::from_le_bytes(self.array()?)))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, SurveyError> {
        let length = self.size()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| SurveyError::State { reason: "a text is not UTF-8" })
    }

    pub(super) fn numbers(&mut self) -> Result<Vec<f64>, SurveyError> {
        let length = self.length(size_of::<f64>())?;
        (0..length).map(|_| self.number()).collect()
    }

    pub(super) fn sums(&mut self) -> Result<Vec<ExactSum>, SurveyError> {
        let length = self.length(size_of::<i128>())?;
        (0..length).map(|_| self.sum()).collect()
    }

    pub(super) fn end(&self) -> Result<(), SurveyError> {
        if self.0.is_empty() { Ok(()) } else { Err(SurveyError::State { reason: "bytes follow the end" }) }
    }

    fn length(&mut self, width: usize) -> Result<usize, SurveyError> {
        let length = self.size()?;
        match length.checked_mul(width) {
            Some(bytes) if bytes <= self.0.len() => Ok(length),
            _ => Err(SurveyError::State { reason: "a list is longer than its bytes" }),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], SurveyError> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or(SurveyError::State { reason: "bytes are missing" })?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SurveyError> {
        self.take(N)?.try_into().map_err(|_| SurveyError::State { reason: "bytes are missing" })
    }
}
