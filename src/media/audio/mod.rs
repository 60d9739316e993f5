//! From the sound of encoders, AAC-LC, to what browsers take over WebRTC, Opus.
//! It must not know sources and outputs.

mod decoder;
mod encoder;
mod resampler;
#[cfg(test)]
mod tests;

use crate::media::{
    aac::AacConfig,
    sample::{AudioConfig, CodedSound},
};
use decoder::Decoder;
use encoder::{Encoder, PACKET};
use resampler::Resampler;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often codecs are made anew after they have panicked, until there is no sound.
const REPAIRS: u32 = 5;

/// Transcodes one publisher's sound, about a hundredth of a core.
pub(crate) struct Transcoder {
    config: AacConfig,
    specific: Vec<u8>,
    /// None once it has panicked too often.
    codecs: Option<Codecs>,
    repairs_left: u32,
}

/// What it takes, with what is under way.
struct Codecs {
    decoder: Decoder,
    resampler: Resampler,
    encoder: Encoder,
    /// Where the source's next piece begins, if nothing is missing.
    next: Option<i64>,
    /// Samples that do not fill a packet yet, interleaved, and when they begin.
    pending: Vec<f32>,
    at: i64,
}

impl Transcoder {
    /// For sound of this configuration; none where that cannot be: Opus needs none, and AAC is decoded as LC of one or two
    /// channels alone.
    pub(crate) fn new(config: &AudioConfig) -> Option<Self> {
        let AudioConfig::Aac { specific, .. } = config else { return None };
        let config = AacConfig::read(specific).ok()?;
        let specific = specific.to_vec();
        let codecs = guarded(|| Codecs::new(&config, &specific))??;
        Some(Transcoder { config, specific, codecs: Some(codecs), repairs_left: REPAIRS })
    }

    /// What its packets are coded with.
    #[cfg(test)]
    pub(crate) fn config(&self) -> AudioConfig {
        AudioConfig::Opus { channels: self.config.channels }
    }

    /// The packets that a piece completes, each of 20 ms. A gap between pieces is one between packets; so is a piece that cannot
    /// be decoded.
    pub(crate) fn push(&mut self, sound: &CodedSound) -> Vec<CodedSound> {
        let Some(codecs) = &mut self.codecs else { return Vec::new() };
        let rate = i64::from(self.config.rate);
        guarded(|| codecs.push(sound, rate)).unwrap_or_else(|| {
            self.repair();
            Vec::new()
        })
    }

    /// What has panicked is not used again.
    fn repair(&mut self) {
        log::warn!("sound could not be transcoded, {} repairs are left", self.repairs_left);
        self.codecs = match self.repairs_left.checked_sub(1) {
            None => None,
            Some(left) => {
                self.repairs_left = left;
                guarded(|| Codecs::new(&self.config, &self.specific)).flatten()
            }
        };
    }
}

impl Codecs {
    fn new(config: &AacConfig, specific: &[u8]) -> Option<Self> {
        let channels = usize::from(config.channels);
        let is_decodable = channels <= 2 && !config.is_high_efficiency;
        Some(Codecs {
            decoder: is_decodable.then(|| Decoder::new(specific))??,
            resampler: Resampler::new(config.rate, config.frame, channels)?,
            encoder: Encoder::new(channels)?,
            next: None,
            pending: Vec::new(),
            at: 0,
        })
    }

    fn push(&mut self, sound: &CodedSound, rate: i64) -> Vec<CodedSound> {
        if self.next != Some(sound.at) {
            self.begin(sound.at * i64::from(encoder::RATE) / rate);
        }
        // Whatever goes wrong leaves a gap: the next piece begins anew.
        self.next = None;
        let Some(samples) = self.decoder.decode(&sound.data) else { return Vec::new() };
        let Some(samples) = self.resampler.resample(samples) else { return Vec::new() };
        self.pending.extend(samples);
        self.next = Some(sound.at + i64::from(sound.length));
        std::iter::from_fn(|| self.packet()).collect()
    }

    fn begin(&mut self, at: i64) {
        self.pending.clear();
        self.resampler.begin();
        self.at = at;
    }

    fn packet(&mut self) -> Option<CodedSound> {
        let samples = self.encoder.samples();
        if self.pending.len() < samples {
            return None;
        }
        let data = self.encoder.encode(&self.pending[..samples]);
        self.pending.drain(..samples);
        let at = self.at;
        self.at += i64::from(PACKET);
        Some(CodedSound { at, length: PACKET, data: data? })
    }
}

/// What comes of a call into codecs, which are young; none where it panics.
fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
