//! The thread as it runs, over real sockets: publishers in, viewers out, and what must not disturb them.

mod client;

use super::*;
use crate::{
    domain::{
        StreamId, UserId,
        stream::picture::{Picture, PictureState},
    },
    media::{
        handle::{
            Admitted, Answered, CutReason, Held, KeyRefused, MediaSessionId, Owner, Publish, Refused, View,
        },
        settings::MediaLimits,
    },
};
use client::Client;
use futures_util::future::{BoxFuture, FutureExt};
use std::{
    mem,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};
use str0m::media::Direction;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    sync::mpsc,
};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Packets of a keyframe and of a picture after it, as H.264 has them.
const KEY: &[u8] = &[0x65, 1, 2, 3];
const DELTA: &[u8] = &[0x41, 1, 2, 3];

struct NoKeys;

impl IngestKeys for NoKeys {
    fn admit(&self, _: String, _: IpAddr) -> BoxFuture<'static, Result<Admitted, KeyRefused>> {
        async { Err(KeyRefused::Unknown) }.boxed()
    }

    fn still_opens(&self, _: String, _: IpAddr, _: StreamId) -> BoxFuture<'static, Result<(), KeyRefused>> {
        async { Err(KeyRefused::Unknown) }.boxed()
    }
}

/// A thread with one stream, and what it has told.
struct Scene {
    media: Media,
    thread: MediaThread,
    metrics: Metrics,
    told: mpsc::UnboundedReceiver<Told>,
    stream: StreamId,
}

impl Scene {
    fn new(limits: MediaLimits) -> Self {
        let settings =
            MediaSettings { listen: SocketAddr::from((HERE, 0)), addresses: Vec::new(), rtmp: None, limits };
        let (tell, told) = mpsc::unbounded_channel();
        let tell = move |what| drop(tell.send(what));
        let metrics = Metrics::new();
        let (media, thread) =
            Media::start(settings, tell, Arc::new(NoKeys), Recorder::default(), metrics.clone()).unwrap();
        Self { media, thread, metrics, told, stream: StreamId::new() }
    }

    async fn offer_picture(&self, offer: &str, takes_over: bool) -> Result<Answered, Refused> {
        let publish = Publish {
            stream: self.stream,
            owner: Owner::Anybody,
            key: None,
            takes_over,
            agent: Some("test".to_owned()),
            offer: offer.to_owned(),
            from: HERE.into(),
            held: Held::nothing(),
        };
        self.media.publish(publish).await
    }

    async fn offer_view(&self, offer: &str, owner: Owner) -> Result<Answered, Refused> {
        let (offer, from) = (offer.to_owned(), HERE.into());
        self.media.view(View { stream: self.stream, owner, offer, from, held: Held::nothing() }).await
    }

    /// Somebody who publishes, connected from that address.
    async fn publisher(&self, ip: Ipv4Addr) -> (Client, MediaSessionId) {
        let mut client = Client::new(ip, Direction::SendOnly).await;
        let Answered { session, answer } = self.offer_picture(&client.offer, false).await.unwrap();
        client.connect(&answer).await;
        (client, session)
    }

    async fn viewer(&self, owner: Owner) -> Client {
        self.viewer_of(owner).await.0
    }

    async fn viewer_of(&self, owner: Owner) -> (Client, MediaSessionId) {
        let mut client = Client::new(HERE, Direction::RecvOnly).await;
        let Answered { session, answer } = self.offer_view(&client.offer, owner).await.unwrap();
        client.connect(&answer).await;
        (client, session)
    }

    /// A publisher whose keyframe is there for who comes.
    async fn on_air(&mut self) -> Client {
        let (mut publisher, _) = self.publisher(HERE).await;
        publisher.send(&[(1, 0, KEY)]).await;
        self.until(PictureState::Live).await;
        publisher
    }

    /// The same, and a viewer who has got it.
    async fn watched(&mut self) -> (Client, Client) {
        let publisher = self.on_air().await;
        let mut viewer = self.viewer(Owner::Anybody).await;
        viewer.until(|viewer| viewer.received.len() == 1).await;
        (publisher, viewer)
    }

