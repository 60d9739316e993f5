//! The site's own logo. What was decided for the site says whether there is one; its bytes lie in a table of their own.
//! It must not know how an image is coded.

use super::settings::{self, Decided};
use crate::{
    domain::{Millis, accounts::image::Image},
    store::{connection::Conn, error::Result, schema::site_images, transaction::Tx},
};
use diesel::prelude::*;

const LOGO: &str = "logo";

/// Gives the site a logo in the place of the one it had, or takes that away; what is decided for the site then.
pub(crate) fn decide(tx: &mut Tx, logo: Option<&Image>, now: Millis) -> Result<Decided> {
    // The site's row first: of two who decide at once each takes its turn.
    let decided = settings::decide_logo(tx, logo.map(|image| image.version.as_str()))?;
    diesel::delete(site_images::table.find(LOGO)).execute(tx.conn())?;
    if let Some(image) = logo {
        let row = (
            site_images::kind.eq(LOGO),
            site_images::bytes.eq(&image.bytes),
            site_images::updated_at.eq(now),
        );
        diesel::insert_into(site_images::table).values(row).execute(tx.conn())?;
    }
    Ok(decided)
}

/// As it is served.
pub(crate) fn read(conn: &mut Conn) -> Result<Option<Vec<u8>>> {
    Ok(site_images::table.find(LOGO).select(site_images::bytes).first(conn).optional()?)
}
