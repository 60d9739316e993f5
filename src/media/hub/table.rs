//! All streams with a picture, by their ids and by their peers; says what becomes of each.
//! It must not know how packets come or go, nor read the clock.

use super::{
    peers::Peers,
    places::{Place, Places},
    source::{Sending, Source},
    stream::Stream,
};
use crate::{
    domain::{Now, StreamId, stream::picture::PictureState},
    media::{
        board::Board,
        handle::{CutReason, Refused, Told},
        packet::{Codec, Packet, PeerId},
        sample::Sample,
        settings::MediaLimits,
    },
    metrics::Metrics,
    recordings::Recorder,
};
use std::{collections::HashMap, sync::Arc};

/// What a peer is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Source(StreamId),
    Viewer(StreamId),
}

fn is_sent_by(stream: &Stream, peer: PeerId) -> bool {
    stream.sending().map(Sending::peer) == Some(peer)
}

/// All streams that have a picture, or had one a moment ago.
pub(crate) struct Hub {
    limits: MediaLimits,
    places: Places,
    streams: HashMap<StreamId, Stream>,
    parts: HashMap<PeerId, Part>,
    board: Arc<Board>,
    tell: Box<dyn Fn(Told) + Send>,
    recorder: Recorder,
    metrics: Metrics,
}

impl Hub {
    pub(crate) fn new(
        limits: MediaLimits,
        board: Arc<Board>,
        tell: Box<dyn Fn(Told) + Send>,
        recorder: Recorder,
        metrics: Metrics,
    ) -> Self {
        let places = Places::new(limits);
        Self {
            limits,
            places,
            streams: HashMap::new(),
            parts: HashMap::new(),
            board,
            tell,
            recorder,
            metrics,
        }
    }

    /// The places of publishers and viewers.
    pub(crate) fn places(&mut self) -> &mut Places {
        &mut self.places
    }

    /// Whether a publisher may begin now.
    pub(crate) fn may_publish(&self, stream: StreamId, takes_over: bool, now: Now) -> Result<(), Refused> {
        let is_free = self.streams.get(&stream).is_none_or(|stream| stream.is_free(now.instant));
        if takes_over || is_free { Ok(()) } else { Err(Refused::Conflict) }
    }

    /// A place for one more publisher, or for who takes that of another in this stream.
    pub(crate) fn publisher_place(&self, stream: StreamId) -> Result<Place, Refused> {
        self.places.publisher(self.streams.get(&stream).is_some_and(Stream::has_source))
    }

    /// Whether that place still holds when its publisher begins.
    pub(crate) fn still_has_place(&self, stream: StreamId, place: &Place) -> Result<(), Refused> {
        self.places.holds(place, self.streams.get(&stream).is_some_and(Stream::has_source))
    }

    /// Whether there is something to view for who can take these codecs.
    pub(crate) fn may_view(&self, stream: StreamId, codecs: &[Codec]) -> Result<(), Refused> {
        let stream = self.streams.get(&stream).ok_or(Refused::NoPicture)?;
        let picture = stream.picture();
        // So it is with one that is long in coming, and one that goes to another server.
        let is_unseen = !picture.whep && !picture.b_frames;
        if picture.state == PictureState::None || is_unseen {
            return Err(Refused::NoPicture);
        }
        let takes = stream.codec().is_none_or(|codec| codecs.contains(&codec));
        if picture.whep && takes { Ok(()) } else { Err(Refused::NoCommonCodec) }
    }

    /// A source begins.
    pub(crate) fn publish(&mut self, id: StreamId, source: Source, now: Now, peers: &mut impl Peers) {
        self.metrics.media_publishers.of(source.protocol.as_str()).inc();
        self.parts.insert(source.peer, Part::Source(id));
        let new = || Stream::new(self.limits, self.recorder.taps(id), now);
        let stream = self.streams.entry(id).or_insert_with(new);
        stream.publish(source, now, peers);
        self.tell_changes(id, now);
    }

