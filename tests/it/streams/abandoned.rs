//! A stream whose host stays away ends by itself; one whose host is there does not, and no clock has a say.

use crate::tools::TestServer;
use livehouse::domain::{ids::StreamId, time::Millis};
use livehouse::store::streams;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_stream_whose_host_stays_away_ends_by_itself_and_no_other() {
    let server = TestServer::spawn_with(|config| config.host_away_max = Duration::from_secs(1));
    let [ana, bo, cy] =
        [server.register("ana").await, server.register("bob").await, server.register("cyd").await];
    let [anas, bos, waiting] = [
        ana.create_stream("with its host").await,
        bo.create_stream("left").await,
        bo.create_stream("not on air").await,
    ];
    let [_ana_stays, bo_leaves] = [ana.join(&anas).await, bo.join(&bos).await];
    for (host, stream) in [(&ana, &anas), (&bo, &bos)] {
        host.post(&format!("/streams/{stream}/start"), json!({})).await.ok();
        // As if the host had last been seen days ago: what another clock said is not measured.
        let id: StreamId = stream.parse().expect("an id");
        let seen = Millis::now().plus_s(-7 * 86_400);
        server.store().write(|tx| streams::touch_host_seen(tx, id, seen)).expect("written");
    }
    let poll = json!({"question": "still here?", "options": ["yes", "no"], "duration_s": 86_400});
    bo.post(&format!("/streams/{bos}/polls"), poll).await.ok();
    let mut viewer = cy.join(&bos).await;
    assert_eq!(viewer.opening["stream"]["status"], "live", "its host has only just left");

    bo_leaves.leave().await;
    let closed = viewer.expect("poll.closed").await;
    let ended = viewer.expect("stream.ended").await;
    assert_eq!(ended["stream"]["status"], "ended");
    assert_eq!(ended["seq"], closed["seq"].as_i64().expect("a number") + 1, "its poll ends with it");
    assert_eq!(viewer.comment("too late").await["code"], "stream_ended");
    for (stream, status) in [(&anas, "live"), (&bos, "ended"), (&waiting, "scheduled")] {
        assert_eq!(cy.get(&format!("/streams/{stream}")).await.ok()["status"], status);
    }
}
