//! Puts a stream's events into their order: writers commit side by side, so what one tells may arrive before another's.
//! It must not know what an event says, nor where a missing one is found.

use crate::domain::Seq;
use std::collections::BTreeMap;

/// Most events held back while one is missing; past it the room reads the log instead.
const HELD_BACK_MAX: usize = 4096;

/// Lets items through in the order of their `seq`, each once.
pub(crate) struct Sequencer<T> {
    head: Seq,
    early: BTreeMap<Seq, T>,
    /// The log is known to go on at least to here.
    known_to: Seq,
}

impl<T> Sequencer<T> {
    /// Everything up to `head` is known.
    pub(crate) fn new(head: Seq) -> Self {
        Self { head, early: BTreeMap::new(), known_to: head }
    }

    /// The last `seq` let through.
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// Takes an item in. One that is known already is dropped, one that is early waits (and is dropped when too many do:
    /// the log still has it).
    pub(crate) fn offer(&mut self, seq: Seq, item: T) {
        let is_next = seq == self.head.next();
        if is_next || (seq > self.head && self.early.len() < HELD_BACK_MAX) {
            self.early.entry(seq).or_insert(item);
        }
    }

    /// The log has gone on to here: what is missing up to it is a hole.
    pub(crate) fn expect(&mut self, seq: Seq) {
        self.known_to = self.known_to.max(seq);
    }

    /// The next item in order, if it is here.
    pub(crate) fn pop(&mut self) -> Option<(Seq, T)> {
        let item = self.early.remove(&self.head.next())?;
        self.head = self.head.next();
        Some((self.head, item))
    }

    /// Whether an item is missing that others wait for, or that the log is known to have.
    pub(crate) fn has_hole(&self) -> bool {
        let is_behind = self.known_to > self.head && !self.early.contains_key(&self.head.next());
        is_behind || self.early.first_key_value().is_some_and(|(&seq, _)| seq > self.head.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(sequencer: &mut Sequencer<i64>) -> Vec<i64> {
        std::iter::from_fn(|| sequencer.pop().map(|(_, item)| item)).collect()
    }

    #[test]
    fn items_come_out_in_order_and_once() {
        let mut sequencer = Sequencer::new(Seq(10));
        for seq in [12, 9, 13, 12] {
            sequencer.offer(Seq(seq), seq);
        }
        assert!(sequencer.has_hole());
        assert!(drain(&mut sequencer).is_empty());
        sequencer.offer(Seq(11), 11);
        assert_eq!(drain(&mut sequencer), [11, 12, 13]);
        assert!(!sequencer.has_hole());
        sequencer.offer(Seq(13), 13);
        assert!(drain(&mut sequencer).is_empty());
    }

    #[test]
    fn what_the_log_is_known_to_have_is_missed_until_it_comes() {
        let mut sequencer = Sequencer::new(Seq(10));
        sequencer.expect(Seq(10));
        assert!(!sequencer.has_hole());
        sequencer.expect(Seq(11));
        assert!(sequencer.has_hole());
        sequencer.offer(Seq(11), 11);
        assert_eq!(drain(&mut sequencer), [11]);
        assert!(!sequencer.has_hole());
    }

    #[test]
    fn at_most_so_many_wait() {
        let mut sequencer = Sequencer::new(Seq(0));
        (2..=HELD_BACK_MAX as i64 + 2).for_each(|seq| sequencer.offer(Seq(seq), seq));
        assert_eq!(sequencer.early.len(), HELD_BACK_MAX, "one found no room");
        sequencer.offer(Seq(1), 1);
        assert_eq!(drain(&mut sequencer).len(), HELD_BACK_MAX + 1, "the one that was missing always does");
    }
}
