//! What waits for webhooks and stands in no log: a row for each webhook that wants it, in the transaction of what it tells.
//! It must not know what a payload says.

use super::rows::Subject;
use crate::{
    domain::{
        NoticeId, StreamId, UserId, WebhookId,
        webhook::{DisabledReason, EventName, WantedEvents, WebhookScope},
    },
    store::{
        connection::{Conn, each},
        error::Result,
        schema::{webhook_deliveries, webhook_notices, webhooks},
        transaction::Tx,
    },
};
use diesel::{dsl::count_star, prelude::*};

/// Most notices that wait for one webhook. With more of them it is too far behind.
pub(crate) const WAITING_MAX: i64 = 10_000;

/// Tells the webhooks that want it.
pub(crate) fn tell(tx: &mut Tx, host: Option<UserId>, event: EventName, subject: &Subject) -> Result<()> {
    hearers(tx, host, event)?.into_iter().try_for_each(|webhook| put(tx, webhook, subject, false))
}

/// The webhooks that want an event: of the host's channel, where it happened in one, and of the site.
pub(crate) fn hearers(conn: &mut Conn, host: Option<UserId>, event: EventName) -> Result<Vec<WebhookId>> {
    let at_work = webhooks::table.filter(webhooks::enabled.eq(true)).select((webhooks::id, webhooks::events));
    let mut found: Vec<(WebhookId, WantedEvents)> =
        at_work.filter(webhooks::scope.eq(WebhookScope::Site)).load(conn)?;
    if let Some(host) = host {
        let theirs = at_work.filter(webhooks::owner_id.eq(host));
        let of_channel: Vec<(WebhookId, WantedEvents)> =
            theirs.filter(webhooks::scope.eq(WebhookScope::Channel)).load(conn)?;
        found.extend(of_channel);
    }
    Ok(found.into_iter().filter(|(_, events)| events.has(event)).map(|(webhook, _)| webhook).collect())
}

/// Has something wait for a webhook; what is `once` is tried at once, and once.
pub(crate) fn put(tx: &mut Tx, webhook: WebhookId, subject: &Subject, once: bool) -> Result<()> {
    let id = NoticeId::new();
    let message =
        if subject.message.is_empty() { format!("msg_{}", id.0.simple()) } else { subject.message.clone() };
    let row = (
        webhook_notices::id.eq(id),
        webhook_notices::webhook_id.eq(webhook),
        webhook_notices::at.eq(subject.at),
        webhook_notices::once.eq(once),
        webhook_notices::message.eq(message),
        webhook_notices::kind.eq(&subject.kind),
        webhook_notices::stream_id.eq(subject.stream_id.map(|id| id.to_string())),
        webhook_notices::seq.eq(subject.seq.map(|seq| seq.0)),
        webhook_notices::comment_id.eq(subject.comment_id.map(|id| id.to_string())),
        webhook_notices::user_id.eq(subject.user_id.map(|id| id.to_string())),
        webhook_notices::payload.eq(&subject.payload),
    );
    each!(tx.conn(), conn => diesel::insert_into(webhook_notices::table).values(row).execute(conn))?;
    Ok(())
}

/// What waits for a webhook is not sent any more.
pub(super) fn forget(tx: &mut Tx, webhook: WebhookId) -> Result<()> {
    let theirs = webhook_notices::table.filter(webhook_notices::webhook_id.eq(webhook));
    diesel::delete(theirs).execute(tx.conn())?;
    Ok(())
}

/// A stream is gone: what told that it is there tells its end, in this kind and payload, and all else of it is not sent.
pub(crate) fn bury_stream(tx: &mut Tx, id: StreamId, kind: &str, payload: &str) -> Result<()> {
    let of_stream = webhook_notices::stream_id.eq(id.to_string());
    let made = webhook_notices::kind.eq(EventName::StreamCreated.as_str());
    diesel::delete(
        webhook_notices::table
            .filter(of_stream.clone())
            .filter(webhook_notices::kind.ne(EventName::StreamCreated.as_str())),
    )
    .execute(tx.conn())?;
    diesel::update(webhook_notices::table.filter(of_stream).filter(made))
        .set((webhook_notices::kind.eq(kind), webhook_notices::payload.eq(payload)))
        .execute(tx.conn())?;
    let waiting =
        webhook_deliveries::stream_id.eq(id.to_string()).and(webhook_deliveries::status.eq("waiting"));
    diesel::update(webhook_deliveries::table.filter(waiting))
        .set((webhook_deliveries::status.eq("failed"), webhook_deliveries::next_at.eq(None::<i64>)))
        .execute(tx.conn())?;
    Ok(())
}

/// The webhooks for which more waits than is kept.
pub(crate) fn too_many(conn: &mut Conn) -> Result<Vec<WebhookId>> {
    Ok(webhook_notices::table
        .group_by(webhook_notices::webhook_id)
        .having(count_star().gt(WAITING_MAX))
        .select(webhook_notices::webhook_id)
        .load(conn)?)
}

/// How many notices wait, of all webhooks, and how many webhooks fail and are disabled by the server.
pub(crate) fn counted(conn: &mut Conn) -> Result<(i64, i64, i64)> {
    let waiting: i64 = webhook_notices::table.count().get_result(conn)?;
    let failing = webhooks::table.filter(webhooks::enabled.eq(true).and(webhooks::failures.gt(0)));
    let disabled = webhooks::table.filter(webhooks::enabled.eq(false));
    let by_itself = disabled.filter(webhooks::disabled_reason.ne(DisabledReason::ByOwner));
    Ok((waiting, failing.count().get_result(conn)?, by_itself.count().get_result(conn)?))
}

/// A notice that waits.
#[derive(Queryable)]
pub(crate) struct Waiting {
    pub id: NoticeId,
    /// Whether it is tried at once, and once.
    pub once: bool,
    pub subject: Subject,
}

/// The first notice of a webhook, but for those that were delivered already; those that are tried at once come before all others.
pub(super) fn first(
    conn: &mut Conn,
    webhook: WebhookId,
    done: &[NoticeId],
    once_alone: bool,
) -> Result<Option<Waiting>> {
    match of_kind(conn, webhook, done, true)? {
        Some(waiting) => Ok(Some(waiting)),
        None if once_alone => Ok(None),
        None => of_kind(conn, webhook, done, false),
    }
}

fn of_kind(conn: &mut Conn, webhook: WebhookId, done: &[NoticeId], is_once: bool) -> Result<Option<Waiting>> {
    let row: Option<Waiting> = webhook_notices::table
        .filter(webhook_notices::webhook_id.eq(webhook).and(webhook_notices::once.eq(is_once)))
        .filter(webhook_notices::id.ne_all(done.iter().map(NoticeId::to_string).collect::<Vec<_>>()))
        .order((webhook_notices::at, webhook_notices::id))
        .select((
            webhook_notices::id,
            webhook_notices::once,
            (
                webhook_notices::at,
                webhook_notices::message,
                webhook_notices::kind,
                webhook_notices::stream_id,
                webhook_notices::seq,
                webhook_notices::comment_id,
                webhook_notices::user_id,
                webhook_notices::payload,
            ),
        ))
        .first(conn)
        .optional()?;
    Ok(row)
}
