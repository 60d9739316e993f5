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
        moderation::record,
    },
    room::{hooks, operations::Fault},
    store::{
        self, Conflict, Conn, Error as StoreError, Tx, User,
        accounts::{
            follows,
            users::{self, NewUser},
        },
        moderation::audit,
        site::invitations,
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
    /// The code of an invitation, where the site takes nobody without one.
    #[serde(default)]
    pub invitation: Option<String>,
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
    #[schema(nullable = false)]
    pub following: Option<bool>,
}

/// An account that waits for an administrator to let it in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waits {
    user: UserView,
    /// Always the word `pending`.
    state: &'static str,
}

/// Registers an account and logs it in; where administrators let people in, it waits for that.
#[utoipa::path(post, operation_id = "register", path = "/api/v1/users", tag = "accounts", request_body = NewAccount, responses(
    (status = 201, description = "Registered and logged in", body = Entered),
    (status = 202, description = "Registered; an administrator has to let it in", body = Waits),
))]
pub(crate) async fn register(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    Json(body): Json<NewAccount>,
) -> Answer {
    let door = Door::of(&services, body.invitation).await?;
    check_password(&body.password, &body.username, "password")?;
    let tried = services.tries.registration(address.0, Instant::now()).await;
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let password_hash = services.hasher.hash(&body.password).await?;
    let newcomer = Newcomer::of(&request, &services, address);
    let display_name = body.display_name;
    let shown = display_name.clone().unwrap_or_else(|| DisplayName::from(&body.username));
    let new = NewUser::named(&body.username, shown, password_hash, Millis::now());
    let new = if door == Door::Waiting { new.waiting() } else { new };
    let registered = services.store.write::<_, Fault>(move |tx| {
        let user = users::create(tx, &new)?;
        refuse_taken(tx, display_name.as_ref(), user.id)?;
        door.pass(tx)?;
        hooks::registered(tx, user.id, user.created_at)?;
        if door == Door::Waiting {
            audit::append(tx, &record::by(user.id, None, address, "register"), Millis::now())?;
            return Ok((user, None));
        }
        let issued = newcomer.enter(tx, user.id, "register")?;
        Ok((user, Some(issued)))
    });
    let registered = registered.await?;
    services.webhooks.hints.stored([]);
    match registered {
        (user, Some(issued)) => Ok(issued.entered(&services, user, body.transport)),
        (user, None) => Ok(HttpResponse::Accepted().json(Waits { user: user.into(), state: "pending" })),
    }
}

/// How whoever registers comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Door {
    Open,
    /// By an invitation, which is used thereby.
    Invited(String),
    /// They wait until they are let in.
    Waiting,
}

impl Door {
    /// Errors: `forbidden` where they do not, whatever is missing.
    async fn of(services: &Services, invitation: Option<String>) -> Result<Door, Error> {
        match services.site.registration() {
            Registration::Open => Ok(Door::Open),
            Registration::Approval => Ok(Door::Waiting),
            Registration::Closed => Err(shut().into()),
            Registration::Invite => {
                let code = invitation.ok_or_else(shut)?;
                let shown = code.clone();
                let is_good =
                    services.store.read(move |conn| invitations::is_good(conn, &shown, Millis::now()));
                if is_good.await? { Ok(Door::Invited(code)) } else { Err(shut().into()) }
            }
        }
    }

    fn pass(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self {
            Door::Invited(code) if !invitations::use_once(tx, code, Millis::now())? => Err(shut().into()),
            _ => Ok(()),
        }
    }
}

/// The same for all who cannot register: nobody learns which invitations there are.
fn shut() -> Refusal {
    Refusal::new(
        Code::Forbidden,
        "Registration is closed on this site, but for those with a good invitation.",
    )
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
    let user = users::by_name_key(conn, &username.keys())?;
    // Nobody knows of an account that was not let in.
    user.filter(|user| user.pending_since.is_none()).ok_or(StoreError::NotFound)
}
