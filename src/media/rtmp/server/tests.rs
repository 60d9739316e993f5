//! The server over real sockets: who is let in, what arrives, and how each is sent away.

use super::{
    bind,
    host::{Asked, Closed, Host, Sink},
    limits::Limits,
    serve,
};
use crate::{
    media::rtmp::{
        chunks::samples::message,
        flv::Piece,
        refusal::{Reason, Refusal},
        session::samples::{command, connect, handshake, publish, up_to_publish},
    },
    metrics::Metrics,
};
use futures_util::future::BoxFuture;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{interval, timeout},
};

const DEADLINE: Duration = Duration::from_secs(20);
const KEY: &str = "lh_right";

/// Lets one key in, and tells what comes.
struct Door(mpsc::UnboundedSender<Heard>, watch::Receiver<bool>);

#[derive(Debug, PartialEq)]
enum Heard {
    Asked(String, Option<String>),
    Piece(Piece),
    Closed(Closed),
}

struct Ear(mpsc::UnboundedSender<Heard>, watch::Receiver<bool>);

impl Host for Door {
    type Sink = Ear;

    fn admit(self: Arc<Self>, asked: Asked) -> BoxFuture<'static, Result<Ear, Reason>> {
        let is_right = asked.key == KEY;
        self.0.send(Heard::Asked(asked.key, asked.agent)).unwrap();
        let answer = if is_right { Ok(Ear(self.0.clone(), self.1.clone())) } else { Err(wrong_key()) };
        Box::pin(async { answer })
    }
}

impl Sink for Ear {
    async fn push(&mut self, piece: Piece) -> Result<(), Reason> {
        let is_cut = piece == Piece::Agent("cut me".into());
        self.0.send(Heard::Piece(piece)).unwrap();
        if is_cut { Err(ended()) } else { Ok(()) }
    }

    async fn sent_away(&mut self) -> Reason {
        self.1.wait_for(|is_cut| *is_cut).await.unwrap();
        ended()
    }

    fn close(self, why: Closed) {
        self.0.send(Heard::Closed(why)).unwrap();
    }
}

fn wrong_key() -> Reason {
    Reason { code: "key", words: "there is no such key".into() }
}

fn ended() -> Reason {
    Reason { code: "ended", words: "the stream has ended".into() }
}

/// A server with what its host heard.
struct Running {
    address: SocketAddr,
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Sends all publishers away.
    cut: watch::Sender<bool>,
    metrics: Metrics,
    task: JoinHandle<()>,
}

impl Running {
    fn start(limits: Limits) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, heard) = mpsc::unbounded_channel();
        let metrics = Metrics::new();
        let cut = watch::Sender::new(false);
        let serving = serve(listener, Arc::new(Door(sender, cut.subscribe())), limits, metrics.clone());
        let task = tokio::spawn(async { serving.await.unwrap() });
        Running { address, heard, cut, metrics, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut socket = self.connect().await;
        socket.write_all(bytes).await.unwrap();
        socket
    }

    async fn hear(&mut self) -> Heard {
        timeout(DEADLINE, self.heard.recv()).await.expect("something in time").expect("a host")
    }

    async fn publish(&mut self) -> TcpStream {
        let socket = self.send(&up_to_publish(KEY)).await;
        assert!(matches!(self.hear().await, Heard::Asked(key, Some(_)) if key == KEY));
        socket
    }

    /// Waits until so many connections are open.
    async fn open(&self, count: i64) {
        let is_reached = async {
            while self.metrics.rtmp_connections.get() != count {
                tokio::task::yield_now().await;
            }
        };
        let open = || self.metrics.rtmp_connections.get();
        timeout(DEADLINE, is_reached).await.unwrap_or_else(|_| panic!("{} are open", open()));
    }

    /// Waits until so many have been sent away for this.
    async fn sent_away(&self, code: &'static str, count: u64) {
        let counted = self.metrics.rtmp_refused.of(code);
        let is_reached = async {
            while counted.get() < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, is_reached).await.unwrap_or_else(|_| panic!("{} for {code}", counted.get()));
        assert_eq!(counted.get(), count, "{code}");
    }
}

/// All that the server says until it closes; nobody closes before it.
async fn to_the_end(mut socket: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset ends it, too.
    let _ = timeout(DEADLINE, socket.read_to_end(&mut all)).await.expect("an end in time");
    String::from_utf8_lossy(&all).into_owned()
}

