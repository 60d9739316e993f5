//! The source of one stream while it is there: who it is, how it does, and what is asked of it.
//! It must not know viewers, nor read the clock.

mod health;
mod keyframes;
mod packets;

use super::{
    inspect::vp8_size,
    peers::Peers,
    places::Place,
    segments::{opus_channels, size_of},
    viewing::Pushed,
};
use crate::{
    domain::{
        Millis, Now,
        stream::{
            ingest_key::KeyVersion,
            picture::{IngestProtocol, IngestWarning, MediaServer, Publisher},
        },
    },
    media::{
        packet::{Codec, Packet, PeerId},
        sample::{AudioConfig, Sample},
    },
};
use health::Health;
use keyframes::KeyframeRequests;
use packets::Packets;
use std::time::Instant;

/// Who sends a stream's picture.
#[derive(Debug)]
pub(crate) struct Source {
    pub peer: PeerId,
    pub protocol: IngestProtocol,
    /// The server that its packets go to; none where they come here.
    pub via: Option<MediaServer>,
    pub agent: Option<String>,
    /// By whose key it came; none by a login.
    pub key: Option<KeyVersion>,
    #[allow(dead_code)] // its drop gives the place back
    pub place: Place,
}

/// A source that is there.
#[derive(Debug)]
pub(crate) struct Sending {
    source: Source,
    since: Millis,
    requests: KeyframeRequests,
    health: Health,
    packets: Packets,
    /// Codec, clock and channels of the sound of samples.
    sound: Option<(&'static str, u32, u8)>,
}

impl Sending {
    pub(crate) fn new(source: Source, now: Now) -> Self {
        let requests = match source.protocol {
            IngestProtocol::Whip if source.via.is_none() => KeyframeRequests::default(),
            _ => KeyframeRequests::deaf(),
        };
        let health = Health::new(now.instant);
        Self { source, since: now.wall, requests, health, packets: Packets::default(), sound: None }
    }

    pub(crate) fn peer(&self) -> PeerId {
        self.source.peer
    }

    /// Whether it came by a key that this one has made worthless.
    pub(crate) fn came_before(&self, in_force: KeyVersion) -> bool {
        self.source.key.is_some_and(|key| key.is_before(in_force))
    }

    /// What the encoder calls itself is told after it has begun.
    pub(crate) fn is_named(&mut self, agent: String) {
        self.source.agent = Some(agent);
    }

    /// Somebody needs a keyframe.
    pub(crate) fn want_keyframe(&mut self, now: Instant, peers: &mut impl Peers) {
        self.requests.want();
        self.ask(now, peers);
    }

    /// Asks for a keyframe if one is wanted, and if that is of use now.
    pub(crate) fn ask(&mut self, now: Instant, peers: &mut impl Peers) {
        if self.requests.ask(now) {
            peers.ask_keyframe(self.source.peer);
        }
    }

    /// A packet of pictures has come, which the cache has taken so.
    pub(crate) fn video(&mut self, packet: &Packet, pushed: Pushed, now: Instant) {
        let health = &mut self.health;
        health.packet(packet.codec.name(), packet.seq, packet.payload.len());
        health.picture(packet.at, pushed.is_new_keyframe, now);
        if packet.codec == Codec::Vp8
            && let Some((width, height)) = vp8_size(&packet.payload)
        {
            health.sized(width, height);
        }
        if pushed.is_new_keyframe {
            self.requests.seen();
        }
    }

    /// A packet of sound has come.
    pub(crate) fn audio(&mut self, packet: &Packet, now: Instant) {
        let (name, rate) = (packet.codec.name(), packet.codec.clock());
        self.health.sound(name, rate, opus_channels(&packet.payload), packet.payload.len(), now);
    }

    /// A sample has come. Returns its packets; sound is only cut into some where it is heard.
    pub(crate) fn sample(&mut self, sample: &Sample, is_heard: bool, now: Instant) -> Vec<Packet> {
        if let Some((width, height)) = size_of(sample) {
            self.health.sized(width, height);
        }
        match sample {
            Sample::AudioConfig(config) => {
                self.sound = Some(match **config {
                    AudioConfig::Opus { channels } => ("opus", Codec::Opus.clock(), channels),
                    AudioConfig::Aac { rate, channels, .. } => ("aac", rate, channels),
                });
            }
            Sample::Sound(piece) => {
                if let Some((name, rate, channels)) = self.sound {
                    self.health.sound(name, rate, channels, piece.data.len(), now);
                }
            }
            _ => {}
        }
        self.packets.of(sample, is_heard, now)
    }

    pub(crate) fn health(&mut self) -> &mut Health {
        &mut self.health
    }

    /// The size of its pictures, in pixels.
    pub(crate) fn size(&self) -> Option<(u16, u16)> {
        self.health.size()
    }

    /// As its host is told of it, with what the host should know.
    pub(crate) fn told(&self, kbps_max: u32, now: Instant) -> (Publisher, Vec<IngestWarning>) {
        let publisher = Publisher {
            protocol: self.source.protocol,
            via: self.source.via,
            since: self.since,
            agent: self.source.agent.clone(),
            video: self.health.video(),
            audio: self.health.audio(now),
        };
        // Of what goes elsewhere nothing is seen here.
        let warnings = match self.source.via {
            None => self.health.warnings(kbps_max, now),
            Some(_) => Vec::new(),
        };
        (publisher, warnings)
    }
}
