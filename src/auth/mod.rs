//! Proof of who somebody is: passwords, access tokens, refresh tokens, and how often one may try.
//! It must not know of databases, sockets or HTTP; time is an argument.

mod hs256;
pub mod keys;
pub mod network;
pub mod password;
pub mod refresh;
pub mod throttle;
pub mod token;

pub use keys::Keys;
pub use network::Network;
pub use password::{Hasher, Verdict};
pub use refresh::RefreshToken;
pub use throttle::{Attempt, Quota, Throttle, Throttled};
pub use token::{AccessToken, Claims, TokenError};

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
