//! The door to a room's socket: origin, credentials, limits and sight, all judged before the upgrade.
//! It must not know what is said on it.

use super::{
    App, ClientAddress, Error,
    extract::{Path, Proved, Query},
};
use crate::{
    domain::{ids::StreamId, stream::Seq, time::Millis},
    room::message::Opening,
    wire::problem::{Code, Refusal},
    ws::{
        gate::{Gate, Identity, identify},
        origin,
        upgrade::{self, Allowed},
    },
};
use actix_http::ws::HandshakeError;
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    web,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// What precedes a token among the subprotocols, for browsers, which can set no header.
const BEARER_PROTOCOL: &str = "bearer.";

/// Where a returning viewer goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
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
    params(("id" = StreamId, Path, description = "The stream"), Since), responses(
    (status = 101, description = "The socket is open; `welcome` comes first"),
))]
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    app: web::Data<App>,
    address: ClientAddress,
    Path(stream): Path<StreamId>,
    Query(since): Query<Since>,
) -> Result<HttpResponse, Error> {
    check_origin(&request, &app)?;
    app.draining.refuse()?;
    let opening = opening(since)?;
    let identity = match token(request.headers())? {
        Some(token) => Some(identify(&app.desk, &app.keys, &token, Millis::now()).await?),
        None => None,
    };
    if let Some(Identity { user, session, .. }) = &identity {
        request.extensions_mut().insert(Proved { user: user.id, session: session.id });
    }
    let place = app.connections.admit(address.0)?;
    let account = identity.as_ref().map(|identity| identity.account(address.0));
    app.desk.may_see(stream, account).await?;
    let gate = request.app_data::<Gate>().expect("the server gives each worker its gate").clone();
    let allowed = Allowed { place, address: address.0, room: stream, identity, opening };
    upgrade::open(gate, allowed, &request, body).map_err(no_handshake)
}

fn check_origin(request: &HttpRequest, app: &App) -> Result<(), Error> {
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let config = &app.config;
    let is_allowed = origin::allows(
        text(header::ORIGIN),
        text(header::HOST),
        config.public_url.as_ref(),
        &config.allowed_origins,
    );
    match is_allowed {
        true => Ok(()),
        false => Err(Error::new(Code::Forbidden, "Pages of this origin may not open sockets here.")),
    }
}

/// A number too big to be one of ours is beyond every head, as the contract says of such.
fn opening(since: Since) -> Result<Opening, Refusal> {
    let Some(text) = since.since else { return Ok(Opening::Snapshot) };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::invalid_field("since", "malformed", "a whole number of at least 0"));
    }
    Ok(Opening::Resume(Seq(text.parse().unwrap_or(i64::MAX)), since.epoch))
}

/// The token of the header or among the subprotocols.
fn token(headers: &HeaderMap) -> Result<Option<String>, Error> {
    if let Some(token) = super::extract::bearer(headers)? {
        return Ok(Some(token));
    }
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|line| line.to_str().ok());
    let protocols = lines.flat_map(|line| line.split(',')).map(str::trim);
    Ok(protocols.filter_map(|protocol| protocol.strip_prefix(BEARER_PROTOCOL)).next().map(str::to_owned))
}

fn no_handshake(error: HandshakeError) -> Error {
    let refused = Error::new(Code::BadRequest, format!("This is no WebSocket handshake: {error}."));
    match error {
        HandshakeError::NoVersionHeader | HandshakeError::UnsupportedVersion => {
            refused.with_header(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
        }
        _ => refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_goes_on_behind_a_number_and_behind_nothing_else() {
        let opening = |since: &str| opening(Since { since: Some(since.to_owned()), epoch: None });
        assert_eq!(opening("0"), Ok(Opening::Resume(Seq(0), None)));
        assert_eq!(opening("99999999999999999999"), Ok(Opening::Resume(Seq(i64::MAX), None)));
        for bad in ["", "-1", "1.5", "+1", " 1", "x", "1e3"] {
            assert_eq!(opening(bad).unwrap_err().code, Code::InvalidField, "{bad}");
        }
    }

    #[test]
    fn browsers_hide_their_token_among_the_subprotocols() {
        let mut headers = HeaderMap::new();
        let protocols = HeaderValue::from_static("livehouse.v1, bearer.a.b.c");
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocols);
        assert_eq!(token(&headers).unwrap().as_deref(), Some("a.b.c"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer d.e.f"));
        assert_eq!(token(&headers).unwrap().as_deref(), Some("d.e.f"));
    }
}
