//! Which peer a datagram belongs to: by the name that its first ones carry, then by the address they came from.
//! It must not know what is in a datagram beyond that name.

use crate::media::packet::PeerId;
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};
use str0m::{ice::StunMessage, net::Protocol};

/// Addresses that a peer may show in its life. A client shows one for each of its networks, and one more whenever a NAT gives it another
/// port; its connection keeps each of them to its end and searches them one by one, so that without a limit each costs more than the last.
const ADDRESSES_MAX: usize = 16;

/// Attributes of one STUN message. ICE has about ten; reading hundreds would cost more than all else about a datagram.
const ATTRIBUTES_MAX: usize = 32;
/// Before the attributes of a STUN message.
const STUN_HEADER_BYTES: usize = 20;

/// Where a peer's datagrams come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Remote {
    pub proto: Protocol,
    pub address: SocketAddr,
}

/// Whose an address is, and which of ours it writes to: answers must come from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub peer: PeerId,
    pub local: Option<IpAddr>,
}

/// All names and addresses.
#[derive(Debug, Default)]
pub(super) struct Demux {
    by_ufrag: HashMap<String, PeerId>,
    by_remote: HashMap<Remote, Route>,
    of_peer: HashMap<PeerId, Known>,
}

#[derive(Debug, Default)]
struct Known {
    ufrag: String,
    /// All that it ever had, for what the connection keeps of them does not go either.
    shown: Vec<Remote>,
}

impl Demux {
    /// A peer whose first datagrams will carry this name.
    pub(super) fn insert(&mut self, peer: PeerId, ufrag: String) {
        self.by_ufrag.insert(ufrag.clone(), peer);
        self.of_peer.insert(peer, Known { ufrag, shown: Vec::new() });
    }

    /// The peer that a STUN message names, if it is one of ours.
    pub(super) fn named(&self, datagram: &[u8]) -> Option<PeerId> {
        let message = StunMessage::parse(datagram).ok()?;
        let (ufrag, _) = message.split_username()?;
        self.by_ufrag.get(ufrag).copied()
    }

    /// The peer whose address this is, and ours that it uses.
    pub(super) fn route(&self, remote: Remote) -> Option<Route> {
        self.by_remote.get(&remote).copied()
    }

    /// Whether a peer may have this address: it had it before, or has not had too many.
    pub(super) fn admits(&self, peer: PeerId, remote: Remote) -> bool {
        let known = self.of_peer.get(&peer);
        known.is_some_and(|known| known.shown.contains(&remote) || known.shown.len() < ADDRESSES_MAX)
    }

    /// An address has proved to be a peer's, which may have it.
    pub(super) fn validated(&mut self, remote: Remote, route: Route) {
        if !self.admits(route.peer, remote) {
            return;
        }
        let Some(known) = self.of_peer.get_mut(&route.peer) else { return };
        if !known.shown.contains(&remote) {
            known.shown.push(remote);
        }
        self.by_remote.insert(remote, route);
    }

    /// Forgets whose an address is, which nobody writes from any more.
    pub(super) fn forget(&mut self, remote: Remote) {
        self.by_remote.remove(&remote);
    }

    /// Forgets a peer. Returns the addresses that were its own to the end.
    pub(super) fn remove(&mut self, peer: PeerId) -> Vec<Remote> {
        let Some(known) = self.of_peer.remove(&peer) else { return Vec::new() };
        self.by_ufrag.remove(&known.ufrag);
        let mut own = known.shown;
        own.retain(|remote| self.route(*remote).is_some_and(|route| route.peer == peer));
        for remote in &own {
            self.by_remote.remove(remote);
        }
        own
    }
}

/// Whether a datagram is STUN by its first byte (RFC 7983).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|byte| *byte < 4)
}

