//! One webhook while there is something for it: one event after the other, each as it is when it is sent. What fails holds back
//! what is behind it. It must not know which other webhooks there are.

use super::{
    Parts, message,
    pile::Pile,
    turns::{QUICK, Turn, Turns},
    way::{Answer, Post, Way},
};
use crate::{
    auth::keys::webhook::Signer,
    domain::{
        Millis, NoticeId, Seq, StreamId, WebhookId,
        webhook::{DeliveryStatus, DisabledReason, Preset},
    },
    metrics::Counted,
    store::{
        self,
        webhooks::{
            self, Subject, Tried, Webhook,
            progress::{self, Progress},
            queue::{self, Had, Next},
        },
    },
    wire::webhook::Told,
};
use std::{
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

/// Most deliveries that are stored together.
const STORED_TOGETHER: usize = 50;
/// How long a delivery waits to be stored: what is not stored when a server dies is sent again.
const STORED_WITHIN: Duration = Duration::from_millis(250);
/// Most streams of which it is remembered here that there was nothing; of more of them it is stored.
const PASSED_MAX: usize = 1_000;
/// How long is waited where the database has not answered.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// The worker of one webhook.
pub(super) struct Worker {
    id: WebhookId,
    parts: Rc<Parts>,
    pile: Rc<Pile>,
    turns: Rc<Turns>,
    had: Progress,
    since: Option<Instant>,
    way: Way,
}

impl Worker {
    pub(super) fn new(id: WebhookId, parts: Rc<Parts>, pile: Rc<Pile>, turns: Rc<Turns>) -> Self {
        Self { id, parts, pile, turns, had: Progress::default(), since: None, way: Way::default() }
    }

    /// Sends until there is nothing more, or the webhook stops.
    pub(super) async fn run(mut self) {
        loop {
            if !self.pile.is_ours(self.parts.pace.try_within) {
                self.wait(AFTER_FAULT).await;
                if !self.pile.is_running.get() {
                    return;
                }
                continue;
            }
            match self.step().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    log::warn!("webhook {}: {error}", self.id);
                    sleep(AFTER_FAULT).await;
                }
            }
        }
        self.pile.is_running.set(false);
    }

    /// One thing after the other; whether there may be more.
    async fn step(&mut self) -> store::Result<bool> {
        let (id, stream) = (self.id, self.pile.first());
        let seq = stream.and_then(|stream| self.pile.positions.borrow().get(&stream).copied());
        let had = Had { notices: self.had.notices.clone(), seq };
        // Before it is read what is told, or it could be gone by the time it is sent.
        let turn = self.turns.take(self.pile.is_quick.get()).await;
        let next = self.parts.store.read(move |conn| next(conn, id, stream, &had)).await?;
        match next {
            Found::Send(ready) => self.deliver(*ready, turn).await?,
            Found::Nothing(stream, head) => {
                self.pile.positions.borrow_mut().insert(stream, head);
                self.pile.leave(stream);
            }
            Found::Idle => {
                drop(turn);
                return self.rest().await;
            }
            Found::Fails(until) => {
                drop(turn);
                self.store().await?;
                let wait = Duration::from_millis(until.since(Millis::now()).max(0).unsigned_abs());
                self.pile.sleeps_until.set(Some(Instant::now() + wait));
                self.wait(wait).await;
            }
            Found::Stopped => {
                self.had = Progress::default();
                self.pile.clear();
                return Ok(false);
            }
            Found::RightLost => return self.disable(DisabledReason::RightLost).await,
        }
        self.store_when_due().await.map(|()| true)
    }

    async fn store_when_due(&mut self) -> store::Result<()> {
        let is_due = self.since.is_some_and(|at| at.elapsed() >= STORED_WITHIN);
        if is_due || self.had.tried.len() >= STORED_TOGETHER { self.store().await } else { Ok(()) }
    }

    /// Waits a little for more before what it had is stored; whether there is more.
    async fn rest(&mut self) -> store::Result<bool> {
        if let Some(since) = self.since {
            self.wait(STORED_WITHIN.saturating_sub(since.elapsed())).await;
            if !self.pile.has_streams() {
                self.store().await?;
            }
            return Ok(true);
        }
        let passed = self.pile.positions.borrow().len();
        if passed > PASSED_MAX || (passed > 0 && self.parts.store.is_shared()) {
            // Or each look of each node would find them again.
            self.store_all().await?;
        }
        // Nobody else runs between this look and the end.
        Ok(self.pile.has_streams())
    }

    async fn wait(&self, long: Duration) {
        _ = timeout(long, self.pile.wake.notified()).await;
    }

    async fn deliver(
        &mut self,
        Ready { webhook, subject, told, from }: Ready,
        turn: Option<Turn>,
    ) -> store::Result<()> {
        let Some(told) = told else { return self.pass(subject, from).await };
        let begun = Instant::now();
        let answer = self.send(&webhook, &subject, &told).await;
        self.pile.is_quick.set(begun.elapsed() < QUICK);
        drop(turn);
        let outcome = match answer {
            Answer::Taken(_) => "ok",
            Answer::Refused(_) => "refused",
            Answer::None(reason) => reason,
        };
        self.parts.metrics.webhooks_tried.of(outcome).inc();
        match answer {
            Answer::Taken(status) => self.taken(&webhook, subject, from, status).await,
            Answer::Refused(status) => self.failed(&webhook, subject, from, Some(status), None).await,
            Answer::None(reason) => self.failed(&webhook, subject, from, None, Some(reason)).await,
        }
    }

    /// Nothing is left to be told.
    async fn pass(&mut self, subject: Subject, from: From) -> store::Result<()> {
        let is_again = matches!(from, From::Notice(_, true));
        self.note_had(&subject, from);
        if is_again {
            self.note_tried(subject, DeliveryStatus::Failed, None, Some("gone"), None);
        }
        Ok(())
    }

    async fn send(&mut self, webhook: &Webhook, subject: &Subject, told: &Told) -> Answer {
        let now = Millis::now();
        let body = match webhook.preset {
            Some(Preset::Discord) => told.for_discord(self.parts.site.as_deref()),
            None => told.body(),
        };
        let signer = Signer {
            webhook: webhook.id,
            version: webhook.secret_version,
            with_previous: webhook.previous_until.is_some_and(|until| until > now),
        };
        let post = Post {
            url: webhook.url.clone(),
            id: subject.message.clone(),
            timestamp: now.0.div_euclid(1000),
            signatures: self.parts.keys.sign_webhook(signer, &subject.message, now, &body),
            body,
        };
        let _sending = Counted::one(&self.parts.metrics.webhooks_sending);
        self.way.send(&self.parts.ways, post).await
    }

    async fn taken(
        &mut self,
        webhook: &Webhook,
        subject: Subject,
        from: From,
        status: u16,
    ) -> store::Result<()> {
        self.note_had(&subject, from);
        self.note_tried(subject, DeliveryStatus::Delivered, Some(status), None, None);
        if webhook.failures > 0 {
            self.had.has_recovered = true;
            return self.store().await;
        }
        Ok(())
    }

    async fn failed(
        &mut self,
        webhook: &Webhook,
        subject: Subject,
        from: From,
        status: Option<u16>,
        reason: Option<&'static str>,
    ) -> store::Result<()> {
        if status == Some(410) {
            self.note_tried(subject, DeliveryStatus::Failed, status, reason, None);
            return self.disable(DisabledReason::Gone).await.map(drop);
        }
        if let From::Notice(_, true) = from {
            self.note_had(&subject, from);
            self.note_tried(subject, DeliveryStatus::Failed, status, reason, None);
            return self.store().await;
        }
        let now = Millis::now();
        let since = webhook.failing_since.unwrap_or(now);
        let failing_for = Duration::from_millis(now.since(since).max(0).unsigned_abs());
        let Some(wait) = self.parts.pace.wait_after(webhook.failures + 1, failing_for) else {
            self.note_tried(subject, DeliveryStatus::Failed, status, reason, None);
            return self.disable(DisabledReason::Failing).await.map(drop);
        };
        let next_at = Millis(now.0 + wait.as_millis() as i64);
        self.note_tried(subject, DeliveryStatus::Waiting, status, reason, Some(next_at));
        self.store().await?;
        let id = self.id;
        self.parts.store.write(move |tx| progress::fail(tx, id, since, next_at)).await
    }

    fn note_had(&mut self, subject: &Subject, from: From) {
        self.since.get_or_insert_with(Instant::now);
        match (from, subject.stream_id, subject.seq) {
            (From::Notice(id, _), ..) => self.had.notices.push(id),
            (From::Log, Some(stream), Some(seq)) => {
                self.had.cursors.insert(stream, seq);
                self.pile.positions.borrow_mut().insert(stream, seq);
                self.pile.rotate();
            }
            (From::Log, ..) => {}
        }
    }

    fn note_tried(
        &mut self,
        subject: Subject,
        status: DeliveryStatus,
        last_status: Option<u16>,
        last_error: Option<&'static str>,
        next_at: Option<Millis>,
    ) {
        self.since.get_or_insert_with(Instant::now);
        self.had.tried.push(Tried { subject, status, last_status, last_error, next_at });
    }

    /// Stores what it had, with the places behind what nobody wanted.
    async fn store(&mut self) -> store::Result<()> {
        if self.had.has_no_hurry() && !self.had.has_recovered {
            return Ok(());
        }
        self.store_all().await
    }

    async fn store_all(&mut self) -> store::Result<()> {
        let mut had = self.had.clone();
        had.cursors.extend(self.pile.positions.borrow().iter().map(|(stream, seq)| (*stream, *seq)));
        let id = self.id;
        self.parts.store.write(move |tx| progress::store(tx, id, &had, Millis::now())).await?;
        (self.had, self.since) = (Progress::default(), None);
        // What was stored is read from there.
        let waiting: Vec<StreamId> = self.pile.streams.borrow().iter().copied().collect();
        self.pile.positions.borrow_mut().retain(|stream, _| waiting.contains(stream));
        Ok(())
    }

    async fn disable(&mut self, reason: DisabledReason) -> store::Result<bool> {
        self.store().await?;
        let id = self.id;
        let stopped = self.parts.store.write(move |tx| webhooks::disable(tx, id, reason)).await?;
        if stopped {
            log::info!("webhook {id} is disabled: {reason}");
        }
        Ok(false)
    }
}

