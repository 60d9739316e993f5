//! Bans as acts: in one stream, or in all streams of a host. The log of each stream says what holds there.
//! Pure transaction code: it must not know of requests or sockets, nor read the clock.

use super::{
    Effects, Fault,
    acts::tombstone_of,
    channel::{ChannelAct, ChannelEffects},
};
use crate::{
    domain::{
        Right, StreamId, UserId,
        channel::{BANS_MAX, Scope},
    },
    room::{core::Part, hooks},
    store::{
        User, comments,
        interactions::questions,
        moderation::{
            bans::{self, NewBan},
            relations::{self, moderators, moderators_of_channel},
        },
        streams,
    },
    wire::{
        Code, Event, Refusal,
        event::{CommentUnpinned, CommentsPurged, ModeratorRemoved, ViewerBanned, ViewerUnbanned},
        view::UserRef,
    },
};
use std::collections::HashSet;

/// What a ban changes in a room, beside its events.
const CHANGED: [Part; 3] = [Part::Bans, Part::Comments, Part::Queue];

/// A ban that somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Where it is to hold; else as far as the right of whoever wants it goes.
    pub scope: Option<Scope>,
    /// Seconds from now; none is for good.
    pub duration_s: Option<i64>,
    pub reason: Option<String>,
    /// Whether all that they wrote where it holds is deleted.
    pub delete_comments: bool,
}

/// Bans somebody. Where a moderator is banned, they are dismissed thereby.
/// Errors: `forbidden` where whoever acts may not ban them, or not so far; `conflict` where the channel has too many bans, or where
/// they look after all streams and are to be banned in one.
pub(crate) fn ban(
    act: &mut ChannelAct<'_, '_>,
    user: &User,
    wanted: &Wanted,
) -> Result<ChannelEffects<()>, Fault> {
    refuse_host_and_admins(act, user)?;
    let place = place(act, wanted.scope)?;
    let dismissed = match place {
        Place::Channel => dismiss_everywhere(act, user)?,
        Place::Stream(id) => dismiss_in(act, id, user)?,
    };
    let until = wanted.duration_s.map(|seconds| act.now.plus_s(seconds));
    let new = NewBan { user_id: user.id, until, reason: wanted.reason.clone(), banned_by: act.actor.user.id };
    let is_new = match place {
        Place::Channel => put_in_channel(act, &new)?,
        Place::Stream(id) => bans::of_stream::put(act.tx, id, &new, act.now)?,
    };
    if is_new {
        act.record("ban", Some(user.id), new.reason)?;
    }
    if is_new && matches!(place, Place::Channel) {
        hooks::banned(act.tx, act.host, user.id, Some(until), act.now)?;
    }
    let mut effects = ChannelEffects::none(());
    let mut has_purged = false;
    for id in place.streams(act) {
        let mut events: Vec<Event> = Vec::new();
        if dismissed.contains(&id) {
            events.push(ModeratorRemoved { user_id: user.id, user: UserRef::from(user) }.into());
        }
        if is_new {
            events.push(what_holds(act, id, user.id)?);
        }
        if wanted.delete_comments {
            let purged = purge(act, id, user.id)?;
            has_purged |= !purged.is_empty();
            events.extend(purged);
        }
        effects.streams.push((id, Effects::events((), events).refreshing(&CHANGED)));
    }
    if has_purged {
        act.record("comments.purge", Some(user.id), None)?;
    }
    effects.concerns_ended = matches!(place, Place::Channel);
    Ok(effects)
}

/// Lifts the ban of a channel, and that of the stream that was named.
/// Errors: `forbidden` where the channel's holds and whoever acts may lift that of the stream alone.
pub(crate) fn lift(act: &mut ChannelAct<'_, '_>, user: &User) -> Result<ChannelEffects<()>, Fault> {
    if bans::of_channel::of_user(act.tx, act.host, user.id, act.now)?.is_some() {
        act.require(Right::Ban)?;
    }
    let (now, named) = (act.now, act.named.as_ref().map(|access| access.stream.id));
    let in_channel = bans::of_channel::delete(act.tx, act.host, user.id, now)?;
    let in_stream = match named {
        Some(id) => bans::of_stream::delete(act.tx, id, user.id, now)?,
        None => false,
    };
    if !in_channel && !in_stream {
        return Ok(ChannelEffects::none(()));
    }
    act.record("unban", Some(user.id), None)?;
    if in_channel {
        hooks::banned(act.tx, act.host, user.id, None, act.now)?;
    }
    let concerned = if in_channel { act.streams.clone() } else { named.into_iter().collect() };
    let mut effects = ChannelEffects::none(());
    effects.concerns_ended = in_channel;
    for id in concerned {
        let event = what_holds(act, id, user.id)?;
        effects.streams.push((id, Effects::event((), event).refreshing(&[Part::Bans])));
    }
    Ok(effects)
}

