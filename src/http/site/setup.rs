//! The first administrator of a house makes an account for themselves, by the address that its log shows.
//! It must not know who reads that log.

use crate::{
    domain::{
        Millis, Username,
        accounts::{display_name::DisplayName, password::Password},
    },
    http::{
        Answer, ClientAddress, Error, Services,
        accounts::{
            tokens::{Entered, Newcomer, Transport},
            users::check_password,
        },
        extract::Json,
        moderation::record,
    },
    store::{
        self,
        accounts::users::{self, NewUser},
        database::meta,
    },
    wire::Code,
};
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use std::time::Instant;
use utoipa::ToSchema;

/// Wrong tokens of an address are counted under this name, which no account can have.
const TRIED: &str = "/setup";

/// What it takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    /// As it stands in the address.
    token: String,
    /// The name to log in by.
    username: Username,
    /// The password, in clear.
    password: Password,
    /// How the refresh token travels.
    #[serde(default)]
    transport: Option<Transport>,
}

/// Makes the first administrator, and logs them in. Once there is one, this is not found.
#[utoipa::path(post, operation_id = "setUp", path = "/api/v1/setup", tag = "site", request_body = Setup, responses(
    (status = 201, description = "The administrator's account and session", body = Entered),
))]
pub(crate) async fn set_up(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    Json(body): Json<Setup>,
) -> Answer {
    if services.store.read(users::has_admin).await? {
        return Err(Error::not_found());
    }
    prove(&services, &body.token, address).await?;
    check_password(&body.password, &body.username, "password")?;
    let (name, password_hash) = (&body.username, services.hasher.hash(&body.password).await?);
    let new = NewUser::named(name, DisplayName::from(name), password_hash, Millis::now()).promoted();
    let newcomer = Newcomer::of(&request, &services, address);
    let made = services.store.write::<_, store::Error>(move |tx| {
        // Of two at once, the second one finds the first one's.
        meta::lock(tx)?;
        if users::has_admin(tx)? {
            return Err(store::Error::NotFound);
        }
        let user = users::create(tx, &new)?;
        let issued = newcomer.enter(tx, user.id, "setup")?;
        Ok((user, issued))
    });
    let (user, issued) = made.await?;
    Ok(issued.entered(&services, user, body.transport))
}

/// Slowed down as logins are.
async fn prove(services: &Services, token: &str, address: ClientAddress) -> Result<(), Error> {
    let tried = services.tries.login(TRIED, address.0, Instant::now()).await;
    let attempt = tried.map_err(|too_many| services.limit_reached(too_many))?;
    if services.setup.is(token) {
        attempt.succeeded().await;
        return Ok(());
    }
    attempt.failed(Instant::now()).await;
    services.audit_queue.note(record::refused(record::from(address, "setup"), "wrong"));
    Err(Error::new(
        Code::Forbidden,
        "This is not the address that the server's log shows. It is a new one at each start.",
    ))
}
