//! One act, one transaction: it checks, stores and numbers its events at the end; then all of it is told.
//! It must not know what an act does, nor to whom it is told.

use super::{
    Access, Act, ChannelAct, ChannelEffects, ChannelOf, Effects, Fault, Notice, Publication, Stored,
    publish::Publisher,
};
use crate::{
    domain::{Millis, Right, StreamId, UserId},
    identity::Account,
    store::{
        self, Store, Tx, channels,
        events::{self, NewEvent},
        streams,
    },
    wire::{Event, Numbered, Refusal, view::Reactions},
};
use futures_util::FutureExt;

/// The store, and the way to everybody who must hear of a commit. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transactions {
    store: Store,
    publisher: Publisher,
}

impl Transactions {
    /// Acts on this store, told by this publisher.
    pub(crate) fn new(store: Store, publisher: Publisher) -> Self {
        Self { store, publisher }
    }

    /// Runs `act` in a transaction and appends its events to the stream's log; then all of it is told. When this returns, it
    /// holds for every later call and frame.
    /// Errors: What `act` refused or the store could not do; nothing was kept then.
    pub(crate) async fn act<T: Send + 'static>(
        self,
        stream_id: StreamId,
        mut act: impl FnMut(&mut Tx<'_>, Millis) -> Result<Effects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.act_anywhere(move |tx| {
            streams::lock(tx, stream_id)?;
            // Read once the stream is held: what is numbered later is not dated earlier.
            let now = streams::now(tx)?;
            let effects = act(tx, now)?;
            number(tx, stream_id, now, effects, false)
        })
        .await
    }

    /// The same for somebody who acts by a right, or by what everybody has who may see the stream, where it is none.
    /// Errors: `banned` where they may write nowhere on the site; those of [`Access::of`] and [`Access::may_act_by`], too.
    pub(crate) async fn act_as<T: Send + 'static>(
        self,
        right: impl Into<Option<Right>>,
        actor: Account,
        stream_id: StreamId,
        mut act: impl FnMut(&mut Act<'_, '_>) -> Result<Effects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let right = right.into();
        self.act(stream_id, move |tx, now| {
            let access = Access::of(tx, stream_id, Some(&actor), now)?;
            access.refuse_barred()?;
            right.map_or(Ok(()), |right| access.may_act_by(right, now))?;
            act(&mut Act { tx, access, actor: &actor, now })
        })
        .await
    }

    /// The same on a channel: all that it did to the streams is numbered and told, of each in its own log.
    /// Errors: Those of [`ChannelAct::begin`], too.
    pub(crate) async fn act_in_channel<T: Send + 'static>(
        self,
        right: Right,
        actor: Account,
        of: ChannelOf,
        mut act: impl FnMut(&mut ChannelAct<'_, '_>) -> Result<ChannelEffects<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.act_anywhere(move |tx| {
            let mut begun = ChannelAct::begin(tx, &of, right, &actor)?;
            let (done, host, now) = (act(&mut begun)?, begun.host, begun.now);
            number_all(tx, host, now, done)
        })
        .await
    }

    /// The same for what concerns no stream, or many: `act` numbers its events itself.
    /// Errors: As [`Transactions::act`].
    pub(crate) async fn act_anywhere<T: Send + 'static>(
        self,
        act: impl FnMut(&mut Tx<'_>) -> Result<(T, Publication), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let whole = async move {
            let (value, publication) = self.store.write(act).await?;
            self.publisher.publish(publication).await;
            Ok(value)
        };
        // A task of its own: what was stored is told, whether or not the caller waits for it. Boxed, so that acts of one
        // outcome are one kind of task to the compiler.
        actix::spawn(whole.boxed_local()).await.unwrap_or_else(|_| Err(Fault::Refused(Refusal::internal())))
    }
}

/// Numbers the events of an act; what it has for its caller, and what must be told.
fn number<T>(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
    effects: Effects<T>,
    of_channel: bool,
) -> Result<(T, Publication), Fault> {
    let rules = effects.change_rules().then(|| streams::change_rules(tx, stream_id)).transpose()?;
    let Effects { value, events, mut numbered, refresh, notices } = effects;
    numbered.extend(append(tx, stream_id, now, events, of_channel)?);
    let news = (!refresh.is_empty()).then(|| streams::count_news(tx, stream_id)).transpose()?;
    let stored =
        Stored { stream_id, events: numbered, stale: refresh, rules, news, reactions: Reactions::new() };
    Ok((value, Publication::of(stored, notices)))
}

/// The same for all streams that an act on their channel concerns.
fn number_all<T>(
    tx: &mut Tx<'_>,
    host: UserId,
    now: Millis,
    effects: ChannelEffects<T>,
) -> Result<(T, Publication), Fault> {
    let mut all = Publication::default();
    if effects.concerns_ended {
        channels::count_news(tx, host)?;
        all.notices.push(Notice::ChannelChanged(host));
    }
    let of_channel = effects.concerns_ended;
    for (stream_id, effects) in effects.streams {
        let ((), of_one) = number(tx, stream_id, now, effects, of_channel)?;
        all.streams.extend(of_one.streams);
        all.notices.extend(of_one.notices);
    }
    Ok((effects.value, all))
}

/// Numbers events in the caller's transaction; bans among them may say what holds in the whole channel.
fn append(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
    events: Vec<Event>,
    of_channel: bool,
) -> Result<Vec<Numbered>, store::Error> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let is_ban = |event: &Event| matches!(event, Event::ViewerBanned(_) | Event::ViewerUnbanned(_));
    let of_channel = |event| of_channel && is_ban(event);
    let rows = events.iter().map(|event| NewEvent { of_channel: of_channel(event), ..row(event) }).collect();
    let logged = events::append(tx, stream_id, now, rows)?;
    let numbered = logged.into_iter().zip(events);
    Ok(numbered.map(|(logged, event)| Numbered::new(logged.seq, logged.ts, event)).collect())
}

/// An event as the log keeps it.
pub(crate) fn row(event: &Event) -> NewEvent {
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
    let payload = event.payload();
    NewEvent { kind: event.kind().to_owned(), comment_id, question_id, user_id, payload, of_channel: false }
}
