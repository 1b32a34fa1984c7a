//! Arguments of the program.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Audience;
use crate::definitions::Lang;
use crate::query::Format;

/// The analytical warehouse of educational monitoring.
#[derive(Debug, Parser)]
#[command(name = "bilim", version = version(), max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// `0.1.0` and what it is built on.
fn version() -> String {
    format!(
        "{} (DataFusion {}, Arrow {}, Delta {})",
        env!("CARGO_PKG_VERSION"),
        datafusion::DATAFUSION_VERSION,
        datafusion::arrow::ARROW_VERSION,
        crate::lake::delta_version(),
    )
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Lake: a folder or a file: URL
    #[arg(long, global = true, env = "BILIM_LAKE", value_name = "URL")]
    pub lake: Option<String>,
    /// Output format: table, csv, json, ndjson, md, parquet, arrow, xlsx [default: table on a terminal, else csv]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write the answer to a file instead of stdout
    #[arg(long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language of names and messages: kk, ru, en
    #[arg(long, global = true, value_name = "LANG", default_value = "en", value_parser = lang)]
    pub lang: Lang,
    /// Every year in one division of the territory: 2018, 2022, current [default: as reported]
    #[arg(long, global = true, value_name = "VINTAGE")]
    pub vintage: Option<String>,
    /// Whom the answer is for: ministry (true values) or public (small cells hidden)
    #[arg(long, global = true, value_name = "WHO", default_value = "ministry", value_parser = audience)]
    pub audience: Audience,
    /// Compute everything from the records, to compare: rollups are not read
    #[arg(long, global = true)]
    pub no_rollups: bool,
    /// No progress and no notes on stderr
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Time instead of the system's (2024-10-01T12:00:00Z), for rehearsals
    #[arg(long, global = true, env = "BILIM_NOW", value_name = "TIME", hide = true)]
    pub now: Option<DateTime<Utc>>,
}

fn audience(text: &str) -> Result<Audience, String> {
    match text {
        "ministry" => Ok(Audience::Ministry),
        "public" => Ok(Audience::Public),
        other => Err(format!("{other} is none of ministry, public")),
    }
}

fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "kk" => Ok(Lang::Kk),
        "ru" => Ok(Lang::Ru),
        "en" => Ok(Lang::En),
        other => Err(format!("{other} is none of kk, ru, en")),
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a synthetic country, submit it, land it, answer from it
    Demo(DemoArgs),
    /// Create a lake
    Init,
    /// Submit files of a form, or write its template
    Submit(SubmitArgs),
    /// Replace the IINs of a file by pseudonyms, where the key is kept
    Pseudonymise(PseudonymiseArgs),
    /// Import published statistics; without a source, their list
    Import(ImportArgs),
    /// Run a query, or open a shell when none is given
    Sql(SqlArgs),
    /// Values of an indicator
    Indicator(IndicatorArgs),
    /// Change of an indicator over the years
    Dynamics(IndicatorArgs),
    /// Ranking of units by an indicator
    Ranking(IndicatorArgs),
    /// Forecast of an indicator, with intervals
    Forecast(IndicatorArgs),
    /// What of a change is composition and what are rates: --by region, district, locality, language, level
    Decomposition(IndicatorArgs),
    /// Composite rating of organisations, districts or regions; without a name, the list of ratings
    Rating(RatingArgs),
    /// Ready queries; without a name, their list
    Canned(CannedArgs),
    /// Definitions of indicators, forms and rules
    Catalog(CatalogArgs),
    /// Fix the data of a year: announce it, run it, list the fixings
    Freeze(FreezeArgs),
    /// Look through submissions; return or accept them as a department
    #[command(subcommand)]
    Control(ControlCommand),
    /// Parameters of indicators and rules, and their dated changes
    #[command(subcommand)]
    Parameter(ParameterCommand),
    /// Register of the yearly publications
    #[command(subcommand)]
    Publication(PublicationCommand),
    /// Who may sign in to the server
    #[command(subcommand)]
    User(UserCommand),
    /// What a value rests on: lake version, definition, files, submissions
    Lineage(LineageArgs),
    /// Check that the lake is what was written
    Verify(VerifyArgs),
    /// Merge the small files that submissions leave, while submissions go on; no row changes
    Upkeep(UpkeepArgs),
    /// Answer Flight SQL: Python, R, JDBC, ODBC and dashboards
    Serve(ServeArgs),
    /// Check this installation and the lake
    Doctor,
    /// Completion script for a shell
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the submissions and the lake
    #[arg(long, default_value = "bilim-demo")]
    pub dir: PathBuf,
    /// Size relative to 22 thousand organisations and 4 million pupils
    #[arg(long, default_value_t = 0.01, value_name = "F")]
    pub scale: f64,
    /// Same seed, same country
    #[arg(long, default_value_t = 459, value_name = "N")]
    pub seed: u64,
}

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// Files: CSV, XLSX, XLS, NDJSON or Parquet
    pub files: Vec<PathBuf>,
    /// Code of the form
    #[arg(long, value_name = "CODE")]
    pub form: Option<String>,
    /// Reporting year of files without a column `year`
    #[arg(long, value_name = "Y")]
    pub year: Option<i32>,
    /// BIN of the submitting subject [default: the operator of the lake, who may submit everything]
    #[arg(long, value_name = "BIN")]
    pub subject: Option<String>,
    /// Code of the information system that the data come from [default: bilim, the warehouse itself]
    #[arg(long, value_name = "CODE")]
    pub source_system: Option<String>,
    /// Write every finding to a CSV file
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Signature of the head over the file, or over --envelope: detached CMS, DER; one file only
    #[arg(long, value_name = "FILE", requires = "subject")]
    pub signature: Option<PathBuf>,
    /// The envelope that was signed
    #[arg(long, value_name = "FILE", requires = "signature")]
    pub envelope: Option<PathBuf>,
    /// Check the file and write the envelope for the head to sign; nothing lands
    #[arg(long, value_name = "FILE", requires = "subject", conflicts_with_all = ["signature", "dry_run"])]
    pub prepare: Option<PathBuf>,
    /// Check only; say what would be replaced
    #[arg(long)]
    pub dry_run: bool,
    /// While updates are suspended, keep the files and land them when the lake reopens
    #[arg(long, conflicts_with_all = ["dry_run", "prepare"])]
    pub queue: bool,
    /// Write the empty template of a form: CSV, or XLSX with --output F.xlsx
    #[arg(long, value_name = "CODE", conflicts_with_all = ["files", "form"])]
    pub template: Option<String>,
}

