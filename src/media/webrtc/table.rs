//! All peer connections, their socket and their timers.
//! It must not know streams, nor what publishers and viewers are to each other.

use super::{
    addresses::Addresses,
    demux::{Demux, Remote, Route, has_few_attributes, is_stun},
    offer::Role,
    path::Path,
    peer::{Ended, Outbox, Peer, PeerEvent},
    tcp::{Tcp, TcpEvent},
    udp::Udp,
};
use crate::{
    media::packet::{Packet, PeerId},
    metrics::Metrics,
};
use prometheus_client::metrics::counter::Counter;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    time::Instant,
};
use str0m::{
    Input, Rtc,
    net::{Protocol, Receive, Transmit},
};

/// What has happened to peers.
#[derive(Debug)]
pub(crate) enum Happened {
    Connected(PeerId),
    Packet(PeerId, Packet),
    /// What the publisher sends next has other numbers than what it sent before.
    Restarted(PeerId),
    KeyframeWanted(PeerId),
    /// Some of what a viewer was sent was left out, and there is room again.
    Resumes(PeerId),
    /// It has ended by itself, without a word of its owner by HTTP.
    Gone {
        peer: PeerId,
        said_goodbye: bool,
    },
}

/// A peer with its place in the timers.
struct Entry {
    peer: Peer,
    path: Path,
    /// When it is to be driven; an earlier one in the heap is void.
    due: Option<Instant>,
    is_dirty: bool,
    /// By which it was heard of first on its last address: `udp` or `tcp`.
    transport: &'static str,
}

/// All peer connections of the server, with their timers.
pub(crate) struct PeerTable {
    addresses: Addresses,
    udp: Udp,
    tcp: Tcp,
    demux: Demux,
    peers: HashMap<PeerId, Entry>,
    timers: BinaryHeap<Reverse<(Instant, PeerId)>>,
    dirty: Vec<PeerId>,
    happened: VecDeque<Happened>,
    metrics: Metrics,
    counters: Counters,
}

/// Counters that are looked up once, for they are counted up with each packet.
struct Counters {
    packets_in: Counter,
    packets_out: Counter,
    bytes_in: Counter,
    bytes_out: Counter,
}

/// What one peer gives out.
struct Out<'a> {
    id: PeerId,
    udp: &'a mut Udp,
    tcp: &'a Tcp,
    demux: &'a Demux,
    path: &'a mut Path,
    happened: &'a mut VecDeque<Happened>,
    counters: &'a Counters,
}

impl Outbox for Out<'_> {
    fn transmit(&mut self, transmit: Transmit) {
        self.counters.packets_out.inc();
        self.counters.bytes_out.inc_by(transmit.contents.len() as u64);
        let chosen = Remote { proto: transmit.proto, address: transmit.destination };
        // A question is answered where it came from.
        let remote = if is_stun(&transmit.contents) { chosen } else { self.path.to(chosen) };
        if remote.proto != Protocol::Udp {
            return self.tcp.send(remote.address, &transmit.contents);
        }
        let route = self.demux.route(remote);
        self.udp.send(remote.address, route.and_then(|route| route.local), &transmit.contents);
    }

    fn event(&mut self, event: PeerEvent) {
        self.happened.push_back(match event {
            PeerEvent::Connected => Happened::Connected(self.id),
            PeerEvent::Packet(packet) => Happened::Packet(self.id, packet),
            PeerEvent::KeyframeWanted => Happened::KeyframeWanted(self.id),
        });
    }
}

impl PeerTable {
    pub(crate) fn new(addresses: Addresses, udp: Udp, tcp: Tcp, metrics: Metrics) -> Self {
        let (packets, bytes) = (&metrics.media_packets, &metrics.media_bytes);
        let counters = Counters {
            packets_in: packets.of("in"),
            packets_out: packets.of("out"),
            bytes_in: bytes.of("in"),
            bytes_out: bytes.of("out"),
        };
        Self {
            addresses,
            udp,
            tcp,
            demux: Demux::default(),
            peers: HashMap::new(),
            timers: BinaryHeap::new(),
            dirty: Vec::new(),
            happened: VecDeque::new(),
            metrics,
            counters,
        }
    }

