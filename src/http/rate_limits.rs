//! The `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers) of answers to what a rate limit governs, refused or not.
//! It must not count anything.

use super::Services;
use crate::{auth::Quota, config::limits::COMMENTS_WINDOW_MS, wire::Code};
use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    },
};
use std::{net::IpAddr, time::Instant};

/// The field that says what is left.
pub(crate) const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A limit that governs requests, as their senders know it.
struct Governing {
    name: &'static str,
    quota: u32,
    window_ms: i64,
    /// What is left, and when the next window begins; none where a room counts.
    left: Option<(u32, i64)>,
}

/// Adds the fields. What the refusal itself has said stands.
pub(crate) fn say(
    services: &Services,
    request: &HttpRequest,
    address: impl Fn() -> IpAddr,
    refused: Option<Code>,
    headers: &mut HeaderMap,
) {
    let Some(governing) = governing(services, request, address) else { return };
    let Governing { name, quota, window_ms, left } = governing;
    let policy = format!("\"{name}\";q={quota};w={}", seconds_up(window_ms));
    headers.insert(RATELIMIT_POLICY, plain(&policy));
    if headers.contains_key(RATELIMIT) {
        return;
    }
    let too_fast = || {
        refused.filter(|&code| code == Code::TooFast)?;
        Some((0, headers.get(RETRY_AFTER)?.to_str().ok()?.parse::<i64>().ok()?))
    };
    let left = left.map(|(left, reset_ms)| (left, seconds_up(reset_ms)));
    if let Some((left, reset_s)) = left.or_else(too_fast) {
        headers.insert(RATELIMIT, standing(name, left, reset_s));
    }
}

/// The value of [`RATELIMIT`].
pub(crate) fn standing(name: &str, left: u32, reset_s: i64) -> HeaderValue {
    plain(&format!("\"{name}\";r={left};t={reset_s}"))
}

fn governing(services: &Services, request: &HttpRequest, address: impl Fn() -> IpAddr) -> Option<Governing> {
    let pattern = request.match_pattern()?;
    match (request.method(), pattern.strip_prefix("/api/v1")?) {
        (&Method::POST, "/users") => by_address(
            "registrations_per_ip",
            services.throttle.registrations_left(address(), Instant::now()),
        ),
        (&Method::POST, "/sessions")
        | (&Method::PUT, "/users/me/password")
        | (&Method::DELETE, "/users/me") => {
            by_address("logins_per_ip", services.throttle.logins_left(address(), Instant::now()))
        }
        (&Method::POST, "/streams/{id}/comments") => Some(Governing {
            name: "comments_per_user",
            quota: services.config.limits.comments_per_user.limit()?,
            window_ms: COMMENTS_WINDOW_MS,
            left: None,
        }),
        _ => None,
    }
}

fn by_address(name: &'static str, quota: Option<Quota>) -> Option<Governing> {
    let Quota { limit, window_ms, left, reset_ms } = quota?;
    Some(Governing { name, quota: limit, window_ms, left: Some((left, reset_ms)) })
}

/// Whole seconds, never too few and never none.
pub(crate) fn seconds_up(ms: i64) -> i64 {
    ms.max(1).saturating_add(999) / 1000
}

fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("names of limits and numbers are plain text")
}
