//! Headers of every answer: what a browser may do with it, and which pages of other sites may read it.
//! It must not know what the answer says.

use crate::config::{Config, EmbedOrigins, Origin};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; media-src 'self' https: blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const HSTS: &str = "max-age=31536000";
/// How long a browser remembers a preflight, in seconds.
const PREFLIGHT_MAX_AGE: &str = "600";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str =
    "authorization, content-type, if-match, if-none-match, last-event-id, x-request-id";
const EXPOSED_HEADERS: &str =
    "etag, location, retry-after, ratelimit, ratelimit-policy, www-authenticate, x-request-id";

/// Adds what is missing of the headers that every answer has.
pub(crate) fn secure(headers: &mut HeaderMap, config: &Config) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    if is_https(config) {
        set(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// The policy of a page whose scripts and pictures may come from one more origin, and which those may show in a frame.
pub(crate) fn content_security_policy(picture: Option<&url::Origin>, framed_by: &EmbedOrigins) -> String {
    let policy =
        CONTENT_SECURITY_POLICY.replace("'none'; require", &format!("{}; require", framed_by.sources()));
    let Some(picture) = picture else { return policy };
    let more = |directive: &str| format!("{directive} {}", picture.ascii_serialization());
    ["media-src 'self'", "connect-src 'self'"]
        .iter()
        .fold(policy, |policy, directive| policy.replace(directive, &more(directive)))
}

/// Whether the site is reached over TLS.
pub(crate) fn is_https(config: &Config) -> bool {
    config.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
}

/// The origin of a request, where it is one of the allowed ones, exactly.
pub(crate) fn allowed_origin<'a>(origin: Option<&HeaderValue>, allowed: &'a [Origin]) -> Option<&'a str> {
    let origin = origin?.to_str().ok()?;
    allowed.iter().map(Origin::as_str).find(|allowed| *allowed == origin)
}

/// Lets a page of this origin read the answer.
pub(crate) fn share(headers: &mut HeaderMap, origin: &str) {
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}

/// Answers a browser that asks what a page of another site may send.
pub(crate) fn preflight(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_MAX_AGE));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_origin_may_be_reached_and_nothing_else_changes() {
        let origin = url::Url::parse("https://cdn.example:8443/a/live.m3u8?t=1").unwrap().origin();
        let policy = content_security_policy(Some(&origin), &EmbedOrigins::Nobody);
        let more = " https://cdn.example:8443";
        assert_eq!(policy.matches(more).count(), 2);
        assert!(policy.contains(&format!("connect-src 'self'{more};")));
        assert!(policy.contains(&format!("media-src 'self'{more} https: blob:;")));
        assert_eq!(policy.replace(more, ""), CONTENT_SECURITY_POLICY);
    }

    #[test]
    fn a_page_is_framed_by_those_who_may_and_nothing_else_changes() {
        assert_eq!(content_security_policy(None, &EmbedOrigins::Nobody), CONTENT_SECURITY_POLICY);
        for listed in ["*", "https://a.example,http://b.example:81"] {
            let framed_by: EmbedOrigins = listed.parse().unwrap();
            let policy = content_security_policy(None, &framed_by);
            let directive = format!("frame-ancestors {};", listed.replace(',', " "));
            assert_eq!(policy.matches(&directive).count(), 1, "{policy}");
            assert_eq!(policy.replace(&directive, "frame-ancestors 'none';"), CONTENT_SECURITY_POLICY);
        }
    }

    #[test]
    fn only_the_exact_origin_is_allowed() {
        let allowed: [Origin; 1] = ["https://live.example".parse().unwrap()];
        let is_allowed = |origin: &str| {
            let origin = HeaderValue::from_str(origin).unwrap();
            allowed_origin(Some(&origin), &allowed).is_some()
        };
        assert!(is_allowed("https://live.example"));
        for other in [
            "http://live.example",
            "https://live.example:444",
            "https://live.example.evil",
            "https://evil-live.example",
            "https://live.example/",
            "null",
            "",
        ] {
            assert!(!is_allowed(other), "{other}");
        }
        assert_eq!(allowed_origin(None, &allowed), None);
    }
}
