//! Who looks after a stream beside its host.
//! It must not know what a moderator may do.

use super::{
    Answer, App,
    extract::{Account, Path, Query},
    list::{List, Paging},
    members::{BelongingView, since},
};
use crate::{
    domain::{cursor::Cursor, ids::StreamId, role::Right},
    room::{
        access::{Access, account_named},
        acts,
        desk::Done,
    },
    store::{relations::moderators, users::User},
    wire::{
        event::{ModeratorAdded, ModeratorRemoved},
        problem::{Code, Refusal},
        view::UserRef,
    },
};
use actix_web::{HttpResponse, web};

/// The moderators, earliest first.
#[utoipa::path(get, path = "/api/v1/streams/{id}/moderators", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of moderators", body = List<BelongingView>)), security(("bearer" = [])))]
pub async fn list(
    app: web::Data<App>,
    account: Account,
    id: Path<StreamId>,
    paging: Query<Paging>,
) -> Answer {
    let listed = app.desk.visit(id.0, Some(account.in_room()), move |conn, access| {
        access.require_staff()?;
        let after = since(paging.0.cursor.as_ref())?;
        let page = moderators::list(conn, access.stream.id, after, paging.0.limit.count())?;
        Ok(List::new(page.map(BelongingView::from), |(at, id)| Cursor::new(at.0, id)))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Appoints a moderator.
#[utoipa::path(put, path = "/api/v1/streams/{id}/moderators/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are a moderator")), security(("bearer" = [])))]
pub async fn put(app: web::Data<App>, account: Account, path: Path<(StreamId, String)>) -> Answer {
    let ((id, username), actor) = (path.0, account.in_room());
    let appointed = app.desk.act(id, move |tx, now| {
        let access = Access::of(tx, id, Some(&actor), now)?;
        access.require(Right::Manage)?;
        let user = account_named(tx, &username)?;
        if user.id == access.stream.host.id {
            return Err(Refusal::new(Code::Conflict, "The host needs no appointment.").into());
        }
        if !moderators::put(tx, id, user.id, now)? {
            return Ok(Done::quietly(()));
        }
        acts::record(tx, id, &actor, "moderator.add", user.id, None, now)?;
        Ok(Done::saying((), added(&user)))
    });
    appointed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Dismisses a moderator.
#[utoipa::path(delete, path = "/api/v1/streams/{id}/moderators/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no moderator")), security(("bearer" = [])))]
pub async fn delete(app: web::Data<App>, account: Account, path: Path<(StreamId, String)>) -> Answer {
    let ((id, username), actor) = (path.0, account.in_room());
    let dismissed = app.desk.act(id, move |tx, now| {
        Access::of(tx, id, Some(&actor), now)?.require(Right::Manage)?;
        let user = account_named(tx, &username)?;
        if !moderators::delete(tx, id, user.id)? {
            return Ok(Done::quietly(()));
        }
        acts::record(tx, id, &actor, "moderator.remove", user.id, None, now)?;
        Ok(Done::saying((), removed(&user)))
    });
    dismissed.await?;
    Ok(HttpResponse::NoContent().finish())
}

fn added(user: &User) -> ModeratorAdded {
    ModeratorAdded { user_id: user.id, user: UserRef::from(user) }
}

pub(super) fn removed(user: &User) -> ModeratorRemoved {
    ModeratorRemoved { user_id: user.id, user: UserRef::from(user) }
}
