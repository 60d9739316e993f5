//! What administrators do by REST. Whoever is none gets nothing of it, whatever they ask for: who asks is looked at before the
//! rest of a request is. It must not know how any of it is done.

pub(crate) mod bans;
pub(crate) mod invitations;
pub(crate) mod logo;
pub(crate) mod record;
pub(crate) mod settings;
pub(crate) mod stats;
pub(crate) mod streams;
pub(crate) mod users;

use super::{ClientAddress, Error, extract::Identity, moderation::record as entries};
use crate::{domain::UserId, operate::orders::By, wire::Code};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

/// An administrator who asks for something.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    account: Identity,
    address: ClientAddress,
}

impl Operator {
    /// Whose account it is.
    pub(crate) fn id(&self) -> UserId {
        self.account.user.id
    }

    /// As the record knows them.
    pub(crate) fn by(&self) -> By {
        By::administrator(entries::of(&self.account, self.address, ""))
    }
}

/// What an administrator asks for: the rest of the request is read once it is known that it is one.
/// Errors: `unauthenticated` for guests, `forbidden` for all others.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub Operator, pub T);

impl<T: FromRequest + 'static> FromRequest for Asked<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let account = Identity::extract(&request).await?;
            if !account.user.is_admin {
                return Err(
                    Error::new(Code::Forbidden, "This is for the administrators of this site.").into()
                );
            }
            let address = ClientAddress::extract(&request).await?;
            let rest = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Asked(Operator { account, address }, rest))
        })
    }
}
