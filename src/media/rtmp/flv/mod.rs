//! From the tags of FLV, as RTMP carries them, to coded pictures and sound.
//! It must not know how tags came.

mod clock;
mod sounds;
mod tags;
#[cfg(test)]
mod tests;

use super::refusal::Refusal;
use crate::media::{
    aac::{AacConfig, Unusable},
    h264::{AccessUnit, Fault, ParameterSets, Unit, avcc, nal::length_prefixed},
    sample::{AudioConfig, CodedPicture, CodedSound, Sample, VIDEO_CLOCK},
};
use bytes::Bytes;
use clock::{Clock, Moment, Track};
use sounds::Sounds;
use std::sync::Arc;
use tags::Tag;

/// Ticks of [`VIDEO_CLOCK`] in a millisecond.
const TICKS: i64 = VIDEO_CLOCK as i64 / 1000;
/// Longest frame of AAC: 6,144 bits for each of 8 channels.
const SOUND_BYTES: usize = 6144;

/// What comes of a publisher, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A run begins: all times that follow are counted from here. The configurations are told again, the first picture is one
    /// at which decoding can begin.
    RunBegins,
    /// Of the run.
    Sample(Sample),
    /// The program that sends, as it calls itself.
    Agent(String),
}

/// Reads the tags of one publisher.
#[derive(Debug)]
pub(crate) struct Demuxer {
    clock: Clock,
    pictures: Pictures,
    sound: Option<Sound>,
    has_run: bool,
}

#[derive(Debug)]
struct Pictures {
    sets: ParameterSets,
    /// Bytes of the length before each NAL unit; 0 until it is told.
    length_size: usize,
    unit: AccessUnit,
    /// Pictures are left out until one at which decoding can begin.
    awaits_key: bool,
    last: Option<i64>,
}

#[derive(Debug)]
struct Sound {
    config: Arc<AudioConfig>,
    length: u32,
    places: Sounds,
}

impl Demuxer {
    /// For pictures of at most so many bytes.
    pub(crate) fn new(picture_bytes: usize) -> Self {
        let pictures = Pictures {
            sets: ParameterSets::default(),
            length_size: 0,
            unit: AccessUnit::new(picture_bytes),
            awaits_key: true,
            last: None,
        };
        Demuxer { clock: Clock::default(), pictures, sound: None, has_run: false }
    }

    /// Takes the body of a tag of pictures; `time` in milliseconds, modulo 2^32.
    pub(crate) fn video(&mut self, time: u32, body: Bytes) -> Result<Vec<Piece>, Refusal> {
        match tags::video(body)? {
            Tag::Config(record) => self.video_config(&record),
            Tag::Picture { shown_after, nals } => self.picture(time, shown_after, &nals),
            Tag::Sound(_) | Tag::Nothing => Ok(Vec::new()),
        }
    }

    /// Takes the body of a tag of sound.
    pub(crate) fn audio(&mut self, time: u32, body: Bytes) -> Result<Vec<Piece>, Refusal> {
        match tags::audio(body)? {
            Tag::Config(specific) => self.audio_config(specific),
            Tag::Sound(data) => self.sound(time, data),
            Tag::Picture { .. } | Tag::Nothing => Ok(Vec::new()),
        }
    }

    fn video_config(&mut self, record: &[u8]) -> Result<Vec<Piece>, Refusal> {
        let record = avcc::read(record).map_err(|fault| Refusal::Media(fault.to_string()))?;
        let is_new = self.pictures.learn(Some(record.sps), Some(record.pps))?;
        if self.pictures.sets.config().is_none() {
            return Err(Refusal::Media("the configuration of the pictures cannot be read".to_owned()));
        }
        self.pictures.length_size = record.length_size;
        Ok(if is_new && self.has_run { self.pictures.config().collect() } else { Vec::new() })
    }

    fn picture(&mut self, time: u32, shown_after: i32, nals: &[u8]) -> Result<Vec<Piece>, Refusal> {
        if self.pictures.length_size == 0 {
            return Ok(Vec::new());
        }
        let unit = self.pictures.gather(nals)?;
        if !unit.has_picture {
            return Ok(Vec::new());
        }
        let is_new = self.pictures.learn(unit.sps, unit.pps)?;
        let (mut pieces, at) = self.place(time, Track::Pictures)?;
        if is_new && pieces.is_empty() {
            pieces.extend(self.pictures.config());
        }
        if let Some(at) = at {
            let shown_after = i64::from(shown_after) * TICKS;
            pieces.extend(self.pictures.coded(at, shown_after as i32, unit.is_key, unit.nals));
        }
        Ok(pieces)
    }

