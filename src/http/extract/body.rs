//! Bodies: JSON of a bounded size that comes within a bounded time.
//! It must not buffer what it will refuse by its type or its declared length.

use super::services;
use crate::{
    http::Error,
    wire::{Code, Refusal, read},
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderName, HeaderValue},
    web::BytesMut,
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The media type of a session description.
const SDP: &str = "application/sdp";
/// The media types of what may become an avatar or a cover.
pub(crate) const IMAGES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// Which types a resource takes (RFC 5789 has it for PATCH; WHIP, RFC 9725, names it).
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// A body that was announced small is given that much room at first.
const FIRST_BYTES_MAX: usize = 4096;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub T);

/// Another limit than `BODY_BYTES` for the bodies of one resource: give it to the resource with `app_data`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit(pub usize);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let announced = match is_of_type(request, is_json) {
            true => check_announcement(request),
            false => Err(Error::new(Code::UnsupportedMediaType, "The body must be application/json.")),
        };
        let payload = payload.take();
        Box::pin(async move { Ok(Json(parse(&receive_in_time(payload, announced?).await?)?)) })
    }
}

/// A JSON body, or none at all.
#[derive(Debug)]
pub(crate) struct Optional<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for Optional<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !has_body(request) {
            return Box::pin(async { Ok(Optional(None)) });
        }
        let body = Json::from_request(request, payload);
        Box::pin(async { Ok(Optional(Some(body.await?.0))) })
    }
}

/// A request without a length and without chunks has no body.
fn has_body(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    request.headers().contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// The bytes of an SDP (RFC 8866): a body of `application/sdp`.
/// Errors: 415, with the type that would do in `Accept-Post`; 413; 408.
pub(crate) async fn sdp(request: &HttpRequest, payload: Payload) -> Result<BytesMut, Error> {
    if !is_of_type(request, |value| media_type(value).is_some_and(|kind| kind.eq_ignore_ascii_case(SDP))) {
        let refused = Error::new(Code::UnsupportedMediaType, "The body must be application/sdp.");
        return Err(refused.with_header(ACCEPT_POST, HeaderValue::from_static(SDP)));
    }
    receive_in_time(payload, check_announcement(request)?).await
}

/// The bytes of a body, whatever it is said to be.
/// Errors: 413; 408.
pub(crate) async fn bytes(request: &HttpRequest, payload: Payload) -> Result<BytesMut, Error> {
    receive_in_time(payload, check_announcement(request)?).await
}

/// The bytes of an image, of one of the types that are understood.
/// Errors: 415, with the types that would do in `Accept`; 413; 408.
pub(crate) async fn image(request: &HttpRequest, payload: Payload) -> Result<BytesMut, Error> {
    let is_image = |kind: &str| IMAGES.iter().any(|known| kind.eq_ignore_ascii_case(known));
    if !is_of_type(request, |value| media_type(value).is_some_and(is_image)) {
        let types = IMAGES.join(", ");
        let refused = Error::new(Code::UnsupportedMediaType, format!("The body must be one of {types}."));
        return Err(
            refused.with_header(header::ACCEPT, HeaderValue::from_str(&types).map_err(Error::internal)?)
        );
    }
    receive_in_time(payload, check_announcement(request)?).await
}

struct Announced {
    limit: usize,
    length: usize,
}

fn check_announcement(request: &HttpRequest) -> Result<Announced, Error> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Error::new(Code::UnsupportedMediaType, "The body must not be compressed."));
    }
    let limit = request.app_data::<BodyLimit>().map(|limit| limit.0);
    let limit = limit.unwrap_or(services(request).config.limits.body_bytes);
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(number).unwrap_or(0);
    match length <= limit {
        true => Ok(Announced { limit, length }),
        false => Err(too_large(limit)),
    }
}

fn is_of_type(request: &HttpRequest, is_right: impl Fn(&HeaderValue) -> bool) -> bool {
    request.headers().get(header::CONTENT_TYPE).is_some_and(is_right)
}

/// What stands before the parameters.
fn media_type(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()?.split(';').next().map(str::trim)
}

/// `application/json`, in any case, with parameters of no consequence, but in no other charset than UTF-8.
fn is_json(value: &HeaderValue) -> bool {
    let Ok(value) = value.to_str() else { return false };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

fn number(value: &HeaderValue) -> Option<usize> {
    value.to_str().ok()?.parse().ok()
}

async fn receive_in_time(payload: Payload, announced: Announced) -> Result<BytesMut, Error> {
    let body = tokio::time::timeout(BODY_TIMEOUT, receive(payload, announced));
    body.await.map_err(|_| timed_out())?
}

async fn receive(mut payload: Payload, announced: Announced) -> Result<BytesMut, Error> {
    let mut body = BytesMut::with_capacity(announced.length.min(FIRST_BYTES_MAX));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::new(Code::BadRequest, "The body was cut short."))?;
        if body.len() + chunk.len() > announced.limit {
            return Err(too_large(announced.limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What is no JSON is called so even where the first member is already a wrong one. A list is never taken for a body
/// whose members may all be absent.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let malformed_first = |refusal| read::text::<Value>(body).err().unwrap_or(refusal);
    if body.trim_ascii_start().first() != Some(&b'{') {
        read::text::<Map<String, Value>>(body).map_err(malformed_first)?;
    }
    read::text(body).map_err(malformed_first)
}

fn too_large(limit: usize) -> Error {
    Error::new(Code::PayloadTooLarge, format!("At most {limit} bytes are read."))
}

/// What of it is still to come belongs to no request: the connection ends.
fn timed_out() -> Error {
    let refused = Error::new(Code::RequestTimeout, "The body did not come in time.");
    refused.with_header(header::CONNECTION, HeaderValue::from_static("close"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognised_by_its_type_alone() {
        let is_json = |value| is_json(&HeaderValue::from_static(value));
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=UTF-8",
            "application/json;q=1",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=latin1",
            "multipart/form-data",
            "text/json",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
