//! `bilim verify`: is every byte of the lake, its archives included, or of one archive, what was written?

use std::path::{Path, PathBuf};

use super::args::VerifyArgs;
use super::context::Context;
use super::error::CliError;
use crate::lake::archive::{ArchiveRef, FreezeError, Roots, SignatureState, verify_archive};
use crate::lake::{AsOf, Lake, LakeError};
use crate::server::{ServerError, audit};

pub async fn run(context: &Context, args: VerifyArgs) -> Result<u8, CliError> {
    let roots = args.roots.as_deref().map(Roots::from_dir).transpose()?;
    let problems = match args.what.as_str() {
        "lake" => lake(context, args.all, roots.as_ref()).await?,
        "audit" => audit_log(context, args.dir).await?,
        _ => archive(context, args, roots.as_ref()).await?,
    };
    Ok(if problems == 0 { 0 } else { 3 })
}

async fn lake(context: &Context, is_all: bool, roots: Option<&Roots>) -> Result<usize, CliError> {
    let lake = context.open_lake().await?;
    let report = lake.verify(is_all, context.config.threads).await?;
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
    let mut count = report.problems.len() + queue(&lake).await;
    // A lake whose newest version cannot be opened has said so above.
    if let Ok(snapshot) = lake.snapshot(AsOf::Latest).await {
        for archive in snapshot.archives() {
            count += recorded(context, &archive, roots).await?;
        }
    }
    Ok(count)
}

/// Every line of the server's audit log, from the first one on.
async fn audit_log(context: &Context, folder: Option<PathBuf>) -> Result<usize, CliError> {
    let folder = match folder {
        Some(folder) => folder,
        None => super::serve::audit_folder(&context.open_lake().await?)?,
    };
    match audit::verify(&folder) {
        Ok(report) => {
            context.note(&format!(
                "{} lines in {} files checked; 0 problems; the last line has the hash {}",
                report.lines, report.files, report.head
            ));
            Ok(0)
        }
        Err(error @ ServerError::AuditChanged { .. }) => {
            println!("{error}");
            Ok(1)
        }
        Err(error) => Err(error.into()),
    }
}

/// Files that wait must be those that came.
async fn queue(lake: &Lake) -> usize {
    let mut count = 0;
    let waiting = match lake.queued().await {
        Ok(waiting) => waiting,
        Err(error) => {
            println!("{error}");
            return 1;
        }
    };
    for queued in waiting {
        if let Err(error) = lake.queued_file(&queued).await {
            println!("{error}");
            count += 1;
        }
    }
    count
}

/// An archive by its folder alone, or as the lake has it, with its addenda.
async fn archive(context: &Context, args: VerifyArgs, roots: Option<&Roots>) -> Result<usize, CliError> {
    let year =
        args.year.ok_or_else(|| CliError::Usage("name the year: bilim verify archive 2024".to_owned()))?;
    if let Some(folder) = args.dir {
        return check(context, &folder, year, None, roots).await;
    }
    let lake = context.open_lake().await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let archives: Vec<ArchiveRef> =
        snapshot.archives().into_iter().filter(|archive| archive.year == year).collect();
    if archives.is_empty() {
        return Err(LakeError::from(FreezeError::NoArchive { year }).into());
    }
    let mut count = 0;
    for archive in archives {
        count += recorded(context, &archive, roots).await?;
    }
    Ok(count)
}

/// An archive as the lake has it: its manifest must be the one recorded, too.
async fn recorded(context: &Context, archive: &ArchiveRef, roots: Option<&Roots>) -> Result<usize, CliError> {
    check(context, archive.folder(), archive.year, Some(archive.manifest_sha256()), roots).await
}

async fn check(
    context: &Context,
    folder: &Path,
    year: i32,
    recorded: Option<&str>,
    roots: Option<&Roots>,
) -> Result<usize, CliError> {
    let (trusted, path): (_, PathBuf) = (roots.cloned(), folder.to_path_buf());
    let report = tokio::task::spawn_blocking(move || verify_archive(&path, Some(year), trusted.as_ref()))
        .await
        .map_err(|error| CliError::Panicked(error.to_string()))?;
    let mut count = report.problems.len();
    for problem in &report.problems {
        println!("{}: {}", problem.path.display(), problem.message);
    }
    let found = report.manifest_sha256.as_deref();
    if recorded.is_some() && found.is_some() && recorded != found {
        println!("{}: its manifest is not the one that the lake recorded", folder.display());
        count += 1;
    }
    let signature = match report.signature {
        SignatureState::Absent => "not signed",
        SignatureState::Unchecked => "signature not checked, give --roots DIR",
        SignatureState::Valid => "signature valid",
        SignatureState::Invalid => "signature not valid",
    };
    context.note(&format!(
        "{}: {} files, {} bytes checked; {count} problems; {signature}; manifest {}",
        folder.display(),
        report.file_count,
        report.byte_count,
        found.unwrap_or("unreadable")
    ));
    Ok(count)
}
