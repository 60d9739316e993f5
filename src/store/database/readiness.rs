//! Whether a write would be taken: tried by writing, at most once in a while, however many ask.
//! It must not know who asks, nor what they do with the answer.

use crate::{logging::Recurring, store::error::Result};
use std::time::{Duration, Instant};
use tokio::{sync::Mutex, time::timeout};

/// How long an answer holds. With the time below, a database that takes no writes is noticed within four seconds.
const HOLDS_FOR: Duration = Duration::from_secs(2);
/// How long a write may wait.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last answer; who asks meanwhile waits for the one that is being found.
pub(crate) struct Readiness(Mutex<Last>);

struct Last {
    answer: Option<(Instant, bool)>,
    fault: Recurring,
}

impl Default for Readiness {
    fn default() -> Self {
        Self(Mutex::new(Last { answer: None, fault: Recurring::new("the database takes no writes") }))
    }
}

impl Readiness {
    /// Whether a write would be taken now, or within the last two seconds. Why not is said in the log.
    pub(crate) async fn takes(&self, write: impl Future<Output = Result<()>>) -> bool {
        let mut last = self.0.lock().await;
        if let Some((_, answer)) = last.answer.filter(|(at, _)| at.elapsed() < HOLDS_FOR) {
            return answer;
        }
        let written = match timeout(PATIENCE, write).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                last.fault.failed(error);
                false
            }
            Err(_) => {
                last.fault.failed("a write has waited for two seconds");
                false
            }
        };
        if written {
            last.fault.worked();
        }
        last.answer = Some((Instant::now(), written));
        written
    }
}
