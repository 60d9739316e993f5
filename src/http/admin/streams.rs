//! All streams of the site, also those that are not public.
//! It must not change any.

use super::Asked;
use crate::{
    domain::{
        Status, StreamId, Username,
        cursor::{Cursor, Limit},
        text::SearchQuery,
    },
    http::{
        Answer, Services,
        extract::{
            Query,
            list::{self, List},
        },
    },
    room::operations::Fault,
    store::{
        Page, Stream,
        accounts::users,
        interactions::reactions,
        streams::{self, Filter, Key, Sort},
    },
    wire::view::StreamView,
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

/// The query of this list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AllStreamsQuery {
    /// Those of this status.
    status: Option<Status>,
    /// Those of this username.
    host: Option<String>,
    /// Those with this in their title or description.
    #[param(value_type = Option<String>)]
    q: Option<SearchQuery>,
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Streams of any visibility, newest first.
#[utoipa::path(get, operation_id = "listAllStreams", path = "/api/v1/admin/streams", tag = "operator", params(AllStreamsQuery),
    responses((status = 200, description = "A page of streams", body = List<StreamView>)), security(("bearer" = [])))]
pub(crate) async fn list(services: web::Data<Services>, asked: Asked<Query<AllStreamsQuery>>) -> Answer {
    let Asked(_, Query(wanted)) = asked;
    let after: Option<Key> = list::after(wanted.cursor.as_ref())?;
    let listed = services.store.read::<_, Fault>(move |conn| {
        let host_id = match &wanted.host {
            None => None,
            Some(name) => match users::by_name_key(conn, &Username::key_of(name))? {
                Some(host) => Some(host.id),
                None => return Ok((Page { items: Vec::new(), next: None }, Default::default())),
            },
        };
        let filter = Filter {
            status: wanted.status,
            host_id,
            of_any_visibility: true,
            q_key: wanted.q.as_ref().map(SearchQuery::key),
            ..Filter::default()
        };
        let page = streams::list(conn, &filter, Sort::Created, after, wanted.limit.count())?;
        let totals = reactions::totals(conn, &ids(&page.items))?;
        Ok((page, totals))
    });
    let (page, mut totals) = listed.await?;
    let viewers = services.streams.viewer_counts.of_all(&ids(&page.items)).await;
    let view = |stream: Stream| {
        let reactions = totals.remove(&stream.id).unwrap_or_default().into_iter().collect();
        let picture = services.streams.pictures.shown(stream.id, stream.status, true);
        let viewers = viewers.get(&stream.id).copied().unwrap_or(0);
        StreamView::new(stream, viewers, reactions, picture)
    };
    Ok(HttpResponse::Ok().json(List::new(page.map(view))))
}

fn ids(streams: &[Stream]) -> Vec<StreamId> {
    streams.iter().map(|stream| stream.id).collect()
}
