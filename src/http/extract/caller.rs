//! Who is calling: a guest, or an account with a token whose session is alive.
//! A bad token is never taken for no token.

use super::app;
use crate::{
    connections::worker::{Identity, identify},
    domain::{
        ids::{SessionId, UserId},
        time::Millis,
    },
    http::{ClientAddress, Error, error::bad_token},
    room::core::roster,
    store::accounts::{sessions::Session, users::User},
    wire::{
        problem::{Code, Refusal},
        view::UserRef,
    },
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use futures_util::{
    TryFutureExt,
    future::{LocalBoxFuture, ready},
};

/// Whoever calls.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Without credentials: may read what is public.
    Guest,
    /// Signed in.
    Account(Box<Account>),
}

impl Caller {
    /// The account, if signed in.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Caller::Guest => None,
            Caller::Account(account) => Some(account),
        }
    }
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub user: User,
    /// The login that the token belongs to.
    pub session: Session,
    /// When the token ends.
    pub expires_at: Millis,
    /// From where.
    pub address: ClientAddress,
}

impl Account {
    /// As a room knows it.
    pub fn in_room(&self) -> roster::Account {
        roster::Account {
            user: UserRef::from(&self.user),
            created_at: self.user.created_at,
            is_admin: self.user.is_admin,
            session_id: self.session.id,
            address: self.address.0,
        }
    }
}

/// Who a request turned out to be from, left with it for whoever looks at its answer.
#[derive(Clone, Copy, Debug)]
pub struct Proved {
    /// Who.
    pub user: UserId,
    /// With which login.
    pub session: SessionId,
}

/// The account that the request's token proves; none without a token.
async fn authenticate(request: HttpRequest) -> Result<Option<Account>, Error> {
    let Some(token) = bearer(request.headers())? else { return Ok(None) };
    let app = app(&request);
    let identity = identify(&app.desk, &app.keys, &token, Millis::now()).await;
    let Identity { user, session, expires_at } = identity.map_err(refused)?;
    request.extensions_mut().insert(Proved { user: user.id, session: session.id });
    let address = ClientAddress::from((&request, &*app.config));
    Ok(Some(Account { user, session, expires_at, address }))
}

fn refused(refusal: Refusal) -> Error {
    match refusal.code {
        Code::Unauthenticated => bad_token(),
        _ => refusal.into(),
    }
}

/// The bearer token; an `Authorization` header that holds none, or a second one, is a bad token.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(None) };
    let (scheme, token) = line.to_str().ok().and_then(|line| line.split_once(' ')).ok_or_else(bad_token)?;
    match scheme.eq_ignore_ascii_case("bearer") && lines.next().is_none() {
        true => Ok(Some(token.trim().to_owned())),
        false => Err(bad_token()),
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller =
            |account: Option<Account>| account.map_or(Caller::Guest, |a| Caller::Account(Box::new(a)));
        Box::pin(authenticate(request.clone()).map_ok(caller))
    }
}

impl FromRequest for Account {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = |account: Option<Account>| {
            account.ok_or_else(|| Error::new(Code::Unauthenticated, "Sign in first."))
        };
        Box::pin(authenticate(request.clone()).and_then(move |account| ready(signed_in(account))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn token(lines: &[&'static str]) -> Result<Option<String>, Code> {
        let mut headers = HeaderMap::new();
        lines.iter().for_each(|line| headers.append(header::AUTHORIZATION, HeaderValue::from_static(line)));
        bearer(&headers).map_err(|error| error.code())
    }

    #[test]
    fn a_header_without_a_bearer_token_is_a_bad_token_and_not_a_guest() {
        assert_eq!(token(&[]), Ok(None));
        assert_eq!(token(&["Bearer abc"]), Ok(Some("abc".to_owned())));
        assert_eq!(token(&["bearer abc"]), Ok(Some("abc".to_owned())));
        for bad in [&["Basic abc"][..], &["Bearer"], &[""], &["Bearer a", "Bearer b"]] {
            assert_eq!(token(bad), Err(Code::Unauthenticated), "{bad:?}");
        }
    }
}
