//! Several threads over one file, with the order of its rows kept.
//!
//! One thread reads and cuts the file, workers turn blocks into checked batches, the
//! calling thread takes the batches in order. A fixed number of permits bounds the blocks
//! under way, and with them the memory, however slow one block or the receiver is.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;

use super::Options;
use super::check::{Checked, Checker};
use super::error::IntakeError;
use super::finding::{At, Findings};
use super::input::Input;
use super::rules::{self, same};
use super::source::{Block, Source, Unpacked};
use crate::definitions::Severity;

/// What the whole file amounted to.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub rows: u64,
    pub years: BTreeSet<i32>,
}

/// A block after its worker.
struct Done {
    rows: Checked,
    // Columns that turn up row by row, as in NDJSON.
    unknown: Vec<(String, u64)>,
    findings: Findings,
}

/// Run a source to its end.
pub(super) fn run(
    input: &mut Input,
    mut source: Box<dyn Source>,
    checker: &Checker<'_>,
    options: &Options<'_>,
    findings: &mut Findings,
    deliver: &mut dyn FnMut(RecordBatch) -> Result<(), IntakeError>,
) -> Result<Totals, IntakeError> {
    let threads = options.config.threads.clamp(1, 64);
    let file = input.name().to_owned();
    let is_stopped = AtomicBool::new(false);
    let (permit_back, permits) = channel::<()>();
    let (block_in, blocks) = channel::<(usize, Block)>();
    let (done_in, done) = channel::<(usize, Result<Done, IntakeError>)>();
    for _ in 0..threads * 2 + 2 {
        // Cannot fail: the receiver stands above.
        let _ = permit_back.send(());
    }
    let blocks = Mutex::new(blocks);
    let (of_source, of_worker) = (findings.part(), findings.part());
    std::thread::scope(|scope| {
        let is_stopped = &is_stopped;
        let reader = scope.spawn(move || {
            let mut part = of_source;
            let mut number = 0;
            let outcome = source.run(input, &mut part, &mut |block| {
                let is_open = permits.recv().is_ok()
                    && !is_stopped.load(Ordering::Relaxed)
                    && block_in.send((number, block)).is_ok();
                number += 1;
                is_open
            });
            drop(block_in);
            // The rest of the file still belongs to its hash.
            outcome.and_then(|()| input.skip_rest()).map(|()| part)
        });
        for _ in 0..threads {
            let (blocks, done_in, empty, file) = (&blocks, done_in.clone(), &of_worker, &file);
            scope.spawn(move || work(blocks, checker, empty, file, &mut |one| done_in.send(one).is_ok()));
        }
        drop(done_in);
        let collected = collect(&done, checker, options, findings, deliver, &|| {
            let _ = permit_back.send(());
        });
        // Whatever came of it: let the reader run out.
        is_stopped.store(true, Ordering::Relaxed);
        drop((permit_back, done));
        let read = reader.join().unwrap_or_else(|_| Err(IntakeError::Worker { file: file.clone() }));
        let (totals, keys) = collected?;
        findings.append(read?);
        checker.key().report(keys, findings);
        Ok(totals)
    })
}

fn work(
    blocks: &Mutex<Receiver<(usize, Block)>>,
    checker: &Checker<'_>,
    empty: &Findings,
    file: &str,
    send: &mut dyn FnMut((usize, Result<Done, IntakeError>)) -> bool,
) {
    loop {
        let next = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, block)) = next else { return };
        // A lost block would leave the others waiting for its turn.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut findings = empty.part();
            let Unpacked { grid, unknown } = block.unpack(checker.layout(), &mut findings);
            let rows = checker.check(&grid, &mut findings)?;
            Ok(Done { rows, unknown, findings })
        }))
        .unwrap_or_else(|_| Err(IntakeError::Worker { file: file.to_owned() }));
        if !send((number, outcome)) {
            return;
        }
    }
}

fn collect(
    done: &Receiver<(usize, Result<Done, IntakeError>)>,
    checker: &Checker<'_>,
    options: &Options<'_>,
    findings: &mut Findings,
    deliver: &mut dyn FnMut(RecordBatch) -> Result<(), IntakeError>,
    give_back: &dyn Fn(),
) -> Result<(Totals, Vec<u128>), IntakeError> {
    let limit = options.config.max_rows;
    let mut totals = Totals::default();
    let mut keys = Vec::new();
    let mut early = BTreeMap::new();
    let mut turn = 0;
    let mut unknown = HashSet::new();
    for (number, outcome) in done {
        early.insert(number, outcome);
        while let Some(outcome) = early.remove(&turn) {
            let Done { rows, unknown: columns, findings: part } = outcome?;
            turn += 1;
            for (name, row) in columns {
                if unknown.len() < options.config.max_columns && unknown.insert(name.clone()) {
                    checker.report_unknown(&name, row, findings);
                }
            }
            findings.append(part);
            totals.rows += rows.batch.num_rows() as u64;
            totals.years.extend(rows.years);
            if totals.rows > limit {
                findings.add(rules::LIMIT, At::FILE, || {
                    vec![same("max_rows"), same(format!("> {limit}")), same(limit.to_string())]
                });
                return Ok((totals, keys));
            }
            keys.extend(rows.keys);
            if findings.total(Severity::Error) == 0 && rows.batch.num_rows() > 0 {
                deliver(rows.batch)?;
            }
            give_back();
        }
    }
    Ok((totals, keys))
}
