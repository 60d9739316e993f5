//! What a run is judged by once it is over. It must not know the figures.

use crate::crowd::{args::CrowdArgs, tally::Tally};
use std::collections::BTreeMap;

/// Every acknowledged comment is in the log where its ack said.
pub(super) fn check_answers(tally: &mut Tally) {
    let sightings: BTreeMap<u64, u64> = tally.sightings.iter().copied().collect();
    let thinned = tally.lagged > 0;
    for (number, seq) in std::mem::take(&mut tally.acks) {
        match sightings.get(&number) {
            Some(&seen) if seen == seq => {}
            Some(seen) => {
                tally.breach(format!("comment {number} was acked as event {seq} and seen as {seen}"))
            }
            None if thinned || tally.resumes_refused > 0 => {}
            None => tally.breach(format!("comment {number} was acked as event {seq} and never seen")),
        }
    }
}

/// How many comments were never answered, which is a breach where the server ended no socket.
pub(super) fn check_unanswered(args: &CrowdArgs, tally: &mut Tally) -> u64 {
    let unanswered = if args.peer.is_some() { 0 } else { tally.posted.saturating_sub(tally.answered()) };
    if unanswered > 0 && tally.ended.is_empty() {
        tally.breach(format!("{unanswered} comments were never answered"));
    }
    unanswered
}

/// Why this is not the run that was asked for.
pub(super) fn fell_short(args: &CrowdArgs, tally: &Tally) -> Option<String> {
    let asked = (args.viewers + args.commenters) as u64;
    if tally.joins < asked {
        return Some(format!("{} of {asked} sockets came in; see join_failures and limits_met", tally.joins));
    }
    if args.writes() && args.peer.is_none() && tally.acked == 0 {
        return Some("not one comment was accepted; see refused and limits_met".into());
    }
    if args.reacts() && tally.reactions_counted == 0 {
        return Some("not one reaction was counted; see reactions and limits_met".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_that_names_another_place_in_the_log_is_a_breach() {
        let mut tally =
            Tally { acks: vec![(0, 5), (1, 6)], sightings: vec![(0, 5), (1, 7)], ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches_told, ["comment 1 was acked as event 6 and seen as 7"]);
    }

    #[test]
    fn an_acked_comment_that_nobody_saw_is_a_breach_unless_thinned() {
        let mut tally = Tally { acks: vec![(0, 5)], ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches, 1);
        let mut thinned = Tally { acks: vec![(0, 5)], lagged: 1, ..Tally::default() };
        check_answers(&mut thinned);
        assert_eq!(thinned.breaches, 0);
    }
}
