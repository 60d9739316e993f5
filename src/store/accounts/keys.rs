//! Keys of accounts, for programs. One that was deleted stays on record for a day, so that every server hears of it.
//! It must not know what a key looks like, nor what its scopes allow: it sees hashes.

use super::{revocations, users as users_of_house};
use crate::{
    domain::{
        KeyId, Millis, UserId,
        accounts::key::{KEYS_MAX, KeyScopes},
    },
    store::{
        User,
        connection::Conn,
        error::{Conflict, Error, Result, found},
        page::{Page, one_more},
        schema::{account_keys, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// How long a deleted one is kept, in seconds: far longer than any server takes to hear of it.
const REVOKED_KEPT_S: i64 = 24 * 3600;
/// How often it is noted that a key was used, at most, in milliseconds.
const USED_EVERY_MS: i64 = 60_000;

/// A key as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = account_keys)]
pub(crate) struct Key {
    pub id: KeyId,
    pub user_id: UserId,
    pub name: String,
    pub scopes: KeyScopes,
    /// Whether what is written with it is marked as a bot's.
    pub is_bot: bool,
    /// Its first letters.
    pub beginning: String,
    pub created_at: Millis,
    /// When it ends; none where it does not.
    pub expires_at: Option<Millis>,
    pub last_used_at: Option<Millis>,
}

/// A key to be.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    pub user_id: UserId,
    pub name: String,
    pub scopes: KeyScopes,
    pub is_bot: bool,
    /// Its first letters.
    pub beginning: String,
    /// By which it is found.
    pub hash: String,
    /// When it ends; none where it does not.
    pub expires_at: Option<Millis>,
}

impl Key {
    /// Whether its time is over.
    pub(crate) fn has_ended(&self, now: Millis) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether it is time to note that it is used.
    pub(crate) fn is_to_be_noted(&self, now: Millis) -> bool {
        self.last_used_at.is_none_or(|at| now.since(at) >= USED_EVERY_MS)
    }
}

/// Gives an account a key.
/// Errors: [`Conflict::TooMany`] where it has as many as it may; [`Error::NotFound`] where it is gone.
pub(crate) fn create(tx: &mut Tx, new: &NewKey, now: Millis) -> Result<Key> {
    users_of_house::lock(tx, new.user_id)?;
    forget_revoked(tx, new.user_id, now)?;
    let count: i64 = in_force(new.user_id).count().get_result(tx.conn())?;
    if count >= KEYS_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    let id = KeyId::new();
    diesel::insert_into(account_keys::table)
        .values((
            account_keys::id.eq(id),
            account_keys::user_id.eq(new.user_id),
            account_keys::name.eq(&new.name),
            account_keys::scopes.eq(new.scopes),
            account_keys::is_bot.eq(new.is_bot),
            account_keys::beginning.eq(&new.beginning),
            account_keys::hash.eq(&new.hash),
            account_keys::created_at.eq(now),
            account_keys::expires_at.eq(new.expires_at.map(|at| at.0)),
        ))
        .execute(tx.conn())?;
    Ok(account_keys::table.find(id).select(Key::as_select()).first(tx.conn())?)
}

fn forget_revoked(tx: &mut Tx, user_id: UserId, now: Millis) -> Result<()> {
    let old = account_keys::revoked_at.lt(now.plus_s(-REVOKED_KEPT_S).0);
    let theirs = account_keys::table.filter(account_keys::user_id.eq(user_id));
    diesel::delete(theirs.filter(old)).execute(tx.conn())?;
    Ok(())
}

#[diesel::dsl::auto_type]
fn in_force(user_id: UserId) -> _ {
    let user_id: String = user_id.to_string();
    account_keys::table.filter(account_keys::user_id.eq(user_id)).filter(account_keys::revoked_at.is_null())
}

/// The keys of an account, latest first, also those whose time is over, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    user_id: UserId,
    after: Option<KeyId>,
    limit: usize,
) -> Result<Page<Key, KeyId>> {
    let mut query = in_force(user_id)
        .order(account_keys::id.desc())
        .limit(one_more(limit))
        .select(Key::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(account_keys::id.lt(after));
    }
    let rows: Vec<Key> = query.load(conn)?;
    Ok(Page::cut(rows, limit, |key| key.id))
}

/// One of the keys of an account, also where its time is over.
pub(crate) fn one(conn: &mut Conn, user_id: UserId, id: KeyId) -> Result<Option<Key>> {
    let key = in_force(user_id).filter(account_keys::id.eq(id));
    Ok(key.select(Key::as_select()).first(conn).optional()?)
}

/// Keys that were not deleted, with accounts that are in force.
#[diesel::dsl::auto_type]
fn with_account() -> _ {
    account_keys::table
        .inner_join(users::table)
        .filter(account_keys::revoked_at.is_null())
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
}

/// The key of this hash and its account, if both are in force but for the key's own time.
pub(crate) fn by_hash(conn: &mut Conn, hash: &str) -> Result<Option<(Key, User)>> {
    let key = with_account().filter(account_keys::hash.eq(hash));
    Ok(key.select((Key::as_select(), User::as_select())).first(conn).optional()?)
}

/// The key and its account, if both are in force: not deleted, its time not over, not disabled.
pub(crate) fn alive(conn: &mut Conn, id: KeyId, now: Millis) -> Result<Option<(Key, User)>> {
    let key = with_account().filter(account_keys::id.eq(id));
    let found: Option<(Key, User)> =
        key.select((Key::as_select(), User::as_select())).first(conn).optional()?;
    Ok(found.filter(|(key, _)| !key.has_ended(now)))
}

/// Deletes a key of this account.
/// Errors: [`Error::NotFound`] where the account has no such key.
pub(crate) fn revoke(tx: &mut Tx, user_id: UserId, id: KeyId, now: Millis) -> Result<()> {
    let number = revocations::next_number(tx)?;
    let ended = (
        account_keys::hash.eq(None::<&str>),
        account_keys::revoked_at.eq(now.0),
        account_keys::revoked_no.eq(number),
    );
    let theirs = account_keys::table.filter(account_keys::id.eq(id).and(account_keys::user_id.eq(user_id)));
    let changed = diesel::update(theirs.filter(account_keys::revoked_at.is_null()));
    found(changed.set(ended).execute(tx.conn())?)
}

/// Removes all keys of an account that is no more: every server hears of the account itself.
pub(crate) fn remove_all(conn: &mut Conn, user_id: UserId) -> Result<()> {
    diesel::delete(account_keys::table.filter(account_keys::user_id.eq(user_id))).execute(conn)?;
    Ok(())
}

/// Notes when a key was used, unless that was noted less than a minute before.
pub(crate) fn used(tx: &mut Tx, id: KeyId, at: Millis) -> Result<()> {
    let long_ago = account_keys::last_used_at.le(at.0 - USED_EVERY_MS);
    let due = account_keys::table
        .filter(account_keys::id.eq(id))
        .filter(account_keys::last_used_at.is_null().or(long_ago));
    diesel::update(due).set(account_keys::last_used_at.eq(at.0)).execute(tx.conn())?;
    Ok(())
}
