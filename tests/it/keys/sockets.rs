//! Sockets and event streams that were opened with a key: what may be done on them, and when they close.

use super::{in_seconds, make, program, table::OPS, with_key};
use crate::tools::{PATIENCE, Scene, id_of};
use reqwest::Method;
use serde_json::{Value, json};

const REVOKED: u16 = 4401;

#[tokio::test]
async fn deleting_a_key_closes_its_sockets_and_no_others() {
    let Scene { bo, .. } = &Scene::live().await;
    let made = make(bo, &["read"]).await;
    let wanted = json!({"name": "x", "scopes": ["read"], "expires_at": "9999-12-30T00:00:00.000Z"});
    let far = bo.post("/users/me/keys", wanted).await.ok();
    let mut others = with_key(bo, &far).join().await;
    let mut by_header = with_key(bo, &made).join().await;
    let mut by_op = bo.guest().join().await;
    let you = by_op.ask(json!({"op": "auth", "token": made["key"]})).await;
    assert_eq!((&you["type"], &you["user"]["username"]), (&json!("you"), &json!("bob")));
    let mut own = bo.join().await;
    assert_eq!(bo.delete(&format!("/users/me/keys/{}", id_of(&made))).await.status, 204);
    by_header.expect_close().await.says(REVOKED);
    by_op.expect_close().await.says(REVOKED);
    own.is_heard().await;
    others.is_heard().await;
}

#[tokio::test]
async fn an_event_stream_ends_with_its_key() {
    let Scene { bo, .. } = &Scene::live().await;
    let made = make(bo, &["read"]).await;
    let request = with_key(bo, &made).request(Method::GET, "events").header("Accept", "text/event-stream");
    let answer = request.send().await.expect("the server answers");
    assert_eq!(answer.status(), 200);
    assert_eq!(bo.delete(&format!("/users/me/keys/{}", id_of(&made))).await.status, 204);
    let text = tokio::time::timeout(PATIENCE, answer.text()).await.expect("it ends").expect("a text");
    assert!(text.contains("4401"), "{text}");
}

#[tokio::test]
async fn what_one_can_do_on_a_socket_is_cut_to_the_scopes_of_the_key() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let said = host.comment("one").await;
    let poll =
        host.post("polls", json!({"question": "?", "options": ["a", "b"], "duration_s": 600})).await.ok();
    let frame_of = |op: &str| match op {
        "comment" => json!({"op": op, "content": "hello"}),
        "react" => json!({"op": op, "kind": "like"}),
        "vote" => json!({"op": op, "poll_id": poll["id"], "option": 0}),
        "delete" => json!({"op": op, "comment_id": said["id"]}),
        "auth" => json!({"op": op, "token": host.token}),
        _ => json!({"op": op}),
    };
    let rights: [(&str, &[&str]); 4] = [
        ("comment", &["comment", "react", "vote", "ask"]),
        ("moderate", &["delete", "ban", "review", "pin", "announce", "poll", "settings"]),
        ("streams", &["manage"]),
        ("ingest", &[]),
    ];
    for (scope, can) in rights {
        let mut socket = program(host, &["read", scope]).await.join().await;
        assert_eq!(socket.welcome["you"]["can"], json!(can), "{scope}");
        assert_eq!(socket.welcome["you"]["role"], "host");
        // `auth`, which is the first, would make the rest a login's.
        for (op, needed) in OPS.iter().rev() {
            let answer = socket.ask(frame_of(op)).await;
            match needed {
                Some(needed) if *needed != scope => {
                    assert_eq!(answer["code"], "forbidden", "{scope} {op}: {answer}");
                    assert!(answer["message"].as_str().unwrap().contains(needed), "{scope} {op}: {answer}");
                }
                Some(_) => assert_eq!(answer["type"], "ack", "{scope} {op}: {answer}"),
                None => {
                    assert!(["you", "pong"].contains(&answer["type"].as_str().unwrap()), "{op}: {answer}")
                }
            }
        }
        socket.leave().await;
    }
    assert_eq!(host.get("").await.ok()["comment_count"], 1, "one was said, and one deleted");
    bo.get(&format!("comments/{}", id_of(&said))).await.refused(404, "not_found");
}

/// An op that is in no line of the table fails here: what a key needs for it must be decided.
#[tokio::test]
async fn the_table_has_every_op() {
    let Scene { server, .. } = &Scene::scheduled().await;
    let document = server.guest().get("/openapi.json").await.ok();
    let ops = &document["components"]["schemas"]["ClientFrame"]["discriminator"]["mapping"];
    let known: Vec<&str> = ops.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(known, OPS.iter().map(|(op, _)| *op).collect::<Vec<_>>());
}

/// Without `read` a key is no way in, neither at the door nor later.
#[tokio::test]
async fn a_key_that_may_not_read_opens_no_room() {
    let Scene { bo, .. } = &Scene::live().await;
    let writes = make(bo, &["comment", "moderate", "streams", "ingest"]).await;
    assert_eq!(with_key(bo, &writes).refusal().await, 403);
    let mut guest = bo.guest().join().await;
    let refused = guest.ask(json!({"op": "auth", "token": writes["key"]})).await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("forbidden")));
    assert!(refused["message"].as_str().unwrap().contains("read"), "{refused}");
    assert_eq!(guest.ask(json!({"op": "comment", "content": "x"})).await["code"], "unauthenticated");
    let wrong = guest.ask(json!({"op": "auth", "token": "lhk_nothing"})).await;
    assert_eq!(wrong["code"], "unauthenticated");
    guest.say(json!({"op": "auth", "token": "lhk_nothing"})).await;
    guest.expect_close().await.says(4401);
}

#[tokio::test]
async fn when_a_key_ends_its_viewer_is_a_guest_or_leaves_where_guests_may_not_be() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let ends = async || {
        let wanted = json!({"name": "x", "scopes": ["read"], "expires_at": in_seconds(3)});
        host.post("/users/me/keys", wanted).await.ok()
    };
    let mut socket = with_key(host, &ends().await).join().await;
    socket.expect("token.expiring").await;
    let you = socket.expect("you").await;
    assert_eq!((&you["role"], &you["user"]), (&json!("guest"), &Value::Null));
    socket.leave().await;
    host.patch("", json!({"visibility": "private"})).await.ok();
    with_key(host, &ends().await).join().await.expect_close().await.says(4401);
    bo.get("").await.refused(404, "not_found");
}

#[tokio::test]
async fn no_key_has_the_rights_of_an_administrator() {
    let Scene { server, host, bo } = &Scene::live().await;
    server.promote(bo);
    let mut bo = bo.log_in_again().await;
    bo.stream.clone_from(&host.stream);
    let program = program(&bo, &super::SCOPES).await;
    assert_eq!(bo.join().await.welcome["you"]["role"], "admin");
    let socket = program.join().await;
    assert_eq!(socket.welcome["you"]["role"], "viewer");
    program.post("end", json!({})).await.refused(403, "forbidden");
    host.patch("", json!({"visibility": "private"})).await.ok();
    program.get("").await.refused(404, "not_found");
    bo.get("").await.ok();
}
