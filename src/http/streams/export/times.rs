//! By which clock a file of comments goes: that of the stream, or that of its recording, where the time between two runs is missing.
//! It must not know formats.

use crate::store::recordings::{Run, placed};

/// Where a part of a recording is on both clocks, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    offset_ms: i64,
    media_ms: i64,
    duration_ms: i64,
}

/// Gives comments their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// As they were said.
    Stream,
    /// As one sees them said in the film. What was said in a hole comes where it is, all at once; nothing is left out.
    Recording(Parts),
    /// The same in one part alone: what was said before it and after it is left out.
    Part(Parts),
}

/// The parts of a recording, the first one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts(Vec<Part>);

impl Parts {
    /// Of these runs, one after the other.
    pub(super) fn of(runs: &[Run]) -> Self {
        let part = |(media_ms, run): (i64, &Run)| Part {
            offset_ms: run.offset_ms,
            media_ms,
            duration_ms: run.size.duration_ms,
        };
        Self(placed(runs).map(part).collect())
    }
}

impl Times {
    /// When a comment comes, in milliseconds; none where it does not. What was said before the start comes at 0.
    pub(super) fn of(&self, offset_ms: Option<i64>) -> Option<i64> {
        let at = offset_ms.unwrap_or(0).max(0);
        match self {
            Times::Stream => Some(at),
            Times::Recording(Parts(parts)) => Some(parts.iter().map(|part| part.shown_until(at)).sum()),
            Times::Part(Parts(parts)) => {
                let within = parts.iter().find(|part| (part.offset_ms..part.end_ms()).contains(&at))?;
                Some(within.media_ms + at - within.offset_ms)
            }
        }
    }
}

impl Part {
    fn end_ms(&self) -> i64 {
        self.offset_ms + self.duration_ms
    }

    /// How much of it is over at that time of the stream.
    fn shown_until(&self, at: i64) -> i64 {
        (at - self.offset_ms).clamp(0, self.duration_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of when each was on air, where it is in the film, and how long.
    fn parts(of: &[(i64, i64, i64)]) -> Parts {
        let part =
            |&(offset_ms, media_ms, duration_ms): &(i64, i64, i64)| Part { offset_ms, media_ms, duration_ms };
        Parts(of.iter().map(part).collect())
    }

    #[test]
    fn what_was_said_in_a_hole_comes_where_it_is() {
        let times = Times::Recording(parts(&[(1_000, 0, 10_000), (31_000, 10_000, 5_000)]));
        let said =
            [None, Some(-5), Some(500), Some(1_500), Some(11_000), Some(20_000), Some(32_000), Some(99_000)];
        assert_eq!(said.map(|at| times.of(at).unwrap()), [0, 0, 0, 500, 10_000, 10_000, 11_000, 15_000]);
        assert_eq!(Times::Stream.of(Some(20_000)), Some(20_000));
    }

    #[test]
    fn of_one_part_alone_only_what_was_said_in_it_comes() {
        let times = Times::Part(parts(&[(31_000, 0, 5_000)]));
        let said = [None, Some(30_999), Some(31_000), Some(35_999), Some(36_000)];
        assert_eq!(said.map(|at| times.of(at)), [None, None, Some(0), Some(4_999), None]);
    }
}
