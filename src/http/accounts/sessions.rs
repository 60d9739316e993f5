//! Logins: opening, refreshing, listing and ending them.
//! It must not know how tokens are made, nor which sockets are open.

use super::{
    cookie, passwords,
    tokens::{Entered, Issued, Newcomer, REFRESH_TTL_S, Refreshed, Transport},
};
use crate::{
    auth::RefreshToken,
    domain::{Login, Millis, SessionId, UserId, Username, accounts::password::LoginPassword},
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{
            Identity, Json, Optional, Path, Query,
            list::{List, Paging},
        },
        moderation::record,
    },
    room::operations::{Publication, SignedOut},
    store::{
        self, Page, Tx,
        accounts::sessions::{self, Presented, Rotation, Session},
        moderation::audit::{self, NewEntry},
    },
    wire::{Code, Refusal},
};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What it takes to log in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The name, in any case.
    pub username: String,
    /// The password, in clear.
    pub password: LoginPassword,
    /// How the refresh token travels.
    #[serde(default)]
    pub transport: Option<Transport>,
}

/// What it takes to refresh; nothing where the token is in the cookie.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The refresh token in force.
    #[serde(default)]
    pub refresh_token: Option<String>,
}

/// One of the caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// What names it for good.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Millis,
    /// When it was last refreshed.
    pub last_used_at: Millis,
    /// What the client called itself.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Logs in with a password.
#[utoipa::path(post, operation_id = "logIn", path = "/api/v1/sessions", tag = "sessions", request_body = Credentials, responses(
    (status = 201, description = "Logged in", body = Entered),
))]
pub(crate) async fn log_in(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    Json(body): Json<Credentials>,
) -> Answer {
    let name_key = Username::key_of(&body.username);
    let user = passwords::prove(&services, &name_key, &body.password, address).await?;
    if user.pending_since.is_some() {
        return Err(Error::new(Code::Forbidden, "An administrator has to let you in first."));
    }
    let newcomer = Newcomer::of(&request, &services, address);
    let issued = services.store.write(move |tx| newcomer.enter(tx, user.id, "login")).await?;
    Ok(issued.entered(&services, user, body.transport))
}

/// Follows a refresh token with the next one, and gives a new access token.
#[utoipa::path(post, operation_id = "refreshSession", path = "/api/v1/sessions/refresh", tag = "sessions",
    request_body(content = Option<Refresh>, description = "Nothing where the token is in the cookie"), responses(
    (status = 200, description = "Both tokens are new", body = Refreshed),
))]
pub(crate) async fn refresh(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    Optional(body): Optional<Refresh>,
) -> Answer {
    let (text, transport) = match body.unwrap_or_default().refresh_token {
        Some(text) => (Some(text), Transport::Body),
        None => (cookie::read(&request, &services.config, &services.warnings)?, Transport::Cookie),
    };
    let text =
        text.ok_or_else(|| Refusal::invalid_field("refresh_token", "missing", "a refresh token is needed"))?;
    match rotate(&services, &text, address).await? {
        Some(issued) => {
            Ok(issued.answer(&services, transport, HttpResponse::Ok(), |session| Refreshed { session }))
        }
        None => Ok(refused(&services, transport)),
    }
}

/// The next token, if this one is in force, or if nobody has used the next one yet.
async fn rotate(services: &Services, text: &str, address: ClientAddress) -> Result<Option<Issued>, Error> {
    let unknown = || services.audit_queue.note(record::refused(record::from(address, "refresh"), "unknown"));
    let Some(token) = RefreshToken::parse(text, &services.keys) else {
        unknown();
        return Ok(None);
    };
    let followers = token.successors(&services.keys);
    let (hash, hashes) = (token.hash(), Vec::from_iter(followers.iter().map(RefreshToken::hash)));
    let rotation = services.streams.act_anywhere(move |tx| {
        let now = Millis::now();
        let presented = Presented {
            session_id: token.session_id,
            generation: token.generation,
            hash: &hash,
            followers: &hashes,
        };
        let rotation = sessions::rotate(tx, &presented, now, now.plus_s(REFRESH_TTL_S))?;
        match &rotation {
            Rotation::Rotated(session) => {
                audit::append(
                    tx,
                    &record::by(session.user_id, Some(Login::Session(session.id)), address, "refresh"),
                    now,
                )?;
            }
            Rotation::Reused(session) => {
                let signed_out = SignedOut::Session(session.id).into();
                return Ok((rotation, signed_out));
            }
            Rotation::SameSuccessor(_) | Rotation::Unknown => {}
        }
        Ok((rotation, Publication::default()))
    });
    match rotation.await? {
        Rotation::Rotated(session) | Rotation::SameSuccessor(session) => {
            let in_force = followers.into_iter().find(|follower| follower.hash() == session.refresh_hash);
            Ok(in_force.map(|refresh| Issued { session, refresh }))
        }
        Rotation::Unknown => {
            unknown();
            Ok(None)
        }
        Rotation::Reused(session) => {
            let entry = record::by(session.user_id, Some(Login::Session(session.id)), address, "refresh");
            services.audit_queue.note(record::refused(entry, "reused"));
            Ok(None)
        }
    }
}

