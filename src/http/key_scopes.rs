//! What a key of an account must be good for, route by route: the one place that says so. A route that is not here is for logins
//! alone, and a test asks whether that was meant. It must not know who asks.

use crate::{
    domain::{
        KeyScope::{self, *},
        accounts::key::Grant,
    },
    identity::{no_key_may, require_one_of},
    wire::Refusal,
};
use actix_web::http::Method;

/// Below this are the routes of the table.
pub(super) const BASE: &str = "/api/v1";
/// What moderators decide on may be read by whoever may decide.
const READ_OR_MODERATE: &[KeyScope] = &[Read, Moderate];
/// What belongs to a stream or a channel may be read by whoever may change it.
const READ_OR_STREAMS: &[KeyScope] = &[Read, Streams];

/// The scopes of which a key needs one for a route, by its method and the path with the names of its variable parts; none where
/// no key may.
pub(crate) fn needed(method: &Method, route: &str) -> &'static [KeyScope] {
    let path = route.strip_prefix(BASE).unwrap_or(route);
    match method.as_str() {
        "GET" | "HEAD" => to_read(path),
        "POST" => to_post(path),
        "PUT" | "DELETE" | "PATCH" => to_change(method.as_str(), path),
        _ => &[],
    }
}

/// Fails where somebody's rights do not reach as far as a route needs.
/// Errors: `forbidden`.
pub(crate) fn check(grant: Grant, method: &Method, route: Option<&str>) -> Result<(), Refusal> {
    if grant == Grant::Full {
        return Ok(());
    }
    match needed(method, route.unwrap_or_default()) {
        [] => Err(no_key_may()),
        scopes => require_one_of(grant, scopes),
    }
}

fn to_read(path: &str) -> &'static [KeyScope] {
    match path {
        "/site"
        | "/users/me"
        | "/users/me/following"
        | "/users/me/ignored"
        | "/users/me/ignored/{username}"
        | "/users/{username}"
        | "/streams"
        | "/streams/{id}"
        | "/streams/{id}/comments"
        | "/streams/{id}/comments/export"
        | "/streams/{id}/comments/{comment_id}"
        | "/streams/{id}/events"
        | "/streams/{id}/ws"
        | "/streams/{id}/playback"
        | "/streams/{id}/recording"
        | "/streams/{id}/viewers"
        | "/streams/{id}/stats" => &[Read],
        "/channels/{username}/settings"
        | "/channels/{username}/terms"
        | "/channels/{username}/bans"
        | "/streams/{id}/settings"
        | "/streams/{id}/terms"
        | "/streams/{id}/bans"
        | "/streams/{id}/held" => READ_OR_MODERATE,
        "/channels/{username}/moderators" | "/streams/{id}/moderators" | "/streams/{id}/members" => {
            READ_OR_STREAMS
        }
        "/streams/{id}/ingest" | "/users/me/ingest" => &[Ingest],
        _ => &[],
    }
}

fn to_post(path: &str) -> &'static [KeyScope] {
    match path {
        "/streams" | "/streams/{id}/start" | "/streams/{id}/end" => &[Streams],
        "/streams/{id}/comments" | "/streams/{id}/questions" | "/streams/{id}/reactions" => &[Comment],
        "/streams/{id}/terms/test"
        | "/streams/{id}/held/{comment_id}/approve"
        | "/streams/{id}/held/{comment_id}/reject"
        | "/streams/{id}/announcements"
        | "/streams/{id}/polls"
        | "/streams/{id}/polls/{poll_id}/close"
        | "/streams/{id}/questions/{question_id}/answered" => &[Moderate],
        // Seeing a picture is reading, whatever the method.
        "/streams/{id}/whep" => &[Read],
        "/whip" | "/streams/{id}/whip" | "/streams/{id}/ingest/rotate" | "/users/me/ingest/rotate" => {
            &[Ingest]
        }
        _ => &[],
    }
}

fn to_change(method: &str, path: &str) -> &'static [KeyScope] {
    match (method, path) {
        ("PUT", "/streams/{id}/polls/{poll_id}/vote" | "/streams/{id}/questions/{question_id}/vote") => {
            &[Comment]
        }
        ("PATCH", "/channels/{username}/settings" | "/streams/{id}/settings")
        | ("PUT", "/channels/{username}/terms" | "/streams/{id}/terms" | "/streams/{id}/pin")
        | ("PUT" | "DELETE", "/channels/{host}/bans/{username}" | "/streams/{id}/bans/{username}")
        | (
            "DELETE",
            "/streams/{id}/comments/{comment_id}"
            | "/streams/{id}/pin"
            | "/streams/{id}/announcements/{announcement_id}",
        ) => &[Moderate],
        ("PATCH", "/channels/{username}")
        | ("PATCH" | "DELETE", "/streams/{id}")
        | ("DELETE", "/streams/{id}/recording")
        | (
            "PUT" | "DELETE",
            "/channels/{host}/moderators/{username}"
            | "/streams/{id}/moderators/{username}"
            | "/streams/{id}/members/{username}",
        ) => &[Streams],
        ("PATCH", "/streams/{id}/ingest") | ("DELETE", "/streams/{id}/ingest/publisher") => &[Ingest],
        // Whoever began to send or see a picture may end that.
        ("DELETE", "/media/{session}") => &[Read, Ingest],
        _ => &[],
    }
}
