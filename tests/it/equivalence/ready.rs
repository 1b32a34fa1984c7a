//! Values that are no fraction of two sums, against the oracle.

use std::collections::BTreeMap;

use bilim_domain::level::LevelCode;
use bilim_domain::oracle::{self, Cell};
use bilim_domain::records::Record;
use bilim_domain::year::Year;
use datafusion::prelude::SessionContext;

use super::country::{self, YEARS};
use super::table::ReadyLine;
use super::warehouse::{Key, answers, definitions};
use super::{breakdown_name, breakdowns, parameters, units};

/// Most that two ways of the same arithmetic may differ, relative to the value.
const TOLERANCE: f64 = 1e-9;
/// The same for a standard error.
const ERROR_TOLERANCE: f64 = 1e-6;

/// Compare all cells of a line; the answer is one line of text a difference.
pub async fn compare(ctx: &SessionContext, line: &ReadyLine, records: &[Record]) -> Vec<String> {
    let code = line.oracle.code();
    let mut expected = expected(line, records);
    let condition = format!("indicator = '{code}' and tier in ('district', 'region', 'republic')");
    let mut differences = Vec::new();
    for (key, answer) in answers(ctx, &condition).await {
        // Levels and breakdowns that the line leaves out are not looked at.
        let Some((value, error)) = expected.remove(&key) else { continue };
        // Variances are sums of decimals, whose root is coarser than a value.
        let is_equal = is_near(answer.value, value) && is_near_by(answer.se, error, ERROR_TOLERANCE);
        if !is_equal {
            differences.push(format!("{code} {key:?}: SQL {answer:?}, oracle {value:?}, error {error:?}"));
        }
    }
    for (key, value) in expected.into_iter().filter(|(_, (value, _))| value.is_some()) {
        differences.push(format!("{code} {key:?}: no row, oracle {value:?}"));
    }
    differences
}

/// Whether two ways came to the same number, or both to none.
pub fn is_near(found: Option<f64>, expected: Option<f64>) -> bool {
    is_near_by(found, expected, TOLERANCE)
}

/// The same within a tolerance, relative to the value.
pub fn is_near_by(found: Option<f64>, expected: Option<f64>, tolerance: f64) -> bool {
    match (found, expected) {
        (Some(found), Some(value)) => (found - value).abs() <= tolerance * value.abs().max(1.0),
        (found, value) => found.is_none() && value.is_none(),
    }
}

/// A value and its standard error.
type Estimate = (Option<f64>, Option<f64>);

/// What the oracle says of every cell of a line at the tiers that are offered.
fn expected(line: &ReadyLine, records: &[Record]) -> BTreeMap<Key, Estimate> {
    let records = country::records_of(records);
    let catalogue = &definitions().catalogue;
    let entry = catalogue.indicators.iter().find(|entry| entry.code == line.oracle.code()).unwrap();
    let is_offered =
        |tier: &str| entry.derivations.iter().any(|d| d.tiers.iter().any(|offered| offered == tier));
    let mut cells = BTreeMap::new();
    for year in YEARS {
        let parameters = parameters(year);
        for (tier, code, units) in units().into_iter().filter(|(tier, ..)| is_offered(tier)) {
            for level in line.levels {
                for dimensions in line.breakdowns {
                    for (by, members) in breakdowns(line.oracle.code(), dimensions) {
                        let cell = Cell { year: Year::try_from(year).unwrap(), units, level: *level, by };
                        let value = oracle::ready_value(line.oracle, &cell, &records, &parameters);
                        let error = oracle::ready_error(line.oracle, &cell, &records, &parameters);
                        let key = (
                            year,
                            tier.to_owned(),
                            code.clone(),
                            LevelCode::code(*level).to_owned(),
                            breakdown_name(dimensions),
                            members,
                        );
                        cells.insert(key, (value, error));
                    }
                }
            }
        }
    }
    cells
}
