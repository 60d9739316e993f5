//! What players fetch, from any thread, and how long they wait for what is not there yet.
//! It must not know HTTP.

use super::{
    playlist,
    query::Wanted,
    window::{Segment, Window},
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// How many parts past the last one may be waited for: three seconds of parts as short as any (RFC 8216bis, 6.2.5.2).
const PARTS_AHEAD: u32 = 30;
/// How many target durations anything is waited for.
const TARGETS_WAITED: u32 = 3;

/// Reads what the muxer of one stream makes; cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    window: watch::Receiver<Arc<Window>>,
}

/// Why something is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotServed {
    /// It was never there, or is no longer: 404.
    #[error("there is no such file")]
    NotFound,
    /// It is too far in the future to wait for: 400.
    #[error("that is too far in the future")]
    TooFar,
    /// It has not come in time: 503.
    #[error("it has not come in time")]
    NotYet,
}

/// What a look at the window has shown; none where it must be looked at again.
type Seen<T> = Option<Result<T, NotServed>>;

impl Reader {
    pub(super) fn new(window: watch::Receiver<Arc<Window>>) -> Self {
        Self { window }
    }

    /// `master.m3u8`, whose only variant is `live.m3u8`. Waits for the first whole segment.
    pub(crate) async fn master(&self, patience: Duration) -> Result<Bytes, NotServed> {
        let text = |window: &Window| playlist::master(window).map(|text| Ok(text.into()));
        self.wait(patience, text).await
    }

    /// `live.m3u8`, once it has what is wanted, but waits for no longer than three target durations; and not at all for
    /// [`Wanted::Now`].
    pub(crate) async fn playlist(&self, wanted: Wanted, patience: Duration) -> Result<Bytes, NotServed> {
        self.wait(patience, |window| playlist_of(window, wanted)).await
    }

    /// `{run}/init.mp4`, what a player begins with.
    pub(crate) fn init(&self, run: u64) -> Result<Bytes, NotServed> {
        let window = self.now();
        let heads = window.segments.iter().map(|segment| &segment.head);
        let mut heads = heads.chain(window.open.iter().map(|open| &open.head)).chain(&window.running);
        heads.find(|head| head.run == run).map(|head| head.init.clone()).ok_or(NotServed::NotFound)
    }

    /// `{run}/{n}.m4s`, a whole segment.
    pub(crate) fn segment(&self, run: u64, n: u64) -> Result<Bytes, NotServed> {
        let window = self.now();
        segment(&window, run, n).map(|segment| segment.whole.clone()).ok_or(NotServed::NotFound)
    }

    /// `{run}/{n}.{k}.m4s`, a part of a segment; waits for the one that comes next.
    pub(crate) async fn part(
        &self,
        run: u64,
        n: u64,
        k: u32,
        patience: Duration,
    ) -> Result<Bytes, NotServed> {
        self.wait(patience, |window| part_of(window, run, n, k)).await
    }

    /// The last keyframe as a video of one picture; none where it has more than 512 KiB.
    pub(crate) fn poster(&self) -> Result<Bytes, NotServed> {
        self.now().poster.clone().ok_or(NotServed::NotFound)
    }

    fn now(&self) -> Arc<Window> {
        self.window.borrow().clone()
    }

    /// Looks at every window until one shows something.
    async fn wait<T>(&self, patience: Duration, look: impl Fn(&Window) -> Seen<T>) -> Result<T, NotServed> {
        let mut window = self.window.clone();
        let begun = Instant::now();
        loop {
            let now = window.borrow_and_update().clone();
            if let Some(seen) = look(&now) {
                return seen;
            }
            let deadline = begun + bounded(patience, &now);
            match timeout_at(deadline, window.changed()).await {
                Ok(Ok(())) => {}
                // The muxer is gone.
                Ok(Err(_)) => return Err(NotServed::NotFound),
                Err(_) => return Err(NotServed::NotYet),
            }
        }
    }
}

/// How long anything of a window is waited for.
fn bounded(patience: Duration, window: &Window) -> Duration {
    patience.min(window.target_duration() * TARGETS_WAITED)
}

fn playlist_of(window: &Window, wanted: Wanted) -> Seen<Bytes> {
    let (next, parts) = (window.next, window.open_parts() as u32);
    let asked = match wanted {
        Wanted::Now => None,
        Wanted::Segment(n) => Some((n, 0)),
        Wanted::Part(n, k) => Some((n, k)),
    };
    let is_there = !window.playlist.is_empty();
    if window.has_ended {
        return Some(if is_there { Ok(window.playlist.clone()) } else { Err(NotServed::NotFound) });
    }
    let is_too_far = |(n, k): (u64, u32)| n > next + 1 || k > PARTS_AHEAD + if n == next { parts } else { 0 };
    if is_there && asked.is_some_and(|(n, k)| n >= next && is_too_far((n, k))) {
        return Some(Err(NotServed::TooFar));
    }
    let has_wanted = match wanted {
        Wanted::Now if !is_there => return Some(Err(NotServed::NotYet)),
        Wanted::Now => true,
        Wanted::Segment(n) => n < next,
        Wanted::Part(n, k) => has_part(window, n, k),
    };
    (is_there && has_wanted).then(|| Ok(window.playlist.clone()))
}

/// Whether a part is there; one past the last of its segment is the first of the next (RFC 8216bis, 6.2.5.2).
fn has_part(window: &Window, n: u64, k: u32) -> bool {
    let has_more = |parts: usize| parts > k as usize;
    match n.cmp(&window.next) {
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => has_more(window.open_parts()),
        std::cmp::Ordering::Less => {
            let last = window.segments.back().filter(|last| last.n == n);
            last.is_none_or(|last| has_more(last.parts.len())) || window.open.is_some()
        }
    }
}

fn segment(window: &Window, run: u64, n: u64) -> Option<&Arc<Segment>> {
    window.segments.iter().find(|segment| segment.n == n && segment.head.run == run)
}

fn part_of(window: &Window, run: u64, n: u64, k: u32) -> Seen<Bytes> {
    let whole = segment(window, run, n).map(Arc::as_ref);
    let open = window.open.as_ref().filter(|open| open.n == n && open.head.run == run);
    if let Some(part) = whole.or(open).and_then(|segment| segment.parts.get(k as usize)) {
        return Some(Ok(part.bytes.clone()));
    }
    let is_hinted = window.running.as_ref().is_some_and(|head| head.run == run)
        && (n, k as usize) == (window.next, window.open_parts());
    (!is_hinted).then_some(Err(NotServed::NotFound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_waited_for_longer_than_three_target_durations_or_the_callers_patience() {
        let seconds = Duration::from_secs;
        let mut window = Window::new();
        assert_eq!(bounded(seconds(60), &window), seconds(6));
        window.target = 9;
        assert_eq!([60, 10].map(|patience| bounded(seconds(patience), &window)), [27, 10].map(seconds));
    }
}
