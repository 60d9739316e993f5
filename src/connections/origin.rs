//! Which pages are the site's own, and may a page of this origin open a socket here? Exact, so that no look-alike prefix
//! or suffix gets through. It must not know of tokens; a client without an origin is no browser.

use crate::config::Origin;
use url::Url;

/// Whether an upgrade with this `Origin` header is allowed; `host` is the request's `Host`.
pub(crate) fn allows(
    origin: Option<&str>,
    host: Option<&str>,
    public_url: Option<&Url>,
    allowed: &[Origin],
) -> bool {
    let Some(origin) = origin else { return true };
    let is_listed = |url: Url| allowed.contains(&Origin::of(&url));
    is_own(origin, host, public_url) || parse(origin).is_some_and(is_listed)
}

/// Whether a page of this origin is the site's own: that of `--public-url`, or of the host and port that the request was
/// sent to.
pub(crate) fn is_own(origin: &str, host: Option<&str>, public_url: Option<&Url>) -> bool {
    let Some(origin) = parse(origin) else { return false };
    // With the scheme of the page: behind a proxy nobody else knows it, and its default port may be left out.
    let own = host.and_then(|host| at_host(origin.scheme(), host));
    own.iter().chain(public_url).any(|own| own.origin() == origin.origin())
}

/// The URL of a `Host` header, which is a host and a port and nothing else.
fn at_host(scheme: &str, host: &str) -> Option<Url> {
    let is_plain = !host.contains(['/', '\\', '@', '?', '#']);
    is_plain.then(|| Url::parse(&format!("{scheme}://{host}")).ok()).flatten()
}

/// An origin exactly as browsers write it, but for the case of its letters: not `null`, no path, no credentials.
fn parse(origin: &str) -> Option<Url> {
    let url = Url::parse(origin).ok()?;
    let is_exact = url.origin().ascii_serialization() == origin.to_ascii_lowercase();
    (is_exact && matches!(url.scheme(), "http" | "https")).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_and_the_listed_origins_are_allowed() {
        let public = Url::parse("https://live.example/").unwrap();
        let listed: Vec<Origin> = vec!["https://friend.example".parse().unwrap()];
        let allowed = |origin| allows(Some(origin), Some("127.0.0.1:8080"), Some(&public), &listed);
        for good in ["http://127.0.0.1:8080", "https://live.example", "https://friend.example"] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "null",
            "",
            "http://127.0.0.1",
            "http://127.0.0.1:80801",
            "http://live.example",
            "https://live.example.evil.example",
            "https://evil-live.example",
            "https://live.example:444",
            "https://friend.example/",
            "https://user@friend.example",
            "http://friend.example",
            "file://",
            "https://127.0.0.1:8080@evil.example",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
        assert!(allows(None, None, None, &[]));
    }

    #[test]
    fn a_page_is_the_sites_own_however_its_host_is_written() {
        let own = |origin, host| is_own(origin, Some(host), None);
        for (origin, host) in [
            ("https://live.example", "live.example"),
            ("https://live.example", "live.example:443"),
            ("http://live.example", "live.example:80"),
            ("https://live.example", "Live.Example"),
            ("https://LIVE.example", "live.example"),
            ("http://[::1]:8080", "[0:0::1]:8080"),
        ] {
            assert!(own(origin, host), "{origin} at {host}");
        }
        for (origin, host) in [
            ("https://live.example", "live.example:80"),
            ("http://live.example", "live.example:443"),
            ("https://live.example:444", "live.example"),
            ("ws://live.example", "live.example"),
            ("wss://live.example", "live.example"),
            ("https://evil.example", "live.example"),
            ("https://evil.example", "live.example@evil.example:443/"),
            ("https://live.example", ""),
            ("null", "null"),
        ] {
            assert!(!own(origin, host), "{origin} at {host}");
        }
        assert!(!is_own("https://live.example", None, None));
    }
}
