//! What a crowd counts: a part of it by each thread and each moment, added up as it goes. It must not know who counts.

use hdrhistogram::Histogram;
use std::collections::BTreeMap;

/// Longest time a histogram holds, in microseconds; what takes longer counts as this.
const LONGEST_US: u64 = 120_000_000;
/// How many breaches are told in words; all are counted.
const BREACHES_TOLD: usize = 20;

/// Times in microseconds, to three digits.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("bounds that HDR histograms accept")
}

/// Counts by name.
pub(crate) type Counts = BTreeMap<String, u64>;

/// An own comment at its place in the log, as a node said it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub number: u64,
    pub seq: u64,
    /// Which of the crowd's servers said so.
    pub node: usize,
    pub at_us: u64,
}

/// Everything that is counted, over some stretch of time.
pub(crate) struct Tally {
    /// Intended sending to receipt, by any socket in the room.
    pub latency: Histogram<u64>,
    /// Intended sending to the author's `ack`.
    pub ack_latency: Histogram<u64>,
    /// Intended joining to the snapshot.
    pub join_latency: Histogram<u64>,
    /// How late the crowd itself was in sending: the share of latency that is its own fault.
    pub send_delay: Histogram<u64>,
    /// From the moment a slow viewer stopped reading to the moment the server ended it.
    pub slow_ended: Histogram<u64>,
    pub deliveries: u64,
    /// Bytes of the events among them.
    pub delivered_bytes: u64,
    /// Bytes of all texts read.
    pub bytes: u64,
    pub joins: u64,
    /// Sockets that never came in and no longer try.
    pub gone: u64,
    pub rejoins: u64,
    /// Rejoins that asked to resume and were given a snapshot.
    pub resumes_refused: u64,
    pub posted: u64,
    pub acked: u64,
    pub held: u64,
    /// Reactions sent, acknowledged, refused.
    pub reacted: u64,
    pub reactions_counted: u64,
    pub reactions_refused: u64,
    /// Pulses a second of the viewer with the most.
    pub pulse_rate: f64,
    /// Comments refused, by code.
    pub refused: Counts,
    /// Joins refused or failed, by cause.
    pub join_failures: Counts,
    /// Sockets that the server ended, by code.
    pub ended: Counts,
    pub lagged: u64,
    /// Events they announced as left out, and were right about.
    pub missed: u64,
    pub breaches: u64,
    pub breaches_told: Vec<String>,
    /// Own comments as acknowledged.
    pub acks: Vec<Placed>,
    /// Own comments as first seen, by each thread on each node.
    pub sightings: Vec<Placed>,
    /// The last `pulse`.
    pub viewers: Option<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            latency: histogram(),
            ack_latency: histogram(),
            join_latency: histogram(),
            send_delay: histogram(),
            slow_ended: histogram(),
            deliveries: 0,
            delivered_bytes: 0,
            bytes: 0,
            joins: 0,
            gone: 0,
            rejoins: 0,
            resumes_refused: 0,
            posted: 0,
            acked: 0,
            held: 0,
            reacted: 0,
            reactions_counted: 0,
            reactions_refused: 0,
            pulse_rate: 0.0,
            refused: Counts::new(),
            join_failures: Counts::new(),
            ended: Counts::new(),
            lagged: 0,
            missed: 0,
            breaches: 0,
            breaches_told: Vec::new(),
            acks: Vec::new(),
            sightings: Vec::new(),
            viewers: None,
        }
    }
}

impl Tally {
    /// Comments that got their answer, whatever it was.
    pub(crate) fn answered(&self) -> u64 {
        self.acked + self.held + self.refused.values().sum::<u64>()
    }

    /// Reactions that got theirs.
    pub(crate) fn reactions_answered(&self) -> u64 {
        self.reactions_counted + self.reactions_refused
    }

    pub(crate) fn breach(&mut self, words: impl ToString) {
        self.breaches += 1;
        if self.breaches_told.len() < BREACHES_TOLD {
            self.breaches_told.push(words.to_string());
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (sum, part) in [
            (&mut self.latency, other.latency),
            (&mut self.ack_latency, other.ack_latency),
            (&mut self.join_latency, other.join_latency),
            (&mut self.send_delay, other.send_delay),
            (&mut self.slow_ended, other.slow_ended),
        ] {
            if !part.is_empty() {
                sum.add(part).expect("histograms of equal bounds");
            }
        }
        self.deliveries += other.deliveries;
        self.delivered_bytes += other.delivered_bytes;
        self.bytes += other.bytes;
        self.joins += other.joins;
        self.gone += other.gone;
        self.rejoins += other.rejoins;
        self.resumes_refused += other.resumes_refused;
        self.posted += other.posted;
        self.acked += other.acked;
        self.held += other.held;
        self.reacted += other.reacted;
        self.reactions_counted += other.reactions_counted;
        self.reactions_refused += other.reactions_refused;
        self.pulse_rate = self.pulse_rate.max(other.pulse_rate);
        self.lagged += other.lagged;
        self.missed += other.missed;
        add_counts(&mut self.refused, other.refused);
        add_counts(&mut self.join_failures, other.join_failures);
        add_counts(&mut self.ended, other.ended);
        self.breaches += other.breaches;
        self.breaches_told.extend(other.breaches_told);
        self.breaches_told.truncate(BREACHES_TOLD);
        self.acks.extend(other.acks);
        self.sightings.extend(other.sightings);
        self.viewers = other.viewers.or(self.viewers);
    }
}

/// One more of `name`.
pub(crate) fn count(counts: &mut Counts, name: impl Into<String>) {
    *counts.entry(name.into()).or_default() += 1;
}

fn add_counts(sum: &mut Counts, part: Counts) {
    for (name, times) in part {
        *sum.entry(name).or_default() += times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parts_add_up_to_what_one_would_have_counted() {
        let part = |us: u64, code: &str| {
            let mut tally = Tally { deliveries: 2, acked: 1, ..Tally::default() };
            tally.latency.saturating_record(us);
            count(&mut tally.refused, code);
            tally.breach(format!("at {us}"));
            tally
        };
        let mut sum = part(10, "too_fast");
        sum.add(part(30, "too_fast"));
        sum.add(part(20, "banned"));
        assert_eq!((sum.deliveries, sum.latency.len(), sum.latency.max()), (6, 3, 30));
        assert_eq!(sum.refused, Counts::from([("banned".into(), 1), ("too_fast".into(), 2)]));
        assert_eq!((sum.answered(), sum.breaches), (6, 3));
        assert_eq!(sum.breaches_told, ["at 10", "at 30", "at 20"]);
    }
}
