//! One peer connection: bytes in and out, packets in and out. Whatever fails in it ends it, and nothing else.
//! It must not know streams, sockets or other peers.

use super::{
    layers::Layers,
    offer::{Role, codec},
};
use crate::media::packet::{Codec, Packet, Report};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant, UNIX_EPOCH},
};
use str0m::{
    Event, IceConnectionState, Input, Output, Rtc, RtcError,
    format::PayloadParams,
    media::{KeyframeRequestKind, MediaKind, Mid, Pt},
    net::Transmit,
    rtp::{RtpPacket, RtpWrite, Ssrc, rtcp::SenderInfo},
};

/// Who has not connected by then never will, or means harm.
const CONNECT_WITHIN: Duration = Duration::from_secs(12);
/// More of a packet, in bytes, does not fit into one of a viewer's: its connection writes them into 2000, with their heads.
const PAYLOAD_MAX: usize = 1900;
/// More outputs of one input are an endless loop.
const OUTPUTS_MAX: usize = 10_000;

/// What happens in a peer.
#[derive(Debug)]
pub(super) enum PeerEvent {
    Connected,
    Packet(Packet),
    KeyframeWanted,
}

/// What a peer wants to be done.
pub(super) trait Outbox {
    fn transmit(&mut self, transmit: Transmit);
    fn event(&mut self, event: PeerEvent);
}

/// How a peer has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Its other side has closed the connection, and said so.
    Closed,
    /// Its other side is not heard any more.
    Lost,
    /// Its other side has another certificate than its offer says, or speaks no DTLS.
    Unproven,
    /// Something in it has failed.
    Failed,
}

/// What strangers can bring about is no failure of this server.
fn blame(error: &RtcError) -> Ended {
    match error {
        RtcError::RemoteSdp(_) | RtcError::Dtls(_) => Ended::Unproven,
        _ => Ended::Failed,
    }
}

/// One track that is sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    ssrc: Ssrc,
    pt: Pt,
}

/// A connection with its other side.
pub(super) struct Peer {
    rtc: Rtc,
    role: Role,
    born: Instant,
    is_connected: bool,
    is_closed: bool,
    layers: Layers,
    video: Option<(Codec, Sent)>,
    audio: Option<Sent>,
    mids: Vec<(Mid, MediaKind)>,
}

impl Peer {
    pub(super) fn new(rtc: Rtc, role: Role, now: Instant) -> Self {
        let (layers, mids) = (Layers::default(), Vec::new());
        Self {
            rtc,
            role,
            born: now,
            is_connected: false,
            is_closed: false,
            layers,
            video: None,
            audio: None,
            mids,
        }
    }

