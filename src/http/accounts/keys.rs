//! Keys of accounts, for programs: made, listed and deleted by who is logged in.
//! It must not know what a key may do where.

use crate::{
    auth::account_key::AccountKey,
    domain::{
        KeyId, Millis,
        accounts::key::{KEYS_MAX, KeyScopes},
        text::KeyName,
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{
            Identity, Json, Path,
            list::{self, List, Paging},
        },
        moderation::record,
    },
    room::operations::SignedOut,
    store::{
        self, Conflict,
        accounts::keys::{self, Key, NewKey},
        moderation::audit::{self, NewEntry},
    },
    wire::{Code, Refusal},
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The limit that is counted where somebody has all the keys they may have.
const LIMIT: &str = "KEYS_PER_USER";

/// A key to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKeyBody {
    /// What its owner calls it.
    name: KeyName,
    /// What it is good for.
    scopes: KeyScopes,
    /// Whether what is written with it is marked as a bot's.
    #[serde(default)]
    bot: Option<bool>,
    /// When it ends, in the future; null for never.
    #[serde(default)]
    expires_at: Option<Millis>,
}

/// A key, without itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// What names it for good.
    id: KeyId,
    /// What its owner calls it.
    name: String,
    /// What it is good for.
    scopes: KeyScopes,
    /// Whether what is written with it is marked as a bot's.
    bot: bool,
    /// Its first letters, to know it by.
    prefix: String,
    /// When it was made.
    created_at: Millis,
    /// When it ends; null for never.
    expires_at: Option<Millis>,
    /// When it was last used, to the minute; null for not yet.
    last_used_at: Option<Millis>,
}

/// A key that has just been made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// All else of it.
    #[serde(flatten)]
    view: KeyView,
    /// The key itself, which is shown this once.
    key: String,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            bot: key.is_bot,
            prefix: key.beginning,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// Makes a key: a bearer token for programs, with the rights of the account as far as its scopes reach, and never those of an
/// administrator. At most 20 an account, then it is a `conflict`.
#[utoipa::path(post, operation_id = "createKey", path = "/api/v1/users/me/keys", tag = "keys", security(("bearer" = [])), request_body = NewKeyBody, responses(
    (status = 201, description = "Made; `key` is shown this once", body = MadeKey),
))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Json(body): Json<NewKeyBody>,
) -> Answer {
    if body.expires_at.is_some_and(|at| at <= Millis::now()) {
        return Err(Refusal::invalid_field("expires_at", "out_of_range", "in the future").into());
    }
    let key = AccountKey::random().map_err(Error::internal)?;
    let new = NewKey {
        user_id: account.user.id,
        name: body.name.into_string(),
        scopes: body.scopes,
        is_bot: body.bot.unwrap_or(false),
        beginning: key.beginning().to_owned(),
        hash: key.hash(),
        expires_at: body.expires_at,
    };
    let entry = record::of(&account, address, "key.create");
    let made = services.store.write::<_, store::Error>(move |tx| {
        let now = Millis::now();
        let made = keys::create(tx, &new, now)?;
        let reason = Some(made.scopes.to_string());
        audit::append(tx, &NewEntry { target: Some(made.id.to_string()), reason, ..entry.clone() }, now)?;
        Ok(made)
    });
    let view = KeyView::from(made.await.map_err(|error| refused(&services, error))?);
    Ok(HttpResponse::Created().json(MadeKey { view, key: key.expose().to_owned() }))
}

fn refused(services: &Services, error: store::Error) -> Error {
    let store::Error::Conflict(Conflict::TooMany) = error else { return error.into() };
    services.metrics.limit_hits.of(LIMIT).inc();
    Error::new(Code::Conflict, format!("You have {KEYS_MAX} keys, and more cannot be kept. Delete one."))
}

/// The caller's keys, latest first.
#[utoipa::path(get, operation_id = "listKeys", path = "/api/v1/users/me/keys", tag = "keys", security(("bearer" = [])), params(Paging), responses(
    (status = 200, description = "A page of the list", body = List<KeyView>),
))]
pub(crate) async fn list(asked: list::OfCaller) -> Answer {
    let listed: List<KeyView> = list::of_caller(asked, keys::list).await?;
    Ok(HttpResponse::Ok().json(listed))
}

/// One of the caller's keys.
#[utoipa::path(get, operation_id = "getKey", path = "/api/v1/users/me/keys/{id}", tag = "keys", security(("bearer" = [])),
    params(("id" = KeyId, Path, description = "The key")), responses(
    (status = 200, description = "All but the key itself", body = KeyView),
))]
pub(crate) async fn read(services: web::Data<Services>, account: Identity, Path(id): Path<KeyId>) -> Answer {
    let user = account.user.id;
    let key = services.store.read(move |conn| keys::one(conn, user, id)).await?;
    Ok(HttpResponse::Ok().json(KeyView::from(key.ok_or_else(Error::not_found)?)))
}

/// Deletes a key.
#[utoipa::path(delete, operation_id = "deleteKey", path = "/api/v1/users/me/keys/{id}", tag = "keys", security(("bearer" = [])),
    params(("id" = KeyId, Path, description = "The key")), responses(
    (status = 204, description = "It is worthless, and its sockets close"),
))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(id): Path<KeyId>,
) -> Answer {
    let entry = NewEntry { target: Some(id.to_string()), ..record::of(&account, address, "key.delete") };
    let user = account.user.id;
    let deleted = services.streams.act_anywhere(move |tx| {
        let now = Millis::now();
        keys::revoke(tx, user, id, now)?;
        audit::append(tx, &entry, now)?;
        Ok(((), SignedOut::Key(id).into()))
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}