/// Arguments of `pseudonymise`.
#[derive(Debug, Args)]
pub struct PseudonymiseArgs {
    /// File with IINs in its pseudonym columns: CSV or XLSX
    pub file: PathBuf,
    /// Form of the file
    #[arg(long, value_name = "CODE", default_value = "S1.PUPIL")]
    pub form: String,
    /// File with the secret key, 32 bytes or more
    #[arg(long, value_name = "FILE")]
    pub key_file: PathBuf,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Name of the source, or `all`
    pub source: Option<String>,
    /// Folder of the published files
    #[arg(long, value_name = "DIR", env = "BILIM_DATA", default_value = "../shared/data")]
    pub from: PathBuf,
    /// Write the findings to a CSV file
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
}

/// Arguments of `sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// Statement
    pub query: Option<String>,
    /// Read the statement from a file
    #[arg(long, conflicts_with = "query")]
    pub file: Option<PathBuf>,
    /// Register a Parquet or CSV file, or a hive-partitioned folder, beside the lake
    #[arg(long, value_name = "NAME=PATH")]
    pub with: Vec<String>,
    /// Answer from an earlier lake version: its number, a day or time, or freeze:YEAR
    #[arg(long, value_name = "VERSION|TIME|freeze:YEAR")]
    pub as_of: Option<String>,
    /// Print the time of each statement on stderr
    #[arg(long)]
    pub timing: bool,
}

/// Arguments of `rating`.
#[derive(Debug, Args)]
pub struct RatingArgs {
    /// Name of the rating, for instance staffing
    pub name: Option<String>,
    /// Year [default: the last one]
    #[arg(long, value_name = "Y")]
    pub year: Option<i32>,
    /// Tier: organisation, district, region
    #[arg(long, default_value = "region")]
    pub tier: String,
    /// Code of a unit, or of the parent whose parts are shown
    #[arg(long, value_name = "CODE")]
    pub geo: Option<String>,
    /// How many units keep their rank within one place when weights move
    #[arg(long, conflicts_with = "geo")]
    pub sensitivity: bool,
    /// Answer from an earlier lake version: its number, a day or time, or freeze:YEAR
    #[arg(long, value_name = "VERSION|TIME|freeze:YEAR")]
    pub as_of: Option<String>,
}

/// Arguments of `indicator`, `dynamics`, `ranking`, `forecast` and `decomposition`.
#[derive(Debug, Args)]
pub struct IndicatorArgs {
    /// Code, for instance TCH-01 or EQT-01:GRD-02
    pub code: String,
    /// Year or span of years, for instance 2024 or 2019..2024 [default: ranking the last one, else all]
    #[arg(long, value_name = "Y|A..B")]
    pub year: Option<String>,
    /// Tier: organisation, district, region, republic, international
    #[arg(long)]
    pub tier: Option<String>,
    /// Code of a territory, organisation or country; with --tier below it, its parts
    #[arg(long, value_name = "CODE")]
    pub geo: Option<String>,
    /// Level of education [default: the indicator's headline level]
    #[arg(long)]
    pub level: Option<String>,
    /// Break down by a dimension, or by several joined by commas
    #[arg(long, value_name = "DIMENSION")]
    pub by: Option<String>,
    /// Answer from an earlier lake version: its number, a day or time, or freeze:YEAR
    #[arg(long, value_name = "VERSION|TIME|freeze:YEAR")]
    pub as_of: Option<String>,
}

