//! Which node has the picture of a stream, and how it is, as nodes tell each other by the clock of their database; and what
//! of a stream decides whether its picture may go on. It must not know how a picture is, nor how it travels.

use crate::{
    domain::{
        BootId, Millis, News, RulesVersion, Status, StreamId, UserId, stream::ingest_key::KeyGeneration,
    },
    store::{
        connection::{Conn, each},
        database::nodes::time,
        error::Result,
        schema::{pictures, streams, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// A node that has not been seen for so long, in milliseconds, has no pictures any more.
const HERE_MS: i64 = 5_000;
/// Pictures of other nodes that are read at once; a node takes fifty unless its operator says otherwise.
const OTHERS_MAX: i64 = 10_000;

/// The picture of a stream as its node tells it.
#[derive(Clone, Debug, PartialEq, Eq, Insertable)]
#[diesel(table_name = pictures, treat_none_as_default_value = false)]
pub(crate) struct Told {
    pub stream_id: StreamId,
    /// The node that has it.
    pub boot: BootId,
    /// Where other nodes reach that; none where its operator has not said it.
    pub node_url: Option<String>,
    /// How it is, which nobody here reads.
    pub source: String,
    /// Whether another source may come in its place.
    pub is_free: bool,
}

/// What decides whether a stream's picture may go on, and who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub stream: StreamId,
    pub host: UserId,
    pub status: Status,
    /// Whether its host may send.
    pub has_host: bool,
    /// Of the stream's own key.
    pub key: KeyGeneration,
    /// Of its host's key.
    pub account_key: KeyGeneration,
    /// Counts the changes of who may see it, among others.
    pub rules: RulesVersion,
    pub news: News,
}

/// Makes the picture of a stream this node's. Not where another has one that is not free, unless it `takes_over`; false then.
pub(crate) fn claim(tx: &mut Tx, told: &Told, takes_over: bool) -> Result<bool> {
    // Not for the whole file: it would stand in the way of the filter of queries.
    use diesel::query_dsl::methods::FilterDsl;
    let now = time(tx)?;
    let gone_before = if takes_over { Millis(i64::MAX) } else { now - HERE_MS };
    let claimed = each!(tx.conn(), conn => diesel::insert_into(pictures::table)
        .values((told, pictures::seen_at.eq(now)))
        .on_conflict(pictures::stream_id)
        .do_update()
        .set((
            pictures::boot.eq(told.boot),
            pictures::node_url.eq(&told.node_url),
            pictures::source.eq(&told.source),
            pictures::is_free.eq(told.is_free),
            pictures::seen_at.eq(now),
        ))
        .filter(pictures::boot.eq(told.boot).or(pictures::is_free).or(pictures::seen_at.lt(gone_before)))
        .execute(conn))?;
    Ok(claimed == 1)
}

/// Says how a picture is that is this node's.
pub(crate) fn say(tx: &mut Tx, told: &Told) -> Result<()> {
    let row = pictures::table.find(told.stream_id).filter(pictures::boot.eq(told.boot));
    let now = (pictures::source.eq(&told.source), pictures::is_free.eq(told.is_free));
    diesel::update(row).set(now).execute(tx.conn())?;
    Ok(())
}

/// Says that a node is here, and finds which pictures are still its own. In a transaction that has written none of them.
pub(crate) fn beat(tx: &mut Tx, boot: BootId) -> Result<Vec<StreamId>> {
    let now = time(tx)?;
    let own = pictures::table.filter(pictures::boot.eq(boot));
    Ok(each!(tx.conn(), conn => diesel::update(own)
        .set(pictures::seen_at.eq(now))
        .returning(pictures::stream_id)
        .get_results(conn))?)
}

/// Which of these streams have a picture of another node, whether that is still here or not.
pub(crate) fn taken(conn: &mut Conn, boot: BootId, ids: &[StreamId]) -> Result<Vec<StreamId>> {
    let ids: Vec<String> = ids.iter().map(StreamId::to_string).collect();
    Ok(pictures::table
        .filter(pictures::stream_id.eq_any(&ids).and(pictures::boot.ne(boot)))
        .select(pictures::stream_id)
        .load(conn)?)
}

/// A picture of this node is gone.
pub(crate) fn give_up(tx: &mut Tx, boot: BootId, stream: StreamId) -> Result<()> {
    diesel::delete(pictures::table.find(stream).filter(pictures::boot.eq(boot))).execute(tx.conn())?;
    Ok(())
}

/// Takes a picture away from whichever other node has it: that ends it when it finds that out.
pub(crate) fn take_away(tx: &mut Tx, boot: BootId, stream: StreamId) -> Result<()> {
    diesel::delete(pictures::table.find(stream).filter(pictures::boot.ne(boot))).execute(tx.conn())?;
    Ok(())
}

/// All pictures of this node are gone.
pub(crate) fn leave(tx: &mut Tx, boot: BootId) -> Result<()> {
    diesel::delete(pictures::table.filter(pictures::boot.eq(boot))).execute(tx.conn())?;
    Ok(())
}

/// The pictures of other nodes that are here.
pub(crate) fn of_others(conn: &mut Conn, boot: BootId) -> Result<Vec<Told>> {
    let here_after = time(conn)? - HERE_MS;
    let rows: Vec<(StreamId, BootId, Option<String>, String, bool)> = pictures::table
        .filter(pictures::boot.ne(boot).and(pictures::seen_at.ge(here_after)))
        .select((
            pictures::stream_id,
            pictures::boot,
            pictures::node_url,
            pictures::source,
            pictures::is_free,
        ))
        .limit(OTHERS_MAX)
        .load(conn)?;
    let told =
        |(stream_id, boot, node_url, source, is_free)| Told { stream_id, boot, node_url, source, is_free };
    Ok(rows.into_iter().map(told).collect())
}

/// Where a node is reached that has a picture now, if it says so.
pub(crate) fn node_url(conn: &mut Conn, boot: BootId) -> Result<Option<String>> {
    let found = pictures::table.filter(pictures::boot.eq(boot)).select(pictures::node_url).first(conn);
    Ok(found.optional()?.flatten())
}

/// The picture of a stream, if another node has it that is here.
pub(crate) fn elsewhere(conn: &mut Conn, boot: BootId, stream: StreamId) -> Result<Option<Told>> {
    let here_after = time(conn)? - HERE_MS;
    let row: Option<(BootId, Option<String>, String, bool)> = pictures::table
        .find(stream)
        .filter(pictures::boot.ne(boot).and(pictures::seen_at.ge(here_after)))
        .select((pictures::boot, pictures::node_url, pictures::source, pictures::is_free))
        .first(conn)
        .optional()?;
    Ok(row.map(|(boot, node_url, source, is_free)| Told {
        stream_id: stream,
        boot,
        node_url,
        source,
        is_free,
    }))
}

/// What decides about the pictures of these streams. Those that are gone are left out.
pub(crate) fn standing(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<Standing>> {
    let ids: Vec<String> = ids.iter().map(StreamId::to_string).collect();
    type Row = (StreamId, UserId, Status, Option<Millis>, Option<Millis>, i64, i64, i64, i64);
    let rows: Vec<Row> = streams::table
        .inner_join(users::table)
        .filter(streams::id.eq_any(&ids))
        .select((
            streams::id,
            streams::host_id,
            streams::status,
            users::disabled_at,
            users::deleted_at,
            streams::ingest_generation,
            users::ingest_generation,
            streams::rules_version,
            streams::news,
        ))
        .load(conn)?;
    let standing =
        |(stream, host, status, disabled_at, deleted_at, key, account_key, rules, news): Row| Standing {
            stream,
            host,
            status,
            has_host: disabled_at.is_none() && deleted_at.is_none(),
            key: KeyGeneration(key),
            account_key: KeyGeneration(account_key),
            rules: RulesVersion(rules),
            news: News(news),
        };
    Ok(rows.into_iter().map(standing).collect())
}
