//! Puts packets into the order of their sequence numbers, and gives up on one that is missing for too long.
//! It must not know what a packet holds.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Packets that may wait for an earlier one.
const PACKETS_MAX: usize = 512;
/// Bytes of them, all together.
const BYTES_MAX: usize = 4 << 20;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Packets in order, as far as they are there.
#[derive(Debug)]
pub(super) struct Reorder<P> {
    /// The number that comes next; none before the first packet.
    next: Option<u64>,
    waiting: BTreeMap<u64, Waiting<P>>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting<P> {
    packet: P,
    bytes: usize,
    since: Instant,
}

/// A packet in its turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InTurn<P> {
    /// Whether one or more before it never came.
    pub after_loss: bool,
    pub packet: P,
}

impl<P> Reorder<P> {
    pub(super) fn new() -> Self {
        Self { next: None, waiting: BTreeMap::new(), bytes: 0 }
    }

    /// Takes a packet of so many bytes; one whose turn is over is dropped.
    pub(super) fn push(&mut self, seq: u64, packet: P, bytes: usize, now: Instant) {
        if self.next.is_some_and(|next| seq < next) {
            return;
        }
        self.bytes += bytes;
        if let Some(same) = self.waiting.insert(seq, Waiting { packet, bytes, since: now }) {
            self.bytes -= same.bytes;
        }
    }

    /// The next in its turn, if it is there or was waited for long enough.
    pub(super) fn pop(&mut self, now: Instant) -> Option<InTurn<P>> {
        let (&seq, first) = self.waiting.first_key_value()?;
        let after_loss = self.next.is_some_and(|next| seq != next);
        let is_waited_for = now.duration_since(first.since) <= PATIENCE
            && self.waiting.len() <= PACKETS_MAX
            && self.bytes <= BYTES_MAX;
        if after_loss && is_waited_for {
            return None;
        }
        let Waiting { packet, bytes, .. } = self.waiting.remove(&seq)?;
        self.bytes -= bytes;
        self.next = Some(seq.saturating_add(1));
        Some(InTurn { after_loss, packet })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out, losses as a minus.
    fn popped(reorder: &mut Reorder<i64>, now: Instant) -> Vec<i64> {
        let signed = |turn: InTurn<i64>| if turn.after_loss { -turn.packet } else { turn.packet };
        std::iter::from_fn(|| reorder.pop(now)).map(signed).collect()
    }

    fn push(reorder: &mut Reorder<i64>, seqs: &[u64], bytes: usize, now: Instant) {
        seqs.iter().for_each(|seq| reorder.push(*seq, *seq as i64, bytes, now));
    }

    #[test]
    fn packets_come_out_in_order_and_each_once() {
        let (mut reorder, now) = (Reorder::new(), Instant::now());
        push(&mut reorder, &[10], 1, now);
        assert_eq!(popped(&mut reorder, now), [10]);
        push(&mut reorder, &[12, 13, 12], 1, now);
        assert_eq!(popped(&mut reorder, now), [0_i64; 0]);
        push(&mut reorder, &[11, 9, 10], 1, now);
        assert_eq!(popped(&mut reorder, now), [11, 12, 13]);
        assert_eq!(reorder.bytes, 0);
    }

    #[test]
    fn a_missing_one_is_given_up_after_a_second_and_each_gap_from_its_own_beginning() {
        let (mut reorder, now) = (Reorder::new(), Instant::now());
        push(&mut reorder, &[1], 1, now);
        assert_eq!(popped(&mut reorder, now), [1]);
        push(&mut reorder, &[3, 5], 1, now);
        assert_eq!(popped(&mut reorder, now + PATIENCE), [0_i64; 0]);
        push(&mut reorder, &[7], 1, now + PATIENCE);
        let later = now + PATIENCE + Duration::from_millis(1);
        assert_eq!(popped(&mut reorder, later), [-3, -5]);
        assert_eq!(popped(&mut reorder, later + PATIENCE), [-7]);
    }

    #[test]
    fn a_missing_one_is_given_up_where_too_many_or_too_much_waits() {
        let (mut reorder, now) = (Reorder::new(), Instant::now());
        push(&mut reorder, &[0], 1, now);
        assert_eq!(popped(&mut reorder, now), [0]);
        let many: Vec<u64> = (2..2 + PACKETS_MAX as u64).collect();
        push(&mut reorder, &many, 1, now);
        assert_eq!(popped(&mut reorder, now).len(), 0);
        push(&mut reorder, &[5000], 1, now);
        assert_eq!(popped(&mut reorder, now).len(), PACKETS_MAX);
        push(&mut reorder, &[6000], BYTES_MAX - 1, now);
        assert_eq!(popped(&mut reorder, now), [0_i64; 0]);
        push(&mut reorder, &[6001], 1, now);
        assert_eq!(popped(&mut reorder, now), [-5000]);
    }
}
