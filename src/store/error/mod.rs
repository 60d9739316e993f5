//! What can go wrong in the store, as things a caller can act on.
//! It must not know of HTTP or of codes for clients, nor any words of a database.

mod words;

use crate::domain::stream::InvalidTransition;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// The source of an error that a caller can only log.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// The result of a call of the store.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call of the store failed. Nothing of the transaction it was part of was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or no longer.
    #[error("not found")]
    NotFound,
    /// What is there already stands against it.
    #[error("conflict: {0}")]
    Conflict(Conflict),
    /// No connection came free, or others' transactions stood in the way, for as long as one waits. Try again later.
    #[error("the database is busy")]
    Busy,
    /// The database is out of reach, or its disk is full or failing.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Source),
    /// The address names no database that this build can use.
    #[error("database url: {0}")]
    Url(String),
    /// The database cannot be used as it is; the text says what its operator must put right.
    #[error("{0}")]
    Unusable(String),
    /// A fault of this program.
    #[error("the database refused: {0}")]
    Internal(#[source] Source),
}

/// What stands against a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The name is another account's, or was.
    #[error("the username is taken")]
    UsernameTaken,
    /// The row is not of the version that the caller has seen.
    #[error("the row was changed meanwhile")]
    Stale,
    /// The status machine has no such transition.
    #[error(transparent)]
    Transition(InvalidTransition),
    /// The stream is over.
    #[error("the stream has ended")]
    StreamEnded,
    /// Another poll of the stream is open.
    #[error("a poll is open")]
    PollOpen,
    /// The poll is closed.
    #[error("the poll is closed")]
    PollClosed,
    /// The poll has no such option.
    #[error("the poll has no such option")]
    NoSuchOption,
    /// There are as many of these as there may be.
    #[error("there are too many")]
    TooMany,
    /// Another uniqueness rule of the tables; the text names it.
    #[error("not unique: {0}")]
    NotUnique(String),
    /// The row refers to one that is not there; the text names the rule.
    #[error("refers to what is not there: {0}")]
    Dangling(String),
}

impl Error {
    /// Whether it may concern one row alone, so that others of the same transaction can be stored without it.
    pub fn may_concern_one_row(&self) -> bool {
        matches!(self, Error::NotFound | Error::Conflict(_) | Error::Internal(_))
    }

    /// An error that says only this.
    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Error::Internal(text.into().into())
    }
}

/// What a call of the store may fail with: its own errors, or a caller's that hold them beside others, such as a refusal.
pub trait Failure: From<Error> + Send + 'static {
    fn as_store(&self) -> Option<&Error>;
}

impl Failure for Error {
    fn as_store(&self) -> Option<&Error> {
        Some(self)
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Error::NotFound,
            DieselError::DatabaseError(kind, ref info) => match classify(kind, info.as_ref()) {
                Class::Conflict(conflict) => Error::Conflict(conflict),
                Class::Busy => Error::Busy,
                Class::Unavailable => Error::Unavailable(error.into()),
                Class::Internal => Error::Internal(error.into()),
            },
            DieselError::BrokenTransactionManager => Error::Unavailable(error.into()),
            other => Error::Internal(other.into()),
        }
    }
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        Error::Unavailable(error.into())
    }
}

enum Class {
    Conflict(Conflict),
    Busy,
    Unavailable,
    Internal,
}

fn classify(kind: DatabaseErrorKind, info: &dyn DatabaseErrorInformation) -> Class {
    match kind {
        DatabaseErrorKind::UniqueViolation => Class::Conflict(not_unique(info)),
        DatabaseErrorKind::ForeignKeyViolation => Class::Conflict(Conflict::Dangling(words::rule(info))),
        DatabaseErrorKind::SerializationFailure => Class::Busy,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Class::Unavailable,
        // Another server is the primary now, or this one was told to take no writes.
        DatabaseErrorKind::ReadOnlyTransaction => Class::Unavailable,
        _ if words::is_busy(info.message()) => Class::Busy,
        _ if words::is_away(info.message()) => Class::Unavailable,
        _ => Class::Internal,
    }
}

fn not_unique(info: &dyn DatabaseErrorInformation) -> Conflict {
    let rule = words::rule(info);
    match rule.as_str() {
        "users.name_key" | "users_name_key_key" => Conflict::UsernameTaken,
        "polls.stream_id" | "polls_open" => Conflict::PollOpen,
        _ => Conflict::NotUnique(rule),
    }
}

/// `NotFound` unless a row was changed.
pub(crate) fn found(changed: usize) -> Result<()> {
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}
