//! What the thread does: orders, offers, datagrams and timers, each in its turn, and between hub and peers.
//! It must not know what is in a packet.

use super::{
    encoders::{Beginning, Call, Encoder, Encoders, End, reason},
    offers::{Answer, Asking, Offer, Offers},
    sessions::Sessions,
    wire::Wire,
};
use crate::{
    domain::{Now, StreamId, stream::picture::IngestProtocol},
    media::{
        handle::{Admitted, Announce, Answered, MediaSessionId, Order, Publish, Refused, View},
        hub::{BURST_EVERY, Hub, Source, places::Place},
        packet::PeerId,
        rtmp::{Piece, Reason},
        webrtc::{Accepted, Acceptor, Addresses, Happened, PeerTable, Role, Tcp, TcpEvent, Udp, random_hex},
    },
    metrics::Metrics,
};
use std::{
    io,
    net::{TcpListener, UdpSocket},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// How often states are looked at.
const TICK: Duration = Duration::from_millis(100);
/// So many ticks are a second.
const TICKS_A_SECOND: u32 = 10;
/// What follows from what follows: more than this is left for the next turn.
const ROUNDS_MAX: usize = 16;

/// What the thread is made of.
pub(super) struct Parts {
    pub hub: Hub,
    pub acceptor: Acceptor,
    pub addresses: Addresses,
    pub socket: UdpSocket,
    pub listener: Option<TcpListener>,
    pub encoders: Encoders,
    pub metrics: Metrics,
}

/// Runs until it is stopped, or nobody can order anything any more.
pub(super) async fn run(
    parts: Parts,
    mut orders: mpsc::Receiver<Order>,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut running = Running::new(parts)?;
    while !*stopped.borrow() {
        let wake = running.next_wake();
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => running.order(order),
                None => break,
            },
            Some(offer) = running.offers.next() => running.answered(offer),
            Some(event) = running.tcp_events.recv() => running.peers.tcp_event(event, Instant::now()),
            Some(call) = running.encoders.calls.recv() => running.call(call),
            Some(end) = running.encoders.ends.recv() => running.encoder_ended(end),
            () = running.peers.ready() => running.peers.receive(Instant::now()),
            () = tokio::time::sleep_until(wake.into()) => {}
            _ = stopped.changed() => {}
        }
        running.settle();
    }
    running.peers.close_all(Instant::now());
    Ok(())
}

struct Running {
    hub: Hub,
    peers: PeerTable,
    encoders: Encoders,
    sessions: Sessions,
    offers: Offers,
    tcp_events: mpsc::Receiver<TcpEvent>,
    last_peer: u64,
    next_tick: Instant,
    ticks: u32,
    next_burst: Option<Instant>,
    metrics: Metrics,
}

impl Running {
    fn new(parts: Parts) -> io::Result<Self> {
        let Parts { hub, acceptor, addresses, socket, listener, encoders, metrics } = parts;
        let (tcp, tcp_events) = listener
            .map(|listener| Tcp::serve(listener, metrics.clone()))
            .transpose()?
            .unwrap_or_else(no_tcp);
        let udp = Udp::new(socket)?;
        Ok(Self {
            hub,
            peers: PeerTable::new(addresses, udp, tcp, metrics.clone()),
            encoders,
            sessions: Sessions::default(),
            offers: Offers::new(acceptor),
            tcp_events,
            last_peer: 0,
            next_tick: Instant::now() + TICK,
            ticks: 0,
            next_burst: None,
            metrics,
        })
    }

    fn next_wake(&self) -> Instant {
        let timers = [self.peers.due(), self.next_burst].into_iter().flatten();
        timers.fold(self.next_tick, Instant::min)
    }

    fn order(&mut self, order: Order) {
        let now = Now::read();
        match order {
            Order::Publish(publish, answer) => self.offer(Asking::Publish(publish), answer, now),
            Order::View(view, answer) => self.offer(Asking::View(view), answer, now),
            Order::Announce(announce, answer) => {
                let (peer, told) = self
                    .announce(announce, now)
                    .map_or_else(|refused| (None, Err(refused)), |(peer, session)| (Some(peer), Ok(session)));
                if let (Err(_), Some(peer)) = (answer.send(told), peer) {
                    self.end(peer, true, now);
                }
            }
            Order::Close { session, asked_by, said_goodbye, done } => {
                let peer = self.sessions.of(&session, &asked_by);
                if let Some(peer) = peer {
                    self.end(peer, said_goodbye, now);
                }
                // Who does not wait for it any more has its effect all the same; so below.
                let _ = done.send(peer.is_some());
            }
            Order::Cut { stream, reason, done } => {
                self.with_peers(now, |hub, peers| hub.cut(stream, reason, now, peers));
                let _ = done.send(());
            }
        }
    }

