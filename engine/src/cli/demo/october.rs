//! The last year's October: announced, suspended, fixed, verified, reopened, corrected.
//!
//! The lake's time never runs backwards, so nothing may land before its hour in the story: what the
//! generator dates before the announcement lands with the clock of the announcement, the rest after it at its own
//! time. What it dates within the suspension comes again on the day of reopening.
//!
//! The years before the announcement land together. Year by year, each enrolment and leaving would be a change against
//! the year before and stand in `gov.change`, all of them late, because the generator reports once a year: 60 commits
//! instead of 10 and 10 s of processor time more, for a timeliness of zero.

use std::path::{Path, PathBuf};

use bilim_domain::generator::Country;
use bilim_domain::year::Year;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::correction::{self, Correction};
use super::key::DemoKey;
use super::landing::{self, Waiting};
use crate::cli::answer;
use crate::cli::args::{AnnounceArgs, FreezeAction, FreezeArgs, FreezeRunArgs, SubmitArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{freeze, submit};
use crate::lake::archive::{FixingRules, Roots, SignatureState, verify_archive};
use crate::lake::{AsOf, Lake, LakeError};

/// The reporting year that is fixed: the generator's last.
pub(super) const YEAR: i32 = 2024;

/// Something that happened, as the demo tells it.
pub(super) struct Step {
    /// The day in the country.
    pub(super) day: NaiveDate,
    /// What was done.
    pub(super) what: &'static str,
    /// What came of it.
    pub(super) answer: String,
}

/// The story and where it happens.
pub(super) struct October<'a> {
    context: &'a Context,
    dir: PathBuf,
    lake: PathBuf,
    key: DemoKey,
    rules: FixingRules,
}

/// Three working days (16, 17 and 18) lie between the announcement and the suspension.
fn announced() -> DateTime<Utc> {
    morning(10, 15)
}

/// Eight working days: Republic Day, the 25th, is none.
fn suspended() -> (NaiveDate, NaiveDate) {
    (day(10, 21), day(10, 31))
}

fn fixed() -> DateTime<Utc> {
    morning(10, 22)
}

fn corrected() -> DateTime<Utc> {
    morning(11, 4)
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(YEAR, month, day).expect("the days of the story exist")
}

/// Ten o'clock in the country.
fn morning(month: u32, number: u32) -> DateTime<Utc> {
    day(month, number).and_hms_opt(5, 0, 0).expect("every day has a fifth hour").and_utc()
}

impl<'a> October<'a> {
    /// A new lake and a key to sign with, below `dir`.
    pub(super) async fn new(context: &'a Context, dir: &Path) -> Result<Self, CliError> {
        let lake = dir.join("lake");
        Lake::init_at(&lake.display().to_string(), announced()).await?;
        let rules = FixingRules::of_year(&context.definitions.assets, YEAR).map_err(LakeError::from)?;
        Ok(Self { context, dir: dir.to_owned(), lake, key: DemoKey::make(dir)?, rules })
    }

    /// Everything dated before the announcement.
    pub(super) async fn land_until_the_announcement(&self, waiting: &mut Waiting) -> Result<(), CliError> {
        self.land(waiting, announced(), None).await
    }

    /// From the announcement to the end of what waits.
    pub(super) async fn run(&self, country: &Country, mut waiting: Waiting) -> Result<Vec<Step>, CliError> {
        let (from, to) = suspended();
        let overruled = self.announce(from, to).await?;
        let mut steps = vec![self.announcement(overruled.as_deref()).await?];
        self.land(&mut waiting, self.rules.midnight(from) - TimeDelta::hours(1), None).await?;

        let year = Year::try_from(YEAR).map_err(|error| CliError::Usage(error.to_string()))?;
        let correction = correction::write(country, year, &self.dir)?;
        if let Some(correction) = &correction {
            steps.push(self.submit(correction, fixed(), "a school submits a correction").await);
        }
        steps.push(self.ask().await?);
        steps.push(self.fix(overruled).await?);
        steps.push(self.verify().await?);

        let reopened = self.rules.midnight(to.succ_opt().unwrap_or(to));
        self.land(&mut waiting, reopened, Some(reopened)).await?;
        if let Some(correction) = &correction {
            steps.push(self.submit(correction, corrected(), "the school submits it again").await);
        }
        let last = waiting.values().flatten().map(|file| file.at).max();
        if let Some(last) = last {
            self.land(&mut waiting, last.max(corrected()), Some(reopened)).await?;
        }
        Ok(steps)
    }

