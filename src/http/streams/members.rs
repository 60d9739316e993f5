//! Who may see a private stream: a list that its host keeps.
//! It must not know what membership opens.

use crate::{
    domain::{Right, StreamId},
    http::{
        Answer,
        extract::list::{self, List, OfStream, Paging},
        moderation::belonging::{self, BelongingView, Named},
    },
    room::{
        core::Part,
        operations::{Access, Effects},
    },
    store::moderation::relations::members,
};

/// The members, earliest first.
#[utoipa::path(get, operation_id = "listMembers", path = "/api/v1/streams/{id}/members", tag = "streams", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of members", body = List<BelongingView>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, access: &Access, after, limit| {
        Ok(members::list(conn, access.stream.id, after, limit)?.map(BelongingView::from))
    };
    list::of_stream(asked, |access| access.require(Right::Manage), read).await
}

/// Lets somebody see the stream.
#[utoipa::path(put, operation_id = "addMember", path = "/api/v1/streams/{id}/members/{username}", tag = "streams",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are a member")), security(("bearer" = [])))]
pub(crate) async fn put(named: Named) -> Answer {
    let change = belonging::change(named, Right::Manage, "member.add", |act, user| {
        Ok(members::put(act.tx, act.access.stream.id, user.id, act.now)?.then(changed))
    });
    change.await
}

/// Lets somebody see the stream no longer, if it is private; their sockets close.
#[utoipa::path(delete, operation_id = "removeMember", path = "/api/v1/streams/{id}/members/{username}", tag = "streams",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no member")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    let change = belonging::change(named, Right::Manage, "member.remove", |act, user| {
        Ok(members::delete(act.tx, act.access.stream.id, user.id)?.then(changed))
    });
    change.await
}

fn changed() -> Effects<()> {
    Effects::none(()).refreshing(&[Part::Members])
}
