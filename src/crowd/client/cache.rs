//! Frames this thread has understood already. A room says the same bytes to everyone, and equal bytes mean the same:
//! each frame is parsed once a thread, whole, and every further viewer costs a comparison. It must not guess.

use crate::crowd::stamp::Stamp;

const SLOTS: usize = 1024;

#[derive(Default)]
struct Slot {
    seq: u64,
    text: Vec<u8>,
    stamp: Option<Stamp>,
}

/// The last events by number.
pub(crate) struct FrameCache {
    slots: Vec<Slot>,
}

impl FrameCache {
    pub(crate) fn new() -> Self {
        Self { slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect() }
    }

    /// Whether `text` is, byte for byte, the event `seq` that was parsed before.
    pub(crate) fn recall(&self, seq: u64, text: &[u8]) -> Option<Option<Stamp>> {
        let slot = &self.slots[seq as usize % SLOTS];
        (slot.seq == seq && slot.text == text).then_some(slot.stamp)
    }

    /// Remembers a parsed event; true where its number is new here.
    pub(crate) fn learn(&mut self, seq: u64, text: &[u8], stamp: Option<Stamp>) -> bool {
        let slot = &mut self.slots[seq as usize % SLOTS];
        let new = slot.seq < seq;
        slot.seq = seq;
        slot.text.clear();
        slot.text.extend_from_slice(text);
        slot.stamp = stamp;
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
        assert_eq!(cache.recall(5, b"five"), None);
        assert!(cache.learn(5, b"five", stamp));
        assert_eq!(cache.recall(5, b"five"), Some(stamp));
        assert_eq!(cache.recall(5, b"fivE"), None);
        assert_eq!(cache.recall(6, b"five"), None);
        assert_eq!(cache.recall(5 + SLOTS as u64, b"five"), None);
        assert!(!cache.learn(5, b"five", stamp));
    }
}