    fn audio_config(&mut self, specific: Bytes) -> Result<Vec<Piece>, Refusal> {
        if self.sound.as_ref().is_some_and(|sound| sound.is_coded_by(&specific)) {
            return Ok(Vec::new());
        }
        let config = AacConfig::read(&specific).map_err(|unusable| match unusable {
            Unusable::Unreadable => Refusal::Media(unusable.to_string()),
            Unusable::ObjectType(_) => Refusal::Codec(unusable.to_string()),
        })?;
        let AacConfig { rate, channels, frame, .. } = config;
        self.sound = Some(Sound {
            config: Arc::new(AudioConfig::Aac { specific, rate, channels }),
            length: frame,
            places: Sounds::new(rate, frame),
        });
        Ok(if self.has_run { self.sound.iter().map(Sound::config).collect() } else { Vec::new() })
    }

    fn sound(&mut self, time: u32, data: Bytes) -> Result<Vec<Piece>, Refusal> {
        if data.len() > SOUND_BYTES {
            return Err(Refusal::TooBig("a piece of sound of 6 kB"));
        }
        if self.sound.is_none() {
            return Ok(Vec::new());
        }
        let (mut pieces, at) = self.place(time, Track::Sound)?;
        if let (Some(sound), Some(at)) = (&mut self.sound, at) {
            pieces.extend(sound.coded(at, data));
        }
        Ok(pieces)
    }

    /// What is told before a tag where a run begins with it, and its time in the run, in milliseconds.
    fn place(&mut self, time: u32, track: Track) -> Result<(Vec<Piece>, Option<i64>), Refusal> {
        match self.clock.place(time, track)? {
            Moment::At(at) => Ok((Vec::new(), Some(at))),
            Moment::Before => Ok((Vec::new(), None)),
            Moment::Begins => Ok((self.begin_run(), Some(0))),
        }
    }

    fn begin_run(&mut self) -> Vec<Piece> {
        self.has_run = true;
        self.pictures.awaits_key = true;
        self.pictures.last = None;
        if let Some(sound) = &mut self.sound {
            sound.places.begin();
        }
        let begin = [Piece::RunBegins].into_iter();
        begin.chain(self.pictures.config()).chain(self.sound.iter().map(Sound::config)).collect()
    }
}

impl Pictures {
    fn config(&self) -> impl Iterator<Item = Piece> + use<> {
        let config = self.sets.config().cloned();
        config.map(|config| Piece::Sample(Sample::VideoConfig(config))).into_iter()
    }

    /// Learns parameter sets; after others, decoding begins anew.
    fn learn(&mut self, sps: Option<Bytes>, pps: Option<Bytes>) -> Result<bool, Refusal> {
        let is_new = self.sets.learn(sps, pps).map_err(fault)?;
        self.awaits_key |= is_new;
        Ok(is_new)
    }

    fn gather(&mut self, nals: &[u8]) -> Result<Unit, Refusal> {
        for nal in length_prefixed(nals, self.length_size) {
            let nal = nal.map_err(|cut| Refusal::Media(cut.to_string()))?;
            self.unit.push(nal).map_err(fault)?;
        }
        Ok(self.unit.take())
    }

    fn coded(&mut self, ms: i64, shown_after: i32, is_key: bool, nals: Bytes) -> Option<Piece> {
        self.awaits_key &= !is_key;
        if self.awaits_key || self.sets.config().is_none() {
            return None;
        }
        // Encoders that round may say one time twice.
        let at = self.last.map_or(ms * TICKS, |last| (last + 1).max(ms * TICKS));
        self.last = Some(at);
        Some(Piece::Sample(Sample::Picture(CodedPicture { at, shown_after, is_key, nals })))
    }
}

impl Sound {
    fn config(&self) -> Piece {
        Piece::Sample(Sample::AudioConfig(Arc::clone(&self.config)))
    }

    fn is_coded_by(&self, other: &Bytes) -> bool {
        matches!(&*self.config, AudioConfig::Aac { specific, .. } if specific == other)
    }

    fn coded(&mut self, ms: i64, data: Bytes) -> Option<Piece> {
        let at = self.places.place(ms)?;
        Some(Piece::Sample(Sample::Sound(CodedSound { at, length: self.length, data })))
    }
}

fn fault(fault: Fault) -> Refusal {
    match fault {
        Fault::TooLarge(_) => Refusal::TooBig("a picture that is too long"),
        Fault::TooWide { .. } => Refusal::Media(fault.to_string()),
    }
}