    /// Waits for the picture to be in a state.
    async fn until(&mut self, state: PictureState) -> Picture {
        loop {
            let told = tokio::time::timeout(Duration::from_secs(20), self.told.recv()).await;
            let Told::Source { picture, .. } = told.unwrap().unwrap() else { continue };
            if picture.state == state {
                return picture;
            }
        }
    }
}

#[tokio::test]
async fn who_joins_late_gets_the_picture_since_its_keyframe_under_numbers_of_its_own() {
    let mut scene = Scene::new(MediaLimits::default());
    let offer = Client::new(HERE, Direction::RecvOnly).await.offer;
    assert_eq!(scene.offer_view(&offer, Owner::Anybody).await.unwrap_err(), Refused::NoPicture);
    let (mut publisher, session) = scene.publisher(HERE).await;
    scene.until(PictureState::Waiting).await;
    publisher
        .send(&[(60_000, 0, DELTA), (60_001, 3000, KEY), (60_002, 6000, DELTA), (60_003, 9000, DELTA)])
        .await;
    scene.until(PictureState::Live).await;

    let mut viewer = scene.viewer(Owner::Anybody).await;
    viewer.until(|viewer| viewer.received.len() == 3).await;
    let seqs: Vec<u64> = viewer.received.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!((seqs, &viewer.received[0].2[..]), (vec![1000, 1001, 1002], KEY));

    assert!(scene.media.close(&session, Owner::Anybody).await);
    assert!(!scene.media.close(&session, Owner::Anybody).await);
    scene.until(PictureState::None).await;
    scene.thread.stop();
    viewer.until(|viewer| viewer.is_closed).await;
}

#[tokio::test]
async fn who_joins_after_65536_packets_can_read_them() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, _) = scene.publisher(HERE).await;
    publisher
        .send(&[(65_534, 0, KEY), (65_535, 3000, DELTA), (65_536, 6000, DELTA), (65_537, 9000, KEY)])
        .await;
    scene.until(PictureState::Live).await;
    let mut viewer = scene.viewer(Owner::Anybody).await;
    viewer.until(|viewer| !viewer.received.is_empty()).await;
    publisher.send(&[(65_538, 12_000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.iter().any(|(_, _, payload)| payload == DELTA)).await;
}

/// Were datagrams read before what follows from the one before is taken, all but the last would be lost.
#[tokio::test]
async fn datagrams_that_come_together_are_all_forwarded() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    let together: Vec<(u64, u32, &[u8])> = (2..40).map(|n: u64| (n, n as u32 * 3000, DELTA)).collect();
    publisher.send(&together).await;
    viewer.until(|viewer| viewer.received.len() == 39).await;
}

/// As on a host with many addresses, where a wildcard's answer may leave from another one than was written to.
#[tokio::test]
async fn a_client_at_another_address_is_answered_from_the_one_it_writes_to() {
    let scene = Scene::new(MediaLimits::default());
    let (mut publisher, _) = scene.publisher(Ipv4Addr::new(127, 0, 0, 2)).await;
    assert!(publisher.is_connected);
    publisher.send(&[(1, 0, KEY)]).await;
}

