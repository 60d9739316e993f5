//! Who is calling: a guest, or an account with a token whose session is alive.
//! A bad token is never taken for no token.

use super::services;
use crate::{
    domain::{Login, Millis, UserId},
    http::{ClientAddress, Error, barred, error::bad_token, key_scopes},
    identity::{Account, Identity},
    wire::{Code, Refusal},
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

#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// Without credentials: may read what is public.
    Guest,
    Account(Box<Identity>),
}

impl Caller {
    /// The account, if signed in.
    pub(crate) fn account(&self) -> Option<&Identity> {
        match self {
            Caller::Guest => None,
            Caller::Account(account) => Some(account),
        }
    }

    /// As rooms know them; none for a guest.
    pub(crate) fn in_room(&self) -> Option<Account> {
        self.account().map(Identity::account)
    }

    /// What is known of them; none for a guest.
    pub(crate) fn into_identity(self) -> Option<Identity> {
        match self {
            Caller::Guest => None,
            Caller::Account(identity) => Some(*identity),
        }
    }
}

/// Who a request turned out to be from, left with it for whoever looks at its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proved {
    pub user: UserId,
    /// With which session or key.
    pub login: Login,
}

/// The account that the request's token proves; none without a token.
async fn authenticate(request: HttpRequest) -> Result<Option<Identity>, Error> {
    match bearer(request.headers())? {
        Some(token) => prove(&request, &token).await.map(Some),
        None => Ok(None),
    }
}

/// The account that a token of the request proves; who it is from stays with the request.
/// Errors: those of [`crate::identity::Identities::identify`]; `banned` where it is barred from
/// the site and this route writes; `forbidden` where it is a key that is not good for it.
pub(crate) async fn prove(request: &HttpRequest, token: &str) -> Result<Identity, Error> {
    let services = services(request);
    let ClientAddress(address) = ClientAddress::from((request, &*services.config));
    let identity = services.identities.identify(token, address, Millis::now()).await.map_err(refused)?;
    request.extensions_mut().insert(Proved { user: identity.user.id, login: identity.login });
    let (method, route) = (request.method(), request.match_pattern());
    barred::check(&services.store, identity.account(), method, route.as_deref()).await?;
    key_scopes::check(identity.grant, method, route.as_deref())?;
    Ok(identity)
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
            |account: Option<Identity>| account.map_or(Caller::Guest, |a| Caller::Account(Box::new(a)));
        Box::pin(authenticate(request.clone()).map_ok(caller))
    }
}

impl FromRequest for Identity {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = |account: Option<Identity>| {
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
