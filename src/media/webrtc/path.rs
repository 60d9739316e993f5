//! Where a peer is sent to: at the address that its connection has chosen, or at the one where it is heard since.
//! It must not know what is sent, nor who may have an address.

use super::demux::Remote;
use std::time::{Duration, Instant};

/// A peer writes once a second (its reports), so that an address silent for longer is one that its NAT has given up. What others write
/// from their own, with a question of the peer that they have read on its way, moves nothing while the peer itself is heard.
const SILENT: Duration = Duration::from_secs(2);

/// The way to one peer. A connection here asks nothing by itself (ICE-lite), and keeps to the address that it chose until that has been
/// silent for 15 seconds, if the other side does not prefer another one in its priorities; a new port of a NAT is not preferred.
#[derive(Debug)]
pub(super) struct Path {
    chosen: Option<Remote>,
    moved: Option<Remote>,
    /// When something last came by the way that is in use.
    heard: Instant,
}

impl Path {
    pub(super) fn new(now: Instant) -> Self {
        Self { chosen: None, moved: None, heard: now }
    }

    /// Where what the connection has for this address goes.
    pub(super) fn to(&mut self, chosen: Remote) -> Remote {
        if self.chosen != Some(chosen) {
            self.chosen = Some(chosen);
            self.moved = None;
        }
        self.moved.unwrap_or(chosen)
    }

    /// Something has come from an address that is the peer's.
    pub(super) fn heard(&mut self, from: Remote, now: Instant) {
        let is_in_use = self.moved.or(self.chosen).is_none_or(|used| used == from);
        if !is_in_use && now.saturating_duration_since(self.heard) < SILENT {
            return;
        }
        self.moved = self.chosen.filter(|chosen| *chosen != from).map(|_| from);
        self.heard = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use str0m::net::Protocol;

    fn remote(port: u16) -> Remote {
        Remote { proto: Protocol::Udp, address: SocketAddr::from(([192, 0, 2, 1], port)) }
    }

    #[test]
    fn what_a_connection_has_goes_where_its_peer_is_heard_once_the_address_before_is_silent() {
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let mut path = Path::new(begun);
        path.heard(remote(1), at(0));
        assert_eq!(path.to(remote(1)), remote(1));
        path.heard(remote(1), at(1000));
        path.heard(remote(2), at(2999));
        assert_eq!(path.to(remote(1)), remote(1), "both are heard");
        path.heard(remote(2), at(3000));
        assert_eq!(path.to(remote(1)), remote(2));
        path.heard(remote(1), at(4000));
        assert_eq!(path.to(remote(1)), remote(2), "the one before is not taken up again for a late packet");
        path.heard(remote(1), at(5000));
        assert_eq!(path.to(remote(1)), remote(1), "but once it alone is heard");
        path.heard(remote(3), at(7000));
        path.heard(remote(4), at(9000));
        assert_eq!(path.to(remote(1)), remote(4));
    }

    #[test]
    fn another_choice_of_the_connection_is_followed() {
        let now = Instant::now();
        let mut path = Path::new(now);
        path.to(remote(1));
        path.heard(remote(2), now + SILENT);
        assert_eq!(
            (path.to(remote(1)), path.to(remote(3)), path.to(remote(3))),
            (remote(2), remote(3), remote(3))
        );
    }
}
