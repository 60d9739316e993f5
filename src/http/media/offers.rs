//! Offers of WebRTC peers and their answers, as WHIP (RFC 9725) and WHEP have them alike.
//! It must not know who may make one.

use super::relay;
use crate::{
    http::{
        Answer, Error, Services,
        extract::{self, services},
    },
    media::handle::{Answered, Media, Refused, is_of_one_address},
    wire::{Code, Refusal},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
    web,
};

/// The media type of offers and answers.
pub(crate) const SDP: &str = "application/sdp";
/// ICE credentials of a session never change (a restart is a new session), so there is one version of it.
const ETAG_OF_SESSION: &str = "\"1\"";
/// What is kept of what an encoder calls itself, in characters.
const AGENT_CHARS: usize = 200;

/// The offer in the body of a request.
/// Errors: 415, 413, 408; `invalid_field` where it is no text.
pub(crate) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<String, Error> {
    let bytes = extract::sdp(request, payload.into_inner()).await?;
    String::from_utf8(bytes.to_vec()).map_err(|_| bad_sdp("it is not UTF-8").into())
}

/// The way to the picture's thread, for whoever wants to begin something.
/// Errors: `unavailable` where there is none, or where the server stops.
pub(crate) fn media(services: &Services) -> Result<&Media, Refusal> {
    services.draining.refuse()?;
    let none = || Refusal::new(Code::Unavailable, "This server takes no pictures: its media port is taken.");
    services.picture.media.as_ref().ok_or_else(none)
}

/// 201 with the answer.
pub(crate) fn created(request: &HttpRequest, answered: Answered) -> Answer {
    let node =
        services(request).picture.claims.boot().map(|boot| format!("?node={boot}")).unwrap_or_default();
    let location = format!("/api/v1/media/{}{node}", answered.session.0);
    let mut answer = HttpResponse::Created();
    answer
        .content_type(SDP)
        .insert_header((header::LOCATION, location))
        .insert_header((header::ETAG, ETAG_OF_SESSION));
    if let Some(link) = relay::link(&services(request).config) {
        answer.insert_header((HeaderName::from_static("link"), link));
    }
    Ok(answer.body(answered.answer))
}

/// What the client calls itself.
pub(crate) fn agent(request: &HttpRequest) -> Option<String> {
    let agent = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(AGENT_CHARS).collect())
}

/// A refusal of the picture's thread as clients know it.
pub(crate) fn refused(refused: Refused) -> Error {
    let text = refused.to_string();
    match refused {
        Refused::Sdp(why) => bad_sdp(&why).into(),
        Refused::Codec(_) => Refusal::invalid_field("codec", "unsupported", text).into(),
        Refused::NoCommonCodec => {
            Error::new(Code::NoCommonCodec, "You can show none of the picture's codecs. Try HLS.")
        }
        Refused::NoPicture => Error::new(Code::NoPicture, "There is no picture now."),
        Refused::Conflict => Error::new(Code::Conflict, "Another source is sending to this stream."),
        Refused::TooMany { limit, retry_after } => {
            let wait = i64::try_from(retry_after.as_millis()).unwrap_or(i64::MAX);
            let (code, text) = match is_of_one_address(limit) {
                true => (Code::RateLimited, "Too many from your address. Wait a little."),
                false => (Code::Overloaded, "The server is at its limit. Try again in a moment."),
            };
            Refusal::new(code, text).retry_after(wait).into()
        }
        Refused::Unavailable => Refusal::overloaded().into(),
    }
}

fn bad_sdp(why: &str) -> Refusal {
    Refusal::invalid_field("sdp", "malformed", why.to_owned())
}
