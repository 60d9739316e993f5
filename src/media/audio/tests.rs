//! A tone of 440 Hz as encoders send it, and what is heard of it.

use super::{
    Transcoder,
    encoder::{PACKET, RATE},
};
use crate::media::sample::{AudioConfig, CodedSound};
use bytes::Bytes;
use opus_rs::OpusDecoder;

/// A second of 440 Hz at an eighth of full loudness:
/// `ffmpeg -f lavfi -i sine=440:sample_rate=RATE:duration=1 -ac CHANNELS -c:a aac -b:a 40k -f adts`
const TONES: [(u32, u8, &[u8]); 4] = [
    (44_100, 1, include_bytes!("samples/sine-44100-1.aac")),
    (44_100, 2, include_bytes!("samples/sine-44100-2.aac")),
    (48_000, 1, include_bytes!("samples/sine-48000-1.aac")),
    (48_000, 2, include_bytes!("samples/sine-48000-2.aac")),
];

fn config(rate: u32, channels: u8) -> AudioConfig {
    let rate_index = if rate == 48_000 { 3 } else { 4 };
    let specific = [2 << 3 | rate_index >> 1, (rate_index & 1) << 7 | channels << 3];
    AudioConfig::Aac { specific: Bytes::copy_from_slice(&specific), rate, channels }
}

/// The frames of an ADTS stream (ISO/IEC 13818-7, 6.2), without their headers of 7 bytes.
fn pieces(mut adts: &'static [u8]) -> Vec<CodedSound> {
    let mut pieces = Vec::new();
    while let [_, _, _, high, mid, low, _, ..] = adts {
        let length = usize::from(high & 3) << 11 | usize::from(*mid) << 3 | usize::from(low >> 5);
        let (frame, rest) = adts.split_at(length);
        let at = 1024 * pieces.len() as i64;
        pieces.push(CodedSound { at, length: 1024, data: Bytes::from_static(&frame[7..]) });
        adts = rest;
    }
    pieces
}

/// The first channel of what is heard.
fn heard(packets: &[CodedSound], channels: u8) -> Vec<f32> {
    let channels = usize::from(channels);
    let mut decoder = OpusDecoder::new(RATE as i32, channels).unwrap();
    let mut samples = Vec::new();
    for packet in packets {
        let mut of_packet = vec![0.0; PACKET as usize * channels];
        let decoded = decoder.decode(&packet.data, PACKET as usize, &mut of_packet).unwrap();
        assert_eq!(decoded, PACKET as usize);
        samples.extend(of_packet.iter().step_by(channels));
    }
    samples
}

/// Hertz, by the first and the last time that it rises through zero.
fn pitch(samples: &[f32]) -> f64 {
    let rises = |pair: &[f32]| pair[0] < 0.0 && pair[1] >= 0.0;
    let crossings: Vec<usize> = (1..samples.len()).filter(|at| rises(&samples[at - 1..=*at])).collect();
    let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
    f64::from(RATE) * (crossings.len() - 1) as f64 / (last - first) as f64
}

fn loudness(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).sqrt()
}

#[test]
fn a_tone_keeps_its_pitch_its_loudness_and_its_length() {
    for (rate, channels, adts) in TONES {
        let mut transcoder = Transcoder::new(&config(rate, channels)).unwrap();
        assert_eq!(transcoder.config(), AudioConfig::Opus { channels });
        let pieces = pieces(adts);
        let packets: Vec<CodedSound> = pieces.iter().flat_map(|piece| transcoder.push(piece)).collect();
        for (packet, at) in packets.iter().zip((0..).step_by(PACKET as usize)) {
            assert_eq!((packet.at, packet.length), (at, PACKET));
        }
        let expected = pieces.len() as u32 * 1024 * 48 / (rate / 1000) / PACKET;
        assert!(packets.len().abs_diff(expected as usize) <= 2, "{} packets", packets.len());
        // Both codecs need a moment at the beginning, and the tone ends before the last frame does.
        let heard = heard(&packets[5..packets.len() - 3], channels);
        let (pitch, loudness) = (pitch(&heard), loudness(&heard));
        assert!((435.6..444.4).contains(&pitch), "{rate}, {channels}: {pitch} Hz");
        // An eighth of full at its peaks; on two channels it is so much less that both together are as loud.
        let expected = 0.125 / 2_f32.sqrt() / f32::from(channels).sqrt();
        assert!((loudness / expected - 1.0).abs() < 0.05, "{rate}, {channels}: {loudness}");
    }
}

