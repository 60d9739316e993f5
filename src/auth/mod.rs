//! Proof of who somebody is: passwords, access tokens, refresh tokens, keys, and how often one may try.
//! It must not know of databases, sockets or HTTP; time is an argument.

pub(crate) mod account_key;
mod hs256;
pub(crate) mod keys;
pub(crate) mod network;
pub(crate) mod password;
pub(crate) mod picture;
pub(crate) mod refresh;
pub(crate) mod setup;
pub(crate) mod shown_once;
pub(crate) mod throttle;
pub(crate) mod token;

pub use keys::Keys;
pub(crate) use network::Network;
pub use password::Hasher;
pub(crate) use password::Verdict;
pub use refresh::RefreshToken;
pub(crate) use throttle::{Quota, Throttle, Throttled};
pub(crate) use token::TokenError;

/// Why a password could not be hashed or checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Busy {
        /// When another try is worth it.
        retry_after_ms: i64,
    },
    /// The machine failed: no memory, no randomness, or the threads are gone.
    #[error("the password could not be processed: {0}")]
    Failed(String),
}