fn sound_config() -> Vec<u8> {
    message(4, 0, 8, &[0xaf, 0, 0x11, 0x90])
}

fn sound(time: u32) -> Vec<u8> {
    message(4, time, 8, &[0xaf, 1, 7])
}

fn metadata(agent: &str) -> Vec<u8> {
    let length = |text: &str| (text.len() as u16).to_be_bytes();
    let body =
        [&[2, 0, 10][..], b"onMetaData", &[3, 0, 7], b"encoder", &[2], &length(agent), agent.as_bytes()];
    message(4, 0, 18, &[&body.concat()[..], &[0, 0, 9]].concat())
}

#[tokio::test]
async fn what_a_publisher_sends_arrives_and_its_end_is_told() {
    let mut server = Running::start(Limits::default());
    let mut socket = server.publish().await;
    socket.write_all(&[metadata("an encoder"), sound_config(), sound(0), sound(21)].concat()).await.unwrap();
    assert_eq!(server.hear().await, Heard::Piece(Piece::Agent("an encoder".into())));
    assert_eq!(server.hear().await, Heard::Piece(Piece::RunBegins));
    for _ in 0..3 {
        assert!(matches!(server.hear().await, Heard::Piece(Piece::Sample(_))));
    }
    assert_eq!(server.metrics.rtmp_connections.get(), 1);
    socket.write_all(&command("deleteStream", 6.0, &[])).await.unwrap();
    assert_eq!(server.hear().await, Heard::Closed(Closed::Finished));
    assert!(to_the_end(socket).await.contains("NetStream.Publish.Start"));
}

#[tokio::test]
async fn a_publisher_that_vanishes_is_lost() {
    let mut server = Running::start(Limits::default());
    drop(server.publish().await);
    assert_eq!(server.hear().await, Heard::Closed(Closed::Lost));
}

#[tokio::test]
async fn a_wrong_key_is_told_and_counted() {
    let mut server = Running::start(Limits::default());
    let socket = server.send(&up_to_publish("lh_wrong")).await;
    let told = to_the_end(socket).await;
    assert!(told.contains("NetStream.Publish.BadName") && told.contains("there is no such key"), "{told}");
    assert!(matches!(server.hear().await, Heard::Asked(key, _) if key == "lh_wrong"));
    let socket = server.send(&[handshake(), connect("app"), publish(KEY)].concat()).await;
    assert!(to_the_end(socket).await.contains("ends with /live"));
    server.sent_away("key", 1).await;
    server.sent_away("application", 1).await;
}

#[tokio::test]
async fn a_codec_that_is_not_carried_is_told_to_both_sides() {
    let mut server = Running::start(Limits::default());
    let mut socket = server.publish().await;
    socket.write_all(&message(4, 0, 9, b"\x90hvc1\0")).await.unwrap();
    let refusal = Refusal::Codec("HEVC (H.265)".into());
    assert_eq!(server.hear().await, Heard::Closed(Closed::Refused(refusal)));
    assert!(to_the_end(socket).await.contains("HEVC (H.265) is not carried"));
}

#[tokio::test]
async fn who_is_cut_is_told_why() {
    let mut server = Running::start(Limits::default());
    let mut socket = server.publish().await;
    socket.write_all(&metadata("cut me")).await.unwrap();
    assert!(matches!(server.hear().await, Heard::Piece(_)));
    assert_eq!(server.hear().await, Heard::Closed(Closed::Refused(Refusal::Cut(ended()))));
    assert!(to_the_end(socket).await.contains("the stream has ended"));
}

#[tokio::test]
async fn who_is_cut_goes_at_once_also_where_it_sends_nothing_or_what_makes_no_piece() {
    for sent in [vec![], message(2, 0, 4, &[0, 6, 0, 0, 0, 1]), sound_config()[..3].to_vec()] {
        let mut server = Running::start(Limits::default());
        let mut socket = server.publish().await;
        socket.write_all(&sent).await.unwrap();
        server.cut.send_replace(true);
        assert_eq!(server.hear().await, Heard::Closed(Closed::Refused(Refusal::Cut(ended()))));
        assert!(to_the_end(socket).await.contains("the stream has ended"));
        server.sent_away("ended", 1).await;
    }
}

