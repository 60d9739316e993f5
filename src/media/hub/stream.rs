//! One stream: its source, the packets since the last keyframe, and its viewers.
//! It must not know how packets come or go, nor read the clock.

use super::{
    inspect::is_of_keyframe,
    peers::Peers,
    places::Place,
    segments::Segments,
    source::{Sending, Source},
    state::State,
    viewing::{Gop, Numbered, Viewer},
};
use crate::{
    domain::{
        Millis, Now,
        stream::picture::{IngestWarning, Picture, PictureState, Publisher},
    },
    media::{
        h264::Fault,
        hls::Reader,
        packet::{Codec, Packet, PeerId},
        sample::Sample,
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
/// What is over is told again for so long: the first time may have been lost on the way.
const TOLD_AGAIN_FOR: Duration = Duration::from_secs(5);

/// A viewer with its place.
#[derive(Debug)]
struct Seat {
    viewer: Viewer,
    is_connected: bool,
    _place: Place,
}

/// One stream's picture.
#[derive(Debug)]
pub(crate) struct Stream {
    taps: crate::recordings::Taps,
    limits: MediaLimits,
    state: State,
    /// When the calendar says that its state began.
    since: Millis,
    sending: Option<Sending>,
    gop: Gop,
    /// While there is a picture; of pictures of H.264 alone something comes of it.
    segments: Option<Segments>,
    viewers: BTreeMap<PeerId, Seat>,
    /// Whether some viewer is given the cache piece by piece.
    is_bursting: bool,
    size: Option<(u16, u16)>,
    has_b_frames: bool,
}

impl Stream {
    pub(crate) fn new(limits: MediaLimits, taps: crate::recordings::Taps, now: Now) -> Self {
        Self {
            taps,
            limits,
            state: State::new(now.instant),
            since: now.wall,
            sending: None,
            gop: Gop::new(limits.gop_bytes),
            segments: None,
            viewers: BTreeMap::new(),
            is_bursting: false,
            size: None,
            has_b_frames: false,
        }
    }

    /// Whether a publisher that is let in takes the place of another.
    pub(crate) fn has_source(&self) -> bool {
        self.sending.is_some()
    }

    /// Whether a publisher is let in: not beside another who still sends.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.state.is_free(now)
    }

    /// A source begins; one that is there is closed.
    pub(crate) fn publish(&mut self, source: Source, now: Now, peers: &mut impl Peers) {
        self.end_source(peers);
        let is_elsewhere = source.via.is_some();
        self.sending = Some(Sending::new(source, now));
        self.change_state(now, |state| state.begins(is_elsewhere, now.instant));
        let (bytes, taps) = (self.limits.access_unit_bytes, &self.taps);
        self.segments.get_or_insert_with(|| Segments::new(bytes, taps)).change_source();
        self.forget_packets();
    }

    /// What comes next are other packets: other numbers, perhaps another codec.
    pub(crate) fn change_packets(&mut self) {
        if let Some(segments) = &mut self.segments {
            segments.change_source();
        }
        self.forget_packets();
    }

    /// What comes next are samples of another timeline.
    pub(crate) fn begin_run(&mut self) {
        if let Some(segments) = &mut self.segments {
            segments.begin_run();
        }
        self.forget_packets();
    }

    fn forget_packets(&mut self) {
        self.gop = Gop::new(self.limits.gop_bytes);
        self.has_b_frames = false;
        self.viewers.values_mut().for_each(|seat| seat.viewer.change_source());
    }

    /// What the encoder calls itself.
    pub(crate) fn is_named(&mut self, agent: String) {
        if let Some(sending) = &mut self.sending {
            sending.is_named(agent);
        }
    }

    /// A viewer is let in; it is sent nothing before it is connected.
    pub(crate) fn view(&mut self, peer: PeerId, place: Place, now: Instant) {
        let seat = Seat { viewer: Viewer::new(now), is_connected: false, _place: place };
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

    /// A viewer who has missed packets begins again, at a keyframe.
    pub(crate) fn resume(&mut self, viewer: PeerId, now: Instant, peers: &mut impl Peers) {
        if let Some(seat) = self.viewers.get_mut(&viewer) {
            seat.viewer.wait_for_keyframe();
        }
        self.connected(viewer, now, peers);
    }

    /// Somebody needs a keyframe.
    pub(crate) fn want_keyframe(&mut self, now: Instant, peers: &mut impl Peers) {
        if let Some(sending) = &mut self.sending {
            sending.want_keyframe(now, peers);
        }
    }

    /// A packet of the source has come. A fault is the publisher's end.
    pub(crate) fn packet(&mut self, packet: Packet, now: Now, peers: &mut impl Peers) -> Result<(), Fault> {
        self.change_state(now, |state| state.hears(now.instant));
        self.segment(&packet, now)?;
        match (packet.codec.is_video(), &mut self.sending) {
            (true, _) => self.video(packet, now, peers),
            (false, Some(sending)) => {
                sending.audio(&packet, now.instant);
                self.audio(&packet, now, peers);
            }
            (false, None) => {}
        }
        Ok(())
    }

    fn segment(&mut self, packet: &Packet, now: Now) -> Result<(), Fault> {
        let Some(segments) = &mut self.segments else { return Ok(()) };
        match packet.codec {
            Codec::Opus => segments.sound(packet, now),
            Codec::H264 => {
                if let Some((width, height)) = segments.picture(packet, now)?
                    && let Some(sending) = &mut self.sending
                {
                    sending.health().sized(width, height);
                }
            }
            Codec::Vp8 => segments.end(),
        }
        Ok(())
    }

    /// A sample of the source has come.
    pub(crate) fn sample(&mut self, sample: Sample, now: Now, peers: &mut impl Peers) {
        self.change_state(now, |state| state.hears(now.instant));
        let is_heard = self.viewers.values().any(|seat| seat.is_connected);
        let Some(sending) = &mut self.sending else { return };
        let packets = sending.sample(&sample, is_heard, now.instant);
        if matches!(&sample, Sample::Picture(picture) if picture.shown_after != 0) {
            self.shows_b_frames(peers);
        }
        if let Some(segments) = &mut self.segments {
            segments.sample(sample, now);
        }
        for packet in packets {
            match packet.codec.is_video() {
                true => self.video(packet, now, peers),
                false => self.audio(&packet, now, peers),
            }
        }
    }

    fn video(&mut self, packet: Packet, now: Now, peers: &mut impl Peers) {
        let is_key = is_of_keyframe(packet.codec, &packet.payload);
        let Some(pushed) = self.gop.push(packet.clone(), is_key) else { return };
        if let Some(sending) = &mut self.sending {
            sending.video(&packet, pushed, now.instant);
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
            sending.health().has_b_frames();
        }
        self.close_viewers(peers);
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
                self.close_viewers(peers);
            }
        }
        let is_due = self.gop.age(now.instant).is_none_or(|age| age >= KEYFRAME_EVERY) || self.hls_has_lost();
        let is_waited_for = self.viewers.values().any(|seat| seat.is_connected && seat.viewer.is_waiting());
        let is_live = self.state.state() == PictureState::Live;
        let is_unseen = self.state.is_unseen(now.instant);
        if let Some(sending) = &mut self.sending {
            match is_due && (is_live || is_unseen || is_waited_for) {
                true => sending.want_keyframe(now.instant, peers),
                false => sending.ask(now.instant, peers),
            }
        }
    }

    /// Whether HLS shows nothing before another keyframe; viewers say so themselves.
    fn hls_has_lost(&self) -> bool {
        let waits = self.segments.as_ref().is_some_and(Segments::waits_for_keyframe);
        waits && self.gop.codec() == Some(Codec::H264)
    }

    /// A second has passed.
    pub(crate) fn tick_health(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.health().tick();
        }
    }

    /// The source is gone, with a goodbye or without.
    pub(crate) fn source_is_gone(&mut self, said_goodbye: bool, now: Now) {
        if let Some(sending) = self.sending.take() {
            self.size = sending.size();
            self.change_state(now, |state| state.ends(said_goodbye, now.instant));
        }
    }

    /// Closes the source, and the viewers, too.
    pub(crate) fn end(&mut self, and_viewers: bool, now: Now, peers: &mut impl Peers) {
        self.end_source(peers);
        self.change_state(now, |state| state.ends(true, now.instant));
        if and_viewers {
            self.close_viewers(peers);
        }
    }

    fn end_source(&mut self, peers: &mut impl Peers) {
        if let Some(sending) = self.sending.take() {
            self.size = sending.size();
            peers.close(sending.peer());
        }
    }

    fn close_viewers(&mut self, peers: &mut impl Peers) {
        while let Some((peer, _)) = self.viewers.pop_first() {
            peers.close(peer);
        }
    }

    /// A viewer is gone.
    pub(crate) fn viewer_is_gone(&mut self, peer: PeerId) {
        self.viewers.remove(&peer);
    }

    /// Whether nothing is left of it, nor to be told again.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        let is_over = self.state.state() == PictureState::None && self.sending.is_none();
        let is_told = now.saturating_duration_since(self.state.since()) >= TOLD_AGAIN_FOR;
        is_over && is_told && self.viewers.is_empty()
    }

    /// The publisher, if there is one.
    pub(crate) fn sending(&self) -> Option<&Sending> {
        self.sending.as_ref()
    }

    /// The picture as viewers are told of it.
    pub(crate) fn picture(&self) -> Picture {
        let state = self.state.state();
        let is_seen = matches!(state, PictureState::Live | PictureState::Stalled);
        Picture {
            state,
            since: self.since,
            size: self.sending.as_ref().and_then(Sending::size).or(self.size).filter(|_| is_seen),
            whep: self.state.may_show() && !self.has_b_frames,
            hls: is_seen && self.segments.as_ref().is_some_and(Segments::has_pictures),
            b_frames: self.has_b_frames,
        }
    }

    /// What players read by HLS, from the first picture on.
    pub(crate) fn reader(&self) -> Option<Reader> {
        self.segments.as_ref().filter(|_| self.picture().hls).map(Segments::reader)
    }

    /// The codec of its pictures, once one has come.
    pub(crate) fn codec(&self) -> Option<Codec> {
        self.gop.codec()
    }

    /// The publisher as its host is told of it, with what the host should know.
    pub(crate) fn publisher(&self, now: Instant) -> (Option<Publisher>, Vec<IngestWarning>) {
        let Some(sending) = &self.sending else { return (None, Vec::new()) };
        let (publisher, warnings) = sending.told(self.limits.ingest_kbps, now);
        (Some(publisher), warnings)
    }

    /// What is kept of a picture ends with it.
    fn change_state(&mut self, now: Now, change: impl FnOnce(&mut State)) {
        let before = self.state.state();
        change(&mut self.state);
        if self.state.state() == before {
            return;
        }
        self.since = now.wall;
        if self.state.state() == PictureState::None {
            self.segments = None;
            self.forget_packets();
        }
    }
}
