//! Work on accounts: who may come in, who looks after the site, who may host, and whose sessions end.
//! It must not know where its arguments come from, nor how its results are shown.

use super::{By, Error, Result};
use crate::{
    auth,
    domain::{
        Millis, SessionId, UserId, Username,
        accounts::{display_name::DisplayName, password::Password},
    },
    room::{
        hooks,
        operations::{Publication, SignedOut},
    },
    store::{
        self, Conn, Store, Tx, User, account_end,
        accounts::{
            reset_links,
            sessions::{self, Session},
            users::{self, NewUser},
        },
        database::meta,
    },
};

/// How long a link to set a password is good, in seconds.
pub(crate) const RESET_LINK_S: i64 = 24 * 3600;

/// What to change of an account; none leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Whether it can not log in.
    pub disabled: Option<bool>,
    /// Whether it was granted the right to host.
    pub may_host: Option<bool>,
    /// Whether it looks after the site.
    pub is_admin: Option<bool>,
    /// Lets it in, where it waits for that.
    pub approved: bool,
}

/// An account that was changed, and which of its sessions were ended thereby.
#[derive(Debug)]
pub(crate) struct Changed {
    pub user: User,
    pub ended: Vec<SessionId>,
}

impl Changed {
    /// What others must hear of it.
    pub(crate) fn publication(&self) -> Publication {
        let user = self.user.id;
        match self.user.disabled_at {
            Some(_) => SignedOut::Account(user).into(),
            None if self.ended.is_empty() => Publication::default(),
            None => SignedOut::Sessions { user, kept: None }.into(),
        }
    }
}

