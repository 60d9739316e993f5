//! A commenter: writes its comments when they are due, however late the others are, and counts the answers.
//! It must not know what viewers see.

use super::{context::Context, frames::Heard, reactions, socket::Seat};
use crate::crowd::{
    net::link::{Ending, Link},
    stamp::{Program, Stamp},
    tally::{Placed, count},
};
use std::time::Duration;
use tokio::time::{sleep, sleep_until};

/// Bytes unwritten beyond which a commenter waits; its comments are then late, and count as late.
const MOST_UNWRITTEN: usize = 1 << 20;
const BREATH: Duration = Duration::from_millis(5);

impl Seat {
    /// Hears like any viewer and writes in between, until the socket ends.
    pub(super) async fn write_comments(&self, link: &mut Link, context: &Context) -> Ending {
        let mut timetable = context.timetable.clone();
        loop {
            let due_us = timetable.borrow_and_update().and_then(|program| next_due_us(self, &program));
            let Some(due_us) = due_us else {
                tokio::select! {
                    ending = self.listen(link, context) => return ending,
                    changed = timetable.changed() => if changed.is_err() { return Ending::Closed(None) },
                }
                continue;
            };
            tokio::select! {
                biased;
                ending = self.listen(link, context) => return ending,
                () = sleep_until(context.plan.clock.instant(due_us).into()) => {}
            }
            if link.unwritten() > MOST_UNWRITTEN || !self.is_inside() {
                tokio::select! {
                    ending = self.listen(link, context) => return ending,
                    () = sleep(BREATH) => {}
                }
                continue;
            }
            write_all_due(self, link, context);
            react_to_all_due(self, link, context);
        }
    }

    /// Counts the answer to a comment or a reaction.
    pub(super) fn answered(&self, said: Heard, read_us: u64, context: &Context) {
        let mut tally = context.tally.borrow_mut();
        match said {
            Heard::Ack { number, seq } => {
                tally.acked += 1;
                let node = context.plan.node_of(self.number);
                tally.acks.push(Placed { number, seq, node, at_us: read_us });
                let due_us = context.timetable.borrow().and_then(|program| program.comments.due_us(number));
                if let Some(due_us) = due_us {
                    tally.ack_latency.saturating_record(read_us.saturating_sub(due_us).max(1));
                }
            }
            Heard::Held { .. } => tally.held += 1,
            Heard::Reacted { counted: true } => tally.reactions_counted += 1,
            Heard::Reacted { counted: false } => tally.reactions_refused += 1,
            Heard::Refused { code, .. } => count(&mut tally.refused, code),
            _ => {}
        }
    }
}

fn next_due_us(seat: &Seat, program: &Program) -> Option<u64> {
    let comment = program.comments.due_us(seat.next_comment.get());
    comment.into_iter().chain(program.reactions.due_us(seat.next_reaction.get())).min()
}

fn react_to_all_due(seat: &Seat, link: &mut Link, context: &Context) {
    let Some(Program { reactions: table, .. }) = *context.timetable.borrow() else { return };
    let now_us = context.now_us();
    while table.due_us(seat.next_reaction.get()).is_some_and(|due_us| due_us <= now_us) {
        let number = seat.next_reaction.get();
        link.say(&reactions::text(number));
        seat.next_reaction.set(number + context.plan.commenters as u64);
        context.tally.borrow_mut().reacted += 1;
        if link.unwritten() > MOST_UNWRITTEN {
            return;
        }
    }
}

fn write_all_due(seat: &Seat, link: &mut Link, context: &Context) {
    let Some(Program { comments: table, .. }) = *context.timetable.borrow() else { return };
    let now_us = context.now_us();
    while let Some(intended_us) = table.due_us(seat.next_comment.get()).filter(|&due_us| due_us <= now_us) {
        let number = seat.next_comment.get();
        let content =
            Stamp { crowd: context.plan.crowd, number, intended_us }.text(context.plan.content_bytes);
        link.say(&context.plan.dialect.comment(number, &content));
        seat.next_comment.set(number + context.plan.commenters as u64);
        let mut tally = context.tally.borrow_mut();
        tally.posted += 1;
        tally.send_delay.saturating_record((now_us - intended_us).max(1));
        if link.unwritten() > MOST_UNWRITTEN {
            return;
        }
    }
}
