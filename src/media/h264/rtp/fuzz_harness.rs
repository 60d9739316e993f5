//! What must hold of any packets at all, for the fuzz target and the tests.
//! It must not know what the bytes should mean.

use super::{Depacketized, Depacketizer, PAYLOAD_BYTES, packetize};
use crate::media::{
    h264::nal::length_prefixed,
    sample::{Sample, VideoConfig},
};
use bytes::Bytes;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Small enough for random bytes to reach it.
const PICTURE_BYTES: usize = 600;

/// Reads packets out of bytes, each with how far its number and its timestamp are from the last, and sends all.
///
/// # Panics
/// When a picture comes without configuration, out of order, too large, or cannot be cut into packets again.
pub fn withstand_packets(mut bytes: &[u8]) {
    let mut source = Depacketizer::new(PICTURE_BYTES);
    let (mut seq, mut timestamp, mut now) = (1000_u64, 0_u32, Instant::now());
    let mut checked = Checked::default();
    while let Some((&[step, ticks, flags, length], rest)) = bytes.split_first_chunk() {
        let (payload, rest) = rest.split_at(rest.len().min(length.into()));
        bytes = rest;
        seq = seq.saturating_add_signed(i64::from(step.cast_signed()));
        // Every length of step: from none to beyond what is another run, to and fro.
        timestamp = timestamp.wrapping_add_signed(i32::from(ticks.cast_signed()) << (flags & 15));
        now += Duration::from_millis(u64::from(flags >> 5) * 40);
        let payload = Bytes::copy_from_slice(payload);
        let Ok(found) = source.push(seq, timestamp, flags & 16 != 0, payload, now) else { return };
        found.into_iter().for_each(|found| checked.check(found));
    }
}

#[derive(Default)]
struct Checked {
    config: Option<Arc<VideoConfig>>,
    last: Option<i64>,
}

impl Checked {
    fn check(&mut self, found: Depacketized) {
        match found {
            Depacketized::Run { .. } => *self = Self::default(),
            Depacketized::Sample(Sample::VideoConfig(config)) => self.config = Some(config),
            Depacketized::Sample(Sample::Picture(picture)) => {
                let Some(config) = &self.config else { panic!("no configuration before it") };
                assert!(self.last.is_some() || picture.is_key && picture.at == 0, "{picture:?}");
                assert!(self.last.replace(picture.at).is_none_or(|last| picture.at > last), "{picture:?}");
                assert!(picture.nals.len() <= PICTURE_BYTES);
                assert!(length_prefixed(&picture.nals, 4).all(|nal| nal.is_ok()));
                let payloads = packetize(&picture, config);
                assert!(
                    !payloads.is_empty() && payloads.iter().all(|payload| payload.len() <= PAYLOAD_BYTES)
                );
            }
            Depacketized::Sample(other) => panic!("{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;
    use proptest::{collection::vec, prelude::*};

    fn packet(step: u8, ticks: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        [&[step, ticks, flags, payload.len() as u8][..], payload].concat()
    }

    /// Payloads as they come, and such as nobody sends.
    fn payload() -> impl Strategy<Value = Vec<u8>> {
        let sets = samples::SPS.iter().map(|(digits, ..)| samples::bytes(digits)).collect::<Vec<_>>();
        prop_oneof![
            prop::sample::select(sets),
            Just(samples::PPS.to_vec()),
            vec(any::<u8>(), 0..60),
            (prop::sample::select(vec![0x65_u8, 0x61, 0x06, 0x78, 0x7c, 0x5c]), vec(any::<u8>(), 0..200))
                .prop_map(|(header, rest)| [vec![header], rest].concat()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn any_packets_hold_what_must_hold(
            packets in vec((prop_oneof![Just(1_u8), any::<u8>()], any::<u8>(), any::<u8>(), payload()), 0..40)
        ) {
            let pieces = packets.iter().flat_map(|(step, ticks, flags, payload)| packet(*step, *ticks, *flags, payload));
            withstand_packets(&pieces.collect::<Vec<u8>>());
        }
    }
}
