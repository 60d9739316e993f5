//! A stream whose host stays away ends by itself; one whose host is there does not, and no clock has a say.

use crate::tools::Scene;
use livehouse::internals::{Millis, StreamId, streams};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_stream_whose_host_stays_away_ends_by_itself_and_no_other() {
    let Scene { server, host, bo } =
        &Scene::scheduled_with(|config| config.on_one_node().host_away_max = Duration::from_secs(1)).await;
    let [bos, waiting] = [bo.create_stream("left").await, bo.create_stream("not on air").await];
    let [_host_stays, bo_leaves] = [host.join().await, bos.join().await];
    for host in [&**host, &bos] {
        host.post("start", json!({})).await.ok();
        // As if the host had last been seen days ago: what another clock said is not measured.
        let id: StreamId = host.stream.parse().expect("an id");
        let seen = Millis::now().plus_s(-7 * 86_400);
        server.store().write_blocking(|tx| streams::touch_host_seen(tx, id, seen)).expect("written");
    }
    let poll = json!({"question": "still here?", "options": ["yes", "no"], "duration_s": 86_400});
    bos.post("polls", poll).await.ok();
    let mut viewer = host.at(&bos.stream).join().await;
    assert_eq!(viewer.opening["stream"]["status"], "live", "its host has only just left");

    bo_leaves.leave().await;
    let closed = viewer.expect("poll.closed").await;
    let ended = viewer.expect("stream.ended").await;
    assert_eq!(ended["stream"]["status"], "ended");
    assert_eq!(ended["seq"], closed["seq"].as_i64().expect("a number") + 1, "its poll ends with it");
    assert_eq!(viewer.comment("too late").await["code"], "stream_ended");
    for (host, status) in [(&**host, "live"), (&bos, "ended"), (&waiting, "scheduled")] {
        assert_eq!(host.get("").await.ok()["status"], status);
    }
}
