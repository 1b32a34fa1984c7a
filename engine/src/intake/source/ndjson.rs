//! NDJSON: one JSON object a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::{memchr_iter, memrchr};
use serde_json::{Map, Value};

use super::numbers::{double_text, whole_text};
use super::{Block, Rows, Source, Unpacked};
use crate::definitions::FieldType;
use crate::intake::error::IntakeError;
use crate::intake::finding::{At, Findings};
use crate::intake::grid::Grid;
use crate::intake::header::{Layout, Names, Target};
use crate::intake::input::Input;
use crate::intake::rules::{self, field_name, same, type_name};
use crate::intake::{Options, ids};

/// Limits of one line.
#[derive(Debug, Clone, Copy)]
pub(in crate::intake) struct Limits {
    columns: usize,
    line_bytes: usize,
}

/// Every object names its own columns: the grid has one for the year and one for each field.
pub(super) fn open(
    head: Vec<u8>,
    is_end: bool,
    names: &Arc<Names>,
    options: &Options<'_>,
    block_bytes: usize,
) -> Rows {
    let fields = names.form().fields.len();
    let layout = Layout {
        year: Some(0),
        fields: (1..=fields).map(Some).collect(),
        others: Vec::new(),
        width: fields + 1,
    };
    let limits = Limits {
        columns: options.config.max_columns,
        line_bytes: options.config.max_cell_bytes.saturating_mul(layout.width.clamp(4, 64)),
    };
    (layout, Box::new(Ndjson { carry: head, is_end, line: 1, names: Arc::clone(names), block_bytes, limits }))
}

struct Ndjson {
    carry: Vec<u8>,
    is_end: bool,
    line: u64,
    names: Arc<Names>,
    block_bytes: usize,
    limits: Limits,
}

impl Source for Ndjson {
    fn run(
        &mut self,
        input: &mut Input,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), IntakeError> {
        let mut buffer = std::mem::take(&mut self.carry);
        loop {
            self.is_end |= input.fill(&mut buffer, self.block_bytes)?;
            let window = buffer.len().min(self.block_bytes);
            let is_last = self.is_end && window == buffer.len();
            let mut end =
                if is_last { Some(window) } else { memrchr(b'\n', &buffer[..window]).map(|at| at + 1) };
            while end.is_none() {
                if buffer.len() > self.limits.line_bytes {
                    too_long(self.line, buffer.len(), self.limits.line_bytes, findings);
                    return Ok(());
                }
                let wanted = buffer.len() * 2;
                let is_read = input.fill(&mut buffer, wanted)?;
                let found = memrchr(b'\n', &buffer).map(|at| at + 1);
                end = if is_read { found.or(Some(buffer.len())) } else { found };
            }
            let end = end.unwrap_or(buffer.len());
            let mut rest = Vec::with_capacity(self.block_bytes + (self.block_bytes >> 3));
            rest.extend_from_slice(&buffer[end..]);
            buffer.truncate(end);
            let line = self.line;
            self.line += memchr_iter(b'\n', &buffer).count() as u64;
            let block =
                Block::Json { bytes: buffer, line, names: Arc::clone(&self.names), limits: self.limits };
            if !emit(block) || (self.is_end && rest.is_empty()) {
                return Ok(());
            }
            buffer = rest;
        }
    }
}

fn too_long(line: u64, found: usize, allowed: usize, findings: &mut Findings) {
    findings.add(rules::LIMIT, At::row(line), || {
        vec![same("JSON"), same(format!("{found} bytes")), same(format!("{allowed} bytes"))]
    });
}

/// The cells of lines of JSON.
pub(super) fn unpack(
    bytes: &[u8],
    line: u64,
    names: &Names,
    limits: Limits,
    findings: &mut Findings,
) -> Unpacked {
    let mut grid = Grid::new(Vec::new(), names.form().fields.len() + 1);
    // First row of every name that no field has.
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    for (row, text) in (line..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = crate::intake::cells::trim(text);
        if text.is_empty() {
            continue;
        }
        if text.len() > limits.line_bytes {
            too_long(row, text.len(), limits.line_bytes, findings);
            continue;
        }
        // The parser itself refuses more than 128 levels.
        match serde_json::from_slice::<Map<String, Value>>(text) {
            Ok(object) if object.len() > limits.columns => findings.add(rules::LIMIT, At::row(row), || {
                vec![same("max_columns"), same(object.len().to_string()), same(limits.columns.to_string())]
            }),
            Ok(object) => {
                for (name, value) in &object {
                    if let Some(target) = names.find(name) {
                        put(&mut grid, names, target, value, row, findings);
                        continue;
                    }
                    if unknown.len() < limits.columns {
                        unknown.entry(name.clone()).or_insert(row);
                    }
                    let cell = plain(value);
                    if ids::holds_iin(cell.as_bytes()) {
                        findings.add(rules::IIN, At::cell(row, name, cell.as_bytes()), || vec![same(name)]);
                    }
                }
                grid.end_row(row);
            }
            Err(error) => {
                let head = &text[..text.len().min(200)];
                let at = At { row: Some(row), field: None, value: Some(head) };
                findings.add(rules::JSON, at, || vec![same(error.to_string())]);
                if ids::holds_iin(text) {
                    findings.add(rules::IIN, At::row(row), || vec![same(row.to_string())]);
                }
            }
        }
    }
    Unpacked { grid, unknown: unknown.into_iter().collect() }
}

fn put(grid: &mut Grid, names: &Names, target: Target, value: &Value, row: u64, findings: &mut Findings) {
    let (column, field) = match target {
        Target::Year => (0, None),
        Target::Field(index) => (index + 1, Some(&names.form().fields[index])),
    };
    let field_type = field.map(|field| &field.field_type);
    match value {
        Value::Null => grid.put(column, b""),
        Value::String(text) => grid.put(column, text.as_bytes()),
        Value::Number(number) => grid.put(column, number_text(number, field_type).as_bytes()),
        Value::Bool(truth) if matches!(field_type, Some(FieldType::Boolean)) => {
            grid.put(column, if *truth { b"true" } else { b"false" });
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            grid.put(column, b"");
            let cell = plain(value);
            let name = field.map_or("year", |field| field.name.as_str());
            let at = At::cell(row, name, cell.as_bytes());
            if ids::holds_iin(cell.as_bytes()) {
                findings.add(rules::IIN, at, || vec![same(name)]);
            } else {
                findings.add(rules::TYPE, at, || match field {
                    Some(field) => vec![field_name(field), type_name(&field.field_type)],
                    None => vec![same(name), type_name(&FieldType::Integer)],
                });
            }
        }
    }
}

fn number_text(number: &serde_json::Number, field_type: Option<&FieldType>) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), ..) => whole_text(i128::from(whole), field_type),
        (_, Some(whole), _) => whole_text(i128::from(whole), field_type),
        (.., Some(double)) => double_text(double, field_type),
        _ => number.to_string(),
    }
}

/// Any value as text, to be searched for IINs and shown.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number, None),
        other => other.to_string(),
    }
}
