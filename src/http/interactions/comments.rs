//! Comments: written, listed, read, deleted, reported.
//! It must not judge what may be said: the room does.

use crate::{
    domain::{
        CommentId, StreamId, Username,
        cursor::{Cursor, Limit},
        stream::words,
        text::{Reason, SearchQuery},
    },
    http::{
        Answer, Services,
        extract::{
            Caller, Identity, Json, MaybeJson, Path, Query,
            list::{self, Key, List},
            query::filled,
        },
    },
    room::hooks,
    room::{
        core::Part,
        operations::{Effects, Fault, acts},
        reply::Posted,
    },
    store::{
        self, Comment, Conn, Page,
        accounts::users,
        comments::{self, Filter, Order, Span},
        moderation::review,
    },
    wire::{Refusal, frame::HeldState, op::CommentBody, view::CommentView},
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

words! {
    /// Which way a list runs.
    pub(crate) Direction {
        /// The newest comes first.
        Desc = "desc",
        /// The oldest comes first.
        Asc = "asc",
    }
}

/// Which comments to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CommentsQuery {
    /// `desc` where nothing is said.
    order: Option<Direction>,
    /// Those with this in their text.
    #[serde(default, deserialize_with = "filled")]
    #[param(value_type = Option<String>)]
    q: Option<SearchQuery>,
    /// Those of this username.
    user: Option<String>,
    /// Those from this many milliseconds after the start on.
    from_offset_ms: Option<u32>,
    /// Those before this many milliseconds after the start.
    to_offset_ms: Option<u32>,
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// A comment that was not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotShown {
    /// Which one is meant.
    comment_id: CommentId,
    /// Whether it waits for a moderator, or was turned down by one.
    state: HeldState,
}

/// Why a comment is reported.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportBody {
    #[serde(default)]
    reason: Option<Reason>,
}

/// Says something in the room.
#[utoipa::path(post, operation_id = "createComment", path = "/api/v1/streams/{id}/comments", tag = "comments", request_body = CommentBody,
    params(("id" = StreamId, Path)), responses(
        (status = 201, description = "It was said", body = CommentView),
        (status = 200, description = "It had been said before, under the same `client_id`", body = CommentView),
        (status = 202, description = "It waits for a moderator, or was turned down by one", body = NotShown),
    ), security(("bearer" = [])))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<CommentBody>,
) -> Answer {
    let actor = account.account();
    services.streams.may_see(id.0, Some(actor.clone())).await?;
    Ok(match services.streams.post(id.0, actor, body.0).await? {
        Posted::Visible { comment, duplicate: false } => HttpResponse::Created().json(&*comment),
        Posted::Visible { comment, duplicate: true } => HttpResponse::Ok().json(&*comment),
        Posted::Held(comment_id) => not_shown(comment_id, HeldState::Held),
        Posted::Rejected(comment_id) => not_shown(comment_id, HeldState::Rejected),
    })
}

fn not_shown(comment_id: CommentId, state: HeldState) -> HttpResponse {
    HttpResponse::Accepted().json(NotShown { comment_id, state })
}

/// What was said; of a stretch of the stream, in the order of its time.
#[utoipa::path(get, operation_id = "listComments", path = "/api/v1/streams/{id}/comments", tag = "comments", params(("id" = StreamId, Path), CommentsQuery),
    responses((status = 200, description = "A page of comments", body = List<CommentView>)))]
