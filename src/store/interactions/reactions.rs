//! Totals of reactions.
//! It must not know who reacted: nobody keeps that.

use crate::{
    domain::{ReactionKind, StreamId},
    store::{
        connection::{Conn, each},
        error::Result,
        schema::reactions,
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Adds to the totals of a stream; gives those that have changed.
/// Errors: [`crate::store::Conflict::Dangling`] where the stream is gone.
pub(crate) fn add(
    tx: &mut Tx,
    stream_id: StreamId,
    new: &[(ReactionKind, u32)],
) -> Result<Vec<(ReactionKind, i64)>> {
    // One row a kind, in the order of kinds: fewer writes, and nobody waits in a circle.
    let mut sums: BTreeMap<ReactionKind, i64> = BTreeMap::new();
    for &(kind, count) in new {
        *sums.entry(kind).or_default() += i64::from(count);
    }
    sums.into_iter().map(|(kind, sum)| Ok((kind, add_one(tx, stream_id, kind, sum)?))).collect()
}

fn add_one(tx: &mut Tx, stream_id: StreamId, kind: ReactionKind, count: i64) -> Result<i64> {
    let row = (reactions::stream_id.eq(stream_id), reactions::kind.eq(kind), reactions::total.eq(count));
    let total = each!(tx.conn(), conn => diesel::insert_into(reactions::table)
        .values(row)
        .on_conflict((reactions::stream_id, reactions::kind))
        .do_update()
        .set(reactions::total.eq(reactions::total + count))
        .returning(reactions::total)
        .get_result(conn))?;
    Ok(total)
}

/// The totals of streams; a kind or stream without any is left out.
pub(crate) fn totals(
    conn: &mut Conn,
    ids: &[StreamId],
) -> Result<HashMap<StreamId, Vec<(ReactionKind, i64)>>> {
    let ids = ids.iter().map(StreamId::to_string);
    let rows: Vec<(StreamId, ReactionKind, i64)> = reactions::table
        .filter(reactions::stream_id.eq_any(ids))
        .select((reactions::stream_id, reactions::kind, reactions::total))
        .load(conn)?;
    let mut totals: HashMap<StreamId, Vec<(ReactionKind, i64)>> = HashMap::new();
    for (id, kind, total) in rows {
        totals.entry(id).or_default().push((kind, total));
    }
    Ok(totals)
}
