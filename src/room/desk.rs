//! The desk: where handlers act on a stream. What they do is stored first, then told to its room.
//! It must not know of requests or sockets.

use super::{
    lobby::{Forward, Lobby},
    message::{MayAsk, Numbered, Part, Post, Posted, React, Stored},
    presence::Presence,
    roster::Account,
};
use crate::{
    domain::{ids::StreamId, reaction::ReactionKind, text::Content, time::Millis},
    store::{
        self, Store, Tx,
        log::{self, NewEvent},
        streams,
    },
    wire::{event::Event, op::CommentBody, problem::Refusal},
};
use actix::prelude::*;
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

/// Why something was not done.
#[derive(Debug)]
pub enum Fault {
    /// It may not be done.
    Refused(Refusal),
    /// It could not be done.
    Store(store::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal)
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Fault::Store(error)
    }
}

/// What an act did, inside its transaction.
#[derive(Debug)]
pub struct Done<T> {
    /// For the caller.
    pub value: T,
    /// For the log.
    pub events: Vec<Event>,
    /// What else has changed.
    pub stale: Vec<Part>,
}

impl<T> Done<T> {
    /// Nothing that anybody else must know.
    pub fn quietly(value: T) -> Self {
        Self { value, events: Vec::new(), stale: Vec::new() }
    }

    /// With one event for the log.
    pub fn saying(value: T, event: impl Into<Event>) -> Self {
        Self { value, events: vec![event.into()], stale: Vec::new() }
    }

    /// With parts of the room's state to be read again.
    pub fn touching(mut self, stale: &[Part]) -> Self {
        self.stale = stale.to_vec();
        self
    }
}

/// The store and the way to the rooms. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The truth.
    pub store: Store,
    /// The way to the rooms.
    pub lobby: Addr<Lobby>,
    /// How many watch.
    pub presence: Presence,
}

impl Desk {
    /// Runs `act` in a transaction, appends its events to the stream's log, and tells the room. When this returns, it holds
    /// for every later call and frame. It goes on to its end even when the caller goes away.
    ///
    /// # Errors
    /// What `act` refused or the store could not do; nothing was kept then.
    pub async fn act<T: Send + 'static>(
        &self,
        stream_id: StreamId,
        act: impl FnMut(&mut Tx<'_>, Millis) -> Result<Done<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let desk = self.clone();
        let whole = actix::spawn(async move {
            let (value, stored) = desk.write(stream_id, act).await?;
            desk.tell(stored).await;
            Ok(value)
        });
        whole.await.unwrap_or_else(|_| Err(Fault::Refused(Refusal::internal())))
    }

    async fn write<T: Send + 'static>(
        &self,
        stream_id: StreamId,
        mut act: impl FnMut(&mut Tx<'_>, Millis) -> Result<Done<T>, Fault> + Send + 'static,
    ) -> Result<(T, Stored), Fault> {
        let written = in_transaction(&self.store, move |tx| {
            streams::lock(tx, stream_id)?;
            let now = Millis::now();
            let done = act(tx, now)?;
            let events = append(tx, stream_id, now, done.events)?;
            Ok((done.value, Stored { stream_id, events, stale: done.stale }))
        });
        written.await
    }

    /// Tells a room, if there is one, what was stored; returns when it holds there.
    pub async fn tell(&self, stored: Stored) {
        if stored.events.is_empty() && stored.stale.is_empty() {
            return;
        }
        if self.lobby.send(stored).await.is_err() {
            ::log::warn!("the lobby is gone; the log has what a room was not told");
        }
    }

    /// A comment by REST, in by the same door as one from a socket.
    ///
    /// # Errors
    /// Whatever the room refuses.
    pub async fn post(
        &self,
        stream_id: StreamId,
        account: Account,
        body: CommentBody,
    ) -> Result<Posted, Refusal> {
        self.forward(|answer| Forward::Post(stream_id, Post { account, body, answer })).await
    }

    /// Reactions by REST.
    ///
    /// # Errors
    /// Whatever the room refuses.
    pub async fn react(
        &self,
        stream_id: StreamId,
        account: Account,
        kind: ReactionKind,
        count: u8,
    ) -> Result<(), Refusal> {
        self.forward(|answer| Forward::React(stream_id, React { account, kind, count, answer })).await
    }

    /// Whether a question may be asked, and in which wording.
    ///
    /// # Errors
    /// Whatever the room refuses.
    pub async fn may_ask(
        &self,
        stream_id: StreamId,
        account: Account,
        content: Content,
    ) -> Result<String, Refusal> {
        self.forward(|answer| Forward::MayAsk(stream_id, MayAsk { account, content, answer })).await
    }

    /// Hands a message to its room, and waits for the answer.
    async fn forward<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<T, Refusal>>) -> Forward,
    ) -> Result<T, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.lobby.try_send(message(answer)).map_err(|_| Refusal::overloaded())?;
        answered.await.unwrap_or_else(|_| Err(Refusal::overloaded()))
    }
}

/// [`Store::writing`] for acts that may refuse: a refusal, too, leaves nothing behind.
///
/// # Errors
/// What `act` refused; those of the store.
pub async fn in_transaction<T: Send + 'static>(
    store: &Store,
    mut act: impl FnMut(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (tell, refused) = mpsc::channel();
    let written = store.writing(move |tx| {
        act(tx).map_err(|fault| match fault {
            Fault::Store(error) => error,
            Fault::Refused(refusal) => {
                // Whoever waits for it may be gone.
                _ = tell.send(refusal);
                store::Error::NotFound // any error rolls back; the refusal is what counts
            }
        })
    });
    match (written.await, refused.try_recv()) {
        (Ok(value), _) => Ok(value),
        (Err(_), Ok(refusal)) => Err(Fault::Refused(refusal)),
        (Err(error), Err(_)) => Err(Fault::Store(error)),
    }
}

/// Numbers events in the caller's transaction.
///
/// # Errors
/// Those of the store.
pub fn append(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
    events: Vec<Event>,
) -> Result<Vec<Numbered>, store::Error> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let rows = events.iter().map(row).collect();
    let logged = log::append(tx, stream_id, now, rows)?;
    let numbered = logged.into_iter().zip(events);
    Ok(numbered
        .map(|(logged, event)| Numbered { seq: logged.seq, ts: logged.ts, event: Arc::new(event) })
        .collect())
}

/// An event as the log keeps it.
pub fn row(event: &Event) -> NewEvent {
    let comment_id = match event {
        Event::CommentPinned(pinned) => Some(pinned.comment.id),
        _ => None,
    };
    let question_id = match event {
        Event::QuestionCreated(created) => Some(created.question.id),
        Event::QuestionAnswered(answered) => Some(answered.question.id),
        _ => None,
    };
    NewEvent { kind: event.kind(), comment_id, question_id, payload: event.payload() }
}
