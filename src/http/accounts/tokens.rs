//! The tokens of a session: opening one, following one, and how they travel to the client.
//! It must not know who may have them.

use super::cookie;
use crate::{
    auth::{Keys, RefreshToken, token::ACCESS_TTL_S},
    domain::{Login, Millis, SessionId, UserId},
    http::{ClientAddress, Services, moderation::record},
    store::{
        self, Tx, User,
        accounts::sessions::{self, NewSession, Session},
        moderation::audit,
    },
    wire::view::UserView,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a refresh token lives unused, in seconds.
pub(crate) const REFRESH_TTL_S: i64 = 30 * 24 * 3600;
/// Sessions an account has at most; the oldest end when one more is opened.
const SESSIONS_MAX: usize = 100;
/// What is kept of what a client calls itself, in characters.
const USER_AGENT_CHARS: usize = 256;

/// How the refresh token travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Transport {
    /// In bodies: for programs.
    #[default]
    Body,
    /// In a cookie that scripts cannot read: for browsers.
    Cookie,
}

/// A session with its tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Names the session.
    pub id: SessionId,
    /// For the `Authorization` header.
    pub access_token: String,
    /// Always the word `Bearer`.
    pub token_type: &'static str,
    /// How long the access token lives, in seconds.
    pub expires_in: u64,
    /// For the next refresh; absent where it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// How long the refresh token lives, in seconds.
    pub refresh_expires_in: i64,
}

/// Somebody has come in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entered {
    /// Who it is.
    pub user: UserView,
    /// With which session.
    pub session: Tokens,
}

/// A refreshed session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refreshed {
    /// Both tokens are new.
    pub session: Tokens,
}

/// A client that is about to be given a session.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    user_agent: String,
    address: ClientAddress,
    keys: Keys,
}

impl Newcomer {
    /// Who sends this request.
    pub(crate) fn of(request: &HttpRequest, services: &Services, address: ClientAddress) -> Self {
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned());
        Self {
            user_agent: user_agent.unwrap_or_default().chars().take(USER_AGENT_CHARS).collect(),
            address,
            keys: services.keys.clone(),
        }
    }

    /// Opens a session and puts on record how.
    pub(crate) fn enter(&self, tx: &mut Tx<'_>, user: UserId, action: &'static str) -> store::Result<Issued> {
        let (id, now) = (SessionId::new(), Millis::now());
        let refresh = RefreshToken::derive(&self.keys, id, 0);
        let new = NewSession {
            id,
            user_id: user,
            user_agent: self.user_agent.clone(),
            refresh_hash: refresh.hash(),
            refresh_expires_at: now.plus_s(REFRESH_TTL_S),
        };
        for old in sessions::list(tx, user, now)?.iter().skip(SESSIONS_MAX - 1) {
            sessions::revoke(tx, user, old.id, now)?;
        }
        let session = sessions::create(tx, &new, now)?;
        audit::append(tx, &record::by(user, Some(Login::Session(id)), self.address, action), now)?;
        Ok(Issued { session, refresh })
    }
}

/// A session and the refresh token in force.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub session: Session,
    pub refresh: RefreshToken,
}

impl Issued {
    /// Answers somebody who has just come in.
    pub(crate) fn entered(
        self,
        services: &Services,
        user: User,
        transport: Option<Transport>,
    ) -> HttpResponse {
        let entered = |session| Entered { user: user.into(), session };
        self.answer(services, transport.unwrap_or_default(), HttpResponse::Created(), entered)
    }

    /// Puts a body made of the tokens into an answer, and the refresh token where it is to travel.
    pub(crate) fn answer<T: Serialize>(
        self,
        services: &Services,
        transport: Transport,
        mut answer: HttpResponseBuilder,
        body: impl FnOnce(Tokens) -> T,
    ) -> HttpResponse {
        let now = Millis::now();
        let refresh_expires_in = self.session.refresh_expires_at.since(now) / 1000;
        let in_body = match transport {
            Transport::Body => Some(self.refresh.expose().to_owned()),
            Transport::Cookie => {
                answer.cookie(cookie::holding(self.refresh.expose(), refresh_expires_in, &services.config));
                None
            }
        };
        answer.json(body(Tokens {
            id: self.session.id,
            access_token: services.keys.issue(self.session.user_id, self.session.id, now).token,
            token_type: "Bearer",
            expires_in: ACCESS_TTL_S,
            refresh_token: in_body,
            refresh_expires_in,
        }))
    }
}
