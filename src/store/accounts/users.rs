//! Accounts. A deleted one keeps its row, so that its name stays taken.
//! It must not know how a password is hashed or a name is folded.

use super::revocations;
use crate::{
    domain::{
        accounts::username::NameKeys,
        ids::{QuestionId, StreamId, UserId},
        time::Millis,
    },
    store::{
        comments,
        connection::Conn,
        error::{Conflict, Error, Result},
        events::{self, Logged, NewEvent},
        schema::{
            bans, comments as comment_rows, follows, questions, reports, sessions, stream_members,
            stream_moderators, streams, users,
        },
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Which.
    pub id: UserId,
    /// As registered.
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
    /// The number of its end among all: see [`super::revocations`].
    pub ended_no: Option<i64>,
}

impl User {
    /// Neither disabled nor deleted.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none() && self.deleted_at.is_none()
    }
}

/// What others see of an account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Person {
    /// Which.
    pub id: UserId,
    /// As registered.
    pub username: String,
    /// What others see.
    pub display_name: String,
}

/// An account to be.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser {
    /// Which.
    pub id: UserId,
    /// As registered.
    pub username: String,
    /// The folded username.
    pub name_key: String,
    /// What others see.
    pub display_name: String,
    /// PHC string.
    pub password_hash: String,
    /// Whether it is an operator of the server.
    pub is_admin: bool,
    /// Whether it is granted the right to host.
    pub may_host: bool,
    /// When it is registered.
    pub created_at: Millis,
}

/// What went with an account.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// Its own streams, which are gone.
    pub removed: Vec<StreamId>,
    /// Others' streams that it had written in, and the event that was appended there.
    pub purged: Vec<(StreamId, Logged)>,
}

/// Registers an account.
///
/// # Errors
/// [`Conflict::UsernameTaken`] where the key is another account's, or was that of a deleted one.
pub fn create(tx: &mut Tx, new: &NewUser) -> Result<User> {
    Ok(diesel::insert_into(users::table).values(new).returning(users::all_columns).get_result(tx.conn())?)
}

/// The account, deleted or not.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    Ok(users::table.find(id).select(User::as_select()).first(conn).optional()?)
}

/// The account of this name, unless it was deleted: first the one that is found by its exact name alone
/// (see `name_keys`).
///
/// # Errors
/// Those of the database.
pub fn by_name_key(conn: &mut Conn, name: &NameKeys) -> Result<Option<User>> {
    let found: Vec<User> = users::table
        .filter(users::name_key.eq_any([&name.exact, &name.folded]).and(users::deleted_at.is_null()))
        .select(User::as_select())
        .load(conn)?;
    Ok(found.into_iter().max_by_key(|user| user.name_key == name.exact))
}

/// Those of these accounts that exist, in no order.
///
/// # Errors
/// Those of the database.
pub fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<Person>> {
    let ids = ids.iter().map(UserId::to_string);
    Ok(users::table.filter(users::id.eq_any(ids)).select(Person::as_select()).load(conn)?)
}

/// Whether a display name, folded as usernames are, is the username of another account than `except`.
///
/// # Errors
/// Those of the database.
pub fn display_name_taken(conn: &mut Conn, folded: &str, except: Option<UserId>) -> Result<bool> {
    let owner: Option<UserId> =
        users::table.filter(users::name_key.eq(folded)).select(users::id).first(conn).optional()?;
    Ok(owner.is_some_and(|owner| Some(owner) != except))
}

/// Whether any account is an operator.
///
/// # Errors
/// Those of the database.
pub fn any_admin(conn: &mut Conn) -> Result<bool> {
    let admins = users::table.filter(users::is_admin.eq(true).and(users::deleted_at.is_null()));
    Ok(diesel::select(diesel::dsl::exists(admins)).get_result(conn)?)
}

/// Changes what others see.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn update_display_name(tx: &mut Tx, id: UserId, display_name: &str) -> Result<User> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    Ok(diesel::update(there)
        .set(users::display_name.eq(display_name))
        .returning(users::all_columns)
        .get_result(tx.conn())?)
}

/// Changes the password; its sessions are the caller's to revoke.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn set_password_hash(tx: &mut Tx, id: UserId, password_hash: &str) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    let changed = diesel::update(there).set(users::password_hash.eq(password_hash)).execute(tx.conn())?;
    found(changed)
}

/// Makes an operator of an account, or an account of an operator.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn set_admin(tx: &mut Tx, id: UserId, is_admin: bool) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(diesel::update(there).set(users::is_admin.eq(is_admin)).execute(tx.conn())?)
}

/// Grants or takes the right to host.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn set_may_host(tx: &mut Tx, id: UserId, may_host: bool) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(diesel::update(there).set(users::may_host.eq(may_host)).execute(tx.conn())?)
}

