//! Two source systems that report the same organisation (paragraph 11).
//!
//! The system with the lower number in `ref.system_precedence` stands, for each organisation, form and
//! year. A weaker system's rows are withheld and said so in a warning; a stronger or equal one's
//! replace. Who conflicts with whom is `gov.conflict`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::prelude::SessionContext;

use super::error::SubmissionError;
use crate::definitions::{Labels, Severity};
use crate::intake::Finding;
use crate::query::lookup;

/// The system of what is entered in the warehouse itself.
pub const OWN_SYSTEM: &str = "bilim";

/// Rule code of the warning.
const RULE: &str = "SYSTEM";

/// Year and BIN.
type Scope = (i32, i64);

/// Organisations whose data of a form a stronger system has reported.
#[derive(Debug, Default)]
pub struct Held {
    system: String,
    by: BTreeMap<Scope, String>,
}

/// Whether a code is in the register of systems, under the file's first column.
///
/// # Errors
/// [`SubmissionError::UnknownSystem`], or when the lake cannot be read.
pub async fn check(ctx: &SessionContext, system: &str) -> Result<(), SubmissionError> {
    let known = lookup::rows(ctx, "select source_system from ref.system_precedence order by 1").await?;
    let known: Vec<String> = known.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    if known.iter().any(|code| code == system) {
        return Ok(());
    }
    Err(SubmissionError::UnknownSystem { system: system.to_owned(), known: known.join(", ") })
}

impl Held {
    /// What stronger systems than `system` hold of a form in the lake version of the session.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn find(ctx: &SessionContext, form: &str, system: &str) -> Result<Self, SubmissionError> {
        let sql = format!(
            "select h.year, h.org_bin, h.source_system from gov.holder h join ref.system_precedence p on \
             p.source_system = h.source_system where h.form = {} and p.precedence < (select min(precedence) from \
             ref.system_precedence where source_system = {})",
            lookup::quote(form),
            lookup::quote(system)
        );
        let mut by = BTreeMap::new();
        for row in lookup::rows(ctx, &sql).await? {
            if let [Some(year), Some(bin), Some(holder)] = row.as_slice()
                && let (Ok(year), Ok(bin)) = (year.parse(), bin.parse())
            {
                by.insert((year, bin), holder.clone());
            }
        }
        Ok(Self { system: system.to_owned(), by })
    }

    /// The rows that may land; the scopes withheld are added to `withheld`.
    ///
    /// # Errors
    /// When the rows cannot be filtered.
    pub fn admit(
        &self,
        batch: RecordBatch,
        withheld: &Mutex<BTreeSet<Scope>>,
    ) -> Result<RecordBatch, ArrowError> {
        if self.by.is_empty() {
            return Ok(batch);
        }
        let column = |name: &str| batch.column_by_name(name);
        let years = column("year").and_then(|years| years.as_primitive_opt::<Int32Type>());
        let bins = column("org_bin").and_then(|bins| bins.as_primitive_opt::<Int64Type>());
        let (Some(years), Some(bins)) = (years, bins) else { return Ok(batch) };
        let mut found = withheld.lock().unwrap_or_else(PoisonError::into_inner);
        let is_admitted: BooleanArray = (0..batch.num_rows())
            .map(|row| {
                let scope = (years.value(row), bins.value(row));
                let is_held = bins.is_valid(row) && self.by.contains_key(&scope);
                if is_held {
                    found.insert(scope);
                }
                Some(!is_held)
            })
            .collect();
        filter_record_batch(&batch, &is_admitted)
    }

    /// One warning an organisation and year that was withheld.
    #[must_use]
    pub fn findings(&self, file: &str, withheld: &BTreeSet<Scope>) -> Vec<Finding> {
        let finding = |scope: &Scope| {
            let (year, bin) = scope;
            let holder = self.by.get(scope)?;
            let system = &self.system;
            Some(Finding {
                file: file.to_owned(),
                row: None,
                field: Some("org_bin".to_owned()),
                rule: RULE.to_owned(),
                severity: Severity::Warning,
                value: Some(format!("{year} {bin:012}")),
                message: Labels {
                    kk: format!(
                        "{bin:012} ұйымының {year} жылғы деректерін {holder} жүйесі берді, оның басымдығы {system} \
                         жүйесінен жоғары: бұл жолдар қабылданбады"
                    ),
                    ru: format!(
                        "данные организации {bin:012} за {year} год уже представила система {holder}, она старше системы \
                         {system}: эти строки не внесены"
                    ),
                    en: format!(
                        "{holder} has reported {bin:012} for {year} and takes precedence over {system}: these rows \
                         were withheld"
                    ),
                },
            })
        };
        withheld.iter().filter_map(finding).collect()
    }
}
