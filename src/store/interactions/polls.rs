//! Polls: one open a stream, one vote an account, tallies counted from the votes.
//! It must not know when a poll is to be closed.

use crate::{
    domain::{Millis, PollId, StreamId, UserId},
    store::{
        connection::{Conn, each},
        error::{Conflict, Error, Result},
        schema::{poll_options, poll_votes, polls},
        transaction::Tx,
    },
};
use diesel::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    pub id: PollId,
    pub stream_id: StreamId,
    /// What is asked.
    pub question: String,
    /// What can be answered.
    pub options: Vec<String>,
    /// When it closes by itself.
    pub closes_at: Millis,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// Votes for each option.
    pub tally: Vec<i64>,
}

/// A poll to be.
#[derive(Clone, Debug)]
pub struct NewPoll {
    /// The new id of it.
    pub id: PollId,
    /// What is asked.
    pub question: String,
    /// What can be answered.
    pub options: Vec<String>,
    /// When it closes by itself.
    pub closes_at: Millis,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = polls)]
struct PollColumns {
    id: PollId,
    stream_id: StreamId,
    question: String,
    closes_at: Millis,
    closed_at: Option<Millis>,
}

/// Opens a poll.
/// Errors: [`Conflict::PollOpen`] where one is open; [`Conflict::Dangling`] where the stream is gone.
pub fn open(tx: &mut Tx, stream_id: StreamId, new: &NewPoll, now: Millis) -> Result<Poll> {
    diesel::insert_into(polls::table)
        .values((
            polls::id.eq(new.id),
            polls::stream_id.eq(stream_id),
            polls::question.eq(&new.question),
            polls::created_at.eq(now),
            polls::closes_at.eq(new.closes_at),
        ))
        .execute(tx.conn())?;
    let options: Vec<_> = new
        .options
        .iter()
        .zip(0..)
        .map(|(text, position): (&String, i32)| {
            (
                poll_options::poll_id.eq(new.id),
                poll_options::position.eq(position),
                poll_options::text.eq(text.as_str()),
            )
        })
        .collect();
    each!(tx.conn(), conn => diesel::insert_into(poll_options::table).values(&options).execute(conn))?;
    by_id(tx, stream_id, new.id)?.ok_or(Error::NotFound)
}

pub(crate) fn by_id(conn: &mut Conn, stream_id: StreamId, id: PollId) -> Result<Option<Poll>> {
    let row = polls::table
        .filter(polls::id.eq(id).and(polls::stream_id.eq(stream_id)))
        .select(PollColumns::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| whole(conn, row)).transpose()
}

/// Streams with a poll that is open though its time is over.
pub(crate) fn due(conn: &mut Conn, now: Millis) -> Result<Vec<StreamId>> {
    let is_due = polls::closed_at.is_null().and(polls::closes_at.le(now));
    Ok(polls::table.filter(is_due).select(polls::stream_id).load(conn)?)
}

pub(crate) fn open_of(conn: &mut Conn, stream_id: StreamId) -> Result<Option<Poll>> {
    let row = polls::table
        .filter(polls::stream_id.eq(stream_id).and(polls::closed_at.is_null()))
        .select(PollColumns::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| whole(conn, row)).transpose()
}

fn whole(conn: &mut Conn, row: PollColumns) -> Result<Poll> {
    let options: Vec<String> = poll_options::table
        .filter(poll_options::poll_id.eq(row.id))
        .order(poll_options::position)
        .select(poll_options::text)
        .load(conn)?;
    let tally = count(conn, row.id, options.len())?;
    Ok(Poll {
        id: row.id,
        stream_id: row.stream_id,
        question: row.question,
        options,
        closes_at: row.closes_at,
        closed_at: row.closed_at,
        tally,
    })
}

fn count(conn: &mut Conn, id: PollId, options: usize) -> Result<Vec<i64>> {
    let votes: Vec<(i32, i64)> = poll_votes::table
        .filter(poll_votes::poll_id.eq(id))
        .group_by(poll_votes::position)
        .select((poll_votes::position, diesel::dsl::count_star()))
        .load(conn)?;
    let mut tally = vec![0; options];
    for (position, votes) in votes {
        if let Some(option) = tally.get_mut(position as usize) {
            *option = votes;
        }
    }
    Ok(tally)
}

/// What an account voted for in a poll, counted from 0.
pub(crate) fn vote_of(conn: &mut Conn, id: PollId, user_id: UserId) -> Result<Option<u32>> {
    let position: Option<i32> =
        poll_votes::table.find((id, user_id)).select(poll_votes::position).first(conn).optional()?;
    Ok(position.map(|position| position as u32))
}

/// Votes, or votes anew.
/// Errors: [`Error::NotFound`]; [`Conflict::PollClosed`] where it is closed, or its time is over; [`Conflict::NoSuchOption`].
pub(crate) fn vote(
    tx: &mut Tx,
    stream_id: StreamId,
    id: PollId,
    user_id: UserId,
    option: u32,
    now: Millis,
) -> Result<()> {
    let poll = lock(tx, stream_id, id)?;
    if poll.closed_at.is_some() || poll.closes_at <= now {
        return Err(Error::Conflict(Conflict::PollClosed));
    }
    let position = option as i32;
    let has_it = poll_options::table.find((id, position));
    if !diesel::select(diesel::dsl::exists(has_it)).get_result::<bool>(tx.conn())? {
        return Err(Error::Conflict(Conflict::NoSuchOption));
    }
    let row =
        (poll_votes::poll_id.eq(id), poll_votes::user_id.eq(user_id), poll_votes::position.eq(position));
    each!(tx.conn(), conn => diesel::insert_into(poll_votes::table)
        .values(row)
        .on_conflict((poll_votes::poll_id, poll_votes::user_id))
        .do_update()
        .set(poll_votes::position.eq(position))
        .execute(conn))?;
    Ok(())
}

/// The poll, kept open or closed as it is: a vote that counts is in the tally of the close.
fn lock(tx: &mut Tx, stream_id: StreamId, id: PollId) -> Result<PollColumns> {
    let row = polls::table.filter(polls::id.eq(id).and(polls::stream_id.eq(stream_id))).select((
        polls::id,
        polls::stream_id,
        polls::question,
        polls::closes_at,
        polls::closed_at,
    ));
    Ok(match tx.conn() {
        Conn::Sqlite(conn) => row.first(conn)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => row.for_share().first(conn)?,
    })
}

/// Closes a poll, with its last tally.
/// Errors: [`Error::NotFound`]; [`Conflict::PollClosed`] where it is closed already.
pub(crate) fn close(tx: &mut Tx, stream_id: StreamId, id: PollId, now: Millis) -> Result<Poll> {
    let open = polls::table
        .filter(polls::id.eq(id).and(polls::stream_id.eq(stream_id)).and(polls::closed_at.is_null()));
    let closed = diesel::update(open).set(polls::closed_at.eq(now)).execute(tx.conn())?;
    let poll = by_id(tx, stream_id, id)?.ok_or(Error::NotFound)?;
    if closed == 0 { Err(Error::Conflict(Conflict::PollClosed)) } else { Ok(poll) }
}
