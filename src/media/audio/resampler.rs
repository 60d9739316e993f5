//! From any rate of AAC to that of Opus, without delay: what comes late by its filter is moved back.
//! It must not know what codecs there are.

use super::encoder::RATE;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction,
    audioadapter_buffers::direct::InterleavedSlice,
};

/// Places between two samples at which there may be one of the other rate; each has a filter of its own, so that nothing is
/// interpolated. Rates that have little in common have too many.
const PLACES_MAX: usize = 1024;
/// Samples that one is made of: enough that nothing is heard of it.
const TAPS: usize = 128;

/// One source's resampler.
pub(super) struct Resampler {
    channels: usize,
    /// None where the rate is that of Opus.
    filter: Option<Async<f32>>,
    /// Samples of the beginning that are still to be left out.
    late: usize,
}

impl Resampler {
    /// For pieces of so many samples a channel, `rate` of them a second.
    pub(super) fn new(rate: u32, piece: u32, channels: usize) -> Option<Self> {
        let (from, to, piece) = (rate as usize, RATE as usize, piece as usize);
        let places = to / greatest_common_divisor(from, to);
        if places > PLACES_MAX {
            return None;
        }
        let parameters = SincInterpolationParameters::new(TAPS, WindowFunction::BlackmanHarris2)
            .oversampling_factor(places)
            .interpolation(SincInterpolationType::Nearest);
        let ratio = to as f64 / from as f64;
        let filter = || Async::new_sinc(ratio, 1.0, &parameters, piece, channels, FixedAsync::Input).ok();
        let filter = if from == to { None } else { Some(filter()?) };
        let mut resampler = Resampler { channels, filter, late: 0 };
        resampler.begin();
        Some(resampler)
    }

    /// What comes next does not follow what came last.
    pub(super) fn begin(&mut self) {
        if let Some(filter) = &mut self.filter {
            filter.reset();
            self.late = filter.output_delay() * self.channels;
        }
    }

    /// The samples that a piece completes, interleaved; none where the piece has another length.
    pub(super) fn resample(&mut self, piece: &[f32]) -> Option<Vec<f32>> {
        let Some(filter) = &mut self.filter else { return Some(piece.to_vec()) };
        let frames = piece.len() / self.channels;
        if frames != filter.input_frames_next() {
            return None;
        }
        let input = InterleavedSlice::new(piece, self.channels, frames).ok()?;
        let mut samples = filter.process(&input, None).ok()?.take_data();
        let late = self.late.min(samples.len());
        self.late -= late;
        samples.drain(..late);
        Some(samples)
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// A pulse in the middle of the fourth piece of 1,024 samples.
    fn pulse_after(rate: u32, channels: usize) -> f64 {
        let mut resampler = Resampler::new(rate, 1024, channels).unwrap();
        let mut out = Vec::new();
        for piece in 0..8 {
            let mut samples = vec![0.0; 1024 * channels];
            if piece == 3 {
                samples[512 * channels..][..channels].fill(1.0);
            }
            out.extend(resampler.resample(&samples).unwrap());
        }
        let (peak, _) = out.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1)).unwrap();
        (peak / channels) as f64 / f64::from(RATE) * f64::from(rate)
    }

    #[test]
    fn nothing_is_late_at_any_rate() {
        for rate in [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000] {
            for channels in [1, 2] {
                let samples_off = pulse_after(rate, channels) - f64::from(3 * 1024 + 512);
                // One of the slower rate, to which the filter's delay is rounded.
                let one = f64::from(rate.max(RATE)) / f64::from(RATE);
                assert!(samples_off.abs() <= 1.5 * one, "{rate}, {channels}: {samples_off}");
            }
        }
    }

    /// How much louder a tone of 997 Hz is than what comes beside it, in decibels.
    fn purity(rate: u32) -> f64 {
        let wave = |sample: usize, rate: u32| 2.0 * PI * 997.0 * sample as f64 / f64::from(rate);
        let mut resampler = Resampler::new(rate, 1024, 1).unwrap();
        let samples: Vec<f32> = (0..64 * 1024).map(|sample| wave(sample, rate).sin() as f32).collect();
        let out: Vec<f32> =
            samples.chunks(1024).flat_map(|piece| resampler.resample(piece).unwrap()).collect();
        let (from, to) = (2000, out.len() - 2000);
        let part = |of: fn(f64) -> f64| {
            let sum: f64 = (from..to).map(|sample| f64::from(out[sample]) * of(wave(sample, RATE))).sum();
            2.0 * sum / (to - from) as f64
        };
        let (sine, cosine) = (part(f64::sin), part(f64::cos));
        let tone = |sample: usize| sine * wave(sample, RATE).sin() + cosine * wave(sample, RATE).cos();
        let beside: f64 = (from..to).map(|sample| (f64::from(out[sample]) - tone(sample)).powi(2)).sum();
        let all: f64 = (from..to).map(|sample| tone(sample).powi(2)).sum();
        assert!((all / (to - from) as f64 - 0.5).abs() < 0.01, "as loud as it was: {all}");
        10.0 * (all / beside).log10()
    }

    #[test]
    fn a_tone_stays_a_tone() {
        for rate in [8000, 11_025, 22_050, 24_000, 32_000, 44_100, 88_200, 96_000] {
            let purity = purity(rate);
            assert!(purity > 60.0, "{rate}: {purity} dB");
        }
    }

    #[test]
    fn rates_with_little_in_common_are_not_resampled() {
        assert!(Resampler::new(47_999, 1024, 2).is_none());
    }

    #[test]
    fn a_piece_of_another_length_is_refused() {
        assert!(Resampler::new(44_100, 1024, 2).unwrap().resample(&[0.0; 100]).is_none());
    }
}