    /// Ends a session, with a goodbye or without.
    fn end(&mut self, peer: PeerId, said_goodbye: bool, now: Now) {
        self.hub.gone(peer, said_goodbye, now);
        self.peers.close(peer, now.instant);
        self.sessions.remove(peer);
    }

    /// Lets the hub act on peers; sessions that end with that are forgotten.
    fn with_peers<T>(&mut self, now: Now, act: impl FnOnce(&mut Hub, &mut Wire) -> T) -> T {
        let Self { hub, peers, encoders, metrics, .. } = self;
        let mut wire = Wire { peers, encoders, metrics, now: now.instant, closed: Vec::new() };
        let result = act(hub, &mut wire);
        for peer in wire.closed {
            self.sessions.remove(peer);
            self.hub.gone(peer, true, now);
        }
        result
    }

    fn offer(&mut self, asking: Asking, answer: Answer, now: Now) {
        match self.place(&asking, now) {
            Ok(place) => self.offers.read(asking, place, answer),
            Err(refused) => self.refuse(answer, refused),
        }
    }

    fn place(&mut self, asking: &Asking, now: Now) -> Result<Place, Refused> {
        self.hub.places().offer(asking.from(), now.instant)?;
        if !self.offers.has_room() {
            return Err(Refused::Unavailable);
        }
        match asking {
            Asking::Publish(publish) => {
                self.hub.may_publish(publish.stream, publish.takes_over, now)?;
                self.hub.publisher_place(publish.stream)
            }
            Asking::View(view) => self.hub.places().viewer(view.from),
        }
    }

    fn answered(&mut self, offer: Offer) {
        let Offer { asking, place, accepted, answer } = offer;
        // Whoever asked has gone away, and could not be told of the session.
        if answer.is_closed() {
            return;
        }
        let now = Now::read();
        let begun = accepted.and_then(|accepted| match asking {
            Asking::Publish(publish) => self.publish(publish, accepted, place, now),
            Asking::View(view) => self.view(view, accepted, place, now),
        });
        match begun {
            Err(refused) => self.refuse(answer, refused),
            Ok((peer, answered)) => {
                if answer.send(Ok(answered)).is_err() {
                    self.end(peer, true, now);
                }
            }
        }
    }

    fn publish(
        &mut self,
        publish: Publish,
        accepted: Accepted,
        place: Place,
        now: Now,
    ) -> Result<(PeerId, Answered), Refused> {
        self.hub.may_publish(publish.stream, publish.takes_over, now)?;
        self.hub.still_has_place(publish.stream, &place)?;
        let session = new_session()?;
        let peer = self.next_peer();
        self.peers.insert(peer, accepted.rtc, accepted.ufrag, Role::Publisher, now.instant);
        let Publish { agent, key, .. } = publish;
        let source = Source { peer, protocol: IngestProtocol::Whip, via: None, agent, key, place };
        self.with_peers(now, |hub, peers| hub.publish(publish.stream, source, now, peers));
        self.sessions.insert(session.clone(), peer, publish.owner, publish.held);
        Ok((peer, Answered { session, answer: accepted.answer }))
    }

    fn view(
        &mut self,
        view: View,
        accepted: Accepted,
        place: Place,
        now: Now,
    ) -> Result<(PeerId, Answered), Refused> {
        self.hub.may_view(view.stream, &accepted.codecs)?;
        let session = new_session()?;
        let peer = self.next_peer();
        self.peers.insert(peer, accepted.rtc, accepted.ufrag, Role::Viewer, now.instant);
        self.hub.view(view.stream, peer, place, now);
        self.sessions.insert(session.clone(), peer, view.owner, view.held);
        Ok((peer, Answered { session, answer: accepted.answer }))
    }

    fn call(&mut self, call: Call) {
        let now = Now::read();
        match call {
            Call::Begin(Beginning { admitted, agent, answer }) => {
                // Whose connection is gone by now is not let in; the encoder's end follows from its drop.
                let _ = answer.send(self.encoder(admitted, agent, now));
            }
            Call::Refused(stream, why) => self.tell_refusal(stream, why.code, why.words),
            Call::Piece(peer, Piece::RunBegins) => self.hub.begin_run(peer, now),
            Call::Piece(peer, Piece::Agent(agent)) => self.hub.is_named(peer, agent, now),
            Call::Piece(peer, Piece::Sample(sample)) => {
                self.with_peers(now, |hub, peers| hub.sample(peer, sample, now, peers));
            }
        }
    }

    /// Lets an encoder in; it takes no place by force, since none of them can ask for that.
    fn encoder(&mut self, admitted: Admitted, agent: Option<String>, now: Now) -> Result<Encoder, Reason> {
        let Admitted { stream, key } = admitted;
        let may = self.hub.may_publish(stream, false, now);
        let place = may.and_then(|()| self.hub.publisher_place(stream)).map_err(|refused| {
            self.count(&refused);
            self.tell_refusal(stream, refused.code(), refused.to_string());
            reason(refused.code(), &refused.to_string())
        })?;
        let peer = self.next_peer();
        let encoder = self.encoders.insert(peer);
        let source = Source { peer, protocol: IngestProtocol::Rtmp, via: None, agent, key: Some(key), place };
        self.with_peers(now, |hub, peers| hub.publish(stream, source, now, peers));
        Ok(encoder)
    }

