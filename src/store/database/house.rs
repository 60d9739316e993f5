//! Which house a database is of, and by which key its tokens are signed: all servers on it share both.
//! It must not know a key, but what tells it from others.

use super::meta;
use crate::store::{
    connection::each,
    error::{Error, Result},
    schema::meta as meta_table,
    transaction::Tx,
};
use data_encoding::BASE32_NOPAD;
use diesel::prelude::*;

/// The id of the house, which names what its servers share elsewhere.
const HOUSE: &str = "house";
/// What tells the key apart.
const KEY: &str = "key_print";
/// Of a house id, which is 8 characters.
const RANDOM_BYTES: usize = 5;

/// The id of the house, made once.
pub(crate) fn id(tx: &mut Tx) -> Result<String> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| Error::Internal(Box::new(error)))?;
    first(tx, HOUSE, &BASE32_NOPAD.encode(&random).to_lowercase())
}

/// Sees that this server signs as the others do: by the same key, or by the one that follows theirs.
/// Errors: [`Error::Unusable`] where it is another one.
pub(crate) fn share_key(tx: &mut Tx, current: &str, previous: Option<&str>) -> Result<()> {
    let known = first(tx, KEY, current)?;
    if known == current {
        return Ok(());
    }
    if Some(known.as_str()) == previous {
        return meta::put(tx, KEY, current);
    }
    Err(Error::Unusable(
        "the database is used with another secret key: give this server the key of the others, or theirs as \
         LIVEHOUSE_SECRET_KEY_PREVIOUS; where that key is lost and no other server runs, \
         DELETE FROM meta WHERE name = 'key_print'"
            .to_owned(),
    ))
}

/// What is kept under a name, or this from now on. Of two servers that start at once the second keeps the first one's.
fn first(tx: &mut Tx, name: &str, value: &str) -> Result<String> {
    each!(tx.conn(), conn => diesel::insert_into(meta_table::table)
        .values((meta_table::name.eq(name), meta_table::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    meta::get(tx, name)?.ok_or(Error::NotFound)
}
