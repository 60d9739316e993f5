//! Announcements to a room.
//! It must not know who may make them.

use crate::{
    domain::{AnnouncementId, Millis, StreamId, UserId},
    store::{
        Person,
        connection::Conn,
        error::{Error, Result},
        events::{self, NewEvent},
        schema::{announcements, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// The content of one that was taken down; no announcement is empty.
const REMOVED: &str = "";

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = announcements)]
pub(crate) struct Announcement {
    pub id: AnnouncementId,
    /// What is announced.
    pub content: String,
    #[diesel(embed)]
    pub user: Person,
    pub created_at: Millis,
    /// Whether it was made with the key of a bot.
    pub by_bot: bool,
}

/// Makes an announcement; with the name of its author goes whether it was a bot.
/// Errors: [`crate::store::Conflict::Dangling`] where the stream is gone.
pub(crate) fn create(
    tx: &mut Tx,
    stream_id: StreamId,
    id: AnnouncementId,
    (user_id, by_bot): (UserId, bool),
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
            announcements::by_bot.eq(by_bot),
        ))
        .execute(tx.conn())?;
    latest(tx, stream_id)?.ok_or(Error::NotFound)
}

/// Takes an announcement down: empties it, and puts `tombstone` at its place in the log. `false` where there is none.
pub(crate) fn remove(
    tx: &mut Tx,
    stream_id: StreamId,
    id: AnnouncementId,
    tombstone: &NewEvent,
) -> Result<bool> {
    let shown = announcements::table
        .filter(announcements::id.eq(id).and(announcements::stream_id.eq(stream_id)))
        .filter(announcements::content.ne(REMOVED));
    if diesel::update(shown).set(announcements::content.eq(REMOVED)).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    events::bury_announcement(tx, stream_id, id, tombstone)?;
    Ok(true)
}

/// The announcement of a stream that was made last; none where it was taken down, since those before it had their time.
pub(crate) fn latest(conn: &mut Conn, stream_id: StreamId) -> Result<Option<Announcement>> {
    let last: Option<Announcement> = announcements::table
        .inner_join(users::table)
        .filter(announcements::stream_id.eq(stream_id))
        .order(announcements::id.desc())
        .select(Announcement::as_select())
        .first(conn)
        .optional()?;
    Ok(last.filter(|last| last.content != REMOVED))
}
