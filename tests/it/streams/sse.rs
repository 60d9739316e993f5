//! The event log, live, as server-sent events.

use crate::tools::{Client, PATIENCE, Scene};
use livehouse::config::Cap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

/// An event as it was sent.
#[derive(Debug, PartialEq)]
struct Sent {
    /// The epoch of the log and the place in it.
    id: Option<(String, i64)>,
    kind: String,
    data: Value,
}

/// A reader of an event stream.
struct Reader {
    response: Response,
    text: String,
}

fn request(client: &Client, query: &str) -> RequestBuilder {
    client.request(Method::GET, &format!("events{query}")).header("Accept", "text/event-stream")
}

async fn open(request: RequestBuilder) -> Reader {
    let response = request.send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Reader { response, text: String::new() }
}

/// All that a reader from the beginning is sent, up to the head.
pub async fn read_whole(client: &Client, head: i64) -> String {
    let mut reader = open(request(client, "?after=0")).await;
    let mut seen = String::new();
    for _ in 0..head {
        let sent = reader.next().await.expect("the stream goes on");
        seen += &sent.data.to_string();
    }
    seen
}

impl Sent {
    fn seq(&self) -> Option<i64> {
        self.id.as_ref().map(|(_, seq)| *seq)
    }
}

impl Reader {
    /// The next event; comment lines are passed over.
    async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parse(block);
                self.text = rest.to_owned();
                if event.is_some() {
                    return event;
                }
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("an event in time");
            match chunk {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).expect("whole characters")),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    async fn expect(&mut self, kind: &str) -> Sent {
        let event = self.next().await.expect("the stream goes on");
        assert_eq!(event.kind, kind, "{event:?}");
        event
    }
}

fn parse(block: &str) -> Option<Sent> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = field("data")?;
    Some(Sent {
        id: field("id").map(|id| {
            let (epoch, seq) = id.rsplit_once(':').expect("an epoch and a seq");
            (epoch.to_owned(), seq.parse().expect("a seq"))
        }),
        kind: field("event").expect("a type").to_owned(),
        data: serde_json::from_str(data).expect("a frame"),
    })
}

#[tokio::test]
async fn a_reader_gets_what_comes_from_now_on() {
    let Scene { server, host, .. } = &Scene::live().await;
    host.comment("before").await;
    let mut reader = open(request(&server.guest(), "")).await;
    let said = host.comment("hello").await;
    let event = reader.expect("comment.created").await;
    assert_eq!(event.seq(), said["seq"].as_i64());
    let log = server.guest().get("events").await.ok();
    assert_eq!(event.id.expect("an id").0, log["epoch"]);
    assert_eq!((&event.data["type"], &event.data["comment"]), (&json!("comment.created"), &said));
}

#[tokio::test]
async fn a_reader_goes_on_behind_what_was_read_last() {
    let Scene { server, host, .. } = &Scene::live().await;
    for number in 0..3 {
        host.comment(&format!("c{number}")).await;
    }
    let mut all = open(request(&server.guest(), "?after=0")).await;
    all.expect("stream.started").await;
    for number in 0..3 {
        assert_eq!(all.expect("comment.created").await.data["comment"]["content"], format!("c{number}"));
    }
    let behind = request(&server.guest(), "?after=0").header("Last-Event-ID", "3");
    let mut behind = open(behind).await;
    let last = behind.expect("comment.created").await;
    assert_eq!(last.seq(), Some(4));
    host.comment("live").await;
    assert_eq!(behind.expect("comment.created").await.seq(), Some(5));
    assert_eq!(all.expect("comment.created").await.seq(), Some(5));
    let (epoch, seq) = last.id.expect("an id");
    let again = request(&server.guest(), "").header("Last-Event-ID", format!("{epoch}:{seq}"));
    assert_eq!(open(again).await.expect("comment.created").await.seq(), Some(5));
}

#[tokio::test]
async fn a_place_of_another_log_begins_with_a_snapshot_from_which_one_goes_on() {
    let Scene { server, host, .. } = &Scene::live().await;
    for place in ["2", "9007199254740993", "another-epoch:1", ":1"] {
        let mut reader = open(request(&server.guest(), "").header("Last-Event-ID", place)).await;
        let snapshot = reader.expect("snapshot").await;
        let seq = snapshot.seq().expect("a place to go on from");
        assert_eq!(
            (snapshot.data["seq"].as_i64(), &snapshot.data["stream"]["id"]),
            (Some(seq), &json!(host.stream))
        );
        assert_eq!(snapshot.data["epoch"], snapshot.id.expect("an id").0);
    }
    let mut beyond = open(request(&server.guest(), "?after=1000")).await;
    beyond.expect("snapshot").await;
    host.comment("on it goes").await;
    assert_eq!(beyond.expect("comment.created").await.seq(), Some(2));
}

#[tokio::test]
async fn a_bad_place_is_refused_wherever_it_stands() {
    let Scene { server, .. } = &Scene::live().await;
    let guest = server.guest();
    for bad in ["x", "-1", "1.5", "epoch:", "epoch:x", "+1"] {
        let header = request(&guest, "").header("Last-Event-ID", bad);
        guest.send(header).await.refused(422, "invalid_field");
    }
    for bad in ["x", "-1", "1.5"] {
        guest.send(request(&guest, &format!("?after={bad}"))).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn a_reader_is_no_viewer_but_a_connection() {
    let Scene { server, .. } =
        &Scene::live_with(|config| config.on_one_node().limits.connections_per_ip = Cap::new(1)).await;
    let guest = server.guest();
    let _reader = open(request(&guest, "")).await;
    assert_eq!(guest.get("").await.ok()["viewers"], 0);
    guest.send(request(&guest, "")).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_reader_of_a_private_stream_ends_with_their_sight_of_it_and_with_their_session() {
    let Scene { server, host, bo } = &Scene::live().await;
    let (mut guest, mut member) = (open(request(&server.guest(), "")).await, open(request(bo, "")).await);
    host.put("members/bob", json!({})).await.ok();
    host.patch("", json!({"visibility": "private"})).await.ok();
    let mut told = Vec::new();
    while let Some(event) = guest.next().await {
        assert!(["bye", "stream.updated"].contains(&event.kind.as_str()), "{event:?}");
        told.push(event);
    }
    assert_eq!(told.last().map(|bye| &bye.data["code"]), Some(&json!(4404)), "{told:?}");
    let absent = server.guest();
    absent.send(request(&absent, "")).await.refused(404, "not_found");
    member.expect("stream.updated").await;
    bo.delete("/sessions/current").await.ok();
    let bye = member.expect("bye").await;
    assert_eq!((bye.id, &bye.data["code"]), (None, &json!(4401)));
    assert_eq!(member.next().await, None);
}

#[tokio::test]
async fn json_is_sent_to_whoever_does_not_name_the_other_type() {
    let Scene { server, .. } = &Scene::live().await;
    let guest = server.guest();
    for accept in ["*/*", "application/json", "text/event-stream;q=0"] {
        let request = guest.request(Method::GET, "events").header("Accept", accept);
        assert_eq!(guest.send(request).await.ok()["head"], 1, "{accept}");
    }
}
