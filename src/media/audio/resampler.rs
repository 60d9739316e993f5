//! From any rate of AAC to that of Opus, without delay: what comes late by its filter is moved back.
//! It must not know what codecs there are.

use super::encoder::RATE;
use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

/// Between rates that have so little in common a block would be a second long.
const BLOCK_MAX: usize = 1024;

/// One source's resampler.
pub(super) struct Resampler {
    channels: usize,
    /// None where the rate is that of Opus.
    filter: Option<Fft<f32>>,
    /// Samples of the beginning that are still to be left out.
    late: usize,
}

impl Resampler {
    /// For pieces of so many samples a channel, `rate` of them a second.
    pub(super) fn new(rate: u32, piece: u32, channels: usize) -> Option<Self> {
        let (from, to, piece) = (rate as usize, RATE as usize, piece as usize);
        let block = from.max(to) / greatest_common_divisor(from, to);
        if block > BLOCK_MAX {
            return None;
        }
        let filter = || Fft::new(from, to, piece, channels, FixedSync::Input).ok();
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
                assert!(samples_off.abs() <= 1.5, "{rate}, {channels}: {samples_off}");
            }
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
