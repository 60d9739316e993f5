//! From the samples of a source without RTP to packets, once for all viewers.
//! It must not know who views, nor read the clock.

use crate::media::{
    audio::Transcoder,
    h264::rtp::packetize,
    packet::{Codec, Packet},
    sample::{AudioConfig, CodedPicture, CodedSound, Sample, VideoConfig},
};
use bytes::Bytes;
use std::{sync::Arc, time::Instant};

/// The packets of one source.
#[derive(Default)]
pub(crate) struct Packets {
    video: Option<Arc<VideoConfig>>,
    audio: Option<Arc<AudioConfig>>,
    /// Made when somebody first hears it: it costs a hundredth of a core.
    transcoder: Option<Transcoder>,
    video_seq: u64,
    audio_seq: u64,
}

impl std::fmt::Debug for Packets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packets").finish_non_exhaustive()
    }
}

impl Packets {
    /// The packets of a sample. Sound is left out while nobody hears it.
    pub(crate) fn of(&mut self, sample: &Sample, is_heard: bool, now: Instant) -> Vec<Packet> {
        match sample {
            Sample::VideoConfig(config) => {
                self.video = Some(config.clone());
                Vec::new()
            }
            Sample::AudioConfig(config) => {
                self.audio = Some(config.clone());
                self.transcoder = None;
                Vec::new()
            }
            Sample::Picture(picture) => self.picture(picture, now),
            Sample::Sound(sound) if is_heard => self.sound(sound, now),
            Sample::Sound(_) => {
                self.transcoder = None;
                Vec::new()
            }
        }
    }

    fn picture(&mut self, picture: &CodedPicture, now: Instant) -> Vec<Packet> {
        let Some(config) = &self.video else { return Vec::new() };
        let payloads = packetize(picture, config);
        let last = payloads.len().saturating_sub(1);
        let of_payload = |(index, payload): (usize, Bytes)| {
            self.video_seq += 1;
            packet(Codec::H264, self.video_seq, picture.at as u32, index == last, &payload, now)
        };
        payloads.into_iter().enumerate().map(of_payload).collect()
    }

    fn sound(&mut self, sound: &CodedSound, now: Instant) -> Vec<Packet> {
        let Some(config) = &self.audio else { return Vec::new() };
        if matches!(**config, AudioConfig::Opus { .. }) {
            self.audio_seq += 1;
            return vec![packet(Codec::Opus, self.audio_seq, sound.at as u32, false, &sound.data, now)];
        }
        if self.transcoder.is_none() {
            self.transcoder = Transcoder::new(config);
        }
        let transcoded =
            self.transcoder.as_mut().map(|transcoder| transcoder.push(sound)).unwrap_or_default();
        let of_piece = |piece: CodedSound| {
            self.audio_seq += 1;
            packet(Codec::Opus, self.audio_seq, piece.at as u32, false, &piece.data, now)
        };
        transcoded.into_iter().map(of_piece).collect()
    }
}

fn packet(codec: Codec, seq: u64, at: u32, marker: bool, payload: &[u8], arrived: Instant) -> Packet {
    Packet { codec, seq, at, marker, payload: payload.into(), arrived, report: None }
}
