//! Where packets and requests of streams go.
//! It must not know how they get there.

use crate::media::packet::{Packet, PeerId};
use std::time::Duration;

/// The publishers and viewers of all streams.
pub(crate) trait Peers {
    /// A packet for a viewer.
    fn send(&mut self, to: PeerId, packet: Packet);
    /// A request to a publisher for a keyframe.
    fn ask_keyframe(&mut self, of: PeerId);
    /// The end of a peer, which is told if it can be.
    fn close(&mut self, peer: PeerId);
    /// A viewer has been sent its first picture, so long after it came.
    fn first_picture(&mut self, after: Duration);
}
