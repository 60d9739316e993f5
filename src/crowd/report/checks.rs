//! What a run is judged by once it is over. It must not know the figures.

use crate::crowd::{
    args::CrowdArgs,
    tally::{Placed, Tally},
};
use std::collections::BTreeMap;

/// All that was seen of a comment, wherever, is one place in the log, and that place is no other comment's.
pub(super) fn check_places(tally: &mut Tally) {
    let (mut by_number, mut by_seq) = (BTreeMap::new(), BTreeMap::new());
    let mut told = Vec::new();
    for seen in &tally.sightings {
        let seq = *by_number.entry(seen.number).or_insert(seen.seq);
        if seq != seen.seq {
            told.push(format!("comment {} was seen as event {seq} and as {}", seen.number, seen.seq));
        }
        let number = *by_seq.entry(seen.seq).or_insert(seen.number);
        if number != seen.number {
            told.push(format!("event {} was seen as comment {number} and as {}", seen.seq, seen.number));
        }
    }
    if tally.resumes_refused == 0 {
        told.iter().for_each(|words| tally.breach(words));
    }
}

/// Every acknowledged comment is in the log where its ack said.
pub(super) fn check_answers(tally: &mut Tally) {
    let sightings: BTreeMap<u64, u64> = tally.sightings.iter().map(|seen| (seen.number, seen.seq)).collect();
    let thinned = tally.lagged > 0;
    for Placed { number, seq, .. } in std::mem::take(&mut tally.acks) {
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

    fn placed(all: &[(u64, u64)]) -> Vec<Placed> {
        all.iter().map(|&(number, seq)| Placed { number, seq, node: 0, at_us: 1 }).collect()
    }

    #[test]
    fn a_comment_at_two_places_and_two_comments_at_one_are_breaches_where_the_log_stayed_the_same() {
        for (seen, told) in [
            ([(0, 5), (0, 6)], "comment 0 was seen as event 5 and as 6"),
            ([(0, 5), (1, 5)], "event 5 was seen as comment 0 and as 1"),
        ] {
            let mut tally = Tally { sightings: placed(&seen), ..Tally::default() };
            check_places(&mut tally);
            assert_eq!(tally.breaches_told, [told]);
            let mut another_log = Tally { resumes_refused: 1, sightings: placed(&seen), ..Tally::default() };
            check_places(&mut another_log);
            assert_eq!(another_log.breaches, 0);
        }
        let mut same = Tally { sightings: placed(&[(0, 5), (1, 6), (0, 5)]), ..Tally::default() };
        check_places(&mut same);
        assert_eq!(same.breaches, 0);
    }

    #[test]
    fn an_ack_that_names_another_place_in_the_log_is_a_breach() {
        let (acks, sightings) = (placed(&[(0, 5), (1, 6)]), placed(&[(0, 5), (1, 7)]));
        let mut tally = Tally { acks, sightings, ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches_told, ["comment 1 was acked as event 6 and seen as 7"]);
    }

    #[test]
    fn an_acked_comment_that_nobody_saw_is_a_breach_unless_thinned() {
        let mut tally = Tally { acks: placed(&[(0, 5)]), ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches, 1);
        let mut thinned = Tally { acks: placed(&[(0, 5)]), lagged: 1, ..Tally::default() };
        check_answers(&mut thinned);
        assert_eq!(thinned.breaches, 0);
    }
}
