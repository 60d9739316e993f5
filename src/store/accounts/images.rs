//! The avatars and covers of accounts. An account's row says which it has; the bytes lie in a table of their own.
//! It must not know how an image is coded.

use super::users::User;
use crate::{
    domain::{
        Millis, UserId,
        accounts::image::{Image, ImageKind},
    },
    store::{
        connection::Conn,
        error::{Result, found},
        schema::{images, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Gives an account an image in the place of the one it had: the account as it is now.
/// Errors: [`crate::store::Error::NotFound`] where there is no such account.
pub(crate) fn put(tx: &mut Tx, user: UserId, kind: ImageKind, image: &Image, now: Millis) -> Result<User> {
    // The account's row first: two who change it at once take their turns.
    set_version(tx, user, kind, Some(&image.version))?;
    diesel::delete(images::table.find((user, kind))).execute(tx.conn())?;
    let row = (
        images::user_id.eq(user),
        images::kind.eq(kind),
        images::bytes.eq(&image.bytes),
        images::updated_at.eq(now),
    );
    diesel::insert_into(images::table).values(row).execute(tx.conn())?;
    Ok(users::table.find(user).select(User::as_select()).first(tx.conn())?)
}

/// Takes an image of an account away, if it has one.
/// Errors: [`crate::store::Error::NotFound`] where there is no such account.
pub(crate) fn delete(tx: &mut Tx, user: UserId, kind: ImageKind) -> Result<()> {
    set_version(tx, user, kind, None)?;
    diesel::delete(images::table.find((user, kind))).execute(tx.conn())?;
    Ok(())
}

/// The image of an account.
pub(crate) fn read(conn: &mut Conn, user: UserId, kind: ImageKind) -> Result<Option<Vec<u8>>> {
    Ok(images::table.find((user, kind)).select(images::bytes).first(conn).optional()?)
}

fn set_version(tx: &mut Tx, user: UserId, kind: ImageKind, version: Option<&str>) -> Result<()> {
    let there = diesel::update(users::table.filter(users::id.eq(user).and(users::deleted_at.is_null())));
    found(match kind {
        ImageKind::Avatar => there.set(users::avatar_version.eq(version)).execute(tx.conn())?,
        ImageKind::Cover => there.set(users::cover_version.eq(version)).execute(tx.conn())?,
    })
}
