//! Who finds what there is for webhooks, and has a worker for each that there is something for; of several nodes, one.
//! It must not know what is sent.

use super::{Parts, pile::Pile, turns::Turns, worker::Worker};
use crate::{
    domain::{
        StreamId, UserId, WebhookId,
        webhook::{DisabledReason, WebhookScope},
    },
    logging::Recurring,
    store::{
        self,
        webhooks::{
            self, notices,
            queue::{self, AtWork, Behind, Notified},
            turns as leases,
        },
    },
};
use std::{
    collections::HashMap,
    io,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    sync::oneshot,
    task::{LocalSet, spawn_local},
    time::{MissedTickBehavior, interval, sleep},
};

/// Looks are at least this far apart.
const LOOKS_APART: Duration = Duration::from_millis(50);
/// How often the tables are looked at where others write to them, too.
const LOOK_EVERY_SHARED: Duration = Duration::from_secs(1);
/// How often where nobody else does.
const LOOK_EVERY_ALONE: Duration = Duration::from_secs(60);
/// How often what waits is counted.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// The thread of webhooks, which ends when this is dropped.
pub(crate) struct Running {
    _stop: oneshot::Sender<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever stops the server drops this; the thread lets go of what it delivers.
        let (stop, _) = oneshot::channel();
        drop(std::mem::replace(&mut self._stop, stop));
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// Starts the thread of webhooks.
/// Errors: where there can be no thread.
pub(crate) fn start(parts: Parts) -> io::Result<Running> {
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = thread::Builder::new().name("webhooks".into()).spawn(move || {
        let tasks = LocalSet::new();
        tasks.block_on(&runtime, async move {
            let mut overseer = Overseer::new(parts);
            tokio::select! {
                () = overseer.run() => {}
                _ = stopped => overseer.let_go().await,
            }
        });
        drop(tasks);
        // A name that is being looked up is not waited for.
        runtime.shutdown_background();
    })?;
    Ok(Running { _stop: stop, thread: Some(thread) })
}

struct Overseer {
    parts: Rc<Parts>,
    turns: Rc<Turns>,
    at_work: Vec<AtWork>,
    piles: HashMap<WebhookId, Rc<Pile>>,
    counted: Instant,
    renewed: Instant,
    looked_at_all: Instant,
}

/// What a look has found.
#[derive(Default)]
struct Look {
    at_work: Option<Vec<AtWork>>,
    logs: Vec<Behind>,
    notices: Vec<Notified>,
}

impl Overseer {
    fn new(parts: Parts) -> Self {
        let long_ago = Instant::now().checked_sub(LOOK_EVERY_ALONE).unwrap_or_else(Instant::now);
        Self {
            parts: Rc::new(parts),
            turns: Rc::new(Turns::new()),
            at_work: Vec::new(),
            piles: HashMap::new(),
            counted: long_ago,
            renewed: long_ago,
            looked_at_all: long_ago,
        }
    }

    async fn run(&mut self) {
        let is_shared = self.parts.store.is_shared();
        let mut ticks = interval(if is_shared { LOOK_EVERY_SHARED } else { LOOK_EVERY_ALONE });
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let fault = Recurring::new("it cannot be looked what there is for webhooks");
        loop {
            let is_tick = tokio::select! {
                _ = ticks.tick() => true,
                () = self.parts.hints.come() => false,
            };
            match self.look(is_tick).await {
                Ok(()) => fault.worked(),
                Err(error) => {
                    fault.failed(error);
                    // What was hinted at is not forgotten.
                    self.parts.hints.webhooks_changed();
                }
            }
            sleep(LOOKS_APART).await;
        }
    }

    async fn look(&mut self, is_tick: bool) -> store::Result<()> {
        let left = self.parts.hints.take();
        let found = if is_tick || left.all {
            self.parts.hints.want(true);
            let is_whole = left.all || self.looked_at_all.elapsed() >= LOOK_EVERY_ALONE;
            if is_whole {
                self.looked_at_all = Instant::now();
            }
            self.parts.store.read(move |conn| look_at_all(conn, is_whole)).await?
        } else {
            let (streams, at_work) = (Vec::from_iter(left.streams), self.at_work.clone());
            self.parts.store.read(move |conn| look_at(conn, &streams, &at_work)).await?
        };
        if let Some(at_work) = found.at_work {
            self.parts.hints.want(!at_work.is_empty() || self.parts.store.is_shared());
            self.at_work = at_work;
            self.stop_those_without_right().await?;
            self.forget_those_not_at_work();
        }
        for log in &found.logs {
            self.piles.entry(log.webhook).or_default().add(log.stream, log.head);
        }
        self.claim(&self.wanted(&found.notices)).await?;
        self.count().await
    }

