//! What every command starts from: configuration, definitions, the lake and a session over it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;
use serde::Deserialize;

use super::args::Global;
use super::error::CliError;
use crate::config::{Config, SignatureConfig};
use crate::definitions::{Assets, Definitions, Lang};
use crate::lake::archive::end_of_day;
use crate::lake::{AsOf, Lake, LakeError, Snapshot};
use crate::query::Format;
use crate::session;

/// Name of the configuration file looked for in the working folder.
const CONFIG_FILE: &str = "bilim.toml";

/// `bilim.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    lake: Option<String>,
    max_file_bytes: Option<u64>,
    max_workbook_bytes: Option<u64>,
    max_inflated_bytes: Option<u64>,
    max_rows: Option<u64>,
    max_cell_bytes: Option<usize>,
    max_columns: Option<usize>,
    max_findings: Option<usize>,
    staging_memory_bytes: Option<usize>,
    max_file_rows: Option<usize>,
    writer_wait_seconds: Option<u64>,
    lease_seconds: Option<u16>,
    query_memory_bytes: Option<usize>,
    use_rollups: Option<bool>,
    rollup_memory_bytes: Option<usize>,
    result_cache_bytes: Option<usize>,
    verify_reads: Option<bool>,
    threads: Option<usize>,
    #[serde(default)]
    signature: SignatureFile,
}

/// `[signature]` of `bilim.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureFile {
    roots: Option<PathBuf>,
    crl: Option<PathBuf>,
    delegate: Option<bool>,
    audience: Option<String>,
    envelope_days: Option<u16>,
    max_signature_bytes: Option<usize>,
    max_crl_bytes: Option<u64>,
}

/// State of one invocation.
pub struct Context {
    /// Options of every command.
    pub global: Global,
    /// Limits.
    pub config: Config,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    lake: Option<String>,
    runtime: Arc<RuntimeEnv>,
}

impl Context {
    /// Read `bilim.toml` and the definitions.
    pub fn new(global: Global) -> Result<Self, CliError> {
        let file = read_config(Path::new(CONFIG_FILE))?;
        let mut config = Config::default();
        let lake = global.lake.clone().or(file.lake);
        macro_rules! take {
            ($($name:ident),*) => { $( if let Some(value) = file.$name { config.$name = value; } )* };
        }
        take!(
            max_file_bytes,
            max_workbook_bytes,
            max_inflated_bytes,
            max_rows,
            max_cell_bytes,
            max_columns,
            max_findings,
            staging_memory_bytes,
            max_file_rows,
            writer_wait_seconds,
            query_memory_bytes,
            use_rollups,
            rollup_memory_bytes,
            result_cache_bytes,
            verify_reads,
            threads
        );
        if let Some(seconds) = file.lease_seconds {
            if !(1..=600).contains(&seconds) {
                return Err(CliError::Usage(format!(
                    "{CONFIG_FILE}: lease_seconds is {seconds}, and must be between 1 and 600"
                )));
            }
            config.lease = Duration::from_secs(seconds.into());
        }
        let signature = file.signature;
        let defaults = SignatureConfig::default();
        config.signature = SignatureConfig {
            roots: signature.roots,
            crl: signature.crl,
            delegate: signature.delegate.unwrap_or(defaults.delegate),
            audience: signature.audience,
            envelope_days: signature.envelope_days.unwrap_or(defaults.envelope_days),
            max_signature_bytes: signature.max_signature_bytes.unwrap_or(defaults.max_signature_bytes),
            max_crl_bytes: signature.max_crl_bytes.unwrap_or(defaults.max_crl_bytes),
        };
        config.now = global.now;
        config.use_rollups &= !global.no_rollups;
        let definitions = Arc::new(Definitions::built_in()?);
        config.lens.audience = global.audience;
        config.lens.vintage = vintage(global.vintage.as_deref(), &definitions)?;
        let runtime = session::runtime(&config)?;
        let context = Self { global, config, definitions, lake, runtime };
        if let Some(now) = context.config.now {
            context.note(&format!("the clock is set to {}", now.to_rfc3339_opts(SecondsFormat::Secs, true)));
        }
        Ok(context)
    }

