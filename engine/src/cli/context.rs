//! What every command starts from: configuration, definitions, the lake and a session over it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;
use serde::Deserialize;

use super::args::Global;
use super::error::CliError;
use crate::config::{Compression, Config, ServerConfig, SignatureConfig};
use crate::definitions::{Definitions, Lang};
use crate::lake::{AsOf, Lake, LakeError, Snapshot};
use crate::query::Format;
use crate::server::auth::{AccountsOptions, KeySource, OidcOptions};
use crate::session;
use crate::submission::Site;

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
    #[serde(default)]
    server: ServerFile,
    oidc: Option<OidcFile>,
}

/// `[oidc]` of `bilim.toml`: whose tokens are believed beside the server's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcFile {
    issuer: String,
    audience: String,
    /// A file, or an address with `https:`.
    keys: String,
    algorithms: Vec<String>,
    name_claim: Option<String>,
}

impl From<OidcFile> for OidcOptions {
    fn from(file: OidcFile) -> Self {
        let is_url = file.keys.starts_with("https:") || file.keys.starts_with("http:");
        let keys = if is_url { KeySource::Url(file.keys) } else { KeySource::File(PathBuf::from(file.keys)) };
        Self {
            issuer: file.issuer,
            audience: file.audience,
            keys,
            algorithms: file.algorithms,
            name_claim: file.name_claim.unwrap_or_else(|| "sub".to_owned()),
        }
    }
}

/// `[server]` of `bilim.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerFile {
    memory_per_query_bytes: Option<usize>,
    statement_timeout_seconds: Option<u64>,
    max_result_rows: Option<u64>,
    max_result_bytes: Option<u64>,
    max_ministry_queries: Option<usize>,
    max_department_queries: Option<usize>,
    max_researcher_queries: Option<usize>,
    max_public_queries: Option<usize>,
    max_queued_queries: Option<usize>,
    max_queries_per_caller: Option<usize>,
    max_connections: Option<usize>,
    max_message_bytes: Option<usize>,
    refresh_seconds: Option<u64>,
    drain_seconds: Option<u64>,
    compression: Option<String>,
}

impl ServerFile {
    fn over(self, mut config: ServerConfig) -> Result<ServerConfig, CliError> {
        macro_rules! take {
            ($($name:ident),*) => { $( if let Some(value) = self.$name { config.$name = value; } )* };
        }
        take!(
            memory_per_query_bytes,
            max_result_rows,
            max_result_bytes,
            max_ministry_queries,
            max_department_queries,
            max_researcher_queries,
            max_public_queries,
            max_queued_queries,
            max_queries_per_caller,
            max_connections,
            max_message_bytes
        );
        let seconds = |name, value: Option<u64>| match value {
            Some(0) => {
                Err(CliError::Usage(format!("{CONFIG_FILE}: [server] {name} is 0, and must be above")))
            }
            value => Ok(value.map(Duration::from_secs)),
        };
        if let Some(time) = seconds("statement_timeout_seconds", self.statement_timeout_seconds)? {
            config.statement_timeout = time;
        }
        if let Some(time) = seconds("refresh_seconds", self.refresh_seconds)? {
            config.refresh_every = time;
        }
        if let Some(time) = seconds("drain_seconds", self.drain_seconds)? {
            config.drain = time;
        }
        config.compression = match self.compression.as_deref() {
            None => config.compression,
            Some("none") => Compression::None,
            Some("lz4") => Compression::Lz4,
            Some("zstd") => Compression::Zstd,
            Some(other) => {
                return Err(CliError::Usage(format!(
                    "{CONFIG_FILE}: [server] compression is {other:?}, and must be none, lz4 or zstd"
                )));
            }
        };
        Ok(config)
    }
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
    /// Whose tokens the server believes beside its own.
    pub oidc: Option<OidcOptions>,
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
        config.server = file.server.over(ServerConfig::default())?;
        config.now = global.now;
        config.use_rollups &= !global.no_rollups;
        let definitions = Arc::new(Definitions::built_in()?);
        config.lens.audience = global.audience;
        config.lens.vintage = vintage(global.vintage.as_deref(), &definitions)?;
        let runtime = session::runtime(&config)?;
        let oidc = file.oidc.map(OidcOptions::from);
        let context = Self { global, config, definitions, oidc, lake, runtime };
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
            oidc: self.oidc.clone(),
            lake: Some(lake.display().to_string()),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// What submissions are taken in with.
    pub fn site(&self) -> Site<'_> {
        Site { config: &self.config, definitions: &self.definitions, runtime: &self.runtime }
    }

    /// What accounts are opened with: the clock of this program. The server adds its identity provider.
    pub fn accounts_options(&self) -> AccountsOptions {
        let mut options = AccountsOptions::default();
        if let Some(now) = self.config.now {
            options.clock = Arc::new(move || now);
        }
        options
    }

    /// Memory, spill folder and caches of the process.
    pub fn runtime(&self) -> Arc<RuntimeEnv> {
        Arc::clone(&self.runtime)
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
            Some(text) => AsOf::parse(text, &self.definitions.assets).map_err(|error| match error {
                LakeError::AsOf { .. } => CliError::Usage(error.to_string()),
                error => error.into(),
            })?,
            None => AsOf::Latest,
        };
        let snapshot = lake.snapshot(as_of).await?;
        let definitions = if as_of == AsOf::Latest {
            Arc::clone(&self.definitions)
        } else {
            session::definitions_of(&lake, &snapshot, &self.definitions).await?
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
