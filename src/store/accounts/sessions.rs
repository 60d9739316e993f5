//! Login sessions and the rotation of their refresh tokens. What was revoked stays on record.
//! It must not know what a token looks like: it sees hashes.

use super::revocations;
use crate::{
    domain::{Millis, SessionId, UserId},
    store::{
        User,
        connection::Conn,
        error::{Result, found},
        schema::{sessions, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// A login session.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    /// What the client called itself at login.
    pub user_agent: String,
    /// When it was opened.
    pub created_at: Millis,
    /// When it was last seen.
    pub last_used_at: Millis,
    pub generation: i32,
    /// Hash of the refresh token in force.
    pub refresh_hash: String,
    /// When that token was issued.
    pub rotated_at: Millis,
    /// When that token ends, and the session with it.
    pub refresh_expires_at: Millis,
    /// When it was ended.
    pub revoked_at: Option<Millis>,
    /// The number of that among all: see [`super::revocations`].
    pub revoked_no: Option<i64>,
}

/// A session to be, of generation 0.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What its tokens name.
    pub id: SessionId,
    /// Whose login it is.
    pub user_id: UserId,
    /// What the client calls itself.
    pub user_agent: String,
    /// Hash of the first refresh token.
    pub refresh_hash: String,
    /// When that ends.
    pub refresh_expires_at: Millis,
}

/// What a client presents to get the next token, and what that would be. The caller has proved that the token was issued once:
/// a forged one must not get as far as to revoke a session.
#[derive(Clone, Debug)]
pub(crate) struct Presented<'a> {
    /// Of which session.
    pub session_id: SessionId,
    /// The generation that the token says it is of.
    pub generation: i32,
    /// The token's hash.
    pub hash: &'a str,
    /// Hashes of the token that is to follow it, and of those that earlier keys would have made: one of them may have
    /// followed it already. Empty where a token can have none.
    pub followers: &'a [String],
}

/// What became of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The next token is in force.
    Rotated(Session),
    /// The token before the one in force, which nobody has used yet: a lost answer, or two tabs at once. It is given the
    /// one in force again, however late it comes.
    SameSuccessor(Session),
    /// A token came back whose successor has been used: stolen. The session is revoked now.
    Reused(Session),
    /// No session, or one that is over, or a token that never was.
    Unknown,
}

/// Opens a session.
pub fn create(tx: &mut Tx, new: &NewSession, now: Millis) -> Result<Session> {
    Ok(diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id),
            sessions::user_id.eq(new.user_id),
            sessions::user_agent.eq(&new.user_agent),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::generation.eq(0),
            sessions::refresh_hash.eq(&new.refresh_hash),
            sessions::rotated_at.eq(now),
            sessions::refresh_expires_at.eq(new.refresh_expires_at),
        ))
        .returning(sessions::all_columns)
        .get_result(tx.conn())?)
}

/// The session and its account, if both are in force: not revoked, not expired, not disabled, not deleted.
pub fn alive(conn: &mut Conn, id: SessionId, now: Millis) -> Result<Option<(Session, User)>> {
    Ok(sessions::table
        .inner_join(users::table)
        .filter(
            sessions::id.eq(id).and(sessions::revoked_at.is_null()).and(sessions::refresh_expires_at.gt(now)),
        )
        .filter(users::disabled_at.is_null().and(users::deleted_at.is_null()))
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional()?)
}

/// The sessions of an account that are in force, newest first.
pub(crate) fn list(conn: &mut Conn, user_id: UserId, now: Millis) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null().and(sessions::refresh_expires_at.gt(now)))
        .order(sessions::id.desc())
        .select(Session::as_select())
        .load(conn)?)
}

/// Ends a session of this account.
/// Errors: [`crate::store::Error::NotFound`] where the account has no such session in force.
pub(crate) fn revoke(tx: &mut Tx, user_id: UserId, id: SessionId, now: Millis) -> Result<()> {
    let number = revocations::next_number(tx)?;
    let in_force = sessions::table
        .filter(sessions::id.eq(id).and(sessions::user_id.eq(user_id)).and(sessions::revoked_at.is_null()));
    let ended = (sessions::revoked_at.eq(now), sessions::revoked_no.eq(number));
    found(diesel::update(in_force).set(ended).execute(tx.conn())?)
}

/// Ends all sessions of an account but one; says which.
pub(crate) fn revoke_all(
    tx: &mut Tx,
    user_id: UserId,
    except: Option<SessionId>,
    now: Millis,
) -> Result<Vec<SessionId>> {
    let number = revocations::next_number(tx)?;
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    let in_force = sessions::table.filter(
        sessions::user_id.eq(user_id).and(sessions::revoked_at.is_null()).and(sessions::id.ne(except)),
    );
    Ok(diesel::update(in_force)
        .set((sessions::revoked_at.eq(now), sessions::revoked_no.eq(number)))
        .returning(sessions::id)
        .get_results(tx.conn())?)
}

/// Puts the next refresh token in force if the one presented is, by compare-and-set on its generation. `next_expires_at` is
/// the end of the next token. The token before stays good until the next one is used.
/// Errors: Those of the database. A token that does not count is no error: see [`Rotation`].
pub(crate) fn rotate(
    tx: &mut Tx,
    presented: &Presented,
    now: Millis,
    next_expires_at: Millis,
) -> Result<Rotation> {
    let Some(next_hash) = presented.followers.first() else { return Ok(Rotation::Unknown) };
    let in_force = sessions::table
        .filter(sessions::id.eq(presented.session_id).and(sessions::revoked_at.is_null()))
        .filter(sessions::generation.eq(presented.generation).and(sessions::refresh_hash.eq(presented.hash)))
        .filter(sessions::refresh_expires_at.gt(now));
    let rotated: Option<Session> = diesel::update(in_force)
        .set((
            sessions::generation.eq(presented.generation + 1),
            sessions::refresh_hash.eq(next_hash),
            sessions::rotated_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::refresh_expires_at.eq(next_expires_at),
        ))
        .returning(sessions::all_columns)
        .get_result(tx.conn())
        .optional()?;
    match rotated {
        Some(session) if alive(tx, session.id, now)?.is_some() => Ok(Rotation::Rotated(session)),
        Some(_) => Ok(Rotation::Unknown),
        None => judge_old(tx, presented, now),
    }
}

/// A token that is not in force: the one before, or one that was followed and whose follower was used.
fn judge_old(tx: &mut Tx, presented: &Presented, now: Millis) -> Result<Rotation> {
    let Some((session, _)) = alive(tx, presented.session_id, now)? else {
        return Ok(Rotation::Unknown);
    };
    let is_next_in_force = presented.followers.contains(&session.refresh_hash);
    if is_next_in_force && session.generation == presented.generation + 1 {
        return Ok(Rotation::SameSuccessor(session));
    }
    if presented.generation >= session.generation {
        return Ok(Rotation::Unknown);
    }
    revoke(tx, session.user_id, session.id, now)?;
    Ok(Rotation::Reused(session))
}
