//! Every reason for which the server closes a socket, each with its goodbye. Those for bad input are in `bad_input`.

use crate::tools::{Client, Goodbye, PASSWORD, Raw, Scene, TestServer, User, Viewer, id_of};
use futures_util::{StreamExt, stream};
use livehouse::{
    config::{Cap, FlushWindow},
    internals::{ACCESS_TTL_S, Millis, UserId},
};
use serde_json::{Value, json};
use std::time::Duration;

/// At 15 kB each more than the buffers between a server and a client who does not read.
const UPDATES: i64 = 40;

/// A token of the same session that ends soon.
fn short_lived(server: &TestServer, user: &User, seconds: i64) -> String {
    let id = |text: &str| serde_json::from_value(json!(text)).expect("an id");
    let user_id: UserId = id(&user.id);
    let session_id = serde_json::from_value(json!(user.session_id)).expect("an id");
    let issued = Millis::now().plus_s(seconds - ACCESS_TTL_S as i64);
    server.keys().issue(user_id, session_id, issued).token
}

#[tokio::test]
async fn a_viewer_who_does_not_read_is_told_what_they_missed_and_closed_with_1013() {
    let Scene { server, host, .. } =
        &Scene::scheduled_with(|config| config.limits.outbox_bytes = 16_384).await;
    was_told_in_time(async || oversleep(server, host).await).await;
}

#[tokio::test]
async fn who_is_cut_off_in_the_middle_of_many_events_is_told_from_the_first_that_was_not_sent_whole() {
    let Scene { server, host, .. } = &Scene::scheduled_with(|config| {
        config.limits.outbox_bytes = 16_384;
        config.flush_window = FlushWindow::Fixed(Duration::from_millis(400));
    })
    .await;
    was_told_in_time(async || oversleep_by_the_window(server, host).await).await;
}

/// Whoever wakes up more than two seconds late finds the socket shut: not so late, in one of these, however busy the machine is.
async fn was_told_in_time(oversleep: impl AsyncFn() -> (Vec<Value>, u16)) {
    for _ in 0..20 {
        let (seen, code) = oversleep().await;
        if code != 1006 {
            return was_told_what_they_missed(&seen, code);
        }
    }
    panic!("nobody was told in time");
}

#[tokio::test]
async fn who_reads_in_sips_gets_every_event_whole_and_answers_between() {
    let Scene { server, host, .. } = &Scene::scheduled().await;
    let mut sipper = through_a_small_buffer(server, host).await;
    let update = async |n| say_much(host, n).await;
    let saying = stream::iter(0..UPDATES).for_each_concurrent(4, update);
    let reading = async {
        let (mut seqs, mut pongs) = (Vec::new(), 0);
        while seqs.len() < UPDATES as usize || pongs < UPDATES {
            let frame = sipper.next().await;
            match frame["type"].as_str() {
                Some("stream.updated") => {
                    seqs.push(frame["seq"].as_i64().expect("a number"));
                    // Answered by another way than the event came: neither may end up inside the other.
                    sipper.say(json!({"op": "ping"})).await;
                }
                Some("pong") => pongs += 1,
                _ => {}
            }
        }
        seqs
    };
    let (seqs, ()) = tokio::join!(reading, saying);
    assert_eq!(seqs, (1..=UPDATES).collect::<Vec<_>>());
}

/// Joins a room, reads nothing while it says more than buffers hold, and then reads to the end.
async fn oversleep(server: &TestServer, host: &User) -> (Vec<Value>, u16) {
    let host = host.create_stream("Too fast").await;
    let mut sleeper = through_a_small_buffer(server, &host).await;
    let update = async |n| say_much(&host, n).await;
    stream::iter(0..UPDATES).for_each_concurrent(8, update).await;
    sleeper.read_to_the_end().await
}

/// The same in a room that says once a window what was said in it, so that a batch has many events. Whoever reads sees when it
/// has gone out; after the first ones of that size there is time for the one who does not read to be found late.
async fn oversleep_by_the_window(server: &TestServer, host: &User) -> (Vec<Value>, u16) {
    let host = host.create_stream("Too much").await;
    let mut sleeper = through_a_small_buffer(server, &host).await;
    let mut reader = host.join().await;
    let mut said = 0;
    for events in [10, 10, 10, 1, 1, 1] {
        let update = async |n| say_much(&host, n).await;
        stream::iter(said..said + events).for_each_concurrent(10, update).await;
        said += events;
        while reader.next().await["seq"] != said {}
    }
    sleeper.read_to_the_end().await
}