    /// Those that there is something for. One that fails is left alone until its time, but for what is tried at once.
    fn wanted(&self, notices: &[Notified]) -> Vec<WebhookId> {
        for notified in notices.iter().filter(|notified| notified.at_once) {
            self.piles.get(&notified.webhook).into_iter().for_each(|pile| pile.rouse());
        }
        let with_streams = self.piles.iter().filter(|(_, pile)| pile.has_streams()).map(|(id, _)| *id);
        let mut wanted: Vec<WebhookId> =
            notices.iter().map(|notified| notified.webhook).chain(with_streams).collect();
        wanted.retain(|id| self.piles.get(id).is_none_or(|pile| !pile.sleeps()));
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// One that is deleted or disabled leaves nothing here; one that is tried before its time is not left alone.
    fn forget_those_not_at_work(&mut self) {
        let at_work: HashMap<WebhookId, bool> =
            self.at_work.iter().map(|webhook| (webhook.id, webhook.is_due)).collect();
        self.piles.retain(|id, pile| match at_work.get(id) {
            Some(is_due) => {
                if *is_due {
                    pile.rouse();
                }
                true
            }
            None => {
                pile.clear();
                pile.wake();
                pile.is_running.get()
            }
        });
    }

    async fn stop_those_without_right(&mut self) -> store::Result<()> {
        for lost in self.at_work.iter().filter(|webhook| webhook.has_lost) {
            let id = lost.id;
            self.parts.store.write(move |tx| webhooks::disable(tx, id, DisabledReason::RightLost)).await?;
        }
        Ok(())
    }

    /// Has workers for those that no other node delivers.
    async fn claim(&mut self, wanted: &[WebhookId]) -> store::Result<()> {
        let lease = self.parts.lease();
        let until = Instant::now() + lease;
        let ours = match self.parts.store.is_shared() {
            true => {
                let is_running =
                    |id: &WebhookId| self.piles.get(id).is_some_and(|pile| pile.is_running.get());
                let is_due = self.renewed.elapsed() > lease / 4;
                let running = self.piles.keys().copied().filter(|id| is_due && is_running(id));
                let mut ids: Vec<WebhookId> =
                    wanted.iter().copied().filter(|id| !is_running(id)).chain(running).collect();
                ids.dedup();
                if is_due {
                    self.renewed = Instant::now();
                }
                if ids.is_empty() { Vec::new() } else { self.claimed(ids, lease).await? }
            }
            false => wanted.to_vec(),
        };
        for id in ours.iter().copied() {
            let pile = self.piles.entry(id).or_default().clone();
            pile.leased_until.set(self.parts.store.is_shared().then_some(until));
            if !pile.is_running.replace(true) {
                let (parts, turns) = (self.parts.clone(), self.turns.clone());
                spawn_local(Worker::new(id, parts, pile, turns).run());
            }
        }
        wanted.iter().filter_map(|id| self.piles.get(id)).for_each(|pile| pile.wake());
        // What another node delivers is not remembered here.
        let theirs = wanted.iter().filter(|id| !ours.contains(id)).filter_map(|id| self.piles.get(id));
        theirs.filter(|pile| !pile.is_running.get()).for_each(|pile| pile.clear());
        Ok(())
    }

    async fn claimed(&self, ids: Vec<WebhookId>, lease: Duration) -> store::Result<Vec<WebhookId>> {
        let (boot, lease_ms) = (self.parts.boot, lease.as_millis() as i64);
        self.parts.store.write(move |tx| leases::claim(tx, &ids, boot, lease_ms)).await
    }

    /// Lets other nodes deliver.
    async fn let_go(&mut self) {
        if !self.parts.store.is_shared() {
            return;
        }
        let boot = self.parts.boot;
        let released = self.parts.store.write(move |tx| leases::release(tx, boot)).await;
        if let Err::<_, store::Error>(error) = released {
            log::debug!("other nodes wait for webhooks: {error}");
        }
    }

    async fn count(&mut self) -> store::Result<()> {
        if self.counted.elapsed() < COUNT_EVERY {
            return Ok(());
        }
        self.counted = Instant::now();
        let ((waiting, failing, disabled), too_many) = self
            .parts
            .store
            .read(|conn| Ok::<_, store::Error>((notices::counted(conn)?, notices::too_many(conn)?)))
            .await?;
        let metrics = &self.parts.metrics;
        metrics.webhooks_waiting.set(waiting);
        metrics.webhooks_failing.set(failing);
        metrics.webhooks_disabled.set(disabled);
        for id in too_many {
            log::warn!("webhook {id} is disabled: too much waits for it");
            let far_behind =
                move |tx: &mut store::Tx<'_>| webhooks::disable(tx, id, DisabledReason::TooFarBehind);
            self.parts.store.write(far_behind).await?;
        }
        Ok(())
    }
}

/// Of streams that are over only where it is `whole`: hints tell of most that happens in them.
fn look_at_all(conn: &mut store::Conn, is_whole: bool) -> store::Result<Look> {
    let at_work = queue::at_work(conn)?;
    if at_work.is_empty() {
        return Ok(Look { at_work: Some(at_work), ..Look::default() });
    }
    let (logs, notices) = (queue::behind(conn, is_whole)?, queue::with_notices(conn)?);
    Ok(Look { at_work: Some(at_work), logs, notices })
}

fn look_at(conn: &mut store::Conn, streams: &[StreamId], at_work: &[AtWork]) -> store::Result<Look> {
    let mut logs = Vec::new();
    for (stream, host, head) in queue::hosts(conn, streams)? {
        let hears = |webhook: &&AtWork| hears(webhook, host);
        logs.extend(at_work.iter().filter(hears).map(|webhook| Behind { webhook: webhook.id, stream, head }));
    }
    Ok(Look { at_work: None, logs, notices: queue::with_notices(conn)? })
}

fn hears(webhook: &AtWork, host: UserId) -> bool {
    webhook.scope == WebhookScope::Site || webhook.owner == host
}
