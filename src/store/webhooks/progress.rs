//! How far webhooks have come: what they had, and how they fail.
//! It must not know when a failure is the last one.

use super::{deliveries, rows::Tried};
use crate::{
    domain::{Millis, NoticeId, Seq, StreamId, UserId, WebhookId, webhook::WebhookScope},
    store::{
        connection::each,
        error::Result,
        schema::{streams, webhook_cursors, webhook_notices, webhooks},
        transaction::Tx,
    },
};
use diesel::{prelude::*, sql_types::Text};
use std::collections::BTreeMap;

/// What a webhook has had since it was last stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub cursors: BTreeMap<StreamId, Seq>,
    pub notices: Vec<NoticeId>,
    pub tried: Vec<Tried>,
    /// Whether it has taken something after it had failed.
    pub has_recovered: bool,
}

impl Progress {
    /// Whether there is nothing to store but places that need no hurry.
    pub(crate) fn has_no_hurry(&self) -> bool {
        self.tried.is_empty() && self.notices.is_empty()
    }
}

/// Begins where all logs end that the webhook hears of.
pub(super) fn begin_at_the_heads(
    tx: &mut Tx,
    id: WebhookId,
    owner: UserId,
    scope: WebhookScope,
) -> Result<()> {
    let whose = match scope {
        WebhookScope::Channel => "host_id = $2",
        WebhookScope::Site => "$2 = $2",
    };
    let query = format!(
        "INSERT INTO webhook_cursors (webhook_id, stream_id, seq) \
         SELECT $1, id, last_seq FROM streams WHERE {whose} AND last_seq > 0 \
         ON CONFLICT (webhook_id, stream_id) DO UPDATE SET seq = excluded.seq"
    );
    diesel::sql_query(query)
        .bind::<Text, _>(id.to_string())
        .bind::<Text, _>(owner.to_string())
        .execute(tx.conn())?;
    Ok(())
}

/// Stores what a webhook had. A place never goes back, and what is gone meanwhile is no error.
pub(crate) fn store(tx: &mut Tx, id: WebhookId, progress: &Progress, now: Millis) -> Result<()> {
    let is_enabled: Option<bool> =
        webhooks::table.find(id).select(webhooks::enabled).first(tx.conn()).optional()?;
    let Some(is_enabled) = is_enabled else { return Ok(()) };
    for (stream, seq) in &progress.cursors {
        move_to(tx, id, *stream, *seq)?;
    }
    let had = progress.notices.iter().map(NoticeId::to_string);
    diesel::delete(webhook_notices::table.filter(webhook_notices::id.eq_any(had))).execute(tx.conn())?;
    for tried in &progress.tried {
        deliveries::note(tx, id, tried, now)?;
    }
    if !is_enabled {
        deliveries::give_up(tx, id)?;
    }
    if !progress.tried.is_empty() {
        deliveries::prune(tx, id)?;
    }
    if progress.has_recovered {
        diesel::update(webhooks::table.find(id))
            .set((
                webhooks::failing_since.eq(None::<i64>),
                webhooks::failures.eq(0),
                webhooks::next_at.eq(None::<i64>),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

fn move_to(tx: &mut Tx, id: WebhookId, stream: StreamId, seq: Seq) -> Result<()> {
    let there: Option<StreamId> =
        streams::table.find(stream).select(streams::id).first(tx.conn()).optional()?;
    if there.is_none() {
        return Ok(());
    }
    let row = (
        webhook_cursors::webhook_id.eq(id),
        webhook_cursors::stream_id.eq(stream),
        webhook_cursors::seq.eq(seq),
    );
    each!(tx.conn(), conn => {
        diesel::insert_into(webhook_cursors::table)
            .values(row)
            .on_conflict((webhook_cursors::webhook_id, webhook_cursors::stream_id))
            .do_nothing()
            .execute(conn)
    })?;
    diesel::update(webhook_cursors::table.find((id, stream)).filter(webhook_cursors::seq.lt(seq)))
        .set(webhook_cursors::seq.eq(seq))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that a webhook has failed once more, and when it is tried again.
pub(crate) fn fail(tx: &mut Tx, id: WebhookId, since: Millis, next_at: Millis) -> Result<()> {
    diesel::update(webhooks::table.filter(webhooks::id.eq(id).and(webhooks::enabled.eq(true))))
        .set((
            webhooks::failing_since.eq(since.0),
            webhooks::failures.eq(webhooks::failures + 1),
            webhooks::next_at.eq(next_at.0),
        ))
        .execute(tx.conn())?;
    Ok(())
}
