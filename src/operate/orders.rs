//! Each piece of operator work: what it changes, and what came of it, as values.
//! It must not know where its arguments come from, nor how its results are shown.

use crate::{
    auth,
    domain::{
        Millis, SessionId, Username,
        accounts::{display_name::DisplayName, password::Password},
    },
    logging,
    store::{
        self, Conn, Failure, Store, Tx, User, account_end,
        accounts::{
            sessions::{self, Session},
            users::{self, NewUser},
        },
        database::{
            meta,
            nodes::{self, Node},
        },
        moderation::audit::{self, Entry, NewEntry},
    },
};
use std::path::Path;

/// Why a piece of work was not done. The store kept nothing of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// No account has this name.
    #[error("there is no account {}", logging::one_line(.0))]
    NoAccount(String),
    /// The name of an account to be is another's.
    #[error("the name is taken; `livehouse admin promote` makes an admin of an account")]
    NameTaken,
    /// The account of this name has no such session.
    #[error("{} has no session {session} in force", logging::one_line(.account))]
    NoSession { account: String, session: SessionId },
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] auth::Error),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Failure for Error {
    fn as_store(&self) -> Option<&store::Error> {
        match self {
            Error::Store(error) => Some(error),
            _ => None,
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// An account whose sessions were ended, and which.
pub(super) struct Ended {
    pub user: User,
    pub sessions: Vec<SessionId>,
}

/// An admin to be, with the password hashed.
pub(super) fn new_admin(
    username: Username,
    display_name: DisplayName,
    password: &Password,
    now: Millis,
) -> Result<NewUser> {
    let password_hash = auth::password::hash_blocking(password)?;
    Ok(NewUser::named(&username, display_name, password_hash, now).promoted())
}

/// Makes an account.
/// Errors: [`Error::NameTaken`] where the name, or what others would see, is another account's.
pub(super) fn create(store: &Store, new: &NewUser) -> Result<User> {
    let display_key = DisplayName::from_stored(new.display_name.clone()).key();
    let created = store.write_blocking(|tx| {
        if users::display_name_taken(tx, &display_key, None)? {
            return Err(store::Error::Conflict(store::Conflict::UsernameTaken));
        }
        let user = users::create(tx, new)?;
        record(tx, "admin.create", Some(&user))?;
        Ok(user)
    });
    created.map_err(|error| if users::is_username_taken(&error) { Error::NameTaken } else { error.into() })
}

/// Makes an operator of an account; the account as it is then.
pub(super) fn promote(store: &Store, name: &str) -> Result<User> {
    let changed = change(store, name, "admin.promote", |tx, user| Ok(users::set_admin(tx, user.id, true)?));
    changed.map(|(user, ())| user)
}

/// Makes an account like any other of an operator. Its sessions end: what they have open on any server was let in by a right
/// that is no more.
pub(super) fn demote(store: &Store, name: &str, now: Millis) -> Result<Ended> {
    let (user, sessions) = change(store, name, "admin.demote", |tx, user| {
        users::set_admin(tx, user.id, false)?;
        // Who was none has nothing open by that right.
        if user.is_admin { Ok(sessions::revoke_all(tx, user.id, None, now)?) } else { Ok(Vec::new()) }
    })?;
    Ok(Ended { user, sessions })
}

/// Grants or takes the right to host; the account as it is then.
pub(super) fn set_may_host(store: &Store, name: &str, may_host: bool) -> Result<User> {
    let action = if may_host { "hosting.grant" } else { "hosting.revoke" };
    let changed = change(store, name, action, |tx, user| Ok(users::set_may_host(tx, user.id, may_host)?));
    changed.map(|(user, ())| user)
}

/// Disables an account since a moment, which ends its sessions, or enables it again; the account as it is then.
pub(super) fn set_disabled(store: &Store, name: &str, since: Option<Millis>) -> Result<User> {
    let action = if since.is_some() { "account.disable" } else { "account.enable" };
    let changed = change(store, name, action, |tx, user| Ok(account_end::set_disabled(tx, user.id, since)?));
    changed.map(|(user, ())| user)
}

/// The account of a name.
pub(super) fn account(store: &Store, name: &str) -> Result<User> {
    store.read_blocking(|conn| by_name(conn, name))
}

/// Gives an account another password, and ends its sessions.
pub(super) fn reset_password(store: &Store, name: &str, password: &Password, now: Millis) -> Result<Ended> {
    let hash = auth::password::hash_blocking(password)?;
    let (user, sessions) = change(store, name, "password.reset", |tx, user| {
        users::set_password_hash(tx, user.id, &hash)?;
        Ok(sessions::revoke_all(tx, user.id, None, now)?)
    })?;
    Ok(Ended { user, sessions })
}

/// The sessions of an account that are in force.
pub(super) fn list_sessions(store: &Store, name: &str, now: Millis) -> Result<Vec<Session>> {
    store.read_blocking(|conn| {
        let user = by_name(conn, name)?;
        Ok(sessions::list(conn, user.id, now)?)
    })
}

/// Ends one session.
/// Errors: [`Error::NoSession`] where the account has no such one in force.
pub(super) fn revoke_session(store: &Store, name: &str, id: SessionId, now: Millis) -> Result<()> {
    let ended = change(store, name, "session.revoke", |tx, user| {
        sessions::revoke(tx, user.id, id, now).map_err(|error| match error {
            store::Error::NotFound => Error::NoSession { account: name.to_owned(), session: id },
            error => error.into(),
        })
    });
    ended.map(drop)
}

/// Ends all sessions of an account.
pub(super) fn revoke_sessions(store: &Store, name: &str, now: Millis) -> Result<Ended> {
    let (user, sessions) =
        change(store, name, "sessions.revoke", |tx, user| Ok(sessions::revoke_all(tx, user.id, None, now)?))?;
    Ok(Ended { user, sessions })
}

/// The servers that work on the database.
/// Errors: [`store::Error::Unusable`] where there can be one alone.
pub(super) fn nodes(store: &Store) -> Result<Vec<Node>> {
    if !store.is_shared() {
        return Err(store::Error::Unusable("an SQLite database has one server at a time".into()).into());
    }
    Ok(store.read_blocking(nodes::list)?)
}

/// Begins a new epoch, and says which.
pub(super) fn new_epoch(store: &Store) -> Result<String> {
    store.write_blocking(|tx| {
        record(tx, "epoch.new", None)?;
        Ok(meta::new_epoch(tx)?)
    })
}

/// Copies the embedded database into a new file.
pub(super) fn backup(store: &Store, file: &Path) -> Result<()> {
    Ok(store.backup(file)?)
}

/// The last entries of the audit record, latest last.
pub(super) fn last_on_record(store: &Store, count: usize) -> Result<Vec<Entry>> {
    Ok(store.read_blocking(|conn| audit::last(conn, count))?)
}

/// Finds the account, changes it and puts that on record, in one transaction; the account as it is then.
/// Errors: [`Error::NoAccount`], and those of the change.
fn change<T>(
    store: &Store,
    name: &str,
    action: &'static str,
    mut change: impl FnMut(&mut Tx<'_>, &User) -> Result<T>,
) -> Result<(User, T)> {
    store.write_blocking(|tx| {
        let before = by_name(tx, name)?;
        let came_of_it = change(tx, &before)?;
        record(tx, action, Some(&before))?;
        Ok((by_name(tx, name)?, came_of_it))
    })
}

fn by_name(conn: &mut Conn, name: &str) -> Result<User> {
    let user = users::by_name_key(conn, &Username::key_of(name))?;
    user.ok_or_else(|| Error::NoAccount(name.to_owned()))
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