/// Arguments of `canned`.
#[derive(Debug, Args)]
pub struct CannedArgs {
    /// Name of the query
    pub name: Option<String>,
    /// Value of a parameter
    #[arg(long, value_name = "K=V")]
    pub param: Vec<String>,
}

/// Arguments of `catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    /// Code of an indicator, or `forms`, or `rules` of the law, or `checks` of forms, files and signatures
    pub code: Option<String>,
    /// The SQL behind the indicator
    #[arg(long)]
    pub sql: bool,
    /// Tier of the SQL shown
    #[arg(long, default_value = "region")]
    pub tier: String,
    /// Breakdown of the SQL shown [default: the first the indicator has]
    #[arg(long)]
    pub by: Option<String>,
}

/// Arguments of `freeze`.
#[derive(Debug, Args)]
pub struct FreezeArgs {
    /// What to do
    #[command(subcommand)]
    pub action: FreezeAction,
}

/// Parts of `freeze`.
#[derive(Debug, Subcommand)]
pub enum FreezeAction {
    /// Announce the suspension of updates and the date as of which data are fixed
    Announce(AnnounceArgs),
    /// Fix: copy one lake version to the archive, sign it, reopen
    Run(FreezeRunArgs),
    /// Every announcement, fixing and missed October
    List,
}

/// Arguments of `freeze announce`.
#[derive(Debug, Args)]
pub struct AnnounceArgs {
    /// Reporting year
    #[arg(long, value_name = "Y")]
    pub year: i32,
    /// First day of the suspension
    #[arg(long, value_name = "DATE")]
    pub from: NaiveDate,
    /// Last day of the suspension
    #[arg(long, value_name = "DATE")]
    pub to: NaiveDate,
    /// The one date as of which data are fixed
    #[arg(long, value_name = "DATE")]
    pub date: NaiveDate,
    /// Overrule what stands against it, as the ministry, with this reason; it is logged
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
}

