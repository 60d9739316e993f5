//! A stream whose host stays away ends by itself.

use crate::server::TestServer;
use livehouse::{
    domain::{ids::StreamId, time::Millis},
    store::streams,
};
use serde_json::json;

/// How long a host may stay away, in seconds.
const AWAY_MAX_S: i64 = 12 * 3600;

#[tokio::test]
async fn a_stream_whose_host_was_away_for_twelve_hours_ends_by_itself_and_no_other() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let [left, nearly, waiting] =
        [host.go_live("left").await, host.go_live("nearly").await, host.create_stream("waiting").await];
    let poll = json!({"question": "still here?", "options": ["yes", "no"], "duration_s": 86_400});
    host.post(&format!("/streams/{left}/polls"), poll).await.ok();
    let store = server.store();
    for (stream, away_s) in [(&left, AWAY_MAX_S + 1), (&nearly, AWAY_MAX_S - 600), (&waiting, 2 * AWAY_MAX_S)]
    {
        let id: StreamId = stream.parse().expect("an id");
        let seen = Millis::now().plus_s(-away_s);
        store.write(|tx| streams::touch_host_seen(tx, id, seen)).expect("written");
    }
    drop(store);

    // A server looks for such streams as soon as it is up.
    let server = server.restart_with(|_| {});
    let (mut host, mut bo) = (host, bo);
    [&mut host, &mut bo].into_iter().for_each(|user| user.port = server.port);
    let mut viewer = bo.rejoin(&left, 0).await;
    let closed = viewer.expect("poll.closed").await;
    let ended = viewer.expect("stream.ended").await;
    assert_eq!(ended["stream"]["status"], "ended");
    assert_eq!(ended["seq"], closed["seq"].as_i64().expect("a number") + 1, "its poll ends with it");
    assert_eq!(viewer.comment("too late").await["code"], "stream_ended");
    for (stream, status) in [(&left, "ended"), (&nearly, "live"), (&waiting, "scheduled")] {
        assert_eq!(host.get(&format!("/streams/{stream}")).await.ok()["status"], status);
    }
    viewer.leave().await;
}
