//! Who may see a private stream: a list that its host keeps.
//! It must not know what membership opens.

use super::{
    Answer, App,
    extract::{Account, Path, Query},
    list::{List, Paging},
    query::place,
};
use crate::{
    domain::{cursor::Cursor, ids::StreamId, role::Right, time::Millis},
    room::{
        access::{Access, account_named},
        acts,
        desk::Done,
        message::Part,
    },
    store::relations::{Belonging, Key, members},
    wire::{problem::Refusal, view::UserRef},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who belongs to a stream.
#[derive(Debug, Serialize, ToSchema)]
pub struct BelongingView {
    /// Who.
    #[serde(flatten)]
    pub user: UserRef,
    /// Since when.
    pub added_at: Millis,
}

impl From<Belonging> for BelongingView {
    fn from(row: Belonging) -> Self {
        Self { user: row.user.into(), added_at: row.created_at }
    }
}

/// Where a list of accounts goes on.
pub(super) fn since(cursor: Option<&Cursor>) -> Result<Option<Key>, Refusal> {
    place(cursor, |key, id| Some((Millis(key), id.parse().ok()?)))
}

/// The members, earliest first.
#[utoipa::path(get, path = "/api/v1/streams/{id}/members", tag = "streams", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of members", body = List<BelongingView>)), security(("bearer" = [])))]
pub async fn list(
    app: web::Data<App>,
    account: Account,
    id: Path<StreamId>,
    paging: Query<Paging>,
) -> Answer {
    let listed = app.desk.visit(id.0, Some(account.in_room()), move |conn, access| {
        access.require(Right::Manage)?;
        let page =
            members::list(conn, access.stream.id, since(paging.0.cursor.as_ref())?, paging.0.limit.count())?;
        Ok(List::new(page.map(BelongingView::from), |(at, id)| Cursor::new(at.0, id)))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Lets somebody see the stream.
#[utoipa::path(put, path = "/api/v1/streams/{id}/members/{username}", tag = "streams",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are a member")), security(("bearer" = [])))]
pub async fn put(app: web::Data<App>, account: Account, path: Path<(StreamId, String)>) -> Answer {
    let ((id, username), actor) = (path.0, account.in_room());
    let added = app.desk.act(id, move |tx, now| {
        Access::of(tx, id, Some(&actor), now)?.require(Right::Manage)?;
        let user = account_named(tx, &username)?;
        if members::put(tx, id, user.id, now)? {
            acts::record(tx, id, &actor, "member.add", user.id, None, now)?;
        }
        Ok(Done::quietly(()).touching(&[Part::Members]))
    });
    added.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lets somebody see the stream no longer, if it is private; their sockets close.
#[utoipa::path(delete, path = "/api/v1/streams/{id}/members/{username}", tag = "streams",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no member")), security(("bearer" = [])))]
pub async fn delete(app: web::Data<App>, account: Account, path: Path<(StreamId, String)>) -> Answer {
    let ((id, username), actor) = (path.0, account.in_room());
    let removed = app.desk.act(id, move |tx, now| {
        Access::of(tx, id, Some(&actor), now)?.require(Right::Manage)?;
        let user = account_named(tx, &username)?;
        if members::delete(tx, id, user.id)? {
            acts::record(tx, id, &actor, "member.remove", user.id, None, now)?;
        }
        Ok(Done::quietly(()).touching(&[Part::Members]))
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}
