//! What a newcomer reads first, and the tables that no schema can hold: codes of refusals and of closes, and limits.
//! It must not know how any of them comes about.

use crate::{
    config::limits::Limits,
    wire::{Close, Code},
};
use serde_json::{Value, json};

const BEGIN: &str = include_str!("begin.md");
const SOCKET: &str = include_str!("socket.md");
/// Every way in which the server closes a socket.
const CLOSES: [Close; 15] = [
    Close::Restart { retry_after_ms: 0 },
    Close::Overloaded,
    Close::TooSlow,
    Close::Protocol,
    Close::Binary,
    Close::BadUtf8,
    Close::TooBig,
    Close::BadFrames,
    Close::Revoked,
    Close::TokenEnded,
    Close::RefusedAuth,
    Close::Gone,
    Close::Silent,
    Close::Replaced,
    Close::TooManyFrames { retry_after_ms: 0 },
];

/// Puts the guide into a document.
pub(crate) fn write(document: &mut Value, limits: &Limits) {
    document["info"]["description"] = BEGIN.into();
    document["servers"] = json!([{"url": "/", "description": "This site"}]);
    document["x-error-codes"] = error_codes();
    document["x-close-codes"] = close_codes();
    document["x-limits"] = limits.listed().into_iter().map(limit).collect();
    let tags = document["tags"].as_array_mut().into_iter().flatten();
    tags.filter(|tag| tag["name"] == "room").for_each(|room| room["description"] = SOCKET.into());
}

fn error_codes() -> Value {
    let row = |code: &Code| json!({"code": code, "status": code.status(), "meaning": code.meaning()});
    Code::ALL.iter().map(row).collect()
}

/// One row a code; what several closes share stands in one.
fn close_codes() -> Value {
    let mut rows: Vec<Value> = vec![json!({
        "code": 1001, "meaning": "this node leaves", "reconnect": "yes, after `retry_after_ms`",
    })];
    for bye in CLOSES.map(Close::bye) {
        match rows.iter_mut().find(|row| row["code"] == bye.code) {
            Some(row) => {
                row["meaning"] = format!("{}; {}", row["meaning"].as_str().unwrap_or(""), bye.reason).into()
            }
            None => rows.push(
                json!({"code": bye.code, "meaning": bye.reason, "reconnect": reconnect(bye.code, bye.retry)}),
            ),
        }
    }
    rows.sort_by_key(|row| row["code"].as_u64());
    rows.into()
}

fn reconnect(code: u16, retry: bool) -> &'static str {
    match (code, retry) {
        (1012 | 4429, _) => "yes, after `retry_after_ms`",
        (4401, _) => "after a new login, or as a guest",
        (_, true) => "yes, with a growing wait",
        (_, false) => "no",
    }
}

fn limit((name, value): (&'static str, u64)) -> Value {
    let (counts, reached) = limit_in_words(name);
    json!({"name": name.to_ascii_uppercase(), "value": value, "counts": counts, "reached": reached})
}

/// What a limit counts, and what happens when it is reached.
fn limit_in_words(name: &str) -> (&'static str, &'static str) {
    match name {
        "comments_per_user" => {
            ("comments in 5 s, an account and room; not those of host and moderators", "`too_fast`")
        }
        "room_comments_per_second" => (
            "comments shown a second, a room",
            "stored and acknowledged, but left out for viewers (`lagged`)",
        ),
        "reactions_per_connection" => ("reactions in 5 s, a connection", "not counted"),
        "frames_per_connection" => ("frames a second, a connection; twice as many at once", "close 4429"),
        "connections_per_ip" => ("open connections, an address", "429 before the upgrade"),
        "connections_per_user" => ("open connections, an account", "the oldest closes with 4409"),
        "connections" => ("open connections, the server", "503 `overloaded`"),
        "logins_per_account" => {
            ("failed logins, an account and address", "429, for growing waits up to 15 minutes")
        }
        "logins_per_ip" => ("logins a minute, an address", "429"),
        "registrations_per_ip" => ("registrations an hour, an address", "429"),
        "images_per_user" => ("avatars and covers sent a minute, an account", "429"),
        "resume_events" => ("events that one who comes back may be behind", "a `snapshot` instead"),
        "publishers" => ("sources of pictures, the server", "503 `overloaded`"),
        "media_viewers" => ("viewers of pictures by WebRTC, the server", "503 `overloaded`"),
        "media_viewers_per_ip" => ("viewers of pictures by WebRTC, an address", "429"),
        "media_offers_per_ip" => ("offers to send or see a picture a minute, an address", "429"),
        "ingest_kbps" => ("kilobits a second of one source of pictures", "the warning `bitrate_high`"),
        "access_unit_bytes" => ("bytes of one coded picture", "its source is sent away"),
        "gop_bytes" => (
            "bytes of a picture that are kept since its last keyframe",
            "who joins waits for the next keyframe",
        ),
        "frame_bytes" => ("bytes of one message, fragments together", "close 1009"),
        "body_bytes" => ("bytes of the body of a request", "413"),
        "outbox_bytes" => ("bytes that a viewer may be behind", "`lagged`, then close 1013"),
        _ => ("", ""),
    }
}
