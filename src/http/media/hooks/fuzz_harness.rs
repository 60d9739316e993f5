//! What must hold of any hook at all, for the fuzz targets and the tests.
//! It must not know what a server writes.

use super::{
    mediamtx, nginx, ome,
    said::{Asked, Said},
    srs,
};
use crate::wire::{Code, Refusal};

/// Reads JSON as each server that writes it would be read.
///
/// # Panics
/// When what is read, or why it is not, does not hold.
pub fn withstand_hook(body: &[u8]) {
    [srs::read(body), mediamtx::read(body, ""), ome::read(body)].into_iter().for_each(withstand);
}

/// Reads a form as nginx's, and as what a command of MediaMTX tells.
///
/// # Panics
/// When what is read, or why it is not, does not hold.
pub fn withstand_form(body: &[u8]) {
    withstand(nginx::read(body));
    if let Ok(query) = std::str::from_utf8(body) {
        withstand(mediamtx::read(b"", query));
    }
}

fn withstand(read: Result<Said, Refusal>) {
    match read {
        Ok(Said::Begins(asked) | Said::Goes(asked) | Said::Might(asked)) => withstand_asked(&asked),
        Ok(Said::Ends { client, .. }) => assert!(!client.is_empty() && is_plain(&client), "{client:?}"),
        Ok(Said::Reads(_) | Said::Nothing | Said::Never) => {}
        Err(refusal) => {
            assert!(matches!(refusal.code, Code::BadRequest | Code::InvalidField), "{refusal}");
        }
    }
}

/// What goes back to the server, into addresses and into the studio, can do no harm there.
fn withstand_asked(Asked { stream, key, client, agent, .. }: &Asked) {
    let end = client.name.rsplit('/').next().and_then(|id| id.parse().ok());
    assert_eq!(end, Some(*stream), "{client:?}");
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    assert!(client.name.bytes().all(is_fit) && is_plain(&client.app) && is_plain(&client.id), "{client:?}");
    assert!(agent.as_ref().is_none_or(|agent| !agent.is_empty() && is_plain(agent)), "{agent:?}");
    assert!(key.as_ref().is_none_or(|key| !key.is_empty()), "no key is none");
}

fn is_plain(text: &str) -> bool {
    text.len() <= 1024 && !text.contains(char::is_control)
}