    /// The same program on another lake, at another time.
    pub fn on(&self, lake: &Path, now: DateTime<Utc>) -> Self {
        let mut config = self.config.clone();
        config.now = Some(now);
        Self {
            global: self.global.clone(),
            config,
            definitions: Arc::clone(&self.definitions),
            lake: Some(lake.display().to_string()),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// Language of names.
    pub fn lang(&self) -> Lang {
        self.global.lang
    }

    /// Column ending of the language: `kk`, `ru`, `en`.
    pub fn lang_code(&self) -> &'static str {
        match self.global.lang {
            Lang::Kk => "kk",
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// The lake named by option, environment or file.
    pub fn lake_location(&self) -> Result<&str, CliError> {
        self.lake.as_deref().ok_or(CliError::NoLake)
    }

    /// Open it.
    pub async fn open_lake(&self) -> Result<Lake, CliError> {
        Ok(Lake::open(self.lake_location()?).await?)
    }

    /// A session over a version of the lake: the newest with this build's definitions, an earlier one
    /// with those that were in force then.
    pub async fn session(&self, as_of: Option<&str>) -> Result<(SessionContext, Snapshot), CliError> {
        let lake = self.open_lake().await?;
        let as_of = match as_of {
            Some(text) => parse_as_of(text, &self.definitions.assets)?,
            None => AsOf::Latest,
        };
        let snapshot = lake.snapshot(as_of).await?;
        let definitions = if as_of == AsOf::Latest {
            Arc::clone(&self.definitions)
        } else {
            self.definitions_of(&lake, &snapshot).await?
        };
        let ctx = session::open(&self.config, Arc::clone(&self.runtime), &definitions, &snapshot)?;
        Ok((ctx, snapshot))
    }

    /// A session over a snapshot that the caller has opened.
    pub fn session_over(&self, snapshot: &Snapshot) -> Result<SessionContext, CliError> {
        Ok(session::open(&self.config, Arc::clone(&self.runtime), &self.definitions, snapshot)?)
    }

    /// Make the rollups that a version of the lake lacks, by this build's definitions; with `dry` only say which.
    pub async fn refresh(&self, snapshot: &Snapshot, dry: bool) -> Result<Vec<session::Refreshed>, CliError> {
        Ok(session::refresh(&self.config, &self.runtime, &self.definitions, snapshot, dry).await?)
    }

    /// A session without a lake.
    pub fn scratch(&self) -> Result<SessionContext, CliError> {
        Ok(session::scratch(&self.config, Arc::clone(&self.runtime))?)
    }

    async fn definitions_of(&self, lake: &Lake, snapshot: &Snapshot) -> Result<Arc<Definitions>, CliError> {
        let Some(hash) = &snapshot.version().definitions else { return Ok(Arc::clone(&self.definitions)) };
        if *hash == self.definitions.assets.hash() {
            return Ok(Arc::clone(&self.definitions));
        }
        let files = lake.definitions(hash).await?;
        Ok(Arc::new(Definitions::from_assets(Assets::from_map(files))?))
    }

    /// The format asked for: table on a terminal, CSV in a pipe.
    pub fn format(&self) -> Format {
        self.global.format.unwrap_or_else(|| {
            if self.global.output.is_none() && std::io::stdout().is_terminal() {
                Format::Table
            } else {
                Format::Csv
            }
        })
    }

    /// A line for people, on stderr.
    pub fn note(&self, text: &str) {
        if !self.global.quiet {
            eprintln!("{text}");
        }
    }
}

/// The vintage asked for; as reported is none.
fn vintage(asked: Option<&str>, definitions: &Definitions) -> Result<Option<String>, CliError> {
    let known = session::indicator::vintages(&definitions.assets);
    match asked {
        None | Some(session::indicator::AS_REPORTED) => Ok(None),
        Some(name) if known.iter().any(|vintage| vintage == name) => Ok(Some(name.to_owned())),
        Some(name) => {
            Err(CliError::Usage(format!("{name:?} is no vintage of the territory: {}", known.join(", "))))
        }
    }
}

fn read_config(path: &Path) -> Result<ConfigFile, CliError> {
    let bad =
        |source: Box<dyn std::error::Error + Send + Sync>| CliError::Config { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| bad(Box::new(error))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ConfigFile::default()),
        Err(error) => Err(bad(Box::new(error))),
    }
}

/// `12` is a version, `freeze:2024` the one fixed for a year; a day means its end in the country.
fn parse_as_of(text: &str, assets: &Assets) -> Result<AsOf, CliError> {
    if let Ok(version) = text.parse() {
        return Ok(AsOf::Version(version));
    }
    if let Some(year) = text.strip_prefix("freeze:").and_then(|year| year.parse().ok()) {
        return Ok(AsOf::Freeze(year));
    }
    if let Ok(time) = text.parse::<DateTime<Utc>>() {
        return Ok(AsOf::Time(time));
    }
    match text.parse::<NaiveDate>() {
        Ok(day) => Ok(AsOf::Time(end_of_day(assets, day).map_err(LakeError::from)?)),
        Err(_) => Err(CliError::Usage(format!(
            "{text:?} is neither a lake version (12), nor a day or time (2024-10-01, 2024-10-01T12:00:00Z), nor a fixing \
             (freeze:2024)"
        ))),
    }
}
