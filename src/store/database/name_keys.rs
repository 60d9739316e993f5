//! Keeps the keys of names true to the rule that folds them: where the rule has changed, they are made anew.
//! It must not know the rule.

use super::meta;
use crate::{
    domain::{UserId, Username, text::fold::RULE},
    store::{error::Result, schema::users, transaction::Tx},
};
use diesel::prelude::*;
use std::collections::HashSet;

const NAME: &str = "name_fold";

/// Folds all names anew where the keys are of another rule. Of accounts that look the same now, the oldest keeps the
/// name; the others are found by theirs exactly as it is written.
pub(crate) fn follow_the_rule(tx: &mut Tx) -> Result<()> {
    if meta::get(tx, NAME)?.as_deref() == Some(RULE) {
        return Ok(());
    }
    fold_anew(tx)?;
    meta::put(tx, NAME, RULE)
}

fn fold_anew(tx: &mut Tx) -> Result<()> {
    let accounts: Vec<(UserId, String, String)> = users::table
        .select((users::id, users::username, users::name_key))
        .order(users::id.asc())
        .load(tx.conn())?;
    let mut given = HashSet::with_capacity(accounts.len());
    let mut changed = Vec::new();
    for (id, username, old) in accounts {
        let keys = Username::from_stored(username).keys();
        let new = if given.insert(keys.folded.clone()) { keys.folded } else { keys.exact };
        if new != old {
            changed.push((id, new));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    log::info!("the rule that folds names has changed: {} of {} keys with it", changed.len(), given.len());
    // No key is another's for a moment, in whatever order they are written.
    for (id, _) in &changed {
        set_key(tx, *id, &format!("?{id}"))?;
    }
    changed.iter().try_for_each(|(id, key)| set_key(tx, *id, key))
}

fn set_key(tx: &mut Tx, id: UserId, key: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::name_key.eq(key)).execute(tx.conn())?;
    Ok(())
}
