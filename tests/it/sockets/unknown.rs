//! What another process writes into a stream's log beside this one: a later version, an operator, another node.

use crate::tools::{Scene, TestServer};
use livehouse::internals::{
    Millis, StreamId,
    events::{self, NewEvent},
};
use serde_json::json;

/// Writes as many events into the log, past the server; the place of the first.
pub fn append(server: &TestServer, kind: &str, payload: &str, count: usize) -> i64 {
    let stream: StreamId = server.stream.parse().expect("an id");
    let event = NewEvent {
        of_channel: false,
        kind: kind.into(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload: payload.into(),
    };
    let logged = server
        .store()
        .write_blocking(|tx| events::append(tx, stream, Millis::now(), vec![event.clone(); count]));
    logged.expect("it is stored")[0].seq.0
}

#[tokio::test]
async fn an_event_of_an_unknown_kind_is_passed_on_and_stalls_nothing() {
    let Scene { server, host, .. } = &Scene::live().await;
    let mut viewer = server.guest().join().await;
    let seq = append(server, "comment.sung", r#"{"key":"C"}"#, 1);
    host.comment("and on it goes").await;
    let sung = viewer.expect("comment.sung").await;
    assert_eq!((&sung["seq"], &sung["key"]), (&json!(seq), &json!("C")));
    assert_eq!(viewer.expect_comment("and on it goes").await["seq"], seq + 1);

    let newcomer = server.guest().join().await;
    assert_eq!(newcomer.opening["seq"], seq + 1);
    let mut late = host.rejoin(seq - 1).await;
    assert_eq!(late.next_event().await["type"], "comment.sung");
    for viewer in [viewer, newcomer, late] {
        viewer.leave().await;
    }
}

#[tokio::test]
async fn who_has_read_more_than_the_room_knows_resumes_by_the_log() {
    let Scene { server, host, .. } = &Scene::live().await;
    let mut viewer = server.guest().join().await;
    let seq = append(server, "comment.sung", "{}", 1);
    let ahead = host.rejoin(seq).await;
    assert_eq!(
        (&ahead.opening["type"], &ahead.opening["from"], &ahead.opening["to"]),
        (&json!("resumed"), &json!(seq + 1), &json!(seq))
    );
    assert_eq!(viewer.expect("comment.sung").await["seq"], seq);
    let beyond = host.rejoin(seq + 1).await;
    assert_eq!((&beyond.opening["type"], &beyond.opening["seq"]), (&json!("snapshot"), &json!(seq)));
    for viewer in [viewer, ahead, beyond] {
        viewer.leave().await;
    }
}
