//! The functions of a stratified sample of units.

use std::mem::size_of_val;
use std::sync::Arc;

use bilim_domain::survey::{DesignSample, LonelyUnit, SurveyError, Unit};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};

use super::argument::{Cells, Kind, coerce};
use super::result;

/// `survey_mean` and `survey_ratio`.
///
/// A NULL value was drawn but is not of the domain, or did not answer: it adds nothing, its sampling unit
/// stays in the design. So a domain is `case when ... then value end`, not a filter. A row without weight,
/// stratum or unit is left out.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Linearised {
    is_ratio: bool,
    signature: Signature,
}

impl Linearised {
    /// Both.
    pub fn all() -> impl Iterator<Item = Self> {
        let signature = Signature::user_defined(Volatility::Immutable);
        [false, true].into_iter().map(move |is_ratio| Self { is_ratio, signature: signature.clone() })
    }

    fn kinds(is_ratio: bool) -> Vec<Kind> {
        let values = if is_ratio { 2 } else { 1 };
        let mut kinds = vec![Kind::Number; values + 1];
        kinds.extend([Kind::Text; 3]);
        kinds
    }
}

impl AggregateUDFImpl for Linearised {
    fn name(&self) -> &'static str {
        if self.is_ratio { "survey_ratio" } else { "survey_mean" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let usage = if self.is_ratio {
            "above, below, weight, stratum, psu [, lonely_units]"
        } else {
            "value, weight, stratum, psu [, lonely_units]"
        };
        let kinds = Self::kinds(self.is_ratio);
        coerce(self.name(), usage, &kinds, kinds.len() - 1, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(result::data_type(false))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(result::state_field(args.name))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            let name = self.name();
            return Err(DataFusionError::Plan(format!(
                "{name} has no DISTINCT: equal rows are different persons"
            )));
        }
        let kinds = Self::kinds(self.is_ratio);
        let name = if self.is_ratio { "survey_ratio" } else { "survey_mean" };
        Ok(Box::new(Units { name, kinds, is_ratio: self.is_ratio, sample: DesignSample::default() }))
    }
}

/// The sample of one group.
#[derive(Debug)]
struct Units {
    name: &'static str,
    kinds: Vec<Kind>,
    is_ratio: bool,
    sample: DesignSample,
}

impl Units {
    fn add(&mut self, cells: &[Cells<'_>], row: usize) -> Result<(), SurveyError> {
        let number = |place: usize| cells[place].number(row).map(|number| number[0]);
        let after = if self.is_ratio { 2 } else { 1 };
        let ratio =
            if self.is_ratio { number(0).zip(number(1)) } else { number(0).map(|value| (value, 1.0)) };
        let (Some(weight), Some(stratum), Some(psu)) =
            (number(after), cells[after + 1].text(row), cells[after + 2].text(row))
        else {
            return Ok(());
        };
        let lonely = match cells.get(after + 3).and_then(|cells| cells.text(row)) {
            Some(text) => text.parse()?,
            None => LonelyUnit::Unknown,
        };
        self.sample.add(&Unit { ratio, weight, stratum, psu, lonely })
    }
}

impl Accumulator for Units {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let cells: Vec<Cells<'_>> =
            self.kinds.iter().zip(columns).map(|(kind, column)| Cells::new(*kind, column)).collect();
        let rows = columns.first().map_or(0, |column| column.len());
        (0..rows).try_for_each(|row| self.add(&cells, row)).map_err(|error| result::failed(self.name, &error))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        result::merge(states, |bytes| self.sample.merge(bytes), self.name)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(self.sample.to_bytes()))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        result::scalar(&[(String::new(), self.sample.estimate())], false)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.sample.size()
    }
}
