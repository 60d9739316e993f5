//! Each piece of operator work: what it changes, and the line that says so.
//! It must not know where its arguments come from.

use super::password::PasswordFrom;
use crate::{
    auth::password,
    domain::{Millis, SessionId, UserId, Username, accounts::display_name::DisplayName},
    logging,
    store::{
        self, Store, Tx, User, account_end,
        accounts::{
            sessions::{self, Session},
            users::{self, NewUser},
        },
        database::meta,
        moderation::audit::{self, NewEntry},
    },
};
use anyhow::{Context, anyhow};
use std::path::Path;

/// An admin to be; reads the password.
pub(crate) fn new_admin(
    username: &str,
    display_name: Option<&str>,
    password: &PasswordFrom,
    now: Millis,
) -> anyhow::Result<NewUser> {
    let username = Username::parse(username).map_err(|refused| anyhow!("username: {refused}"))?;
    let display_name = match display_name {
        Some(text) => DisplayName::parse(text).map_err(|refused| anyhow!("display name: {refused}"))?,
        None => DisplayName::from(&username),
    };
    let password_hash = password::hash_blocking(&password.read(&username)?)?;
    Ok(NewUser {
        id: UserId::new(),
        name_key: username.key(),
        username: username.into_string(),
        display_name: display_name.into_string(),
        password_hash,
        is_admin: true,
        may_host: true,
        created_at: now,
    })
}

pub(crate) fn create(store: &Store, new: &NewUser) -> anyhow::Result<String> {
    let display_key = DisplayName::from_stored(new.display_name.clone()).key();
    let created = store.write_blocking(|tx| {
        if users::display_name_taken(tx, &display_key, None)? {
            return Err(store::Error::Conflict(store::Conflict::UsernameTaken));
        }
        let user = users::create(tx, new)?;
        record(tx, "admin.create", Some(&user))
    });
    created.map_err(|error| match users::is_username_taken(&error) {
        true => anyhow!("the name is taken; `livehouse admin promote` makes an admin of an account"),
        false => error.into(),
    })?;
    Ok(format!("{} is an admin\n", new.username))
}

pub(crate) fn set_admin(store: &Store, name: &str, is_admin: bool) -> anyhow::Result<String> {
    let user = change(store, name, if is_admin { "admin.promote" } else { "admin.demote" }, |tx, user| {
        users::set_admin(tx, user.id, is_admin)
    })?;
    Ok(format!("{} is {} admin\n", user.username, if is_admin { "an" } else { "no" }))
}

pub(crate) fn set_may_host(store: &Store, name: &str, may_host: bool) -> anyhow::Result<String> {
    let user = change(store, name, if may_host { "hosting.grant" } else { "hosting.revoke" }, |tx, user| {
        users::set_may_host(tx, user.id, may_host)
    })?;
    Ok(format!("{} may {}host\n", user.username, if may_host { "" } else { "not " }))
}

pub(crate) fn set_disabled(store: &Store, name: &str, since: Option<Millis>) -> anyhow::Result<String> {
    let user = change(
        store,
        name,
        if since.is_some() { "account.disable" } else { "account.enable" },
        |tx, user| account_end::set_disabled(tx, user.id, since),
    )?;
    Ok(format!("{} is {}\n", user.username, if since.is_some() { "disabled" } else { "enabled" }))
}

pub(crate) fn reset_password(
    store: &Store,
    name: &str,
    password: &PasswordFrom,
    now: Millis,
) -> anyhow::Result<String> {
    let user = store.read_blocking(|conn| users::by_name_key(conn, &Username::key_of(name)))?;
    let user = user.with_context(|| no_such(name))?;
    let username = Username::from_stored(user.username.clone());
    let hash = password::hash_blocking(&password.read(&username)?)?;
    let ended = store.write_blocking(|tx| {
        users::set_password_hash(tx, user.id, &hash)?;
        record(tx, "password.reset", Some(&user))?;
        sessions::revoke_all(tx, user.id, None, now)
    })?;
    Ok(format!("{} has a new password; {} sessions ended\n", user.username, ended.len()))
}

/// One line a session: id, when it began, when it was last used, and what the client called itself.
pub(crate) fn list_sessions(store: &Store, name: &str, now: Millis) -> anyhow::Result<String> {
    let sessions = store.read_blocking(|conn| {
        let user = users::by_name_key(conn, &Username::key_of(name))?;
        user.map(|user| sessions::list(conn, user.id, now)).transpose()
    })?;
    let sessions = sessions.with_context(|| no_such(name))?;
    Ok(sessions.iter().map(line_of).collect())
}

pub(crate) fn revoke_session(
    store: &Store,
    name: &str,
    id: SessionId,
    now: Millis,
) -> anyhow::Result<String> {
    let user = store.read_blocking(|conn| users::by_name_key(conn, &Username::key_of(name)))?;
    let user = user.with_context(|| no_such(name))?;
    let ended = store.write_blocking(|tx| {
        sessions::revoke(tx, user.id, id, now)?;
        record(tx, "session.revoke", Some(&user))
    });
    ended.map_err(|error| match error {
        store::Error::NotFound => anyhow!("{} has no session {id} in force", shown(name)),
        error => error.into(),
    })?;
    Ok(format!("session {id} ended\n"))
}

pub(crate) fn revoke_sessions(store: &Store, name: &str, now: Millis) -> anyhow::Result<String> {
    let mut ended = 0;
    let user = change(store, name, "sessions.revoke", |tx, user| {
        ended = sessions::revoke_all(tx, user.id, None, now)?.len();
        Ok(())
    })?;
    Ok(format!("{ended} sessions of {} ended\n", user.username))
}

pub(crate) fn new_epoch(store: &Store) -> anyhow::Result<String> {
    let epoch = store.write_blocking(|tx| {
        record(tx, "epoch.new", None)?;
        meta::new_epoch(tx)
    })?;
    Ok(format!("the epoch is {epoch} now; restart servers that run on this database\n"))
}

pub(crate) fn backup(store: &Store, file: &Path) -> anyhow::Result<String> {
    store.backup(file)?;
    Ok(format!("the backup is {file:?}; whoever serves it begins a new epoch\n"))
}

/// Finds the account, changes it and puts that on record, in one transaction.
fn change(
    store: &Store,
    name: &str,
    action: &'static str,
    mut change: impl FnMut(&mut Tx<'_>, &User) -> store::Result<()>,
) -> anyhow::Result<User> {
    let changed = store.write_blocking(|tx| {
        let user = users::by_name_key(tx, &Username::key_of(name))?.ok_or(store::Error::NotFound)?;
        change(tx, &user)?;
        record(tx, action, Some(&user))?;
        Ok(user)
    });
    changed.map_err(|error| match error {
        store::Error::NotFound => anyhow!(no_such(name)),
        error => error.into(),
    })
}

/// The operator has no account: the command itself is the actor.
fn record(tx: &mut Tx<'_>, action: &'static str, target: Option<&User>) -> store::Result<()> {
    let target = target.map(|user| user.id.to_string());
    let reason = Some("livehouse admin".to_owned());
    audit::append(
        tx,
        &NewEntry { action, target, outcome: "ok", reason, ..NewEntry::default() },
        Millis::now(),
    )
}

fn line_of(session: &Session) -> String {
    let agent = shown(&session.user_agent);
    format!("{}  began {}  last used {}  {agent}\n", session.id, session.created_at, session.last_used_at)
}

fn no_such(name: &str) -> String {
    format!("there is no account {}", shown(name))
}

/// What others chose, without anything a terminal would obey.
fn shown(text: &str) -> String {
    logging::one_line(text)
}
