//! A stream, held still while its log is written to.
//! It must not know what is written.

#[cfg(feature = "postgres")]
use crate::store::postgres::clock;
use crate::{
    domain::{Millis, News, RulesVersion, Seq, Status, StreamId},
    store::{
        connection::Conn,
        error::{Conflict, Error, Result},
        schema::streams,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// What a writer needs to know of it.
#[derive(Queryable)]
pub(crate) struct OpenStream {
    pub(crate) status: Status,
    pub(crate) started_at: Option<Millis>,
    rules_version: i64,
}

impl OpenStream {
    /// Fails unless the stream still takes comments.
    pub(crate) fn not_ended(&self) -> Result<()> {
        match self.status {
            Status::Ended => Err(Error::Conflict(Conflict::StreamEnded)),
            _ => Ok(()),
        }
    }

    /// Whether what was judged by these rules need not be judged again.
    pub(crate) fn holds(&self, rules: RulesVersion) -> bool {
        self.rules_version == rules.0
    }

    /// This time, or that of the start where the clock was set back meanwhile.
    pub(crate) fn not_before_start(&self, at: Millis) -> Millis {
        self.started_at.map_or(at, |started_at| at.max(started_at))
    }

    /// Milliseconds since the start.
    pub(crate) fn offset_ms(&self, at: Millis) -> Option<i64> {
        self.started_at.map(|started_at| at.since(started_at))
    }
}

/// Makes other writers to the stream's log wait until the end of the transaction.
pub(crate) fn lock_stream(tx: &mut Tx, stream_id: StreamId) -> Result<OpenStream> {
    let stream =
        streams::table.find(stream_id).select((streams::status, streams::started_at, streams::rules_version));
    Ok(match tx.conn() {
        Conn::Sqlite(conn) => stream.first(conn)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => stream.for_no_key_update().first(conn)?,
    })
}

/// Makes other acts on a stream wait until this transaction ends, so that what it reads first still holds when it writes.
/// A stream that is not there is no error here.
pub(crate) fn lock(tx: &mut Tx, stream_id: StreamId) -> Result<()> {
    match lock_stream(tx, stream_id) {
        Ok(_) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The rules that hold until the end of the transaction: other writers to the stream's log wait for it.
/// Errors: [`Error::NotFound`] where the stream is gone.
pub(crate) fn rules(tx: &mut Tx, stream_id: StreamId) -> Result<RulesVersion> {
    Ok(RulesVersion(lock_stream(tx, stream_id)?.rules_version))
}

/// Counts a change of what comments are judged by: whatever was judged before is judged again.
/// Errors: [`Error::NotFound`] where the stream is gone.
pub(crate) fn change_rules(tx: &mut Tx, stream_id: StreamId) -> Result<RulesVersion> {
    let version: i64 = diesel::update(streams::table.find(stream_id))
        .set(streams::rules_version.eq(streams::rules_version + 1))
        .returning(streams::rules_version)
        .get_result(tx.conn())?;
    Ok(RulesVersion(version))
}

/// Counts a change of what is not in the log: whoever has not heard of it finds it out by this number.
/// Errors: [`Error::NotFound`] where the stream is gone.
pub(crate) fn count_news(tx: &mut Tx, stream_id: StreamId) -> Result<News> {
    let count: i64 = diesel::update(streams::table.find(stream_id))
        .set(streams::news.eq(streams::news + 1))
        .returning(streams::news)
        .get_result(tx.conn())?;
    Ok(News(count))
}

/// The time at which an act on a stream happens that is held. Whoever holds it later has a later one: where several nodes may, it is
/// the database's, since their clocks differ.
pub(crate) fn now(tx: &mut Tx) -> Result<Millis> {
    match tx.conn() {
        Conn::Sqlite(_) => Ok(Millis::now()),
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => Ok(clock::millis(diesel::select(clock::clock_timestamp()).get_result(conn)?)),
    }
}

/// Takes `count` numbers of a stream's log; the first. Other transactions wait behind this one, so that there is no hole and
/// readers see the numbers in their order.
pub(crate) fn take_numbers(tx: &mut Tx, stream_id: StreamId, count: usize) -> Result<Seq> {
    let last: i64 = diesel::update(streams::table.find(stream_id))
        .set(streams::last_seq.eq(streams::last_seq + count as i64))
        .returning(streams::last_seq)
        .get_result(tx.conn())?;
    Ok(Seq(last - count as i64 + 1))
}
