//! Accounts as strangers meet them: registering, and public profiles.
//! It must not know how a password is hashed, nor how a session is opened.

use super::tokens::{Entered, Newcomer, Transport};
use crate::{
    config::Registration,
    domain::{
        Millis, UserId, Username,
        accounts::{display_name::DisplayName, password::Password},
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Caller, Json, Path},
    },
    store::{
        self, Conflict, Conn, Error as StoreError, Tx, User,
        accounts::{
            follows,
            users::{self, NewUser},
        },
    },
    wire::{Code, Refusal, view::UserView},
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;

/// What it takes to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// The name to log in by.
    pub username: Username,
    /// The password, in clear.
    pub password: Password,
    /// What others see; the username where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    pub display_name: Option<DisplayName>,
    /// How the refresh token travels.
    #[serde(default)]
    pub transport: Option<Transport>,
}

/// A public profile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Profile {
    /// The account as others see it.
    #[serde(flatten)]
    pub user: UserView,
    /// Whether the caller follows it; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub following: Option<bool>,
}

/// Registers an account and logs it in.
#[utoipa::path(post, operation_id = "register", path = "/api/v1/users", tag = "accounts", responses(
    (status = 201, description = "Registered and logged in", body = Entered),
))]
pub(crate) async fn register(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    Json(body): Json<NewAccount>,
) -> Answer {
    if services.config.registration == Registration::Closed {
        return Err(Error::new(Code::Forbidden, "Registration is closed on this site."));
    }
    check_password(&body.password, &body.username, "password")?;
    let tried = services.tries.registration(address.0, Instant::now()).await;
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let password_hash = services.hasher.hash(&body.password).await?;
    let newcomer = Newcomer::of(&request, &services, address);
    let display_name = body.display_name;
    let shown = display_name.clone().unwrap_or_else(|| DisplayName::from(&body.username));
    let new = NewUser::named(&body.username, shown, password_hash, Millis::now());
    let registered = services.store.write::<_, store::Error>(move |tx| {
        let user = users::create(tx, &new)?;
        refuse_taken(tx, display_name.as_ref(), user.id)?;
        let issued = newcomer.enter(tx, user.id, "register")?;
        Ok((user, issued))
    });
    let (user, issued) = registered.await?;
    Ok(issued.entered(&services, user, body.transport))
}

/// A public profile.
#[utoipa::path(get, operation_id = "getUser", path = "/api/v1/users/{username}", tag = "accounts",
    params(("username" = String, Path, description = "In any case")), responses(
    (status = 200, description = "The profile", body = Profile),
))]
pub(crate) async fn read(
    services: web::Data<Services>,
    caller: Caller,
    Path(username): Path<Username>,
) -> Answer {
    let me = caller.account().map(|account| account.user.id);
    let found = services.store.read::<_, store::Error>(move |conn| {
        let user = named(conn, &username)?;
        let following = me.map(|me| follows::is_following(conn, me, user.id)).transpose()?;
        Ok(Profile { user: user.into(), following })
    });
    Ok(HttpResponse::Ok().json(found.await?))
}

/// Refuses the account's own name as its password.
pub(crate) fn check_password(
    password: &Password,
    username: &Username,
    field: &'static str,
) -> Result<(), Refusal> {
    password
        .check_against(username)
        .map_err(|invalid| Refusal::invalid_field(field, invalid.code, invalid.detail))
}

/// Refuses a shown name that looks like another's username, or like a name of the house.
pub(crate) fn refuse_taken(tx: &mut Tx<'_>, name: Option<&DisplayName>, own: UserId) -> store::Result<()> {
    let Some(name) = name else { return Ok(()) };
    match name.is_reserved() || users::display_name_taken(tx, &name.key(), Some(own))? {
        true => Err(StoreError::Conflict(Conflict::UsernameTaken)),
        false => Ok(()),
    }
}

/// An account by the name in a path; what is no name is nobody.
pub(crate) fn named(conn: &mut Conn, username: &Username) -> store::Result<User> {
    users::by_name_key(conn, &username.keys())?.ok_or(StoreError::NotFound)
}
