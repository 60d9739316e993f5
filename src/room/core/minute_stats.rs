//! What a room counts by the minute, for the host's graph.
//! It must not know how it is stored.

/// The minute that is running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minutes {
    /// The most viewers so far.
    pub viewers: i64,
    /// Comments so far.
    pub comments: i64,
}

impl Minutes {
    /// Ends the minute; the next one begins with those who are here.
    pub fn end(&mut self, viewers: i64) -> Minutes {
        std::mem::replace(self, Minutes { viewers, comments: 0 })
    }
}
