//! Transactions of acts that may refuse, and the numbering of their events at the end of each.
//! It must not know what an act does, nor how it is told.

use super::effects::{Effects, Publication};
use crate::{
    domain::{ids::StreamId, time::Millis},
    room::message::{Numbered, Stored},
    store::{
        self, Store, Tx,
        events::{self, NewEvent},
        streams,
    },
    wire::{event::Event, problem::Refusal},
};
use std::sync::{Arc, mpsc};

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

/// Numbers the events of an act; what it has for its caller, and what must be told.
pub fn number<T>(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
    effects: Effects<T>,
) -> Result<(T, Publication), Fault> {
    let rules = effects.change_rules().then(|| streams::change_rules(tx, stream_id)).transpose()?;
    let Effects { value, events, mut numbered, refresh, notices } = effects;
    numbered.extend(append(tx, stream_id, now, events)?);
    let stored = Stored { stream_id, events: numbered, stale: refresh, rules };
    Ok((value, Publication::of(stored, notices)))
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
    let logged = events::append(tx, stream_id, now, rows)?;
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
    let user_id = event.names().map(|user| user.id);
    NewEvent { kind: event.kind().to_owned(), comment_id, question_id, user_id, payload: event.payload() }
}
