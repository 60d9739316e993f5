//! How long a comment takes from one node to another. It must not know sockets or frames.

use crate::crowd::tally::{Tally, histogram};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;

/// From a comment's `ack` to its first receipt on each other node, in microseconds; what came before its `ack` was
/// read counts as one.
pub(super) fn far_delays(tally: &Tally) -> Histogram<u64> {
    let mut first_seen: BTreeMap<(u64, usize), u64> = BTreeMap::new();
    for seen in &tally.sightings {
        let at_us = first_seen.entry((seen.number, seen.node)).or_insert(seen.at_us);
        *at_us = seen.at_us.min(*at_us);
    }
    let mut delays = histogram();
    for ack in &tally.acks {
        let on_all = first_seen.range((ack.number, 0)..=(ack.number, usize::MAX));
        for (_, at_us) in on_all.filter(|((_, node), _)| *node != ack.node) {
            delays.saturating_record(at_us.saturating_sub(ack.at_us).max(1));
        }
    }
    delays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crowd::tally::Placed;

    #[test]
    fn the_first_receipt_on_each_other_node_counts_from_the_ack() {
        let placed = |number, node, at_us| Placed { number, seq: number + 5, node, at_us };
        let tally = Tally {
            acks: vec![placed(0, 0, 1_000), placed(1, 1, 2_000)],
            // The second is seen on node 0 before its author's `ack` is read; nobody is on node 2 for it.
            sightings: [
                (0, 0, 900),
                (0, 1, 1_070),
                (0, 1, 1_050),
                (0, 2, 1_090),
                (1, 0, 1_990),
                (1, 1, 1_995),
            ]
            .map(|(number, node, at_us)| placed(number, node, at_us))
            .to_vec(),
            ..Tally::default()
        };
        let delays: Vec<u64> = far_delays(&tally).iter_recorded().map(|at| at.value_iterated_to()).collect();
        assert_eq!(delays, [1, 50, 90]);
    }
}