    /// A connection whose other side has been answered.
    pub(crate) fn insert(&mut self, id: PeerId, rtc: Rtc, ufrag: String, role: Role, now: Instant) {
        self.demux.insert(id, ufrag);
        self.peers.insert(
            id,
            Entry {
                peer: Peer::new(rtc, role, now),
                path: Path::new(now),
                due: None,
                is_dirty: false,
                transport: "udp",
            },
        );
        self.metrics.media_peers.inc();
        self.mark(id);
    }

    /// The next thing that has happened.
    pub(crate) fn next(&mut self) -> Option<Happened> {
        let happened = self.happened.pop_front()?;
        if let Happened::Connected(id) = &happened
            && let Some(entry) = self.peers.get(id)
        {
            self.metrics.media_connections.of(entry.transport).inc();
        }
        Some(happened)
    }

    /// Waits until something can be done with the socket.
    pub(crate) async fn ready(&self) {
        // An error of the socket is one of a single datagram; it is gone once the socket is read.
        let _ = self.udp.ready().await;
    }

    /// Reads what has come, and writes what was held back.
    pub(crate) fn receive(&mut self, now: Instant) {
        self.udp.send_backlog();
        for buffer in 0..self.udp.receive() {
            let datagrams: Vec<(SocketAddr, Option<IpAddr>, Vec<u8>)> = self
                .udp
                .datagrams(buffer)
                .map(|datagram| (datagram.from, datagram.to, datagram.contents.to_vec()))
                .collect();
            for (from, to, contents) in datagrams {
                self.datagram(Remote { proto: Protocol::Udp, address: from }, to, &contents, now);
            }
        }
    }

    /// Takes what has happened on a TCP connection.
    pub(crate) fn tcp_event(&mut self, event: TcpEvent, now: Instant) {
        let remote = |address| Remote { proto: Protocol::Tcp, address };
        match event {
            TcpEvent::Packet { from, to, contents } => {
                if !self.datagram(remote(from), Some(to.ip()), &contents, now) {
                    self.tcp.close(from);
                }
            }
            TcpEvent::Resumes(from) => {
                let route = self.demux.route(remote(from));
                self.happened.extend(route.map(|route| Happened::Resumes(route.peer)));
            }
            TcpEvent::Closed(from) => self.demux.forget(remote(from)),
        }
    }

    /// False for what is nobody's, or comes from an address that its peer may not have.
    fn datagram(&mut self, remote: Remote, local: Option<IpAddr>, contents: &[u8], now: Instant) -> bool {
        let known = self.demux.route(remote).map(|route| route.peer);
        let peer = match is_stun(contents) {
            true if !has_few_attributes(contents) => None,
            true => self.demux.named(contents).or(known),
            false => known,
        };
        let destination = self.addresses.told(local, remote.address);
        // What is nobody's is not worth reading.
        let received = peer.map(|_| Receive::new(remote.proto, remote.address, destination, contents));
        let (Some(id), Some(Ok(received))) = (peer, received) else {
            self.metrics.media_unmatched_datagrams.inc();
            return false;
        };
        let input = Input::Receive(now, received);
        if known != Some(id) && !self.validate(id, remote, local, &input) {
            self.metrics.media_unmatched_datagrams.inc();
            return false;
        }
        self.counters.packets_in.inc();
        self.counters.bytes_in.inc_by(contents.len() as u64);
        if let Some(entry) = self.peers.get_mut(&id) {
            entry.path.heard(remote, now);
        }
        // All that follows is taken before the next datagram: what is not would be overwritten.
        self.drive(id, input, now);
        true
    }

    /// Whether a message proves that an address is a peer's, which may have it; it is so from then on.
    fn validate(&mut self, id: PeerId, remote: Remote, local: Option<IpAddr>, input: &Input) -> bool {
        if !self.demux.admits(id, remote) {
            return false;
        }
        let Some(entry) = self.peers.get_mut(&id).filter(|entry| entry.peer.accepts(input)) else {
            return false;
        };
        entry.transport = if remote.proto == Protocol::Udp { "udp" } else { "tcp" };
        self.demux.validated(remote, Route { peer: id, local });
        if remote.proto != Protocol::Udp {
            self.tcp.prove(remote.address);
        }
        true
    }