    /// Lets a publisher of another server in; whoever asked tells the host where it is not.
    fn announce(&mut self, announce: Announce, now: Now) -> Result<(PeerId, MediaSessionId), Refused> {
        let Announce { stream, owner, key, protocol, via, agent, held } = announce;
        let may = self.hub.may_publish(stream, false, now);
        let place = may.and_then(|()| self.hub.publisher_place(stream)).inspect_err(|why| self.count(why))?;
        let (session, peer) = (new_session()?, self.next_peer());
        let source = Source { peer, protocol, via: Some(via), agent, key: Some(key), place };
        self.with_peers(now, |hub, peers| hub.publish(stream, source, now, peers));
        self.sessions.insert(session.clone(), peer, owner, held);
        Ok((peer, session))
    }

    /// Encoders show their users little of an answer, so the host is told why one was not let in.
    fn tell_refusal(&self, stream: StreamId, code: &'static str, words: String) {
        self.metrics.media_refused.of(code).inc();
        self.hub.refused(stream, code, words);
    }

    fn encoder_ended(&mut self, end: End) {
        self.encoders.remove(end.peer);
        if let Some(refusal) = end.refusal {
            self.hub.source_refused(end.peer, refusal.code(), refusal.to_string());
        }
        self.hub.gone(end.peer, end.said_goodbye, Now::read());
    }

    fn next_peer(&mut self) -> PeerId {
        self.last_peer += 1;
        PeerId(self.last_peer)
    }

    fn refuse(&self, answer: Answer, refused: Refused) {
        self.count(&refused);
        self.metrics.media_refused.of(refused.code()).inc();
        let _ = answer.send(Err(refused));
    }

    fn count(&self, refused: &Refused) {
        if let Refused::TooMany { limit, .. } = refused {
            self.metrics.limit_hits.of(*limit).inc();
        }
    }

    /// Does what follows from what has come and from the time that has passed.
    fn settle(&mut self) {
        let now = Now::read();
        self.peers.run_timers(now.instant);
        self.run_ticks(now);
        if self.next_burst.is_some_and(|due| due <= now.instant) {
            self.with_peers(now, |hub, peers| hub.burst(now, peers));
        }
        for _ in 0..ROUNDS_MAX {
            let mut has_happened = false;
            while let Some(happened) = self.peers.next() {
                has_happened = true;
                self.happened(happened, now);
            }
            self.peers.flush(now.instant);
            if !has_happened {
                break;
            }
        }
        let is_due = |due: &Instant| *due <= now.instant;
        let next = self.next_burst.filter(|due| !is_due(due)).unwrap_or(now.instant + BURST_EVERY);
        self.next_burst = self.hub.is_bursting().then_some(next);
    }

    fn run_ticks(&mut self, now: Now) {
        if self.next_tick > now.instant {
            return;
        }
        self.next_tick = now.instant + TICK;
        self.ticks += 1;
        self.with_peers(now, |hub, peers| hub.tick(now, peers));
        if self.ticks.is_multiple_of(TICKS_A_SECOND) {
            self.hub.tick_health(now);
            self.peers.choose_layers();
        }
    }

    fn happened(&mut self, happened: Happened, now: Now) {
        match happened {
            Happened::Connected(peer) => {
                self.with_peers(now, |hub, peers| hub.connected(peer, now, peers));
            }
            Happened::Packet(peer, packet) => {
                self.with_peers(now, |hub, peers| hub.packet(peer, packet, now, peers));
            }
            Happened::Restarted(peer) => {
                self.hub.change_packets(peer, now);
                self.with_peers(now, |hub, peers| hub.keyframe_wanted(peer, now, peers));
            }
            Happened::Resumes(peer) => {
                self.with_peers(now, |hub, peers| hub.resume(peer, now, peers));
            }
            Happened::KeyframeWanted(peer) => {
                self.with_peers(now, |hub, peers| hub.keyframe_wanted(peer, now, peers));
            }
            Happened::Gone { peer, said_goodbye } => {
                self.hub.gone(peer, said_goodbye, now);
                self.sessions.remove(peer);
            }
        }
    }
}

fn new_session() -> Result<MediaSessionId, Refused> {
    random_hex(16).map(MediaSessionId).ok_or(Refused::Unavailable)
}

fn no_tcp() -> (Tcp, mpsc::Receiver<TcpEvent>) {
    let (_, nothing_happens) = mpsc::channel(1);
    (Tcp::default(), nothing_happens)
}
