//! `bilim verify`: is every byte of the lake what was written?

use super::args::VerifyArgs;
use super::context::Context;
use super::error::CliError;

pub async fn run(context: &Context, args: VerifyArgs) -> Result<u8, CliError> {
    let lake = context.open_lake().await?;
    let report = lake.verify(args.all, context.config.threads).await?;
    for problem in &report.problems {
        println!("{}: {}", problem.path.display(), problem.message);
    }
    for orphan in &report.orphans {
        context.note(&format!("orphan, harmless: {}", orphan.display()));
    }
    context.note(&format!(
        "{} versions, {} files, {} bytes checked; {} problems, {} orphans",
        report.version_count,
        report.file_count,
        report.byte_count,
        report.problems.len(),
        report.orphans.len()
    ));
    Ok(if report.problems.is_empty() { 0 } else { 3 })
}
