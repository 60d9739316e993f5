//! The one error that becomes an HTTP answer: problem+json (RFC 9457) with a stable code.
//! It must not show the source of a fault: that goes to the log.

use super::rate_limits::{self, RATELIMIT, seconds_up};
use crate::{
    auth::{self, Throttled, TokenError},
    room::operations::Fault,
    store::{self, Conflict},
    wire::{Code, Refusal, problem::FieldError},
};
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use std::{borrow::Cow, fmt};
use utoipa::ToSchema;

/// The media type of refusals.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
/// How long to wait where the database is busy or away, in milliseconds.
const STORE_RETRY_MS: i64 = 1_000;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Error {
    refusal: Refusal,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body of a refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem<'a> {
    /// Always `about:blank`: the code says more.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// A text for people.
    detail: &'a str,
    /// A code for programs.
    code: Code,
    /// Where waiting helps, for how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after_ms: Option<i64>,
    /// For `invalid_field`: which.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Error {
    /// A refusal with its text.
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Refusal::new(code, message).into()
    }

    /// What does not exist, as far as the caller may know.
    pub(crate) fn not_found() -> Self {
        Refusal::not_found().into()
    }

    /// A fault of the server; the source is logged here and shown nowhere.
    pub(crate) fn internal(source: impl fmt::Display) -> Self {
        log::error!("{source}");
        Refusal::internal().into()
    }

    /// The same with a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Whether it is to be put on record.
    pub(crate) fn concerns_rights(&self) -> bool {
        self.refusal.concerns_rights()
    }

    /// The code that the client gets.
    pub(crate) fn code(&self) -> Code {
        self.refusal.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        challenge(&mut answer, self.refusal.code);
        for (name, value) in &self.headers {
            answer.insert_header((name, value));
        }
        if let Some(ms) = self.refusal.retry_after_ms {
            answer.insert_header((header::RETRY_AFTER, seconds_up(ms)));
        }
        answer.content_type(PROBLEM_JSON).json(Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.refusal.message,
            code: self.refusal.code,
            retry_after_ms: self.refusal.retry_after_ms,
            errors: &self.refusal.fields,
        })
    }
}

/// RFC 6750: a 401 says which credentials are meant, and what was wrong with those that came.
fn challenge(answer: &mut HttpResponseBuilder, code: Code) {
    let challenge = match code {
        Code::Unauthenticated | Code::InvalidCredentials => r#"Bearer realm="livehouse""#,
        Code::TokenExpired => {
            r#"Bearer realm="livehouse", error="invalid_token", error_description="the token has expired""#
        }
        _ => return,
    };
    answer.insert_header((header::WWW_AUTHENTICATE, challenge));
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, headers: Vec::new() }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => refusal.into(),
            Fault::Store(error) => error.into(),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::not_found(),
            store::Error::Conflict(conflict) => conflict.into(),
            store::Error::Busy => Refusal::overloaded().into(),
            store::Error::Unavailable(_) => {
                log::error!("{error}");
                let text = "The database is away. Try again in a moment.";
                Refusal::new(Code::Unavailable, text).retry_after(STORE_RETRY_MS).into()
            }
            store::Error::Url(_) | store::Error::Unusable(_) | store::Error::Internal(_) => {
                Self::internal(error)
            }
        }
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::UsernameTaken => {
                Self::new(Code::UsernameTaken, "This name, or one that looks like it, is taken.")
            }
            Conflict::Stale => Self::new(Code::Stale, "It was changed since you read it."),
            Conflict::Transition(wrong) => Self::new(Code::InvalidTransition, wrong.to_string()),
            Conflict::StreamEnded => Self::new(Code::StreamEnded, "The stream has ended."),
            Conflict::PollOpen => Self::new(Code::Conflict, "A poll is open already."),
            Conflict::PollClosed => Self::new(Code::Conflict, "The poll is closed."),
            Conflict::NoSuchOption => {
                Refusal::invalid_field("option", "out_of_range", "no such option").into()
            }
            Conflict::TooMany => Self::new(Code::Conflict, "There are as many of these as there may be."),
            Conflict::NotUnique(_) | Conflict::Dangling(_) => {
                log::debug!("{conflict}");
                Self::new(Code::Conflict, "What is there already stands against it.")
            }
        }
    }
}

impl From<auth::Error> for Error {
    fn from(error: auth::Error) -> Self {
        match error {
            auth::Error::Busy { retry_after_ms } => {
                let text = "Too many passwords wait to be checked. Try again in a moment.";
                Refusal::new(Code::Overloaded, text).retry_after(retry_after_ms).into()
            }
            auth::Error::Failed(_) => Self::internal(error),
        }
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::new(Code::TokenExpired, "The access token has expired; refresh it."),
            TokenError::Invalid => bad_token(),
        }
    }
}

/// A token that this server did not issue, or of a session that is over.
pub(crate) fn bad_token() -> Error {
    let challenge = HeaderValue::from_static(r#"Bearer realm="livehouse", error="invalid_token""#);
    let refused = Error::new(Code::Unauthenticated, "This is not a valid access token.");
    refused.with_header(header::WWW_AUTHENTICATE, challenge)
}

impl From<Throttled> for Error {
    fn from(throttled: Throttled) -> Self {
        let wait = throttled.retry_after_ms;
        let refusal = Refusal::new(Code::RateLimited, "Too many tries. Wait a little.").retry_after(wait);
        let value = rate_limits::standing(&throttled.limit.to_ascii_lowercase(), 0, seconds_up(wait));
        Self::from(refusal).with_header(RATELIMIT, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;

    fn answer(error: impl Into<Error>) -> (HttpResponse, serde_json::Value) {
        let answer = error.into().error_response();
        let (head, body) = answer.into_parts();
        let bytes = body.try_into_bytes().expect("a problem is a sized body");
        (head.set_body(()).map_into_boxed_body(), serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn a_refusal_is_a_problem_with_its_code() {
        let (head, body) = answer(Refusal::invalid_field("title", "too_long", "at most 140"));
        assert_eq!((head.status().as_u16(), body["code"].as_str()), (422, Some("invalid_field")));
        assert_eq!(head.headers().get(header::CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        assert_eq!(body["errors"][0]["field"], "title");
        assert_eq!((&body["type"], &body["status"]), (&"about:blank".into(), &422.into()));
    }

    #[test]
    fn waiting_is_said_in_whole_seconds_and_never_too_short() {
        let (head, body) = answer(Refusal::new(Code::TooFast, "wait").retry_after(1001));
        assert_eq!(head.headers().get(header::RETRY_AFTER).unwrap(), "2");
        assert_eq!(body["retry_after_ms"], 1001);
    }

    #[test]
    fn the_source_of_a_fault_is_not_shown() {
        let (head, body) = answer(store::Error::Internal("no such table: canary".into()));
        assert_eq!(head.status().as_u16(), 500);
        assert!(!body.to_string().contains("canary"), "{body}");
    }

    #[test]
    fn a_401_says_which_credentials_are_meant() {
        for error in [bad_token(), TokenError::Expired.into(), Error::new(Code::InvalidCredentials, "no")] {
            let (head, _) = answer(error);
            assert_eq!(head.headers().get_all(header::WWW_AUTHENTICATE).count(), 1);
        }
    }
}