    fn drive(&mut self, id: PeerId, input: Input, now: Instant) {
        let Self { peers, udp, tcp, demux, happened, counters, .. } = self;
        let Some(entry) = peers.get_mut(&id) else { return };
        let mut out = Out { id, udp, tcp, demux, path: &mut entry.path, happened, counters };
        match entry.peer.drive(input, now, &mut out) {
            Ok(next) => {
                if entry.due.is_none_or(|due| next < due) {
                    entry.due = Some(next);
                    self.timers.push(Reverse((next, id)));
                }
            }
            Err(ended) => self.ended(id, ended),
        }
    }

    fn ended(&mut self, id: PeerId, ended: Ended) {
        if ended == Ended::Failed {
            self.metrics.media_peer_failures.inc();
            log::warn!("a WebRTC peer has failed, and was ended");
        }
        self.forget(id);
        self.happened.push_back(Happened::Gone { peer: id, said_goodbye: ended == Ended::Closed });
    }

    fn forget(&mut self, id: PeerId) {
        for remote in self.demux.remove(id).into_iter().filter(|remote| remote.proto != Protocol::Udp) {
            self.tcp.close(remote.address);
        }
        if let Some(entry) = self.peers.remove(&id) {
            self.metrics.media_peers.dec();
            // Dropping it runs code of the same kind as that which may have failed.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(entry)));
        }
    }

    /// Queues a packet for a viewer.
    pub(crate) fn write(&mut self, id: PeerId, packet: Packet) {
        if let Some(entry) = self.peers.get_mut(&id)
            && entry.peer.write(packet)
        {
            self.mark(id);
        }
    }

    /// Asks a publisher for a keyframe.
    pub(crate) fn ask_keyframe(&mut self, id: PeerId) {
        if let Some(entry) = self.peers.get_mut(&id) {
            self.metrics.media_keyframe_requests.inc();
            entry.peer.ask_keyframe();
            self.mark(id);
        }
    }

    /// Ends a peer with a goodbye.
    pub(crate) fn close(&mut self, id: PeerId, now: Instant) {
        let Some(entry) = self.peers.get_mut(&id) else { return };
        entry.peer.close();
        let Self { peers, udp, tcp, demux, counters, .. } = self;
        if let Some(entry) = peers.get_mut(&id) {
            let mut nobody_asks = VecDeque::new();
            let (path, happened) = (&mut entry.path, &mut nobody_asks);
            let mut out = Out { id, udp, tcp, demux, path, happened, counters };
            let _ = entry.peer.drive(Input::Timeout(now), now, &mut out);
        }
        self.forget(id);
    }

    /// Ends all peers with a goodbye.
    pub(crate) fn close_all(&mut self, now: Instant) {
        let all: Vec<PeerId> = self.peers.keys().copied().collect();
        all.into_iter().for_each(|id| self.close(id, now));
        self.udp.flush();
    }

    fn mark(&mut self, id: PeerId) {
        if let Some(entry) = self.peers.get_mut(&id)
            && !std::mem::replace(&mut entry.is_dirty, true)
        {
            self.dirty.push(id);
        }
    }

    /// When the next timer is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((due, _))| *due)
    }

    /// Drives the peers whose timers are due.
    pub(crate) fn run_timers(&mut self, now: Instant) {
        while let Some(&Reverse((due, id))) = self.timers.peek()
            && due <= now
        {
            self.timers.pop();
            let Some(entry) = self.peers.get_mut(&id) else { continue };
            if entry.due == Some(due) {
                entry.due = None;
                self.drive(id, Input::Timeout(now), now);
            }
        }
    }

    /// Sends what has been queued for peers.
    pub(crate) fn flush(&mut self, now: Instant) {
        for id in std::mem::take(&mut self.dirty) {
            if let Some(entry) = self.peers.get_mut(&id) {
                entry.is_dirty = false;
                self.drive(id, Input::Timeout(now), now);
            }
        }
        self.udp.flush();
        self.metrics.media_dropped_datagrams.inc_by(self.udp.take_dropped());
    }

    /// A second is over: publishers of several layers may be forwarded by another one.
    pub(crate) fn choose_layers(&mut self) {
        let switched: Vec<PeerId> = self
            .peers
            .iter_mut()
            .filter_map(|(&id, entry)| entry.peer.choose_layer().then_some(id))
            .collect();
        self.happened.extend(switched.into_iter().map(Happened::Restarted));
    }
}
