//! When a source is asked for a keyframe: not too often, until one comes, and not at all where it never helps.
//! It must not know how it is asked, nor read the clock.

use std::time::{Duration, Instant};

/// Each keyframe costs the host's uplink.
const APART: Duration = Duration::from_millis(500);
/// Who answers, does so within this.
const ANSWER: Duration = Duration::from_secs(1);
/// So many times without an answer say that a source hears no requests, as OBS.
const IGNORED_MAX: u8 = 3;
/// Such a one is asked again after this: a network that lost all requests may have been the cause.
const DEAF_FOR: Duration = Duration::from_secs(30);

/// The requests to one source.
#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    /// Its protocol has no such request.
    cannot_be_asked: bool,
    is_wanted: bool,
    asked: Option<Instant>,
    /// Since when an answer is waited for.
    waiting_since: Option<Instant>,
    ignored: u8,
}

impl KeyframeRequests {
    /// For a source that cannot be asked.
    pub(crate) fn deaf() -> Self {
        Self { cannot_be_asked: true, ..Self::default() }
    }

    /// Somebody needs a keyframe.
    pub(crate) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// A keyframe has come.
    pub(crate) fn seen(&mut self) {
        self.is_wanted = false;
        if self.waiting_since.take().is_some() {
            self.ignored = 0;
        }
    }

    /// Whether requests are of no use.
    pub(crate) fn is_deaf(&self) -> bool {
        self.cannot_be_asked || self.ignored >= IGNORED_MAX
    }

    /// Whether the source is to be asked now; it is then taken to have been.
    pub(crate) fn ask(&mut self, now: Instant) -> bool {
        let passed = |since: Option<Instant>| since.map(|since| now.saturating_duration_since(since));
        if passed(self.waiting_since).is_some_and(|passed| passed > ANSWER) {
            self.waiting_since = None;
            self.ignored = self.ignored.saturating_add(1);
        }
        let apart = if self.is_deaf() { DEAF_FOR } else { APART };
        let is_too_soon = passed(self.asked).is_some_and(|passed| passed < apart);
        if !self.is_wanted || self.cannot_be_asked || is_too_soon {
            return false;
        }
        self.asked = Some(now);
        self.waiting_since.get_or_insert(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The milliseconds, in steps of 50, at which a source is asked.
    fn asked(requests: &mut KeyframeRequests, start: Instant, ms: std::ops::Range<u64>) -> Vec<u64> {
        let at = |ms: &u64| requests.ask(start + Duration::from_millis(*ms));
        ms.step_by(50).filter(at).collect()
    }

    #[test]
    fn requests_are_apart_and_none_is_lost() {
        let (start, mut requests) = (Instant::now(), KeyframeRequests::default());
        assert_eq!(asked(&mut requests, start, 0..100), [0; 0]);
        requests.want();
        assert_eq!(asked(&mut requests, start, 100..200), [100]);
        requests.seen();
        assert_eq!(asked(&mut requests, start, 200..300), [0; 0]);
        requests.want();
        assert_eq!(asked(&mut requests, start, 300..1000), [600], "asked for too soon, and not forgotten");
    }

    #[test]
    fn a_source_that_never_answers_is_deaf() {
        let (start, mut requests) = (Instant::now(), KeyframeRequests::default());
        requests.want();
        let times = asked(&mut requests, start, 0..20_000);
        assert!(times.len() >= 3 && times.last() < Some(&5000), "{times:?}");
        assert!(requests.is_deaf());
        requests.seen();
        requests.want();
        assert_eq!(asked(&mut requests, start, 20_000..30_000), [0; 0], "its keyframe was no answer");
        let again = times[times.len() - 1] + 30_000;
        assert_eq!(asked(&mut requests, start, 30_000..again + 50), [again], "it may have been the network");
        requests.seen();
        assert!(!requests.is_deaf());
    }

    #[test]
    fn an_answer_shows_that_it_hears() {
        let (start, mut requests) = (Instant::now(), KeyframeRequests::default());
        for round in 0..10 {
            requests.want();
            assert!(!asked(&mut requests, start, round * 2000..round * 2000 + 700).is_empty());
            requests.seen();
        }
        assert!(!requests.is_deaf());
        let mut deaf = KeyframeRequests::deaf();
        deaf.want();
        assert_eq!(asked(&mut deaf, start, 0..40_000), [0; 0]);
    }
}