/// Arguments of `freeze run`.
#[derive(Debug, Args)]
pub struct FreezeRunArgs {
    /// Reporting year
    #[arg(long, value_name = "Y")]
    pub year: i32,
    /// Private key of the ministry, PEM
    #[arg(long, value_name = "FILE", requires = "sign_cert")]
    pub sign_key: Option<PathBuf>,
    /// Its certificate, PEM, with the certificates above it
    #[arg(long, value_name = "FILE", requires = "sign_key")]
    pub sign_cert: Option<PathBuf>,
    /// Leave the manifest without a signature
    #[arg(long, conflicts_with = "sign_key", required_unless_present = "sign_key")]
    pub unsigned: bool,
    /// Archive the present state of a fixed year beside its archive, with this reason
    #[arg(long, value_name = "REASON", conflicts_with = "override_reason")]
    pub addendum: Option<String>,
    /// Overrule what stands against it, as the ministry, with this reason; it is logged
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// What to verify: lake, archive or audit, the log of the server
    #[arg(default_value = "lake", value_parser = ["lake", "archive", "audit"])]
    pub what: String,
    /// Year of the archive
    pub year: Option<i32>,
    /// Folder of the archive [default: the lake's, with its addenda] or of the audit log [default: the lake's]
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Folder of the root certificates that a signature must lead to
    #[arg(long, value_name = "DIR")]
    pub roots: Option<PathBuf>,
    /// Also the files that only earlier versions need
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address of Flight SQL; port 0 = any
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50051")]
    pub flight: SocketAddr,
    /// Address of /livez, /readyz and /metrics [default: none]
    #[arg(long, value_name = "ADDR:PORT")]
    pub http: Option<SocketAddr>,
    /// Certificate, PEM, with those above it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Root certificates, PEM: only clients with a certificate under one of them may connect
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,
    /// Serve other machines without encryption, because something in front of this program encrypts
    #[arg(long, conflicts_with = "tls_cert")]
    pub plaintext: bool,
    /// Folder of the audit log [default: `audit` in the folder of the lake]
    #[arg(long, value_name = "DIR")]
    pub audit: Option<PathBuf>,
    /// Write the bound addresses to a file, as JSON, once they answer
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

/// Arguments of `upkeep`.
#[derive(Debug, Args)]
pub struct UpkeepArgs {
    /// Only say what would be done
    #[arg(long, global = true)]
    pub dry_run: bool,
    #[command(subcommand)]
    pub task: Option<UpkeepTask>,
}

/// What else `upkeep` does than merging small files.
#[derive(Debug, Subcommand)]
pub enum UpkeepTask {
    /// Compute the rollups that are missing or damaged
    Rollups,
}

/// What `control` does.
#[derive(Debug, Subcommand)]
pub enum ControlCommand {
    /// Submissions by organisation, with their state
    List {
        /// BIN of a department: only what is under it
        #[arg(long, value_name = "BIN")]
        by: Option<String>,
        /// Only this state: rejected, submitted, confirmed, returned, accepted, superseded
        #[arg(long)]
        state: Option<String>,
    },
    /// Send a submission back to be corrected
    Return(DecisionArgs),
    /// Accept a submission
    Accept(DecisionArgs),
}

/// A decision on a submission.
#[derive(Debug, Args)]
pub struct DecisionArgs {
    /// Number of the submission
    #[arg(long, value_name = "N")]
    pub submission: i64,
    /// BIN of the deciding department or ministry
    #[arg(long, value_name = "BIN")]
    pub by: String,
    /// Why; needed to return
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// What `user` does.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; without a password it signs in by key or through an identity provider only
    Add {
        #[command(flatten)]
        user: GrantArgs,
        /// File whose first line is the password (12 bytes or more)
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Give a user another role and scope; who was disabled may sign in again
    Grant(GrantArgs),
    /// Give a user another password
    Password {
        /// Name
        name: String,
        /// File whose first line is the password (12 bytes or more)
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// A key for a program of the user's; it is shown once
    Key {
        /// Name
        name: String,
        /// Days that it is good for
        #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=730))]
        days: u16,
    },
    /// Leave a user no way in
    Disable {
        /// Name
        name: String,
    },
    /// Make the first administrator with the token that the server showed at its first start
    Claim {
        /// Name
        name: String,
        /// File whose first line is the token
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
        /// File whose first line is the password (12 bytes or more)
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Every user
    List,
}

/// A user and what it is.
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// Name: letters, digits and . _ @ -
    pub name: String,
    /// ministry, region, district, organisation, researcher, public
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    /// KATO code of the region or district, BIN of the organisation
    #[arg(long, value_name = "CODE")]
    pub scope: Option<String>,
}

/// What `parameter` does.
#[derive(Debug, Subcommand)]
pub enum ParameterCommand {
    /// Values and the reporting years in which they hold
    List {
        /// Only this parameter
        name: Option<String>,
        /// As an earlier lake version had them
        #[arg(long, value_name = "VERSION|TIME")]
        as_of: Option<String>,
    },
    /// Change a value from a date on
    Set(ParameterSetArgs),
}

/// A change of a parameter.
#[derive(Debug, Args)]
pub struct ParameterSetArgs {
    /// Name
    pub name: String,
    /// New value
    #[arg(allow_hyphen_values = true)]
    pub value: String,
    /// Date in force, or a reporting year
    #[arg(long, value_name = "DATE|YEAR", value_parser = super::parameter::in_force)]
    pub from: NaiveDate,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// What `publication` does.
#[derive(Debug, Subcommand)]
pub enum PublicationCommand {
    /// What was due and when it came out
    List {
        /// Only this reporting year
        #[arg(long)]
        year: Option<i32>,
    },
    /// Record that a publication is out
    Record(PublicationRecordArgs),
}

/// One of the two publications of paragraph 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Publication {
    /// National Report
    National,
    /// National Statistical Collection
    Collection,
}

impl Publication {
    /// As `gov.publication` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::National => "national_report",
            Self::Collection => "national_collection",
        }
    }
}

/// A publication that is out.
#[derive(Debug, Args)]
pub struct PublicationRecordArgs {
    /// Which
    pub publication: Publication,
    /// Reporting year
    #[arg(long, value_name = "Y", value_parser = clap::value_parser!(i32).range(1991..=2100))]
    pub year: i32,
    /// Day it was published
    #[arg(long, value_name = "DATE")]
    pub on: NaiveDate,
    /// Lake version it was made from [default: the newest]
    #[arg(long, value_name = "N")]
    pub lake_version: Option<u64>,
    /// Where it can be found
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
}

/// Arguments of `lineage`.
#[derive(Debug, Args)]
pub struct LineageArgs {
    /// Code of the indicator
    pub code: String,
    /// Reporting year
    #[arg(long, value_name = "Y")]
    pub year: i32,
    /// Code of a territory or organisation; KZ for the republic
    #[arg(long, value_name = "CODE", default_value = "KZ")]
    pub geo: String,
    /// Level of education [default: the indicator's headline level]
    #[arg(long)]
    pub level: Option<String>,
    /// Answer from an earlier lake version
    #[arg(long, value_name = "VERSION|TIME")]
    pub as_of: Option<String>,
}
