//! A new password by a link that an administrator has made.
//! It must not know how a link is made.

use super::users::check_password;
use crate::{
    auth::shown_once,
    domain::{Millis, Username, accounts::password::Password},
    http::{Answer, ClientAddress, Error, Services, extract::Json, moderation::record},
    room::operations::SignedOut,
    store::{
        self,
        accounts::{reset_links, sessions, users},
        moderation::audit,
    },
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use std::time::Instant;
use utoipa::ToSchema;

/// Wrong tokens of an address are counted under this name, which no account can have.
const TRIED: &str = "/password-resets";

/// What it takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// As it stands in the link.
    token: String,
    /// The password to come.
    new_password: Password,
}

/// Sets a new password by a link; all sessions of the account end. A link that is unknown, used, void or too old is not found.
#[utoipa::path(post, operation_id = "resetPassword", path = "/api/v1/password-resets", tag = "accounts", request_body = PasswordReset, responses(
    (status = 204, description = "Set; the link is used up"),
))]
pub(crate) async fn reset(
    services: web::Data<Services>,
    address: ClientAddress,
    Json(body): Json<PasswordReset>,
) -> Answer {
    let hash = shown_once::hash(&body.token);
    let username = owner(&services, &hash, address).await?;
    check_password(&body.new_password, &username, "new_password")?;
    let password_hash = services.hasher.hash(&body.new_password).await?;
    let reset = services.streams.act_anywhere(move |tx| {
        let now = Millis::now();
        let owner = reset_links::use_up(tx, &hash, now)?.ok_or(store::Error::NotFound)?;
        users::set_password_hash(tx, owner, &password_hash)?;
        sessions::revoke_all(tx, owner, None, now)?;
        audit::append(tx, &record::by(owner, None, address, "password.reset"), now)?;
        Ok(((), SignedOut::Sessions { user: owner, kept: None }.into()))
    });
    reset.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whose link it is. Slowed down as logins are.
async fn owner(services: &Services, hash: &str, address: ClientAddress) -> Result<Username, Error> {
    let tried = services.tries.login(TRIED, address.0, Instant::now()).await;
    let attempt = tried.map_err(|too_many| services.limit_reached(too_many))?;
    let wanted = hash.to_owned();
    let found = services.store.read::<_, store::Error>(move |conn| {
        let owner = reset_links::owner(conn, &wanted, Millis::now())?;
        Ok(users::by_ids(conn, owner.as_slice())?.pop())
    });
    let Some(owner) = found.await? else {
        attempt.failed(Instant::now()).await;
        services.audit_queue.note(record::refused(record::from(address, "password.reset"), "wrong"));
        return Err(Error::not_found());
    };
    attempt.succeeded().await;
    Ok(Username::from_stored(owner.username))
}
