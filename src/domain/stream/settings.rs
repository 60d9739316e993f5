//! The host's settings of a room. They must not know how they are enforced (`room::rules` does).

use super::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// Who may comment.
    pub(crate) CommentsBy {
        /// Every account may.
        Users = "users",
        /// Who follows the host.
        Followers = "followers",
        /// Moderators, host and admins.
        Moderators = "moderators",
        /// Nobody (moderators neither).
        Off = "off",
    }
}

words! {
    /// What becomes of a comment with a link.
    pub(crate) LinkPolicy {
        /// It is shown.
        Allow = "allow",
        /// It waits for a moderator.
        Hold = "hold",
        /// It is refused.
        Reject = "reject",
    }
}

/// Longest `slow_mode_s`, in seconds.
pub(crate) const SLOW_MODE_MAX_S: u32 = 3600;
/// Longest `min_account_age_s` (a year) and `repeat_window_s` (a day), in seconds.
pub(crate) const MIN_ACCOUNT_AGE_MAX_S: u32 = 365 * 24 * 3600;
/// Longest `repeat_window_s`, in seconds.
pub(crate) const REPEAT_WINDOW_MAX_S: u32 = 24 * 3600;

/// What holds in a room; staff are exempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Settings {
    /// Who may comment.
    pub comments: CommentsBy,
    /// Seconds an account waits between two comments; 0 is off.
    #[schema(maximum = 3600)]
    pub slow_mode_s: u32,
    /// Seconds an account must have existed.
    #[schema(maximum = 31_536_000)]
    pub min_account_age_s: u32,
    /// Seconds in which an account may not repeat its own text; 0 is off.
    #[schema(maximum = 86_400)]
    pub repeat_window_s: u32,
    /// What becomes of links.
    pub links: LinkPolicy,
    /// Whether every comment waits for a moderator.
    pub hold_all: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            comments: CommentsBy::Users,
            slow_mode_s: 0,
            min_account_age_s: 0,
            repeat_window_s: 0,
            links: LinkPolicy::Allow,
            hold_all: false,
        }
    }
}
