//! What ends a session ends its sockets, at once and with its reason.

use crate::tools::{PATIENCE, Scene, id_of, on_sqlite, races, without_limits};
use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

const REVOKED: u16 = 4401;

#[tokio::test]
async fn an_ended_session_closes_its_own_sockets_and_no_others() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let other = bo.log_in_again().await;
    let (mut here, mut there) = (bo.join().await, other.join().await);
    assert_eq!(bo.delete(&format!("/sessions/{}", other.session_id)).await.status, 204);
    there.expect_close().await.says(REVOKED);
    here.is_heard().await;
    assert_eq!(bo.delete("/sessions").await.status, 204);
    here.expect_close().await.says(REVOKED);
}

#[tokio::test]
async fn an_account_that_goes_takes_its_streams_comments_and_sockets_along() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let bos = bo.go_live("Bo's").await;
    let as_guest = host.at(&bos.stream);
    let said = as_guest.comment("I was here").await;
    let (mut in_anas, mut in_bos, mut own) = (bo.join().await, bos.join().await, as_guest.join().await);
    host.farewell().await;
    own.expect_close().await.says(REVOKED);
    in_anas.expect_close().await.says(4404);
    let purged = in_bos.expect("comments.purged").await;
    assert_eq!(purged["user_id"], host.id.as_str());
    bos.get(&format!("comments/{}", id_of(&said))).await.refused(404, "not_found");
    bo.get("").await.refused(404, "not_found");
}

#[tokio::test]
async fn who_is_demoted_sees_nothing_more_of_what_is_private() {
    let Scene { server, host, bo } = &Scene::live_with(on_sqlite).await;
    host.patch("", json!({"visibility": "private"})).await.ok();
    server.promote(bo);
    let mut socket = bo.join().await;
    server.place().run("admin demote bob").ok();
    socket.expect_close().await.says(REVOKED);
    bo.log_in_again().await.at(&host.stream).get("").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_new_name_is_seen_in_the_next_comment() {
    let Scene { host, .. } = &Scene::live().await;
    let mut socket = host.join().await;
    host.patch("/users/me", json!({"display_name": "Queen Ana"})).await.ok();
    let ack = socket.comment("who am I?").await;
    assert_eq!(ack["comment"]["user"]["display_name"], "Queen Ana");
}

#[tokio::test]
async fn a_session_that_ends_while_its_socket_opens_keeps_no_socket() {
    let Scene { host, .. } = &Scene::live_with(without_limits).await;
    for _ in 0..races() * 4 {
        let again = host.log_in_again().await;
        let joining = tokio_tungstenite::connect_async(again.upgrade(""));
        let (joined, ended) = futures_util::future::join(joining, again.delete("/sessions/current")).await;
        assert_eq!(ended.status, 204);
        // Refused, or let in and thrown out again.
        let Ok((mut socket, _)) = joined else { continue };
        let closed = async {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|frame| u16::from(frame.code));
                }
            }
            None
        };
        let code = tokio::time::timeout(PATIENCE, closed).await.expect("it is closed");
        assert_eq!(code, Some(REVOKED));
    }
}