/// Where something came from.
#[derive(Clone, Copy)]
enum From {
    Log,
    /// Whether it is tried once.
    Notice(NoticeId, bool),
}

/// Something for a webhook, with what is to be told of it: nothing, where nothing is left.
struct Ready {
    webhook: Webhook,
    subject: Subject,
    told: Option<Told>,
    from: From,
}

/// What there is.
enum Found {
    Send(Box<Ready>),
    Nothing(StreamId, Seq),
    Idle,
    Fails(Millis),
    Stopped,
    RightLost,
}

fn next(conn: &mut store::Conn, id: WebhookId, stream: Option<StreamId>, had: &Had) -> store::Result<Found> {
    Ok(match queue::next(conn, id, stream, had, Millis::now())? {
        Next::Stopped => Found::Stopped,
        Next::RightLost => Found::RightLost,
        Next::Fails(until) => Found::Fails(until),
        Next::Idle => Found::Idle,
        Next::Nothing(head) => stream.map_or(Found::Idle, |stream| Found::Nothing(stream, head)),
        Next::Notice(webhook, waiting) => {
            let told = message::told(conn, &waiting.subject)?;
            let (subject, from) = (waiting.subject, From::Notice(waiting.id, waiting.once));
            Found::Send(Ready { webhook: *webhook, subject, told, from }.into())
        }
        Next::Place { webhook, stream, seq } => {
            let subject = queue::subject_of(conn, stream, seq)?;
            let told = message::told(conn, &subject)?;
            let kind = told.as_ref().map_or(String::new(), |told| told.kind.clone());
            let subject = Subject { kind, ..subject };
            Found::Send(Ready { webhook: *webhook, subject, told, from: From::Log }.into())
        }
    })
}
