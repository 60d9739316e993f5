//! Every reason for which the server closes a socket, each with its goodbye. Those for bad input are in `bad_input`.

use crate::tools::{PASSWORD, PATIENCE, TestServer, User, Viewer, viewer::signed_request};
use futures_util::{StreamExt, future::join_all, stream};
use livehouse::{
    auth::token::ACCESS_TTL_S,
    config::Cap,
    domain::{ids::UserId, time::Millis},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

/// At 15 kB each more than the buffers between a server and a client who does not read.
const UPDATES: i64 = 40;

/// Expects a goodbye and a close with the same code.
async fn says_goodbye(viewer: &mut Viewer, code: u16, retry: bool) -> Value {
    let (bye, closed_with) = viewer.expect_close().await;
    assert_eq!((bye["code"].as_u64(), closed_with), (Some(code.into()), code), "{bye}");
    assert_eq!(bye["retry"], retry, "{bye}");
    bye
}

async fn a_private_stream(host: &User, members: &[&User]) -> String {
    let body = json!({"title": "Among friends", "visibility": "private"});
    let stream = host.post("/streams", body).await.ok();
    let stream = stream["id"].as_str().expect("an id").to_owned();
    for member in members {
        host.put(&format!("/streams/{stream}/members/{}", member.username), json!({})).await.ok();
    }
    stream
}

/// A token of the same session that ends soon.
fn short_lived(server: &TestServer, user: &User, seconds: i64) -> String {
    let id = |text: &str| serde_json::from_value(json!(text)).expect("an id");
    let user_id: UserId = id(&user.id);
    let session_id = serde_json::from_value(json!(user.session_id)).expect("an id");
    let issued = Millis::now().plus_s(seconds - ACCESS_TTL_S as i64);
    server.keys().issue(user_id, session_id, issued).token
}

#[tokio::test]
async fn a_stopping_server_closes_with_1012_and_says_when_to_come_back() {
    let server = TestServer::spawn_with(|config| config.drain = Duration::from_millis(500));
    let host = server.register("host").await;
    let stream = host.create_stream("Until closing time").await;
    let mut viewers = join_all((0..16).map(|_| host.join(&stream))).await;
    let mut guest = server.guest().join(&stream).await;
    server.begin_to_stop();
    let goodbyes = viewers.iter_mut().map(|viewer| says_goodbye(viewer, 1012, true));
    for bye in join_all(goodbyes).await.into_iter().chain([says_goodbye(&mut guest, 1012, true).await]) {
        assert!(bye["retry_after_ms"].is_u64(), "{bye}");
    }
}

#[tokio::test]
async fn a_viewer_who_does_not_read_is_told_what_they_missed_and_closed_with_1013() {
    let server = TestServer::spawn_with(|config| config.limits.outbox_bytes = 16_384);
    let host = server.register("host").await;
    // Whoever wakes up more than two seconds late finds the socket shut: not so late, in one of these.
    for _ in 0..5 {
        let (seen, code) = oversleep(&server, &host).await;
        if code != 1006 {
            return was_told_what_they_missed(&seen, code);
        }
    }
    panic!("nobody was told in time");
}

#[tokio::test]
async fn who_reads_in_sips_gets_every_event_whole_and_answers_between() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let id = host.create_stream("A narrow line").await;
    let mut sipper = through_a_small_buffer(&server, &id).await;
    let update = async |n| say_much(&host, &id, n).await;
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
    let id = host.create_stream("Too fast").await;
    let mut sleeper = through_a_small_buffer(server, &id).await;
    let update = async |n| say_much(host, &id, n).await;
    stream::iter(0..UPDATES).for_each_concurrent(8, update).await;
    sleeper.read_to_the_end().await
}

/// Joins by a connection that takes little at a time.
async fn through_a_small_buffer(server: &TestServer, stream: &str) -> Viewer {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let address = format!("127.0.0.1:{}", server.port).parse().expect("an address");
    let socket = socket.connect(address).await.expect("the server answers");
    Viewer::over(socket, signed_request(server.port, None, stream, "")).await
}

/// Has the room say 15 kB.
async fn say_much(host: &User, stream: &str, n: i64) {
    let description = format!("{n}{}", "語".repeat(4_990));
    let answer = host.patch(&format!("/streams/{stream}"), json!({"description": description})).await;
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
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let stream = host.create_stream("Logged out").await;
    let other = host.log_in_again().await;
    let (mut mine, mut others) = (host.join(&stream).await, other.join(&stream).await);
    host.delete("/sessions/current").await.ok();
    says_goodbye(&mut mine, 4401, false).await;
    assert_eq!(others.ask(json!({"op": "ping"})).await["type"], "pong");

    let third = other.log_in_again().await;
    let mut thirds = third.join(&stream).await;
    let passwords = json!({"current_password": PASSWORD, "new_password": "another stage, another town"});
    third.put("/users/me/password", passwords).await.ok();
    says_goodbye(&mut others, 4401, false).await;
    assert_eq!(thirds.ask(json!({"op": "ping"})).await["type"], "pong");
    third.delete("/sessions").await.ok();
    says_goodbye(&mut thirds, 4401, false).await;
}

