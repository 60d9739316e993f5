//! Who is here over all nodes: each says in Redis who is in its rooms, and hears how many that makes. Redis keeps only sums of
//! what the nodes know; without it each shows its own. It must not know rooms.

mod calls;
mod node;
mod place;
mod places;
mod sum;
#[cfg(test)]
mod tests;

pub(crate) use calls::Page;
pub(crate) use node::{Recounted, Times};
pub(crate) use places::Here;
pub(crate) use sum::Total;

use super::redis::Commands;
use crate::{
    domain::{BootId, StreamId, UserId},
    metrics::Metrics,
};
use actix::Recipient;
use calls::Calls;
use node::{Name, Node};
use places::Places;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle};

/// How long a node that stops may take to be forgotten by the others; else they do it.
const FAREWELL: Duration = Duration::from_secs(1);

/// Who is here. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Presence(Option<Shared>);

#[derive(Clone)]
struct Shared {
    places: Arc<Places>,
    calls: Calls,
    /// Whether Redis did not answer last.
    is_away: Arc<AtomicBool>,
}

impl Presence {
    /// There are no other nodes.
    pub(crate) fn alone() -> Self {
        Self(None)
    }

    /// Over Redis, by this run of a server. Nothing is said before [`Presence::start`].
    pub(crate) fn by(commands: Commands, boot: BootId) -> Self {
        let calls = Calls::new(commands, boot);
        Self(Some(Shared { places: Arc::default(), calls, is_away: Arc::default() }))
    }

    /// Begins to say who is here, and to hear how many that makes: `told` learns which rooms may show another number.
    /// `about` is what others may know of this node.
    pub(crate) fn start(
        &self,
        told: Recipient<Recounted>,
        metrics: Metrics,
        about: String,
        times: Times,
    ) -> Running {
        let Some(Shared { places, calls, is_away }) = self.0.clone() else { return Running(None) };
        let (stop, stopped) = oneshot::channel();
        let node = Node { calls, places, told, metrics, about, is_away, times, name: Name::new() };
        Running(Some((stop, tokio::spawn(node.run(stopped)))))
    }

    /// A room opens here.
    pub(crate) fn enter(&self, stream: StreamId) -> Here {
        match &self.0 {
            Some(shared) => Here::enter(&shared.places, stream),
            None => Here::alone(),
        }
    }

    /// Whether there are other nodes, of which Redis knows.
    pub(crate) fn has_others(&self) -> bool {
        self.0.is_some()
    }

    /// Who is in a room on all nodes, behind an account. None where that cannot be known.
    pub(crate) async fn page(&self, stream: StreamId, after: Option<UserId>, limit: usize) -> Option<Page> {
        self.calls()?.page(stream, after, limit).await.ok()
    }

    /// The rooms with the most viewers on all nodes, most first, at most `count`. None where that cannot be known.
    pub(crate) async fn top(&self, count: usize) -> Option<Vec<(StreamId, u64)>> {
        self.calls()?.top(count).await.ok()
    }

    /// How many watch these on all nodes, in their order. None where that cannot be known.
    pub(crate) async fn viewers(&self, streams: &[StreamId]) -> Option<Vec<u64>> {
        let totals = self.calls()?.look(streams).await.ok()?;
        Some(totals.into_iter().map(|total| total.viewers).collect())
    }

    /// Nobody waits for what did not answer last.
    fn calls(&self) -> Option<&Calls> {
        self.0.as_ref().filter(|shared| !shared.is_away.load(Ordering::Relaxed)).map(|shared| &shared.calls)
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presence({})", if self.has_others() { "over Redis" } else { "alone" })
    }
}

/// A node that says who is here. Dropped, it goes on until the runtime ends.
pub(crate) struct Running(Option<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Running {
    /// Takes away what this node has left. The others do where that takes too long.
    pub(crate) async fn stop(self) {
        let Some((stop, ended)) = self.0 else { return };
        drop(stop);
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            log::debug!("the others will find out that this node is gone");
        }
    }
}
