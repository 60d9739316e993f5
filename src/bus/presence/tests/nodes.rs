//! Nodes that come and go, freeze and lose Redis: what each of them shows.

use super::super::{Here, Presence, Recounted, Running, Times};
use crate::{
    bus::redis::samples::{self, TestRedis},
    domain::{BootId, StreamId, UserId},
    metrics::Metrics,
};
use actix::prelude::*;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

/// The longest a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(10);
const TIMES: Times = Times {
    beat: Duration::from_millis(50),
    life: Duration::from_millis(500),
    say: Duration::from_millis(10),
    shown: Duration::from_secs(30),
};

/// Hands on what it is told.
struct Told(mpsc::UnboundedSender<StreamId>);

impl Actor for Told {
    type Context = Context<Self>;
}

impl Handler<Recounted> for Told {
    type Result = ();

    fn handle(&mut self, Recounted(stream): Recounted, _: &mut Self::Context) {
        _ = self.0.send(stream);
    }
}

/// A node with one room.
struct Node {
    here: Here,
    presence: Presence,
    running: Running,
    told: mpsc::UnboundedReceiver<StreamId>,
    metrics: Metrics,
}

impl Node {
    fn start(redis: &TestRedis, room: StreamId) -> Node {
        let presence = Presence::by(redis.commands(), BootId::new());
        let (tell, told) = mpsc::unbounded_channel();
        let metrics = Metrics::new();
        let recipient = Told(tell).start().recipient();
        let running = presence.start(recipient, metrics.clone(), "{}".to_owned(), TIMES);
        Node { here: presence.enter(room), presence, running, told, metrics }
    }

    /// Waits until it shows so many, where so many are here.
    #[track_caller]
    fn shows(&mut self, shown: u64, here: u64) -> impl Future<Output = ()> {
        let line = std::panic::Location::caller();
        async move {
            let waited = timeout(DEADLINE, async {
                while self.here.shown(here) != shown {
                    self.told.recv().await.expect("it runs");
                }
            });
            assert!(waited.await.is_ok(), "{line}: {} instead of {shown}", self.here.shown(here));
        }
    }

    /// It is killed: it says nothing any more, not even that it goes.
    fn kill(self) -> Here {
        let (stop, task) = self.running.0.expect("it has others");
        task.abort();
        std::mem::forget(stop);
        self.here
    }
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn an_account_on_two_nodes_counts_once_and_guests_add_up() {
    let redis = samples::redis();
    let (room, ana, bo) = (StreamId::new(), UserId::new(), UserId::new());
    let (mut a, mut b) = (Node::start(&redis, room), Node::start(&redis, room));
    a.here.set_account(ana, true);
    a.here.set_guests(2);
    b.here.set_account(ana, true);
    b.here.set_account(bo, true);
    b.here.set_guests(1);
    a.shows(5, 3).await;
    b.shows(5, 3).await;

    let page = a.presence.page(room, None, 10).await.unwrap();
    assert_eq!((page.accounts, page.guests), (vec![ana.min(bo), ana.max(bo)], 3));
    assert_eq!(b.presence.top(1).await, Some(vec![(room, 5)]));
    assert_eq!(b.presence.viewers(&[StreamId::new(), room]).await, Some(vec![0, 5]));

    a.here.set_account(ana, false);
    b.here.set_account(bo, false);
    a.shows(4, 2).await;
    b.shows(4, 2).await;
    assert_eq!(a.metrics.presence_resyncs.get() + b.metrics.presence_resyncs.get(), 0);
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn who_stops_takes_its_own_along() {
    let redis = samples::redis();
    let room = StreamId::new();
    let (mut a, b) = (Node::start(&redis, room), Node::start(&redis, room));
    a.here.set_guests(1);
    b.here.set_guests(2);
    b.here.set_account(UserId::new(), true);
    a.shows(4, 1).await;
    b.running.stop().await;
    assert_eq!(a.presence.viewers(&[room]).await, Some(vec![1]));
    a.shows(1, 1).await;
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn what_a_killed_node_has_left_is_cleared_by_the_others() {
    let redis = samples::redis();
    let (room, ana) = (StreamId::new(), UserId::new());
    let (mut a, b) = (Node::start(&redis, room), Node::start(&redis, room));
    a.here.set_account(ana, true);
    b.here.set_account(ana, true);
    b.here.set_account(UserId::new(), true);
    b.here.set_guests(3);
    a.shows(5, 1).await;
    let _here = b.kill();
    a.shows(1, 1).await;
    assert_eq!(a.presence.page(room, None, 10).await.unwrap().accounts, [ana]);
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn all_is_said_again_where_redis_has_forgotten_it() {
    let redis = samples::redis();
    let room = StreamId::new();
    let (mut a, mut b) = (Node::start(&redis, room), Node::start(&redis, room));
    a.here.set_account(UserId::new(), true);
    b.here.set_guests(2);
    a.shows(3, 1).await;
    b.shows(3, 2).await;
    redis.forget_all().await;
    // Nothing has changed here; it is said all the same.
    timeout(DEADLINE, async {
        while a.presence.viewers(&[room]).await != Some(vec![3]) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("both have said it again");
    a.here.set_guests(1);
    a.shows(4, 2).await;
    b.shows(4, 2).await;
    assert_eq!((a.metrics.presence_resyncs.get(), b.metrics.presence_resyncs.get()), (1, 1));
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn a_room_that_closes_takes_along_who_was_in_it() {
    let redis = samples::redis();
    let room = StreamId::new();
    let (mut a, b) = (Node::start(&redis, room), Node::start(&redis, room));
    a.here.set_guests(1);
    b.here.set_account(UserId::new(), true);
    a.shows(2, 1).await;
    drop(b.here);
    a.shows(1, 1).await;
}
