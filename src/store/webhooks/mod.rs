//! Webhooks: what they are, how far each is in the logs, and what waits for them that stands in no log.
//! It must not know how anything is written or sent, nor what a secret is made of.

pub(crate) mod deliveries;
pub(crate) mod notices;
pub(crate) mod progress;
pub(crate) mod queue;
mod rows;
pub(crate) mod turns;

use super::{
    accounts::users as users_of_house,
    connection::Conn,
    error::{Conflict, Error, Result, found},
    page::{Page, one_more},
    schema::webhooks,
    transaction::Tx,
};
use crate::domain::{
    Millis, UserId, WebhookId,
    webhook::{DisabledReason, Preset, WEBHOOKS_MAX, WantedEvents, WebhookScope},
};
use diesel::prelude::*;

pub(crate) use rows::{NewWebhook, Patch, Subject, Tried, Webhook};

/// How long the secret before a rotation signs, too, in seconds.
const PREVIOUS_SIGNS_S: i64 = 24 * 3600;

/// Gives an account a webhook, which hears what happens from now on.
/// Errors: [`Conflict::TooMany`] where it has as many as it may; [`Error::NotFound`] where it is gone.
pub(crate) fn create(tx: &mut Tx, new: &NewWebhook, now: Millis) -> Result<Webhook> {
    users_of_house::lock(tx, new.owner_id)?;
    let count: i64 =
        webhooks::table.filter(webhooks::owner_id.eq(new.owner_id)).count().get_result(tx.conn())?;
    if count >= WEBHOOKS_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    diesel::insert_into(webhooks::table)
        .values((
            webhooks::id.eq(new.id),
            webhooks::owner_id.eq(new.owner_id),
            webhooks::url.eq(&new.url),
            webhooks::events.eq(&new.events),
            webhooks::scope.eq(new.scope),
            webhooks::preset.eq(new.preset.map(Preset::as_str)),
            webhooks::enabled.eq(true),
            webhooks::secret_version.eq(0),
            webhooks::created_at.eq(now),
            webhooks::failures.eq(0),
        ))
        .execute(tx.conn())?;
    progress::begin_at_the_heads(tx, new.id, new.owner_id, new.scope)?;
    one(tx, new.owner_id, new.id)?.ok_or(Error::NotFound)
}

/// The webhooks of an account, latest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    owner: UserId,
    after: Option<WebhookId>,
    limit: usize,
) -> Result<Page<Webhook, WebhookId>> {
    let mut query = webhooks::table
        .filter(webhooks::owner_id.eq(owner))
        .order(webhooks::id.desc())
        .limit(one_more(limit))
        .select(Webhook::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(webhooks::id.lt(after));
    }
    let rows: Vec<Webhook> = query.load(conn)?;
    Ok(Page::cut(rows, limit, |webhook| webhook.id))
}

/// One of the webhooks of an account.
pub(crate) fn one(conn: &mut Conn, owner: UserId, id: WebhookId) -> Result<Option<Webhook>> {
    let theirs = webhooks::table.filter(webhooks::id.eq(id).and(webhooks::owner_id.eq(owner)));
    Ok(theirs.select(Webhook::as_select()).first(conn).optional()?)
}

/// Edits a webhook. One that is enabled again hears what happens from now on, and has not failed yet.
/// Errors: [`Error::NotFound`] where the account has no such webhook.
pub(crate) fn edit(tx: &mut Tx, owner: UserId, id: WebhookId, patch: &Patch) -> Result<Webhook> {
    let before = one(tx, owner, id)?.ok_or(Error::NotFound)?;
    if patch.url.is_some() || patch.events.is_some() {
        let row = webhooks::table.find(id);
        let url = patch.url.as_deref().unwrap_or(&before.url);
        let events: &WantedEvents = patch.events.as_ref().unwrap_or(&before.events);
        diesel::update(row).set((webhooks::url.eq(url), webhooks::events.eq(events))).execute(tx.conn())?;
        // Another address is tried at once.
        deliveries::hurry(tx, id)?;
    }
    match patch.enabled {
        Some(true) if !before.enabled => enable(tx, &before)?,
        Some(false) if before.enabled => disable(tx, id, DisabledReason::ByOwner).map(drop)?,
        _ => {}
    }
    one(tx, owner, id)?.ok_or(Error::NotFound)
}

fn enable(tx: &mut Tx, webhook: &Webhook) -> Result<()> {
    diesel::update(webhooks::table.find(webhook.id))
        .set((
            webhooks::enabled.eq(true),
            webhooks::disabled_reason.eq(None::<&str>),
            webhooks::failing_since.eq(None::<i64>),
            webhooks::failures.eq(0),
            webhooks::next_at.eq(None::<i64>),
        ))
        .execute(tx.conn())?;
    progress::begin_at_the_heads(tx, webhook.id, webhook.owner_id, webhook.scope)
}

/// Stops a webhook, for a reason; what waited for it is forgotten. Whether it was at work.
pub(crate) fn disable(tx: &mut Tx, id: WebhookId, reason: DisabledReason) -> Result<bool> {
    let at_work = webhooks::table.filter(webhooks::id.eq(id).and(webhooks::enabled.eq(true)));
    let changed = diesel::update(at_work)
        .set((
            webhooks::enabled.eq(false),
            webhooks::disabled_reason.eq(reason),
            webhooks::next_at.eq(None::<i64>),
        ))
        .execute(tx.conn())?;
    notices::forget(tx, id)?;
    deliveries::give_up(tx, id)?;
    Ok(changed > 0)
}

/// Deletes a webhook with all that waits for it.
/// Errors: [`Error::NotFound`] where the account has no such webhook.
pub(crate) fn delete(tx: &mut Tx, owner: UserId, id: WebhookId) -> Result<()> {
    let theirs = webhooks::table.filter(webhooks::id.eq(id).and(webhooks::owner_id.eq(owner)));
    found(diesel::delete(theirs).execute(tx.conn())?)
}

/// Removes all webhooks of an account that is no more.
pub(crate) fn remove_all(conn: &mut Conn, owner: UserId) -> Result<()> {
    diesel::delete(webhooks::table.filter(webhooks::owner_id.eq(owner))).execute(conn)?;
    Ok(())
}

/// Gives a webhook another secret; the one before signs beside it for a day.
/// Errors: [`Error::NotFound`] where the account has no such webhook.
pub(crate) fn rotate_secret(tx: &mut Tx, owner: UserId, id: WebhookId, now: Millis) -> Result<Webhook> {
    let theirs = webhooks::table.filter(webhooks::id.eq(id).and(webhooks::owner_id.eq(owner)));
    let changed = diesel::update(theirs).set((
        webhooks::secret_version.eq(webhooks::secret_version + 1),
        webhooks::previous_until.eq(now.plus_s(PREVIOUS_SIGNS_S).0),
    ));
    found(changed.execute(tx.conn())?)?;
    one(tx, owner, id)?.ok_or(Error::NotFound)
}

/// Whether webhooks of this scope are its owner's right: an account in force, and of the site those of administrators alone.
pub(crate) fn is_right_of(owner: &crate::store::User, scope: WebhookScope) -> bool {
    owner.is_active() && (scope == WebhookScope::Channel || owner.is_admin)
}