/// By the viewer's fourth question, after some seconds, the old port has been silent for long enough; nobody says that it is void.
#[tokio::test]
async fn a_viewer_whom_a_nat_gives_another_port_gets_the_picture_there() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    viewer.move_to_another_port().await;
    let asked = viewer.questions;
    viewer.until(|viewer| viewer.questions >= asked + 4).await;
    publisher.send(&[(2, 3000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.len() == 2).await;
}

#[tokio::test]
async fn a_second_publisher_is_refused_unless_it_takes_over_and_viewers_stay() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut first, mut viewer) = scene.watched().await;
    first.send(&[(2, 3000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.len() == 2).await;

    let mut second = Client::new(HERE, Direction::SendOnly).await;
    assert_eq!(scene.offer_picture(&second.offer, false).await.unwrap_err(), Refused::Conflict);
    let answered = scene.offer_picture(&second.offer, true).await.unwrap();
    second.connect(&answered.answer).await;
    second.send(&[(500, 77, KEY), (501, 3077, DELTA)]).await;
    viewer.until(|viewer| viewer.received.len() == 4).await;
    let seqs: Vec<u64> = viewer.received.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!(seqs, [1000, 1001, 1002, 1003]);
    assert!(viewer.received.is_sorted_by_key(|(_, at, _)| *at));
    first.until(|first| first.is_closed).await;
}

#[tokio::test]
async fn what_viewers_need_is_asked_of_the_publisher() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    viewer.ask_keyframe().await;
    publisher.until(|publisher| publisher.keyframe_requests > 0).await;
}

#[tokio::test]
async fn a_session_ends_by_its_owner_alone_and_all_end_with_the_stream() {
    let mut scene = Scene::new(MediaLimits::default());
    let mut publisher = scene.on_air().await;
    let ana = UserId::new();
    let (mut hers, session) = scene.viewer_of(Owner::Account(ana)).await;
    let mut other = scene.viewer(Owner::Anybody).await;
    assert!(
        !scene.media.close(&session, Owner::Anybody).await
            && !scene.media.close(&session, Owner::Account(UserId::new())).await
    );
    assert!(scene.media.close(&session, Owner::Account(ana)).await);
    hers.until(|viewer| viewer.is_closed).await;
    publisher.send(&[(2, 3000, DELTA)]).await;
    other.until(|viewer| viewer.received.len() == 2).await;
    scene.media.cut(scene.stream, CutReason::Ended).await;
    other.until(|viewer| viewer.is_closed).await;
    publisher.until(|publisher| publisher.is_closed).await;
    scene.until(PictureState::None).await;
}

#[tokio::test]
async fn junk_disturbs_nobody_and_is_not_answered() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    let offer = Client::new(HERE, Direction::RecvOnly).await.offer;
    let address = address(&scene.offer_view(&offer, Owner::Anybody).await.unwrap().answer);
    let junk = UdpSocket::bind((HERE, 0)).await.unwrap();
    for n in 0..1000_u64 {
        let first = [0, 1, 22, 128, 200, 255][n as usize % 6];
        let datagram: Vec<u8> =
            (0..20 + n % 900).map(|at| if at == 0 { first } else { (at * n) as u8 }).collect();
        junk.send_to(&datagram, address).await.unwrap();
        if n % 50 == 0 {
            let seq = 2 + n / 50;
            publisher.send(&[(seq, seq as u32 * 3000, DELTA)]).await;
        }
    }
    viewer.until(|viewer| viewer.received.len() == 21).await;
    assert!(junk.try_recv(&mut [0; 100]).is_err(), "nothing of ours goes to who has proved nothing");
}

