//! Addresses on the web that people write and others' browsers follow. It must not fetch anything.

use super::invalid::Invalid;
use url::Url;

/// Bytes of the longest, as written and in the form that browsers write it.
pub(crate) const MAX_BYTES: usize = 2048;

/// An https URL with a host and no credentials, in the form that browsers write it.
pub(crate) fn parse(text: &str) -> Result<Url, Invalid> {
    if text.len() > MAX_BYTES {
        return Err(too_long());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Invalid::forbidden_character("no spaces or control characters"));
    }
    let url = Url::parse(text).map_err(|_| Invalid::malformed("not a URL"))?;
    if url.scheme() != "https" || url.host_str().is_none_or(str::is_empty) {
        return Err(Invalid::malformed("an https URL with a host is needed"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::malformed("no user name or password in the URL"));
    }
    if url.as_str().len() > MAX_BYTES { Err(too_long()) } else { Ok(url) }
}

fn too_long() -> Invalid {
    Invalid::too_long(format!("at most {MAX_BYTES} bytes"))
}