/// An admin to be, with the password hashed.
pub(in crate::operate) fn new_admin(
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
pub(in crate::operate) fn create(store: &Store, by: &By, new: &NewUser) -> Result<User> {
    let display_key = DisplayName::from_stored(new.display_name.clone()).key();
    let created = store.write_blocking(|tx| {
        if users::display_name_taken(tx, &display_key, None)? {
            return Err(store::Error::Conflict(store::Conflict::UsernameTaken));
        }
        let user = users::create(tx, new)?;
        by.record(tx, "admin.create", user.id.to_string())?;
        hooks::registered(tx, user.id, user.created_at)?;
        Ok(user)
    });
    created.map_err(|error| if users::is_username_taken(&error) { Error::NameTaken } else { error.into() })
}

/// Changes an account. One that is no administrator any more, or disabled, has no session any more: what these have open anywhere
/// was let in by a right that is no more.
/// Errors: [`Error::NoAccount`]; [`Error::LastAdmin`] where an administrator would leave the site without one.
pub(crate) fn change(tx: &mut Tx<'_>, by: &By, name: &str, wanted: &Wanted, now: Millis) -> Result<Changed> {
    let user = named(tx, name)?;
    let mut ended = Vec::new();
    if wanted.is_admin == Some(true) && !user.is_admin {
        users::set_admin(tx, user.id, true)?;
        by.record(tx, "admin.promote", user.id.to_string())?;
    }
    if wanted.is_admin == Some(false) && user.is_admin {
        keep_one(tx, by, user.id)?;
        users::set_admin(tx, user.id, false)?;
        by.record(tx, "admin.demote", user.id.to_string())?;
        ended = sessions::revoke_all(tx, user.id, None, now)?;
    }
    if let Some(may_host) = wanted.may_host.filter(|&may_host| may_host != user.may_host) {
        users::set_may_host(tx, user.id, may_host)?;
        by.record(tx, if may_host { "hosting.grant" } else { "hosting.revoke" }, user.id.to_string())?;
    }
    if wanted.approved && user.pending_since.is_some() {
        users::approve(tx, user.id)?;
        by.record(tx, "account.approve", user.id.to_string())?;
    }
    if let Some(disabled) = wanted.disabled.filter(|&disabled| disabled == user.disabled_at.is_none()) {
        if disabled && user.is_admin {
            keep_one(tx, by, user.id)?;
        }
        account_end::set_disabled(tx, user.id, disabled.then_some(now))?;
        by.record(tx, if disabled { "account.disable" } else { "account.enable" }, user.id.to_string())?;
    }
    Ok(Changed { user: named(tx, name)?, ended })
}

/// The command may leave a site without an administrator, since it needs none.
fn keep_one(tx: &mut Tx<'_>, by: &By, going: UserId) -> Result<()> {
    if by.account().is_none() { Ok(()) } else { keep_an_admin(tx, going) }
}

/// An administrator goes only where another one stays. Of two who go at once, the second one finds that out.
/// Errors: [`Error::LastAdmin`].
pub(crate) fn keep_an_admin(tx: &mut Tx<'_>, going: UserId) -> Result<()> {
    meta::lock(tx)?;
    if users::has_other_admin(tx, going)? { Ok(()) } else { Err(Error::LastAdmin) }
}

/// The account of a name.
/// Errors: [`Error::NoAccount`].
pub(crate) fn named(conn: &mut Conn, name: &str) -> Result<User> {
    let user = users::by_name_key(conn, &Username::key_of(name))?;
    user.ok_or_else(|| Error::NoAccount(name.to_owned()))
}

/// Gives an account another password by its hash, and ends its sessions and every link to set one.
/// Errors: [`Error::NoAccount`].
pub(in crate::operate) fn reset_password(
    tx: &mut Tx<'_>,
    by: &By,
    name: &str,
    hash: &str,
    now: Millis,
) -> Result<Changed> {
    let user = named(tx, name)?;
    users::set_password_hash(tx, user.id, hash)?;
    reset_links::void(tx, user.id)?;
    by.record(tx, "password.reset", user.id.to_string())?;
    let ended = sessions::revoke_all(tx, user.id, None, now)?;
    Ok(Changed { user, ended })
}

/// Keeps the hash of a link by which an account sets a new password, in place of that of any link before.
/// Errors: [`Error::NoAccount`]; [`Error::NotActive`] where it could not log in with it.
pub(crate) fn reset_link(
    tx: &mut Tx<'_>,
    by: &By,
    name: &str,
    hash: &str,
    expires_at: Millis,
) -> Result<User> {
    let user = named(tx, name)?;
    if !user.is_active() || user.pending_since.is_some() {
        return Err(Error::NotActive(name.to_owned()));
    }
    reset_links::put(tx, user.id, hash, expires_at)?;
    by.record(tx, "password.link", user.id.to_string())?;
    Ok(user)
}

/// The sessions of an account that are in force.
/// Errors: [`Error::NoAccount`].
pub(in crate::operate) fn list_sessions(conn: &mut Conn, name: &str, now: Millis) -> Result<Vec<Session>> {
    let user = named(conn, name)?;
    Ok(sessions::list(conn, user.id, now)?)
}

/// Ends one session.
/// Errors: [`Error::NoAccount`]; [`Error::NoSession`] where the account has no such one in force.
pub(in crate::operate) fn revoke_session(
    tx: &mut Tx<'_>,
    by: &By,
    name: &str,
    id: SessionId,
    now: Millis,
) -> Result<()> {
    let user = named(tx, name)?;
    sessions::revoke(tx, user.id, id, now).map_err(|error| match error {
        store::Error::NotFound => Error::NoSession { account: name.to_owned(), session: id },
        error => error.into(),
    })?;
    Ok(by.record(tx, "session.revoke", user.id.to_string())?)
}

/// Ends all sessions of an account.
/// Errors: [`Error::NoAccount`].
pub(crate) fn revoke_sessions(tx: &mut Tx<'_>, by: &By, name: &str, now: Millis) -> Result<Changed> {
    let user = named(tx, name)?;
    let ended = sessions::revoke_all(tx, user.id, None, now)?;
    by.record(tx, "sessions.revoke", user.id.to_string())?;
    Ok(Changed { user, ended })
}
