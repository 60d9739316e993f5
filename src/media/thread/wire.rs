//! Publishers and viewers as the hub reaches them: WebRTC peers and encoders alike.
//! It must not know streams.

use super::encoders::Encoders;
use crate::{
    media::{
        hub::Peers,
        packet::{Packet, PeerId},
        webrtc::PeerTable,
    },
    metrics::Metrics,
};
use std::time::{Duration, Instant};

/// Both tables, with who was closed while they were reached through this.
pub(super) struct Wire<'a> {
    pub peers: &'a mut PeerTable,
    pub encoders: &'a mut Encoders,
    pub metrics: &'a Metrics,
    pub now: Instant,
    pub closed: Vec<PeerId>,
}

impl Peers for Wire<'_> {
    fn send(&mut self, to: PeerId, packet: Packet) {
        self.peers.write(to, packet);
    }

    fn ask_keyframe(&mut self, of: PeerId) {
        self.peers.ask_keyframe(of);
    }

    fn close(&mut self, peer: PeerId) {
        if !self.encoders.close(peer) {
            self.peers.close(peer, self.now);
        }
        self.closed.push(peer);
    }

    fn first_picture(&mut self, after: Duration) {
        self.metrics.media_bursts.inc();
        self.metrics.media_join_seconds.observe(after.as_secs_f64());
    }
}