    fn at(&self, now: DateTime<Utc>) -> Context {
        self.context.on(&self.lake, now)
    }

    fn step(&self, at: DateTime<Utc>, what: &'static str, answer: String) -> Step {
        Step { day: self.rules.day(at), what, answer }
    }

    /// Land what is due by a time.
    async fn land(
        &self,
        waiting: &mut Waiting,
        by: DateTime<Utc>,
        open: Option<DateTime<Utc>>,
    ) -> Result<(), CliError> {
        let due = landing::due(waiting, by, open);
        if due.is_empty() {
            return Ok(());
        }
        let context = self.at(by);
        landing::land_all(&context, &context.open_lake().await?, due).await
    }

    /// Announce; the answer is the reason with which the ministry had to overrule that levels are missing.
    async fn announce(&self, from: NaiveDate, to: NaiveDate) -> Result<Option<String>, CliError> {
        let context = self.at(announced());
        let missing = self
            .rows(
                &context,
                &format!("select level from gov.level_missing where year = {YEAR} order by level"),
            )
            .await?;
        let levels: Vec<String> = missing.into_iter().flatten().flatten().collect();
        // A very small country has no organisation of every type.
        let reason = (!levels.is_empty()).then(|| format!("a country so small has no {}", levels.join(", ")));
        let args = AnnounceArgs { year: YEAR, from, to, date: from, override_reason: reason.clone() };
        freeze::run(&context, FreezeArgs { action: FreezeAction::Announce(args) }).await?;
        Ok(reason)
    }

    async fn announcement(&self, overruled: Option<&str>) -> Result<Step, CliError> {
        let context = self.at(announced());
        let found = self
            .rows(
                &context,
                &format!(
                    "select f.fixing_date, f.date_from, f.date_to, \
                     sum(case when n.recipient_kind = 'organisation' then 1 else 0 end), \
                     sum(case when n.recipient_kind = 'authority' then 1 else 0 end) \
                     from gov.freeze f join gov.notice n on n.year = f.year where f.year = {YEAR} \
                     group by f.fixing_date, f.date_from, f.date_to"
                ),
            )
            .await?;
        let cells: Vec<String> = found.into_iter().flatten().map(Option::unwrap_or_default).collect();
        let mut answer = match cells.as_slice() {
            [date, from, to, organisations, authorities] => format!(
                "data are fixed as of {date}, updates suspended from {from} to {to}; told: {organisations} \
                 organisations, {authorities} authorities, every user"
            ),
            _ => "nobody was told".to_owned(),
        };
        if let Some(reason) = overruled {
            answer = format!("{answer}; R-41 overruled: {reason}");
        }
        Ok(self.step(announced(), "the ministry announces the fixing", answer))
    }

    /// Submit the correction; whatever comes of it is the answer.
    async fn submit(&self, correction: &Correction, now: DateTime<Utc>, what: &'static str) -> Step {
        let args = SubmitArgs {
            files: vec![correction.path.clone()],
            form: Some(correction.form.to_owned()),
            year: None,
            subject: Some(correction.bin.clone()),
            source_system: Some(landing::SYSTEM.to_owned()),
            findings: None,
            signature: None,
            envelope: None,
            prepare: None,
            dry_run: false,
            queue: false,
            template: None,
        };
        let context = self.at(now);
        let answer = match Box::pin(submit::run(&context, args)).await {
            Err(error) => format!("refused: {}", error.chain()),
            Ok(0) => format!("taken: {} learners had left before the as-of date", correction.left),
            Ok(_) => "rejected, see gov.finding".to_owned(),
        };
        self.step(now, what, answer)
    }