    /// A viewer begins.
    pub(crate) fn view(&mut self, id: StreamId, peer: PeerId, place: Place, now: Now) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        self.parts.insert(peer, Part::Viewer(id));
        stream.view(peer, place, now.instant);
    }

    /// A peer is connected.
    pub(crate) fn connected(&mut self, peer: PeerId, now: Now, peers: &mut impl Peers) {
        if let Some(Part::Viewer(id)) = self.parts.get(&peer)
            && let Some(stream) = self.streams.get_mut(id)
        {
            stream.connected(peer, now.instant, peers);
        }
    }

    /// A viewer cannot go on without a keyframe, or a publisher's viewers all cannot.
    pub(crate) fn keyframe_wanted(&mut self, peer: PeerId, now: Now, peers: &mut impl Peers) {
        if let Some(Part::Viewer(id) | Part::Source(id)) = self.parts.get(&peer)
            && let Some(stream) = self.streams.get_mut(id)
        {
            stream.want_keyframe(now.instant, peers);
        }
    }

    /// A viewer has missed packets, and can be sent more.
    pub(crate) fn resume(&mut self, peer: PeerId, now: Now, peers: &mut impl Peers) {
        if let Some(Part::Viewer(id)) = self.parts.get(&peer)
            && let Some(stream) = self.streams.get_mut(id)
        {
            stream.resume(peer, now.instant, peers);
        }
    }

    /// A publisher has sent a packet.
    pub(crate) fn packet(&mut self, peer: PeerId, packet: Packet, now: Now, peers: &mut impl Peers) {
        let taken = self.of_source(peer, now, |stream| stream.packet(packet, now, peers));
        if let Some((id, Err(fault))) = taken {
            self.refused(id, "invalid_picture", fault.to_string());
            self.cut(id, CutReason::Removed, now, peers);
        }
    }

    /// Somebody who would publish is sent away, for a reason that the host should read.
    pub(crate) fn refused(&self, stream: StreamId, code: &'static str, words: String) {
        (self.tell)(Told::Refused(stream, code, words));
    }

    /// A publisher is sent away.
    pub(crate) fn source_refused(&self, peer: PeerId, code: &'static str, words: String) {
        if let Some(&Part::Source(id)) = self.parts.get(&peer) {
            self.refused(id, code, words);
        }
    }

    /// A publisher has sent a sample.
    pub(crate) fn sample(&mut self, peer: PeerId, sample: Sample, now: Now, peers: &mut impl Peers) {
        self.of_source(peer, now, |stream| stream.sample(sample, now, peers));
    }

    /// What a publisher sends next are other packets than those before.
    pub(crate) fn change_packets(&mut self, peer: PeerId, now: Now) {
        self.of_source(peer, now, Stream::change_packets);
    }

    /// What a publisher sends next are samples of another timeline.
    pub(crate) fn begin_run(&mut self, peer: PeerId, now: Now) {
        self.of_source(peer, now, Stream::begin_run);
    }

    /// A publisher says what its program is called.
    pub(crate) fn is_named(&mut self, peer: PeerId, agent: String, now: Now) {
        self.of_source(peer, now, |stream| stream.is_named(agent));
    }

    fn of_source<T>(
        &mut self,
        peer: PeerId,
        now: Now,
        act: impl FnOnce(&mut Stream) -> T,
    ) -> Option<(StreamId, T)> {
        let Some(&Part::Source(id)) = self.parts.get(&peer) else { return None };
        let stream = self.streams.get_mut(&id).filter(|stream| is_sent_by(stream, peer))?;
        let before = stream.picture();
        let result = act(stream);
        if stream.picture() != before {
            self.tell_changes(id, now);
        }
        Some((id, result))
    }

    /// A peer is gone, with a goodbye or without.
    pub(crate) fn gone(&mut self, peer: PeerId, said_goodbye: bool, now: Now) {
        match self.parts.remove(&peer) {
            Some(Part::Source(id)) => {
                if let Some(stream) = self.streams.get_mut(&id)
                    && is_sent_by(stream, peer)
                {
                    stream.source_is_gone(said_goodbye, now);
                    self.tell_changes(id, now);
                }
            }
            Some(Part::Viewer(id)) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.viewer_is_gone(peer);
                }
            }
            None => {}
        }
    }

    /// A stream's source is sent away, and its viewers, unless the reason concerns the source alone. A key that is no more
    /// concerns who came by it.
    pub(crate) fn cut(&mut self, id: StreamId, reason: CutReason, now: Now, peers: &mut impl Peers) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let came_before = |key| stream.sending().is_some_and(|sending| sending.came_before(key));
        if matches!(reason, CutReason::KeyRotated(key) if !came_before(key)) {
            return;
        }
        let and_viewers =
            !matches!(reason, CutReason::KeyRotated(_) | CutReason::Removed | CutReason::Barred);
        stream.end(and_viewers, now, peers);
        self.tell_changes(id, now);
    }

    /// Whether somebody is given a cache piece by piece.
    pub(crate) fn is_bursting(&self) -> bool {
        self.streams.values().any(Stream::is_bursting)
    }

    /// Gives more of the cache to who is behind.
    pub(crate) fn burst(&mut self, now: Now, peers: &mut impl Peers) {
        let behind = self.streams.values_mut().filter(|stream| stream.is_bursting());
        behind.for_each(|stream| stream.burst(now.instant, peers));
    }

    /// A tenth of a second has passed.
    pub(crate) fn tick(&mut self, now: Now, peers: &mut impl Peers) {
        let mut changed = Vec::new();
        for (&id, stream) in &mut self.streams {
            let before = stream.picture();
            stream.tick(now, peers);
            if stream.picture() != before {
                changed.push((id, stream.picture().state));
            }
        }
        for (id, state) in changed {
            if state == PictureState::Stalled {
                self.metrics.media_stalls.inc();
            }
            self.tell_changes(id, now);
        }
        self.forget_idle(now);
    }

    /// A second has passed.
    pub(crate) fn tick_health(&mut self, now: Now) {
        let all: Vec<StreamId> = self.streams.keys().copied().collect();
        for id in all {
            if let Some(stream) = self.streams.get_mut(&id) {
                stream.tick_health();
            }
            self.tell_source(id, now, false);
        }
    }

    fn forget_idle(&mut self, now: Now) {
        self.streams.retain(|_, stream| !stream.is_idle(now.instant));
    }

    fn tell_changes(&self, id: StreamId, now: Now) {
        let Some(stream) = self.streams.get(&id) else { return };
        match stream.reader() {
            Some(reader) => self.board.put_reader(id, reader),
            None => self.board.remove_reader(id),
        }
        self.tell_source(id, now, true);
    }

    fn tell_source(&self, id: StreamId, now: Now, is_news: bool) {
        let Some(stream) = self.streams.get(&id) else { return };
        let (publisher, warnings) = stream.publisher(now.instant);
        (self.tell)(Told::Source { stream: id, picture: stream.picture(), publisher, warnings, is_news });
    }
}
