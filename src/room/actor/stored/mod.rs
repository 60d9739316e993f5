//! What was stored is told to the room: it applies the events, reads again what else has changed, and answers when it holds.
//! It must not store anything.

pub(crate) mod elsewhere;

use super::room::Room;
use crate::{
    domain::UserId,
    room::{core::Part, operations::Stored},
    wire::{Event, Numbered},
};
use actix::prelude::*;

impl Handler<Stored> for Room {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, stored: Stored, ctx: &mut Self::Context) -> Self::Result {
        self.handled += 1;
        self.hold_all(stored, ctx)
    }
}

impl Room {
    /// Holds all of it, whichever node has stored it.
    pub(in crate::room::actor) fn hold_all(
        &mut self,
        stored: Stored,
        ctx: &mut Context<Self>,
    ) -> ResponseActFuture<Self, ()> {
        let rules = stored.rules;
        self.have_news(stored.news);
        if let Some(core) = &mut self.core {
            core.have_reactions(stored.reactions.clone());
        }
        let told = self.stored(stored, ctx);
        Box::pin(told.map(move |(), room, ctx| {
            rules.into_iter().for_each(|version| room.have_rules(version, ctx));
        }))
    }

    /// Holds what is found in the log and was not heard: whom it bans is told, and what it makes stale is read again.
    pub(super) fn hold_logged(&mut self, events: Vec<Numbered>, ctx: &mut Context<Self>) {
        let (stale, reactions) = (Vec::new(), Default::default());
        let logged = Stored { stream_id: self.id, events, stale, rules: None, news: None, reactions };
        let held = self.stored(logged, ctx);
        ctx.spawn(held);
    }

    fn stored(&mut self, stored: Stored, ctx: &mut Context<Self>) -> ResponseActFuture<Self, ()> {
        let (banned, first) = (banned(&stored), parts_before(&stored));
        let mut parts = stale_parts(&stored);
        if first.is_empty() {
            return self.hold(stored, parts, banned, ctx);
        }
        parts.retain(|part| !first.contains(part));
        let read = self.refresh(first, Vec::new());
        Box::pin(read.then(move |(), room, ctx| room.hold(stored, parts, banned, ctx)))
    }

    fn hold(
        &mut self,
        stored: Stored,
        parts: Vec<Part>,
        banned: Vec<UserId>,
        ctx: &mut Context<Self>,
    ) -> ResponseActFuture<Self, ()> {
        let last = stored.events.iter().map(|numbered| numbered.seq).max();
        self.apply_all(stored.events, ctx);
        self.settle(ctx);
        let applied = self.applied(last);
        if parts.is_empty() && banned.is_empty() {
            return applied;
        }
        Box::pin(applied.then(move |(), room, _| room.refresh(parts, banned)))
    }
}

/// What must be read again because of these events.
fn stale_parts(stored: &Stored) -> Vec<Part> {
    let mut parts = stored.stale.clone();
    for numbered in &stored.events {
        match &*numbered.event {
            Event::ViewerBanned(_) => parts.push(Part::Bans),
            Event::CommentDeleted(_) => parts.extend([Part::Comments, Part::Queue]),
            Event::CommentsPurged(_) => parts.extend([Part::Comments, Part::Queue, Part::Questions]),
            Event::QuestionCreated(_) | Event::QuestionAnswered(_) => parts.push(Part::Questions),
            // What is read for a change of the channel may be older than this event.
            Event::ModeratorAdded(_) | Event::ModeratorRemoved(_) => parts.push(Part::Moderators),
            // What changed in the channel before the end was known here, and after the end was stored, no log says.
            Event::StreamEnded(_) => parts.extend_from_slice(Part::OF_CHANNEL),
            _ => {}
        }
    }
    parts.sort();
    parts.dedup();
    parts
}

/// What must be read before these events are applied. A ban holds with its reason from the first moment on: who joins in
/// between is told why. And who became a member on another node stays when the stream becomes private.
fn parts_before(stored: &Stored) -> Vec<Part> {
    let has = |is_one: fn(&Event) -> bool| stored.events.iter().any(|numbered| is_one(&numbered.event));
    let bans = has(|event| matches!(event, Event::ViewerBanned(_))).then_some(Part::Bans);
    let members = has(|event| matches!(event, Event::StreamUpdated(_))).then_some(Part::Members);
    bans.into_iter().chain(members).collect()
}

/// Whom these events ban.
fn banned(stored: &Stored) -> Vec<UserId> {
    let banned = stored.events.iter().filter_map(|numbered| match &*numbered.event {
        Event::ViewerBanned(banned) => Some(banned.user_id),
        _ => None,
    });
    banned.collect()
}
