//! Whom an account follows.
//! It must not know what following is good for.

use super::users::named;
use crate::{
    domain::{Millis, Username},
    http::{
        Answer, Error, Services,
        extract::{
            Identity, Path,
            list::{self, List},
        },
    },
    store::{accounts::follows, person::Belonging},
    wire::{Code, view::UserRef},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody whom the caller follows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Followed {
    /// Who it is.
    #[serde(flatten)]
    pub user: UserRef,
    /// Since when it is so.
    pub followed_at: Millis,
}

/// Follows the host of streams.
#[utoipa::path(put, operation_id = "followUser", path = "/api/v1/users/{username}/follow", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 204, description = "Followed, also if it was before"),
))]
pub(crate) async fn follow(
    services: web::Data<Services>,
    account: Identity,
    Path(username): Path<Username>,
) -> Answer {
    let me = account.user.id;
    let host = services.store.read(move |conn| named(conn, &username)).await?.id;
    if host == me {
        return Err(Error::new(Code::Conflict, "Nobody follows oneself."));
    }
    services.store.write(move |tx| follows::put(tx, me, host, Millis::now())).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Follows somebody no longer.
#[utoipa::path(delete, operation_id = "unfollowUser", path = "/api/v1/users/{username}/follow", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 204, description = "Not followed, also if it was not before"),
))]
pub(crate) async fn unfollow(
    services: web::Data<Services>,
    account: Identity,
    Path(username): Path<Username>,
) -> Answer {
    let me = account.user.id;
    services
        .streams
        .store
        .write(move |tx| {
            let host = named(tx, &username)?;
            follows::delete(tx, me, host.id)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whom the caller follows, latest first.
#[utoipa::path(get, operation_id = "listFollowing", path = "/api/v1/users/me/following", tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "A page of the list", body = List<Followed>),
))]
pub(crate) async fn list(asked: list::OfCaller) -> Answer {
    let listed: List<Followed> = list::of_caller(asked, follows::list).await?;
    Ok(HttpResponse::Ok().json(listed))
}

impl From<Belonging> for Followed {
    fn from(belonging: Belonging) -> Self {
        Self { user: belonging.user.into(), followed_at: belonging.created_at }
    }
}
