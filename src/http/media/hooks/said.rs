//! What a media server says by a hook, whichever it is, and which names it may say.
//! It must not know how a server writes it, nor what becomes of it.

use crate::{
    domain::StreamId,
    services::picture::servers::publishers::RemoteClient,
    wire::{Code, Refusal},
};
use std::net::IpAddr;
use url::form_urlencoded;

/// What is kept of what an encoder calls itself, in characters.
const AGENT_CHARS: usize = 200;
/// The parameter of an address in which a key stands.
const KEY: &str = "key";
/// Longer texts of a server are none that it writes.
const TEXT_BYTES_MAX: usize = 512;

/// What a hook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Somebody wants to send.
    Begins(Asked),
    /// Somebody wants to know whether they might send.
    Might(Asked),
    /// Somebody goes on sending.
    Goes(Asked),
    /// Somebody who was let in is gone.
    Ends { stream: StreamId, client: String },
    /// Somebody wants to see.
    Reads(StreamId),
    /// Nothing that is waited for.
    Nothing,
    /// Somebody wants something that this house gives nobody.
    Never,
}

/// Somebody who sends, or wants to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub stream: StreamId,
    /// None where none was shown.
    pub key: Option<String>,
    /// Where they are, as far as the server says it.
    pub from: Option<IpAddr>,
    pub client: RemoteClient,
    pub agent: Option<String>,
}

/// The stream of a name, which ends with its id.
/// Errors: `invalid_field`.
pub(super) fn stream(field: &'static str, name: &str) -> Result<StreamId, Refusal> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    let id = name.rsplit('/').next().and_then(|id| id.parse().ok());
    id.filter(|_| name.len() <= TEXT_BYTES_MAX && name.bytes().all(is_plain)).ok_or_else(|| {
        Refusal::invalid_field(field, "malformed", "its name must end with the id of a stream")
    })
}

/// A text of a server that is sent back to it.
/// Errors: `invalid_field`.
pub(super) fn plain(field: &'static str, text: &str) -> Result<String, Refusal> {
    match text.len() <= TEXT_BYTES_MAX && !text.contains(char::is_control) {
        true => Ok(text.to_owned()),
        false => Err(Refusal::invalid_field(field, "malformed", "a short text without control characters")),
    }
}

/// The same where there must be one.
/// Errors: `invalid_field`.
pub(super) fn named(field: &'static str, text: &str) -> Result<String, Refusal> {
    match text {
        "" => Err(Refusal::invalid_field(field, "missing", "what the server calls it")),
        text => plain(field, text),
    }
}

/// The key in the parameters of an address, with a question mark before them or without.
pub(super) fn key_in(query: &str) -> Option<String> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let key = pairs.find(|(name, value)| name == KEY && !value.is_empty());
    key.map(|(_, key)| key.into_owned())
}

/// What an encoder calls itself; none where that is nothing.
pub(super) fn agent(text: &str) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(AGENT_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

/// An address as servers write it, with a port or without.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().ok().map(|address: std::net::SocketAddr| address.ip());
    text.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// What no server says.
pub(super) fn unknown(what: &str) -> Refusal {
    Refusal::new(Code::BadRequest, format!("This is no hook of {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01990000-0000-7000-8000-000000000001";

    #[test]
    fn a_stream_is_named_by_its_id_behind_any_path() {
        for name in [ID.to_owned(), format!("live/{ID}"), format!("a/b-c/{ID}")] {
            assert_eq!(stream("name", &name).unwrap().to_string(), ID);
        }
        let long = format!("{}/{ID}", "a".repeat(TEXT_BYTES_MAX));
        for bad in ["", "live", &format!("{ID}/"), &format!("a?b/{ID}"), &format!("{ID}x"), &long] {
            assert!(stream("name", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_key_counts() {
        assert_eq!(key_in("?key=a&key=b").as_deref(), Some("a"));
        assert_eq!(key_in("x=1&key=&key=lh%5Fb").as_deref(), Some("lh_b"));
        assert_eq!(key_in("?x=key"), None);
        assert_eq!(key_in(""), None);
    }

    #[test]
    fn an_address_may_have_a_port() {
        for text in ["192.0.2.7", "192.0.2.7:1935", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:9"] {
            assert_eq!(address(text), Some(IpAddr::from([192, 0, 2, 7])), "{text}");
        }
        assert_eq!(address("unix:"), None);
    }

    #[test]
    fn an_agent_is_short_and_plain() {
        assert_eq!(agent(" FMLE/3.0\n(x) ").as_deref(), Some("FMLE/3.0(x)"));
        assert_eq!(agent(" \n"), None);
        assert_eq!(agent(&"a".repeat(999)).map(|agent| agent.len()), Some(AGENT_CHARS));
    }
}
