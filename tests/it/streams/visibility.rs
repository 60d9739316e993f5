//! Who may see what: public, unlisted and private streams.

use crate::tools::Scene;
use serde_json::json;

async fn private() -> Scene {
    let scene = Scene::live().await;
    scene.host.patch("", json!({"visibility": "private"})).await.ok();
    scene
}

#[tokio::test]
async fn an_unlisted_stream_is_for_whoever_has_its_id() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    host.patch("", json!({"visibility": "unlisted"})).await.ok();
    server.guest().get("").await.ok();
    for who in [&server.guest(), &**bo] {
        assert_eq!(who.get("/streams?host=ana").await.ok()["items"], json!([]));
    }
    assert_eq!(host.get("/streams").await.ok()["items"], json!([]));
    assert_eq!(host.get("/streams?host=ana").await.ok()["items"][0]["id"], host.stream);
}

#[tokio::test]
async fn a_private_stream_is_as_if_it_were_not_there() {
    let Scene { server, bo, .. } = &private().await;
    let absent = bo.at("01890000-0000-7000-8000-000000000000");
    for rest in [
        "",
        "comments",
        "events",
        "comments/export",
        "settings",
        "held",
        "audit",
        "members",
        "terms",
        "playback",
        "recording",
    ] {
        let (hidden, missing) = (bo.get(rest).await, absent.get(rest).await);
        assert_eq!((hidden.status, &hidden.body), (404, &missing.body), "{rest}");
    }
    for rest in ["comments", "questions", "announcements"] {
        bo.post(rest, json!({"content": "x"})).await.refused(404, "not_found");
    }
    bo.post("start", json!({})).await.refused(404, "not_found");
    bo.post("reactions", json!({"kind": "like"})).await.refused(404, "not_found");
    assert_eq!(server.guest().refusal().await, 404);
    assert_eq!(server.guest().get("/streams").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn members_and_moderators_see_a_private_stream() {
    let Scene { server, host, bo } = &private().await;
    let cy = server.register("cyd").await;
    for _ in 0..2 {
        assert_eq!(host.put("members/bob", json!({})).await.status, 204);
    }
    host.put("moderators/cyd", json!({})).await.ok();
    bo.get("").await.ok();
    cy.get("").await.ok();
    bo.comment("hello").await;
    let members = host.get("members").await.ok();
    assert_eq!(
        (members["items"].as_array().unwrap().len(), &members["items"][0]["username"]),
        (1, &json!("bob"))
    );
    cy.get("members").await.refused(403, "forbidden");
    cy.put("members/cyd", json!({})).await.refused(403, "forbidden");
    host.put("members/nobody", json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn who_loses_sight_of_a_stream_loses_the_socket() {
    let Scene { server, host, bo } = &Scene::live().await;
    let (mut guest, mut member) = (server.guest().join().await, bo.join().await);
    host.put("members/bob", json!({})).await.ok();
    host.patch("", json!({"visibility": "private"})).await.ok();
    guest.expect_close().await.says(4404);
    assert_eq!(host.join().await.comment("alone").await["type"], "ack");
    assert_eq!(member.comment("still here").await["type"], "ack");
    assert_eq!(host.delete("members/bob").await.status, 204);
    member.expect_close().await.says(4404);
}
