//! Who may write what, as a table: role by setting by state of the stream, over REST and by socket with the same result.

use crate::tools::{Answer, Client, TestServer, User, Viewer, without_limits};
use serde_json::{Value, json};

/// Somebody in each role, here by request and by socket.
struct Cast {
    people: Vec<(&'static str, Client, Viewer)>,
}

const LINK: &str = "see https://a.example/";

/// A setting, a text, and what becomes of it: of a viewer's, of a follower's, of host's, moderators' and operators'.
type Row = (Value, &'static str, &'static str, &'static str, &'static str);

fn rows() -> Vec<Row> {
    vec![
        (json!({}), "hi", "ok", "ok", "ok"),
        (json!({}), "so bad", "term_not_allowed", "term_not_allowed", "ok"),
        (json!({}), "hmm", "held", "held", "ok"),
        (json!({}), LINK, "ok", "ok", "ok"),
        (json!({"links": "hold"}), LINK, "held", "held", "ok"),
        (json!({"links": "reject"}), LINK, "links_not_allowed", "links_not_allowed", "ok"),
        (json!({"links": "reject"}), "hmm", "held", "held", "ok"),
        (json!({"hold_all": true}), "hi", "held", "held", "ok"),
        (json!({"hold_all": true}), "so bad", "term_not_allowed", "term_not_allowed", "ok"),
        (json!({"comments": "followers"}), "hi", "followers_only", "ok", "ok"),
        (json!({"comments": "moderators"}), "hi", "comments_off", "comments_off", "ok"),
        (json!({"comments": "off"}), "hi", "comments_off", "comments_off", "comments_off"),
        (json!({"min_account_age_s": 3600}), "hi", "account_too_new", "account_too_new", "ok"),
        (json!({"slow_mode_s": 3600}), "hi", "slow_mode", "slow_mode", "ok"),
        (json!({"repeat_window_s": 3600}), "again and again", "repeated", "repeated", "ok"),
    ]
}

impl Cast {
    async fn assemble(server: &TestServer, host: &Client) -> Cast {
        let mut people = Vec::new();
        for role in ["guest", "viewer", "follower", "banned", "moderator", "admin"] {
            let client = match role {
                "guest" => host.guest(),
                _ => {
                    let user = User::register(host.guest(), &format!("{role}{}", &host.stream[30..])).await;
                    match role {
                        "follower" => user.put("/users/ana/follow", json!({})).await.ok(),
                        "banned" => host.put(&format!("bans/{}", user.username), json!({})).await.ok(),
                        "moderator" => {
                            host.put(&format!("moderators/{}", user.username), json!({})).await.ok()
                        }
                        "admin" => json!(server.promote(&user)),
                        _ => Value::Null,
                    };
                    (*user).clone()
                }
            };
            let viewer = client.join().await;
            people.push((role, client, viewer));
        }
        people.push(("host", host.clone(), host.join().await));
        Cast { people }
    }

    /// Everybody does the same, once by request and once by socket; each time it comes to what is expected of their role.
    async fn all_do(
        &mut self,
        (path, body): (&str, Value),
        op: Value,
        expected: impl Fn(&str) -> &'static str,
        circumstances: &str,
    ) {
        for (role, client, viewer) in &mut self.people {
            let answer = match path.ends_with("/vote") {
                true => client.put(path, body.clone()).await,
                false => client.post(path, body.clone()).await,
            };
            let by_socket = viewer.ask(op.clone()).await;
            let found = (word_of(&answer), word_in(&by_socket));
            let expected = expected(role).to_owned();
            assert_eq!(found, (expected.clone(), expected), "{role}: {body} {circumstances}");
        }
    }

    async fn disperse(self) {
        for (_, _, viewer) in self.people {
            viewer.leave().await;
        }
    }
}

fn word_of(answer: &Answer) -> String {
    match answer.status {
        202 => "held".to_owned(),
        200..=299 => "ok".to_owned(),
        _ => answer.body["code"].as_str().expect("a code").to_owned(),
    }
}

fn word_in(frame: &Value) -> String {
    match frame["type"].as_str() {
        Some("ack") => "ok".to_owned(),
        Some("held") => "held".to_owned(),
        _ => frame["code"].as_str().expect("a code").to_owned(),
    }
}

/// What a role comes to where only those who may write at all can.
fn of_writer(role: &str, status: &str, otherwise: &'static str) -> &'static str {
    match (role, status) {
        ("guest", _) => "unauthenticated",
        ("banned", _) => "banned",
        (_, "ended") => "stream_ended",
        _ => otherwise,
    }
}

#[tokio::test]
async fn role_setting_and_state_decide_what_may_be_said_by_either_door() {
    let server = TestServer::spawn_with(without_limits);
    let ana = server.register("ana").await;
    for status in ["scheduled", "live", "ended"] {
        let host = ana.create_stream(status).await;
        let mut cast = Cast::assemble(&server, &host).await;
        let terms =
            json!({"terms": [{"text": "hmm", "action": "hold"}, {"text": "bad", "action": "reject"}]});
        host.put("terms", terms).await.ok();
        let poll = json!({"question": "which?", "options": ["a", "b"], "duration_s": 3600});
        let poll = host.post("polls", poll).await.ok()["id"].as_str().expect("an id").to_owned();
        match status {
            "live" => drop(host.post("start", json!({})).await.ok()),
            "ended" => drop(host.post("end", json!({})).await.ok()),
            _ => {}
        }
        for (settings, content, of_viewer, of_follower, of_staff) in rows() {
            if of_viewer == "repeated" {
                let op = json!({"op": "comment", "content": content});
                let expected = |role: &str| of_writer(role, status, "ok");
                cast.all_do(("comments", json!({"content": content})), op, expected, "at first").await;
            }
            host.patch("settings", settings.clone()).await.ok();
            let expected = |role: &str| {
                let of_role = match role {
                    "viewer" => of_viewer,
                    "follower" => of_follower,
                    _ => of_staff,
                };
                of_writer(role, status, of_role)
            };
            let circumstances = format!("where {settings}, {status}");
            let op = json!({"op": "comment", "content": content});
            cast.all_do(("comments", json!({"content": content})), op, expected, &circumstances).await;
            let back = json!({"comments": "users", "slow_mode_s": 0, "min_account_age_s": 0,
                "repeat_window_s": 0, "links": "allow", "hold_all": false});
            host.patch("settings", back).await.ok();
        }
        let expected = |role: &str| of_writer(role, status, "ok");
        let op = json!({"op": "react", "kind": "like"});
        cast.all_do(("reactions", json!({"kind": "like"})), op, expected, status).await;
        let op = json!({"op": "vote", "poll_id": poll, "option": 0});
        cast.all_do((&format!("polls/{poll}/vote"), json!({"option": 1})), op, expected, status).await;
        cast.disperse().await;
    }
}
