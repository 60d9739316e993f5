//! Gathers the NAL units of one coded picture, and keeps the parameter sets that go with it.
//! It must not know where they come from.

use super::{
    Fault, SIDE_MAX, Sps,
    nal::{Kind, is_recovery_point},
    sps::SET_BYTES_MAX,
};
use crate::media::sample::VideoConfig;
use bytes::{BufMut, Bytes, BytesMut};
use std::{mem, sync::Arc};

/// The units of one picture, as they come.
#[derive(Debug)]
pub(crate) struct AccessUnit {
    limit: usize,
    unit: Unit,
    nals: BytesMut,
}

/// What was gathered of one picture.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub sps: Option<Bytes>,
    pub pps: Option<Bytes>,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// Whether there is a picture, and not only what goes with one.
    pub has_picture: bool,
    /// As of [`crate::media::sample::CodedPicture`].
    pub nals: Bytes,
}

impl AccessUnit {
    /// One that refuses to hold more than `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, unit: Unit::default(), nals: BytesMut::new() }
    }

    /// Adds a whole unit; what no container wants is left out.
    pub(crate) fn push(&mut self, nal: &[u8]) -> Result<(), Fault> {
        let Some(kind) = Kind::of(nal) else { return Ok(()) };
        match kind {
            Kind::SequenceParameters if nal.len() <= SET_BYTES_MAX => {
                self.unit.sps = Some(Bytes::copy_from_slice(nal));
            }
            Kind::PictureParameters if nal.len() <= SET_BYTES_MAX => {
                self.unit.pps = Some(Bytes::copy_from_slice(nal));
            }
            Kind::Slice | Kind::KeySlice | Kind::Supplement => return self.keep(kind, nal),
            Kind::SequenceParameters | Kind::PictureParameters | Kind::Other => {}
        }
        Ok(())
    }

    fn keep(&mut self, kind: Kind, nal: &[u8]) -> Result<(), Fault> {
        let length = u32::try_from(nal.len()).map_err(|_| Fault::TooLarge(self.limit))?;
        if self.nals.len() + 4 + nal.len() > self.limit {
            return Err(Fault::TooLarge(self.limit));
        }
        self.unit.has_picture |= kind != Kind::Supplement;
        self.unit.is_key |= kind == Kind::KeySlice || kind == Kind::Supplement && is_recovery_point(nal);
        self.nals.put_u32(length);
        self.nals.put_slice(nal);
        Ok(())
    }

    /// Whether nothing was gathered.
    pub(crate) fn is_empty(&self) -> bool {
        self.nals.is_empty() && self.unit.sps.is_none() && self.unit.pps.is_none()
    }

    /// Gives what was gathered and begins the next.
    pub(crate) fn take(&mut self) -> Unit {
        Unit { nals: self.nals.split().freeze(), ..mem::take(&mut self.unit) }
    }
}

/// The sets that pictures are decoded with, as last told.
#[derive(Debug, Default)]
pub(crate) struct ParameterSets {
    sps: Bytes,
    pps: Bytes,
    /// None while they are not complete, or cannot be read.
    config: Option<Arc<VideoConfig>>,
}

impl ParameterSets {
    /// Learns what came with a picture; true where pictures are coded otherwise from here on.
    pub(crate) fn learn(&mut self, sps: Option<Bytes>, pps: Option<Bytes>) -> Result<bool, Fault> {
        let sps = sps.unwrap_or_else(|| self.sps.clone());
        let pps = pps.unwrap_or_else(|| self.pps.clone());
        if (&sps, &pps) == (&self.sps, &self.pps) {
            return Ok(false);
        }
        (self.sps, self.pps) = (sps, pps);
        self.config = config(&self.sps, &self.pps)?;
        Ok(self.config.is_some())
    }

    /// What pictures are coded with, once that is known.
    pub(crate) fn config(&self) -> Option<&Arc<VideoConfig>> {
        self.config.as_ref()
    }
}

fn config(sps: &Bytes, pps: &Bytes) -> Result<Option<Arc<VideoConfig>>, Fault> {
    let Some(read) = Sps::read(sps).filter(|_| !pps.is_empty()) else { return Ok(None) };
    let Sps { width, height, .. } = read;
    let side = |pixels: u32| u16::try_from(pixels).ok().filter(|_| pixels <= SIDE_MAX);
    let (Some(wide), Some(high)) = (side(width), side(height)) else {
        return Err(Fault::TooWide { width, height });
    };
    Ok(Some(Arc::new(VideoConfig { sps: sps.clone(), pps: pps.clone(), width: wide, height: high })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;

    #[test]
    fn a_picture_is_gathered_without_what_no_container_wants() {
        let mut unit = AccessUnit::new(100);
        for nal in [&[9, 0x10][..], &samples::sps(), samples::PPS, &[6, 5, 1, 0], &[0x65, 7], &[12, 255], &[]]
        {
            unit.push(nal).unwrap();
        }
        let taken = unit.take();
        assert_eq!(&taken.nals[..], [0, 0, 0, 4, 6, 5, 1, 0, 0, 0, 0, 2, 0x65, 7]);
        assert!(taken.is_key && taken.has_picture && unit.is_empty());
        assert_eq!((taken.sps.unwrap(), taken.pps.unwrap()), (samples::sps().into(), samples::PPS.into()));
        unit.push(&[0x61, 1]).unwrap();
        assert!(!unit.take().is_key);
    }

    #[test]
    fn one_byte_more_than_the_limit_is_a_fault() {
        let mut unit = AccessUnit::new(20);
        assert_eq!(unit.push(&[0x65; 6]), Ok(()));
        assert_eq!(unit.push(&[0x65; 7]), Err(Fault::TooLarge(20)));
        assert_eq!(unit.push(&[0x65; 6]), Ok(()));
    }

    #[test]
    fn sets_are_told_once_and_again_when_they_change() {
        let mut sets = ParameterSets::default();
        assert_eq!(sets.learn(Some(samples::sps().into()), None), Ok(false));
        assert_eq!(sets.learn(None, Some(samples::PPS.into())), Ok(true));
        assert_eq!(sets.config().map(|config| (config.width, config.height)), Some((640, 360)));
        assert_eq!(sets.learn(Some(samples::sps().into()), Some(samples::PPS.into())), Ok(false));
        assert_eq!(sets.learn(Some(samples::bytes(samples::SPS[0].0).into()), None), Ok(true));
        assert_eq!(sets.learn(Some(vec![0x67, 1].into()), None), Ok(false));
        assert_eq!(sets.config(), None);
    }

    #[test]
    fn a_side_beyond_the_limit_is_a_fault() {
        // 1280x720 with the width of 256 macroblocks, 4096 pixels, and of 257.
        let with_width = |code: &str| {
            let bits =
                ["1", "1", "011", "010", "0", code, "010", "1", "1", "0", "0", "1", "0000000"].concat();
            let byte = |bits: &[u8]| u8::from_str_radix(str::from_utf8(bits).unwrap(), 2).unwrap();
            Bytes::from([vec![0x67, 66, 0, 30], bits.as_bytes().chunks_exact(8).map(byte).collect()].concat())
        };
        let mut sets = ParameterSets::default();
        let pps = || Some(Bytes::from_static(samples::PPS));
        assert_eq!(sets.learn(Some(with_width("00000000100000000")), pps()), Ok(true));
        assert_eq!(
            sets.learn(Some(with_width("00000000100000001")), pps()),
            Err(Fault::TooWide { width: 4112, height: 32 })
        );
    }
}