/// Were it not so, whoever has a key could keep as many connections as it likes, each sent away for the next.
#[tokio::test]
async fn who_reads_why_it_was_sent_away_has_a_place_of_those_without_a_key_or_goes_unheard() {
    let goodbye = Duration::from_secs(3600);
    let mut server = Running::start(Limits { waiting_per_address: 2, goodbye, ..Limits::default() });
    let mut publishers = Vec::new();
    for _ in 0..5 {
        publishers.push(server.publish().await);
    }
    server.cut.send_replace(true);
    for _ in 0..5 {
        assert_eq!(server.hear().await, Heard::Closed(Closed::Refused(Refusal::Cut(ended()))));
    }
    server.open(2).await;
    assert_eq!(to_the_end(server.connect().await).await, "", "no place is left");
    drop(publishers);
    server.open(0).await;
}

#[tokio::test]
async fn who_gives_no_key_in_time_is_sent_away_however_it_dawdles() {
    let server = Running::start(Limits { key_wait: Duration::from_millis(50), ..Limits::default() });
    for so_far in [vec![], vec![3], handshake(), [handshake(), connect("live")].concat()] {
        to_the_end(server.send(&so_far).await).await;
    }
    // Bytes do not prolong it: it dawdles for longer than the test may take.
    let mut socket = server.connect().await;
    let mut pause = interval(Duration::from_millis(20));
    let dawdle = async {
        while socket.write_all(&[3]).await.is_ok() {
            pause.tick().await;
        }
    };
    timeout(DEADLINE, dawdle).await.expect("an end in time");
    server.sent_away("slow", 5).await;
}

#[tokio::test]
async fn a_publisher_that_is_silent_is_sent_away() {
    let mut server = Running::start(Limits { idle: Duration::from_millis(50), ..Limits::default() });
    let socket = server.publish().await;
    assert_eq!(server.hear().await, Heard::Closed(Closed::Refused(Refusal::Idle)));
    assert!(to_the_end(socket).await.contains("nothing was sent"));
}

#[tokio::test]
async fn of_one_address_so_many_wait_and_publishers_do_not_count() {
    let mut server = Running::start(Limits { waiting_per_address: 2, ..Limits::default() });
    let publishers = [server.publish().await, server.publish().await, server.publish().await];
    let mut waiting = [server.send(&handshake()).await, server.send(&handshake()).await];
    for socket in &mut waiting {
        // Its answer says that it is served.
        timeout(DEADLINE, socket.read_exact(&mut [0; 3073])).await.unwrap().unwrap();
    }
    assert_eq!(to_the_end(server.connect().await).await, "");
    assert_eq!(server.metrics.limit_hits.of("RTMP_WAITING_PER_IP").get(), 1);
    server.sent_away("too_many", 1).await;
    drop(waiting);
    drop(publishers);
    for _ in 0..3 {
        assert_eq!(server.hear().await, Heard::Closed(Closed::Lost));
    }
}

#[tokio::test]
async fn all_end_with_the_server() {
    let mut server = Running::start(Limits::default());
    let (publisher, waiting) = (server.publish().await, server.send(&handshake()).await);
    server.task.abort();
    assert!(server.task.await.unwrap_err().is_cancelled());
    to_the_end(publisher).await;
    to_the_end(waiting).await;
    assert_eq!(server.metrics.rtmp_connections.get(), 0);
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error() {
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    assert!(bind(listener.local_addr().unwrap()).is_err());
}

/// Rows 18 and 19 of the attacks, over the socket; another publisher beside them loses nothing.
#[tokio::test]
async fn attacks_before_a_key_end_themselves_alone() {
    let mut server = Running::start(Limits::default());
    let mut publisher = server.publish().await;
    publisher.write_all(&[sound_config(), sound(0)].concat()).await.unwrap();
    for _ in 0..3 {
        assert!(matches!(server.hear().await, Heard::Piece(_)));
    }
    let deep =
        [message(2, 0, 1, &65_536_u32.to_be_bytes()), message(3, 0, 20, &[3, 0, 1, b'a'].repeat(4000))];
    let deep = [handshake(), deep.concat()].concat();
    let flood =
        (0..10_000).flat_map(|n| crate::media::rtmp::chunks::samples::header(64 + n, 0, 9, 0xFF_FFFF));
    let flood = [handshake(), flood.collect()].concat();
    for attack in [deep, flood] {
        let mut socket = server.connect().await;
        // It may be closed while it still writes.
        let _ = socket.write_all(&attack).await;
        to_the_end(socket).await;
    }
    publisher.write_all(&sound(21)).await.unwrap();
    assert!(matches!(server.hear().await, Heard::Piece(Piece::Sample(_))));
    server.sent_away("too_deep", 1).await;
    server.sent_away("before_key", 1).await;
}
