//! Lists of streams, page by page. Only public ones, unless the caller asks for their own.
//! It must not know of viewers, who are counted elsewhere.

use super::{
    joined,
    rows::{Stream, StreamColumns},
    with_tags,
};
use crate::{
    domain::{Millis, Status, StreamId, UserId, Visibility},
    store::{
        connection::Conn,
        error::Result,
        page::{ESCAPE, Page, containing, one_more},
        schema::{follows, stream_tags, streams, users},
    },
};
use diesel::prelude::*;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Created,
    /// By when they are to start, earliest first; those without a time are left out.
    Starts,
}

/// Which streams to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Those of this status.
    pub status: Option<Status>,
    /// Those of this host.
    pub host_id: Option<UserId>,
    /// Whether the host asks, who sees those that are not public too; counts with `host_id` alone.
    pub host_asks: bool,
    /// Whether an administrator asks, who sees those of any visibility.
    pub of_any_visibility: bool,
    /// Those with this folded tag.
    pub tag_key: Option<String>,
    /// Those whose folded title and description contain this.
    pub q_key: Option<String>,
    /// Those of hosts whom this account follows.
    pub following_of: Option<UserId>,
    /// Those of these ids, at most 1,000.
    pub among: Option<Vec<StreamId>>,
}

/// The place of a stream in a list: `created_at` or `scheduled_for`, and the id.
pub(crate) type Key = (Millis, StreamId);

/// A page of streams, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    filter: &Filter,
    sort: Sort,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<Stream, Key>> {
    let mut query = joined().select(StreamColumns::as_select()).limit(one_more(limit)).into_boxed();
    match filter.host_id {
        Some(host_id) if filter.host_asks || filter.of_any_visibility => {
            query = query.filter(streams::host_id.eq(host_id))
        }
        Some(host_id) => {
            query =
                query.filter(streams::host_id.eq(host_id).and(streams::visibility.eq(Visibility::Public)));
        }
        None if filter.of_any_visibility => {}
        None => query = query.filter(streams::visibility.eq(Visibility::Public)),
    }
    if let Some(status) = filter.status {
        query = query.filter(streams::status.eq(status));
    }
    if let Some(tag_key) = &filter.tag_key {
        let tagged =
            stream_tags::table.filter(stream_tags::tag_key.eq(tag_key)).select(stream_tags::stream_id);
        query = query.filter(streams::id.eq_any(tagged));
    }
    if let Some(q_key) = &filter.q_key {
        query = query.filter(streams::search_key.like(containing(q_key)).escape(ESCAPE));
    }
    if let Some(follower) = filter.following_of {
        let followed = follows::table.filter(follows::follower_id.eq(follower)).select(follows::host_id);
        query = query.filter(streams::host_id.eq_any(followed));
    }
    if let Some(among) = &filter.among {
        query = query.filter(streams::id.eq_any(among.iter().map(StreamId::to_string)));
    }
    query = match sort {
        Sort::Created => query.order((streams::created_at.desc(), streams::id.desc())),
        Sort::Starts => query
            .filter(streams::scheduled_for.is_not_null())
            .order((streams::scheduled_for.asc(), streams::id.asc())),
    };
    if let Some((at, id)) = after {
        query = match sort {
            Sort::Created => query
                .filter(streams::created_at.lt(at).or(streams::created_at.eq(at).and(streams::id.lt(id)))),
            Sort::Starts => query.filter(
                streams::scheduled_for
                    .gt(at)
                    .or(streams::scheduled_for.eq(at).and(streams::id.gt(id)))
                    .assume_not_null(),
            ),
        };
    }
    let rows: Vec<StreamColumns> = query.load(conn)?;
    let page = Page::cut(rows, limit, |row| match sort {
        Sort::Created => (row.created_at, row.id),
        Sort::Starts => (row.scheduled_for.unwrap_or_default(), row.id),
    });
    Ok(Page { items: with_tags(conn, page.items)?, next: page.next })
}

/// The page of a public stream, for those who list pages.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(crate) struct PublicPage {
    pub id: StreamId,
    /// When it was last edited, started or ended.
    pub updated_at: Millis,
    /// The username of whoever hosts it.
    pub host: String,
}

/// Those of the newest public streams, at most `limit`.
pub(crate) fn public_pages(conn: &mut Conn, limit: usize) -> Result<Vec<PublicPage>> {
    let public = joined().filter(streams::visibility.eq(Visibility::Public));
    let newest = public.order((streams::created_at.desc(), streams::id.desc())).limit(limit as i64);
    Ok(newest.select((streams::id, streams::updated_at, users::username)).load(conn)?)
}
