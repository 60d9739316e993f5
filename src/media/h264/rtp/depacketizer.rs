//! From RTP packets to coded pictures that can be decoded one after the other.
//! It must not know sockets, nor who sends; time is an argument.

use super::{
    assembly::Fragments,
    reorder::{InTurn, Reorder},
    timeline::{Place, Timeline},
};
use crate::media::{
    h264::{AccessUnit, Fault, ParameterSets, Unit},
    sample::{CodedPicture, Sample},
};
use bytes::Bytes;
use std::{collections::VecDeque, time::Instant};

/// What comes of packets, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Depacketized {
    /// Another run begins: times are counted anew, and this RTP timestamp is 0 of it.
    Run {
        /// Of the first picture.
        origin: u32,
    },
    Sample(Sample),
}

/// Makes pictures of the packets of one source; a new one for each SSRC.
#[derive(Debug)]
pub(crate) struct Depacketizer {
    limit: usize,
    reorder: Reorder<Packet>,
    fragments: Fragments,
    picture: AccessUnit,
    /// Of the picture that is gathered.
    timestamp: u32,
    sets: ParameterSets,
    timeline: Timeline,
    /// Nothing can be decoded before the next keyframe.
    waits_for_key: bool,
    counts: Counts,
}

/// What has gone wrong so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Gaps of one packet or more that were never filled.
    pub losses: u64,
    /// Pictures left out since they, or one before them, are not whole.
    pub undecodable: u64,
    /// Pictures left out since they are shown before one that came earlier: B-frames.
    pub out_of_order: u64,
}

#[derive(Debug)]
struct Packet {
    timestamp: u32,
    is_last: bool,
    payload: Bytes,
}

impl Depacketizer {
    /// One whose pictures may have so many bytes.
    pub(crate) fn new(access_unit_bytes: usize) -> Self {
        Self {
            limit: access_unit_bytes,
            reorder: Reorder::new(),
            fragments: Fragments::default(),
            picture: AccessUnit::new(access_unit_bytes),
            timestamp: 0,
            sets: ParameterSets::default(),
            timeline: Timeline::default(),
            waits_for_key: true,
            counts: Counts::default(),
        }
    }

    /// Takes a packet: `seq` is its sequence number beyond 16 bits, `marker` says that it ends a picture.
    /// A fault ends the publisher.
    pub(crate) fn push(
        &mut self,
        seq: u64,
        timestamp: u32,
        marker: bool,
        payload: Bytes,
        now: Instant,
    ) -> Result<VecDeque<Depacketized>, Fault> {
        let bytes = payload.len();
        self.reorder.push(seq, Packet { timestamp, is_last: marker, payload }, bytes, now);
        let mut found = VecDeque::new();
        while let Some(turn) = self.reorder.pop(now) {
            self.take(turn, &mut found)?;
        }
        Ok(found)
    }

    /// Whether nothing comes before the next keyframe, which may have to be asked for.
    pub(crate) fn waits_for_key(&self) -> bool {
        self.waits_for_key
    }

