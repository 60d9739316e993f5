//! The cookie that holds a browser's refresh token, and when one that comes is believed.
//! It must not know what is done with the token.

use crate::{
    config::Config,
    connections::origin,
    http::{Error, middleware::headers::is_https},
    services::warnings::Warnings,
    wire::Code,
};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};

/// Bound to the host and to TLS by its prefix; a site without TLS cannot have that.
const SECURE_NAME: &str = "__Host-livehouse_refresh";
const PLAIN_NAME: &str = "livehouse_refresh";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The cookie for a refresh token that lives so long, in seconds.
pub(crate) fn holding(token: &str, lives_s: i64, config: &Config) -> Cookie<'static> {
    let secure = is_https(config);
    let name = if secure { SECURE_NAME } else { PLAIN_NAME };
    Cookie::build(name, token.to_owned())
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(Duration::seconds(lives_s))
        .finish()
}

/// What makes a browser forget the cookie.
pub(crate) fn forgotten(config: &Config) -> Cookie<'static> {
    holding("", 0, config)
}

/// The refresh token of the cookie, if there is one.
/// Errors: `forbidden` where a page of another site sent it.
pub(crate) fn read(
    request: &HttpRequest,
    config: &Config,
    warnings: &Warnings,
) -> Result<Option<String>, Error> {
    let name = if is_https(config) { SECURE_NAME } else { PLAIN_NAME };
    let Some(cookie) = request.cookie(name) else { return Ok(None) };
    match is_own_page(request.headers(), config) {
        true => Ok(Some(cookie.value().to_owned())),
        false => {
            warnings.foreign_page(request.headers());
            Err(Error::new(Code::Forbidden, "Pages of other sites may not use this cookie."))
        }
    }
}

/// By what browsers say of a request, which no script can change; what is no browser says nothing.
fn is_own_page(headers: &HeaderMap, config: &Config) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("null"));
    let is_same_origin = text(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin");
    let is_own = |origin| origin::is_own(origin, text(header::HOST), config.public_url.as_ref());
    is_same_origin && text(header::ORIGIN).is_none_or(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use std::path::Path;

    fn config(public_url: Option<&str>) -> Config {
        let public_url = public_url.map(|url| url.parse().unwrap());
        Config { public_url, ..Config::for_tests(Path::new("unused")) }
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_host_and_tls() {
        let text = holding("t", 60, &config(Some("https://live.example"))).to_string();
        assert_eq!(text, "__Host-livehouse_refresh=t; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60");
        let text = holding("t", 60, &config(None)).to_string();
        assert_eq!(text, "livehouse_refresh=t; HttpOnly; SameSite=Strict; Path=/; Max-Age=60");
    }

    #[test]
    fn only_the_sites_own_pages_and_what_is_no_browser_may_use_it() {
        let read = |headers: &[(&str, &str)]| {
            let mut request = TestRequest::default()
                .insert_header((header::HOST, "127.0.0.1:8080"))
                .cookie(Cookie::new(PLAIN_NAME, "t"));
            for (name, value) in headers {
                request = request.insert_header((*name, HeaderValue::from_str(value).unwrap()));
            }
            let config = config(Some("http://live.example"));
            super::read(&request.to_http_request(), &config, &Warnings::default()).is_ok()
        };
        assert!(read(&[]));
        assert!(read(&[("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(read(&[("origin", "http://live.example")]));
        assert!(read(&[("origin", "HTTP://LIVE.example")]));
        for refused in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "ws://127.0.0.1:8080")],
            &[("origin", "http://127.0.0.1:8081")],
            &[("origin", "http://live.example.evil")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(!read(refused), "{refused:?}");
        }
    }
}