#[tokio::test]
async fn a_deleted_account_closes_its_sockets_with_4401() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let stream = host.create_stream("The last one").await;
    let guest = server.register("visitor").await;
    let mut viewer = guest.join(&stream).await;
    let request = guest.request(reqwest::Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    guest.send(request).await.ok();
    says_goodbye(&mut viewer, 4401, false).await;
}

#[tokio::test]
async fn a_token_that_ends_closes_a_private_room_with_4401_and_makes_a_guest_elsewhere() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let public = host.create_stream("For all").await;
    let private = a_private_stream(&host, &[]).await;
    let soon = host.with_token(&short_lived(&server, &host, 3));
    let (mut inside, mut outside) = (soon.join(&private).await, soon.join(&public).await);
    inside.expect("token.expiring").await;
    outside.expect("token.expiring").await;
    says_goodbye(&mut inside, 4401, false).await;
    assert_eq!(outside.expect("you").await["user"], Value::Null);
    assert_eq!(outside.comment("anybody").await["code"], "unauthenticated");
}

#[tokio::test]
async fn a_renewed_token_keeps_a_private_room_open() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let private = a_private_stream(&host, &[]).await;
    let soon = host.with_token(&short_lived(&server, &host, 3));
    let mut renewed = soon.join(&private).await;
    let mut ending = soon.join(&private).await;
    let token = host.token.clone().expect("the host is logged in");
    assert_eq!(renewed.ask(json!({"op": "auth", "token": token})).await["type"], "you");
    says_goodbye(&mut ending, 4401, false).await;
    assert_eq!(renewed.comment("still here").await["type"], "ack");
}

#[tokio::test]
async fn a_deleted_stream_closes_with_4404() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let stream = host.create_stream("Short").await;
    let (mut mine, mut guest) = (host.join(&stream).await, server.guest().join(&stream).await);
    host.delete(&format!("/streams/{stream}")).await.ok();
    says_goodbye(&mut mine, 4404, false).await;
    says_goodbye(&mut guest, 4404, false).await;
}

#[tokio::test]
async fn who_loses_sight_of_a_stream_is_closed_with_4404() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let friend = server.register("friend").await;
    let private = a_private_stream(&host, &[&friend]).await;
    let mut member = friend.join(&private).await;
    host.delete(&format!("/streams/{private}/members/friend")).await.ok();
    says_goodbye(&mut member, 4404, false).await;

    let public = host.create_stream("Not for long").await;
    let (mut stranger, mut mine) = (server.guest().join(&public).await, host.join(&public).await);
    host.patch(&format!("/streams/{public}"), json!({"visibility": "private"})).await.ok();
    says_goodbye(&mut stranger, 4404, false).await;
    assert_eq!(mine.comment("alone").await["type"], "ack");
}

#[tokio::test]
async fn the_silent_are_closed_with_4408_and_those_who_answer_pings_stay() {
    let server = TestServer::spawn_with(|config| config.heartbeat = Duration::from_secs(2));
    let host = server.register("host").await;
    let stream = host.create_stream("Quiet").await;
    let mut attentive = host.join(&stream).await;
    let silent = silent_viewer(server.port, &stream);
    let closed = tokio::select! {
        closed = silent => closed,
        frame = attentive.expect("bye") => panic!("who answers pings stays: {frame}"),
    };
    let (bye, code) = closed;
    assert_eq!((&bye["code"], &bye["retry"], code), (&json!(4408), &json!(true), 4408));
    assert_eq!(attentive.comment("still here").await["type"], "ack");
}

/// Joins, reads to the close, and never says a word, not even `pong`. The goodbye and the close code.
async fn silent_viewer(port: u16, stream: &str) -> (Value, u16) {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.expect("the server answers");
    let request = format!(
        "GET /api/v1/streams/{stream}/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.expect("the server listens");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("the whole answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    let (reads, _writes) = socket.into_split();
    let mute = tokio::io::join(reads, tokio::io::sink());
    let mut frames = WebSocketStream::from_raw_socket(mute, Role::Client, None).await;
    let mut bye = Value::Null;
    loop {
        match timeout(PATIENCE, frames.next()).await.expect("a close").expect("a close").expect("a close") {
            Message::Text(text) if text.contains(r#""type":"bye""#) => {
                bye = serde_json::from_str(&text).expect("frames are JSON");
            }
            Message::Close(frame) => return (bye, frame.map_or(1005, |frame| frame.code.into())),
            _ => {}
        }
    }
}

#[tokio::test]
async fn one_connection_too_many_replaces_the_oldest_with_4409() {
    let server = TestServer::spawn_with(|config| config.limits.connections_per_user = Cap::new(2));
    let host = server.register("host").await;
    let stream = host.create_stream("Two at most").await;
    let mut first = host.join(&stream).await;
    let mut second = host.join(&stream).await;
    let mut third = host.join(&stream).await;
    says_goodbye(&mut first, 4409, false).await;
    for stays in [&mut second, &mut third] {
        assert_eq!(stays.ask(json!({"op": "ping"})).await["type"], "pong");
    }
}
