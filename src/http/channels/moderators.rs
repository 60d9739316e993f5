//! Who looks after all streams of a host.
//! It must not know what a moderator may do.

use super::asked::{self, Named, OfChannel};
use crate::{
    domain::{
        Right, Role, StreamId,
        channel::{MODERATORS_MAX, Scope},
    },
    http::{
        Answer,
        extract::{
            Query,
            list::{List, Paging},
        },
        moderation::moderators::{ModeratorView, added, removed},
    },
    room::operations::{ChannelAct, ChannelEffects, Effects, Fault},
    store::{
        User,
        moderation::relations::{self, moderators_of_channel},
    },
    wire::{Code, Event, Refusal},
};

/// The moderators of a channel, earliest first.
#[utoipa::path(get, operation_id = "listChannelModerators", path = "/api/v1/channels/{username}/moderators", tag = "channels",
    params(("username" = String, Path), Paging),
    responses((status = 200, description = "A page of moderators", body = List<ModeratorView>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfChannel, paging: Query<Paging>) -> Answer {
    let page = |conn: &mut _, host, after, limit| {
        let page = moderators_of_channel::list(conn, host, after, limit)?;
        Ok(page.map(|row| ModeratorView::from((Scope::Channel, row))))
    };
    asked::list(asked, paging, Role::is_staff, page).await
}

/// Appoints a moderator of all streams of a host, present and future: at most 100, then it is a `conflict`.
#[utoipa::path(put, operation_id = "addChannelModerator", path = "/api/v1/channels/{host}/moderators/{username}", tag = "channels",
    params(("host" = String, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are a moderator")), security(("bearer" = [])))]
pub(crate) async fn put(named: Named) -> Answer {
    asked::change(named, Right::Manage, appoint).await
}

fn appoint(act: &mut ChannelAct<'_, '_>, user: &User) -> Result<ChannelEffects<()>, Fault> {
    if user.id == act.host {
        return Err(Refusal::new(Code::Conflict, "The host needs no appointment.").into());
    }
    if !moderators_of_channel::put(act.tx, act.host, user.id, act.now)? {
        return Ok(ChannelEffects::none(()));
    }
    if relations::count_in_channel(act.tx, act.host)? > MODERATORS_MAX {
        let text = format!("A channel has at most {MODERATORS_MAX} moderators.");
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    act.record("moderator.add", Some(user.id), None)?;
    Ok(told(act, |_| added(user).into()))
}

/// Dismisses a moderator of all streams of a host; who looks after one by its own appointment goes on there.
#[utoipa::path(delete, operation_id = "removeChannelModerator", path = "/api/v1/channels/{host}/moderators/{username}", tag = "channels",
    params(("host" = String, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no moderator of the channel")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    asked::change(named, Right::Manage, dismiss).await
}

fn dismiss(act: &mut ChannelAct<'_, '_>, user: &User) -> Result<ChannelEffects<()>, Fault> {
    if !moderators_of_channel::delete(act.tx, act.host, user.id)? {
        return Ok(ChannelEffects::none(()));
    }
    act.record("moderator.remove", Some(user.id), None)?;
    let own = relations::moderated(act.tx, user.id, &act.streams)?;
    Ok(told(act, |id| if own.contains(&id) { added(user).into() } else { removed(user).into() }))
}

/// What the log of each stream says: what holds there now.
fn told(act: &ChannelAct<'_, '_>, event: impl Fn(StreamId) -> Event) -> ChannelEffects<()> {
    let streams = act.streams.iter().map(|&id| (id, Effects::event((), event(id)))).collect();
    ChannelEffects { value: (), streams, concerns_ended: true }
}
