//! Storage operations for threads that may not wait for a future.
//!
//! The lake's file work runs on blocking threads, on scoped threads of its own, and in destructors. All of them
//! hand their requests to a small runtime that lives as long as the process, and block until the answer is there.

use std::io;
use std::sync::{OnceLock, mpsc};

use tokio::runtime::{Builder, Runtime};

fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(2).thread_name("bilim-store").enable_all().build()
    });
    made.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

/// Run a request to its end; the calling thread waits.
pub(super) fn wait<T: Send + 'static>(
    request: impl Future<Output = object_store::Result<T>> + Send + 'static,
) -> io::Result<T> {
    let (answer, answered) = mpsc::sync_channel(1);
    runtime()?.spawn(async move {
        // Nobody waits any more only when the thread that asked is gone.
        let _ = answer.send(request.await);
    });
    match answered.recv() {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(io::Error::other("a request to the object store broke off")),
    }
}

/// Let something go on beside; it ends with the process.
pub(in crate::lake) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    runtime()?.spawn(work);
    Ok(())
}
