//! Passwords: argon2id on threads of its own, behind a bounded queue, so that a flood of logins starves
//! neither the event loop nor the database. It must not know whose password it is.

use super::Error;
use crate::{
    domain::accounts::password::{LoginPassword, Password},
    metrics::{Counted, Metrics},
};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash as Phc,
};
use prometheus_client::metrics::gauge::Gauge;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How many may wait for a thread.
pub(crate) const QUEUE_MAX: usize = 64;
/// How far threads that hash step back.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// What a refused caller is told; a full queue is worked off in about that time.
const RETRY_AFTER_MS: i64 = 2_000;
/// A hash with the parameters in force that no password has: what unknown names are checked against.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password.
    pub ok: bool,
    /// Whether it is, and should be hashed anew because parameters have risen.
    pub needs_rehash: bool,
}

/// Hashes and checks passwords. Cloning shares threads and queue; the threads end with the last clone.
#[derive(Clone, Debug)]
pub struct Hasher {
    jobs: SyncSender<Job>,
    permits: Arc<Semaphore>,
    waiting: Gauge,
}

/// A permit for a login in the queue or at a thread, held from before its account is looked up until its hash is done:
/// who is refused costs nothing but the answer.
#[derive(Debug)]
#[must_use = "it is given back when dropped"]
pub struct LoginPermit(#[allow(dead_code)] OwnedSemaphorePermit);

type Job = Box<dyn FnOnce() + Send>;

impl Hasher {
    /// One with half the cores, which also bounds its memory: 19 MiB a thread.
    pub fn new(metrics: &Metrics) -> Hasher {
        let cores = thread::available_parallelism().map_or(1, |count| count.get());
        Hasher::with_threads((cores / 2).max(1), QUEUE_MAX, metrics)
    }

    /// One with so many threads, and a queue of `queue` that wait for them.
    pub fn with_threads(threads: usize, queue: usize, metrics: &Metrics) -> Hasher {
        let (jobs, inbox) = sync_channel::<Job>(queue);
        let inbox = Arc::new(parking_lot::Mutex::new(inbox));
        for number in 0..threads {
            let inbox = Arc::clone(&inbox);
            let name = format!("password-{number}");
            thread::Builder::new()
                .name(name)
                .spawn(move || work(&inbox))
                .expect("the system has a thread to spare");
        }
        let permits = Arc::new(Semaphore::new(queue + threads));
        Hasher { jobs, permits, waiting: metrics.login_queue.clone() }
    }

    /// A permit for one login.
    /// Errors: [`Error::Busy`] where all are taken.
    pub fn permit(&self) -> Result<LoginPermit, Error> {
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        permit.map(LoginPermit).map_err(|_| Error::Busy { retry_after_ms: RETRY_AFTER_MS })
    }

    /// Hashes a new password, for storing.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        let password = password.clone();
        self.run(move || hash(password.expose())).await?
    }

    /// Checks a password against what is stored. `None`, or what is no hash, takes as long and is never right.
    pub async fn verify(&self, password: &LoginPassword, stored: Option<&str>) -> Result<Verdict, Error> {
        let password = password.clone();
        let stored = stored.map(str::to_owned);
        self.run(move || verify(password.expose(), stored.as_deref())).await
    }

    /// A caller who has gone away by the time a thread is free costs nothing.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let waits = Counted::one(&self.waiting);
        let job = move || {
            drop(waits);
            if !answer.is_closed() {
                let _gone = answer.send(work());
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy { retry_after_ms: RETRY_AFTER_MS },
            TrySendError::Disconnected(_) => Error::Failed("its threads are gone".to_owned()),
        })?;
        answered.await.map_err(|_| Error::Failed("its thread gave up".to_owned()))
    }
}

/// Hashes a password on this thread, for commands that have no other work.
pub(crate) fn hash_blocking(password: &Password) -> Result<String, Error> {
    hash(password.expose())
}

/// A thread's life: one job after another, until nobody can send any.
fn work(inbox: &parking_lot::Mutex<Receiver<Job>>) {
    step_back();
    loop {
        let next = inbox.lock().recv();
        let Ok(job) = next else { return };
        // A panic ends the job, whose caller is told, not the thread.
        let _panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

/// Where there is more to do than cores, whatever else the server does goes first. On Linux this is about the calling
/// thread alone.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        log::debug!("hashes are as urgent as all else: {error}");
    }
}

fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn hash(password: &str) -> Result<String, Error> {
    let hashed = argon2id().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| Error::Failed(error.to_string()))
}

fn verify(password: &str, stored: Option<&str>) -> Verdict {
    let known = stored.and_then(|stored| Phc::new(stored).ok());
    let hash = known.as_ref().cloned().unwrap_or_else(nobody);
    let matches = argon2id().verify_password(password.as_bytes(), &hash).is_ok();
    let ok = matches && known.is_some();
    Verdict { ok, needs_rehash: ok && !is_current(&hash) }
}

fn nobody() -> Phc {
    Phc::new(NOBODY).expect("the constant is a hash")
}

fn is_current(hash: &Phc) -> bool {
    let nobody = nobody();
    hash.algorithm == nobody.algorithm && hash.version == nobody.version && hash.params == nobody.params
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
