//! Who may do what to a channel.

use crate::tools::{Client, Scene};
use reqwest::Method;
use serde_json::{Value, json};

/// One request for each thing, and whether the channel's moderators may do it.
fn requests() -> Vec<(Method, &'static str, Value, bool)> {
    let nothing = || json!({});
    vec![
        (Method::GET, "settings", Value::Null, true),
        (Method::GET, "terms", Value::Null, true),
        (Method::GET, "moderators", Value::Null, true),
        (Method::GET, "bans", Value::Null, true),
        (Method::PATCH, "settings", json!({"slow_mode_s": 5}), true),
        (Method::PUT, "terms", json!({"terms": []}), true),
        (Method::PUT, "bans/bob", nothing(), true),
        (Method::DELETE, "bans/bob", nothing(), true),
        (Method::PUT, "moderators/bob", nothing(), false),
        (Method::DELETE, "moderators/bob", nothing(), false),
    ]
}

async fn status(who: &Client, host: &str, (method, rest, body): (&Method, &str, &Value)) -> u16 {
    let request = who.request(method.clone(), &format!("/channels/{host}/{rest}"));
    let request = if body.is_null() { request } else { request.json(body) };
    who.send(request).await.status
}

#[tokio::test]
async fn each_role_may_do_to_a_channel_what_is_its_own_and_no_more() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    let [mia, one, operator] =
        [server.register("mia").await, server.register("one").await, server.register("operator").await];
    server.promote(&operator);
    host.put("/channels/ana/moderators/mia", json!({})).await.ok();
    host.put("moderators/one", json!({})).await.ok();
    for (method, rest, body, is_for_moderators) in &requests() {
        let request = (method, *rest, body);
        let what = format!("{method} {rest}");
        assert_eq!(status(&server.guest(), "ana", request).await, 401, "{what}");
        assert_eq!(status(bo, "ana", request).await, 403, "{what}");
        assert_eq!(status(&one, "ana", request).await, 403, "{what} by a moderator of one stream");
        assert_eq!(status(&mia, "bob", request).await, 403, "{what} in another's channel");
        let by_moderator = status(&mia, "ana", request).await;
        assert_eq!(by_moderator != 403, *is_for_moderators, "{what}: {by_moderator}");
        for who in [&**host, &*operator] {
            let done = status(who, "ana", request).await;
            assert!([200, 204].contains(&done), "{what}: {done}");
            assert_eq!(status(who, "nobody", request).await, 404, "{what}");
        }
    }
}

#[tokio::test]
async fn who_cannot_be_appointed_or_banned_is_said_with_a_code() {
    let Scene { server, host, .. } = &Scene::scheduled().await;
    let operator = server.register("operator").await;
    server.promote(&operator);
    host.put("/channels/ana/moderators/ana", json!({})).await.refused(409, "conflict");
    host.put("/channels/ana/moderators/nobody", json!({})).await.refused(404, "not_found");
    host.put("/channels/ana/bans/nobody", json!({})).await.refused(404, "not_found");
    host.put("/channels/ana/bans/bob", json!({"scope": "stream"})).await.refused(422, "invalid_field");
    host.put("/channels/ana/bans/bob", json!({"duration_s": 0})).await.refused(422, "invalid_field");
    for name in ["ana", "operator"] {
        host.put(&format!("/channels/ana/bans/{name}"), json!({})).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn what_is_done_to_a_channel_is_on_record() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    host.put("/channels/ana/bans/bob", json!({"reason": "rude"})).await.ok();
    host.patch("/channels/ana/settings", json!({"slow_mode_s": 5})).await.ok();
    let target = format!("target={}/{}", host.id, bo.id);
    let actor = format!("actor={}", host.id);
    server.on_record(&["ok", " ban ", &actor, &target, "reason=rude"]).await;
    server.on_record(&["ok", "settings.update", &actor, &format!("target={}", host.id)]).await;
    assert_eq!(host.get("audit").await.ok()["items"], json!([]), "no stream was named");
    host.put("bans/bob", json!({"reason": "worse"})).await.ok();
    assert_eq!(host.get("audit").await.ok()["items"][0]["action"], "ban");
}
