//! Lists of streams: which, in which order, from where on.
//! It must not know how a stream is kept.

use crate::{
    domain::{
        ReactionKind, Status, StreamId, UserId, Username,
        cursor::{Cursor, Limit},
        stream::{picture::Picture, words},
        text::{SearchQuery, Tag},
    },
    http::{
        Answer, Error, Services,
        extract::{
            Caller, Query,
            list::{self, List},
            query::filled,
        },
    },
    identity::Account,
    room::operations::Fault,
    store::{
        Conn, Page, Stream,
        accounts::users,
        interactions::reactions,
        moderation::relations,
        streams::{self, Filter, Key},
    },
    wire::{
        Code,
        view::{Reactions, StreamView},
    },
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use utoipa::IntoParams;

words! {
    /// In which order streams are listed.
    pub(crate) SortBy {
        /// The newest comes first.
        Created = "created",
        /// By when they are to start, earliest first; those without a time are left out.
        Starts = "starts",
        /// Most viewers first: at most 100, without a cursor.
        Viewers = "viewers",
    }
}

/// Streams that are looked at for the most viewers.
const CANDIDATES_MAX: usize = 1000;

/// Which streams to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamsQuery {
    /// Those of this status.
    status: Option<Status>,
    /// Those of this username; one's own with those that are not public.
    host: Option<String>,
    /// Those with this tag.
    #[serde(default, deserialize_with = "filled")]
    #[param(value_type = Option<String>)]
    tag: Option<Tag>,
    /// Those with this in their title or description.
    #[serde(default, deserialize_with = "filled")]
    #[param(value_type = Option<String>)]
    q: Option<SearchQuery>,
    /// Those of hosts whom the caller follows.
    #[serde(default)]
    following: bool,
    /// `created` where nothing is said.
    sort: Option<SortBy>,
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Public streams, and one's own where asked for.
#[utoipa::path(get, operation_id = "listStreams", path = "/api/v1/streams", tag = "streams", params(StreamsQuery),
    responses((status = 200, description = "A page of streams", body = List<StreamView>)))]
pub(crate) async fn list(
    services: web::Data<Services>,
    caller: Caller,
    wanted: Query<StreamsQuery>,
) -> Answer {
    let asking = caller.in_room();
    let asker = asking.as_ref().map(|account| account.user.id);
    if wanted.0.following && asker.is_none() {
        return Err(Error::new(Code::Unauthenticated, "Log in to list the streams of whom you follow."));
    }
    let viewer_counts = &services.streams.viewer_counts;
    let top = match wanted.0.sort {
        Some(SortBy::Viewers) => viewer_counts.top(CANDIDATES_MAX).await,
        _ => Vec::new(),
    };
    let listed = services.store.read::<_, Fault>(move |conn| {
        let wanted = wanted.0;
        let Some(filter) = filter(conn, &wanted, asker)? else { return Ok(Listed::default()) };
        let page = match wanted.sort.unwrap_or(SortBy::Created) {
            SortBy::Created => page(conn, &filter, streams::Sort::Created, &wanted)?,
            SortBy::Starts => page(conn, &filter, streams::Sort::Starts, &wanted)?,
            SortBy::Viewers => most_watched(conn, filter, top, wanted.limit.count())?,
        };
        let previewed = previewed(conn, &page.items, asking.as_ref())?;
        let totals = reactions::totals(conn, &ids(&page.items))?;
        Ok(Listed { streams: page.items, next: page.next, previewed, totals })
    });
    let listed = listed.await?;
    let viewers = viewer_counts.of_all(&ids(&listed.streams)).await;
    let pictures = services.streams.pictures.clone();
    let now = |stream: &Stream, is_staff| {
        let viewers = viewers.get(&stream.id).copied().unwrap_or(0);
        (viewers, pictures.shown(stream.id, stream.status, is_staff))
    };
    Ok(HttpResponse::Ok().json(listed.shown(now)))
}

