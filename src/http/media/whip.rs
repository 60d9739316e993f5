//! Publishers by WHIP (RFC 9725): browsers with a login, encoders with a key.
//! It must not know how a picture travels.

use super::offers;
use crate::{
    auth::account_key::AccountKey,
    domain::{
        Login, Millis, Right, Status, StreamId, UserId,
        stream::{
            ingest_key::{IngestKey, KeyVersion},
            picture::IngestRefusal,
        },
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Path, Query, bearer, prove},
    },
    media::handle::{Owner, Publish, Refused},
    room::front::registry::PictureOf,
    services::picture::{
        encoder_keys::{Entry, NoEntry},
        sessions::{MediaSession, Part},
    },
    store::streams::ingest,
    wire::{Code, Refusal},
};
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use std::time::Instant;
use utoipa::IntoParams;

/// How a publisher comes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Takes the place of a source that still sends.
    #[serde(default)]
    takeover: bool,
}

/// Somebody who may send to a stream.
#[derive(Debug)]
struct Publisher {
    stream: StreamId,
    /// None for who came by key.
    login: Option<(UserId, Login)>,
    /// None for who came by a login.
    key: Option<KeyVersion>,
    owner: Owner,
}

/// Sends a picture, by the key of a stream or of an account, or one of an account's keys for programs: into its stream on air, else into the one scheduled soonest.
#[utoipa::path(post, operation_id = "publishByKey", path = "/api/v1/whip", tag = "picture",
    request_body(content = String, content_type = "application/sdp", description = "The offer"),
    responses((status = 201, description = "The answer; the session in `Location`, a relay in `Link`", body = String, content_type = "application/sdp")),
    security(("streamKey" = []), ("bearer" = [])))]
pub(crate) async fn publish_by_key(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    payload: web::Payload,
) -> Answer {
    let key = bearer(request.headers())?.ok_or_else(key_needed)?;
    let publisher = match AccountKey::is_meant_by(&key) {
        true => by_account_key(&request, &services, &key).await?,
        false => by_key(&services, &key, None, address).await?,
    };
    let offer = offers::read(&request, payload).await?;
    begin(&request, &services, address, publisher, false, offer).await
}

/// Sends a picture to a stream: its host with an access token, or an encoder with a key.
#[utoipa::path(post, operation_id = "publish", path = "/api/v1/streams/{id}/whip", tag = "picture",
    params(("id" = StreamId, Path), Wanted),
    request_body(content = String, content_type = "application/sdp", description = "The offer"),
    responses((status = 201, description = "The answer; the session in `Location`, a relay in `Link`", body = String, content_type = "application/sdp")),
    security(("bearer" = []), ("streamKey" = [])))]
pub(crate) async fn publish(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    id: Path<StreamId>,
    wanted: Query<Wanted>,
    payload: web::Payload,
) -> Answer {
    let publisher = publisher(&request, &services, id.0, address).await?;
    let offer = offers::read(&request, payload).await?;
    begin(&request, &services, address, publisher, wanted.0.takeover, offer).await
}

async fn begin(
    request: &HttpRequest,
    services: &Services,
    address: ClientAddress,
    publisher: Publisher,
    takes_over: bool,
    offer: String,
) -> Answer {
    let media = offers::media(services)?;
    let Publisher { stream, login, key, owner } = publisher;
    let claims = &services.picture.claims;
    let is_free = claims.claim(stream).await?;
    if !is_free && !takes_over {
        tell_host(services, stream, &Refused::Conflict);
        return Err(offers::refused(Refused::Conflict));
    }
    // Only who is let in takes the picture from another node: who is refused changes nothing.
    let takeover = if is_free { None } else { Some(claims.takeover().await) };
    let session = MediaSession {
        id: None,
        stream,
        login,
        owner: owner.clone(),
        part: Part::Publisher,
        alone_since: Instant::now(),
        was_here: false,
    };
    let (beginning, held) = services.picture.sessions.begin(session);
    let agent = offers::agent(request);
    let from = address.0;
    let publish = Publish { stream, owner: owner.clone(), key, takes_over, agent, offer, from, held };
    let answered = match media.publish(publish).await {
        Ok(answered) => answered,
        Err(why) => {
            if is_free {
                claims.let_go(stream).await;
            }
            tell_host(services, stream, &why);
            return Err(offers::refused(why));
        }
    };
    beginning.is(&answered.session);
    let taken = match takeover {
        Some(takeover) => takeover.claim(stream).await,
        None => Ok(()),
    };
    // Between the first look and the entry in the table nothing finds it that would end it.
    let again = match taken {
        Ok(()) => look_again(request, services, stream, address).await,
        Err(error) => Err(error.into()),
    };
    if let Err(refused) = again {
        media.close(&answered.session, owner).await;
        return Err(refused);
    }
    offers::created(request, answered)
}

