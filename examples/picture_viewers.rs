//! Many viewers of one picture by WHEP, in one thread: how much of it arrives, and how soon. Packets are counted, not decrypted,
//! so that the machine is the server's as far as can be.
//!
//! `cargo run --release --example picture_viewers -- 127.0.0.1:8080 STREAM_ID 400 20`
//!
//! The server needs room for them: `LIVEHOUSE_LIMITS_MEDIA_VIEWERS_PER_IP=0`, `LIVEHOUSE_LIMITS_MEDIA_OFFERS_PER_IP=0`.

use anyhow::{Context, Result, bail};
use std::{
    env,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind},
    net::{DatagramRecv, Protocol, Receive},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    task::JoinSet,
    time::{sleep, sleep_until, timeout_at},
};

/// Between two viewers' beginnings.
const APART: Duration = Duration::from_millis(15);
/// After the last has begun, until counting begins.
const SETTLE: Duration = Duration::from_secs(3);

/// The packets of pictures that one viewer was sent, by their sequence numbers.
#[derive(Debug, Default)]
struct Counted {
    first_seq: Option<u64>,
    newest: u64,
    packets: u64,
    bytes: u64,
    /// From its offer to its first packet.
    joined_in: Option<Duration>,
}

impl Counted {
    fn packet(&mut self, seq: u16, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
        let seq = u64::from(seq);
        if self.first_seq.is_none() {
            self.first_seq = Some(seq);
            self.newest = seq;
            return;
        }
        let ahead = seq.wrapping_sub(self.newest) & 0xffff;
        if ahead < 0x8000 {
            self.newest += ahead;
        }
    }

    fn sent(&self) -> u64 {
        self.first_seq.map_or(0, |first| self.newest - first + 1)
    }
}

/// One viewer's connection.
struct Viewer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    is_connected: bool,
    /// The payload type of pictures, known by its large packets.
    pictures: Option<u8>,
}

impl Viewer {
    async fn offer() -> Result<(Self, String, SdpPendingOffer)> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let mut rtc = Rtc::builder().set_rtp_mode(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        let mut api = rtc.sdp_api();
        api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().context("an offer")?;
        let viewer = Self { rtc, socket, address, is_connected: false, pictures: None };
        Ok((viewer, offer.to_sdp_string(), pending))
    }

    /// Sends what is due; returns when something is due again.
    async fn drain(&mut self) -> Result<Instant> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(next) => return Ok(next),
                Output::Transmit(transmit) => {
                    self.socket.send_to(&transmit.contents, transmit.destination).await?;
                }
                Output::Event(Event::Connected) => self.is_connected = true,
                Output::Event(_) => {}
            }
        }
    }

    /// Takes the next datagram. Returns the sequence number of one with a piece of a picture.
    async fn receive(&mut self, buffer: &mut [u8], until: Instant) -> Result<Option<(u16, usize)>> {
        let wake = self.drain().await?.min(until);
        let Ok(received) = timeout_at(wake.into(), self.socket.recv_from(buffer)).await else {
            self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            return Ok(None);
        };
        let (length, source) = received?;
        let datagram = &buffer[..length];
        if let ([0x80..=0xbf, kind, high, low, ..], true) = (datagram, self.is_connected)
            && !(192..=223).contains(kind)
        {
            let pt = kind & 0x7f;
            if length > 400 {
                self.pictures.get_or_insert(pt);
            }
            return Ok((self.pictures == Some(pt)).then(|| (u16::from_be_bytes([*high, *low]), length)));
        }
        if let Ok(contents) = DatagramRecv::try_from(datagram) {
            let received = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
            self.rtc.handle_input(Input::Receive(Instant::now(), received))?;
        }
        Ok(None)
    }
}

/// Asks the server to be let in.
async fn answer(server: SocketAddr, stream: &str, offer: &str) -> Result<String> {
    let mut socket = TcpStream::connect(server).await?;
    let head = format!(
        "POST /api/v1/streams/{stream}/whep HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/sdp\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        offer.len()
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(offer.as_bytes()).await?;
    let mut text = String::new();
    socket.read_to_string(&mut text).await?;
    let (head, body) = text.split_once("\r\n\r\n").context("an answer")?;
    if !head.starts_with("HTTP/1.1 201") {
        bail!("{head}\n{body}");
    }
    Ok(body.to_owned())
}

/// Watches until an end, and counts from a beginning on.
async fn watch(server: SocketAddr, stream: String, from: Instant, to: Instant) -> Result<Counted> {
    let offered = Instant::now();
    let (mut viewer, offer, pending) = Viewer::offer().await?;
    let answer = answer(server, &stream, &offer).await?;
    viewer.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer)?)?;
    let (mut counted, mut buffer) = (Counted::default(), vec![0; 2000]);
    while Instant::now() < to {
        let Some((seq, bytes)) = viewer.receive(&mut buffer, to).await? else { continue };
        counted.joined_in.get_or_insert(offered.elapsed());
        if Instant::now() >= from {
            counted.packet(seq, bytes);
        }
    }
    viewer.rtc.close()?;
    viewer.drain().await?;
    Ok(counted)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [server, stream, count, seconds] = arguments.as_slice() else {
        bail!("usage: picture_viewers ADDRESS STREAM_ID VIEWERS SECONDS");
    };
    let server: SocketAddr = server.parse()?;
    if !matches!(server.ip(), IpAddr::V4(ip) if ip.is_loopback()) {
        bail!("viewers are on loopback, so the server must be");
    }
    let (count, seconds): (u32, u64) = (count.parse()?, seconds.parse()?);
    let from = Instant::now() + APART * count + SETTLE;
    let to = from + Duration::from_secs(seconds);
    let mut viewers = JoinSet::new();
    for _ in 0..count {
        viewers.spawn(watch(server, stream.clone(), from, to));
        sleep(APART).await;
    }
    sleep_until(to.into()).await;
    let (mut all, mut failed) = (Vec::new(), 0);
    for viewer in viewers.join_all().await {
        match viewer {
            Ok(counted) => all.push(counted),
            Err(error) => {
                failed += 1;
                eprintln!("{error}");
            }
        }
    }
    report(&all, failed, seconds);
    Ok(())
}

fn report(all: &[Counted], failed: u32, seconds: u64) {
    let sum = |of: fn(&Counted) -> u64| all.iter().map(of).sum::<u64>();
    let (packets, sent, bytes) = (sum(|one| one.packets), sum(Counted::sent), sum(|one| one.bytes));
    let mut joined: Vec<Duration> = all.iter().filter_map(|one| one.joined_in).collect();
    joined.sort();
    let at = |percent: usize| joined.get(joined.len() * percent / 100).map_or(0, Duration::as_millis);
    let mbit_s = bytes as f64 * 8e-6 / seconds as f64 / all.len().max(1) as f64;
    println!(
        "{} viewers, {failed} failed; {packets} of {sent} packets ({:.3} %), {mbit_s:.2} Mbit/s each; \
         first packet after {} ms (median), {} ms (95 %)",
        all.len(),
        packets as f64 * 100.0 / sent.max(1) as f64,
        at(50),
        at(95)
    );
}
