//! Running a fixing: choose a lake version, archive it, record it.
//!
//! 1. `begun` names the lake version; from here on a repetition archives the same one.
//! 2. `archive/<year>.making` is filled, counted, signed, synced, and renamed to `archive/<year>`.
//! 3. `fixed` names the archive; the lake is open again.
//!
//! A crash before the renaming leaves no archive, and the next run makes it anew. A crash between 2 and 3
//! leaves an archive that verifies and that nobody was told of: the next run takes it over, so that a year never
//! has two manifests.

use std::path::Path;

use chrono::TimeDelta;

use super::super::error::Result;
use super::super::fault::{Fault, FreezeStep};
use super::super::lake::blocking;
use super::super::snapshot::{AsOf, Snapshot};
use super::super::store::durable;
use super::super::writer::Writer;
use super::copy::{Copying, time};
use super::error::FreezeError;
use super::events::{EventKind, FreezeEvent};
use super::manifest::{MANIFEST, Manifest};
use super::sign::Signer;
use super::verify::verify_archive;

/// What is to be fixed.
#[derive(Debug, Clone)]
pub struct FreezeJob {
    /// Reporting year.
    pub year: i32,
    /// Reason of an addendum to a year that is fixed; `None` = the fixing itself.
    pub addendum: Option<String>,
    /// Who signs; `None` = nobody.
    pub signer: Option<Signer>,
    /// Why the ministry overrules what stands against it.
    pub override_reason: Option<String>,
    /// Rules that the caller found broken and the ministry overrules.
    pub overridden: Vec<String>,
    /// Program and version.
    pub software: String,
}

/// What to do where an archive has no folder.
pub(super) const FIX_IN_FOLDER: &str = "its archive is a folder that stands alone; keep the lake whose years are fixed in a folder (--lake PATH)";

impl Writer {
    /// Fix a year, or add an addendum to its archive; returns what was recorded.
    ///
    /// # Errors
    /// [`FreezeError`] when a rule stands against it or the copy is not the lake's; storage errors. Whatever
    /// happens, there is no archive or one that verifies.
    pub async fn freeze(&self, job: FreezeJob) -> Result<FreezeEvent> {
        self.lake().layout().needs_folder("a fixing", FIX_IN_FOLDER)?;
        let snapshot = self.lake().snapshot(AsOf::Latest).await?;
        let now = self.fixing_time(&snapshot)?;
        let history = snapshot.history();
        let year = job.year;
        let mut event = match (&job.addendum, history.fixed(year)) {
            (None, Some(fixed)) => {
                return Err(FreezeError::AlreadyFixed {
                    year,
                    date: fixed.fixing_date.unwrap_or_default(),
                    manifest: fixed.manifest_sha256.clone().unwrap_or_default(),
                }
                .into());
            }
            (Some(_), None) => return Err(FreezeError::NotFixed { year }.into()),
            (None, None) => self.begin(&job, &snapshot).await?,
            (Some(reason), Some(fixed)) => FreezeEvent {
                date_from: fixed.date_from,
                date_to: fixed.date_to,
                fixing_date: fixed.fixing_date,
                reason: Some(reason.clone()),
                lake_version: Some(snapshot.number()),
                archive: Some(format!("{year}-addendum-{}", history.addenda(year).count() + 1)),
                parent_sha256: history.addenda(year).last().unwrap_or(fixed).manifest_sha256.clone(),
                ..FreezeEvent::new(EventKind::Addendum, year, now)
            },
        };
        self.core.faults.pass(Fault::Freeze(FreezeStep::Begun))?;
        let (manifest, sha256) = self.archive(&job, &event).await?;
        event.at = now;
        event.manifest_sha256 = Some(sha256);
        event.signer = job.signer.as_ref().map(Signer::name);
        event.row_count = Some(manifest.row_count());
        let latest = self.lake().snapshot(AsOf::Latest).await?;
        self.record(vec![latest.history().rows(std::slice::from_ref(&event))?]).await?;
        self.core.faults.pass(Fault::Freeze(FreezeStep::Fixed))?;
        Ok(event)
    }

