//! What webhooks were told lately: the last tries of each, to look at, and to be told again.
//! It must not know what was told, nor keep it: it has where that is found.

use super::{
    notices,
    rows::{Subject, Tried},
};
use crate::{
    domain::{
        DeliveryId, Millis, WebhookId,
        webhook::{DELIVERIES_KEPT, DeliveryStatus},
    },
    store::{
        connection::{Conn, each},
        error::{Error, Result},
        page::{Page, one_more},
        schema::{webhook_deliveries, webhooks},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// A delivery as the owner of its webhook sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
pub(crate) struct Delivery {
    pub id: DeliveryId,
    /// The id by which the receiver knows it.
    pub message: String,
    /// The name of the event.
    pub kind: String,
    pub status: DeliveryStatus,
    pub attempts: i64,
    /// How the other side answered last; none where it did not.
    pub last_status: Option<i64>,
    /// Why it did not.
    pub last_error: Option<String>,
    /// When it is tried again.
    pub next_at: Option<Millis>,
    pub created_at: Millis,
}

/// The deliveries of a webhook, latest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    webhook: WebhookId,
    after: Option<DeliveryId>,
    limit: usize,
) -> Result<Page<Delivery, DeliveryId>> {
    let mut query = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .order(webhook_deliveries::id.desc())
        .limit(one_more(limit))
        .select(Delivery::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(webhook_deliveries::id.lt(after));
    }
    let rows: Vec<Delivery> = query.load(conn)?;
    Ok(Page::cut(rows, limit, |delivery| delivery.id))
}

/// Notes a try: a row for each message, which counts its attempts.
pub(super) fn note(tx: &mut Tx, webhook: WebhookId, tried: &Tried, now: Millis) -> Result<()> {
    let of_message = webhook_deliveries::table.filter(
        webhook_deliveries::webhook_id
            .eq(webhook)
            .and(webhook_deliveries::message.eq(&tried.subject.message)),
    );
    let outcome = (
        webhook_deliveries::status.eq(tried.status),
        webhook_deliveries::last_status.eq(tried.last_status.map(i64::from)),
        webhook_deliveries::last_error.eq(tried.last_error),
        webhook_deliveries::next_at.eq(tried.next_at.map(|at| at.0)),
    );
    let counted = diesel::update(of_message)
        .set((outcome, webhook_deliveries::attempts.eq(webhook_deliveries::attempts + 1)))
        .execute(tx.conn())?;
    if counted == 0 {
        insert(tx, webhook, tried, now, 1)?;
    }
    Ok(())
}

fn insert(tx: &mut Tx, webhook: WebhookId, tried: &Tried, now: Millis, attempts: i64) -> Result<DeliveryId> {
    let (id, subject) = (DeliveryId::new(), &tried.subject);
    let row = (
        webhook_deliveries::id.eq(id),
        webhook_deliveries::webhook_id.eq(webhook),
        webhook_deliveries::at.eq(subject.at),
        webhook_deliveries::message.eq(&subject.message),
        webhook_deliveries::kind.eq(&subject.kind),
        (
            webhook_deliveries::stream_id.eq(subject.stream_id.map(|id| id.to_string())),
            webhook_deliveries::seq.eq(subject.seq.map(|seq| seq.0)),
            webhook_deliveries::comment_id.eq(subject.comment_id.map(|id| id.to_string())),
            webhook_deliveries::user_id.eq(subject.user_id.map(|id| id.to_string())),
            webhook_deliveries::payload.eq(&subject.payload),
        ),
        webhook_deliveries::status.eq(tried.status),
        webhook_deliveries::attempts.eq(attempts),
        webhook_deliveries::last_status.eq(tried.last_status.map(i64::from)),
        webhook_deliveries::last_error.eq(tried.last_error),
        webhook_deliveries::next_at.eq(tried.next_at.map(|at| at.0)),
        webhook_deliveries::created_at.eq(now),
    );
    each!(tx.conn(), conn => diesel::insert_into(webhook_deliveries::table).values(row).execute(conn))?;
    Ok(id)
}

/// Forgets all but the last ones.
pub(super) fn prune(tx: &mut Tx, webhook: WebhookId) -> Result<()> {
    let theirs = || webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(webhook));
    let last: Option<DeliveryId> = theirs()
        .order(webhook_deliveries::id.desc())
        .offset(DELIVERIES_KEPT)
        .select(webhook_deliveries::id)
        .first(tx.conn())
        .optional()?;
    if let Some(last) = last {
        diesel::delete(theirs().filter(webhook_deliveries::id.le(last))).execute(tx.conn())?;
    }
    Ok(())
}

/// What waited is not tried any more.
pub(super) fn give_up(tx: &mut Tx, webhook: WebhookId) -> Result<()> {
    let waiting = webhook_deliveries::webhook_id
        .eq(webhook)
        .and(webhook_deliveries::status.eq(DeliveryStatus::Waiting));
    diesel::update(webhook_deliveries::table.filter(waiting))
        .set((
            webhook_deliveries::status.eq(DeliveryStatus::Failed),
            webhook_deliveries::next_at.eq(None::<i64>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has something be told to a webhook at once, and once; as it is noted.
pub(crate) fn tell_once(tx: &mut Tx, webhook: WebhookId, subject: Subject, now: Millis) -> Result<Delivery> {
    let (status, next_at) = (DeliveryStatus::Waiting, Some(now));
    let waits = Tried { subject, status, last_status: None, last_error: None, next_at };
    let id = insert(tx, webhook, &waits, now, 0)?;
    notices::put(tx, webhook, &waits.subject, true)?;
    prune(tx, webhook)?;
    one(tx, webhook, id)
}

/// Has a delivery be tried at once: what waits where its turn is, what is over once more.
/// Errors: [`Error::NotFound`] where the webhook has no such delivery.
pub(crate) fn retry(tx: &mut Tx, webhook: WebhookId, id: DeliveryId, now: Millis) -> Result<Delivery> {
    let theirs = || {
        webhook_deliveries::table
            .filter(webhook_deliveries::id.eq(id).and(webhook_deliveries::webhook_id.eq(webhook)))
    };
    let found: Option<(DeliveryStatus, Subject)> =
        theirs().select((webhook_deliveries::status, Subject::as_select())).first(tx.conn()).optional()?;
    let (status, subject) = found.ok_or(Error::NotFound)?;
    if status == DeliveryStatus::Waiting {
        hurry(tx, webhook)?;
    } else {
        notices::put(tx, webhook, &subject, true)?;
    }
    diesel::update(theirs())
        .set((webhook_deliveries::status.eq(DeliveryStatus::Waiting), webhook_deliveries::next_at.eq(now.0)))
        .execute(tx.conn())?;
    one(tx, webhook, id)
}

fn one(conn: &mut Conn, webhook: WebhookId, id: DeliveryId) -> Result<Delivery> {
    let theirs = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(id).and(webhook_deliveries::webhook_id.eq(webhook)));
    Ok(theirs.select(Delivery::as_select()).first(conn)?)
}

/// Has a webhook that fails be tried at once.
pub(super) fn hurry(tx: &mut Tx, id: WebhookId) -> Result<()> {
    diesel::update(webhooks::table.find(id)).set(webhooks::next_at.eq(None::<i64>)).execute(tx.conn())?;
    Ok(())
}