    /// What has gone wrong so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    fn take(&mut self, turn: InTurn<Packet>, found: &mut VecDeque<Depacketized>) -> Result<(), Fault> {
        let Packet { timestamp, is_last, payload } = turn.packet;
        if turn.after_loss {
            self.counts.losses += 1;
            self.give_up();
        }
        // The packet with the marker may never have come.
        if timestamp != self.timestamp && !self.picture.is_empty() {
            self.finish(found)?;
        }
        self.timestamp = timestamp;
        self.fragments.read(&payload, &mut self.picture, self.limit)?;
        if is_last { self.finish(found) } else { Ok(()) }
    }

    /// Leaves out the picture under way, and all up to a keyframe: they were made from what is lost.
    fn give_up(&mut self) {
        self.fragments.clear();
        self.picture.take();
        self.waits_for_key = true;
    }

    fn finish(&mut self, found: &mut VecDeque<Depacketized>) -> Result<(), Fault> {
        self.fragments.clear();
        let Unit { sps, pps, is_key, has_picture, nals } = self.picture.take();
        self.waits_for_key |= self.sets.learn(sps, pps)? || self.sets.config().is_none();
        if !has_picture {
            return Ok(());
        }
        if self.timeline.is_begun() && self.timeline.place(self.timestamp) == Place::Elsewhere {
            self.timeline = Timeline::default();
            self.waits_for_key = true;
        }
        if self.waits_for_key && (!is_key || self.sets.config().is_none()) {
            self.counts.undecodable += 1;
            return Ok(());
        }
        let Place::At(at) = self.timeline.place(self.timestamp) else {
            self.counts.out_of_order += 1;
            return Ok(());
        };
        self.announce(found);
        self.timeline.advance(self.timestamp, at);
        let picture = CodedPicture { at, shown_after: 0, is_key, nals };
        found.push_back(Depacketized::Sample(Sample::Picture(picture)));
        Ok(())
    }

    /// Says what the picture that comes now begins: another run, or after a wait perhaps another configuration.
    fn announce(&mut self, found: &mut VecDeque<Depacketized>) {
        if !self.timeline.is_begun() {
            found.push_back(Depacketized::Run { origin: self.timestamp });
        }
        if std::mem::take(&mut self.waits_for_key) {
            let config = self.sets.config().cloned();
            found.extend(config.map(|config| Depacketized::Sample(Sample::VideoConfig(config))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::{rtp::packetize, samples};
    use std::{sync::Arc, time::Duration};

    const LIMIT: usize = 100_000;
    const FRAME: u32 = 3000;

    fn config(sps: Vec<u8>) -> Arc<crate::media::sample::VideoConfig> {
        let mut sets = ParameterSets::default();
        sets.learn(Some(sps.into()), Some(Bytes::from_static(samples::PPS))).unwrap();
        sets.config().unwrap().clone()
    }

    /// A picture of one slice that takes three packets.
    fn picture(at: i64, is_key: bool) -> CodedPicture {
        let header = if is_key { 0x65 } else { 0x61 };
        let mut nal = vec![at as u8; 3000];
        nal[0] = header;
        let nals = [&3000_u32.to_be_bytes()[..], &nal].concat();
        CodedPicture { at, shown_after: 0, is_key, nals: nals.into() }
    }

    struct Source {
        out: Depacketizer,
        seq: u64,
        now: Instant,
        config: Arc<crate::media::sample::VideoConfig>,
    }

    impl Source {
        fn new() -> Self {
            let (out, now) = (Depacketizer::new(LIMIT), Instant::now());
            Self { out, seq: 65_530, now, config: config(samples::sps()) }
        }

        /// Sends all packets of a picture but one, and gives what comes.
        fn send_without(&mut self, picture: &CodedPicture, lost: usize, timestamp: u32) -> Vec<Depacketized> {
            let payloads = packetize(picture, &self.config);
            let (count, mut found) = (payloads.len(), Vec::new());
            for (index, payload) in payloads.into_iter().enumerate() {
                self.seq += 1;
                if index != lost {
                    let pushed = self.out.push(self.seq, timestamp, index + 1 == count, payload, self.now);
                    found.extend(pushed.unwrap());
                }
            }
            found
        }

        fn send(&mut self, picture: &CodedPicture, timestamp: u32) -> Vec<Depacketized> {
            self.send_without(picture, usize::MAX, timestamp)
        }
    }

    fn told(picture: CodedPicture) -> Depacketized {
        Depacketized::Sample(Sample::Picture(picture))
    }

    #[test]
    fn what_was_packetized_comes_back() {
        let mut source = Source::new();
        let config = Depacketized::Sample(Sample::VideoConfig(source.config.clone()));
        let origin = u32::MAX - 10;
        let first = source.send(&picture(0, true), origin);
        assert_eq!(first, [Depacketized::Run { origin }, config, told(picture(0, true))]);
        let second = source.send(&picture(3000, false), origin.wrapping_add(FRAME));
        assert_eq!(second, [told(picture(3000, false))]);
        let third = source.send(&picture(6000, true), origin.wrapping_add(2 * FRAME));
        assert_eq!(third, [told(picture(6000, true))]);
    }

    #[test]
    fn nothing_comes_before_a_keyframe_nor_after_a_loss_before_the_next() {
        let mut source = Source::new();
        assert_eq!(source.send(&picture(0, false), 0), []);
        assert_eq!(source.send(&picture(3000, true), 3000).len(), 3);
        assert_eq!(source.send_without(&picture(6000, false), 1, 6000), []);
        assert_eq!(source.send(&picture(9000, false), 9000), []);
        source.now += Duration::from_millis(1001);
        assert_eq!(source.send(&picture(12_000, false), 12_000), []);
        assert!(source.out.waits_for_key());
        let after = source.send(&picture(15_000, true), 15_000);
        assert_eq!(after.last(), Some(&told(CodedPicture { at: 12_000, ..picture(15_000, true) })));
        assert_eq!(source.out.counts(), Counts { losses: 1, undecodable: 3, out_of_order: 0 });
    }

    #[test]
    fn a_picture_without_its_marker_ends_where_the_next_begins() {
        let mut source = Source::new();
        for payload in packetize(&picture(0, true), &source.config) {
            source.seq += 1;
            assert_eq!(source.out.push(source.seq, 7, false, payload, source.now).unwrap(), []);
        }
        let found = source.send(&picture(3000, false), 3007);
        assert_eq!(found[2..], [told(picture(0, true)), told(picture(3000, false))]);
    }

    #[test]
    fn a_jump_begins_another_run_at_the_next_keyframe_and_a_step_back_is_left_out() {
        let mut source = Source::new();
        source.send(&picture(0, true), 1_000_000);
        assert_eq!(source.send(&picture(3000, false), 1_000_000 - 3000), []);
        assert_eq!(source.out.counts().out_of_order, 1);
        assert_eq!(source.send(&picture(3000, false), 2_000_000), []);
        let found = source.send(&picture(0, true), 2_003_000);
        assert_eq!(found.first(), Some(&Depacketized::Run { origin: 2_003_000 }));
        assert_eq!(found.last(), Some(&told(picture(0, true))));
    }

    #[test]
    fn another_configuration_is_told_before_its_keyframe() {
        let mut source = Source::new();
        source.send(&picture(0, true), 0);
        source.config = config(samples::bytes(samples::SPS[0].0));
        let config = Depacketized::Sample(Sample::VideoConfig(source.config.clone()));
        assert_eq!(source.send(&picture(3000, true), 3000), [config, told(picture(3000, true))]);
    }

    #[test]
    fn a_picture_beyond_the_limit_is_a_fault() {
        let mut source = Source::new();
        let now = source.now;
        let part = Bytes::from([&[0x61][..], &[1; 9995]].concat());
        for seq in 0..10 {
            assert_eq!(source.out.push(seq, 1, false, part.clone(), now), Ok(VecDeque::new()), "{seq}");
        }
        assert_eq!(source.out.push(10, 1, false, part, now), Err(Fault::TooLarge(LIMIT)));
    }
}