/// Encoders show their users little of an answer, so the host is told why a source was not let in.
fn tell_host(services: &Services, stream: StreamId, why: &Refused) {
    let refusal = IngestRefusal { at: Millis::now(), code: why.code().into(), detail: why.to_string() };
    services.streams.pictures.refused(stream, refusal);
    if services.streams.registry.try_send(PictureOf(stream)).is_err() {
        log::debug!("the host of {stream} is told later that a source was refused");
    }
}

async fn look_again(
    request: &HttpRequest,
    services: &Services,
    stream: StreamId,
    address: ClientAddress,
) -> Result<(), Error> {
    publisher(request, services, stream, address).await.map(drop)
}

async fn publisher(
    request: &HttpRequest,
    services: &Services,
    stream: StreamId,
    address: ClientAddress,
) -> Result<Publisher, Error> {
    let token = bearer(request.headers())?.ok_or_else(login_needed)?;
    match token.parse::<IngestKey>() {
        Ok(_) => by_key(services, &token, Some(stream), address).await,
        Err(_) => by_login(request, services, &token, stream).await,
    }
}

async fn by_key(
    services: &Services,
    key: &str,
    wanted: Option<StreamId>,
    address: ClientAddress,
) -> Result<Publisher, Error> {
    match services.picture.encoder_keys.open(key, wanted, address.0).await {
        Ok(Entry { stream, key, digest }) => {
            Ok(Publisher { stream, login: None, key: Some(key), owner: Owner::Key(digest) })
        }
        Err(NoEntry::Unknown) => Err(Error::new(Code::Unauthenticated, "This is not a key in force.")),
        Err(NoEntry::Throttled(too_many)) => Err(services.limit_reached(too_many).into()),
        Err(NoEntry::NoStream) => Err(no_stream()),
        Err(NoEntry::Ended) => Err(ended().into()),
        Err(NoEntry::Barred(refusal)) => Err(refusal.into()),
        Err(NoEntry::Store(error)) => Err(error.into()),
    }
}

async fn by_login(
    request: &HttpRequest,
    services: &Services,
    token: &str,
    stream: StreamId,
) -> Result<Publisher, Error> {
    let identity = prove(request, token).await?;
    let may = services.streams.read_as(stream, Some(identity.account()), |_, access| {
        access.require(Right::Manage)?;
        match access.stream.status {
            Status::Ended => Err(ended().into()),
            _ => Ok(()),
        }
    });
    may.await?;
    let owner = Owner::Account(identity.user.id);
    Ok(Publisher { stream, login: Some((identity.user.id, identity.login)), key: None, owner })
}

/// Into the stream that the encoders of the key's account send to.
async fn by_account_key(request: &HttpRequest, services: &Services, key: &str) -> Result<Publisher, Error> {
    let host = prove(request, key).await?.user.id;
    let target = services.store.read(move |conn| ingest::target_of_account(conn, host)).await?;
    by_login(request, services, key, target.ok_or_else(no_stream)?.stream).await
}

fn no_stream() -> Error {
    Error::new(Code::Conflict, "There is no stream to send to: none is on air or scheduled.")
}

fn ended() -> Refusal {
    Refusal::new(Code::StreamEnded, "This stream is over.")
}

fn key_needed() -> Error {
    Error::new(Code::Unauthenticated, "Send the key of your stream or account as a bearer token.")
}

fn login_needed() -> Error {
    Error::new(Code::Unauthenticated, "Log in, or send the stream's key as a bearer token.")
}
