//! What came of operator work, as lines for a terminal, whatever others have put into it. It must not know how it was done.

use super::orders::accounts::Changed;
use crate::{
    domain::SessionId,
    logging,
    store::{
        User, accounts::sessions::Session, database::nodes::Node, moderation::audit::Entry,
        site::settings::Decided,
    },
};
use std::{fmt::Display, path::Path};
use url::Url;

/// Whether an account is an operator.
pub(super) fn admin(user: &User) -> String {
    format!("{} is {} admin\n", user.username, if user.is_admin { "an" } else { "no" })
}

/// An account that is no operator any more.
pub(super) fn demoted(done: &Changed) -> String {
    format!("{} is no admin; {} sessions ended\n", done.user.username, done.ended.len())
}

/// Whether an account was granted the right to host.
pub(super) fn hosting(user: &User) -> String {
    format!("{} may {}host\n", user.username, if user.may_host { "" } else { "not " })
}

/// Whether an account can log in.
pub(super) fn disabled(user: &User) -> String {
    format!("{} is {}\n", user.username, if user.disabled_at.is_some() { "disabled" } else { "enabled" })
}

/// What was set for the site, one line each.
pub(super) fn settings(decided: &Decided) -> String {
    let all = [
        ("name", decided.name.clone()),
        ("description", decided.description.clone()),
        ("accent", decided.accent.map(|color| color.to_string())),
        ("rules", decided.rules.clone()),
        ("registration", decided.registration.map(|word| word.to_string())),
        ("streams_by", decided.streams_by.map(|word| word.to_string())),
    ];
    let set = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
    set.map(|(name, value)| format!("{name} = {}\n", logging::one_line(&value))).collect()
}

/// A page of the site, whole where it is known where the site is.
pub(super) fn link(site: Option<&Url>, page: &str) -> String {
    let site = site.map(|site| site.origin().ascii_serialization()).unwrap_or_default();
    format!("{site}{page}\n")
}

/// An account that was let in.
pub(super) fn approved(user: &User) -> String {
    format!("{} can log in\n", user.username)
}

/// Whoever may write nowhere, by the name that was given.
pub(super) fn banned(name: &str) -> String {
    format!("{} may write nowhere\n", logging::one_line(name))
}

/// Whoever may write again.
pub(super) fn unbanned(name: &str) -> String {
    format!("{} may write\n", logging::one_line(name))
}

/// An account whose password is new.
pub(super) fn new_password(done: &Changed) -> String {
    format!("{} has a new password; {} sessions ended\n", done.user.username, done.ended.len())
}

/// An account that was logged out everywhere.
pub(super) fn sessions_ended(done: &Changed) -> String {
    format!("{} sessions of {} ended\n", done.ended.len(), done.user.username)
}

/// One session that was ended.
pub(super) fn session_ended(id: SessionId) -> String {
    format!("session {id} ended\n")
}

/// One line a session: id, when it began, when it was last used, and what the client called itself.
pub(super) fn sessions(sessions: &[Session]) -> String {
    let line = |session: &Session| {
        let agent = logging::one_line(&session.user_agent);
        format!("{}  began {}  last used {}  {agent}\n", session.id, session.created_at, session.last_used_at)
    };
    sessions.iter().map(line).collect()
}

/// One line a server: its name, its version, which run of it, and when it was last seen.
pub(super) fn nodes(nodes: &[Node]) -> String {
    let line = |node: &Node| {
        let (name, version) = (logging::one_line(&node.name), logging::one_line(&node.version));
        format!("{name}  {version}  {}  seen {}\n", node.boot, node.seen_at)
    };
    nodes.iter().map(line).collect()
}

/// A copy of the database in this file.
pub(super) fn backup(file: &Path) -> String {
    format!("the backup is {file:?}; whoever serves it begins a new epoch\n")
}

/// The epoch that has begun.
pub(super) fn epoch(epoch: &str) -> String {
    format!("the epoch is {epoch} now; restart servers that run on this database\n")
}

/// The audit record, one line an entry.
pub(super) fn record(entries: &[Entry]) -> String {
    entries.iter().map(entry).collect()
}

/// When, what came of it, what; then who, from where and to what, each under its name.
fn entry(entry: &Entry) -> String {
    let mut line = format!("{}  {:<7}  {}", entry.at, entry.outcome, entry.action);
    let mut say = |name: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            line.push_str(&format!("  {name}={value}"));
        }
    };
    say("actor", entry.actor_id.as_ref().map(|id| id as _));
    say("session", entry.session_id.as_ref().map(|id| id as _));
    say("key", entry.key_id.as_ref().map(|id| id as _));
    say("ip", entry.ip.as_ref().map(|ip| ip as _));
    say("stream", entry.stream_id.as_ref().map(|id| id as _));
    say("target", entry.target.as_ref().map(|target| target as _));
    say("reason", entry.reason.as_ref().map(|reason| reason as _));
    let mut line = logging::one_line(&line);
    line.push('\n');
    line
}
