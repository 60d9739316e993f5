//! Avatars and covers: an account sends its own, everybody sees them.
//! It must not know how an image is decoded.

use super::users::named;
use crate::{
    domain::{
        Millis, Username,
        accounts::image::{Image, ImageKind},
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Identity, Path, Query, etag, image},
        moderation::record,
    },
    room::operations::Fault,
    services::images::{NotMade, PIXELS_MAX, SIDE_MAX, Unfit},
    store::{
        self,
        accounts::images,
        moderation::audit::{self, NewEntry},
    },
    wire::{Code, Refusal, view::UserView},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentEncoding, ETag, EntityTag},
    web,
};
use serde::Deserialize;
use std::time::Instant;
use utoipa::IntoParams;

/// Bytes of an image as it is sent.
pub(crate) const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;
/// How all of them are kept.
const JPEG: &str = "image/jpeg";
/// An address that names its version has this image for ever, or none.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// One that names none has the image of the moment.
const FOR_A_MINUTE: &str = "public, max-age=60";
/// Opened by itself, an image is an image and nothing else.
const NOTHING_ELSE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// What one waits who came while others' were decoded.
const RETRY_AFTER_MS: i64 = 2_000;

/// Which version is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// As `avatar_url`, `cover_url` and `logo_url` have it; without it, or with another than there is, the answer is good for a minute.
    v: Option<String>,
}

/// Gives the account an avatar: the middle of the image, 256 by 256, as a JPEG, with nothing else of what was sent.
#[utoipa::path(put, operation_id = "putAvatar", path = "/api/v1/users/me/avatar", tag = "accounts", security(("bearer" = [])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp")),
        description = "At most 2 MiB, 8192 pixels a side and 25 million pixels"),
    responses((status = 200, description = "The account", body = UserView)))]
pub(crate) async fn put_avatar(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    payload: web::Payload,
) -> Answer {
    put(&request, &services, &account, payload, ImageKind::Avatar).await
}

/// Gives the account a cover: the middle of the image, 1500 by 500, as a JPEG, with nothing else of what was sent.
#[utoipa::path(put, operation_id = "putCover", path = "/api/v1/users/me/cover", tag = "accounts", security(("bearer" = [])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp")),
        description = "At most 2 MiB, 8192 pixels a side and 25 million pixels"),
    responses((status = 200, description = "The account", body = UserView)))]
pub(crate) async fn put_cover(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    payload: web::Payload,
) -> Answer {
    put(&request, &services, &account, payload, ImageKind::Cover).await
}

/// Takes the avatar of the account away.
#[utoipa::path(delete, operation_id = "deleteAvatar", path = "/api/v1/users/me/avatar", tag = "accounts", security(("bearer" = [])),
    responses((status = 204, description = "There is none, also if there was none before")))]
pub(crate) async fn delete_avatar(services: web::Data<Services>, account: Identity) -> Answer {
    delete(&services, &account, ImageKind::Avatar).await
}

/// Takes the cover of the account away.
#[utoipa::path(delete, operation_id = "deleteCover", path = "/api/v1/users/me/cover", tag = "accounts", security(("bearer" = [])),
    responses((status = 204, description = "There is none, also if there was none before")))]
pub(crate) async fn delete_cover(services: web::Data<Services>, account: Identity) -> Answer {
    delete(&services, &account, ImageKind::Cover).await
}

/// Takes the avatar of somebody away; the account's own right, and that of admins.
#[utoipa::path(delete, operation_id = "removeAvatar", path = "/api/v1/users/{username}/avatar", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")),
    responses((status = 204, description = "There is none, also if there was none before")))]
pub(crate) async fn remove_avatar(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(username): Path<Username>,
) -> Answer {
    remove(&services, username, ImageKind::Avatar, record::of(&account, address, "avatar.remove"), account)
        .await
}

/// Takes the cover of somebody away; the account's own right, and that of admins.
#[utoipa::path(delete, operation_id = "removeCover", path = "/api/v1/users/{username}/cover", tag = "accounts", security(("bearer" = [])),
    params(("username" = String, Path, description = "In any case")),
    responses((status = 204, description = "There is none, also if there was none before")))]
pub(crate) async fn remove_cover(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(username): Path<Username>,
) -> Answer {
    remove(&services, username, ImageKind::Cover, record::of(&account, address, "cover.remove"), account)
        .await
}