pub(crate) async fn list(
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<CommentsQuery>,
) -> Answer {
    let listed = services.streams.read_as(id.0, caller.in_room(), move |conn, access| {
        let wanted = wanted.0;
        let (id, limit) = (access.stream.id, wanted.limit.count());
        match span(&wanted) {
            None => page(conn, &wanted, |conn, filter, after| comments::list(conn, id, filter, after, limit)),
            Some(span) => page(conn, &wanted, |conn, filter, after| {
                comments::list_by_time(conn, id, filter, span, after, limit)
            }),
        }
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// The page that is wanted of a list, with the cursors of that list.
fn page<K: Key>(
    conn: &mut Conn,
    wanted: &CommentsQuery,
    read: impl FnOnce(&mut Conn, &Filter, Option<K>) -> store::Result<Page<Comment, K>>,
) -> Result<List<CommentView>, Fault> {
    let after = list::after(wanted.cursor.as_ref())?;
    let Some(filter) = filter(conn, wanted)? else { return Ok(List::whole(Vec::new())) };
    Ok(List::new(read(conn, &filter, after)?.map(CommentView::from)))
}

/// The stretch of the stream that is wanted, where it is not all of it.
fn span(wanted: &CommentsQuery) -> Option<Span> {
    let (from, to) = (wanted.from_offset_ms.map(i64::from), wanted.to_offset_ms.map(i64::from));
    (from.is_some() || to.is_some()).then_some(Span { from, to })
}

/// None where nothing can be found: nobody has that name.
fn filter(conn: &mut Conn, wanted: &CommentsQuery) -> Result<Option<Filter>, Fault> {
    let mut filter = Filter {
        order: match wanted.order {
            Some(Direction::Asc) => Order::Asc,
            Some(Direction::Desc) | None => Order::Desc,
        },
        q_key: wanted.q.as_ref().map(SearchQuery::key),
        user_id: None,
    };
    if let Some(name) = &wanted.user {
        let Some(user) = users::by_name_key(conn, &Username::key_of(name))? else { return Ok(None) };
        filter.user_id = Some(user.id);
    }
    Ok(Some(filter))
}

/// Reads one comment.
#[utoipa::path(get, operation_id = "getComment", path = "/api/v1/streams/{id}/comments/{comment_id}", tag = "comments",
    params(("id" = StreamId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 200, description = "The comment", body = CommentView)))]
pub(crate) async fn read(
    services: web::Data<Services>,
    caller: Caller,
    path: Path<(StreamId, CommentId)>,
) -> Answer {
    let (id, comment_id) = path.0;
    let comment = services.streams.read_as(id, caller.in_room(), move |conn, access| {
        let comment = comments::by_id_in_any_state(conn, id, comment_id)?;
        let comment = comment.filter(|comment| access.may_read(comment)).ok_or_else(Refusal::not_found)?;
        Ok(CommentView::from(comment))
    });
    Ok(HttpResponse::Ok().json(comment.await?))
}

/// Deletes a comment: its author, host, moderator or admin.
#[utoipa::path(delete, operation_id = "deleteComment", path = "/api/v1/streams/{id}/comments/{comment_id}", tag = "comments",
    params(("id" = StreamId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 204, description = "It is gone")), security(("bearer" = [])))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, CommentId)>,
) -> Answer {
    let ((id, comment_id), actor) = (path.0, account.account());
    services.streams.act_as(None, actor, id, move |act| acts::delete_comment(act, comment_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reports a comment to the moderators; counts once an account.
#[utoipa::path(post, operation_id = "reportComment", path = "/api/v1/streams/{id}/comments/{comment_id}/report", tag = "comments", request_body = Option<ReportBody>,
    params(("id" = StreamId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 204, description = "Moderators will see it")), security(("bearer" = [])))]
pub(crate) async fn report(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, CommentId)>,
    body: MaybeJson<ReportBody>,
) -> Answer {
    let ((id, comment_id), actor) = (path.0, account.account());
    let reason = body.0.reason.map(String::from).filter(|reason| !reason.is_empty());
    let reported = services.streams.act_as(None, actor, id, move |act| {
        let (reporter, host) = (act.actor.user.id, act.access.stream.host.id);
        if review::report(act.tx, id, comment_id, reporter, reason.as_deref(), act.now)? {
            hooks::reported(act.tx, (id, host), comment_id, reporter, act.now)?;
        }
        Ok(Effects::none(()).refreshing(&[Part::Queue]))
    });
    reported.await?;
    Ok(HttpResponse::NoContent().finish())
}