#[test]
fn a_gap_stays_a_gap() {
    let (rate, channels, adts) = TONES[1];
    let mut transcoder = Transcoder::new(&config(rate, channels)).unwrap();
    let mut pieces = pieces(adts);
    pieces.truncate(20);
    pieces[10..].iter_mut().for_each(|piece| piece.at += 44_100);
    let times: Vec<i64> =
        pieces.iter().flat_map(|piece| transcoder.push(piece)).map(|packet| packet.at).collect();
    let gap = times.windows(2).position(|pair| pair[1] != pair[0] + 960).unwrap();
    // 10 pieces are 11,145 samples of 48,000 a second: eleven packets and a part that nobody hears.
    assert_eq!((times[gap], times[gap + 1]), (10 * 960, (10 * 1024 + 44_100) * 480 / 441));
    assert!(times[gap + 1..].windows(2).all(|pair| pair[1] == pair[0] + 960));
    // Behind it, it is as if nothing had been before.
    let mut other = Transcoder::new(&config(rate, channels)).unwrap();
    pieces[10..].iter().for_each(|piece| drop(other.push(piece)));
    let pending = |transcoder: Transcoder| transcoder.codecs.unwrap().pending.len();
    assert_eq!(pending(transcoder), pending(other));
}

#[test]
fn what_cannot_be_decoded_is_a_gap() {
    let (rate, channels, adts) = TONES[3];
    let mut transcoder = Transcoder::new(&config(rate, channels)).unwrap();
    let mut pieces = pieces(adts);
    // A description of programs, which stands in no stream of one.
    pieces[5].data = Bytes::from_static(&[0xa0; 40]);
    let times: Vec<i64> =
        pieces.iter().flat_map(|piece| transcoder.push(piece)).map(|packet| packet.at).collect();
    assert_eq!(times.windows(2).filter(|pair| pair[1] != pair[0] + 960).count(), 1);
    assert!(times.contains(&(6 * 1024)));
}

#[test]
fn what_needs_none_or_cannot_be_has_no_transcoder() {
    assert!(Transcoder::new(&AudioConfig::Opus { channels: 2 }).is_none());
    let of = |specific: &'static [u8]| {
        Transcoder::new(&AudioConfig::Aac {
            specific: Bytes::from_static(specific),
            rate: 48_000,
            channels: 2,
        })
    };
    assert!(of(&[0x11, 0x90]).is_some());
    let high_efficiency = [&[0x2b, 0x11, 0x88, 0x00][..], &[0x13, 0x10, 0x56, 0xe5, 0xa0]];
    let (five_and_one, unreadable) = ([0x11, 0xb0], [0x11]);
    for specific in [high_efficiency[0], high_efficiency[1], &five_and_one, &unreadable] {
        let config =
            AudioConfig::Aac { specific: Bytes::copy_from_slice(specific), rate: 48_000, channels: 2 };
        assert!(Transcoder::new(&config).is_none(), "{specific:x?}");
    }
}

#[test]
fn whatever_comes_as_a_frame_is_withstood() {
    let (rate, channels, adts) = TONES[3];
    let mut transcoder = Transcoder::new(&config(rate, channels)).unwrap();
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for mut piece in (0..10).flat_map(|_| pieces(adts)) {
        let mut bytes = piece.data.to_vec();
        for _ in 0..4 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let at = dice as usize % bytes.len();
            bytes[at] ^= 1 << (dice >> 32 & 7);
        }
        piece.data = bytes.into();
        for packet in transcoder.push(&piece) {
            assert!(packet.data.len() <= 1275 && !packet.data.is_empty());
        }
    }
    assert!(transcoder.codecs.is_some(), "it panicked again and again");
}
