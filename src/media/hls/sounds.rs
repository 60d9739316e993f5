//! Sound that waits for the pictures it goes with, and silence where none comes: players stand still where a track has a hole.
//! It must not know pictures but by their times.

use crate::media::{
    hls::{mp4, silence::silence},
    sample::{AudioConfig, CodedSound, VIDEO_CLOCK},
};
use bytes::Bytes;
use std::{collections::VecDeque, sync::Arc};

/// Pieces that may wait: 20 s of Opus.
const SOUNDS_MAX: usize = 1000;
/// Bytes of them.
const BYTES_MAX: usize = 2 << 20;
/// How far sound may be behind the pictures, in ticks of those, before it is taken for missing.
const LATE: i64 = VIDEO_CLOCK as i64 / 2;
/// A step of more seconds than this from one piece to the next is a jump.
const STEP_S: i64 = 10;

/// Sound in order, of one configuration.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    config: Option<Arc<AudioConfig>>,
    waiting: VecDeque<CodedSound>,
    bytes: usize,
    /// Where the last one that was taken in begins, and where it ends, in its own ticks.
    last: Option<(i64, i64)>,
    /// Silence is put in for what does not come.
    is_missing: bool,
}

impl Sounds {
    /// Takes another configuration; what waits of the one before is dropped.
    pub(super) fn configure(&mut self, config: Arc<AudioConfig>) {
        if self.config.as_ref() != Some(&config) {
            self.config = Some(config);
            self.clear();
        }
    }

    /// What all that waits is coded with.
    pub(super) fn config(&self) -> Option<&Arc<AudioConfig>> {
        self.config.as_ref()
    }

    /// Forgets all but the configuration, as another timeline begins.
    pub(super) fn clear(&mut self) {
        *self = Self { config: self.config.take(), ..Self::default() };
    }

    /// Takes a piece, with silence in the hole before it; one that is not behind the last is dropped, or far from it. At the
    /// limit the oldest goes.
    pub(super) fn push(&mut self, sound: CodedSound) {
        let step_max = STEP_S * i64::from(self.rate());
        let follows =
            self.last.is_none_or(|(begins, ends)| (begins + 1..=ends + step_max).contains(&sound.at));
        if self.config.is_some() && sound.at >= 0 && !sound.data.is_empty() && follows {
            self.fill(sound.at);
            self.is_missing = false;
            self.take(sound);
        }
    }

    fn take(&mut self, sound: CodedSound) {
        self.last = Some((sound.at, ends(&sound)));
        self.bytes += sound.data.len();
        self.waiting.push_back(sound);
        while self.waiting.len() > SOUNDS_MAX || self.bytes > BYTES_MAX {
            self.take_first();
        }
    }

    /// Begins at a keyframe: what ends before that is dropped.
    pub(super) fn begin(&mut self, at: i64) {
        while self.first_ends_by(at) {
            self.take_first();
        }
        let begins = self.in_ticks_of_sound(at);
        self.last.get_or_insert((begins - 1, begins));
    }

    /// What ends before a picture is decoded. A piece that goes on into that picture belongs to it, so that whoever begins there
    /// has sound from the first moment.
    pub(super) fn take_until(&mut self, at: i64) -> Vec<CodedSound> {
        self.fill_until(at);
        let mut taken = Vec::new();
        while self.first_ends_by(at) {
            taken.extend(self.take_first());
        }
        taken
    }

    /// Puts silence in where sound is late, and then where it is not there in time, until some comes.
    fn fill_until(&mut self, at: i64) {
        self.is_missing |= self.last.is_some_and(|(_, ends)| self.ticks(ends) < at - LATE);
        if self.is_missing {
            self.fill(self.in_ticks_of_sound(at));
        }
    }

    /// Puts silence in up to a time of sound, as far as whole pieces go.
    fn fill(&mut self, until: i64) {
        let Some((data, length)) = self.config.as_deref().and_then(silence) else { return };
        while let Some((_, at)) = self.last
            && at + i64::from(length) <= until
        {
            self.take(CodedSound { at, length, data: Bytes::clone(&data) });
        }
    }

    fn first_ends_by(&self, at: i64) -> bool {
        self.waiting.front().is_some_and(|first| self.ticks(ends(first)) <= at)
    }

    fn take_first(&mut self) -> Option<CodedSound> {
        let first = self.waiting.pop_front()?;
        self.bytes -= first.data.len();
        Some(first)
    }

    fn rate(&self) -> u32 {
        self.config.as_deref().map_or(VIDEO_CLOCK, mp4::rate).max(1)
    }

    /// A time of sound in ticks of pictures.
    fn ticks(&self, at: i64) -> i64 {
        scaled(at, self.rate(), VIDEO_CLOCK)
    }

    /// A time of pictures in ticks of sound.
    fn in_ticks_of_sound(&self, at: i64) -> i64 {
        scaled(at, VIDEO_CLOCK, self.rate())
    }
}

fn ends(sound: &CodedSound) -> i64 {
    sound.at.saturating_add(sound.length.into())
}

