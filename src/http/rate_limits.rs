//! The `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers) of answers to what a rate limit governs, refused or not.
//! It must not count anything.

use crate::wire::Code;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

/// The field that says what is left.
pub(crate) const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A limit that governs a request, as its sender knows it.
pub(crate) struct Governing {
    pub name: &'static str,
    pub quota: u32,
    pub window_ms: i64,
    /// What is left, and when the next window begins; none where a room counts.
    pub left: Option<(u32, i64)>,
}

impl Governing {
    /// Adds the fields. What the refusal itself has said stands.
    pub(crate) fn say(self, refused: Option<Code>, headers: &mut HeaderMap) {
        let policy = format!("\"{}\";q={};w={}", self.name, self.quota, seconds_up(self.window_ms));
        headers.insert(RATELIMIT_POLICY, plain(&policy));
        if headers.contains_key(RATELIMIT) {
            return;
        }
        let too_fast = || {
            refused.filter(|&code| code == Code::TooFast)?;
            Some((0, headers.get(RETRY_AFTER)?.to_str().ok()?.parse::<i64>().ok()?))
        };
        let left = self.left.map(|(left, reset_ms)| (left, seconds_up(reset_ms)));
        if let Some((left, reset_s)) = left.or_else(too_fast) {
            headers.insert(RATELIMIT, standing(self.name, left, reset_s));
        }
    }
}

/// The value of [`RATELIMIT`].
pub(crate) fn standing(name: &str, left: u32, reset_s: i64) -> HeaderValue {
    plain(&format!("\"{name}\";r={left};t={reset_s}"))
}

/// Whole seconds, never too few and never none.
pub(crate) fn seconds_up(ms: i64) -> i64 {
    ms.max(1).saturating_add(999) / 1000
}

fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("names of limits and numbers are plain text")
}