/// Disables an account since `disabled_at`, or enables it again; revokes its sessions in the first case.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn set_disabled(tx: &mut Tx, id: UserId, disabled_at: Option<Millis>) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    let at = disabled_at.map(|at| at.0);
    found(diesel::update(there).set(users::disabled_at.eq(at)).execute(tx.conn())?)?;
    match disabled_at {
        Some(now) => end_sessions(tx, id, now),
        None => Ok(()),
    }
}

/// Deletes an account: its streams go, its comments and questions elsewhere are purged with the event `purged` in each log
/// (and `tombstone` at the place of a question), its name is taken out of other events by `without_name`, its sessions are
/// revoked, its relations removed. The row stays, emptied, so that the name stays taken.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account.
pub fn delete_account(
    tx: &mut Tx,
    id: UserId,
    now: Millis,
    purged: &NewEvent,
    tombstone: &dyn Fn(QuestionId) -> NewEvent,
    without_name: &dyn Fn(&str, &str) -> Option<String>,
) -> Result<Deleted> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    found(
        diesel::update(there)
            .set((
                users::deleted_at.eq(now),
                users::display_name.eq(""),
                users::password_hash.eq(""),
                users::is_admin.eq(false),
                users::may_host.eq(false),
            ))
            .execute(tx.conn())?,
    )?;
    end_sessions(tx, id, now)?;
    let removed = diesel::delete(streams::table.filter(streams::host_id.eq(id)))
        .returning(streams::id)
        .get_results(tx.conn())?;
    remove_relations(tx, id)?;
    let purged = purge_everywhere(tx, id, now, purged, tombstone)?;
    events::forget_name(tx, id, without_name)?;
    Ok(Deleted { removed, purged })
}

/// An account that is no more, or not for now: every server hears of it, and of its sessions.
fn end_sessions(tx: &mut Tx, id: UserId, now: Millis) -> Result<()> {
    let number = revocations::next_number(tx)?;
    diesel::update(users::table.find(id)).set(users::ended_no.eq(number)).execute(tx.conn())?;
    super::sessions::revoke_all(tx, id, None, now).map(drop)
}

fn remove_relations(tx: &mut Tx, id: UserId) -> Result<()> {
    let conn = tx.conn();
    diesel::delete(follows::table.filter(follows::follower_id.eq(id).or(follows::host_id.eq(id))))
        .execute(conn)?;
    diesel::delete(stream_members::table.filter(stream_members::user_id.eq(id))).execute(conn)?;
    diesel::delete(stream_moderators::table.filter(stream_moderators::user_id.eq(id))).execute(conn)?;
    diesel::delete(bans::table.filter(bans::user_id.eq(id))).execute(conn)?;
    let none = None::<&str>;
    diesel::update(reports::table.filter(reports::user_id.eq(id)))
        .set(reports::reason.eq(none))
        .execute(conn)?;
    diesel::update(sessions::table.filter(sessions::user_id.eq(id)))
        .set((sessions::user_agent.eq(""), sessions::refresh_hash.eq("")))
        .execute(conn)?;
    Ok(())
}

fn purge_everywhere(
    tx: &mut Tx,
    id: UserId,
    now: Millis,
    event: &NewEvent,
    tombstone: &dyn Fn(QuestionId) -> NewEvent,
) -> Result<Vec<(StreamId, Logged)>> {
    let mut written_in: Vec<StreamId> = comment_rows::table
        .filter(comment_rows::user_id.eq(id).and(comment_rows::deleted_at.is_null()))
        .select(comment_rows::stream_id)
        .distinct()
        .load(tx.conn())?;
    let asked_in: Vec<StreamId> = questions::table
        .filter(questions::user_id.eq(id).and(questions::deleted_at.is_null()))
        .select(questions::stream_id)
        .distinct()
        .load(tx.conn())?;
    written_in.extend(asked_in);
    written_in.sort_unstable();
    written_in.dedup();
    let mut purged = Vec::with_capacity(written_in.len());
    for stream_id in written_in {
        comments::purge(tx, stream_id, id, now)?;
        crate::store::interactions::questions::purge(tx, stream_id, id, now, tombstone)?;
        let logged = events::append(tx, stream_id, now, vec![event.clone()])?;
        purged.extend(logged.into_iter().map(|logged| (stream_id, logged)));
    }
    Ok(purged)
}

/// `NotFound` unless a row was changed.
pub(crate) fn found(changed: usize) -> Result<()> {
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Whether an error says that the name is taken.
pub fn is_username_taken(error: &Error) -> bool {
    matches!(error, Error::Conflict(Conflict::UsernameTaken))
}
