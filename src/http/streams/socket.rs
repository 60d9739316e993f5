//! The handle to a room's socket: origin, credentials, limits and sight, all judged before the upgrade.
//! It must not know what is said on it.

use crate::{
    connections::{
        origin,
        websocket::{
            handshake::{Handshake, NoHandshake, VERSION, protocols},
            upgrade::{self, Allowed},
        },
        worker::WorkerContext,
    },
    domain::StreamId,
    http::{
        ClientAddress, Error, Services,
        extract::{
            Path, Query, bearer,
            position::{malformed, place},
            prove,
        },
        middleware::guard::method,
    },
    identity::Identity,
    room::core::openings::{Opening, Since},
    wire::{Code, Refusal},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    web,
};
use serde::Deserialize;
use std::rc::Rc;
use utoipa::IntoParams;

/// What precedes a token among the subprotocols, for browsers, which can set no header.
const BEARER_PROTOCOL: &str = "bearer.";

/// Where a returning viewer goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Read {
    /// The last `seq` one has.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    since: Option<String>,
    /// The epoch one has it from.
    #[serde(default)]
    epoch: Option<String>,
}

/// Opens a socket in a room. Frames are UTF-8 JSON text: the schemas `ServerFrame` and `ClientFrame`. Credentials come
/// in the `Authorization` header, as the subprotocols `livehouse.v1, bearer.<access token>`, or later in an `auth` op.
#[utoipa::path(get, operation_id = "openSocket", path = "/api/v1/streams/{id}/ws", tag = "room",
    params(("id" = StreamId, Path, description = "The stream"), Read), responses(
    (status = 101, description = "The socket is open; `welcome` comes first"),
))]
pub(crate) async fn open(
    request: HttpRequest,
    body: web::Payload,
    services: web::Data<Services>,
    address: ClientAddress,
    Path(stream): Path<StreamId>,
    Query(read): Query<Read>,
) -> Result<HttpResponse, Error> {
    let handshake = handshake(&request, services.config.deflate)?;
    check_origin(&request, &services)?;
    services.draining.refuse()?;
    let opening = opening(read)?;
    let identity = identity(&request).await?;
    let place = services.connections.admit(address.0)?;
    let account = identity.as_ref().map(|identity| identity.account());
    services.streams.may_see(stream, account).await?;
    let worker =
        request.app_data::<Rc<WorkerContext>>().expect("the server gives each worker its worker").clone();
    let allowed = Allowed { place, address: address.0, room: stream, identity, opening };
    Ok(upgrade::open(worker, allowed, &handshake, &request, body))
}

fn handshake(request: &HttpRequest, may_deflate: bool) -> Result<Handshake, Error> {
    let handshake = Handshake::of(&method(request), request.head()).map_err(no_handshake)?;
    Ok(if may_deflate { handshake } else { handshake.without_deflate() })
}

fn check_origin(request: &HttpRequest, services: &Services) -> Result<(), Error> {
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let config = &services.config;
    let is_allowed = origin::allows(
        text(header::ORIGIN),
        text(header::HOST),
        config.public_url.as_ref(),
        &config.allowed_origins,
    );
    match is_allowed {
        true => Ok(()),
        false => {
            services.warnings.foreign_page(headers);
            Err(Error::new(Code::Forbidden, "Pages of this origin may not open sockets here."))
        }
    }
}

/// A number too big to be one of ours is beyond every head, as the contract says of such.
fn opening(read: Read) -> Result<Opening, Refusal> {
    let Some(text) = read.since else { return Ok(Opening::Snapshot) };
    let seq = place(&text).ok_or_else(|| malformed("since"))?;
    Ok(Opening::Resume(Since { seq, epoch: read.epoch }))
}

/// Who asks: every token that came must be good, and of the same session or key.
async fn identity(request: &HttpRequest) -> Result<Option<Identity>, Error> {
    let mut known: Option<Identity> = None;
    for token in tokens(request.headers())? {
        let identity = prove(request, &token).await?;
        if known.as_ref().is_some_and(|known| known.login != identity.login) {
            return Err(Error::new(Code::Unauthenticated, "Two tokens of different sessions."));
        }
        known = Some(identity);
    }
    Ok(known)
}

/// The token of the header and those among the subprotocols, each once.
fn tokens(headers: &HeaderMap) -> Result<Vec<String>, Error> {
    let hidden = protocols(headers).filter_map(|protocol| protocol.strip_prefix(BEARER_PROTOCOL));
    let mut tokens: Vec<String> = bearer(headers)?.into_iter().chain(hidden.map(str::to_owned)).collect();
    tokens.dedup();
    Ok(tokens)
}

fn no_handshake(why: NoHandshake) -> Error {
    let version = HeaderValue::from_static(VERSION);
    match why {
        NoHandshake::Method => Error::new(Code::MethodNotAllowed, "A socket is opened with GET.")
            .with_header(header::ALLOW, HeaderValue::from_static("GET, OPTIONS")),
        NoHandshake::NoUpgrade | NoHandshake::Version => {
            Error::new(Code::UpgradeRequired, "Here is a WebSocket of version 13 and nothing else.")
                .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
                .with_header(header::SEC_WEBSOCKET_VERSION, version)
        }
        NoHandshake::Malformed(why) => {
            Error::new(Code::BadRequest, format!("This is no WebSocket handshake: {why}."))
                .with_header(header::SEC_WEBSOCKET_VERSION, version)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seq;

    #[test]
    fn a_viewer_goes_on_behind_a_number_and_behind_nothing_else() {
        let opening = |since: &str| opening(Read { since: Some(since.to_owned()), epoch: None });
        let resume = |seq| Ok(Opening::Resume(Since { seq: Seq(seq), epoch: None }));
        assert_eq!(opening("0"), resume(0));
        assert_eq!(opening("99999999999999999999"), resume(i64::MAX));
        for bad in ["", "-1", "1.5", "+1", " 1", "x", "1e3"] {
            assert_eq!(opening(bad).unwrap_err().code, Code::InvalidField, "{bad}");
        }
    }

    #[test]
    fn browsers_hide_their_token_among_the_subprotocols() {
        let mut headers = HeaderMap::new();
        let protocols = HeaderValue::from_static("livehouse.v1, bearer.a.b.c");
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocols);
        assert_eq!(tokens(&headers).unwrap(), ["a.b.c"]);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer a.b.c"));
        assert_eq!(tokens(&headers).unwrap(), ["a.b.c"]);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer d.e.f"));
        assert_eq!(tokens(&headers).unwrap(), ["d.e.f", "a.b.c"]);
    }
}
