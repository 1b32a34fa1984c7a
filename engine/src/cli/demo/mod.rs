//! `bilim demo`: a synthetic country, submitted, landed, fixed, corrected, answered.
//!
//! The files below `DIR/submissions` go through the same intake and landing as any
//! submission, with the defects that real ones have.

mod correction;
mod file;
mod files;
mod key;
mod landing;
mod october;
mod tables;
mod territory;

use std::path::Path;
use std::time::Instant;

use bilim_domain::generator::{Country, Options};

use self::october::October;
use super::args::DemoArgs;
use super::context::Context;
use super::error::CliError;
use crate::lake::{AsOf, Lake};

/// Tells a folder of ours, which may be made anew, from anybody else's.
const MARKER: &str = ".bilim-demo";

pub async fn run(context: &Context, args: DemoArgs) -> Result<u8, CliError> {
    let start = Instant::now();
    let dir = args.dir;
    make_folder(&dir)?;
    let country = Country::new(&Options::new(args.seed, args.scale), &territory::places(context)?)
        .map_err(|error| CliError::Usage(error.to_string()))?;
    context.note(&format!("a country at scale {} from seed {}, in {}", args.scale, args.seed, dir.display()));

    let mut waiting = files::write_all(context, &country, &dir)?;
    let count: usize = waiting.values().map(Vec::len).sum();
    context.note(&format!("wrote {count} submissions ({:.1} s)", start.elapsed().as_secs_f64()));

    let story = October::new(context, &dir).await?;
    story.land_until_the_announcement(&mut waiting).await?;
    context.note(&format!("checked and landed them ({:.1} s)", start.elapsed().as_secs_f64()));
    let steps = story.run(&country, waiting).await?;
    context.note(&format!(
        "took {} through its October ({:.1} s)",
        october::YEAR,
        start.elapsed().as_secs_f64()
    ));

    let lake = Lake::open(&dir.join("lake").display().to_string()).await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let ctx = context.session_over(&snapshot)?;
    tables::report(context, &ctx).await?;
    tables::october(context, &ctx, &steps).await?;
    tables::next(&dir);
    context.note(&format!("done in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(0)
}

/// An empty folder: new, or ours from an earlier run.
fn make_folder(dir: &Path) -> Result<(), CliError> {
    let bad = |source| CliError::File { path: dir.to_owned(), source };
    if dir.exists() {
        let is_ours = dir.join(MARKER).exists();
        let is_empty = std::fs::read_dir(dir).map_err(bad)?.next().is_none();
        if !is_ours && !is_empty {
            return Err(CliError::Usage(format!(
                "{} holds something else; name an empty or new folder with --dir",
                dir.display()
            )));
        }
        if is_ours {
            std::fs::remove_dir_all(dir).map_err(bad)?;
        }
    }
    std::fs::create_dir_all(dir.join("submissions")).map_err(bad)?;
    std::fs::write(dir.join(MARKER), b"made by bilim demo\n").map_err(bad)
}