    /// Choose the lake version of a fixing, or find the one that was chosen.
    async fn begin(&self, job: &FreezeJob, snapshot: &Snapshot) -> Result<FreezeEvent> {
        let (year, history) = (job.year, snapshot.history());
        let now = self.fixing_time(snapshot)?;
        let announced = history.announced(year).ok_or(FreezeError::NotAnnounced { year })?;
        let mut rules: Vec<&str> = job.overridden.iter().map(String::as_str).collect();
        let version = if let Some(begun) = history.begun(year) {
            begun.lake_version.unwrap_or(snapshot.number())
        } else {
            let (from, to) = (announced.date_from.unwrap_or_default(), announced.date_to.unwrap_or_default());
            if announced.suspended_from.is_none_or(|suspended| now < suspended) {
                return Err(FreezeError::TooEarly { year, from }.into());
            }
            let version = match announced.reopens_at.filter(|reopens| *reopens <= now) {
                None => snapshot.number(),
                Some(reopens) => {
                    if job.override_reason.is_none() {
                        return Err(FreezeError::TooLate { year, to }.into());
                    }
                    rules.push("R-38");
                    // What came after the suspension is not part of the year's data.
                    let end = AsOf::Time(reopens - TimeDelta::milliseconds(1));
                    self.lake().snapshot(end).await?.number()
                }
            };
            let reason = job.override_reason.as_deref().unwrap_or_default();
            let mut events: Vec<FreezeEvent> =
                rules.iter().map(|rule| FreezeEvent::overridden(year, now, rule, reason)).collect();
            events.push(FreezeEvent {
                lake_version: Some(version),
                ..FreezeEvent::new(EventKind::Begun, year, now)
            });
            self.record(vec![history.rows(&events)?]).await?;
            version
        };
        Ok(FreezeEvent {
            date_from: announced.date_from,
            date_to: announced.date_to,
            fixing_date: announced.fixing_date,
            lake_version: Some(version),
            archive: Some(year.to_string()),
            ..FreezeEvent::new(EventKind::Fixed, year, now)
        })
    }

    /// Make the archive of an event, or take over the one that a crashed run left.
    async fn archive(&self, job: &FreezeJob, event: &FreezeEvent) -> Result<(Manifest, String)> {
        let lake = self.lake();
        let version = event.lake_version.unwrap_or_default();
        let snapshot = lake.snapshot(AsOf::Version(version)).await?;
        let name = event.archive.clone().unwrap_or_default();
        let archives = lake.layout().archive();
        let hash = snapshot.version().definitions.clone().ok_or(FreezeError::NoDefinitions { version })?;
        let definitions = lake.definitions(&hash).await?;
        let latest = lake.snapshot(AsOf::Latest).await?;
        let date = |date: Option<chrono::NaiveDate>| date.unwrap_or_default().to_string();
        let manifest = Manifest {
            format: Manifest::FORMAT,
            software: job.software.clone(),
            year: event.year,
            kind: if event.kind == EventKind::Addendum { "addendum" } else { "fixing" }.to_owned(),
            addendum: number_of(&name),
            reason: event.reason.clone(),
            fixing_date: date(event.fixing_date),
            suspended: [date(event.date_from), date(event.date_to)],
            made_at: time(event.at),
            lake_version: version,
            lake_version_sha256: snapshot.sha256().to_owned(),
            definitions: hash,
            previous_sha256: latest
                .history()
                .archives()
                .filter(|earlier| earlier.kind == EventKind::Fixed && earlier.year < event.year)
                .max_by_key(|earlier| earlier.year)
                .and_then(|earlier| earlier.manifest_sha256.clone()),
            parent_sha256: event.parent_sha256.clone(),
            tables: Vec::new(),
            files: Vec::new(),
            merkle_root: String::new(),
        };
        let copying = Copying {
            snapshot,
            definitions,
            manifest,
            archives,
            name,
            signer: job.signer.clone(),
            faults: self.core.faults.clone(),
        };
        blocking("archive the lake", move || {
            let folder = copying.archives.join(&copying.name);
            if folder.exists() {
                if let Some(found) = take_over(&folder, &copying.manifest) {
                    return Ok(found);
                }
                durable::remove_folder(&folder)?;
            }
            copying.run()
        })
        .await
    }
}

/// An archive that a crashed run left: whole, and of the same version.
fn take_over(folder: &Path, wanted: &Manifest) -> Option<(Manifest, String)> {
    let report = verify_archive(folder, Some(wanted.year), None);
    if !report.problems.is_empty() {
        return None;
    }
    let (found, sha256) = Manifest::read(folder).ok()?;
    let is_same = found.lake_version_sha256 == wanted.lake_version_sha256
        && found.kind == wanted.kind
        && found.reason == wanted.reason
        && found.parent_sha256 == wanted.parent_sha256;
    (is_same && folder.join(MANIFEST).exists()).then_some((found, sha256))
}

/// The number at the end of `2024-addendum-3`; 0 for `2024`.
fn number_of(name: &str) -> u32 {
    name.rsplit_once("-addendum-").and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}
