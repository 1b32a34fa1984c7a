//! The functions of plausible values and replicate weights.

use std::mem::size_of_val;
use std::sync::Arc;

use bilim_domain::survey::{Method, Observation, Sample, Statistic, SurveyError};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};

use super::argument::{Cells, Kind, coerce};
use super::result;

/// A function over a list column of replicate weights.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Replicated {
    call: Call,
    signature: Signature,
}

/// Name, arguments and statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Call {
    name: &'static str,
    usage: &'static str,
    statistic: Statistic,
    first: Kind,
    /// What stands between the values and the weight.
    second: Option<Kind>,
}

impl Call {
    fn kinds(self) -> Vec<Kind> {
        let last = [Kind::Number, Kind::List, Kind::Text];
        std::iter::once(self.first).chain(self.second).chain(last).collect()
    }

    fn is_list(self) -> bool {
        self.statistic == Statistic::Regression
    }
}

impl Replicated {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let call = |name, statistic, usage, first, second| Call { name, usage, statistic, first, second };
        let (list, number) = (Kind::List, Kind::Number);
        [
            call("pv_mean", Statistic::Mean, "values, weight, replicates, method", list, None),
            call(
                "pv_quantile",
                Statistic::Quantile,
                "values, quantile, weight, replicates, method",
                list,
                Some(number),
            ),
            call(
                "pv_share_above",
                Statistic::ShareAbove,
                "values, cut, weight, replicates, method",
                list,
                Some(number),
            ),
            call(
                "pv_gap",
                Statistic::Gap,
                "values, is_member, weight, replicates, method",
                list,
                Some(Kind::Boolean),
            ),
            call(
                "pv_regression",
                Statistic::Regression,
                "values, predictors, weight, replicates, method",
                list,
                Some(list),
            ),
            call(
                "pv_between_share",
                Statistic::BetweenShare,
                "values, cluster, weight, replicates, method",
                list,
                Some(Kind::Text),
            ),
            call(
                "weighted_mean_se",
                Statistic::ObservedMean,
                "value, weight, replicates, method",
                number,
                None,
            ),
        ]
        .into_iter()
        .map(|call| Self { call, signature: Signature::user_defined(Volatility::Immutable) })
    }
}

impl AggregateUDFImpl for Replicated {
    fn name(&self) -> &str {
        self.call.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let kinds = self.call.kinds();
        coerce(self.call.name, self.call.usage, &kinds, kinds.len(), given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(result::data_type(self.call.is_list()))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(result::state_field(args.name))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return Err(DataFusionError::Plan(format!(
                "{} has no DISTINCT: equal rows are different persons",
                self.call.name
            )));
        }
        Ok(Box::new(Replicates {
            call: self.call,
            kinds: self.call.kinds(),
            method: None,
            sample: Sample::new(self.call.statistic),
        }))
    }
}

/// The sample of one group.
#[derive(Debug)]
struct Replicates {
    call: Call,
    kinds: Vec<Kind>,
    /// The method read last, and its text.
    method: Option<(String, Method)>,
    sample: Sample,
}

impl Replicates {
    /// Take a row; one that lacks an argument is left out.
    fn add(&mut self, cells: &[Cells<'_>], row: usize) -> Result<(), SurveyError> {
        let [weight, replicates, method] = [3, 2, 1].map(|back| &cells[cells.len() - back]);
        let Some(text) = method.text(row) else { return Ok(()) };
        let method = self.method(text)?;
        let values = match self.call.first {
            Kind::List => cells[0].list(row, "plausible values")?,
            _ => cells[0].number(row),
        };
        let replicates = replicates.list(row, "replicate weights")?;
        let (Some(values), Some(&[weight]), Some(replicates)) = (values, weight.number(row), replicates)
        else {
            return Ok(());
        };
        if values.is_empty() {
            return Ok(());
        }
        let mut observation = Observation {
            values,
            weight,
            replicates,
            method,
            parameter: 0.0,
            predictors: &[],
            is_member: false,
            cluster: "",
        };
        let second = &cells[1];
        let is_there = match self.call.second {
            None => Some(()),
            Some(Kind::Number) => second.number(row).map(|number| observation.parameter = number[0]),
            Some(Kind::Boolean) => second.boolean(row).map(|member| observation.is_member = member),
            Some(Kind::List) => second.complete_list(row).map(|list| observation.predictors = list),
            Some(Kind::Text) => second.text(row).map(|text| observation.cluster = text),
        };
        match is_there {
            Some(()) => self.sample.add(&observation),
            None => Ok(()),
        }
    }

    fn method(&mut self, text: &str) -> Result<Method, SurveyError> {
        match &self.method {
            Some((known, method)) if known == text => Ok(*method),
            _ => {
                let method = text.parse()?;
                self.method = Some((text.to_owned(), method));
                Ok(method)
            }
        }
    }
}

impl Accumulator for Replicates {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let cells: Vec<Cells<'_>> =
            self.kinds.iter().zip(columns).map(|(kind, column)| Cells::new(*kind, column)).collect();
        let rows = columns.first().map_or(0, |column| column.len());
        (0..rows)
            .try_for_each(|row| self.add(&cells, row))
            .map_err(|error| result::failed(self.call.name, &error))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        result::merge(states, |bytes| self.sample.merge(bytes), self.call.name)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(self.sample.to_bytes()))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        result::scalar(&self.sample.estimates(), self.call.is_list())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.sample.size()
    }
}
