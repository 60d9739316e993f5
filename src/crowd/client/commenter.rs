//! A commenter: writes its comments when they are due, however late the others are, and counts the answers.
//! It must not know what viewers see.

use super::{
    context::Desk,
    frames::Said,
    link::{Ending, Link},
    reactions,
    socket::Seat,
    stamp::{Program, Stamp},
};
use crate::crowd::report::tally::count;
use std::time::Duration;
use tokio::time::{sleep, sleep_until};

/// Bytes unwritten beyond which a commenter waits; its comments are then late, and count as late.
const MOST_UNWRITTEN: usize = 1 << 20;
const BREATH: Duration = Duration::from_millis(5);

/// Hears like any viewer and writes in between, until the socket ends.
pub async fn write(seat: &Seat, link: &mut Link, desk: &Desk) -> Ending {
    let mut timetable = desk.timetable.clone();
    loop {
        let due_us = timetable.borrow_and_update().and_then(|program| next_due_us(seat, &program));
        let Some(due_us) = due_us else {
            tokio::select! {
                ending = seat.listen(link, desk) => return ending,
                changed = timetable.changed() => if changed.is_err() { return Ending::Closed(None) },
            }
            continue;
        };
        tokio::select! {
            biased;
            ending = seat.listen(link, desk) => return ending,
            () = sleep_until(desk.plan.clock.instant(due_us).into()) => {}
        }
        if link.unwritten() > MOST_UNWRITTEN || !seat.is_inside() {
            tokio::select! {
                ending = seat.listen(link, desk) => return ending,
                () = sleep(BREATH) => {}
            }
            continue;
        }
        write_all_due(seat, link, desk);
        react_to_all_due(seat, link, desk);
    }
}

fn next_due_us(seat: &Seat, program: &Program) -> Option<u64> {
    let comment = program.comments.due_us(seat.next_comment.get());
    comment.into_iter().chain(program.reactions.due_us(seat.next_reaction.get())).min()
}

fn react_to_all_due(seat: &Seat, link: &mut Link, desk: &Desk) {
    let Some(Program { reactions: table, .. }) = *desk.timetable.borrow() else { return };
    let now_us = desk.now_us();
    while table.due_us(seat.next_reaction.get()).is_some_and(|due_us| due_us <= now_us) {
        let number = seat.next_reaction.get();
        link.say(&reactions::text(number));
        seat.next_reaction.set(number + desk.plan.commenters as u64);
        desk.tally.borrow_mut().reacted += 1;
        if link.unwritten() > MOST_UNWRITTEN {
            return;
        }
    }
}

fn write_all_due(seat: &Seat, link: &mut Link, desk: &Desk) {
    let Some(Program { comments: table, .. }) = *desk.timetable.borrow() else { return };
    let now_us = desk.now_us();
    while let Some(intended_us) = table.due_us(seat.next_comment.get()).filter(|&due_us| due_us <= now_us) {
        let number = seat.next_comment.get();
        let content = Stamp { crowd: desk.plan.crowd, number, intended_us }.text(desk.plan.content_bytes);
        link.say(&desk.plan.dialect.comment(number, &content));
        seat.next_comment.set(number + desk.plan.commenters as u64);
        let mut tally = desk.tally.borrow_mut();
        tally.posted += 1;
        tally.send_delay.saturating_record((now_us - intended_us).max(1));
        if link.unwritten() > MOST_UNWRITTEN {
            return;
        }
    }
}

/// Counts the answer to a comment or a reaction.
pub fn answered(said: Said, read_us: u64, desk: &Desk) {
    let mut tally = desk.tally.borrow_mut();
    match said {
        Said::Ack { number, seq } => {
            tally.acked += 1;
            tally.acks.push((number, seq));
            let due_us = desk.timetable.borrow().and_then(|program| program.comments.due_us(number));
            if let Some(due_us) = due_us {
                tally.ack_latency.saturating_record(read_us.saturating_sub(due_us).max(1));
            }
        }
        Said::Held { .. } => tally.held += 1,
        Said::Reacted { counted: true } => tally.reactions_counted += 1,
        Said::Reacted { counted: false } => tally.reactions_refused += 1,
        Said::Refused { code, .. } => count(&mut tally.refused, code),
        _ => {}
    }
}
