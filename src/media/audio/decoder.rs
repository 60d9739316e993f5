//! From a frame of AAC-LC to samples.
//! It must not know when a frame is played.

use symphonia_codec_aac::AacDecoder;
use symphonia_core::{
    codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_AAC},
    packet::PacketRef,
    units::{Duration, Timestamp},
};

/// One source's decoder.
pub(super) struct Decoder {
    aac: AacDecoder,
    samples: Vec<f32>,
}

impl Decoder {
    /// Of what an AudioSpecificConfig says; none where it says more than can be decoded.
    pub(super) fn new(specific: &[u8]) -> Option<Self> {
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(CODEC_ID_AAC).with_extra_data(specific.into());
        let aac = AacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).ok()?;
        Some(Decoder { aac, samples: Vec::new() })
    }

    /// The samples of a frame, interleaved, none louder than full; none where it cannot be decoded.
    pub(super) fn decode(&mut self, frame: &[u8]) -> Option<&[f32]> {
        // It does nothing with times.
        let packet = PacketRef::new(0, Timestamp::new(0), Duration::new(0), frame);
        self.aac.decode_ref(&packet).ok()?.copy_to_vec_interleaved(&mut self.samples);
        for sample in &mut self.samples {
            // What is made up can decode to anything, and what follows reckons with sound.
            *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        }
        Some(&self.samples)
    }
}
