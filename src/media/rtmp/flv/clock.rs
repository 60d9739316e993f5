//! From the milliseconds of FLV tags to runs, in which time goes on: a clock that leaps begins another.
//! It must not know what is in a tag.

use crate::media::rtmp::refusal::Refusal;

/// A leap over what came last, of either track, that begins a run.
const LEAP_MS: i64 = 10_000;
/// So far a track may step back, as encoders do that round.
const STEP_BACK_MS: i64 = 100;
/// A run that is shorter counts as none, and so many after each other are refused.
const SHORT_RUN_MS: i64 = 1000;
const SHORT_RUNS: u32 = 10;

/// Whose tag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Track {
    Pictures,
    Sound,
}

/// Where a tag is in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The first of a run, at 0.
    Begins,
    /// Milliseconds since the run began.
    At(i64),
    /// Before the run began: sound that nobody misses.
    Before,
}

/// Of one publisher.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The last time as it was told and as it is counted on, past 2^32.
    last: (u32, i64),
    run: Option<Run>,
    short_runs: u32,
}

#[derive(Debug)]
struct Run {
    begin: i64,
    newest: i64,
    /// The newest of each track.
    pictures: Option<i64>,
    sound: Option<i64>,
}

impl Clock {
    /// Finds the place of a tag; `told` is milliseconds modulo 2^32.
    pub(super) fn place(&mut self, told: u32, track: Track) -> Result<Moment, Refusal> {
        let time = self.last.1 + i64::from(told.wrapping_sub(self.last.0) as i32);
        self.last = (told, time);
        match &mut self.run {
            Some(run) if !run.is_left_by(time, track) => Ok(run.place(time, track)),
            _ => self.begin(time, track),
        }
    }

    fn begin(&mut self, time: i64, track: Track) -> Result<Moment, Refusal> {
        if let Some(run) = &self.run {
            let is_short = run.newest - run.begin < SHORT_RUN_MS;
            self.short_runs = if is_short { self.short_runs + 1 } else { 0 };
        }
        if self.short_runs >= SHORT_RUNS {
            return Err(Refusal::Media("its times leap again and again".to_owned()));
        }
        let run = self.run.insert(Run { begin: time, newest: time, pictures: None, sound: None });
        run.place(time, track);
        Ok(Moment::Begins)
    }
}

impl Run {
    /// Whether a tag cannot be of this run.
    fn is_left_by(&self, time: i64, track: Track) -> bool {
        let newest = match track {
            Track::Pictures => self.pictures,
            Track::Sound => self.sound,
        };
        let is_leap = time > self.newest + LEAP_MS;
        let steps_back = newest.is_some_and(|newest| time < newest - STEP_BACK_MS);
        is_leap || steps_back || (track == Track::Pictures && time < self.begin)
    }

    fn place(&mut self, time: i64, track: Track) -> Moment {
        let newest = match track {
            Track::Pictures => &mut self.pictures,
            Track::Sound => &mut self.sound,
        };
        *newest = Some(newest.map_or(time, |newest| newest.max(time)));
        self.newest = self.newest.max(time);
        if time < self.begin { Moment::Before } else { Moment::At(time - self.begin) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Moment::*;
    use Track::*;

    fn places(tags: &[(u32, Track)]) -> Vec<Moment> {
        let mut clock = Clock::default();
        tags.iter().map(|(time, track)| clock.place(*time, *track).unwrap()).collect()
    }

    #[test]
    fn a_run_begins_with_its_first_tag_and_goes_on_past_2_to_the_32() {
        let tags = [(u32::MAX - 9, Pictures), (u32::MAX - 4, Sound), (20, Pictures), (25, Sound)];
        assert_eq!(places(&tags), [Begins, At(5), At(30), At(35)]);
    }

    #[test]
    fn a_leap_of_ten_seconds_is_a_gap_and_a_longer_one_begins_a_run() {
        assert_eq!(places(&[(0, Pictures), (10_000, Pictures)]), [Begins, At(10_000)]);
        assert_eq!(places(&[(0, Pictures), (10_001, Pictures)]), [Begins, Begins]);
        // While the other track goes on, it is a gap however long.
        let paused = [(0, Pictures), (0, Sound), (9000, Sound), (18_000, Sound), (18_000, Pictures)];
        assert_eq!(places(&paused)[4], At(18_000));
    }

    #[test]
    fn a_step_back_of_100_ms_is_borne_and_a_longer_one_begins_a_run() {
        assert_eq!(places(&[(0, Sound), (500, Sound), (400, Sound)]), [Begins, At(500), At(400)]);
        assert_eq!(places(&[(0, Sound), (500, Sound), (399, Sound)]), [Begins, At(500), Begins]);
        // Each track is measured by itself.
        assert_eq!(places(&[(0, Sound), (500, Sound), (10, Pictures)]), [Begins, At(500), At(10)]);
    }

    #[test]
    fn sound_before_the_first_picture_is_left_out_and_a_picture_before_the_first_sound_begins_anew() {
        assert_eq!(places(&[(40, Pictures), (20, Sound), (41, Sound)]), [Begins, Before, At(1)]);
        assert_eq!(places(&[(40, Sound), (20, Pictures), (41, Sound)]), [Begins, Begins, At(21)]);
    }

    #[test]
    fn ten_short_runs_after_each_other_are_refused_and_others_are_not() {
        let mut clock = Clock::default();
        for run in 0..10 {
            assert_eq!(clock.place(run * 20_000, Pictures), Ok(Begins));
        }
        assert!(matches!(clock.place(200_000, Pictures), Err(Refusal::Media(_))));
        let mut clock = Clock::default();
        for run in 0..100 {
            assert_eq!(clock.place(run * 20_000, Pictures), Ok(Begins));
            assert_eq!(clock.place(run * 20_000 + 1000, Pictures), Ok(At(1000)));
        }
    }
}
