//! Every call that does not only read, and every op of a socket, by whoever is banned from the site: refused, but for a list.

use super::administrator;
use crate::{
    keys::{
        SCOPES,
        calls::{Call, calls, send},
        program,
        table::OPS,
    },
    tools::{Client, PASSWORD, Scene, id_of, without_limits},
};
use reqwest::Method;
use serde_json::{Value, json};

/// What a ban leaves alone. A new call that writes is refused, or stands here.
const STILL: &[&str] = &[
    // By whoever has no account yet, or is on the way into it, or shows a secret of another kind.
    "POST /users",
    "POST /setup",
    "POST /password-resets",
    "POST /sessions",
    "POST /sessions/refresh",
    "POST /hooks/media/{secret}/{server}",
    // The account, and what it is reached with.
    "DELETE /sessions",
    "DELETE /sessions/current",
    "DELETE /sessions/{id}",
    "DELETE /users/me",
    "DELETE /users/me/keys/{id}",
    "PUT /users/me/password",
    // Of whom it reads, and what it sees.
    "DELETE /users/{username}/follow",
    "PUT /users/me/ignored/{username}",
    "DELETE /users/me/ignored/{username}",
    "POST /streams/{id}/whep",
    "DELETE /media/{session}",
];
/// The one call that takes no token of a session.
const BY_KEY: &str = "POST /whip";

fn is_left_alone(call: &Call) -> bool {
    STILL.contains(&call.name.as_str())
}

async fn ban(root: &Client, name: &str) {
    let ban = json!({"duration_s": 3600, "reason": "Enough."});
    assert_eq!(root.put(&format!("/admin/bans/{name}"), ban).await.status, 204);
}

#[tokio::test]
async fn a_banned_account_writes_by_no_call_whatever_it_is_there() {
    let Scene { server, host, bo } = &Scene::live_with(without_limits).await;
    let root = administrator(server).await;
    host.put("moderators/bob", json!({})).await.ok();
    let by_key = program(host, &SCOPES).await;
    for name in ["ana", "bob"] {
        ban(&root, name).await;
    }
    let document = server.guest().get("/openapi.json").await.ok();
    let all = calls(&document);
    let writes: Vec<&Call> =
        all.iter().filter(|call| call.method != Method::GET && !is_left_alone(call)).collect();
    assert!(writes.len() > 60, "{}", writes.len());
    let mut wrong = Vec::new();
    for (who, client) in [("host", host as &Client), ("moderator", bo), ("program", &by_key)] {
        for call in writes.iter().filter(|call| who == "program" || call.name != BY_KEY) {
            let answer = send(&document, client, call).await;
            let detail = answer.body["detail"].as_str().unwrap_or("");
            let says_why = detail.contains("until 20") && detail.contains("Enough.");
            if answer.status != 403 || answer.body["code"] != "banned" || !says_why {
                wrong.push(format!("{who}: {} is {} {}", call.name, answer.status, answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_a_ban_leaves_alone_is_not_refused_for_it() {
    let Scene { server, bo, .. } = &Scene::live_with(without_limits).await;
    let root = administrator(server).await;
    let document = server.guest().get("/openapi.json").await.ok();
    let all = calls(&document);
    for (number, name) in STILL.iter().enumerate() {
        let call = all.iter().find(|call| call.name == *name).unwrap_or_else(|| panic!("no call {name}"));
        let who = server.register(&format!("guest-{number}")).await;
        ban(&root, &who.username).await;
        let answer = send(&document, &who.at(&bo.stream), call).await;
        assert_ne!(answer.body["code"], "banned", "{name}");
        assert!(answer.status < 500, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_banned_account_may_look_after_itself_and_leave() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let root = administrator(server).await;
    assert!(bo.put("/users/ana/follow", json!({})).await.status < 300);
    let key = bo.post("/users/me/keys", json!({"name": "x", "scopes": ["read"]})).await.ok();
    ban(&root, "bob").await;
    bo.put("/users/ana/follow", json!({})).await.refused(403, "banned");
    assert!(bo.delete("/users/ana/follow").await.status < 300);
    assert_eq!(bo.get("/users/me/following").await.ok()["items"], json!([]));
    assert!(bo.put("/users/me/ignored/ana", json!({})).await.status < 300);
    assert!(bo.delete("/users/me/ignored/ana").await.status < 300);
    assert_eq!(bo.delete(&format!("/users/me/keys/{}", id_of(&key))).await.status, 204);
    let change = json!({"current_password": PASSWORD, "new_password": "another good one"});
    assert_eq!(bo.put("/users/me/password", change).await.status, 204);
    let again = server.guest().log_in("bob", "another good one").await.ok();
    let again = server.guest().with_token(again["session"]["access_token"].as_str().expect("a token"));
    assert_eq!(again.get("/sessions").await.ok()["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(again.delete("/sessions/current").await.status, 204);
    let farewell = bo.request(Method::DELETE, "/users/me").json(&json!({"password": "another good one"}));
    assert_eq!(bo.send(farewell).await.status, 204);
}

#[tokio::test]
async fn a_banned_account_writes_by_no_op_of_a_socket_whatever_it_is_there() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    host.put("moderators/bob", json!({})).await.ok();
    let said = [host.comment("one").await, bo.comment("two").await];
    let poll =
        host.post("polls", json!({"question": "?", "options": ["a", "b"], "duration_s": 600})).await.ok();
    let frame_of = |op: &str, said: &Value| match op {
        "comment" => json!({"op": op, "content": "hello"}),
        "react" => json!({"op": op, "kind": "like"}),
        "vote" => json!({"op": op, "poll_id": poll["id"], "option": 0}),
        "delete" => json!({"op": op, "comment_id": said["id"]}),
        _ => json!({"op": op}),
    };
    for who in [host, bo] {
        let mut socket = who.join().await;
        ban(&root, &who.username).await;
        socket.expect_where("you", |you| !you["ban"].is_null()).await;
        for (op, _) in OPS.iter().filter(|(op, _)| !["auth", "ping"].contains(op)) {
            for said in &said {
                let answer = socket.ask(frame_of(op, said)).await;
                assert_eq!(answer["code"], "banned", "{op} by {}: {answer}", who.username);
            }
        }
        let answer = socket.ask(json!({"op": "auth", "token": who.token})).await;
        assert_eq!(answer["type"], "you", "{answer}");
        assert_eq!(socket.ask(json!({"op": "ping"})).await["type"], "pong");
    }
}

/// What host and moderators alone read is not shown to them either, and they are told why.
#[tokio::test]
async fn what_only_host_or_moderators_read_is_refused_by_the_ban() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    ban(&root, "ana").await;
    for path in ["settings", "ingest", "held", "bans"] {
        host.get(path).await.refused(403, "banned");
        bo.get(path).await.refused(403, "forbidden");
    }
    for path in ["", "comments", "events", "/users/me", "/sessions"] {
        host.get(path).await.ok();
    }
    assert_eq!(root.delete("/admin/bans/ana").await.status, 204);
    host.get("settings").await.ok();
}
