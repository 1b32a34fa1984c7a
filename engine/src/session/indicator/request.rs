//! Which part of `mart.indicator` a query asks for, read off its filters.

use std::collections::BTreeSet;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::compile::TIERS;
use super::vintage::MOVED_TIERS;
use crate::definitions::DIMENSIONS;

/// The values a query allows of each column; `None` = any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Indicator codes, with parity codes such as `EQT-01:ACC-01`.
    pub indicators: Option<BTreeSet<String>>,
    /// Tiers.
    pub tiers: Option<BTreeSet<String>>,
    /// Levels.
    pub levels: Option<BTreeSet<String>>,
    /// Breakdowns.
    pub breakdowns: Option<BTreeSet<String>>,
    /// Dimensions that must be total (`false`) or must not be (`true`).
    pub broken_down: Vec<(&'static str, bool)>,
    /// Years from (inclusive).
    pub year_from: Option<i64>,
    /// Years to (inclusive).
    pub year_to: Option<i64>,
    /// Codes of territories.
    pub geo_codes: Option<BTreeSet<String>>,
    /// Vintages of the territory named by a filter.
    pub vintages: Option<BTreeSet<String>>,
    /// The vintage that the rows are carried to; `None` = as reported.
    pub vintage: Option<String>,
}

impl Request {
    /// Read what can be read; filters not understood only mean that more is computed.
    #[must_use]
    pub fn from_filters(filters: &[Expr]) -> Self {
        let mut request = Self::default();
        for filter in filters {
            request.add(filter);
        }
        request
    }

    /// Does the request allow this breakdown, given the dimensions it names?
    #[must_use]
    pub fn allows_breakdown(&self, breakdown: &str) -> bool {
        let dims = crate::definitions::dims_of(breakdown);
        self.breakdowns.as_ref().is_none_or(|allowed| allowed.contains(breakdown))
            && self.broken_down.iter().all(|(dim, is_broken)| dims.contains(dim) == *is_broken)
    }

    /// The request over tiers whose units changed, and as reported over the others.
    #[must_use]
    pub fn by_movement(&self) -> (Self, Self) {
        let of = |is_moved: bool| -> BTreeSet<String> {
            let offered = TIERS.iter().filter(|tier| match &self.tiers {
                Some(wanted) => wanted.contains(**tier),
                None => **tier != "organisation",
            });
            offered
                .filter(|tier| MOVED_TIERS.contains(tier) == is_moved)
                .map(|tier| (*tier).to_owned())
                .collect()
        };
        let moved = Self { tiers: Some(of(true)), ..self.clone() };
        let fixed = Self { tiers: Some(of(false)), vintage: None, ..self.clone() };
        (moved, fixed)
    }

    fn add(&mut self, filter: &Expr) {
        if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) = filter {
            self.add(left);
            self.add(right);
            return;
        }
        if let Some((column, values)) = members(filter) {
            self.restrict(&column, values);
            return;
        }
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return };
        let (Some(column), Some(value)) = (column_of(left), integer(right)) else { return };
        if column != "year" {
            return;
        }
        match op {
            Operator::Gt => self.raise(value.saturating_add(1)),
            Operator::GtEq => self.raise(value),
            Operator::Lt => self.lower(value.saturating_sub(1)),
            Operator::LtEq => self.lower(value),
            _ => {}
        }
    }

    fn restrict(&mut self, column: &str, values: BTreeSet<String>) {
        let slot = match column {
            "indicator" => &mut self.indicators,
            "tier" => &mut self.tiers,
            "level" => &mut self.levels,
            "breakdown" => &mut self.breakdowns,
            "geo_code" => &mut self.geo_codes,
            "boundary_vintage" => &mut self.vintages,
            "year" => {
                let years: Vec<i64> = values.iter().filter_map(|year| year.parse().ok()).collect();
                if let (Some(first), Some(last)) = (years.iter().min(), years.iter().max()) {
                    self.raise(*first);
                    self.lower(*last);
                }
                return;
            }
            other => {
                if let Some(dim) = DIMENSIONS.iter().find(|dim| **dim == other) {
                    if values.len() == 1 && values.contains("_T") {
                        self.broken_down.push((dim, false));
                    } else if !values.contains("_T") {
                        self.broken_down.push((dim, true));
                    }
                }
                return;
            }
        };
        *slot = Some(match slot.take() {
            Some(known) => known.intersection(&values).cloned().collect(),
            None => values,
        });
    }

    fn raise(&mut self, year: i64) {
        self.year_from = Some(self.year_from.map_or(year, |known| known.max(year)));
    }

    fn lower(&mut self, year: i64) {
        self.year_to = Some(self.year_to.map_or(year, |known| known.min(year)));
    }
}

/// `column = literal`, `column in (literals)` or an OR of them over one column.
fn members(filter: &Expr) -> Option<(String, BTreeSet<String>)> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let (column, value) = match (column_of(left), column_of(right)) {
                (Some(column), None) => (column, literal(right)?),
                (None, Some(column)) => (column, literal(left)?),
                _ => return None,
            };
            Some((column, BTreeSet::from([value])))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (column, mut values) = members(left)?;
            let (other, more) = members(right)?;
            values.extend(more);
            (column == other).then_some((column, values))
        }
        Expr::InList(list) if !list.negated => {
            let column = column_of(&list.expr)?;
            let values = list.list.iter().map(literal).collect::<Option<BTreeSet<_>>>()?;
            Some((column, values))
        }
        _ => None,
    }
}

fn column_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Column(column) => Some(column.name.clone()),
        Expr::Cast(cast) => column_of(&cast.expr),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(value) | ScalarValue::LargeUtf8(value) | ScalarValue::Utf8View(value),
            _,
        ) => value.clone(),
        Expr::Literal(value, _) if value.data_type().is_integer() && !value.is_null() => {
            Some(value.to_string())
        }
        Expr::Cast(cast) => literal(&cast.expr),
        _ => None,
    }
}

fn integer(expr: &Expr) -> Option<i64> {
    literal(expr)?.parse().ok()
}
