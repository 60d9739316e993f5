//! How far streams have come: what a server compares its rooms with, to find out what other servers have written.
//! It must not know what a room does about it.

use crate::{
    domain::{News, RulesVersion, Seq, StreamId},
    store::{
        connection::Conn,
        error::Result,
        schema::{channels, reactions, streams},
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

/// How far a stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub stream: StreamId,
    /// The last number in its log.
    pub seq: Seq,
    pub rules: RulesVersion,
    /// Changes of what is not in the log.
    pub news: News,
    /// Changes in the channel that the log of a stream does not say once it is over.
    pub channel_news: News,
    /// Reactions of all kinds together.
    pub reactions: i64,
}

/// Id, last number, rules, news.
type Columns = (StreamId, Seq, i64, i64);

/// How far these streams have come. Those that are gone are left out.
pub(crate) fn of(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<Head>> {
    let ids: Vec<String> = ids.iter().map(StreamId::to_string).collect();
    let totals: Vec<(StreamId, i64)> = reactions::table
        .filter(reactions::stream_id.eq_any(&ids))
        .select((reactions::stream_id, reactions::total))
        .load(conn)?;
    let mut reactions: HashMap<StreamId, i64> = HashMap::new();
    for (stream, total) in totals {
        *reactions.entry(stream).or_default() += total;
    }
    let columns = (streams::id, streams::last_seq, streams::rules_version, streams::news);
    let rows: Vec<(Columns, Option<i64>)> = streams::table
        .left_join(channels::table)
        .filter(streams::id.eq_any(&ids))
        .select((columns, channels::news.nullable()))
        .load(conn)?;
    let head = |((stream, seq, rules, news), of_channel): (Columns, Option<i64>)| Head {
        stream,
        seq,
        rules: RulesVersion(rules),
        news: News(news),
        channel_news: News(of_channel.unwrap_or(0)),
        reactions: reactions.get(&stream).copied().unwrap_or(0),
    };
    Ok(rows.into_iter().map(head).collect())
}
