//! A WebRTC client over a real socket: publishes or views, and says what has come.
//! It must not know the thread.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, KeyframeRequestKind, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};
use tokio::net::UdpSocket;

/// What is waited for comes much sooner.
const PATIENCE: Duration = Duration::from_secs(20);

/// One client with its connection.
pub(super) struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    pub offer: String,
    /// The last question of its ICE, which the server answers whoever sends it.
    pub question: Vec<u8>,
    pub questions: u32,
    video: Mid,
    /// Where it last sent something to.
    server: Option<SocketAddr>,
    pub is_connected: bool,
    pub is_closed: bool,
    /// Sequence numbers, timestamps and payloads of pictures.
    pub received: Vec<(u64, u32, Vec<u8>)>,
    pub keyframe_requests: u32,
}

impl Client {
    /// On a loopback address, with an offer for a server.
    pub(super) async fn new(ip: Ipv4Addr, direction: Direction) -> Self {
        let socket = UdpSocket::bind(SocketAddr::new(IpAddr::V4(ip), 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder().set_rtp_mode(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let video = api.add_media(MediaKind::Video, direction, None, None, None);
        api.add_media(MediaKind::Audio, direction, None, None, None);
        let (offer, pending) = api.apply().unwrap();
        Self {
            rtc,
            socket,
            address,
            pending: Some(pending),
            offer: offer.to_sdp_string(),
            question: Vec::new(),
            questions: 0,
            video,
            server: None,
            is_connected: false,
            is_closed: false,
            received: Vec::new(),
            keyframe_requests: 0,
        }
    }

    /// Takes the server's answer, and connects.
    pub(super) async fn connect(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
        self.until(|client| client.is_connected).await;
    }

    /// What a NAT does: all goes out by another port from now on, and nothing comes by the one before. Its connection sees nothing of it.
    pub(super) async fn move_to_another_port(&mut self) {
        self.socket = UdpSocket::bind(SocketAddr::new(self.address.ip(), 0)).await.unwrap();
    }

    /// Runs until something is so.
    #[track_caller]
    pub(super) fn until(&mut self, is_so: impl Fn(&Client) -> bool) -> impl Future<Output = ()> {
        let waited_at = std::panic::Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            while !is_so(self) {
                assert!(Instant::now() < deadline, "what {waited_at} waits for has not come");
                self.step().await;
            }
        }
    }

    /// Runs until the next thing happens.
    async fn step(&mut self) {
        let next = self.drain().await;
        let wake = next.min(Instant::now() + Duration::from_millis(20));
        let mut buffer = [0; 2000];
        let received = tokio::time::timeout_at(wake.into(), self.socket.recv_from(&mut buffer)).await;
        let Ok(Ok((length, source))) = received else {
            self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            return;
        };
        if let Ok(received) = Receive::new(Protocol::Udp, source, self.address, &buffer[..length]) {
            self.rtc.handle_input(Input::Receive(Instant::now(), received)).unwrap();
        }
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(next) => return next,
                Output::Transmit(transmit) => {
                    self.server = Some(transmit.destination);
                    if transmit.contents.starts_with(&[0, 1]) {
                        self.question = transmit.contents.to_vec();
                        self.questions += 1;
                    }
                    self.socket.send_to(&transmit.contents, transmit.destination).await.unwrap();
                }
                Output::Event(event) => self.handle(event),
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::Closed => self.is_closed = true,
            Event::KeyframeRequest(_) => self.keyframe_requests += 1,
            Event::RtpPacket(packet) if packet.payload.len() > 1 => {
                self.received.push((*packet.seq_no, packet.header.timestamp, packet.payload.to_vec()));
            }
            _ => {}
        }
    }

    /// Sends packets of pictures, all at once.
    pub(super) async fn send(&mut self, packets: &[(u64, u32, &[u8])]) {
        let h264 = self.rtc.codec_config().find(|params| params.spec().codec == str0m::format::Codec::H264);
        let pt = h264.unwrap().pt();
        for (seq, at, payload) in packets {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_tx_by_mid(self.video, None).unwrap();
            stream.write_rtp(RtpWrite::new(pt, (*seq).into(), *at, Instant::now(), *payload).nackable(true));
            self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        }
        self.drain().await;
    }

    /// Sends bytes that are no packet of the connection.
    pub(super) async fn send_raw(&mut self, bytes: &[u8]) {
        let server = self.server.unwrap();
        self.socket.send_to(bytes, server).await.unwrap();
    }

    /// Asks the server for a keyframe.
    pub(super) async fn ask_keyframe(&mut self) {
        let mut api = self.rtc.direct_api();
        api.stream_rx_by_mid(self.video, None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        self.drain().await;
    }
}
