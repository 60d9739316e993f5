//! Races between two who lead a stream, each at a server of their own where there are several: polls and pins.
//! Each is run `LIVEHOUSE_RACES` times.

use crate::tools::{Client, Scene, Viewer, id_of, races, until, without_limits};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

/// A host and a moderator, each at one server, and somebody who watches at each.
struct Leaders {
    scene: Scene,
    ports: Vec<u16>,
    watchers: Vec<Viewer>,
}

impl Leaders {
    async fn new() -> Leaders {
        let scene = Scene::live_with(without_limits).await;
        scene.host.put("moderators/bob", json!({})).await.ok();
        let ports = scene.server.ports().all().to_vec();
        let guest = scene.host.guest();
        let watchers = join_all(ports.iter().map(|&port| guest.at_port(port).join())).await;
        let leaders = Leaders { scene, ports, watchers };
        leaders.both_lead().await;
        leaders
    }

    /// The two, in turns at either server.
    fn pair(&self, round: usize) -> (Client, Client) {
        let port = |n: usize| self.ports[(round + n) % self.ports.len()];
        (self.scene.host.at_port(port(0)), self.scene.bo.at_port(port(1)))
    }

    async fn both_lead(&self) {
        for round in 0..2 {
            let (_, moderator) = self.pair(round);
            until("the moderator may lead here", async || moderator.get("bans").await.status == 200).await;
        }
    }

    /// What all who watch are told next of these kinds, which is the same for all of them.
    async fn all_see(&mut self, kinds: &[&str]) -> Value {
        let is_one = |event: &Value| kinds.iter().any(|kind| event["type"] == *kind);
        let mut seen = Vec::new();
        for watcher in &mut self.watchers {
            let next = loop {
                let event = watcher.next_event().await;
                if is_one(&event) {
                    break event;
                }
            };
            seen.push(next);
        }
        assert!(seen.iter().all(|event| *event == seen[0]), "{seen:#?}");
        seen.swap_remove(0)
    }

    async fn end(self) {
        join_all(self.watchers.into_iter().map(Viewer::leave)).await;
    }
}

#[tokio::test]
async fn of_two_polls_that_are_opened_at_once_there_is_one_and_of_two_ends_one() {
    let mut leaders = Leaders::new().await;
    for round in 0..races() {
        let (host, moderator) = leaders.pair(round);
        let poll = |who: &str| json!({"question": who, "options": ["a", "b"], "duration_s": 600});
        let (by_host, by_moderator) =
            join(host.post("polls", poll("host")), moderator.post("polls", poll("moderator"))).await;
        let (first, second) = match by_host.status {
            201 => (by_host, by_moderator),
            _ => (by_moderator, by_host),
        };
        second.refused(409, "conflict");
        let opened = first.ok();
        assert_eq!(leaders.all_see(&["poll.opened", "poll.closed"]).await["poll"], opened);

        let close = format!("polls/{}/close", id_of(&opened));
        let (one, other) = join(host.post(&close, json!({})), moderator.post(&close, json!({}))).await;
        let mut statuses = [one.status, other.status];
        statuses.sort();
        assert_eq!(statuses, [200, 409], "round {round}: {one:?} {other:?}");
        let closed = leaders.all_see(&["poll.opened", "poll.closed"]).await;
        assert_eq!((&closed["type"], &closed["poll"]["id"]), (&json!("poll.closed"), &opened["id"]));
    }
    leaders.end().await;
}

const KINDS: [&str; 2] = ["comment.pinned", "comment.unpinned"];

#[tokio::test]
async fn of_two_pins_at_once_the_later_in_the_log_is_there_for_all() {
    let mut leaders = Leaders::new().await;
    let (host, _) = leaders.pair(0);
    let comments = [host.comment("one").await, host.comment("other").await];
    for round in 0..races() {
        let (host, moderator) = leaders.pair(round);
        let body = |n: usize| json!({"comment_id": id_of(&comments[(n + round / 2) % 2])});
        let (one, other) = join(host.put("pin", body(0)), moderator.put("pin", body(1))).await;
        for answer in [one, other] {
            answer.ok();
        }
        leaders.all_see(&KINDS).await;
        let last = leaders.all_see(&KINDS).await;
        // All rooms have come as far as those who watch in them.
        for port in &leaders.ports {
            let newcomer = leaders.scene.host.at_port(*port).join().await;
            assert_eq!(newcomer.opening["pinned"]["id"], last["comment"]["id"], "round {round}");
            newcomer.leave().await;
        }
        host.delete("pin").await.ok();
        assert_eq!(leaders.all_see(&KINDS).await["type"], "comment.unpinned");
    }
    leaders.end().await;
}
