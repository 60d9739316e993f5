//! How an account ends, for now or for good: with its sessions, its streams, and what it said everywhere.
//! It must not know what is told of that.

use super::{
    accounts::{keys, reset_links, revocations, sessions as logins},
    channels, comments,
    connection::Conn,
    database::trigrams,
    error::{Error, Result, found},
    events::{self, Logged, NewEvent},
    interactions,
    schema::{
        bans, channel_bans, channel_links, channel_moderators, channel_terms, channels as channel_rows,
        comments as comment_rows, follows, ignored, images, questions, reports, sessions, stream_members,
        stream_moderators, streams, users,
    },
    transaction::Tx,
    webhooks,
};
use crate::domain::{Millis, QuestionId, StreamId, UserId};
use diesel::prelude::*;

/// What went with an account.
#[derive(Clone, Debug)]
pub(crate) struct Deleted {
    /// Its own streams, which are gone.
    pub removed: Vec<StreamId>,
    /// Others' streams that it had written in, and the event that was appended there.
    pub purged: Vec<(StreamId, Logged)>,
}

/// Disables an account since `disabled_at`, or enables it again; revokes its sessions in the first case.
/// Errors: [`super::Error::NotFound`] where there is no such account.
pub(crate) fn set_disabled(tx: &mut Tx, id: UserId, disabled_at: Option<Millis>) -> Result<()> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    let at = disabled_at.map(|at| at.0);
    found(diesel::update(there).set(users::disabled_at.eq(at)).execute(tx.conn())?)?;
    let Some(now) = disabled_at else { return Ok(()) };
    reset_links::void(tx, id)?;
    end_sessions(tx, id, now)
}

/// Deletes an account: its streams go, its comments and questions elsewhere are purged with the event `purged` in each log
/// (and `tombstone` at the place of a question), its name is taken out of other events by `without_name`, its sessions are
/// revoked, its relations removed. The row stays, emptied, so that the name stays taken.
/// Errors: [`super::Error::NotFound`] where there is no such account.
pub(crate) fn delete_account(
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
                users::avatar_version.eq(None::<&str>),
                users::cover_version.eq(None::<&str>),
            ))
            .execute(tx.conn())?,
    )?;
    // Before any row of a stream: who changes the channel takes them in this order, too.
    channels::lock(tx, id)?;
    end_sessions(tx, id, now)?;
    let count = count_comments(tx, id)?;
    let deleted = trigrams::taking_out(tx, count, |tx| {
        let removed = diesel::delete(streams::table.filter(streams::host_id.eq(id)))
            .returning(streams::id)
            .get_results(tx.conn())?;
        remove_relations(tx, id)?;
        let purged = purge_everywhere(tx, id, now, purged, tombstone)?;
        Ok::<_, Error>(Deleted { removed, purged })
    })?;
    events::forget_name(tx, id, without_name)?;
    Ok(deleted)
}

/// About as many comments go with an account: those in its streams, and its own.
fn count_comments(tx: &mut Tx, id: UserId) -> Result<usize> {
    let in_its_streams: Vec<i64> =
        streams::table.filter(streams::host_id.eq(id)).select(streams::comment_count).load(tx.conn())?;
    let its_own: i64 = comment_rows::table
        .filter(comment_rows::user_id.eq(id).and(comment_rows::deleted_at.is_null()))
        .count()
        .get_result(tx.conn())?;
    Ok((in_its_streams.iter().sum::<i64>() + its_own) as usize)
}

/// An account that is no more, or not for now: every server hears of it, and of its sessions.
fn end_sessions(tx: &mut Tx, id: UserId, now: Millis) -> Result<()> {
    let number = revocations::next_number(tx)?;
    diesel::update(users::table.find(id)).set(users::ended_no.eq(number)).execute(tx.conn())?;
    logins::revoke_all(tx, id, None, now).map(drop)
}

fn remove_relations(tx: &mut Tx, id: UserId) -> Result<()> {
    reset_links::void(tx, id)?;
    let conn = tx.conn();
    diesel::delete(follows::table.filter(follows::follower_id.eq(id).or(follows::host_id.eq(id))))
        .execute(conn)?;
    diesel::delete(stream_members::table.filter(stream_members::user_id.eq(id))).execute(conn)?;
    diesel::delete(stream_moderators::table.filter(stream_moderators::user_id.eq(id))).execute(conn)?;
    diesel::delete(bans::table.filter(bans::user_id.eq(id))).execute(conn)?;
    remove_channel(conn, id)?;
    keys::remove_all(conn, id)?;
    webhooks::remove_all(conn, id)?;
    diesel::delete(images::table.filter(images::user_id.eq(id))).execute(conn)?;
    diesel::delete(ignored::table.filter(ignored::user_id.eq(id).or(ignored::ignored_id.eq(id))))
        .execute(conn)?;
    let none = None::<&str>;
    diesel::update(reports::table.filter(reports::user_id.eq(id)))
        .set(reports::reason.eq(none))
        .execute(conn)?;
    diesel::update(sessions::table.filter(sessions::user_id.eq(id)))
        .set((sessions::user_agent.eq(""), sessions::refresh_hash.eq("")))
        .execute(conn)?;
    Ok(())
}

/// What an account kept for its streams, and what it was in the channels of others.
fn remove_channel(conn: &mut Conn, id: UserId) -> Result<()> {
    let moderators = channel_moderators::table
        .filter(channel_moderators::host_id.eq(id).or(channel_moderators::user_id.eq(id)));
    diesel::delete(moderators).execute(conn)?;
    let bans = channel_bans::table.filter(channel_bans::host_id.eq(id).or(channel_bans::user_id.eq(id)));
    diesel::delete(bans).execute(conn)?;
    diesel::delete(channel_terms::table.filter(channel_terms::host_id.eq(id))).execute(conn)?;
    diesel::delete(channel_links::table.filter(channel_links::host_id.eq(id))).execute(conn)?;
    diesel::delete(channel_rows::table.find(id)).execute(conn)?;
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
        interactions::questions::purge(tx, stream_id, id, now, tombstone)?;
        let logged = events::append(tx, stream_id, now, vec![event.clone()])?;
        purged.extend(logged.into_iter().map(|logged| (stream_id, logged)));
    }
    Ok(purged)
}
