//! How coded pictures and sound are described to a decoder: sample entries.
//! It must not know where in a file they stand.

use super::Unwritable;
use crate::media::{
    h264::avcc,
    sample::{AudioConfig, VideoConfig},
};
use mp4_atom::{
    Audio, Avc1, Codec, Dops, Esds, FixedPoint, Mp4a, Opus, Visual,
    esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig},
};

/// `objectTypeIndication` of AAC, and `streamType` of sound (ISO/IEC 14496-1, 7.2.6.6).
const OBJECT_AAC: u8 = 0x40;
const STREAM_AUDIO: u8 = 5;
/// Clock of Opus, always.
pub(super) const OPUS_RATE: u32 = 48_000;

/// The entry for H.264.
pub(super) fn video(config: &VideoConfig) -> Result<Codec, Unwritable> {
    let visual =
        Visual { data_reference_index: 1, width: config.width, height: config.height, ..Visual::default() };
    Ok(Codec::Avc1(Avc1 { visual, avcc: avcc::write(config).map_err(|_| Unwritable)?, ..Avc1::default() }))
}

/// The entry for either kind of sound.
pub(super) fn audio(config: &AudioConfig) -> Codec {
    match config {
        AudioConfig::Opus { channels } => Codec::Opus(Opus {
            audio: entry(*channels, OPUS_RATE),
            dops: Dops {
                output_channel_count: *channels,
                // What comes was on its way already: there is no beginning to skip.
                pre_skip: 0,
                input_sample_rate: OPUS_RATE,
                output_gain: 0,
                channel_mapping: None,
            },
            btrt: None,
        }),
        AudioConfig::Aac { specific, rate, channels } => Codec::Mp4a(Mp4a {
            audio: entry(*channels, *rate),
            esds: Esds { es_desc: descriptor(specific) },
            btrt: None,
            taic: None,
        }),
    }
}

fn entry(channels: u8, rate: u32) -> Audio {
    Audio {
        data_reference_index: 1,
        channel_count: channels.into(),
        sample_size: 16,
        // A rate that does not fit is told by the decoder's configuration alone.
        sample_rate: FixedPoint::new(u16::try_from(rate).unwrap_or(0), 0),
    }
}

fn descriptor(specific: &[u8]) -> EsDescriptor {
    let raw = specific.to_vec();
    EsDescriptor {
        es_id: 2,
        dec_config: DecoderConfig {
            object_type_indication: OBJECT_AAC,
            stream_type: STREAM_AUDIO,
            dec_specific: Some(DecoderSpecific { raw, ..DecoderSpecific::default() }),
            ..DecoderConfig::default()
        },
        sl_config: SLConfig::default(),
        ..EsDescriptor::default()
    }
}
