//! Entries of the audit record as handlers make them: who did what, from where.
//! It must not know how the record is kept.

use crate::{
    domain::{Login, UserId},
    http::{ClientAddress, extract::Identity},
    store::moderation::audit::NewEntry,
};

/// An entry about a known account.
pub(crate) fn by(
    user: UserId,
    login: Option<Login>,
    address: ClientAddress,
    action: &'static str,
) -> NewEntry {
    NewEntry { actor_id: Some(user), login, ..from(address, action) }
}

/// An entry about the caller.
pub(crate) fn of(account: &Identity, address: ClientAddress, action: &'static str) -> NewEntry {
    by(account.user.id, Some(account.login), address, action)
}

/// An entry about nobody who is known.
pub(crate) fn from(address: ClientAddress, action: &'static str) -> NewEntry {
    NewEntry { ip: Some(address.0.to_string()), action, outcome: "ok", ..NewEntry::default() }
}

/// The same as a refusal.
pub(crate) fn refused(entry: NewEntry, reason: impl Into<String>) -> NewEntry {
    NewEntry { outcome: "refused", reason: Some(reason.into()), ..entry }
}
