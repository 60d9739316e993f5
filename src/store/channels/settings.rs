//! Settings of a channel, and which of its settings a stream has of its own.
//! It must not know what they mean.

use crate::{
    domain::{
        Settings, StreamId, UserId,
        stream::settings::{CommentsBy, LinkPolicy, SettingName, SomeSettings},
    },
    store::{
        connection::Conn,
        error::{Result, found},
        schema::{channels, streams as rows},
        streams,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Null is what the host has not set.
#[derive(Queryable, Selectable)]
#[diesel(table_name = channels)]
struct SomeColumns {
    comments_by: Option<CommentsBy>,
    slow_mode_s: Option<i32>,
    min_account_age_s: Option<i32>,
    repeat_window_s: Option<i32>,
    links: Option<LinkPolicy>,
    hold_all: Option<bool>,
}

impl From<SomeColumns> for SomeSettings {
    fn from(row: SomeColumns) -> Self {
        let seconds = |seconds: Option<i32>| seconds.map(|seconds| seconds as u32);
        SomeSettings {
            comments: row.comments_by,
            slow_mode_s: seconds(row.slow_mode_s),
            min_account_age_s: seconds(row.min_account_age_s),
            repeat_window_s: seconds(row.repeat_window_s),
            links: row.links,
            hold_all: row.hold_all,
        }
    }
}

/// The settings that a host has set for all streams.
pub(crate) fn of_channel(conn: &mut Conn, host: UserId) -> Result<SomeSettings> {
    let row = channels::table.find(host).select(SomeColumns::as_select());
    let row: Option<SomeColumns> = row.first(conn).optional()?;
    Ok(row.map(SomeSettings::from).unwrap_or_default())
}

/// Keeps the settings of a channel, which is held.
pub(crate) fn put(tx: &mut Tx, host: UserId, some: SomeSettings) -> Result<()> {
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| seconds as i32);
    let columns = (
        channels::comments_by.eq(some.comments.map(CommentsBy::as_str)),
        channels::slow_mode_s.eq(seconds(some.slow_mode_s)),
        channels::min_account_age_s.eq(seconds(some.min_account_age_s)),
        channels::repeat_window_s.eq(seconds(some.repeat_window_s)),
        channels::links.eq(some.links.map(LinkPolicy::as_str)),
        channels::hold_all.eq(some.hold_all),
    );
    found(diesel::update(channels::table.find(host)).set(columns).execute(tx.conn())?)
}

/// The settings that a stream has of its own, where `inherited` is what its channel has. What differs from that is its own, too:
/// it was set before there were channels, or by a server that knows of none.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn own(conn: &mut Conn, id: StreamId, inherited: &Settings) -> Result<SomeSettings> {
    let marked: String = rows::table.find(id).select(rows::own_settings).first(conn)?;
    let stream = streams::by_id(conn, id)?.ok_or(crate::store::Error::NotFound)?;
    let marked: Vec<SettingName> = marked.split(',').filter_map(|name| name.parse().ok()).collect();
    let differing = SomeSettings::differing(&stream.settings, inherited).names();
    Ok(SomeSettings::of(&stream.settings, |name| marked.contains(&name) || differing.contains(&name)))
}

/// Keeps which settings a stream has of its own: what holds in it now. The stream is held.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn put_own(
    tx: &mut Tx,
    id: StreamId,
    own: SomeSettings,
    inherited: &Settings,
) -> Result<Settings> {
    let names: Vec<&str> = own.names().into_iter().map(SettingName::as_str).collect();
    let marked = rows::own_settings.eq(names.join(","));
    found(diesel::update(rows::table.find(id)).set(marked).execute(tx.conn())?)?;
    let holds = own.over(inherited);
    streams::set_settings(tx, id, &holds)?;
    Ok(holds)
}
