//! What a room counts by the minute, for the host's graph.
//! It must not know how it is stored.

/// The minute that is running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MinuteStats {
    /// The most viewers so far.
    pub viewers: i64,
    /// Comments so far.
    pub comments: i64,
}

impl MinuteStats {
    /// Ends the minute; the next one begins with those who are here.
    pub(crate) fn end(&mut self, viewers: i64) -> MinuteStats {
        std::mem::replace(self, MinuteStats { viewers, comments: 0 })
    }
}
