//! From what a stream's source sends to its HLS.
//! It must not know who reads it, nor read the clock.

mod alignment;

use crate::{
    domain::Now,
    media::{
        h264::{
            Fault,
            rtp::{Depacketized, Depacketizer},
        },
        hls::{self, Muxer, Reader},
        packet::Packet,
        sample::{AudioConfig, CodedSound, Sample},
    },
    recordings::Taps,
};
use alignment::{Alignment, opus_ticks};
use bytes::Bytes;
use std::sync::Arc;

/// The HLS of one stream, for as long as it has a picture.
#[derive(Debug)]
pub(crate) struct Segments {
    muxer: Muxer,
    reader: Reader,
    access_unit_bytes: usize,
    taps: Taps,
    depacketizer: Depacketizer,
    alignment: Alignment,
    /// The channels of the sound that the muxer was told of in this run.
    channels: Option<u8>,
    /// Those that came last, in this run or the one before.
    heard: Option<u8>,
    /// Whether a picture has come.
    has_pictures: bool,
}

impl Segments {
    /// Those of the stream of these taps.
    pub(crate) fn new(access_unit_bytes: usize, taps: &Taps) -> Self {
        let (muxer, reader) = Muxer::new(hls::Limits::default(), taps.open());
        let depacketizer = Depacketizer::new(access_unit_bytes);
        let alignment = Alignment::default();
        let (channels, heard, has_pictures) = (None, None, false);
        let taps = taps.clone();
        Self {
            muxer,
            reader,
            access_unit_bytes,
            taps,
            depacketizer,
            alignment,
            channels,
            heard,
            has_pictures,
        }
    }

    /// What players read it by.
    pub(crate) fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Whether there is something to play.
    pub(crate) fn has_pictures(&self) -> bool {
        self.has_pictures
    }

    /// What comes next cannot be shown here: who plays what came before is told that it is over.
    pub(crate) fn end(&mut self) {
        if self.has_pictures {
            *self = Self::new(self.access_unit_bytes, &self.taps.clone());
        }
    }

    /// What comes next are other packets, under other numbers.
    pub(crate) fn change_source(&mut self) {
        log::debug!("packets of a source that is over: {:?}", self.depacketizer.counts());
        self.depacketizer = Depacketizer::new(self.access_unit_bytes);
        self.alignment = Alignment::default();
        (self.channels, self.heard) = (None, None);
    }

    /// Takes a packet of H.264. Returns the size of the pictures where it is told anew; a fault ends the publisher.
    pub(crate) fn picture(&mut self, packet: &Packet, now: Now) -> Result<Option<(u16, u16)>, Fault> {
        self.alignment.picture(packet);
        let payload = Bytes::from_owner(packet.payload.clone());
        let found = self.depacketizer.push(packet.seq, packet.at, packet.marker, payload, now.instant)?;
        let mut size = None;
        for found in found {
            match found {
                Depacketized::Run { origin } => {
                    self.muxer.new_run();
                    self.channels = None;
                    self.alignment.begin(origin, now.instant);
                }
                Depacketized::Sample(sample) => {
                    size = size_of(&sample).or(size);
                    let is_config = matches!(sample, Sample::VideoConfig(_));
                    self.muxer.push(sample, now.wall);
                    if let Some(channels) = self.heard.filter(|_| is_config) {
                        self.tell_sound(channels, now);
                    }
                }
            }
        }
        self.has_pictures |= size.is_some();
        Ok(size)
    }

    /// Whether nothing can be shown before the next keyframe.
    pub(crate) fn waits_for_keyframe(&self) -> bool {
        self.depacketizer.waits_for_key()
    }

    /// Takes a packet of Opus.
    pub(crate) fn sound(&mut self, packet: &Packet, now: Now) {
        let Some(length) = opus_ticks(&packet.payload) else { return };
        let channels = opus_channels(&packet.payload);
        self.heard = Some(channels);
        let Some(at) = self.alignment.sound(packet, length) else { return };
        self.tell_sound(channels, now);
        let data = Bytes::from_owner(packet.payload.clone());
        self.muxer.push(Sample::Sound(CodedSound { at, length, data }), now.wall);
    }

    /// The configuration comes before what it is of. Decoders of stereo play mono as well, so it stays once it is that.
    fn tell_sound(&mut self, channels: u8, now: Now) {
        if self.channels.is_none_or(|told| told < channels) {
            self.channels = Some(channels);
            self.muxer.push(Sample::AudioConfig(Arc::new(AudioConfig::Opus { channels })), now.wall);
        }
    }

    /// Another run of samples begins.
    pub(crate) fn begin_run(&mut self) {
        self.muxer.new_run();
    }

    /// Takes a sample of a source that has no packets.
    pub(crate) fn sample(&mut self, sample: Sample, now: Now) {
        self.has_pictures |= matches!(sample, Sample::Picture(_));
        self.muxer.push(sample, now.wall);
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        self.muxer.end();
    }
}

/// The size of the pictures that follow a configuration, in pixels.
pub(crate) fn size_of(sample: &Sample) -> Option<(u16, u16)> {
    match sample {
        Sample::VideoConfig(config) => Some((config.width, config.height)),
        _ => None,
    }
}

/// One or two, by the first byte of a packet (RFC 6716, 3.1).
pub(crate) fn opus_channels(packet: &[u8]) -> u8 {
    if packet.first().is_some_and(|toc| toc & 0x04 != 0) { 2 } else { 1 }
}
