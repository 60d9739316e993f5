//! Accounts. A deleted one keeps its row, so that its name stays taken.
//! It must not know how a password is hashed or a name is folded.

use super::revocations;
use crate::{
    domain::{
        Millis, UserId, Username,
        accounts::{display_name::DisplayName, username::NameKeys},
    },
    store::{
        Person,
        connection::Conn,
        error::{Conflict, Error, Result, found},
        schema::users,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// An account with all its columns.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// What its tokens name.
    pub id: UserId,
    /// The name it logs in by.
    pub username: String,
    /// The folded username.
    pub name_key: String,
    /// What others see; empty once deleted.
    pub display_name: String,
    /// PHC string; empty once deleted.
    pub password_hash: String,
    /// Whether it is an operator of the server.
    pub is_admin: bool,
    /// Whether it was granted the right to host.
    pub may_host: bool,
    /// When an operator disabled it.
    pub disabled_at: Option<Millis>,
    /// When it was deleted.
    pub deleted_at: Option<Millis>,
    /// When it was registered.
    pub created_at: Millis,
    /// The number of its end, or of its last name, among all: see [`super::revocations`].
    pub ended_no: Option<i64>,
    /// Of the key that its encoders send with: see [`crate::store::streams::ingest`].
    pub ingest_generation: i64,
    /// Of its avatar; none where it has none.
    pub avatar_version: Option<String>,
    /// Of its cover; none where it has none.
    pub cover_version: Option<String>,
    /// Since when it waits for an operator to let it in; none where it does not.
    pub pending_since: Option<Millis>,
}

impl User {
    /// Neither disabled nor deleted; it may still wait to be let in.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none() && self.deleted_at.is_none()
    }
}

/// An account to be.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser {
    pub id: UserId,
    pub username: String,
    /// The folded username.
    pub name_key: String,
    /// What others see.
    pub display_name: String,
    pub password_hash: String,
    /// Whether it is an operator of the server.
    pub is_admin: bool,
    /// Whether it is granted the right to host.
    pub may_host: bool,
    /// When it is registered.
    pub created_at: Millis,
    /// Since when it waits to be let in; none where it does not.
    pub pending_since: Option<Millis>,
}

impl NewUser {
    /// One like any other.
    pub(crate) fn named(
        username: &Username,
        display_name: DisplayName,
        password_hash: String,
        created_at: Millis,
    ) -> Self {
        Self {
            id: UserId::new(),
            username: username.to_string(),
            name_key: username.key(),
            display_name: display_name.into_string(),
            password_hash,
            is_admin: false,
            may_host: false,
            created_at,
            pending_since: None,
        }
    }

    /// The same as an operator, who may host.
    pub(crate) fn promoted(self) -> Self {
        Self { is_admin: true, may_host: true, ..self }
    }

    /// The same as one that waits to be let in.
    pub(crate) fn waiting(self) -> Self {
        Self { pending_since: Some(self.created_at), ..self }
    }
}

/// Registers an account.
/// Errors: [`Conflict::UsernameTaken`] where the key is another account's, or was that of a deleted one.
pub(crate) fn create(tx: &mut Tx, new: &NewUser) -> Result<User> {
    Ok(diesel::insert_into(users::table).values(new).returning(users::all_columns).get_result(tx.conn())?)
}

/// The account of this name, unless it was deleted: first the one that is found by its exact name alone
/// (see `name_keys`).
pub fn by_name_key(conn: &mut Conn, name: &NameKeys) -> Result<Option<User>> {
    let found: Vec<User> = users::table
        .filter(users::name_key.eq_any([&name.exact, &name.folded]).and(users::deleted_at.is_null()))
        .select(User::as_select())
        .load(conn)?;
    Ok(found.into_iter().max_by_key(|user| user.name_key == name.exact))
}

/// Holds an account until the end of the transaction, so that of those who add to one of its lists, each sees what the one before
/// has added. On SQLite the transaction itself keeps all others waiting.
/// Errors: [`Error::NotFound`] where it is gone.
pub(in crate::store) fn lock(tx: &mut Tx, id: UserId) -> Result<()> {
    let row = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null())).select(users::id);
    let _: UserId = match tx.conn() {
        Conn::Sqlite(conn) => row.first(conn)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => row.for_no_key_update().first(conn)?,
    };
    Ok(())
}

