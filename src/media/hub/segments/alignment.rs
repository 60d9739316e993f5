//! When a piece of sound begins, counted from the first picture: the two tracks of WebRTC have clocks of their own.
//! It must not know what is in a packet, nor read the clock.

use crate::media::packet::{Codec, Packet, Report, ticks_between};
use std::time::Instant;

/// So far apart, in ticks of sound (30 ms), what arrival says and what the sender reports is heard.
const HEARD_TICKS: i64 = 1440;

/// The two tracks of one run.
#[derive(Debug, Default)]
pub(crate) struct Alignment {
    /// Timestamp of the first picture, and when it came.
    origin: Option<(u32, Instant)>,
    pictures: Option<Report>,
    sound: Option<Sound>,
}

/// The sound since it began.
#[derive(Debug)]
struct Sound {
    newest: u32,
    /// Of the newest, since the first.
    ticks: i64,
    /// When the first begins in the run.
    begins: i64,
    is_reported: bool,
    /// What has been given ends here.
    given_to: i64,
}

impl Alignment {
    /// A run begins with a picture of this timestamp.
    pub(crate) fn begin(&mut self, origin: u32, now: Instant) {
        *self = Self { origin: Some((origin, now)), pictures: self.pictures, sound: None };
    }

    /// A packet of pictures may tell what its sender's clock says.
    pub(crate) fn picture(&mut self, packet: &Packet) {
        self.pictures = packet.report.or(self.pictures);
    }

    /// When a piece of so many ticks begins in the run; none before that, and for what overlaps what was given already.
    pub(crate) fn sound(&mut self, packet: &Packet, length: u32) -> Option<i64> {
        let (origin, came) = self.origin?;
        let sound = self.sound.get_or_insert_with(|| {
            let after = packet.arrived.saturating_duration_since(came);
            let begins = (after.as_secs_f64() * f64::from(Codec::Opus.clock())) as i64;
            Sound { newest: packet.at, ticks: 0, begins, is_reported: false, given_to: 0 }
        });
        sound.ticks += i64::from(ticks_between(sound.newest, packet.at));
        sound.newest = packet.at;
        if let (false, Some(pictures), Some(reported)) = (sound.is_reported, self.pictures, packet.report) {
            sound.is_reported = true;
            let reported = reported_begin(origin, pictures, packet.at, reported) - sound.ticks;
            if (reported - sound.begins).abs() > HEARD_TICKS {
                sound.begins = reported;
            }
        }
        let at = sound.begins + sound.ticks;
        if at < sound.given_to {
            return None;
        }
        sound.given_to = at + i64::from(length);
        Some(at)
    }
}

/// Ticks of sound from the first picture to a piece of sound, by the clock that the sender reports for both.
fn reported_begin(origin: u32, pictures: Report, at: u32, sound: Report) -> i64 {
    let seconds = |ticks: i32, codec: Codec| f64::from(ticks) / f64::from(codec.clock());
    let of_origin = pictures.wall_s + seconds(ticks_between(pictures.at, origin), Codec::H264);
    let of_sound = sound.wall_s + seconds(ticks_between(sound.at, at), Codec::Opus);
    ((of_sound - of_origin) * f64::from(Codec::Opus.clock())).round() as i64
}

/// How long a packet of Opus is, in ticks of 48,000 a second (RFC 6716, 3.1); none for what is no packet.
pub(crate) fn opus_ticks(packet: &[u8]) -> Option<u32> {
    let &[toc, ref rest @ ..] = packet else { return None };
    let frame = match toc >> 3 {
        config @ 0..12 => [480, 960, 1920, 2880][usize::from(config % 4)],
        config @ 12..16 => [480, 960][usize::from(config % 2)],
        config => [120, 240, 480, 960][usize::from(config % 4)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*rest.first()? & 0x3f),
    };
    // At most 120 ms.
    Some(frame * frames).filter(|ticks| (1..=5760).contains(ticks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn packet(codec: Codec, at: u32, arrived: Instant, report: Option<Report>) -> Packet {
        Packet { codec, seq: 0, at, marker: false, payload: vec![0].into(), arrived, report }
    }

    #[test]
    fn before_reports_arrival_counts_and_then_the_senders_clock() {
        let (start, mut run) = (Instant::now(), Alignment::default());
        let later = |ms| start + Duration::from_millis(ms);
        assert_eq!(run.sound(&packet(Codec::Opus, 5, start, None), 960), None, "no picture yet");
        run.begin(900_000, later(100));
        assert_eq!(run.sound(&packet(Codec::Opus, 1000, later(110), None), 960), Some(480));
        assert_eq!(
            run.sound(&packet(Codec::Opus, 1960, later(190), None), 960),
            Some(1440),
            "jitter is none of it"
        );
        // The picture at 900,000 was taken at 10 s of the sender's clock, the sound at 2,920 at 10.15 s.
        run.picture(&packet(Codec::H264, 990_000, start, Some(Report { wall_s: 11.0, at: 990_000 })));
        let report = Some(Report { wall_s: 10.15, at: 2920 });
        assert_eq!(run.sound(&packet(Codec::Opus, 2920, later(200), report), 960), Some(7200));
        assert_eq!(run.sound(&packet(Codec::Opus, 3880, later(200), report), 960), Some(8160));
    }

    #[test]
    fn what_would_overlap_is_left_out() {
        let (start, mut run) = (Instant::now(), Alignment::default());
        run.begin(0, start);
        run.picture(&packet(Codec::H264, 0, start, Some(Report { wall_s: 10.0, at: 0 })));
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert_eq!(run.sound(&packet(Codec::Opus, 0, at(200), None), 960), Some(9600));
        let report = Some(Report { wall_s: 10.1, at: 0 });
        let times = (1..8).map(|n| run.sound(&packet(Codec::Opus, n * 960, at(220), report), 960));
        let expected = [None, None, None, None, None, Some(4800 + 6 * 960), Some(4800 + 7 * 960)];
        assert_eq!(times.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_packet_says_how_long_it_is() {
        let celt_20ms_stereo = 0xfc;
        assert_eq!(opus_ticks(&[celt_20ms_stereo, 1]), Some(960));
        assert_eq!(opus_ticks(&[0x78 | 1, 1]), Some(1920));
        assert_eq!(opus_ticks(&[0x80 | 3, 4]), Some(480));
        assert_eq!((opus_ticks(&[]), opus_ticks(&[3]), opus_ticks(&[0x1b, 63])), (None, None, None));
    }
}
