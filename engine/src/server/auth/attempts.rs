//! Failed attempts to sign in: after a few, a name and an address have to wait, longer each time.
//!
//! Names count whether or not there is such a user, so that waiting tells nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Attempts of a name before it has to wait.
const FREE_OF_NAME: u32 = 5;
/// Attempts from an address before it has to wait: people share addresses.
const FREE_OF_ADDRESS: u32 = 50;
/// First time to wait; each further failure doubles it.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// Failures are forgotten after this time without another.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Most names and addresses remembered; the oldest give way.
const MAX_REMEMBERED: usize = 100_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Name(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Failures of one process.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failures: Mutex<HashMap<Who, Failures>>,
}

impl Attempts {
    /// May it be tried now?
    pub(super) fn is_free(&self, name: &str, peer: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let failures = self.lock();
        who(name, peer).all(|who| failures.get(&who).is_none_or(|failures| failures.until <= now))
    }

    /// It failed.
    pub(super) fn failed(&self, name: &str, peer: Option<IpAddr>, now: DateTime<Utc>) {
        let mut failures = self.lock();
        if failures.len() >= MAX_REMEMBERED {
            failures.retain(|_, failures| now - failures.last < FORGOTTEN_AFTER);
        }
        if failures.len() >= MAX_REMEMBERED {
            let oldest =
                failures.iter().min_by_key(|(_, failures)| failures.last).map(|(who, _)| who.clone());
            oldest.map(|who| failures.remove(&who));
        }
        for who in who(name, peer) {
            let free = if matches!(who, Who::Name(_)) { FREE_OF_NAME } else { FREE_OF_ADDRESS };
            let entry = failures.entry(who).or_insert(Failures { count: 0, last: now, until: now });
            if now - entry.last >= FORGOTTEN_AFTER {
                entry.count = 0;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last = now;
            if let Some(over) = entry.count.checked_sub(free) {
                let doubled = FIRST_WAIT.checked_mul(1 << over.min(20)).unwrap_or(LONGEST_WAIT);
                entry.until = now + doubled.min(LONGEST_WAIT);
            }
        }
    }

    /// Somebody signed in: the name is free again, the address is not.
    pub(super) fn succeeded(&self, name: &str) {
        self.lock().remove(&Who::Name(name.to_owned()));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Who, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn who(name: &str, peer: Option<IpAddr>) -> impl Iterator<Item = Who> {
    // A name longer than any is nobody's; it is not kept whole.
    let name = name.chars().take(128).collect();
    std::iter::once(Who::Name(name)).chain(peer.map(Who::Address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_ends_and_is_forgotten() {
        let attempts = Attempts::default();
        let start = DateTime::<Utc>::UNIX_EPOCH;
        for _ in 0..4 {
            attempts.failed("ann", None, start);
        }
        assert!(attempts.is_free("ann", None, start));
        attempts.failed("ann", None, start);
        assert!(!attempts.is_free("ann", None, start));
        assert!(attempts.is_free("bob", None, start));
        let mut now = start + FIRST_WAIT;
        assert!(attempts.is_free("ann", None, now));
        attempts.failed("ann", None, now);
        assert!(!attempts.is_free("ann", None, now + FIRST_WAIT));
        assert!(attempts.is_free("ann", None, now + FIRST_WAIT * 2));
        for _ in 0..40 {
            attempts.failed("ann", None, now);
        }
        assert!(!attempts.is_free("ann", None, now + LONGEST_WAIT - FIRST_WAIT));
        assert!(attempts.is_free("ann", None, now + LONGEST_WAIT));
        now += FORGOTTEN_AFTER;
        attempts.failed("ann", None, now);
        assert!(attempts.is_free("ann", None, now));
        attempts.succeeded("ann");
        assert!(attempts.is_free("ann", None, now));
    }

    #[test]
    fn an_address_that_tries_many_names_has_to_wait() {
        let attempts = Attempts::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let peer = Some(IpAddr::from([192, 0, 2, 7]));
        for number in 0..FREE_OF_ADDRESS {
            assert!(attempts.is_free(&format!("user{number}"), peer, now));
            attempts.failed(&format!("user{number}"), peer, now);
        }
        assert!(!attempts.is_free("another", peer, now));
        assert!(attempts.is_free("another", Some(IpAddr::from([192, 0, 2, 8])), now));
        // Signing in does not free the address.
        attempts.succeeded("user1");
        assert!(!attempts.is_free("user1", peer, now));
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..MAX_REMEMBERED + 10 {
            let now =
                DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(i64::try_from(number).unwrap_or(0));
            if (10..MAX_REMEMBERED - 10).contains(&number) {
                let entry = Failures { count: 1, last: now, until: now };
                attempts.lock().insert(Who::Name(format!("user{number}")), entry);
            } else {
                attempts.failed(&format!("user{number}"), None, now);
            }
        }
        assert_eq!(attempts.lock().len(), MAX_REMEMBERED);
    }
}
