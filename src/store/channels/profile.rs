//! What hosts say of themselves, and how many follow them.
//! It must not know who reads it.

use crate::{
    domain::{
        UserId,
        channel::{Link, LinkUrl},
        text::{Bio, LinkLabel},
    },
    store::{
        connection::{Conn, each},
        error::Result,
        schema::{channel_links, channels, follows},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// What a host says of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Empty where nothing was said.
    pub bio: String,
    pub links: Vec<Link>,
}

/// What a host says of themselves; nothing where there is no row of theirs yet.
pub(crate) fn read(conn: &mut Conn, host: UserId) -> Result<Profile> {
    let bio: Option<String> = channels::table.find(host).select(channels::bio).first(conn).optional()?;
    let links: Vec<(String, String)> = channel_links::table
        .filter(channel_links::host_id.eq(host))
        .order(channel_links::position)
        .select((channel_links::label, channel_links::url))
        .load(conn)?;
    let link = |(label, url)| Link { label: LinkLabel::from_stored(label), url: LinkUrl::from_stored(url) };
    Ok(Profile { bio: bio.unwrap_or_default(), links: links.into_iter().map(link).collect() })
}

/// Changes what a host says of themselves; none keeps. The channel is held.
pub(crate) fn update(tx: &mut Tx, host: UserId, bio: Option<&Bio>, links: Option<&[Link]>) -> Result<()> {
    if let Some(bio) = bio {
        diesel::update(channels::table.find(host)).set(channels::bio.eq(bio.as_str())).execute(tx.conn())?;
    }
    if let Some(links) = links {
        put_links(tx, host, links)?;
    }
    Ok(())
}

fn put_links(tx: &mut Tx, host: UserId, links: &[Link]) -> Result<()> {
    diesel::delete(channel_links::table.filter(channel_links::host_id.eq(host))).execute(tx.conn())?;
    let rows: Vec<_> = links
        .iter()
        .zip(0..)
        .map(|(link, position): (&Link, i32)| {
            (
                channel_links::host_id.eq(host),
                channel_links::position.eq(position),
                channel_links::label.eq(link.label.as_str()),
                channel_links::url.eq(link.url.as_str()),
            )
        })
        .collect();
    if !rows.is_empty() {
        each!(tx.conn(), conn => diesel::insert_into(channel_links::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// How many follow a host.
pub(crate) fn followers(conn: &mut Conn, host: UserId) -> Result<i64> {
    Ok(follows::table.filter(follows::host_id.eq(host)).count().get_result(conn)?)
}