/// Whether the house has an administrator, also one that is disabled for now.
pub(crate) fn has_admin(conn: &mut Conn) -> Result<bool> {
    let admins = users::table.filter(users::is_admin.eq(true).and(users::deleted_at.is_null()));
    Ok(diesel::select(diesel::dsl::exists(admins)).get_result(conn)?)
}

/// Whether the house has an administrator who can log in, beside this one.
pub(crate) fn has_other_admin(conn: &mut Conn, than: UserId) -> Result<bool> {
    let admins = users::table.filter(users::is_admin.eq(true).and(users::id.ne(than)));
    let active = admins.filter(users::deleted_at.is_null().and(users::disabled_at.is_null()));
    Ok(diesel::select(diesel::dsl::exists(active)).get_result(conn)?)
}

/// Lets an account in that waits for that.
/// Errors: [`Error::NotFound`] where there is no such account.
pub(crate) fn approve(tx: &mut Tx, id: UserId) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(diesel::update(there).set(users::pending_since.eq(None::<i64>)).execute(tx.conn())?)
}

/// Those of these accounts that exist, in no order.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<Person>> {
    let ids = ids.iter().map(UserId::to_string);
    Ok(users::table.filter(users::id.eq_any(ids)).select(Person::as_select()).load(conn)?)
}

/// Those of these accounts that exist, in the order of ids, and whether each is an admin.
pub(crate) fn with_admins(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<(Person, bool)>> {
    let known = users::table.filter(users::id.eq_any(ids.iter().map(UserId::to_string)));
    Ok(known.order(users::id.asc()).select((Person::as_select(), users::is_admin)).load(conn)?)
}

/// Whether a display name, folded as usernames are, is the username of another account than `except`.
pub(crate) fn display_name_taken(conn: &mut Conn, folded: &str, except: Option<UserId>) -> Result<bool> {
    let owner: Option<UserId> =
        users::table.filter(users::name_key.eq(folded)).select(users::id).first(conn).optional()?;
    Ok(owner.is_some_and(|owner| Some(owner) != except))
}

/// Changes what others see.
/// Errors: [`Error::NotFound`] where there is no such account.
pub(crate) fn update_display_name(tx: &mut Tx, id: UserId, display_name: &str) -> Result<User> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    // First the account, then the number: in the order of whoever ends it.
    found(diesel::update(there).set(users::display_name.eq(display_name)).execute(tx.conn())?)?;
    let number = revocations::next_number(tx)?;
    Ok(diesel::update(users::table.find(id))
        .set(users::ended_no.eq(number))
        .returning(users::all_columns)
        .get_result(tx.conn())?)
}

/// Who was renamed after this number, or has no name any more, and the number of the last that was numbered at all: see
/// [`revocations`].
pub(crate) fn renamed_after(conn: &mut Conn, number: i64) -> Result<(Vec<User>, i64)> {
    let last = revocations::last(conn)?;
    if last <= number {
        return Ok((Vec::new(), last));
    }
    let numbered = users::ended_no.gt(number).and(users::ended_no.le(last));
    Ok((users::table.filter(numbered).order(users::ended_no).load(conn)?, last))
}

/// Changes the password; its sessions are the caller's to revoke.
/// Errors: [`Error::NotFound`] where there is no such account.
pub fn set_password_hash(tx: &mut Tx, id: UserId, password_hash: &str) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    let changed = diesel::update(there).set(users::password_hash.eq(password_hash)).execute(tx.conn())?;
    found(changed)
}

/// Makes an operator of an account, or an account of an operator, whose sessions are the caller's to revoke.
/// Errors: [`Error::NotFound`] where there is no such account.
pub fn set_admin(tx: &mut Tx, id: UserId, is_admin: bool) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(diesel::update(there).set(users::is_admin.eq(is_admin)).execute(tx.conn())?)
}

/// Grants or takes the right to host.
/// Errors: [`Error::NotFound`] where there is no such account.
pub fn set_may_host(tx: &mut Tx, id: UserId, may_host: bool) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(diesel::update(there).set(users::may_host.eq(may_host)).execute(tx.conn())?)
}

/// Whether an error says that the name is taken.
pub(crate) fn is_username_taken(error: &Error) -> bool {
    matches!(error, Error::Conflict(Conflict::UsernameTaken))
}
