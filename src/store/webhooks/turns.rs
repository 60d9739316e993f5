//! Which of several nodes delivers a webhook: one at a time, for a while that it renews, and that lapses when it is gone.
//! It must not know what is delivered.

use crate::{
    domain::{BootId, WebhookId},
    store::{error::Result, schema::webhooks, streams, transaction::Tx},
};
use diesel::prelude::*;

/// Those of these webhooks that this node delivers for the next `lease_ms` milliseconds: no other one does.
pub(crate) fn claim(tx: &mut Tx, ids: &[WebhookId], node: BootId, lease_ms: i64) -> Result<Vec<WebhookId>> {
    let now = streams::now(tx)?;
    let is_free =
        webhooks::node.is_null().or(webhooks::node.eq(node.to_string())).or(webhooks::node_until.lt(now.0));
    let wanted = webhooks::table.filter(webhooks::id.eq_any(ids.iter().map(WebhookId::to_string)));
    Ok(diesel::update(wanted.filter(webhooks::enabled.eq(true)).filter(is_free))
        .set((webhooks::node.eq(node.to_string()), webhooks::node_until.eq(now.0 + lease_ms)))
        .returning(webhooks::id)
        .get_results(tx.conn())?)
}

/// Lets others deliver what this node has delivered.
pub(crate) fn release(tx: &mut Tx, node: BootId) -> Result<()> {
    let theirs = webhooks::table.filter(webhooks::node.eq(node.to_string()));
    let none = (webhooks::node.eq(None::<&str>), webhooks::node_until.eq(None::<i64>));
    diesel::update(theirs).set(none).execute(tx.conn())?;
    Ok(())
}
