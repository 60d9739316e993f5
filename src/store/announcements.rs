//! Announcements to a room.
//! It must not know who may make them.

use super::{
    conn::Conn,
    error::{Error, Result},
    schema::{announcements, users},
    tx::Tx,
    users::Person,
};
use crate::domain::{
    ids::{AnnouncementId, StreamId, UserId},
    time::Millis,
};
use diesel::prelude::*;

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = announcements)]
pub struct Announcement {
    /// Which.
    pub id: AnnouncementId,
    /// What is announced.
    pub content: String,
    /// By whom.
    #[diesel(embed)]
    pub user: Person,
    /// When.
    pub created_at: Millis,
}

/// Makes an announcement.
///
/// # Errors
/// [`super::Conflict::Dangling`] where the stream is gone.
pub fn create(
    tx: &mut Tx,
    stream_id: StreamId,
    id: AnnouncementId,
    user_id: UserId,
    content: &str,
    now: Millis,
) -> Result<Announcement> {
    diesel::insert_into(announcements::table)
        .values((
            announcements::id.eq(id),
            announcements::stream_id.eq(stream_id),
            announcements::user_id.eq(user_id),
            announcements::content.eq(content),
            announcements::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    latest(tx, stream_id)?.ok_or(Error::NotFound)
}

/// The announcement of a stream that was made last.
///
/// # Errors
/// Those of the database.
pub fn latest(conn: &mut Conn, stream_id: StreamId) -> Result<Option<Announcement>> {
    Ok(announcements::table
        .inner_join(users::table)
        .filter(announcements::stream_id.eq(stream_id))
        .order(announcements::id.desc())
        .select(Announcement::as_select())
        .first(conn)
        .optional()?)
}
