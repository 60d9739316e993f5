//! Whether a stream has a picture: none, waiting, live or stalled.
//! It must not know who sends or sees it, nor read the clock.

use crate::domain::stream::picture::PictureState;
use std::time::{Duration, Instant};

/// Silent for so long, a picture is stalled.
const STALLED_AFTER: Duration = Duration::from_secs(2);
/// Stalled or waiting in vain for so long, there is none.
const NONE_AFTER: Duration = Duration::from_secs(30);
/// Without a keyframe for so long, a publisher has nothing to see: it sends sound alone, or nothing.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// Silent for so long, a publisher may be replaced: OBS comes back after 2 s, while ICE needs 13 to notice that it went.
const REPLACEABLE_AFTER: Duration = Duration::from_millis(1500);

/// The state of one stream's picture.
#[derive(Debug)]
pub(crate) struct State {
    state: PictureState,
    /// When the publisher that is there was last heard, or let in; none without one.
    heard: Option<Instant>,
    /// Whether a keyframe of that publisher has come.
    has_keyframe: bool,
    since: Instant,
    /// When the last publisher was let in.
    begun: Instant,
    /// Whether a keyframe has been waited for in vain so far.
    is_blind: bool,
    /// Whether the last publisher sends to another server: it is there until its end is told, and what it sends is not seen here.
    is_elsewhere: bool,
}

