//! The form's own checks: SQL conditions over one row, evaluated a batch at a time.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{DFSchema, DataFusionError};
use datafusion::execution::SessionStateBuilder;
use datafusion::physical_expr::PhysicalExpr;

use super::error::IntakeError;
use super::finding::{At, Findings};
use super::rules::{self, same};
use crate::definitions::{Form, Rule};

/// The compiled checks of a form.
#[derive(Debug)]
pub(super) struct RowRules {
    rules: Vec<(Rule, Arc<dyn PhysicalExpr>)>,
}

impl RowRules {
    /// Plan every check over `form.row_schema()`.
    pub(super) fn compile(form: &Form) -> Result<Self, IntakeError> {
        if form.rules.is_empty() {
            return Ok(Self { rules: Vec::new() });
        }
        let state = SessionStateBuilder::new_with_default_features().build();
        let schema = form.row_schema();
        let mut rules = Vec::with_capacity(form.rules.len());
        for rule in &form.rules {
            let fail = |source: DataFusionError| IntakeError::Rule {
                form: form.code.clone(),
                rule: rule.code.clone(),
                source: Box::new(source),
            };
            let columns = DFSchema::try_from(Arc::clone(&schema)).map_err(fail)?;
            let logical = state.create_logical_expr(&rule.check, &columns).map_err(fail)?;
            let physical = state.create_physical_expr(logical, &columns).map_err(fail)?;
            let found = physical.data_type(&schema).map_err(fail)?;
            if found != DataType::Boolean {
                let (form, rule) = (form.code.clone(), rule.code.clone());
                return Err(IntakeError::RuleType { form, rule, found: found.to_string() });
            }
            rules.push((rule.clone(), physical));
        }
        Ok(Self { rules })
    }

    /// Hold every row of a known year against every check; `value` gives the cell of (row, field) as submitted.
    pub(super) fn check<'g>(
        &self,
        batch: &RecordBatch,
        rows: &[u64],
        value: impl Fn(usize, &str) -> &'g [u8],
        findings: &mut Findings,
    ) {
        let years = batch.column(0).as_primitive::<Int32Type>().values();
        let known = |index: &usize| years[*index] != 0;
        let numbered = || rows.iter().enumerate().filter(|(index, _)| known(index));
        for (rule, condition) in &self.rules {
            match evaluate(condition.as_ref(), batch) {
                Ok(answers) if answers.false_count() == 0 => {}
                Ok(answers) => {
                    for (index, row) in numbered() {
                        if answers.is_valid(index) && !answers.value(index) {
                            findings.add_rule(rule, At::cell(*row, &rule.field, value(index, &rule.field)));
                        }
                    }
                }
                // One row overflows or divides by zero: find it, judge the others.
                Err(_) => {
                    for (index, row) in numbered() {
                        let at = At::cell(*row, &rule.field, value(index, &rule.field));
                        match evaluate(condition.as_ref(), &batch.slice(index, 1)) {
                            Ok(answer) if answer.false_count() == 0 => {}
                            Ok(_) => findings.add_rule(rule, at),
                            Err(error) => findings.add(rules::RULE, at, || {
                                vec![same(&rule.code), same(error.strip_backtrace())]
                            }),
                        }
                    }
                }
            }
        }
    }
}

fn evaluate(condition: &dyn PhysicalExpr, batch: &RecordBatch) -> Result<BooleanArray, DataFusionError> {
    let answers = condition.evaluate(batch)?.into_array(batch.num_rows())?;
    Ok(answers.as_boolean().clone())
}