/// The avatar of an account.
#[utoipa::path(get, operation_id = "getAvatar", path = "/api/v1/users/{username}/avatar", tag = "accounts",
    params(("username" = String, Path, description = "In any case"), Wanted),
    responses(
        (status = 200, description = "256 by 256 pixels", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "`If-None-Match` names it"),
    ))]
pub(crate) async fn avatar(
    request: HttpRequest,
    services: web::Data<Services>,
    Path(username): Path<Username>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    read(&request, &services, username, wanted, ImageKind::Avatar).await
}

/// The cover of an account.
#[utoipa::path(get, operation_id = "getCover", path = "/api/v1/users/{username}/cover", tag = "accounts",
    params(("username" = String, Path, description = "In any case"), Wanted),
    responses(
        (status = 200, description = "1500 by 500 pixels", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "`If-None-Match` names it"),
    ))]
pub(crate) async fn cover(
    request: HttpRequest,
    services: web::Data<Services>,
    Path(username): Path<Username>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    read(&request, &services, username, wanted, ImageKind::Cover).await
}

async fn put(
    request: &HttpRequest,
    services: &Services,
    account: &Identity,
    payload: web::Payload,
    kind: ImageKind,
) -> Answer {
    let tried = services.tries.image(account.user.id, Instant::now());
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let sent = image(request, payload.into_inner()).await?;
    let image = services.images.make(sent, kind).await.map_err(refused)?;
    let id = account.user.id;
    let put = services.store.write(move |tx| images::put(tx, id, kind, &image, Millis::now()));
    Ok(HttpResponse::Ok().json(UserView::from(put.await?)))
}

async fn delete(services: &Services, account: &Identity, kind: ImageKind) -> Answer {
    let id = account.user.id;
    services.store.write(move |tx| images::delete(tx, id, kind)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes an image from whoever has that name, and puts on record who did.
async fn remove(
    services: &Services,
    username: Username,
    kind: ImageKind,
    entry: NewEntry,
    account: Identity,
) -> Answer {
    let actor = account.account();
    let removed = services.store.write::<_, Fault>(move |tx| {
        let user = named(tx, &username)?;
        if user.id != actor.user.id && !actor.is_admin {
            return Err(Refusal::new(Code::Forbidden, "This is not your account.").into());
        }
        images::delete(tx, user.id, kind)?;
        let entry = NewEntry { target: Some(user.id.to_string()), ..entry.clone() };
        Ok(audit::append(tx, &entry, Millis::now())?)
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn read(
    request: &HttpRequest,
    services: &Services,
    username: Username,
    wanted: Wanted,
    kind: ImageKind,
) -> Answer {
    let found = services.store.read::<_, store::Error>(move |conn| {
        let user = named(conn, &username)?;
        images::read(conn, user.id, kind)
    });
    Ok(as_asked(request, &wanted, Image::from(found.await?.ok_or_else(Error::not_found)?)))
}

/// An image under the address that was asked for.
pub(crate) fn as_asked(request: &HttpRequest, wanted: &Wanted, image: Image) -> HttpResponse {
    let tag = EntityTag::new_strong(image.version.clone());
    let is_known = etag::is_known(request, &tag);
    let is_for_ever = wanted.v.as_ref().is_some_and(|version| *version == image.version);
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, if is_for_ever { FOR_EVER } else { FOR_A_MINUTE }))
        .insert_header((header::CONTENT_SECURITY_POLICY, NOTHING_ELSE));
    match is_known {
        true => answer.finish(),
        false => answer.content_type(JPEG).insert_header(ContentEncoding::Identity).body(image.bytes),
    }
}

/// Why there is no image, in words.
pub(crate) fn refused(why: NotMade) -> Error {
    let unfit = |code: &'static str, text: String| Refusal::invalid_field("body", code, text).into();
    match why {
        NotMade::Unfit(Unfit::TooLarge) => {
            let most = format!("at most {SIDE_MAX} pixels a side and {PIXELS_MAX} in all");
            unfit("out_of_range", most)
        }
        NotMade::Unfit(Unfit::Malformed) => {
            unfit("malformed", "not a JPEG, PNG or WebP that can be read".to_owned())
        }
        NotMade::Busy => Refusal::overloaded().retry_after(RETRY_AFTER_MS).into(),
    }
}
