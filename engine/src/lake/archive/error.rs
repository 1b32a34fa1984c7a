//! Why a fixing is refused or fails.

use std::path::PathBuf;

use bilim_domain::error::DomainError;
use chrono::NaiveDate;
use openssl::error::ErrorStack;

/// A fixing, or a write during one, that is not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FreezeError {
    /// A write within the suspension.
    #[error(
        "FREEZE: updates are suspended from {from} to {to}, while the data of {year} are fixed; the lake reopens on \
         {reopens}: submit from that day on, or now with `bilim submit --queue`, which keeps the files until then"
    )]
    Suspended {
        /// Reporting year.
        year: i32,
        /// First day of the suspension.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// First day on which updates are taken again.
        reopens: NaiveDate,
    },
    /// A rule of the calendar is broken.
    #[error("{rule} forbids this; the ministry may overrule it with --override REASON")]
    Rule {
        /// Requirement (`R-40`).
        rule: &'static str,
        /// What is wrong.
        #[source]
        source: DomainError,
    },
    /// The fixing date is not where it must be.
    #[error(
        "R-38 forbids this: the data of {year} are fixed on a day from {from} to {to}, not on {date}; the ministry may \
         overrule it with --override REASON"
    )]
    DateOutside {
        /// Reporting year.
        year: i32,
        /// The date asked for.
        date: NaiveDate,
        /// First day it may be.
        from: NaiveDate,
        /// Last day it may be.
        to: NaiveDate,
    },
    /// The suspension ends before it begins.
    #[error("the suspension from {from} to {to} ends before it begins: exchange --from and --to")]
    Inverted {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// The year of the dates is not the reporting year; nothing overrules that.
    #[error("the data of {year} are fixed in {year}: {date} is another year's")]
    OtherYear {
        /// Reporting year.
        year: i32,
        /// A date of the suspension, or the fixing date.
        date: NaiveDate,
    },
    /// The working calendar does not reach so far.
    #[error(
        "the working calendar ends with {last}: add the days of {year} to datasets/reference/calendar.csv and \
         calendar_year.csv"
    )]
    CalendarEnds {
        /// Year needed.
        year: i32,
        /// Last year the calendar knows.
        last: i32,
    },
    /// A reference file of the calendar or the limits cannot be read.
    #[error("{path} lacks what a fixing needs: {message}")]
    Reference {
        /// File below the checkout.
        path: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The year has an announcement already.
    #[error(
        "R-33 forbids this: the data of {year} are to be fixed on {date}, one date a year; another announcement takes \
         --override REASON"
    )]
    AlreadyAnnounced {
        /// Reporting year.
        year: i32,
        /// Date announced.
        date: NaiveDate,
    },
    /// The year is fixed; nothing overrules that.
    #[error(
        "R-33 forbids this: the data of {year} were fixed as of {date} (manifest {manifest}) and stay so; a correction \
         is an addendum: bilim freeze run --year {year} --addendum REASON"
    )]
    AlreadyFixed {
        /// Reporting year.
        year: i32,
        /// Fixing date.
        date: NaiveDate,
        /// SHA-256 of the manifest.
        manifest: String,
    },
    /// Nothing was announced for the year.
    #[error(
        "R-40 forbids this: the fixing of {year} was not announced: bilim freeze announce --year {year} --from D --to \
         D --date D"
    )]
    NotAnnounced {
        /// Reporting year.
        year: i32,
    },
    /// The fixing has begun: its dates stay.
    #[error("the fixing of {year} has begun: finish it with `bilim freeze run --year {year}`")]
    HasBegun {
        /// Reporting year.
        year: i32,
    },
    /// The suspension is still to come.
    #[error("the suspension for {year} begins on {from}: run the fixing from that day on")]
    TooEarly {
        /// Reporting year.
        year: i32,
        /// First day of the suspension.
        from: NaiveDate,
    },
    /// The suspension is over and nothing was fixed.
    #[error(
        "R-38 forbids this: the suspension for {year} ended on {to}; the ministry may have the state of that day fixed \
         late with --override REASON"
    )]
    TooLate {
        /// Reporting year.
        year: i32,
        /// Last day of the suspension.
        to: NaiveDate,
    },
    /// An addendum to a year that is not fixed.
    #[error("the data of {year} are not fixed, so that nothing can be added to their archive")]
    NotFixed {
        /// Reporting year.
        year: i32,
    },
    /// Levels without data.
    #[error(
        "R-41 forbids this: the lake has no learners of {year} at {levels}; {missing} subjects owe them; the ministry \
         may overrule it with --override REASON"
    )]
    LevelsMissing {
        /// Reporting year.
        year: i32,
        /// Codes of the levels, joined by commas.
        levels: String,
        /// Subjects that owe learners at these levels and have not delivered.
        missing: usize,
    },
    /// The clock is behind what is recorded.
    #[error("the clock says {now}, but the lake was last written at {latest}: set the clock right")]
    ClockBehind {
        /// Time now.
        now: String,
        /// Time of the newest lake version.
        latest: String,
    },
    /// No definitions in the lake version.
    #[error(
        "lake version {version} names no definitions, which belong into the archive: run `bilim init` or submit something"
    )]
    NoDefinitions {
        /// Lake version.
        version: u64,
    },
    /// What was copied is not what was in the lake.
    #[error("{} differs from the lake: {problem}; nothing was fixed, run `bilim verify lake`", path.display())]
    Differs {
        /// File or folder.
        path: PathBuf,
        /// What differs.
        problem: String,
    },
    /// An archive that is not whole.
    #[error("{} is no sound archive: {problem}", path.display())]
    Unsound {
        /// File or folder.
        path: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
    /// A key, a certificate or a signature.
    #[error("cannot {action}")]
    Crypto {
        /// `read the signing key`, ...
        action: String,
        /// What OpenSSL says.
        #[source]
        source: ErrorStack,
    },
    /// A key or certificate cannot be used for signing.
    #[error("cannot sign with {}: {problem}", path.display())]
    Signer {
        /// File.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The lake has no archive of the year.
    #[error("the lake has no archive of {year}: `bilim freeze list` shows the years it has")]
    NoArchive {
        /// Reporting year.
        year: i32,
    },
}

impl FreezeError {
    /// Is it a rule that stands against it, rather than a failure?
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Differs { .. } | Self::Unsound { .. } | Self::Crypto { .. } | Self::Reference { .. }
        )
    }

    pub(super) fn crypto(action: impl Into<String>) -> impl FnOnce(ErrorStack) -> Self {
        move |source| Self::Crypto { action: action.into(), source }
    }
}
