//! The command line: one file per command. The only code that prints.
//!
//! Data go to stdout, everything else to stderr. Exit codes: 0 done, 1 findings or nothing
//! where something was owed, 2 usage or bad SQL, 3 storage, 4 not allowed, 70 our bug.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this module is the program's voice")]

mod answer;
mod args;
mod canned;
mod catalog;
mod context;
mod control;
mod decomposition;
mod demo;
mod doctor;
mod error;
mod freeze;
mod import;
mod indicator;
mod init;
mod lineage;
mod output;
mod parameter;
mod pseudonymise;
mod publication;
mod queue;
mod rating;
mod requirements;
mod rollups;
mod serve;
mod shell;
mod sign;
mod sql;
mod submit;
mod upkeep;
mod user;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use args::Arguments;
use args::Command;
use context::Context;
pub use error::CliError;
pub use import::ImportError;

/// Stack of the threads that plan: hostile SQL nests deeper than the usual two megabytes.
const STACK_BYTES: usize = 64 << 20;

/// Run the program with these arguments and say how it ended.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; a closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get))
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(async { tokio::spawn(dispatch(arguments)).await }),
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::from(70);
        }
    };
    match result {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("error: {}", error.chain());
            ExitCode::from(error.exit_code())
        }
        Err(panic) => {
            eprintln!("error: this is a bug in bilim: {panic}");
            ExitCode::from(70)
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<u8, CliError> {
    let Arguments { global, command } = arguments;
    if let Command::Completions { shell } = command {
        clap_complete::generate(shell, &mut Arguments::command(), "bilim", &mut std::io::stdout());
        return Ok(0);
    }
    let context = Context::new(global)?;
    match command {
        Command::Demo(args) => Box::pin(demo::run(&context, args)).await,
        Command::Init => init::run(&context).await,
        Command::Submit(args) => Box::pin(submit::run(&context, args)).await,
        Command::Pseudonymise(args) => pseudonymise::run(&context, args).await,
        Command::Import(args) => Box::pin(import::run(&context, args)).await,
        Command::Sql(args) => sql::run(&context, args).await,
        Command::Indicator(args) => indicator::run(&context, indicator::View::Indicator, args).await,
        Command::Dynamics(args) => indicator::run(&context, indicator::View::Dynamics, args).await,
        Command::Ranking(args) => indicator::run(&context, indicator::View::Ranking, args).await,
        Command::Forecast(args) => indicator::run(&context, indicator::View::Forecast, args).await,
        Command::Decomposition(args) => decomposition::run(&context, args).await,
        Command::Rating(args) => rating::run(&context, args).await,
        Command::Canned(args) => canned::run(&context, args).await,
        Command::Catalog(args) => catalog::run(&context, &args).await,
        Command::Freeze(args) => Box::pin(freeze::run(&context, args)).await,
        Command::Control(command) => control::run(&context, command).await,
        Command::Parameter(command) => parameter::run(&context, command).await,
        Command::Publication(command) => publication::run(&context, command).await,
        Command::User(command) => user::run(&context, command).await,
        Command::Lineage(args) => lineage::run(&context, args).await,
        Command::Verify(args) => verify::run(&context, args).await,
        Command::Upkeep(args) => upkeep::run(&context, args).await,
        Command::Serve(args) => Box::pin(serve::run(&context, args)).await,
        Command::Doctor => doctor::run(&context).await,
        Command::Completions { .. } => Ok(0),
    }
}

/// A row for the ledger that does not have the ledger's columns.
#[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn ledger_row(error: datafusion::arrow::error::ArrowError) -> CliError {
    CliError::Query(crate::query::QueryError::Execution(error.to_string()))
}