/// A page of streams as the tables have them.
#[derive(Default)]
struct Listed {
    streams: Vec<Stream>,
    next: Option<Key>,
    /// Those that have not started whose picture the caller may see.
    previewed: HashSet<StreamId>,
    totals: HashMap<StreamId, Vec<(ReactionKind, i64)>>,
}

impl Listed {
    /// With how many watch each now, and how its picture is.
    fn shown(mut self, now: impl Fn(&Stream, bool) -> (u64, Option<Picture>)) -> List<StreamView> {
        let view = |stream: Stream| {
            let reactions: Reactions =
                self.totals.remove(&stream.id).unwrap_or_default().into_iter().collect();
            let (viewers, picture) = now(&stream, self.previewed.contains(&stream.id));
            StreamView::new(stream, viewers, reactions, picture)
        };
        let items = self.streams.into_iter().map(view).collect();
        List::new(Page { items, next: self.next })
    }
}

fn ids(streams: &[Stream]) -> Vec<StreamId> {
    streams.iter().map(|stream| stream.id).collect()
}

/// None where nothing can be found: nobody has that name.
fn filter(conn: &mut Conn, wanted: &StreamsQuery, asker: Option<UserId>) -> Result<Option<Filter>, Fault> {
    let mut filter = Filter {
        status: wanted.status,
        tag_key: wanted.tag.as_ref().map(Tag::key),
        q_key: wanted.q.as_ref().map(SearchQuery::key),
        following_of: asker.filter(|_| wanted.following),
        ..Filter::default()
    };
    if let Some(name) = &wanted.host {
        let Some(host) = users::by_name_key(conn, &Username::key_of(name))? else { return Ok(None) };
        filter.host_id = Some(host.id);
        filter.host_asks = asker == Some(host.id);
    }
    Ok(Some(filter))
}

fn page(
    conn: &mut Conn,
    filter: &Filter,
    sort: streams::Sort,
    wanted: &StreamsQuery,
) -> Result<Page<Stream, Key>, Fault> {
    let after = list::after(wanted.cursor.as_ref())?;
    Ok(streams::list(conn, filter, sort, after, wanted.limit.count())?)
}

/// Those that are watched, most viewers first, then the newest of the others.
fn most_watched(
    conn: &mut Conn,
    filter: Filter,
    top: Vec<(StreamId, u64)>,
    limit: usize,
) -> Result<Page<Stream, Key>, Fault> {
    let viewers: HashMap<StreamId, u64> = top.into_iter().collect();
    let watched = Filter { among: Some(viewers.keys().copied().collect()), ..filter.clone() };
    let mut items = streams::list(conn, &watched, streams::Sort::Created, None, CANDIDATES_MAX)?.items;
    items.sort_by_key(|stream| Reverse(viewers.get(&stream.id).copied()));
    let newest = streams::list(conn, &filter, streams::Sort::Created, None, 2 * limit)?.items;
    items.extend(newest.into_iter().filter(|stream| !viewers.contains_key(&stream.id)));
    items.truncate(limit);
    Ok(Page { items, next: None })
}

/// Those that have not started whose picture somebody may see all the same: as host, moderator or admin.
fn previewed(
    conn: &mut Conn,
    listed: &[Stream],
    asking: Option<&Account>,
) -> Result<HashSet<StreamId>, Fault> {
    let Some(account) = asking else { return Ok(HashSet::new()) };
    let scheduled = listed.iter().filter(|stream| stream.status == Status::Scheduled);
    let is_theirs = |stream: &Stream| account.is_admin || stream.host.id == account.user.id;
    let (theirs, others): (Vec<_>, Vec<_>) = scheduled.partition(|stream| is_theirs(stream));
    let others: Vec<StreamId> = others.iter().map(|stream| stream.id).collect();
    let mut previewed = relations::moderated(conn, account.user.id, &others)?;
    previewed.extend(theirs.iter().map(|stream| stream.id));
    Ok(previewed)
}
