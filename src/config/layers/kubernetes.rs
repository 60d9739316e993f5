//! The variables that Kubernetes sets in every container for a service of the name "livehouse", and no others.
//! It must not know our own.

use std::ffi::OsStr;

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Whether Kubernetes sets a variable of this name, without `LIVEHOUSE_`, to such a value: `SERVICE_HOST`, `SERVICE_PORT`,
/// `SERVICE_PORT_<NAME>`, `PORT` (as `tcp://…`), and `PORT_<N>_TCP` with `_PROTO`, `_PORT` and `_ADDR`.
pub(super) fn sets(name: &str, value: &OsStr) -> bool {
    match name {
        "SERVICE_HOST" | "SERVICE_PORT" => true,
        // The one that a person might write, and would mean `LIVEHOUSE_LISTEN`.
        "PORT" => value.to_str().is_some_and(|value| value.contains("://")),
        name => is_named_port(name) || is_numbered_port(name),
    }
}

fn is_named_port(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let port = name.strip_prefix("SERVICE_PORT_").unwrap_or("");
    !port.is_empty() && port.chars().all(is_word)
}

fn is_numbered_port(name: &str) -> bool {
    let mut parts = name.strip_prefix("PORT_").unwrap_or("").split('_');
    let is_number = parts.next().is_some_and(|number| number.parse::<u16>().is_ok());
    let is_protocol = parts.next().is_some_and(|protocol| PROTOCOLS.contains(&protocol));
    let is_part = matches!((parts.next(), parts.next()), (None | Some("PROTO" | "PORT" | "ADDR"), None));
    is_number && is_protocol && is_part
}
