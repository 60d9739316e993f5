//! The audit record as an operator reads it: one line an entry, whatever was put into it.
//! It must not know which acts are recorded.

use crate::{
    logging,
    store::{
        Store,
        moderation::audit::{self, Entry},
    },
};
use std::fmt::Display;

/// The last entries, latest last.
pub(crate) fn list(store: &Store, last: usize) -> anyhow::Result<String> {
    let entries = store.read_blocking(|conn| audit::last(conn, last))?;
    Ok(entries.iter().map(line_of).collect())
}

/// When, what came of it, what; then who, from where and to what, each under its name.
fn line_of(entry: &Entry) -> String {
    let mut line = format!("{}  {:<7}  {}", entry.at, entry.outcome, entry.action);
    let mut say = |name: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            line.push_str(&format!("  {name}={value}"));
        }
    };
    say("actor", entry.actor_id.as_ref().map(|id| id as _));
    say("session", entry.session_id.as_ref().map(|id| id as _));
    say("ip", entry.ip.as_ref().map(|ip| ip as _));
    say("stream", entry.stream_id.as_ref().map(|id| id as _));
    say("target", entry.target.as_ref().map(|target| target as _));
    say("reason", entry.reason.as_ref().map(|reason| reason as _));
    let mut line = logging::one_line(&line);
    line.push('\n');
    line
}
