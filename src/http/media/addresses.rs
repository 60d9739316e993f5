//! Where this server is, as clients are told: by `--public-url`, else by the host that the request was sent to.
//! It must not know what is there.

use crate::config::Config;
use actix_web::{HttpRequest, http::header};
use url::Url;

/// RTMP's port, which need not be named.
const RTMP_PORT: u16 = 1935;
/// The application that encoders name.
const RTMP_APP: &str = "live";

/// This server's address, without a path.
pub(crate) struct Base(Url);

impl Base {
    /// As whoever sent this request reaches it.
    pub(crate) fn of(request: &HttpRequest, config: &Config) -> Self {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        Self(config.public_url.clone().or_else(|| at_host(host?)).unwrap_or_else(|| local(config)))
    }

    /// A path here.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.origin().ascii_serialization())
    }

    /// Whether a whole address leads here.
    pub(crate) fn is_of(&self, address: &Url) -> bool {
        self.0.origin() == address.origin()
    }

    /// Where encoders send by RTMP.
    pub(crate) fn rtmp(&self, port: u16) -> String {
        let host = self.0.host_str().unwrap_or("localhost");
        match port {
            RTMP_PORT => format!("rtmp://{host}/{RTMP_APP}"),
            port => format!("rtmp://{host}:{port}/{RTMP_APP}"),
        }
    }
}

fn at_host(host: &str) -> Option<Url> {
    let is_plain = !host.contains(['/', '\\', '@', '?', '#']);
    is_plain.then(|| Url::parse(&format!("http://{host}")).ok()).flatten()
}

fn local(config: &Config) -> Url {
    let local = Url::parse(&format!("http://{}", config.listen));
    local.expect("an address and a port make a URL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use std::path::Path;

    fn base(host: &str, public_url: Option<&str>) -> Base {
        let public_url = public_url.map(|url| url.parse().unwrap());
        let config = Config { public_url, ..Config::for_tests(Path::new("unused")) };
        Base::of(&TestRequest::get().insert_header(("host", host)).to_http_request(), &config)
    }

    #[test]
    fn addresses_have_the_host_of_the_request_unless_the_operator_names_one() {
        assert_eq!(base("live.example:8080", None).url("/a"), "http://live.example:8080/a");
        assert_eq!(base("other", Some("https://live.example/")).url("/a"), "https://live.example/a");
        assert_eq!(base("[::1]:80", None).rtmp(1935), "rtmp://[::1]/live");
        assert_eq!(base("other", Some("https://live.example")).rtmp(19350), "rtmp://live.example:19350/live");
        assert!(base("evil/../x", None).url("/a").starts_with("http://127.0.0.1:"));
    }
}