/// Whether a STUN message has no more attributes than are worth reading; looks at their lengths alone (RFC 8489, section 14).
pub(super) fn has_few_attributes(datagram: &[u8]) -> bool {
    let mut rest = datagram.get(STUN_HEADER_BYTES..).unwrap_or_default();
    for _ in 0..ATTRIBUTES_MAX {
        let Some(&[_, _, high, low]) = rest.first_chunk() else { return true };
        let value = usize::from(u16::from_be_bytes([high, low])).next_multiple_of(4);
        rest = rest.get(4 + value..).unwrap_or_default();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(port: u16) -> Remote {
        Remote { proto: Protocol::Udp, address: SocketAddr::from(([192, 0, 2, 1], port)) }
    }

    fn route(peer: u64) -> Route {
        Route { peer: PeerId(peer), local: None }
    }

    #[test]
    fn an_address_is_whose_it_was_proved_last_and_ends_with_the_peer() {
        let mut demux = Demux::default();
        demux.insert(PeerId(1), "one".to_owned());
        demux.insert(PeerId(2), "two".to_owned());
        demux.validated(remote(1), route(1));
        demux.validated(remote(1), route(2));
        assert_eq!(demux.route(remote(1)), Some(route(2)), "a NAT has given the port to another");
        assert_eq!(demux.remove(PeerId(1)), []);
        assert_eq!(demux.route(remote(1)), Some(route(2)));
        assert_eq!(demux.remove(PeerId(2)), [remote(1)]);
        assert_eq!(demux.route(remote(1)), None);
        assert!(demux.by_ufrag.is_empty() && demux.by_remote.is_empty() && demux.of_peer.is_empty());
        demux.validated(remote(1), route(2));
        assert_eq!(demux.route(remote(1)), None, "who is gone gets no address");
    }

    #[test]
    fn a_peer_has_only_so_many_addresses_and_those_for_its_life() {
        let mut demux = Demux::default();
        demux.insert(PeerId(1), "one".to_owned());
        demux.insert(PeerId(2), "two".to_owned());
        (0..20).for_each(|port| demux.validated(remote(port), route(1)));
        assert_eq!((demux.by_remote.len(), demux.of_peer[&PeerId(1)].shown.len()), (16, 16));
        assert_eq!((demux.route(remote(15)), demux.route(remote(16))), (Some(route(1)), None));
        demux.forget(remote(15));
        assert_eq!(demux.route(remote(15)), None);
        assert!(!demux.admits(PeerId(1), remote(16)), "what is forgotten makes no room");
        demux.validated(remote(0), route(2));
        assert!(demux.admits(PeerId(1), remote(0)) && demux.admits(PeerId(1), remote(15)));
        demux.validated(remote(15), route(1));
        assert_eq!((demux.route(remote(15)), demux.route(remote(0))), (Some(route(1)), Some(route(2))));
        assert_eq!((demux.remove(PeerId(1)).len(), demux.remove(PeerId(2))), (15, vec![remote(0)]));
        assert!(demux.by_remote.is_empty());
    }

    #[test]
    fn thirty_two_attributes_are_read_and_no_more() {
        let message = |attributes: &[u8], count: usize| [vec![0; 20], attributes.repeat(count)].concat();
        for attribute in [&[0, 1, 0, 0][..], &[0, 6, 0, 3, b'a', b'b', b'c', 0]] {
            assert!(
                has_few_attributes(&message(attribute, 32)) && !has_few_attributes(&message(attribute, 33))
            );
        }
        for broken in [&[][..], &[0; 19], &message(&[0, 1, 0xff, 0xff], 1), &message(&[0], 3)] {
            assert!(has_few_attributes(broken), "whoever reads it finds out: {broken:?}");
        }
    }

    #[test]
    fn what_names_nobody_is_nobodys() {
        let demux = Demux::default();
        for datagram in [&[][..], &[0; 20], &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42], &[0xff; 100]] {
            assert_eq!(demux.named(datagram), None);
        }
        assert!(is_stun(&[0, 1]) && !is_stun(&[0x80, 96]) && !is_stun(&[22]) && !is_stun(&[]));
    }
}
