//! What an AudioSpecificConfig says of the AAC that follows (ISO/IEC 14496-3, 1.6.2.1).
//! It must not know where it came from, nor decode anything.

/// Samples a second by index.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const LOW_COMPLEXITY: u32 = 2;
/// Spectral band replication and parametric stereo: HE-AAC, and its second version.
const REPLICATION: [u32; 2] = [5, 29];
/// What comes before replication that is told behind the rest.
const SYNC_EXTENSION: u32 = 0x2b7;

/// What outputs must know of AAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AacConfig {
    /// Samples a second, before replication.
    pub rate: u32,
    pub channels: u8,
    /// Samples of a frame, before replication.
    pub frame: u32,
    /// Whether half of the spectrum comes by replication: decoders of AAC-LC alone lack it.
    pub is_high_efficiency: bool,
}

/// Why a configuration is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("the configuration of the sound cannot be read")]
    Unreadable,
    /// Neither AAC-LC nor HE-AAC.
    #[error("AAC of object type {0}")]
    ObjectType(u32),
}

impl AacConfig {
    /// Reads a whole configuration.
    pub(crate) fn read(specific: &[u8]) -> Result<Self, Unusable> {
        let bits = &mut Bits { bytes: specific, at: 0 };
        let mut object_type = bits.object_type()?;
        let rate = bits.rate()?;
        let channels = match bits.take(4)? {
            channels @ 1..=6 => channels as u8,
            7 => 8,
            _ => return Err(Unusable::Unreadable),
        };
        let mut is_high_efficiency = REPLICATION.contains(&object_type);
        if is_high_efficiency {
            let _rate_after = bits.rate()?;
            object_type = bits.object_type()?;
        }
        if object_type != LOW_COMPLEXITY {
            return Err(Unusable::ObjectType(object_type));
        }
        let frame = if bits.take(1)? == 1 { 960 } else { 1024 };
        if bits.take(1)? == 1 {
            let _delay_of_core = bits.take(14)?;
        }
        let _extension = bits.take(1)?;
        is_high_efficiency |= bits.tells_replication().unwrap_or(false);
        Ok(AacConfig { rate, channels, frame, is_high_efficiency })
    }
}

/// The bits that are left, the highest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Result<u32, Unusable> {
        let bit = |at: usize| Some(u32::from(self.bytes.get(at / 8)? >> (7 - at % 8) & 1));
        let number = (self.at..self.at + count).try_fold(0, |number, at| Some(number << 1 | bit(at)?));
        self.at += count;
        number.ok_or(Unusable::Unreadable)
    }

    fn object_type(&mut self) -> Result<u32, Unusable> {
        match self.take(5)? {
            31 => Ok(32 + self.take(6)?),
            short => Ok(short),
        }
    }

    fn rate(&mut self) -> Result<u32, Unusable> {
        let rate = match self.take(4)? {
            15 => self.take(24)?,
            index => *RATES.get(index as usize).ok_or(Unusable::Unreadable)?,
        };
        if (7350..=96_000).contains(&rate) { Ok(rate) } else { Err(Unusable::Unreadable) }
    }

    /// Whether replication is told behind the rest, where decoders that know nothing of it do not look.
    fn tells_replication(&mut self) -> Result<bool, Unusable> {
        Ok(self.take(11)? == SYNC_EXTENSION
            && REPLICATION.contains(&self.object_type()?)
            && self.take(1)? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LC_48: AacConfig = AacConfig { rate: 48_000, channels: 2, frame: 1024, is_high_efficiency: false };

    #[test]
    fn what_encoders_say_is_read() {
        let of_obs = AacConfig::read(&[0x11, 0x90]);
        let of_ffmpeg = AacConfig::read(&[0x11, 0x90, 0x56, 0xe5, 0x00]);
        assert_eq!((of_obs, of_ffmpeg), (Ok(LC_48), Ok(LC_48)));
        assert_eq!(AacConfig::read(&[0x12, 0x08]), Ok(AacConfig { rate: 44_100, channels: 1, ..LC_48 }));
    }

    #[test]
    fn replication_is_seen_where_it_is_told_first_and_where_it_is_told_last() {
        let high = AacConfig { rate: 24_000, is_high_efficiency: true, ..LC_48 };
        // Object type 5, rate 24,000, 2 channels, rate 48,000, object type 2.
        assert_eq!(AacConfig::read(&[0x2b, 0x11, 0x88, 0x00]), Ok(high));
        assert_eq!(AacConfig::read(&[0x13, 0x10, 0x56, 0xe5, 0xa0]), Ok(high));
    }

    #[test]
    fn a_rate_that_is_told_in_full_must_be_one_that_can_be() {
        let told = |rate: u32| {
            let bits = u64::from(2_u8) << 59 | 15 << 55 | u64::from(rate) << 31 | 2 << 27;
            AacConfig::read(&bits.to_be_bytes())
        };
        assert_eq!(told(48_000), Ok(LC_48));
        for rate in [0, 7349, 96_001, 0xFF_FFFF] {
            assert_eq!(told(rate), Err(Unusable::Unreadable));
        }
    }

    #[test]
    fn other_kinds_and_what_ends_early_are_of_no_use() {
        assert_eq!(AacConfig::read(&[0x09, 0x90]), Err(Unusable::ObjectType(1)));
        assert_eq!(AacConfig::read(&[0xf8, 0xe6, 0x40, 0]), Err(Unusable::ObjectType(39)));
        assert_eq!(AacConfig::read(&[0x11, 0x80]), Err(Unusable::Unreadable));
        assert_eq!(AacConfig::read(&[0x11]), Err(Unusable::Unreadable));
        assert_eq!(AacConfig::read(&[]), Err(Unusable::Unreadable));
    }
}
