//! Who may see what: public, unlisted and private streams.

use crate::tools::{TestServer, User, viewer};
use serde_json::json;

async fn private_stream(host: &User) -> String {
    let id = host.go_live("secret").await;
    host.patch(&format!("/streams/{id}"), json!({"visibility": "private"})).await.ok();
    id
}

#[tokio::test]
async fn an_unlisted_stream_is_for_whoever_has_its_id() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.create_stream("hidden").await;
    host.patch(&format!("/streams/{id}"), json!({"visibility": "unlisted"})).await.ok();
    server.guest().get(&format!("/streams/{id}")).await.ok();
    for who in [server.guest(), (*bo).clone()] {
        assert_eq!(who.get("/streams?host=ana").await.ok()["items"], json!([]));
    }
    assert_eq!(host.get("/streams").await.ok()["items"], json!([]));
    assert_eq!(host.get("/streams?host=ana").await.ok()["items"][0]["id"], id);
}

#[tokio::test]
async fn a_private_stream_is_as_if_it_were_not_there() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = private_stream(&host).await;
    let absent = "01890000-0000-7000-8000-000000000000";
    for rest in
        ["", "/comments", "/events", "/comments/export", "/settings", "/held", "/audit", "/members", "/terms"]
    {
        let hidden = bo.get(&format!("/streams/{id}{rest}")).await;
        let missing = bo.get(&format!("/streams/{absent}{rest}")).await;
        assert_eq!((hidden.status, &hidden.body), (404, &missing.body), "{rest}");
    }
    for rest in ["comments", "questions", "announcements"] {
        bo.post(&format!("/streams/{id}/{rest}"), json!({"content": "x"})).await.refused(404, "not_found");
    }
    bo.post(&format!("/streams/{id}/start"), json!({})).await.refused(404, "not_found");
    bo.post(&format!("/streams/{id}/reactions"), json!({"kind": "like"})).await.refused(404, "not_found");
    assert_eq!(viewer::refusal(viewer::request(server.port, &id, "")).await, 404);
    assert_eq!(server.guest().get("/streams").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn members_and_moderators_see_a_private_stream() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let (bo, cy) = (server.register("bob").await, server.register("cyd").await);
    let id = private_stream(&host).await;
    for _ in 0..2 {
        assert_eq!(host.put(&format!("/streams/{id}/members/bob"), json!({})).await.status, 204);
    }
    host.put(&format!("/streams/{id}/moderators/cyd"), json!({})).await.ok();
    bo.get(&format!("/streams/{id}")).await.ok();
    cy.get(&format!("/streams/{id}")).await.ok();
    bo.comment(&id, "hello").await;
    let members = host.get(&format!("/streams/{id}/members")).await.ok();
    assert_eq!(
        (members["items"].as_array().unwrap().len(), &members["items"][0]["username"]),
        (1, &json!("bob"))
    );
    cy.get(&format!("/streams/{id}/members")).await.refused(403, "forbidden");
    cy.put(&format!("/streams/{id}/members/cyd"), json!({})).await.refused(403, "forbidden");
    host.put(&format!("/streams/{id}/members/nobody"), json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn who_loses_sight_of_a_stream_loses_the_socket() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("open").await;
    let (mut guest, mut member) = (server.guest().join(&id).await, bo.join(&id).await);
    host.put(&format!("/streams/{id}/members/bob"), json!({})).await.ok();
    host.patch(&format!("/streams/{id}"), json!({"visibility": "private"})).await.ok();
    let (bye, code) = guest.expect_close().await;
    assert_eq!((code, &bye["retry"]), (4404, &json!(false)));
    assert_eq!(member.comment("still here").await["type"], "ack");
    assert_eq!(host.delete(&format!("/streams/{id}/members/bob")).await.status, 204);
    assert_eq!(member.expect_close().await.1, 4404);
}