impl State {
    /// No picture and no publisher.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            state: PictureState::None,
            heard: None,
            has_keyframe: false,
            since: now,
            begun: now,
            is_blind: false,
            is_elsewhere: false,
        }
    }

    pub(crate) fn state(&self) -> PictureState {
        self.state
    }

    /// Since when it has been what it is.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// Whether there may be something to see here, now or in a moment.
    pub(crate) fn may_show(&self) -> bool {
        self.state != PictureState::None && !self.is_blind && !self.is_elsewhere
    }

    /// Whether another publisher may take its place without being asked for.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.heard.is_none_or(|heard| now.saturating_duration_since(heard) >= REPLACEABLE_AFTER)
    }

    /// Whether a publisher sends, but nothing that can be shown.
    pub(crate) fn is_unseen(&self, now: Instant) -> bool {
        self.is_blind && !self.is_free(now)
    }

    /// A publisher is let in. What viewers see of one before it stays, until this one sends or the time for that is over.
    /// One that sends to another server is seen at once, as far as anybody here knows.
    pub(crate) fn begins(&mut self, is_elsewhere: bool, now: Instant) {
        self.heard = Some(now);
        self.has_keyframe = is_elsewhere;
        self.begun = now;
        self.is_blind = false;
        self.is_elsewhere = is_elsewhere;
        match self.state {
            _ if is_elsewhere => self.become_(PictureState::Live, now),
            PictureState::None => self.become_(PictureState::Waiting, now),
            _ => {}
        }
    }

    /// The publisher has sent something.
    pub(crate) fn hears(&mut self, now: Instant) {
        self.heard = Some(now);
        if self.state == PictureState::Stalled && self.has_keyframe {
            self.become_(PictureState::Live, now);
        }
    }

    /// A keyframe of the publisher has begun.
    pub(crate) fn shows(&mut self, now: Instant) {
        self.heard = Some(now);
        self.has_keyframe = true;
        self.is_blind = false;
        if self.state != PictureState::Live {
            self.become_(PictureState::Live, now);
        }
    }

    /// The publisher is gone, with a goodbye or without.
    pub(crate) fn ends(&mut self, said_goodbye: bool, now: Instant) {
        self.heard = None;
        let is_seen = matches!(self.state, PictureState::Live | PictureState::Stalled);
        if said_goodbye || !is_seen {
            self.become_(PictureState::None, now);
        } else if self.state == PictureState::Live {
            self.become_(PictureState::Stalled, now);
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant) {
        if self.is_elsewhere && self.heard.is_some() {
            self.heard = Some(now);
        }
        let silent_for = self.heard.map(|heard| now.saturating_duration_since(heard));
        // Who comes while a picture is stalled has a time of their own: that of the one before is no end of theirs.
        let waited_since = self.heard.map_or(self.since, |heard| heard.max(self.since));
        let in_vain = now.saturating_duration_since(waited_since) >= NONE_AFTER;
        let is_waiting = self.state == PictureState::Waiting;
        self.is_blind = is_waiting && now.saturating_duration_since(self.begun) >= SHOWN_WITHIN;
        match self.state {
            PictureState::Live if silent_for.is_none_or(|silent| silent >= STALLED_AFTER) => {
                self.become_(PictureState::Stalled, now);
            }
            PictureState::Stalled if in_vain => self.become_(PictureState::None, now),
            PictureState::Waiting if silent_for.is_none_or(|silent| silent >= NONE_AFTER) => {
                self.become_(PictureState::None, now);
            }
            _ => {}
        }
    }

    fn become_(&mut self, state: PictureState, now: Instant) {
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PictureState::{Live, None, Stalled, Waiting};

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_picture_is_waiting_then_live_then_stalled_then_none() {
        let start = Instant::now();
        let mut picture = State::new(start);
        picture.begins(false, start);
        assert_eq!(picture.state(), Waiting);
        picture.hears(after(start, 100));
        assert_eq!(picture.state(), Waiting);
        picture.shows(after(start, 200));
        picture.tick(after(start, 2199));
        assert_eq!(picture.state(), Live, "heard 2,099 ms ago, but shown 1,999");
    }

    #[test]
    fn what_goes_to_another_server_is_live_until_its_end_is_told() {
        let start = Instant::now();
        let mut picture = State::new(start);
        picture.begins(true, start);
        assert!(picture.state() == Live && !picture.may_show(), "it is not here");
        for second in 1..=60 {
            picture.tick(after(start, second * 1000));
        }
        assert!(picture.state() == Live && !picture.is_free(after(start, 60_000)));
        picture.ends(false, after(start, 60_000));
        assert!(picture.state() == Stalled && picture.is_free(after(start, 60_000)));
        picture.tick(after(start, 89_999));
        assert!(picture.state() == Stalled && !picture.may_show());
        picture.tick(after(start, 90_000));
        assert_eq!(picture.state(), None);
        picture.begins(false, after(start, 91_000));
        assert!(picture.state() == Waiting && picture.may_show());
    }

    #[test]
    fn silence_stalls_and_packets_bring_it_back() {
        let start = Instant::now();
        let mut picture = State::new(start);
        picture.begins(false, start);
        picture.hears(start);
        picture.shows(start);
        picture.tick(after(start, 1999));
        assert_eq!(picture.state(), Live);
        picture.tick(after(start, 2000));
        assert_eq!(picture.state(), Stalled);
        picture.hears(after(start, 5000));
        assert_eq!((picture.state(), picture.since()), (Live, after(start, 5000)));
        picture.tick(after(start, 7000));
        picture.tick(after(start, 36_999));
        assert_eq!(picture.state(), Stalled);
        picture.tick(after(start, 37_000));
        assert_eq!(picture.state(), None);
    }

    #[test]
    fn a_goodbye_ends_it_at_once() {
        let start = Instant::now();
        for (said_goodbye, then) in [(true, None), (false, Stalled)] {
            let mut picture = State::new(start);
            picture.begins(false, start);
            picture.shows(start);
            picture.ends(said_goodbye, start);
            assert_eq!(picture.state(), then);
        }
        let mut picture = State::new(start);
        picture.begins(false, start);
        picture.ends(false, start);
        assert_eq!(picture.state(), None, "there was nothing to see");
    }

    #[test]
    fn a_silent_publisher_may_be_replaced_and_viewers_keep_what_they_see() {
        let start = Instant::now();
        let mut picture = State::new(start);
        assert!(picture.is_free(start));
        picture.begins(false, start);
        assert!(!picture.is_free(after(start, 1499)));
        assert!(picture.is_free(after(start, 1500)));
        picture.hears(after(start, 1000));
        picture.shows(after(start, 1000));
        assert!(!picture.is_free(after(start, 1500)));
        picture.ends(false, after(start, 3000));
        assert!(picture.is_free(after(start, 3000)));
        picture.begins(false, after(start, 4000));
        picture.hears(after(start, 4100));
        assert_eq!(picture.state(), Stalled, "nothing of the new one can be shown yet");
        picture.shows(after(start, 4200));
        assert_eq!(picture.state(), Live);
    }

    #[test]
    fn who_comes_while_it_is_stalled_has_a_time_of_their_own() {
        let start = Instant::now();
        let stalled = |begun_ms: u64| {
            let mut picture = State::new(start);
            picture.begins(false, start);
            picture.shows(start);
            picture.ends(false, start);
            picture.begins(false, after(start, begun_ms));
            picture
        };
        let mut silent = stalled(29_900);
        silent.tick(after(start, 59_899));
        assert_eq!(silent.state(), Stalled);
        silent.tick(after(start, 59_900));
        assert_eq!(silent.state(), None, "it has never sent");
        let mut sends = stalled(29_900);
        sends.hears(after(start, 59_000));
        sends.tick(after(start, 88_999));
        sends.shows(after(start, 88_999));
        assert_eq!(sends.state(), Live);
        let mut gone = stalled(29_900);
        gone.ends(false, after(start, 40_000));
        gone.tick(after(start, 40_000));
        assert_eq!(gone.state(), None, "nobody is waited for");
    }

    #[test]
    fn nothing_is_waited_for_in_vain() {
        let start = Instant::now();
        let mut picture = State::new(start);
        picture.begins(false, start);
        picture.tick(after(start, 30_000));
        assert_eq!(picture.state(), None);
    }
}