/// Joins by a connection that takes little at a time.
async fn through_a_small_buffer(server: &TestServer, client: &Client) -> Viewer {
    let Raw(narrow) = Raw::connect_narrowly(server).await;
    Viewer::over(narrow, client.guest().upgrade("")).await
}

/// Has the room say 15 kB, which changes with `n`.
async fn say_much(host: &Client, n: i64) {
    let answer = host.patch("", json!({"description": format!("{n}{}", "語".repeat(4_990))})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn was_told_what_they_missed(seen: &[Value], code: u16) {
    let kinds: Vec<&Value> = seen.iter().map(|frame| &frame["type"]).collect();
    let [.., lagged, bye] = seen else { panic!("{kinds:?}") };
    assert_eq!((&bye["type"], &bye["code"], code), (&json!("bye"), &json!(1013), 1013), "{kinds:?}");
    assert_eq!((&lagged["type"], &bye["retry"]), (&json!("lagged"), &json!(true)), "{kinds:?}");
    let read: Vec<i64> = seen
        .iter()
        .filter(|frame| frame["ts"].is_string())
        .filter_map(|frame| frame["seq"].as_i64())
        .collect();
    let last = read.last().copied().unwrap_or_default();
    assert_eq!(read, (1..=last).collect::<Vec<_>>(), "in order as far as it was read");
    let to = lagged["to"].as_i64().expect("a number");
    assert!(last < to && to <= UPDATES, "{lagged}");
    assert_eq!((&lagged["from"], &lagged["missed"]), (&json!(last + 1), &json!(to - last)), "{lagged}");
}

#[tokio::test]
async fn a_revoked_session_closes_its_sockets_with_4401() {
    let Scene { host, .. } = &Scene::scheduled().await;
    let other = host.log_in_again().await;
    let (mut mine, mut others) = (host.join().await, other.join().await);
    host.delete("/sessions/current").await.ok();
    mine.expect_close().await.says(4401);
    others.is_heard().await;

    let third = other.log_in_again().await;
    let mut thirds = third.join().await;
    let passwords = json!({"current_password": PASSWORD, "new_password": "another stage, another town"});
    third.put("/users/me/password", passwords).await.ok();
    others.expect_close().await.says(4401);
    thirds.is_heard().await;
    third.delete("/sessions").await.ok();
    thirds.expect_close().await.says(4401);
}

#[tokio::test]
async fn a_token_that_ends_unrenewed_closes_a_private_room_with_4401_and_makes_a_guest_elsewhere() {
    let Scene { server, host, .. } = &Scene::scheduled().await;
    let private =
        host.post("/streams", json!({"title": "Among friends", "visibility": "private"})).await.ok();
    let soon = host.with_token(&short_lived(server, host, 3));
    let private = soon.at(id_of(&private));
    let (mut inside, mut renewed, mut outside) =
        (private.join().await, private.join().await, soon.join().await);
    let token = host.token.clone().expect("the host is logged in");
    assert_eq!(renewed.ask(json!({"op": "auth", "token": token})).await["type"], "you");
    inside.expect("token.expiring").await;
    outside.expect("token.expiring").await;
    inside.expect_close().await.says(4401);
    assert_eq!(outside.expect("you").await["user"], Value::Null);
    assert_eq!(outside.comment("anybody").await["code"], "unauthenticated");
    assert_eq!(renewed.comment("still here").await["type"], "ack");
}

#[tokio::test]
async fn the_silent_are_closed_with_4408_and_those_who_answer_pings_stay() {
    let Scene { server, host, .. } =
        &Scene::scheduled_with(|config| config.heartbeat = Duration::from_secs(2)).await;
    let mut attentive = host.join().await;
    let mut silent = Raw::open(server, &host.path("ws"), "").await;
    let mut bye = Value::Null;
    let closing = async {
        loop {
            let frame = silent.frame().await;
            match frame.close_code() {
                Some(code) => return Goodbye { bye, code },
                None if frame.opcode == 1 => bye = frame.json(),
                None => {}
            }
        }
    };
    let closed = tokio::select! {
        closed = closing => closed,
        frame = attentive.expect("bye") => panic!("who answers pings stays: {frame}"),
    };
    closed.says(4408);
    assert_eq!(attentive.comment("still here").await["type"], "ack");
}

#[tokio::test]
async fn one_connection_too_many_replaces_the_oldest_with_4409() {
    let Scene { host, .. } =
        &Scene::scheduled_with(|config| config.on_one_node().limits.connections_per_user = Cap::new(2)).await;
    let [mut first, mut second, mut third] = [host.join().await, host.join().await, host.join().await];
    first.expect_close().await.says(4409);
    second.is_heard().await;
    third.is_heard().await;
}
