//! `bilim verify`: is every byte of the lake, or of an archive, what was written?

use std::path::PathBuf;

use super::args::VerifyArgs;
use super::context::Context;
use super::error::CliError;
use crate::lake::archive::{FreezeError, Roots, SignatureState, verify_archive};
use crate::lake::{AsOf, LakeError};

pub async fn run(context: &Context, args: VerifyArgs) -> Result<u8, CliError> {
    match args.what.as_str() {
        "lake" => lake(context, &args).await,
        _ => archive(context, args).await,
    }
}

async fn lake(context: &Context, args: &VerifyArgs) -> Result<u8, CliError> {
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

/// An archive by its folder alone, or as the lake has it: then its manifest must be the one recorded, too.
async fn archive(context: &Context, args: VerifyArgs) -> Result<u8, CliError> {
    let year =
        args.year.ok_or_else(|| CliError::Usage("name the year: bilim verify archive 2024".to_owned()))?;
    let roots = args.roots.as_deref().map(Roots::from_dir).transpose()?;
    let mut folders: Vec<(PathBuf, Option<String>)> = Vec::new();
    if let Some(folder) = args.dir {
        folders.push((folder, None));
    } else {
        let lake = context.open_lake().await?;
        let snapshot = lake.snapshot(AsOf::Latest).await?;
        for archive in snapshot.archives().into_iter().filter(|archive| archive.year == year) {
            folders.push((archive.folder().to_path_buf(), Some(archive.manifest_sha256().to_owned())));
        }
        if folders.is_empty() {
            return Err(LakeError::from(FreezeError::NoArchive { year }).into());
        }
    }
    let mut is_sound = true;
    for (folder, recorded) in folders {
        let (trusted, path) = (roots.clone(), folder.clone());
        let report = tokio::task::spawn_blocking(move || verify_archive(&path, Some(year), trusted.as_ref()))
            .await
            .map_err(|error| CliError::Panicked(error.to_string()))?;
        let mut count = report.problems.len();
        for problem in &report.problems {
            println!("{}: {}", problem.path.display(), problem.message);
        }
        if recorded.is_some() && report.manifest_sha256.is_some() && recorded != report.manifest_sha256 {
            println!("{}: its manifest is not the one that the lake recorded", folder.display());
            count += 1;
        }
        is_sound &= count == 0;
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
            report.manifest_sha256.as_deref().unwrap_or("unreadable")
        ));
    }
    Ok(if is_sound { 0 } else { 3 })
}
