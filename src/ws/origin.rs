//! May a page of this origin open a socket here? Exact, so that no look-alike prefix or suffix gets through.
//! It must not know of tokens; a client without an origin is no browser.

use crate::config::Origin;
use url::Url;

/// Whether an upgrade with this `Origin` header is allowed; `host` is the request's `Host`.
pub fn allows(
    origin: Option<&str>,
    host: Option<&str>,
    public_url: Option<&Url>,
    allowed: &[Origin],
) -> bool {
    let Some(origin) = origin else { return true };
    let Ok(url) = Url::parse(origin) else { return false };
    let serialized = url.origin().ascii_serialization();
    // `null`, paths and anything else that is not an origin exactly as browsers write it.
    if serialized != origin.to_ascii_lowercase() || !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    let is_same_host = host.is_some_and(|host| is_own(&url, host));
    let is_public = public_url.is_some_and(|public| public.origin() == url.origin());
    is_same_host || is_public || allowed.iter().any(|one| one.to_string() == serialized)
}

fn is_own(origin: &Url, host: &str) -> bool {
    let Ok(own) = Url::parse(&format!("{}://{host}", origin.scheme())) else { return false };
    own.origin() == origin.origin()
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
}