    /// Reading goes on.
    async fn ask(&self) -> Result<Step, CliError> {
        let context = self.at(fixed());
        let found = self
            .rows(
                &context,
                &format!(
                    "select cast(value as bigint), status from mart.indicator where indicator = 'CON-01' and tier = \
                     'republic' and level = 'school' and breakdown = 'total' and year = {YEAR}"
                ),
            )
            .await?;
        let cells: Vec<String> = found.into_iter().flatten().map(Option::unwrap_or_default).collect();
        let answer = format!("CON-01, pupils of schools: {}", cells.join(", "));
        Ok(self.step(fixed(), "anybody asks", answer))
    }

    async fn fix(&self, override_reason: Option<String>) -> Result<Step, CliError> {
        let args = FreezeRunArgs {
            year: YEAR,
            sign_key: Some(self.key.key.clone()),
            sign_cert: Some(self.key.certificate.clone()),
            unsigned: false,
            addendum: None,
            override_reason,
        };
        let context = self.at(fixed());
        freeze::run(&context, FreezeArgs { action: FreezeAction::Run(args) }).await?;
        let found = self
            .rows(&context, &format!("select lake_version, signer from gov.freeze where year = {YEAR}"))
            .await?;
        let cells: Vec<String> = found.into_iter().flatten().map(Option::unwrap_or_default).collect();
        let answer = match cells.as_slice() {
            [version, signer] => {
                format!("lake version {version} is archived, signed with a key made for this demo ({signer})")
            }
            _ => "nothing is fixed".to_owned(),
        };
        Ok(self.step(fixed(), "the ministry fixes the data", answer))
    }

    /// By the folder and the root alone.
    async fn verify(&self) -> Result<Step, CliError> {
        let context = self.at(fixed());
        let snapshot = context.open_lake().await?.snapshot(AsOf::Latest).await?;
        let archive = snapshot.archives().into_iter().find(|archive| archive.year == YEAR);
        let Some(archive) = archive else {
            return Ok(self.step(fixed(), "anybody verifies the archive", "there is none".to_owned()));
        };
        let (folder, roots) = (archive.folder().to_owned(), Roots::from_dir(&self.key.roots)?);
        let report = tokio::task::spawn_blocking(move || verify_archive(&folder, Some(YEAR), Some(&roots)))
            .await
            .map_err(|error| CliError::Panicked(error.to_string()))?;
        let data = report.manifest.iter().flat_map(|manifest| &manifest.files);
        // Of the forms only: how many files describe the definitions is no matter of the story.
        let rows: Vec<u64> = data
            .filter_map(|file| file.data.as_ref())
            .filter(|file| file.table.starts_with("raw."))
            .map(|file| file.rows)
            .collect();
        let signature = match report.signature {
            SignatureState::Valid => "the signature leads to the root",
            SignatureState::Invalid => "the signature is not valid",
            SignatureState::Absent | SignatureState::Unchecked => "no signature was checked",
        };
        let answer = format!(
            "{} rows of forms in {} files, {} problems; {signature}",
            rows.iter().sum::<u64>(),
            rows.len(),
            report.problems.len()
        );
        Ok(self.step(fixed(), "anybody verifies the archive", answer))
    }

    async fn rows(&self, context: &Context, sql: &str) -> Result<Vec<answer::Row>, CliError> {
        let snapshot = context.open_lake().await?.snapshot(AsOf::Latest).await?;
        Ok(answer::rows(&context.session_over(&snapshot)?, sql).await?)
    }
}
