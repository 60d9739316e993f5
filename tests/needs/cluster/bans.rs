//! A ban made while a node is out of reach of Redis: it holds at once on every node, and is shown on each, though what one says
//! the other does not hear.

use super::{
    figures,
    house::{House, Meet},
    proxy::Way,
};
use crate::{
    need,
    tools::{Client, User, Viewer},
};
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::time::Instant;

pub fn tests() -> Vec<Trial> {
    need::tests![[Postgres, Redis]:
        a_ban_holds_and_is_shown_while_a_node_is_cut_from_redis,
        a_ban_holds_and_is_shown_while_a_node_is_black_holed_from_redis,
    ]
}

async fn a_ban_holds_and_is_shown_while_a_node_is_cut_from_redis() {
    bans("cut", Way::Cut).await;
}

async fn a_ban_holds_and_is_shown_while_a_node_is_black_holed_from_redis() {
    bans("stalled", Way::Stalled).await;
}

/// The node that is out of reach.
const AWAY: usize = 0;

async fn bans(name: &str, way: Way) {
    let house = House::open(2, Meet::Redis).await;
    let host = house.on_air().await;
    let people = join_all(["ana", "bob"].map(|name| User::register(host.guest(), name))).await;
    let [quiet, loud] = &people[..] else { panic!("two were asked for") };
    for acting in [AWAY, 1 - AWAY] {
        // Each time it is new to the nodes: one that knows that it does not hear looks at the tables more often.
        house.until_buses_are("sure").await;
        house.to_redis([AWAY], way);
        let here = house.at(&host, acting);
        is_shown(&format!("{name}_ban_by_node_{acting}"), &here, &house.at(&host, 1 - acting), quiet).await;
        holds_at_once(&house, &here, loud).await;
        house.to_redis([AWAY], Way::Open);
    }
    check_log(&host.log().await.0, loud);
    house.assert_calm();
}

/// Those who are there are told of a ban that was made here, whom it is about and everybody else, and nobody does anything.
async fn is_shown(name: &str, here: &Client, there: &Client, banned: &User) {
    let mut guest = there.guest().join().await;
    let mut theirs = banned.at_port(there.ports.any()).at(&there.stream).join().await;
    here.put("bans/ana", json!({"reason": "so it goes"})).await.ok();
    let done = Instant::now();
    let you = theirs.expect_where("you", |you| you["ban"].is_object()).await;
    figures::say(&format!("{name}_told_after"), done.elapsed().as_millis(), "ms");
    assert_eq!(you["ban"]["reason"], "so it goes", "{you}");
    let told = guest.expect("viewer.banned").await;
    figures::say(&format!("{name}_shown_after"), done.elapsed().as_millis(), "ms");
    assert_eq!(told["user_id"], banned.id.as_str(), "{told}");

    here.delete("bans/ana").await.ok();
    theirs.expect_where("you", |you| you["ban"].is_null()).await;
    guest.expect("viewer.unbanned").await;
    theirs.leave().await;
    guest.leave().await;
}

/// What they say after the answer is refused, on whichever node they say it.
pub async fn holds_at_once(house: &House, here: &Client, banned: &User) {
    let at = |node| house.at(banned, node).at(&here.stream).join();
    let mut sockets = join_all((0..house.members.len()).map(at)).await;
    for socket in &mut sockets {
        assert_eq!(socket.comment("before the ban").await["type"], "ack");
    }
    here.put("bans/bob", json!({})).await.ok();
    let refused = join_all(sockets.iter_mut().map(|socket| socket.comment("behind the ban"))).await;
    assert!(refused.iter().all(|answer| answer["code"] == "banned"), "{refused:#?}");
    here.delete("bans/bob").await.ok();
    for socket in &mut sockets {
        socket.expect_where("you", |you| you["ban"].is_null()).await;
    }
    join_all(sockets.into_iter().map(Viewer::leave)).await;
}

/// Nothing of theirs is numbered between a ban and its end.
fn check_log(log: &[Value], banned: &User) {
    let is_about = |event: &Value| event["user_id"] == banned.id.as_str();
    let (mut is_banned, mut bans) = (false, 0);
    for event in log {
        match event["type"].as_str() {
            Some("viewer.banned") if is_about(event) => (is_banned, bans) = (true, bans + 1),
            Some("viewer.unbanned") if is_about(event) => is_banned = false,
            Some("comment.created") => assert!(!is_banned, "{event} is behind the ban"),
            _ => {}
        }
    }
    assert_eq!(bans, 2);
}
