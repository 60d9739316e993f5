//! What other nodes do to the stream: what they say of it at once, and what the tables show of it later.
//! It must not know how nodes speak to each other, nor rest on their being heard.

use crate::{
    domain::{News, ReactionKind, Seq},
    room::{
        actor::room::Room,
        core::Part,
        operations::{Stored, words},
    },
    store::{Tx, streams::heads::Head, upkeep::epoch},
    wire::{Close, Numbered},
};
use actix::prelude::*;
use std::time::Duration;

/// What changes often is read at most once in this time, however many nodes change it.
const READ_AGAIN: Duration = Duration::from_millis(200);
/// Acts of other nodes that may wait; what comes beyond is found in the tables.
const HEARD_MAX: usize = 1024;
/// When those are to come back whose room has lost its place.
const COME_BACK_MS: u64 = 500;

/// Another node has stored this.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct HeardStored(pub Stored);

/// How far the stream has come, by the tables.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct AtHead(pub Head);

impl Handler<HeardStored> for Room {
    type Result = ();

    fn handle(&mut self, HeardStored(mut stored): HeardStored, ctx: &mut Self::Context) {
        let (often, seldom) =
            std::mem::take(&mut stored.stale).into_iter().partition(|&part| changes_often(part));
        stored.stale = seldom;
        self.read_soon(often, ctx);
        if stored.stale.is_empty() && stored.rules.is_none() {
            let held = self.hold_all(stored, ctx);
            ctx.spawn(held);
        } else if self.heard.len() < HEARD_MAX {
            self.heard.push_back(stored);
            self.hold_heard(ctx);
        }
    }
}

impl Handler<AtHead> for Room {
    type Result = ();

    fn handle(&mut self, AtHead(head): AtHead, ctx: &mut Self::Context) {
        let Some(core) = &mut self.core else { return };
        let before = std::mem::replace(&mut self.head_before, core.sequencer.head());
        let has_reactions = head.reactions > core.state.reactions.values().sum();
        let has_rules = head.rules > core.state.rules_version;
        let has_news = head.news > core.state.news;
        core.state.news = core.state.news.max(head.news);
        let has_channel_news = core.hear_channel_news(head.channel_news);
        if head.seq < before {
            return self.lose_place(head.seq, ctx);
        }
        if has_rules {
            // First who may see and say what, then the log: what is shown next is judged by both.
            let caught_up = self.catch_up_with_rules();
            ctx.spawn(caught_up);
        } else {
            self.catch_up_with_log(head.seq, ctx);
        }
        if has_channel_news {
            self.read_soon(Part::OF_CHANNEL.to_vec(), ctx);
        }
        if has_news {
            self.read_soon(Part::ALL.to_vec(), ctx);
        } else if has_reactions {
            self.read_soon(vec![Part::Reactions], ctx);
        }
    }
}

impl Room {
    /// What others have done to the rules holds here in the order in which they did it: who is let in before the stream becomes
    /// private stays.
    fn hold_heard(&mut self, ctx: &mut Context<Self>) {
        if self.holds_heard {
            return;
        }
        let Some(stored) = self.heard.pop_front() else { return };
        self.holds_heard = true;
        let held = self.hold_all(stored, ctx);
        ctx.spawn(held.map(|(), room, ctx| {
            room.holds_heard = false;
            room.hold_heard(ctx);
        }));
    }

    /// Tells other nodes what the journal has stored.
    pub(in crate::room::actor) fn tell_others(
        &self,
        events: Vec<Numbered>,
        has_held: bool,
        reactions: Vec<(ReactionKind, i64)>,
        news: Option<News>,
    ) {
        if events.is_empty() && reactions.is_empty() && !has_held {
            return;
        }
        let stale = if has_held { vec![Part::Queue] } else { Vec::new() };
        let reactions = reactions.into_iter().collect();
        let stored = Stored { stream_id: self.id, events, stale, rules: None, news, reactions };
        words::of_stored(&stored).into_iter().for_each(|(topic, words)| self.bus.say(topic, words));
    }

    /// All is known up to this change of what is not in the log, if it is the next one; else another is on its way, or lost,
    /// which a look at the tables shows.
    pub(in crate::room::actor) fn have_news(&mut self, news: Option<News>) {
        if let (Some(news), Some(core)) = (news, &mut self.core)
            && news == core.state.news.next()
        {
            core.state.news = news;
        }
    }

    fn catch_up_with_log(&mut self, seq: Seq, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        core.sequencer.expect(seq);
        // What this node has stored itself, or another has said, is on its way most of the time.
        let comes_by_itself = !core.posts.is_empty() || self.bus.is_sure();
        if core.sequencer.has_hole() && self.hole.is_none() && !comes_by_itself {
            self.read_hole(ctx);
        }
        self.settle(ctx);
    }

    fn read_soon(&mut self, parts: Vec<Part>, ctx: &mut Context<Self>) {
        self.stale.extend(parts);
        if self.stale.is_empty() || self.stale_timer.is_some() {
            return;
        }
        self.stale_timer = Some(ctx.run_later(READ_AGAIN, |room, ctx| {
            room.stale_timer = None;
            let parts = std::mem::take(&mut room.stale).into_iter().collect();
            let read = room.refresh(parts, Vec::new());
            ctx.spawn(read);
        }));
    }

    /// The log is shorter than what has been shown of it: it is another log, which gets an epoch of its own.
    fn lose_place(&mut self, seq: Seq, ctx: &mut Context<Self>) {
        let Some(core) = &self.core else { return };
        let (id, seen, store) = (self.id, core.state.epoch.clone(), self.store.clone());
        log::error!("room {id}: its log goes no further than {seq}, though more was shown; all begin anew");
        let begin = move |tx: &mut Tx<'_>| epoch::begin_after(tx, &seen, "a log is shorter than it was");
        let begun = async move { store.write(begin).await };
        ctx.spawn(begun.into_actor(self).map(|begun, room, ctx| {
            if let Err(error) = begun {
                log::error!("no new epoch could be begun: {error}");
            }
            room.core.iter().for_each(|core| core.close_all(Close::Restart { retry_after_ms: COME_BACK_MS }));
            room.leave_registry(ctx);
        }));
    }
}

/// Whether a part changes with what many do at once; a vote is read again with the tally.
fn changes_often(part: Part) -> bool {
    matches!(part, Part::Queue | Part::Tally | Part::Questions | Part::Reactions | Part::Vote(_))
}