    /// Whether a message proves that its sender knows the connection's secrets.
    pub(super) fn accepts(&self, input: &Input) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.rtc.accepts(input))).unwrap_or(false)
    }

    /// Takes what has come, and gives out all that follows from it. Returns when it is to be driven again.
    pub(super) fn drive(
        &mut self,
        input: Input,
        now: Instant,
        out: &mut impl Outbox,
    ) -> Result<Instant, Ended> {
        if !self.is_connected && now.saturating_duration_since(self.born) >= CONNECT_WITHIN {
            return Err(Ended::Lost);
        }
        // Addresses can be forged: a packet that cannot be taken says nothing about the peer.
        let is_packet = matches!(input, Input::Receive(..));
        let driven = catch_unwind(AssertUnwindSafe(|| match self.rtc.handle_input(input) {
            Err(_) if !is_packet => Err(Ended::Failed),
            _ => self.drain(out),
        }));
        let next = driven.unwrap_or(Err(Ended::Failed))?;
        Ok(if self.is_connected { next } else { next.min(self.born + CONNECT_WITHIN) })
    }

    fn drain(&mut self, out: &mut impl Outbox) -> Result<Instant, Ended> {
        for _ in 0..OUTPUTS_MAX {
            match self.rtc.poll_output().map_err(|error| blame(&error))? {
                Output::Timeout(next) if self.rtc.is_alive() => return Ok(next),
                Output::Timeout(_) if self.is_closed => return Err(Ended::Closed),
                Output::Timeout(_) => return Err(Ended::Lost),
                Output::Transmit(transmit) => out.transmit(transmit),
                Output::Event(event) => self.handle(event, out)?,
            }
        }
        Err(Ended::Failed)
    }

    fn handle(&mut self, event: Event, out: &mut impl Outbox) -> Result<(), Ended> {
        match event {
            Event::Connected => {
                self.is_connected = true;
                out.event(PeerEvent::Connected);
            }
            // What answers it is still to be sent.
            Event::Closed => self.is_closed = true,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => return Err(Ended::Lost),
            Event::MediaAdded(media) => self.mids.push((media.mid, media.kind)),
            Event::KeyframeRequest(_) => out.event(PeerEvent::KeyframeWanted),
            Event::RtpPacket(packet) if self.role == Role::Publisher => {
                if let Some(packet) = self.received(packet) {
                    out.event(PeerEvent::Packet(packet));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A packet of what is forwarded; none for other layers and for what is not carried.
    fn received(&mut self, packet: RtpPacket) -> Option<Packet> {
        if packet.payload.len() > PAYLOAD_MAX {
            return None;
        }
        let pt = packet.header.payload_type;
        let codec = codec(self.rtc.codec_config().find(|params| params.pt() == pt)?.spec().codec)?;
        if codec.is_video() && !self.layers.count(packet.header.ssrc, packet.payload.len()) {
            return None;
        }
        Some(Packet {
            codec,
            seq: *packet.seq_no,
            at: packet.header.timestamp,
            marker: packet.header.marker,
            payload: packet.payload,
            arrived: packet.timestamp,
            report: packet.last_sender_info.as_ref().and_then(report),
        })
    }

    /// Asks the publisher for a keyframe; it goes out when the peer is driven next.
    pub(super) fn ask_keyframe(&mut self) {
        let Some(ssrc) = self.layers.forwarded() else { return };
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }));
    }

    /// A second is over: says whether another layer is forwarded from now on.
    pub(super) fn choose_layer(&mut self) -> bool {
        self.role == Role::Publisher && self.layers.choose()
    }

    /// Queues a packet for the viewer; it goes out when the peer is driven next. False where the viewer cannot take its codec.
    pub(super) fn write(&mut self, packet: Packet) -> bool {
        let written = catch_unwind(AssertUnwindSafe(|| {
            let sent = self.track(packet.codec)?;
            let mut api = self.rtc.direct_api();
            let stream = api.stream_tx(&sent.ssrc)?;
            let is_video = packet.codec.is_video();
            let write = RtpWrite::new(sent.pt, packet.seq.into(), packet.at, packet.arrived, packet.payload);
            stream.write_rtp(write.marker(packet.marker).nackable(is_video));
            Some(())
        }));
        matches!(written, Ok(Some(())))
    }

    /// The track for a codec, found once.
    fn track(&mut self, codec: Codec) -> Option<Sent> {
        match codec {
            Codec::Opus => {
                if self.audio.is_none() {
                    self.audio = self.find_track(codec);
                }
                self.audio
            }
            _ => {
                if self.video.is_none_or(|(known, _)| known != codec) {
                    self.video = self.find_track(codec).map(|sent| (codec, sent));
                }
                self.video.map(|(_, sent)| sent)
            }
        }
    }

    fn find_track(&mut self, wanted: Codec) -> Option<Sent> {
        let kind = if wanted.is_video() { MediaKind::Video } else { MediaKind::Audio };
        let (mid, _) = *self.mids.iter().find(|(_, found)| *found == kind)?;
        let remote = self.rtc.media(mid)?.remote_pts().to_vec();
        let params = self.rtc.codec_config().params();
        let fitting = params.iter().filter(|params| codec(params.spec().codec) == Some(wanted));
        let pt =
            fitting.filter(|params| remote.contains(&params.pt())).max_by_key(|params| liking(params))?.pt();
        let ssrc = self.rtc.direct_api().stream_tx_by_mid(mid, None)?.ssrc();
        Some(Sent { ssrc, pt })
    }

    /// Says goodbye; what is to be sent for that goes out when the peer is driven next.
    pub(super) fn close(&mut self) {
        let closed = catch_unwind(AssertUnwindSafe(|| self.rtc.close()));
        if !matches!(closed, Ok(Ok(()))) {
            self.rtc.disconnect();
        }
    }
}

fn report(info: &SenderInfo) -> Option<Report> {
    let wall = info.ntp_time.duration_since(UNIX_EPOCH).ok()?;
    Some(Report { wall_s: wall.as_secs_f64(), at: info.rtp_time.numer() as u32 })
}

/// Pictures are cut to fit packets as mode 1 has it; decoders take any profile under the one that all know.
fn liking(params: &PayloadParams) -> u32 {
    const CONSTRAINED_BASELINE: u32 = 0x42_e0;
    let format = params.spec().format;
    let is_cut = format.packetization_mode == Some(1);
    let is_known = format.profile_level_id.is_some_and(|id| id >> 8 == CONSTRAINED_BASELINE);
    2 * u32::from(is_cut) + u32::from(is_known)
}
