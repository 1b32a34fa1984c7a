//! Options of sessions: which there are, what they may be, where they are kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::flight::messages::Options;
use crate::config::ServerConfig;
use crate::session::policy::Caller;

/// Names of all options.
pub const NAMES: [&str; 6] = ["catalog", "schema", "as_of", "lang", "timeout", "use_rollups"];

/// Schemas that names without one may be looked up in.
const SCHEMAS: [&str; 7] = ["mart", "ref", "gov", "meta", "staging", "raw", "measures"];

/// Why an option was not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionProblem {
    /// No such option.
    #[error("there is no option {name}: catalog, schema, as_of, lang, timeout, use_rollups")]
    Name {
        /// As given.
        name: String,
    },
    /// No such value.
    #[error("the option {name} takes {expected}")]
    Value {
        /// Option.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
}

/// Set an option from its text; an empty text unsets it. Whether a catalog or version exists is told when it is used.
///
/// # Errors
/// [`OptionProblem`]; the options are then unchanged.
pub fn set(options: &mut Options, name: &str, text: &str, longest: Duration) -> Result<(), OptionProblem> {
    let wrong = |name, expected| OptionProblem::Value { name, expected };
    let given = (!text.is_empty()).then(|| text.to_owned());
    match name {
        "catalog" => {
            let is_name =
                |text: &String| text == "bilim" || text.strip_prefix("archive_").is_some_and(is_year);
            match given {
                Some(text) if !is_name(&text) => {
                    return Err(wrong("catalog", "bilim, or archive_ and a year"));
                }
                given => options.catalog = given,
            }
        }
        "schema" => match given {
            Some(text) if !SCHEMAS.contains(&text.as_str()) => {
                return Err(wrong("schema", "mart, ref, gov, meta, staging, raw or measures"));
            }
            given => options.schema = given,
        },
        "as_of" => options.as_of = given,
        "lang" => match given {
            Some(text) if !matches!(text.as_str(), "kk" | "ru" | "en") => {
                return Err(wrong("lang", "kk, ru or en"));
            }
            given => options.lang = given,
        },
        "timeout" => {
            let Some(text) = given else {
                options.timeout_ms = None;
                return Ok(());
            };
            let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
            let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let time = time.ok_or_else(|| wrong("timeout", "a number of seconds above 0"))?;
            options.timeout_ms = u64::try_from(time.min(longest).as_millis()).ok();
        }
        "use_rollups" => match given.as_deref() {
            None => options.use_rollups = None,
            Some("true" | "1") => options.use_rollups = Some(true),
            Some("false" | "0") => options.use_rollups = Some(false),
            Some(_) => return Err(wrong("use_rollups", "true or false")),
        },
        other => return Err(OptionProblem::Name { name: other.to_owned() }),
    }
    Ok(())
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// Options of the sessions that set any.
#[derive(Debug)]
pub struct Sessions {
    kept: Mutex<HashMap<Uuid, Kept>>,
    idle: Duration,
    per_caller: usize,
}

#[derive(Debug)]
struct Kept {
    caller: String,
    options: Options,
    used: Instant,
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(config: &ServerConfig) -> Self {
        Self { kept: Mutex::default(), idle: config.session_idle, per_caller: config.max_sessions_per_caller }
    }

    /// Options of a session.
    #[must_use]
    pub fn options(&self, session: Uuid) -> Options {
        let mut kept = self.lock();
        let Some(found) = kept.get_mut(&session) else { return Options::default() };
        found.used = Instant::now();
        found.options.clone()
    }

    /// Keep options for a session; of a caller with too many sessions the one unused for longest is forgotten.
    pub fn keep(&self, session: Uuid, caller: &Caller, options: Options) {
        let mut kept = self.lock();
        kept.retain(|_, session| session.used.elapsed() < self.idle);
        let own = || kept.iter().filter(|(id, kept)| kept.caller == caller.name() && **id != session);
        if own().count() >= self.per_caller
            && let Some(oldest) = own().min_by_key(|(_, kept)| kept.used).map(|(id, _)| *id)
        {
            kept.remove(&oldest);
        }
        let caller = caller.name().to_owned();
        kept.insert(session, Kept { caller, options, used: Instant::now() });
    }

    /// Forget a session.
    pub fn close(&self, session: Uuid) {
        self.lock().remove(&session);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    const LONGEST: Duration = Duration::from_mins(5);

    #[test]
    fn options_take_what_they_mean_and_nothing_else() {
        let mut options = Options::default();
        for (name, good, bad) in [
            ("catalog", "archive_2024", "archive_../etc"),
            ("schema", "ref", "information_schema"),
            ("lang", "kk", "de"),
            ("timeout", "0.5", "-1"),
            ("use_rollups", "false", "maybe"),
        ] {
            set(&mut options, name, good, LONGEST).unwrap();
            let before = options.clone();
            assert!(
                matches!(set(&mut options, name, bad, LONGEST), Err(OptionProblem::Value { .. })),
                "{name}"
            );
            assert_eq!(options, before);
            set(&mut options, name, "", LONGEST).unwrap();
        }
        assert_eq!(options, Options::default());
        let unknown = set(&mut options, "datafusion.execution.batch_size", "1", LONGEST);
        assert!(matches!(unknown, Err(OptionProblem::Name { .. })));
        set(&mut options, "timeout", "1e9", LONGEST).unwrap();
        assert_eq!(options.timeout_ms, Some(300_000), "no longer than the server allows");
    }
}
