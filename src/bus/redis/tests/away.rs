//! What becomes of the bus while Redis is frozen, gone, or was never there.

use super::*;
use crate::domain::StreamId;

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_frozen_redis_makes_it_unsure_and_what_is_said_meanwhile_is_counted_as_lost() {
    let server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "house").await, Whole::sure(&server, "house").await);
    let stream = StreamId::new();
    let mut listening = b.node.exchange.listen(stream);
    listening.begun().await;
    server.freeze();
    b.node.becomes(Heard::Unsure).await;
    assert!(!b.node.exchange.is_sure());
    let said = 5_000;
    (0..said).for_each(|_| a.node.say(Topic::Stream(stream), "lost"));
    let lost = |reason| a.metrics.bus_dropped.of(reason).get();
    assert!(lost("queue") > 0);
    while lost("queue") + lost("error") < said {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(a.metrics.bus_said.get(), 0);

    server.go_on();
    b.node.becomes(Heard::Sure).await;
    assert_eq!(b.metrics.bus_reconnects.get(), 1);
    assert_heard_again(&a, &mut b, stream).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_redis_that_returns_empty_is_subscribed_to_anew() {
    let mut server = Server::start();
    let (a, mut b) = (Whole::sure(&server, "house").await, Whole::sure(&server, "house").await);
    let stream = StreamId::new();
    let mut listening = b.node.exchange.listen(stream);
    listening.begun().await;
    server.kill();
    b.node.becomes(Heard::Unsure).await;
    let other = StreamId::new();
    let mut begun_meanwhile = b.node.exchange.listen(other);
    begun_meanwhile.begun().await;
    server.return_empty();
    b.node.becomes(Heard::Sure).await;
    assert_heard_again(&a, &mut b, stream).await;
    assert_heard_again(&a, &mut b, other).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_redis_that_is_not_there_at_the_start_is_found_later() {
    let mut server = Server::start();
    server.kill();
    let mut node = Whole::of(&server, "house");
    assert_eq!(node.node.next().await, Heard::Unsure);
    let within = Duration::from_secs(20);
    let asked = ping();
    assert_eq!(node.commands.pipeline::<Vec<String>>(&asked, within).await, Err(crate::bus::redis::Away));
    server.return_empty();
    node.node.becomes(Heard::Sure).await;
    while node.commands.pipeline::<Vec<String>>(&asked, within).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_command_to_a_frozen_redis_is_away_and_the_next_does_not_wait() {
    let server = Server::start();
    let whole = Whole::sure(&server, "house").await;
    let commands = &whole.commands;
    let asked = ping();
    let long = Duration::from_secs(20);
    assert!(commands.pipeline::<Vec<String>>(&asked, long).await.is_ok());
    server.freeze();
    assert!(commands.pipeline::<Vec<String>>(&asked, Duration::from_millis(50)).await.is_err());
    // The connection counts as failed; a long time is not waited for another one.
    let begun = std::time::Instant::now();
    assert!(commands.pipeline::<Vec<String>>(&asked, long).await.is_err());
    assert!(begun.elapsed() < long);
    server.go_on();
    while commands.pipeline::<Vec<String>>(&asked, long).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Who speaks may find its own way back later than who listens.
async fn assert_heard_again(a: &Whole, b: &mut Whole, stream: StreamId) {
    let again = async {
        loop {
            a.node.say(Topic::Stream(stream), "new words");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = async { while b.node.words().await.0 != Topic::Stream(stream) {} } => {}
        () = again => unreachable!("it has no end"),
    }
}

fn ping() -> redis::Pipeline {
    let mut ping = redis::pipe();
    ping.cmd("PING");
    ping
}
