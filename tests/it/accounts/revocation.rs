//! What ends a session ends its sockets, within a second and with its reason.

use crate::tools::{PASSWORD, TestServer};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const REVOKED: u16 = 4401;
const WITHIN: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_ended_session_closes_its_own_sockets_and_no_others() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let other = ana.log_in_again().await;
    let stream = ana.create_stream("A quiet evening").await;
    let (mut here, mut there) = (ana.join(&stream).await, other.join(&stream).await);
    let begun = Instant::now();
    assert_eq!(ana.delete(&format!("/sessions/{}", other.session_id)).await.status, 204);
    let (bye, code) = there.expect_close().await;
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
    assert_eq!((code, &bye["code"], &bye["retry"]), (REVOKED, &json!(REVOKED), &json!(false)));
    assert_eq!(here.ask(json!({"op": "ping"})).await["type"], "pong");
    assert_eq!(ana.delete("/sessions").await.status, 204);
    assert_eq!(here.expect_close().await.1, REVOKED);
}

#[tokio::test]
async fn a_new_password_closes_the_sockets_of_every_other_session() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let other = ana.log_in_again().await;
    let stream = ana.create_stream("A quiet evening").await;
    let (mut here, mut there) = (ana.join(&stream).await, other.join(&stream).await);
    let body = json!({"current_password": PASSWORD, "new_password": "another stage altogether"});
    assert_eq!(ana.put("/users/me/password", body).await.status, 204);
    assert_eq!(there.expect_close().await.1, REVOKED);
    assert_eq!(here.ask(json!({"op": "ping"})).await["type"], "pong");
}

#[tokio::test]
async fn a_stolen_refresh_token_closes_the_sockets_of_its_session() {
    let server = TestServer::spawn();
    let mut ana = server.register("ana").await;
    let stream = ana.create_stream("A quiet evening").await;
    let mut socket = ana.join(&stream).await;
    let stolen = ana.refresh_token.clone();
    ana.refresh().await.ok();
    ana.refresh().await.ok();
    let replay = server.guest().post("/sessions/refresh", json!({"refresh_token": stolen})).await;
    replay.refused(401, "unauthenticated");
    assert_eq!(socket.expect_close().await.1, REVOKED);
}

#[tokio::test]
async fn an_account_that_goes_takes_its_streams_comments_and_sockets_along() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    let (anas, bos) = (ana.go_live("Ana's").await, bo.go_live("Bo's").await);
    let said = ana.comment(&bos, "I was here").await;
    let (mut in_anas, mut in_bos) = (bo.join(&anas).await, bo.join(&bos).await);
    let mut own = ana.join(&bos).await;
    let delete = ana.request(Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    assert_eq!(ana.send(delete).await.status, 204);
    assert_eq!(own.expect_close().await.1, REVOKED);
    assert_eq!(in_anas.expect_close().await.1, 4404);
    let purged = in_bos.expect("comments.purged").await;
    assert_eq!(purged["user_id"], ana.id.as_str());
    let comment = format!("/streams/{bos}/comments/{}", said["id"].as_str().unwrap());
    bo.get(&comment).await.refused(404, "not_found");
    bo.get(&format!("/streams/{anas}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_new_name_is_seen_in_the_next_comment() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let stream = ana.go_live("Names").await;
    let mut socket = ana.join(&stream).await;
    ana.patch("/users/me", json!({"display_name": "Queen Ana"})).await.ok();
    let ack = socket.comment("who am I?").await;
    assert_eq!(ack["comment"]["user"]["display_name"], "Queen Ana");
}

#[tokio::test]
async fn a_session_that_ends_while_its_socket_opens_keeps_no_socket() {
    let server = TestServer::spawn_with(crate::races::hands::without_limits);
    let ana = server.register("ana").await;
    let stream = ana.go_live("In a hurry").await;
    for _ in 0..crate::races::hands::races() * 4 {
        let again = ana.log_in_again().await;
        let request =
            || crate::tools::viewer::signed_request(server.port, again.token.as_deref(), &stream, "");
        let joining = tokio_tungstenite::connect_async(request());
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
        let code = tokio::time::timeout(crate::tools::PATIENCE, closed).await.expect("it is closed");
        assert_eq!(code, Some(REVOKED));
    }
}
