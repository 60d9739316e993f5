//! The desk: where handlers act on a stream. What they do is stored first, then told to its room.
//! It must not know of requests or sockets.

use super::registry::{Forward, Lobby};
use crate::{
    domain::{ids::StreamId, stream::reaction::ReactionKind, text::Content, time::Millis},
    room::{
        core::{comments, roster::Account},
        message::{Judged, MayAsk, Post, Posted, React},
        operations::{
            acts,
            effects::{Effects, Publication},
            publish::{Publisher, SignOut},
            transaction::{Fault, in_transaction, number},
        },
        viewer_counts::Presence,
    },
    store::{Store, Tx, streams},
    wire::{op::CommentBody, problem::Refusal, view::QuestionView},
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// The store and the way to the rooms. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The truth.
    pub store: Store,
    /// The way to the rooms.
    pub lobby: Addr<Lobby>,
    /// How many watch.
    pub presence: Presence,
    /// Tells what was stored.
    publisher: Publisher,
}

impl Desk {
    /// A desk before these rooms; `sign_out` closes the sockets of those whose tokens have died.
    pub fn new(store: Store, lobby: Addr<Lobby>, presence: Presence, sign_out: SignOut) -> Self {
        Self { store, publisher: Publisher::new(lobby.clone(), sign_out), lobby, presence }
    }

    /// Runs `act` in a transaction and appends its events to the stream's log; then all of it is told. When this returns, it
    /// holds for every later call and frame.
    ///
    /// # Errors
    /// What `act` refused or the store could not do; nothing was kept then.
    pub async fn act<T: Send + 'static>(
        &self,
        stream_id: StreamId,
        mut act: impl FnMut(&mut Tx<'_>, Millis) -> Result<Effects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.act_anywhere(move |tx| {
            streams::lock(tx, stream_id)?;
            // Read once the stream is held: what is numbered later is not dated earlier.
            let now = Millis::now();
            let effects = act(tx, now)?;
            number(tx, stream_id, now, effects)
        })
        .await
    }

    /// The same for what concerns no stream, or many: `act` numbers its events itself.
    ///
    /// # Errors
    /// As [`Desk::act`].
    pub async fn act_anywhere<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Tx<'_>) -> Result<(T, Publication), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let desk = self.clone();
        // A task of its own: what was stored is told, whether or not the caller waits for it.
        let whole = actix::spawn(async move {
            let (value, publication) = in_transaction(&desk.store, act).await?;
            desk.publisher.publish(publication).await;
            Ok(value)
        });
        whole.await.unwrap_or_else(|_| Err(Fault::Refused(Refusal::internal())))
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

    /// Asks the host: judged by the room, stored by rules that still hold then.
    ///
    /// # Errors
    /// Whatever the room refuses, or the store could not do; it counts as never said then.
    pub async fn ask(
        &self,
        stream_id: StreamId,
        account: Account,
        content: Content,
    ) -> Result<QuestionView, Fault> {
        let desk = self.clone();
        let whole = actix::spawn(async move {
            for _ in 0..comments::JUDGED_MAX {
                let (account, content) = (account.clone(), content.clone());
                let ask =
                    |answer| Forward::MayAsk(stream_id, MayAsk { account: account.clone(), content, answer });
                let Judged { wording, rules, stored } = desk.forward(ask).await?;
                let ask =
                    move |tx: &mut Tx<'_>, now| acts::ask(tx, stream_id, &account, &wording, rules, now);
                if let Some(question) = desk.act(stream_id, ask).await? {
                    // A room that closed meanwhile has nobody to pace.
                    _ = stored.send(());
                    return Ok(question);
                }
            }
            Err(comments::judged_too_often().into())
        });
        whole.await.unwrap_or_else(|_| Err(Fault::Refused(Refusal::internal())))
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
