//! What was stored is told to the room: it applies the events, reads again what else has changed, and answers when it holds.
//! It must not store anything.

use super::room::Room;
use crate::{
    domain::UserId,
    room::{core::Part, operations::Stored},
    wire::Event,
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
    pub(super) fn hold_all(
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

    fn stored(&mut self, stored: Stored, ctx: &mut Context<Self>) -> ResponseActFuture<Self, ()> {
        let banned = banned(&stored);
        let mut parts = stale_parts(&stored);
        if banned.is_empty() {
            return self.hold(stored, parts, banned, ctx);
        }
        // A ban holds with its reason from the first moment on: who joins in between is told why.
        parts.retain(|part| *part != Part::Bans);
        let reasons = self.refresh(vec![Part::Bans], Vec::new());
        Box::pin(reasons.then(move |(), room, ctx| room.hold(stored, parts, banned, ctx)))
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
            _ => {}
        }
    }
    parts.sort();
    parts.dedup();
    parts
}

/// Whom these events ban.
fn banned(stored: &Stored) -> Vec<UserId> {
    let banned = stored.events.iter().filter_map(|numbered| match &*numbered.event {
        Event::ViewerBanned(banned) => Some(banned.user_id),
        _ => None,
    });
    banned.collect()
}
