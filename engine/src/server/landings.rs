//! Submissions that arrive together land in one commit.

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use tokio::sync::{mpsc, oneshot};

use crate::config::Config;
use crate::definitions::Definitions;
use crate::lake::{Lake, LakeError};
use crate::submission::{self, Landed, Request, Site, SubmissionError};

/// Submissions that wait for the one that lands; more wait at the door.
const QUEUE: usize = 256;

/// Submissions of one commit.
const TOGETHER: usize = 64;

/// Where submissions are handed in. Cheap to clone.
#[derive(Clone)]
pub struct Landings {
    waiting: mpsc::Sender<Waiting>,
}

struct Waiting {
    request: Request,
    told: oneshot::Sender<Result<Landed, SubmissionError>>,
}

/// What the lander works with.
pub struct Lander {
    /// Limits.
    pub config: Config,
    /// The lake.
    pub lake: Lake,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    /// Memory, spill folder and caches of the process.
    pub runtime: Arc<RuntimeEnv>,
}

impl Landings {
    /// Begin to take submissions in, on threads with large stacks. Between commits the lake is free for others.
    #[must_use]
    pub fn start(lander: Lander, threads: &tokio::runtime::Handle) -> Self {
        let (waiting, mut arriving) = mpsc::channel::<Waiting>(QUEUE);
        threads.spawn(async move {
            while let Some(first) = arriving.recv().await {
                let mut together = vec![first];
                while together.len() < TOGETHER
                    && let Ok(next) = arriving.try_recv()
                {
                    together.push(next);
                }
                // Who has gone away meanwhile is landed all the same: it may ask again, and then it is a repeat.
                lander.land(together).await;
            }
        });
        Self { waiting }
    }

    /// Land a submission.
    ///
    /// # Errors
    /// As [`submission::land`].
    pub async fn land(&self, request: Request) -> Result<Landed, SubmissionError> {
        let (told, answer) = oneshot::channel();
        let ended = || SubmissionError::Panicked("the landing thread has ended".to_owned());
        self.waiting.send(Waiting { request, told }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

impl Lander {
    async fn land(&self, together: Vec<Waiting>) {
        let (requests, told): (Vec<Request>, Vec<_>) =
            together.into_iter().map(|waiting| (waiting.request, waiting.told)).unzip();
        if requests.len() > 1
            && let Ok(results) = self.try_land(requests.clone()).await
        {
            for (told, result) in told.into_iter().zip(results) {
                let _ = told.send(result);
            }
            return;
        }
        // One alone; or several that failed together, of which each is told its own error.
        for (request, told) in requests.into_iter().zip(told) {
            let none = || SubmissionError::Panicked("a landing without a result".to_owned());
            let alone = self.try_land(vec![request]).await;
            let _ = told.send(alone.and_then(|mut results| results.pop().ok_or_else(none)?));
        }
    }

    async fn try_land(
        &self,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<Landed, SubmissionError>>, SubmissionError> {
        let site = Site { config: &self.config, definitions: &self.definitions, runtime: &self.runtime };
        let landing = Box::pin(submission::land(&site, &self.lake, requests));
        match landing.await {
            Err(SubmissionError::Lake(error @ LakeError::Locked { .. })) => {
                tracing::warn!(error = %error, "a submission waits for another writer in vain");
                Err(error.into())
            }
            result => result,
        }
    }
}
