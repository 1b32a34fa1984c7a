//! How many queries run side by side: so many of each class of callers, so many of each caller.
//!
//! A class has its own places, so that the public cannot keep the ministry waiting. Who finds no place waits in
//! a queue of limited length; who finds the queue full is told so at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::config::ServerConfig;
use crate::session::policy::{Caller, Role};

/// Places of every class.
pub struct Admission {
    classes: [Class; CLASSES],
    max_queued: usize,
    max_per_caller: usize,
    callers: Arc<Mutex<HashMap<String, usize>>>,
}

struct Class {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// A place; given back when dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _caller: OfCaller,
}

/// One of the queries of a caller.
struct OfCaller {
    name: String,
    callers: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for OfCaller {
    fn drop(&mut self) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = callers.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                callers.remove(&self.name);
            }
        }
    }
}

/// One who waits.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Admission {
    /// Places by these limits.
    #[must_use]
    pub fn new(config: &ServerConfig) -> Self {
        let of = |places| Class {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(AtomicUsize::new(0)),
        };
        Self {
            classes: [
                of(config.max_ministry_queries),
                of(config.max_department_queries),
                of(config.max_researcher_queries),
                of(config.max_public_queries),
            ],
            max_queued: config.max_queued_queries,
            max_per_caller: config.max_queries_per_caller,
            callers: Arc::default(),
        }
    }

    /// Wait for a place. Dropping the future gives up the place in the queue.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` when the caller has too many queries, or its class too many that wait.
    pub async fn enter(&self, caller: &Caller) -> Result<Place, Status> {
        let of_caller = self.count(caller)?;
        let class = &self.classes[class(caller.role())];
        let permit = if let Ok(permit) = Arc::clone(&class.places).try_acquire_owned() {
            permit
        } else {
            if class.waiting.fetch_add(1, Ordering::AcqRel) >= self.max_queued {
                drop(Waiting(Arc::clone(&class.waiting)));
                return Err(Status::resource_exhausted(format!(
                    "busy: {} statements wait already; ask again later",
                    self.max_queued
                )));
            }
            let _waiting = Waiting(Arc::clone(&class.waiting));
            let places = Arc::clone(&class.places);
            places.acquire_owned().await.map_err(|_| Status::unavailable("the server is being stopped"))?
        };
        Ok(Place { _permit: permit, _caller: of_caller })
    }

    /// Queries that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.classes.iter().map(|class| class.waiting.load(Ordering::Relaxed)).sum()
    }

    fn count(&self, caller: &Caller) -> Result<OfCaller, Status> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = callers.entry(caller.name().to_owned()).or_default();
        if *count >= self.max_per_caller {
            return Err(Status::resource_exhausted(format!(
                "busy: {} statements of this account run or wait already",
                self.max_per_caller
            )));
        }
        *count += 1;
        Ok(OfCaller { name: caller.name().to_owned(), callers: Arc::clone(&self.callers) })
    }
}

/// Classes of callers.
pub(super) const CLASSES: usize = 4;

/// The class of a role, from the one that goes first.
pub(super) fn class(role: Role) -> usize {
    match role {
        Role::Ministry => 0,
        Role::Region | Role::District | Role::Organisation => 1,
        Role::Researcher => 2,
        Role::Public => 3,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn caller(name: &str, role: Role) -> Caller {
        Caller::new(name, role, None).unwrap()
    }

    fn limits() -> ServerConfig {
        ServerConfig {
            max_ministry_queries: 1,
            max_public_queries: 1,
            max_queued_queries: 1,
            max_queries_per_caller: 2,
            ..ServerConfig::default()
        }
    }

    #[tokio::test]
    async fn classes_do_not_keep_each_other_waiting() {
        let admission = Admission::new(&limits());
        let _one = admission.enter(&caller("a", Role::Public)).await.unwrap();
        let _other = admission.enter(&caller("b", Role::Ministry)).await.unwrap();
        let third = caller("c", Role::Public);
        let mut waits = Box::pin(admission.enter(&third));
        assert!(futures::poll!(&mut waits).is_pending());
        assert_eq!(admission.waiting(), 1);
        let refused = admission.enter(&caller("d", Role::Public)).await.err().unwrap();
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        drop(waits);
        assert_eq!(admission.waiting(), 0, "who goes away waits no more");
    }

    #[tokio::test]
    async fn a_caller_has_its_own_limit_and_gets_places_back() {
        let admission = Admission::new(&ServerConfig { max_ministry_queries: 9, ..limits() });
        let me = caller("a", Role::Ministry);
        let first = admission.enter(&me).await.unwrap();
        let _second = admission.enter(&me).await.unwrap();
        assert!(admission.enter(&me).await.is_err());
        drop(first);
        assert!(admission.enter(&me).await.is_ok());
    }
}