/// A browser forgets a cookie that is of no use any more.
fn refused(services: &Services, transport: Transport) -> HttpResponse {
    let text = "This refresh token is not, or no longer, valid. Log in again.";
    let mut answer = Error::new(Code::Unauthenticated, text).error_response();
    if transport == Transport::Cookie {
        forget_cookie(services, &mut answer);
    }
    answer
}

fn forget_cookie(services: &Services, answer: &mut HttpResponse) {
    if let Err(error) = answer.add_cookie(&cookie::forgotten(&services.config)) {
        log::error!("{error}");
    }
}

/// The caller's sessions, newest first.
#[utoipa::path(get, operation_id = "listSessions", path = "/api/v1/sessions", tag = "sessions", security(("bearer" = [])), responses(
    (status = 200, description = "The sessions in force", body = List<SessionView>),
))]
pub(crate) async fn list(
    services: web::Data<Services>,
    account: Identity,
    Query(paging): Query<Paging>,
) -> Answer {
    let (user, current) = (account.user.id, account.session()?);
    let all = services.store.read(move |conn| sessions::list(conn, user, Millis::now())).await?;
    let after = paging.cursor.map(|cursor| cursor.id);
    let rest =
        all.into_iter().skip_while(|session| after.as_ref().is_some_and(|id| session.id.to_string() >= *id));
    let mut items: Vec<Session> = rest.take(paging.limit.count() + 1).collect();
    let there_is_more = items.len() > paging.limit.count();
    items.truncate(paging.limit.count());
    let next = items.last().filter(|_| there_is_more).map(|last| last.id);
    let page = Page { items, next }.map(|session| view(session, current));
    Ok(HttpResponse::Ok().json(List::new(page)))
}

fn view(session: Session, current: SessionId) -> SessionView {
    SessionView {
        current: session.id == current,
        id: session.id,
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        user_agent: session.user_agent,
    }
}

/// Ends one of the caller's sessions.
#[utoipa::path(delete, operation_id = "endSession", path = "/api/v1/sessions/{id}", tag = "sessions", security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "The session")), responses(
    (status = 204, description = "Its tokens are dead, its sockets close"),
))]
pub(crate) async fn end_one(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(id): Path<SessionId>,
) -> Answer {
    let entry = NewEntry { target: Some(id.to_string()), ..record::of(&account, address, "session.end") };
    let user = account.user.id;
    services.streams.act_anywhere(move |tx| Ok(((), end(tx, user, id, &entry)?))).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Logs out of this session.
#[utoipa::path(delete, operation_id = "endCurrentSession", path = "/api/v1/sessions/current", tag = "sessions", security(("bearer" = [])), responses(
    (status = 204, description = "Its tokens are dead, its sockets close"),
))]
pub(crate) async fn end_current(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
) -> Answer {
    let entry = record::of(&account, address, "logout");
    let (user, id) = (account.user.id, account.session()?);
    services.streams.act_anywhere(move |tx| Ok(((), end(tx, user, id, &entry)?))).await?;
    Ok(logged_out(&services))
}

/// Logs out everywhere.
#[utoipa::path(delete, operation_id = "endAllSessions", path = "/api/v1/sessions", tag = "sessions", security(("bearer" = [])), responses(
    (status = 204, description = "All tokens of the account are dead, all its sockets close"),
))]
pub(crate) async fn end_all(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
) -> Answer {
    let entry = record::of(&account, address, "logout.everywhere");
    let user = account.user.id;
    let ended = services.streams.act_anywhere(move |tx| {
        let now = Millis::now();
        audit::append(tx, &entry, now)?;
        sessions::revoke_all(tx, user, None, now)?;
        Ok(((), SignedOut::Sessions { user, kept: None }.into()))
    });
    ended.await?;
    Ok(logged_out(&services))
}

fn end(tx: &mut Tx<'_>, user: UserId, id: SessionId, entry: &NewEntry) -> store::Result<Publication> {
    let now = Millis::now();
    sessions::revoke(tx, user, id, now)?;
    audit::append(tx, entry, now)?;
    Ok(SignedOut::Session(id).into())
}

/// The answer that makes a browser forget its cookie.
pub(crate) fn logged_out(services: &Services) -> HttpResponse {
    let mut answer = HttpResponse::NoContent().finish();
    forget_cookie(services, &mut answer);
    answer
}
