//! One stream: its source, the packets since the last keyframe, and its viewers.
//! It must not know how packets come or go, nor read the clock.

use super::{
    gop::{Gop, Numbered},
    health::Health,
    inspect::{is_of_keyframe, vp8_size},
    keyframes::KeyframeRequests,
    places::Place,
    state::State,
    viewer::Viewer,
};
use crate::{
    domain::{
        Millis, Now, UserId,
        stream::picture::{IngestProtocol, IngestWarning, Picture, PictureState, Publisher},
    },
    media::{
        handle::Owner,
        packet::{Codec, Packet, PeerId},
        settings::MediaLimits,
    },
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// A joiner is given a cache that began before this, and the source is asked for a keyframe all the same.
const CACHE_IS_FRESH: Duration = Duration::from_millis(2500);
/// Segments are cut at keyframes, which browsers send only when asked.
const KEYFRAME_EVERY: Duration = Duration::from_secs(2);
/// Viewers of a stream that has no picture any more are let go after this.
const VIEWERS_LINGER: Duration = Duration::from_secs(30);

/// Where packets and requests of streams go.
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

/// Who sends a stream's picture.
#[derive(Debug)]
pub(crate) struct Source {
    pub peer: PeerId,
    pub protocol: IngestProtocol,
    pub agent: Option<String>,
    pub place: Place,
}

/// A source that is there.
#[derive(Debug)]
struct Sending {
    source: Source,
    since: Millis,
    requests: KeyframeRequests,
    health: Health,
}

/// A viewer with its place.
#[derive(Debug)]
struct Seat {
    viewer: Viewer,
    owner: Owner,
    is_connected: bool,
    _place: Place,
}

/// One stream's picture.
#[derive(Debug)]
pub(crate) struct Stream {
    limits: MediaLimits,
    state: State,
    /// When the calendar says that its state began.
    since: Millis,
    sending: Option<Sending>,
    gop: Gop,
    viewers: BTreeMap<PeerId, Seat>,
    /// Whether some viewer is given the cache piece by piece.
    is_bursting: bool,
    size: Option<(u16, u16)>,
    has_b_frames: bool,
}

impl Stream {
    pub(crate) fn new(limits: MediaLimits, now: Now) -> Self {
        Self {
            limits,
            state: State::new(now.instant),
            since: now.wall,
            sending: None,
            gop: Gop::new(limits.gop_bytes),
            viewers: BTreeMap::new(),
            is_bursting: false,
            size: None,
            has_b_frames: false,
        }
    }

    /// Whether a publisher is let in: not beside another who still sends.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.state.is_free(now)
    }

    /// A source begins; one that is there is closed.
    pub(crate) fn publish(&mut self, source: Source, now: Now, peers: &mut impl Peers) {
        if let Some(before) = self.sending.take() {
            peers.close(before.source.peer);
        }
        let requests = match source.protocol {
            IngestProtocol::Whip => KeyframeRequests::default(),
            IngestProtocol::Rtmp => KeyframeRequests::deaf(),
        };
        let health = Health::new(now.instant);
        self.sending = Some(Sending { source, since: now.wall, requests, health });
        self.change_state(now, |state| state.begins(now.instant));
        self.begin_run();
    }

    /// What comes next has nothing to do with what came before: other numbers, perhaps another codec.
    pub(crate) fn begin_run(&mut self) {
        self.gop = Gop::new(self.limits.gop_bytes);
        self.has_b_frames = false;
        self.viewers.values_mut().for_each(|seat| seat.viewer.change_source());
    }

    /// A viewer is let in; it is sent nothing before it is connected.
    pub(crate) fn view(&mut self, peer: PeerId, owner: Owner, place: Place, now: Instant) {
        let seat = Seat { viewer: Viewer::new(now), owner, is_connected: false, _place: place };
        self.viewers.insert(peer, seat);
    }

    /// A viewer can be sent packets from now on.
    pub(crate) fn connected(&mut self, viewer: PeerId, now: Instant, peers: &mut impl Peers) {
        if let Some(seat) = self.viewers.get_mut(&viewer) {
            seat.is_connected = true;
        }
        self.burst(now, peers);
        if self.gop.age(now).is_none_or(|age| age >= CACHE_IS_FRESH) {
            self.want_keyframe(now, peers);
        }
    }

    /// Somebody needs a keyframe.
    pub(crate) fn want_keyframe(&mut self, now: Instant, peers: &mut impl Peers) {
        if let Some(sending) = &mut self.sending {
            sending.requests.want();
            sending.ask(now, peers);
        }
    }

    /// A packet of the source has come.
    pub(crate) fn packet(&mut self, packet: Packet, now: Now, peers: &mut impl Peers) {
        self.change_state(now, |state| state.hears(now.instant));
        if packet.codec.is_video() { self.video(packet, now, peers) } else { self.audio(&packet, now, peers) }
    }

    fn video(&mut self, packet: Packet, now: Now, peers: &mut impl Peers) {
        let is_key = is_of_keyframe(packet.codec, &packet.payload);
        let Some(pushed) = self.gop.push(packet.clone(), is_key) else { return };
        if let Some(sending) = &mut self.sending {
            let health = &mut sending.health;
            health.packet(packet.codec.name(), packet.seq, packet.payload.len());
            health.picture(packet.at, pushed.is_new_keyframe, now.instant);
            if let Some((width, height)) = is_key.then(|| vp8_size(&packet.payload)).flatten()
                && packet.codec == Codec::Vp8
            {
                health.sized(width, height);
            }
            if pushed.is_new_keyframe {
                sending.requests.seen();
            }
        }
        if pushed.goes_back {
            self.shows_b_frames(peers);
        }
        if pushed.is_new_keyframe {
            self.change_state(now, |state| state.shows(now.instant));
            self.burst(now.instant, peers);
        }
        let numbered = Numbered { picture: pushed.picture, packet };
        for (&peer, seat) in self.viewers.iter_mut().filter(|(_, seat)| seat.is_connected) {
            seat.viewer.video(&numbered, now.instant, &mut |packet| peers.send(peer, packet));
        }
    }

    fn audio(&mut self, packet: &Packet, now: Now, peers: &mut impl Peers) {
        if let Some(sending) = &mut self.sending {
            let channels = if packet.payload.first().is_some_and(|toc| toc & 0x04 != 0) { 2 } else { 1 };
            let rate = packet.codec.clock();
            sending.health.sound(packet.codec.name(), rate, channels, packet.payload.len(), now.instant);
        }
        for (&peer, seat) in self.viewers.iter_mut().filter(|(_, seat)| seat.is_connected) {
            seat.viewer.audio(packet, now.instant, &mut |packet| peers.send(peer, packet));
        }
    }

    /// B-frames do not travel by WebRTC: decoders show what comes in the order of coming.
    fn shows_b_frames(&mut self, peers: &mut impl Peers) {
        if self.has_b_frames {
            return;
        }
        self.has_b_frames = true;
        if let Some(sending) = &mut self.sending {
            sending.health.has_b_frames();
        }
        self.close_viewers(|_| true, peers);
    }

    /// Gives more of the cache to viewers who are behind.
    pub(crate) fn burst(&mut self, now: Instant, peers: &mut impl Peers) {
        self.is_bursting = false;
        for (&peer, seat) in self.viewers.iter_mut().filter(|(_, seat)| seat.is_connected) {
            let viewer = &mut seat.viewer;
            let had_seen = viewer.has_seen();
            if viewer.is_bursting() || viewer.is_waiting() {
                viewer.burst(&self.gop, now, &mut |packet| peers.send(peer, packet));
            }
            self.is_bursting |= viewer.is_bursting();
            if viewer.has_seen() && !had_seen {
                peers.first_picture(now.saturating_duration_since(viewer.joined()));
            }
        }
    }

    /// Whether some viewer is given the cache piece by piece.
    pub(crate) fn is_bursting(&self) -> bool {
        self.is_bursting
    }

    /// A tenth of a second has passed.
    pub(crate) fn tick(&mut self, now: Now, peers: &mut impl Peers) {
        self.change_state(now, |state| state.tick(now.instant));
        if self.state.state() == PictureState::None {
            self.end_source(peers);
            if now.instant.saturating_duration_since(self.state.since()) >= VIEWERS_LINGER {
                self.close_viewers(|_| true, peers);
            }
        }
        let is_due = self.gop.age(now.instant).is_none_or(|age| age >= KEYFRAME_EVERY);
        let is_waited_for = self.viewers.values().any(|seat| seat.is_connected && seat.viewer.is_waiting());
        let is_live = self.state.state() == PictureState::Live;
        if let Some(sending) = &mut self.sending {
            if is_due && (is_live || is_waited_for) {
                sending.requests.want();
            }
            sending.ask(now.instant, peers);
        }
    }

    /// A second has passed.
    pub(crate) fn tick_health(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.health.tick();
        }
    }

    /// The source is gone, with a goodbye or without.
    pub(crate) fn source_is_gone(&mut self, said_goodbye: bool, now: Now) {
        if self.sending.take().is_some() {
            self.change_state(now, |state| state.ends(said_goodbye, now.instant));
        }
    }

    /// Closes the source, and the viewers, too.
    pub(crate) fn end(&mut self, and_viewers: bool, now: Now, peers: &mut impl Peers) {
        self.end_source(peers);
        self.change_state(now, |state| state.ends(true, now.instant));
        if and_viewers {
            self.close_viewers(|_| true, peers);
        }
    }

    fn end_source(&mut self, peers: &mut impl Peers) {
        if let Some(sending) = self.sending.take() {
            peers.close(sending.source.peer);
        }
    }

    /// Ends what one account sees.
    pub(crate) fn close_viewers_of(&mut self, user: UserId, peers: &mut impl Peers) {
        self.close_viewers(|owner| owner == Owner::Account(user), peers);
    }

    fn close_viewers(&mut self, whose: impl Fn(Owner) -> bool, peers: &mut impl Peers) {
        self.viewers.retain(|&peer, seat| {
            let goes = whose(seat.owner);
            if goes {
                peers.close(peer);
            }
            !goes
        });
    }

    /// A viewer is gone.
    pub(crate) fn viewer_is_gone(&mut self, peer: PeerId) {
        self.viewers.remove(&peer);
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.state() == PictureState::None && self.sending.is_none() && self.viewers.is_empty()
    }

    /// The publisher's peer, if there is one.
    pub(crate) fn source(&self) -> Option<PeerId> {
        self.sending.as_ref().map(|sending| sending.source.peer)
    }

    /// The picture as viewers are told of it.
    pub(crate) fn picture(&self) -> Picture {
        let size = self.sending.as_ref().and_then(|sending| sending.health.size()).or(self.size);
        let state = self.state.state();
        Picture {
            state,
            since: self.since,
            size: size.filter(|_| state != PictureState::None),
            whep: state != PictureState::None && !self.has_b_frames,
            hls: false,
            b_frames: self.has_b_frames,
        }
    }

    /// The codec of its pictures, once one has come.
    pub(crate) fn codec(&self) -> Option<Codec> {
        self.gop.codec()
    }

    /// The publisher as its host is told of it, with what the host should know.
    pub(crate) fn publisher(&self, now: Instant) -> (Option<Publisher>, Vec<IngestWarning>) {
        let Some(sending) = &self.sending else { return (None, Vec::new()) };
        let publisher = Publisher {
            protocol: sending.source.protocol,
            since: sending.since,
            agent: sending.source.agent.clone(),
            video: sending.health.video(),
            audio: sending.health.audio(now),
        };
        (Some(publisher), sending.health.warnings(self.limits.ingest_kbps, now))
    }

    fn change_state(&mut self, now: Now, change: impl FnOnce(&mut State)) {
        let before = self.state.state();
        change(&mut self.state);
        if self.state.state() != before {
            self.since = now.wall;
        }
    }
}

impl Sending {
    fn ask(&mut self, now: Instant, peers: &mut impl Peers) {
        if self.requests.ask(now) {
            peers.ask_keyframe(self.source.peer);
        }
    }
}
