//! The bus over a Redis of its own for each test: what every exchange promises, and what becomes of it while Redis is away.
//! `cargo test --lib bus:: -- --ignored` runs them where there is a `redis-server` in PATH.

mod away;
pub(crate) mod samples;
mod server;

use super::{Commands, Tasks, names::Names, probe::Patience, start};
use crate::{
    bus::{
        Heard, Topic,
        contract::{self, Node},
    },
    domain::BootId,
    metrics::Metrics,
};
use bytes::Bytes;
use server::Server;
use std::time::Duration;

/// A node over Redis, with what else belongs to it.
struct Whole {
    node: Node,
    metrics: Metrics,
    commands: Commands,
    _tasks: Tasks,
}

/// In a hurry, so that no test waits long; what it waits for are events.
fn patience() -> Patience {
    Patience { silence: Duration::from_millis(200), proof: Duration::from_millis(300), ..Patience::default() }
}

impl Whole {
    fn of(server: &Server, house: &str) -> Self {
        let (boot, metrics) = (BootId::new(), Metrics::new());
        let started = start(&server.url(), Names::of(house), boot, patience(), metrics.clone()).unwrap();
        let exchange = started.bus.exchange.unwrap();
        let node = Node { exchange, ear: started.ear, boot };
        Self { node, metrics, commands: started.commands, _tasks: started.tasks }
    }

    async fn sure(server: &Server, house: &str) -> Self {
        let mut whole = Self::of(server, house);
        whole.node.becomes(Heard::Sure).await;
        whole
    }
}

/// Three nodes of one house, and what they need to live.
async fn three(server: &Server) -> ([Node; 3], Vec<Tasks>) {
    let (mut nodes, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let Whole { node, _tasks: working, .. } = Whole::sure(server, "house").await;
        nodes.push(node);
        tasks.push(working);
    }
    (nodes.try_into().ok().unwrap(), tasks)
}

macro_rules! keeps {
    ($($promise:ident),+ $(,)?) => {$(
        #[tokio::test]
        #[ignore = "needs redis-server"]
        async fn $promise() {
            let server = Server::start();
            let (nodes, _tasks) = three(&server).await;
            contract::$promise(nodes).await;
        }
    )+};
}

keeps!(
    who_listens_hears_it_and_nobody_else,
    one_speaker_is_heard_in_order,
    nothing_from_before_and_nothing_from_behind,
    it_ends_with_the_last_listener,
);

#[tokio::test]
#[ignore = "needs redis-server"]
async fn two_houses_do_not_hear_each_other() {
    let server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "one").await, Whole::sure(&server, "one").await);
    let (c, mut d) = (Whole::sure(&server, "two").await, Whole::sure(&server, "two").await);
    c.node.say(Topic::House, "for the other house");
    c.node.say(Topic::House, "end");
    d.node.words_until("end").await;
    a.node.say(Topic::House, "for this house");
    assert_eq!(b.node.words().await.2, "for this house");
    assert_eq!(b.metrics.bus_heard.get(), 1);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn words_of_the_greatest_length_pass_and_one_byte_more_is_refused() {
    let server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "house").await, Whole::sure(&server, "house").await);
    let longest = Bytes::from(vec![b'x'; super::WORDS_BYTES_MAX]);
    a.node.exchange.say(Topic::House, Bytes::from(vec![b'y'; super::WORDS_BYTES_MAX + 1]));
    a.node.exchange.say(Topic::House, longest.clone());
    assert_eq!(b.node.words().await.2.as_bytes(), longest);
    assert_eq!(a.metrics.bus_dropped.of("size").get(), 1);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_is_said_and_heard_is_counted_with_its_delay() {
    let server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "house").await, Whole::sure(&server, "house").await);
    a.node.say(Topic::House, "one");
    b.node.words().await;
    let text = b.metrics.encode(crate::metrics::Exposition::Prometheus);
    for line in ["livehouse_bus_up 1", "livehouse_bus_heard_total 1", "livehouse_bus_lag_seconds_count 1"] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    // It is counted once Redis has answered, which may be behind its being heard.
    a.node.say(Topic::House, "two");
    b.node.words().await;
    assert!(a.metrics.bus_said.get() >= 1);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn an_ear_that_nobody_reads_marks_what_it_lost() {
    let server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "house").await, Whole::sure(&server, "house").await);
    while b.metrics.bus_dropped.of("ear").get() == 0 {
        a.node.say(Topic::House, "x");
        tokio::task::yield_now().await;
    }
    b.node.becomes(Heard::Sure).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn commands_and_scripts_are_answered() {
    let server = Server::start();
    let whole = Whole::sure(&server, "house").await;
    let commands = &whole.commands;
    let within = Duration::from_secs(20);
    let mut asked = redis::pipe();
    let key = commands.names().key("some");
    assert_eq!(key, "lh:house:some");
    asked.cmd("INCRBY").arg(&key).arg(2).cmd("GET").arg(&key);
    assert_eq!(commands.pipeline(&asked, within).await, Ok((2, "2".to_owned())));
    let script = redis::Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    for expected in [5, 8] {
        assert_eq!(commands.script::<i64>(script.key(&key).arg(3), within).await, Ok(expected));
    }
    let wrong = redis::Script::new("return redis.call('LPUSH', KEYS[1], 'x')");
    assert_eq!(commands.script::<i64>(&wrong.key(&key), within).await, Err(super::Away), "no list");
    assert_eq!(commands.pipeline(&asked, within).await, Ok((10, "10".to_owned())), "the connection is good");
}