/// Where a ban is to hold.
#[derive(Clone, Copy)]
enum Place {
    Channel,
    Stream(StreamId),
}

impl Place {
    /// The streams whose logs say so.
    fn streams(self, act: &ChannelAct<'_, '_>) -> Vec<StreamId> {
        match self {
            Place::Channel => act.streams.clone(),
            Place::Stream(id) => vec![id],
        }
    }
}

/// Where a ban is to hold: in the whole channel, unless whoever acts wants less, or may do no more.
fn place(act: &ChannelAct<'_, '_>, wanted: Option<Scope>) -> Result<Place, Refusal> {
    let is_for_all = act.role.may(Right::Ban, false);
    match (&act.named, wanted) {
        (None, _) => Ok(Place::Channel),
        (Some(_), Some(Scope::Channel)) => act.require(Right::Ban).map(|()| Place::Channel),
        (Some(_), None) if is_for_all => Ok(Place::Channel),
        (Some(access), _) => Ok(Place::Stream(access.stream.id)),
    }
}

fn refuse_host_and_admins(act: &ChannelAct<'_, '_>, user: &User) -> Result<(), Refusal> {
    match user.id == act.host || user.is_admin {
        true => Err(Refusal::new(Code::Forbidden, "Host and admins cannot be banned.")),
        false => Ok(()),
    }
}

/// In which of the streams that are held a moderator was dismissed; by host and admins, in those that are over, too.
fn dismiss_everywhere(act: &mut ChannelAct<'_, '_>, user: &User) -> Result<HashSet<StreamId>, Fault> {
    let of_channel = moderators_of_channel::has(act.tx, act.host, user.id)?;
    let moderated = relations::moderated(act.tx, user.id, &act.streams)?;
    if act.role.may(Right::Manage, false) {
        relations::dismiss_everywhere(act.tx, act.host, user.id)?;
        return Ok(moderated);
    }
    if of_channel || !moderated.is_empty() { Err(moderators_alike().into()) } else { Ok(moderated) }
}

fn dismiss_in(act: &mut ChannelAct<'_, '_>, id: StreamId, user: &User) -> Result<HashSet<StreamId>, Fault> {
    let of_channel = moderators_of_channel::has(act.tx, act.host, user.id)?;
    let by_itself = moderators::delete(act.tx, id, user.id)?;
    if !of_channel && !by_itself {
        return Ok(HashSet::new());
    }
    if !act.role.may(Right::Manage, false) {
        return Err(moderators_alike().into());
    }
    if of_channel {
        let text =
            "They look after all streams of this host: ban them in the channel, or dismiss them there first.";
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    Ok(HashSet::from([id]))
}

fn moderators_alike() -> Refusal {
    Refusal::new(Code::Forbidden, "Moderators cannot ban moderators.")
}

fn put_in_channel(act: &mut ChannelAct<'_, '_>, new: &NewBan) -> Result<bool, Fault> {
    let is_banned = bans::of_channel::of_user(act.tx, act.host, new.user_id, act.now)?.is_some();
    if !is_banned && bans::count_in_channel(act.tx, act.host, act.now)? >= BANS_MAX {
        let text = format!("This channel has {BANS_MAX} bans in force, and more cannot be kept.");
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    Ok(bans::of_channel::put(act.tx, act.host, new, act.now)?)
}

/// What the log of a stream says once a ban was made or lifted somewhere: what holds there now, by its own bans and the channel's.
fn what_holds(act: &mut ChannelAct<'_, '_>, id: StreamId, user_id: UserId) -> Result<Event, Fault> {
    let ban = bans::of_user(act.tx, (id, act.host), user_id, act.now)?;
    Ok(match ban {
        Some(ban) => ViewerBanned { user_id, until: ban.until }.into(),
        None => ViewerUnbanned { user_id }.into(),
    })
}

/// Deletes all that somebody wrote in a stream, comments and questions; nothing is said where there was nothing.
fn purge(act: &mut ChannelAct<'_, '_>, id: StreamId, user_id: UserId) -> Result<Vec<Event>, Fault> {
    let now = act.now;
    let pinned = streams::by_id(act.tx, id)?.and_then(|stream| stream.pinned_comment_id);
    let gone = comments::purge(act.tx, id, user_id, now)?;
    let asked = questions::purge(act.tx, id, user_id, now, &tombstone_of(now))?;
    let mut events: Vec<Event> = Vec::new();
    if !gone.is_empty() || asked > 0 {
        events.push(CommentsPurged { user_id }.into());
    }
    if pinned.is_some_and(|pinned| gone.contains(&pinned)) {
        events.push(CommentUnpinned {}.into());
    }
    Ok(events)
}
