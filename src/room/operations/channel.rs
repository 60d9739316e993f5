//! An act on a channel: who may, with the channel and all its streams held, and what each of these must hear of it.
//! It must not know what is done, nor how it is told.

use super::{
    Access, Fault,
    access::{self, account_named, entry_of},
    effects::Effects,
};
use crate::{
    domain::{Millis, Right, Role, StreamId, UserId},
    identity::Account,
    store::{
        Tx, channels,
        moderation::{audit, relations},
        streams,
    },
    wire::{Code, Refusal},
};

/// Which channel is meant.
#[derive(Clone, Debug)]
pub(crate) enum ChannelOf {
    /// That of the account with this name.
    Host(String),
    /// That of the host of this stream.
    Stream(StreamId),
}

/// Somebody who acts on a channel, in the transaction of the act. It is held, and so is each of its streams that has not ended:
/// what is stored for all of them misses none, and none that is made meanwhile misses it.
pub(crate) struct ChannelAct<'a, 'c> {
    pub tx: &'a mut Tx<'c>,
    /// Whose channel it is.
    pub host: UserId,
    /// What they are in all its streams.
    pub role: Role,
    /// The stream that they named, and what they are there.
    pub named: Option<Access>,
    /// The streams that are held, the named one among them.
    pub streams: Vec<StreamId>,
    pub actor: &'a Account,
    pub now: Millis,
}

/// What an act on a channel did.
#[derive(Debug)]
pub(crate) struct ChannelEffects<T> {
    /// For the caller.
    pub value: T,
    /// For each stream that it concerns; these are held.
    pub streams: Vec<(StreamId, Effects<()>)>,
    /// Whether it holds in streams that are over, too, whose logs do not say so: their rooms look again.
    pub concerns_ended: bool,
}

impl<T> ChannelEffects<T> {
    /// Nothing that anybody else must know.
    pub(crate) fn none(value: T) -> Self {
        Self { value, streams: Vec::new(), concerns_ended: false }
    }
}

impl<'a, 'c> ChannelAct<'a, 'c> {
    /// Holds a channel for somebody who acts by a right: in the stream that they named, or else in all of them.
    /// Errors: `not_found` where there is no such channel, or no such stream that they may know of; `banned` where they may
    /// write nowhere on the site; where they have not the right.
    pub(crate) fn begin(
        tx: &'a mut Tx<'c>,
        of: &ChannelOf,
        right: Right,
        actor: &'a Account,
    ) -> Result<Self, Fault> {
        let (host, stream) = match of {
            ChannelOf::Host(name) => (account_named(tx, name)?.id, None),
            ChannelOf::Stream(id) => (streams::host(tx, *id)?, Some(*id)),
        };
        channels::lock(tx, host)?;
        if let ChannelOf::Host(name) = of {
            // Again, once it is held: an account that has ended meanwhile has no channel any more.
            account_named(tx, name)?;
        }
        let held = channels::lock_streams(tx, host, stream)?;
        // Read once all are held: what is numbered later is not dated earlier.
        let now = streams::now(tx)?;
        let named = stream.map(|id| Access::of(tx, id, Some(actor), now)).transpose()?;
        let standing = relations::standing_in_channel(tx, host, actor.user.id, actor.is_admin)?;
        access::refuse_barred(tx, actor, now)?;
        let act = Self { role: standing.role(), tx, host, named, streams: held, actor, now };
        match &act.named {
            Some(access) => access.may_act_by(right, now)?,
            None => act.require(right)?,
        }
        Ok(act)
    }

    /// Fails unless they have a right in all streams of the channel.
    /// Errors: `forbidden`.
    pub(crate) fn require(&self, right: Right) -> Result<(), Refusal> {
        if self.role.may(right, false) { Ok(()) } else { Err(denied()) }
    }

    /// Puts the act on record: on that of the stream that was named, or on that of none, where the channel stands before the target.
    /// Errors: Those of the store.
    pub(crate) fn record(
        &mut self,
        action: &'static str,
        target: Option<UserId>,
        reason: Option<String>,
    ) -> Result<(), Fault> {
        let target = target.map(|user| user.to_string());
        let named = self.named.as_ref().map(|access| access.stream.id);
        let target = match named {
            Some(_) => target.unwrap_or_default(),
            None => [Some(self.host.to_string()), target].into_iter().flatten().collect::<Vec<_>>().join("/"),
        };
        let entry = entry_of(self.actor, action, named, target, reason);
        Ok(audit::append(self.tx, &entry, self.now)?)
    }
}

/// What somebody is told who has not the right.
pub(crate) fn denied() -> Refusal {
    Refusal::new(Code::Forbidden, "You have not the right to do this in all streams of this host.")
}
