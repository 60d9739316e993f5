//! The streams, as handlers act on them: what is stored first, and what a room judges.
//! It must not know of requests or sockets.

use super::registry::{Forward, RoomRegistry};
use crate::{
    bus::presence::Presence,
    domain::{Content, Millis, ReactionKind, Right, StreamId},
    identity::Account,
    room::{
        actor::{
            ops::{Post, React},
            questions::{MayAsk, MayBeAsked},
        },
        core::comments,
        operations::{
            Act, ChannelAct, ChannelEffects, ChannelOf, Effects, Fault, Publication, Transactions, acts,
            publish::Publisher,
        },
        pictures::Pictures,
        reply::Posted,
        viewer_counts::ViewerCounts,
    },
    store::{Store, Tx},
    wire::{Refusal, op::CommentBody, view::QuestionView},
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// The store and the way to the rooms. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Streams {
    pub store: Store,
    pub registry: Addr<RoomRegistry>,
    pub viewer_counts: ViewerCounts,
    /// Who is here over all nodes.
    pub presence: Presence,
    /// How the picture of each is.
    pub pictures: Pictures,
    transactions: Transactions,
}

impl Streams {
    /// The streams with these rooms; what is stored is told by this publisher.
    pub(crate) fn new(
        store: Store,
        registry: Addr<RoomRegistry>,
        (viewer_counts, presence): (ViewerCounts, Presence),
        pictures: Pictures,
        publisher: Publisher,
    ) -> Self {
        Self {
            transactions: Transactions::new(store.clone(), publisher),
            store,
            registry,
            viewer_counts,
            presence,
            pictures,
        }
    }

    /// Carries out an act on a stream: [`Transactions::act`].
    /// Errors: What `act` refused or the store could not do; nothing was kept then.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        stream_id: StreamId,
        act: impl FnMut(&mut Tx<'_>, Millis) -> Result<Effects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transactions.clone().act(stream_id, act).await
    }

    /// Carries out an act of somebody on a stream, by a right: [`Transactions::act_as`].
    /// Errors: `not_found` where they may not know of the stream; where they have not the right; as [`Streams::act`].
    pub(crate) async fn act_as<T: Send + 'static>(
        &self,
        right: impl Into<Option<Right>>,
        actor: Account,
        stream_id: StreamId,
        act: impl FnMut(&mut Act<'_, '_>) -> Result<Effects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transactions.clone().act_as(right, actor, stream_id, act).await
    }

    /// Carries out an act of somebody on a channel, by a right: [`Transactions::act_in_channel`].
    /// Errors: `not_found` where there is no such channel, or no such stream that they may know of; where they have not the right;
    /// as [`Streams::act`].
    pub(crate) async fn act_in_channel<T: Send + 'static>(
        &self,
        right: Right,
        actor: Account,
        of: ChannelOf,
        act: impl FnMut(&mut ChannelAct<'_, '_>) -> Result<ChannelEffects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transactions.clone().act_in_channel(right, actor, of, act).await
    }

    /// Carries out an act that concerns no stream, or many: [`Transactions::act_anywhere`].
    /// Errors: As [`Streams::act`].
    pub(crate) async fn act_anywhere<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Tx<'_>) -> Result<(T, Publication), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.transactions.clone().act_anywhere(act).await
    }

    /// A comment by REST, on the same way as one from a socket.
    /// Errors: Whatever the room refuses.
    pub(crate) async fn post(
        &self,
        stream_id: StreamId,
        account: Account,
        body: CommentBody,
    ) -> Result<Posted, Refusal> {
        self.forward(|answer| Forward::Post(stream_id, Post { account, body, answer })).await
    }

    /// Reactions by REST.
    /// Errors: Whatever the room refuses.
    pub(crate) async fn react(
        &self,
        stream_id: StreamId,
        account: Account,
        kind: ReactionKind,
        count: u8,
    ) -> Result<(), Refusal> {
        self.forward(|answer| Forward::React(stream_id, React { account, kind, count, answer })).await
    }

    /// Asks the host: judged by the room, stored by rules that still hold then.
    /// Errors: Whatever the room refuses, or the store could not do; it counts as never said then.
    pub(crate) async fn ask(
        &self,
        stream_id: StreamId,
        account: Account,
        content: Content,
    ) -> Result<QuestionView, Fault> {
        let streams = self.clone();
        let whole = actix::spawn(async move {
            for _ in 0..comments::JUDGED_MAX {
                let (account, content) = (account.clone(), content.clone());
                let ask =
                    |answer| Forward::MayAsk(stream_id, MayAsk { account: account.clone(), content, answer });
                let MayBeAsked { question, stored } = streams.forward(ask).await?;
                let ask = move |act: &mut Act<'_, '_>| acts::ask(act, &question);
                if let Some(question) = streams.act_as(Right::Ask, account, stream_id, ask).await? {
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
        self.registry.try_send(message(answer)).map_err(|_| Refusal::overloaded())?;
        answered.await.unwrap_or_else(|_| Err(Refusal::overloaded()))
    }
}
