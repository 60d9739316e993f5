//! By which clock a file of comments goes: that of the stream, or that of its recording, where the time between two runs is missing.
//! It must not know formats.

use crate::store::recordings::{Run, placed};

/// Where a part of a recording is on both clocks, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    offset_ms: i64,
    media_ms: i64,
    /// On the clock of the stream.
    end_ms: i64,
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
    /// Of these runs, one after the other. How long one is that is under way the table says late; all that is said meanwhile is
    /// said in it.
    pub(super) fn of(runs: &[Run]) -> Self {
        let goes_on = |run: &Run| run.is_open && Some(run) == runs.last();
        let part = |(media_ms, run): (i64, &Run)| Part {
            offset_ms: run.offset_ms,
            media_ms,
            end_ms: if goes_on(run) { i64::MAX } else { run.offset_ms + run.size.duration_ms },
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
                let within = parts.iter().find(|part| (part.offset_ms..part.end_ms).contains(&at))?;
                Some(within.media_ms + at - within.offset_ms)
            }
        }
    }
}

impl Part {
    /// How much of it is over at that time of the stream.
    fn shown_until(&self, at: i64) -> i64 {
        at.clamp(self.offset_ms, self.end_ms) - self.offset_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Millis, StreamId},
        store::recordings::{Keeper, RunId, Size},
    };

    /// Of when each was on air, where it is in the film, and how long.
    fn parts(of: &[(i64, i64, i64)]) -> Parts {
        let part = |&(offset_ms, media_ms, duration_ms): &(i64, i64, i64)| Part {
            offset_ms,
            media_ms,
            end_ms: offset_ms + duration_ms,
        };
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

    /// The first part is over, the second is under way, and the table has heard of six seconds of each.
    fn under_way() -> [Run; 2] {
        let run = |number, offset_ms, is_open| Run {
            id: RunId { stream: StreamId::new(), run: number },
            keeper: Keeper { node: "a".to_owned(), url: None },
            offset_ms,
            size: Size { duration_ms: 6_000, bytes: 1 },
            codecs: String::new(),
            width: 1,
            height: 1,
            is_open,
            created_at: Millis(0),
        };
        [run(1, 1_000, false), run(2, 31_000, true)]
    }

    #[test]
    fn what_is_said_while_a_part_is_under_way_is_said_in_it() {
        let runs = under_way();
        let said = [Some(500), Some(9_000), Some(32_000), Some(41_000)];
        let whole = Times::Recording(Parts::of(&runs));
        assert_eq!(said.map(|at| whole.of(at)), [Some(0), Some(6_000), Some(7_000), Some(16_000)]);
        let second = Times::Part(Parts::of(&runs[1..]));
        assert_eq!(said.map(|at| second.of(at)), [None, None, Some(1_000), Some(10_000)]);
    }

    #[test]
    fn of_one_part_alone_only_what_was_said_in_it_comes() {
        let times = Times::Part(parts(&[(31_000, 0, 5_000)]));
        let said = [None, Some(30_999), Some(31_000), Some(35_999), Some(36_000)];
        assert_eq!(said.map(|at| times.of(at)), [None, None, Some(0), Some(4_999), None]);
    }
}