/// A time by one clock as it is by another.
fn scaled(at: i64, from: u32, to: u32) -> i64 {
    let scaled = i128::from(at) * i128::from(to) / i128::from(from);
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn sound(at: i64) -> CodedSound {
        CodedSound { at, length: 960, data: Bytes::from_static(&[0; 3000]) }
    }

    fn opus() -> Sounds {
        let mut sounds = Sounds::default();
        sounds.configure(Arc::new(AudioConfig::Opus { channels: 2 }));
        sounds
    }

    fn taken(sounds: &mut Sounds, at: i64) -> Vec<i64> {
        sounds.take_until(at).iter().map(|sound| sound.at).collect()
    }

    #[test]
    fn sound_is_taken_up_to_a_picture_and_one_that_goes_on_into_it_is_kept() {
        let mut sounds = opus();
        [0, 960, 1920, 1000, 2880].map(sound).into_iter().for_each(|sound| sounds.push(sound));
        // 2,000 ticks of pictures are 1,066 of Opus.
        sounds.begin(2000);
        assert_eq!(taken(&mut sounds, 3599), [0_i64; 0]);
        assert_eq!(taken(&mut sounds, 3600), [960]);
        assert_eq!(taken(&mut sounds, 7199), [1920, 2880][..1]);
    }

    #[test]
    fn silence_takes_the_place_of_what_is_missing_until_sound_comes() {
        let mut sounds = opus();
        sounds.begin(9000);
        // Late by half a second, but not by more.
        assert_eq!(taken(&mut sounds, 9000 + LATE), [0_i64; 0]);
        let silent = taken(&mut sounds, 9000 + LATE + 1);
        assert_eq!(silent, (0..25).map(|piece| 4800 + piece * 960).collect::<Vec<_>>());
        // From now on without waiting.
        assert_eq!(taken(&mut sounds, 9000 + LATE + 3601), [28_800, 29_760]);
        // What comes too late is dropped, and what comes then is waited for again.
        sounds.push(sound(29_000));
        sounds.push(sound(33_000));
        assert_eq!(taken(&mut sounds, 9000 + LATE + 20_000), [30_720, 31_680, 33_000]);
        // What jumps is none of this: it would keep all that comes after it from its place.
        sounds.push(sound(33_960 + 480_001));
        sounds.push(sound(33_960));
        assert_eq!(taken(&mut sounds, 9000 + LATE + 20_000), [33_960]);
    }

    #[test]
    fn a_hole_is_filled_whichever_comes_first_after_it() {
        for sound_is_first in [true, false] {
            let mut sounds = opus();
            sounds.begin(0);
            sounds.push(sound(0));
            assert_eq!(taken(&mut sounds, 1800), [0]);
            // Time goes on by 5 s: that is 250 pieces.
            let next = 960 + 240_000;
            let mut filled = if sound_is_first { Vec::new() } else { taken(&mut sounds, 1800 + 450_000) };
            sounds.push(sound(next));
            filled.extend(taken(&mut sounds, 1800 + 450_000 + 1800));
            assert_eq!(filled, (1..=251).map(|piece| piece * 960).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_lost_on_the_way_is_silent() {
        let mut sounds = opus();
        sounds.begin(0);
        [0, 960 * 4].map(sound).into_iter().for_each(|sound| sounds.push(sound));
        assert_eq!(taken(&mut sounds, 1800 * 5), [0, 1, 2, 3, 4].map(|piece| piece * 960));
    }

    #[test]
    fn there_is_silence_for_opus_and_aac_and_none_for_more_channels() {
        let mut sounds = Sounds::default();
        let aac = |channels| AudioConfig::Aac {
            specific: Bytes::from_static(&[0x12, 0x10]),
            rate: 44_100,
            channels,
        };
        sounds.configure(Arc::new(aac(2)));
        sounds.begin(0);
        assert_eq!(taken(&mut sounds, 90_000).len(), 43);
        sounds.configure(Arc::new(aac(6)));
        sounds.begin(0);
        assert_eq!(taken(&mut sounds, 90_000).len(), 0);
    }

    #[test]
    fn at_its_limits_the_oldest_goes() {
        let mut sounds = opus();
        (0..2000).for_each(|number| sounds.push(sound(number * 960)));
        let most = BYTES_MAX / 3000;
        assert_eq!((sounds.waiting.len(), sounds.bytes), (most, most * 3000));
        assert_eq!(sounds.waiting[0].at, (2000 - most as i64) * 960);
        let mut sounds = opus();
        let small = |number: i64| CodedSound { data: Bytes::from_static(&[1]), ..sound(number * 960) };
        (0..2000).for_each(|number| sounds.push(small(number)));
        assert_eq!(sounds.waiting.len(), SOUNDS_MAX);
    }

    #[test]
    fn without_a_configuration_nothing_is_kept_and_another_one_begins_anew() {
        let mut sounds = Sounds::default();
        sounds.push(sound(0));
        assert_eq!(taken(&mut sounds, 1800), [0_i64; 0]);
        let mut sounds = opus();
        sounds.push(sound(960));
        sounds.configure(Arc::new(AudioConfig::Opus { channels: 2 }));
        assert_eq!(sounds.waiting.len(), 1);
        sounds.configure(Arc::new(AudioConfig::Opus { channels: 1 }));
        assert_eq!(sounds.waiting.len(), 0);
        sounds.push(sound(0));
        assert_eq!(taken(&mut sounds, 1800), [0]);
    }
}
