//! The address of a webhook, as far as it can be judged by looking at it. Where its name leads is judged when it is gone to.
//! It must not resolve anything.

use super::address::Allowed;
use crate::domain::{invalid::Invalid, web_address::MAX_BYTES};
use std::net::IpAddr;
use url::{Host, Url};

/// The address, in the form that browsers write it, which has one spelling for each literal address of IP.
/// Errors: where it is none, of another scheme than allowed, with a name, a password or a fragment, or of an address that
/// webhooks may not reach.
pub(crate) fn parse(text: &str, allowed: &Allowed) -> Result<Url, Invalid> {
    if text.len() > MAX_BYTES {
        return Err(too_long());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Invalid::forbidden_character("no spaces or control characters"));
    }
    let url = Url::parse(text).map_err(|_| Invalid::malformed("not a URL"))?;
    if !text.contains("://") {
        return Err(Invalid::malformed("not a URL"));
    }
    let is_allowed = url.scheme() == "https" || (allowed.is_insecure && url.scheme() == "http");
    if !is_allowed {
        return Err(Invalid::malformed("an https URL is needed"));
    }
    // Also an empty one is one.
    let authority =
        text.split_once("//").map_or("", |(_, rest)| rest.split(['/', '\\', '?', '#']).next().unwrap_or(""));
    if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::malformed("no user name or password in the URL"));
    }
    if url.fragment().is_some() {
        return Err(Invalid::malformed("no fragment in the URL"));
    }
    if literal(&url).is_some_and(|address| !allowed.lets(address)) {
        return Err(Invalid::reserved("an address that webhooks may not reach"));
    }
    if !url.host_str().is_some_and(can_be_host) || url.port() == Some(0) {
        return Err(Invalid::malformed("a host is needed, and no port 0"));
    }
    if url.as_str().len() > MAX_BYTES { Err(too_long()) } else { Ok(url) }
}

/// The address of IP that stands in the place of a host's name.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// As names of hosts are (RFC 1035); addresses of IP have passed already.
fn can_be_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| (1..=63).contains(&label.len());
    name.len() <= 253 && (name.starts_with('[') || name.split('.').all(is_label))
}

fn too_long() -> Invalid {
    Invalid::too_long(format!("at most {MAX_BYTES} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_inside_is_known_in_any_spelling() {
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://127.0.0.1./",
            "https://①②⑦.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::]/",
            "https://0/",
            "https://169.254.169.254/latest",
            "https://2852039166/",
            "https://10.0.0.1:8443/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
        ] {
            let refused = parse(inside, &Allowed::default()).unwrap_err();
            assert_eq!(refused.code, "reserved", "{inside}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_webhook_is_refused() {
        for wrong in [
            "",
            "hooks.example",
            "http://hooks.example/",
            "ftp://hooks.example/",
            "https://",
            "https:///",
            "https://ana@hooks.example/",
            "https://ana:secret@hooks.example/",
            "https://@hooks.example/",
            "https://:@hooks.example/",
            "https://hooks.example/#here",
            "https://hooks.example/#",
            "https://hooks.example/ x",
            "https://hooks.example/\n",
            "file:///etc/passwd",
            "https://[::1",
            "https://256.1.1.1/",
            "https://x.example:0/",
            "https://./",
            "https://../",
            "https://x..example/",
            "https:hooks.example/",
            "https:\\\\hooks.example\\a",
        ] {
            assert!(parse(wrong, &Allowed::default()).is_err(), "{wrong}");
        }
        let long = format!("https://hooks.example/{}", "a".repeat(MAX_BYTES));
        assert_eq!(parse(&long, &Allowed::default()).unwrap_err().code, "too_long");
    }

    #[test]
    fn what_is_right_is_written_as_browsers_write_it() {
        let url = |text: &str, allowed: &Allowed| parse(text, allowed).map(String::from);
        let strict = Allowed::default();
        assert_eq!(url("https://Hooks.Example:443/a?b=@c", &strict).unwrap(), "https://hooks.example/a?b=@c");
        assert_eq!(url("https://8.8.8.8", &strict).unwrap(), "https://8.8.8.8/");
        let insecure = Allowed { is_insecure: true, ranges: Vec::new() };
        assert_eq!(url("http://127.1:9000/", &insecure).unwrap(), "http://127.0.0.1:9000/");
        assert!(url("http://10.0.0.1/", &insecure).is_err());
    }
}
