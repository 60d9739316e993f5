//! Whose comments an account does not want to see.
//! It must not hide any: the page of whoever ignores does.

use super::users::named;
use crate::{
    domain::{Millis, UserId, Username, channel::IGNORED_MAX},
    http::{
        Answer, Error, Services,
        extract::{
            Identity, Path,
            list::{self, List, Paging},
        },
    },
    room::operations::Fault,
    store::{self, Conflict, Tx, accounts::ignored, person::Belonging},
    wire::{Code, Refusal, view::UserRef},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody whom the caller ignores.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IgnoredView {
    /// Who it is.
    #[serde(flatten)]
    pub user: UserRef,
    /// Since when it is so.
    pub ignored_at: Millis,
}

impl From<Belonging> for IgnoredView {
    fn from(row: Belonging) -> Self {
        Self { user: row.user.into(), ignored_at: row.created_at }
    }
}

/// Whether the caller ignores somebody.
#[utoipa::path(get, operation_id = "getIgnored", path = "/api/v1/users/me/ignored/{username}", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 200, description = "Ignored; 404 where not", body = IgnoredView),
))]
pub(crate) async fn read(
    services: web::Data<Services>,
    account: Identity,
    Path(username): Path<Username>,
) -> Answer {
    let me = account.user.id;
    let found = services.store.read::<_, store::Error>(move |conn| {
        let other = named(conn, &username)?.id;
        ignored::one(conn, me, other)
    });
    let found = found.await?.ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok().json(IgnoredView::from(found)))
}

/// Ignores somebody: at most 1,000 accounts, then it is a `conflict`.
#[utoipa::path(put, operation_id = "ignoreUser", path = "/api/v1/users/me/ignored/{username}", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 204, description = "Ignored, also if it was before"),
))]
pub(crate) async fn put(
    services: web::Data<Services>,
    account: Identity,
    Path(username): Path<Username>,
) -> Answer {
    let me = account.user.id;
    services.store.write(move |tx| ignore(tx, me, &username)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn ignore(tx: &mut Tx, me: UserId, username: &Username) -> Result<(), Fault> {
    let other = named(tx, username)?.id;
    if other == me {
        return Err(Refusal::new(Code::Conflict, "Nobody ignores oneself.").into());
    }
    ignored::put(tx, me, other, Millis::now()).map(drop).map_err(|error| match error {
        store::Error::Conflict(Conflict::TooMany) => {
            let text = format!("You ignore {IGNORED_MAX} accounts, and more cannot be kept.");
            Refusal::new(Code::Conflict, text).into()
        }
        other => Fault::Store(other),
    })
}

/// Ignores somebody no longer.
#[utoipa::path(delete, operation_id = "unignoreUser", path = "/api/v1/users/me/ignored/{username}", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 204, description = "Not ignored, also if it was not before"),
))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    Path(username): Path<Username>,
) -> Answer {
    let me = account.user.id;
    let unignored = services.store.write::<_, store::Error>(move |tx| {
        let other = named(tx, &username)?.id;
        ignored::delete(tx, me, other)
    });
    unignored.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whom the caller ignores, latest first.
#[utoipa::path(get, operation_id = "listIgnored", path = "/api/v1/users/me/ignored", tag = "accounts", security(("bearer" = [])), params(Paging), responses(
    (status = 200, description = "A page of the list", body = List<IgnoredView>),
))]
pub(crate) async fn list(asked: list::OfCaller) -> Answer {
    let listed: List<IgnoredView> = list::of_caller(asked, ignored::list).await?;
    Ok(HttpResponse::Ok().json(listed))
}
