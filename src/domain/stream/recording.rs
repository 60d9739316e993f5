//! Whether something is kept of a stream's picture.
//! It must not know where.

use super::words;

words! {
    /// What there is of a stream's picture after it was on air.
    pub(crate) RecordingState {
        /// Nothing is kept.
        None = "none",
        /// Something is kept, and more may come.
        Recording = "recording",
        /// All there will be is there.
        Ready = "ready",
    }
}