/// Whoever knows a viewer's address can write from it.
#[tokio::test]
async fn broken_packets_from_a_peers_own_address_do_not_end_it() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    for first in [0, 1, 20, 21, 22, 23, 25, 63, 128, 144, 191, 200, 255] {
        for length in [1, 12, 13, 20, 60, 1200, 1999] {
            let mut junk = vec![0xfe; length];
            junk[0] = first;
            viewer.send_raw(&junk).await;
            publisher.send_raw(&junk).await;
        }
    }
    publisher.send(&[(2, 3000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.len() == 2).await;
}

/// A viewer's connection has no room for it, and would fail.
#[tokio::test]
async fn a_packet_is_forwarded_up_to_a_size_and_left_out_above_it() {
    let mut scene = Scene::new(MediaLimits::default());
    let (mut publisher, mut viewer) = scene.watched().await;
    let of_bytes = |bytes: usize| [&DELTA[..1], &vec![7; bytes - 1]].concat();
    publisher.send(&[(2, 3000, &of_bytes(1900)), (3, 6000, &of_bytes(1901)), (4, 9000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.iter().any(|(.., payload)| payload == DELTA)).await;
    let sizes: Vec<usize> = viewer.received.iter().map(|(.., payload)| payload.len()).collect();
    assert_eq!(sizes, [KEY.len(), 1900, DELTA.len()]);
}

/// Were it not so, each would leave something in the connection that all later datagrams are compared with.
#[tokio::test]
async fn a_peer_shows_sixteen_addresses_in_its_life_and_a_seventeenth_is_not_answered() {
    let mut scene = Scene::new(MediaLimits::default());
    let mut publisher = scene.on_air().await;
    let mut viewer = Client::new(HERE, Direction::RecvOnly).await;
    let Answered { answer, .. } = scene.offer_view(&viewer.offer, Owner::Anybody).await.unwrap();
    viewer.connect(&answer).await;
    viewer.until(|viewer| viewer.received.len() == 1).await;
    let server = address(&answer);
    let mut others = Vec::new();
    for _ in 0..16 {
        others.push(UdpSocket::bind((HERE, 0)).await.unwrap());
    }
    let seventeenth = others.pop().unwrap();
    for other in &others {
        is_answered(other, &viewer.question, server).await;
    }
    assert_eq!(scene.metrics.media_unmatched_datagrams.get(), 0);
    seventeenth.send_to(&viewer.question, server).await.unwrap();
    is_answered(&others[0], &viewer.question, server).await;
    assert_eq!(scene.metrics.media_unmatched_datagrams.get(), 1);
    assert!(seventeenth.try_recv(&mut [0; 100]).is_err());

    let mut by_tcp = TcpStream::connect(server).await.unwrap();
    let framed = [&(viewer.question.len() as u16).to_be_bytes()[..], &viewer.question].concat();
    by_tcp.write_all(&framed).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(20), by_tcp.read(&mut [0; 100])).await.unwrap();
    assert_eq!(read.unwrap_or(0), 0, "the connection is closed without a word");
    publisher.send(&[(2, 3000, DELTA)]).await;
    viewer.until(|viewer| viewer.received.len() == 2).await;
}

async fn is_answered(socket: &UdpSocket, question: &[u8], server: SocketAddr) {
    socket.send_to(question, server).await.unwrap();
    let mut answer = [0; 2000];
    loop {
        let received = tokio::time::timeout(Duration::from_secs(20), socket.recv(&mut answer));
        received.await.expect("an answer").unwrap();
        if answer.starts_with(&[1, 1]) {
            return;
        }
    }
}

/// The first address that an answer names.
fn address(answer: &str) -> SocketAddr {
    let candidate = answer.lines().find(|line| line.starts_with("a=candidate:")).unwrap();
    let words: Vec<&str> = candidate.split(' ').collect();
    format!("{}:{}", words[4], words[5]).parse().unwrap()
}

#[tokio::test]
async fn limits_refuse_one_more_and_say_which() {
    let limits = MediaLimits { publishers: 1, viewers: 1, offers_per_ip: 5, ..MediaLimits::default() };
    let mut scene = Scene::new(limits);
    let limit = |refused: Result<Answered, Refused>| match refused {
        Err(Refused::TooMany { limit, .. }) => limit,
        other => panic!("{other:?}"),
    };
    let publisher = scene.on_air().await;
    let own = mem::take(&mut scene.stream);
    assert_eq!(limit(scene.offer_picture(&publisher.offer, true).await), "PUBLISHERS");
    scene.stream = own;
    let viewer = scene.viewer(Owner::Anybody).await;
    assert_eq!(limit(scene.offer_view(&viewer.offer, Owner::Anybody).await), "MEDIA_VIEWERS");
    assert!(matches!(scene.offer_view("garbage", Owner::Anybody).await, Err(Refused::TooMany { .. })));
    assert_eq!(limit(scene.offer_view(&viewer.offer, Owner::Anybody).await), "MEDIA_OFFERS_PER_IP");
}
