//! Why something was refused: the codes of the contract, the same over REST and WebSocket.
//! It must not know of HTTP responses or close codes.

use crate::domain::stream::words;
use serde::Serialize;
use std::{borrow::Cow, fmt};
use utoipa::ToSchema;

words! {
    /// A stable code for programs; the text beside it is for people.
    pub Code {
        /// Not what the protocol allows.
        BadRequest = "bad_request",
        /// No or bad credentials.
        Unauthenticated = "unauthenticated",
        /// The access token has ended; refresh it.
        TokenExpired = "token_expired",
        /// Wrong user name or password.
        InvalidCredentials = "invalid_credentials",
        /// Not among the caller's rights.
        Forbidden = "forbidden",
        /// Banned from this stream, or from the whole site.
        Banned = "banned",
        /// Nobody may comment now.
        CommentsOff = "comments_off",
        /// Only followers of the host may comment.
        FollowersOnly = "followers_only",
        /// The account is too young to comment.
        AccountTooNew = "account_too_new",
        /// Does not exist, as far as the caller may know.
        NotFound = "not_found",
        /// The resource has no such method.
        MethodNotAllowed = "method_not_allowed",
        /// Nothing that the client takes can be sent.
        NotAcceptable = "not_acceptable",
        /// The request did not arrive in time.
        RequestTimeout = "request_timeout",
        /// The name, or one that looks like it, is taken.
        UsernameTaken = "username_taken",
        /// The status machine has no such step.
        InvalidTransition = "invalid_transition",
        /// The stream is over.
        StreamEnded = "stream_ended",
        /// In conflict with what is there.
        Conflict = "conflict",
        /// The stream has no picture now.
        NoPicture = "no_picture",
        /// Changed since it was read (`If-Match`).
        Stale = "stale",
        /// The body is too large.
        PayloadTooLarge = "payload_too_large",
        /// The body is not of a type that is understood.
        UnsupportedMediaType = "unsupported_media_type",
        /// Another protocol is spoken here, as the answer's `Upgrade` says.
        UpgradeRequired = "upgrade_required",
        /// A member is missing, mistyped, unknown or out of range.
        InvalidField = "invalid_field",
        /// The viewer can show none of the codecs that the picture has: try HLS.
        NoCommonCodec = "no_common_codec",
        /// Links are not allowed here.
        LinksNotAllowed = "links_not_allowed",
        /// A term of the host's list.
        TermNotAllowed = "term_not_allowed",
        /// Slow mode: wait.
        SlowMode = "slow_mode",
        /// Too many comments in a short time: wait.
        TooFast = "too_fast",
        /// The same text again.
        Repeated = "repeated",
        /// Too many requests: wait.
        RateLimited = "rate_limited",
        /// A fault of the server.
        Internal = "internal",
        /// The server is at its limit: try again later.
        Overloaded = "overloaded",
        /// A part of the server is away: try again later.
        Unavailable = "unavailable",
    }
}

impl Code {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        use Code::*;
        match self {
            BadRequest => 400,
            Unauthenticated | TokenExpired | InvalidCredentials => 401,
            Forbidden | Banned | CommentsOff | FollowersOnly | AccountTooNew => 403,
            NotFound => 404,
            MethodNotAllowed => 405,
            NotAcceptable => 406,
            RequestTimeout => 408,
            UsernameTaken | InvalidTransition | StreamEnded | Conflict | NoPicture => 409,
            Stale => 412,
            PayloadTooLarge => 413,
            UnsupportedMediaType => 415,
            InvalidField | NoCommonCodec | LinksNotAllowed | TermNotAllowed => 422,
            UpgradeRequired => 426,
            SlowMode | TooFast | Repeated | RateLimited => 429,
            Internal => 500,
            Overloaded | Unavailable => 503,
        }
    }

    /// Whether it is about who somebody is or what rights they have: such refusals are put on record.
    pub fn concerns_rights(self) -> bool {
        matches!(self.status(), 401 | 403)
    }
}

/// What is wrong with one member of a body or query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the member, as in `style.color`.
    pub field: String,
    /// A stable word.
    pub code: String,
    /// A text for people.
    pub detail: String,
}

/// A decision about a caller, not a fault: the same over REST and WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub message: Cow<'static, str>,
    /// Where waiting helps, for how long.
    pub retry_after_ms: Option<i64>,
    /// For `invalid_field`: which.
    pub fields: Vec<FieldError>,
    /// Whether there is something that the caller may not know of. Clients cannot tell; the record says so.
    pub conceals: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Refusal {
    /// A refusal with its text.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, fields: Vec::new(), conceals: false }
    }

    /// The same, with a time after which it may be tried again.
    pub fn retry_after(mut self, ms: i64) -> Self {
        self.retry_after_ms = Some(ms.max(1));
        self
    }

    /// What does not exist, as far as the caller may know.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing here, or nothing you may see.")
    }

    /// What does exist, but not as far as the caller may know; the same to them.
    pub fn concealed() -> Self {
        Self { conceals: true, ..Self::not_found() }
    }

    /// Whether it is to be put on record: refused for want of rights, or of proof of who one is.
    pub fn concerns_rights(&self) -> bool {
        self.conceals || self.code.concerns_rights()
    }

    /// One bad member.
    pub fn invalid_field(
        field: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        let error = FieldError { field: field.into(), code: code.into(), detail: detail.into() };
        let mut refusal = Self::new(Code::InvalidField, format!("{}: {}", error.field, error.detail));
        refusal.fields.push(error);
        refusal
    }

    /// Guests may look, but not take part.
    pub fn log_in_first() -> Self {
        Self::new(Code::Unauthenticated, "Log in to take part.")
    }

    /// The database could not answer; why is logged, never shown.
    pub fn database_away(error: &dyn std::fmt::Display) -> Self {
        log::warn!("the database could not answer: {error}");
        Self::new(Code::Unavailable, "The database is away.").retry_after(1000)
    }

    /// The server is at its limit.
    pub fn overloaded() -> Self {
        Self::new(Code::Overloaded, "The server is at its limit. Try again in a moment.").retry_after(1000)
    }

    /// A fault of the server; its source is logged, never shown.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on the server.")
    }
}
