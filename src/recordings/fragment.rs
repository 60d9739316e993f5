//! What is kept, piece by piece.
//! It must not know where it comes from, nor where it goes.

use crate::domain::Millis;
use bytes::Bytes;

/// A part of a picture, as short as it is cut: so much of it is lost at most where the program is killed.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    /// Names the run that it belongs to: what has one name is decoded with one head, and has no holes.
    pub run: u64,
    /// What it is decoded with.
    pub head: Bytes,
    /// As playlists name them.
    pub codecs: String,
    /// Of its pictures, in pixels.
    pub size: (u16, u16),
    /// When its first picture came.
    pub date: Millis,
    /// How long it shows, in ticks of pictures: 90,000 a second.
    pub ticks: u32,
    /// Whether decoding can begin with it.
    pub is_key: bool,
    /// Whether it is the first of a segment, which players fetch as a whole.
    pub begins_segment: bool,
    pub bytes: Bytes,
}
