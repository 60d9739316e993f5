//! Frames this thread has understood already. A room says the same bytes to everyone, and equal bytes mean the same:
//! each frame is parsed once a thread, whole, and every further viewer costs a comparison. It must not guess.

use crate::crowd::stamp::Stamp;

const SLOTS: usize = 1024;

/// Of how many nodes a slot can say which have said its event.
pub(crate) const MOST_NODES: usize = u64::BITS as usize;

#[derive(Default)]
struct Slot {
    seq: u64,
    text: Vec<u8>,
    stamp: Option<Stamp>,
    /// The nodes that said it, a bit each.
    nodes: u64,
}

/// What is known of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recalled {
    pub stamp: Option<Stamp>,
    /// Whether this node had not said it before.
    pub new_here: bool,
}

/// The last events by number.
pub(crate) struct FrameCache {
    slots: Vec<Slot>,
}

impl FrameCache {
    pub(crate) fn new() -> Self {
        Self { slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect() }
    }

    /// What is known where `text` is, byte for byte, the event `seq` that was parsed before.
    pub(crate) fn recall(&mut self, seq: u64, node: usize, text: &[u8]) -> Option<Recalled> {
        let slot = &mut self.slots[seq as usize % SLOTS];
        if slot.seq != seq || slot.text != text {
            return None;
        }
        let new_here = slot.nodes & (1 << node) == 0;
        slot.nodes |= 1 << node;
        Some(Recalled { stamp: slot.stamp, new_here })
    }

    /// Remembers a parsed event; true where its number, or what it says, is new.
    pub(crate) fn learn(&mut self, seq: u64, node: usize, text: &[u8], stamp: Option<Stamp>) -> bool {
        let slot = &mut self.slots[seq as usize % SLOTS];
        let new = slot.seq < seq || (slot.seq == seq && slot.stamp != stamp);
        slot.seq = seq;
        slot.text.clear();
        slot.text.extend_from_slice(text);
        slot.stamp = stamp;
        slot.nodes = 1 << node;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_at_the_same_number_are_recalled() {
        let mut cache = FrameCache::new();
        let stamp = Some(Stamp { crowd: 1, number: 2, intended_us: 3 });
        assert_eq!(cache.recall(5, 0, b"five"), None);
        assert!(cache.learn(5, 0, b"five", stamp));
        assert_eq!(cache.recall(5, 0, b"five"), Some(Recalled { stamp, new_here: false }));
        assert_eq!(cache.recall(5, 0, b"fivE"), None);
        assert_eq!(cache.recall(6, 0, b"five"), None);
        assert_eq!(cache.recall(5 + SLOTS as u64, 0, b"five"), None);
        assert!(!cache.learn(5, 0, b"five", stamp));
    }

    #[test]
    fn each_node_is_new_once_and_another_comment_under_the_same_number_always() {
        let mut cache = FrameCache::new();
        let stamp = |number| Some(Stamp { crowd: 1, number, intended_us: 3 });
        cache.learn(5, 0, b"five", stamp(2));
        let last = MOST_NODES - 1;
        let new_here = [last, last, 0].map(|node| cache.recall(5, node, b"five").map(|known| known.new_here));
        assert_eq!(new_here, [Some(true), Some(false), Some(false)]);
        assert!(cache.learn(5, last, b"FIVE", stamp(7)));
    }
}
