//! The host's settings of a room. They must not know how they are enforced (`room::rules` does).

use super::words;
use crate::domain::invalid::Invalid;
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

words! {
    /// A member of the settings, by its name.
    pub(crate) SettingName {
        /// Who may comment.
        Comments = "comments",
        /// Seconds between two comments.
        SlowModeS = "slow_mode_s",
        /// Seconds an account must have existed.
        MinAccountAgeS = "min_account_age_s",
        /// Seconds without a repetition.
        RepeatWindowS = "repeat_window_s",
        /// What becomes of links.
        Links = "links",
        /// Whether every comment waits.
        HoldAll = "hold_all",
    }
}

/// Seconds, at most `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Seconds<const MAX: u32>(pub u32);

impl<const MAX: u32> TryFrom<u32> for Seconds<MAX> {
    type Error = Invalid;

    fn try_from(seconds: u32) -> Result<Self, Invalid> {
        if seconds <= MAX {
            Ok(Self(seconds))
        } else {
            Err(Invalid::out_of_range(format!("from 0 to {MAX}")))
        }
    }
}

/// Some members of the settings: those that a stream or a channel has set itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SomeSettings {
    pub comments: Option<CommentsBy>,
    pub slow_mode_s: Option<u32>,
    pub min_account_age_s: Option<u32>,
    pub repeat_window_s: Option<u32>,
    pub links: Option<LinkPolicy>,
    pub hold_all: Option<bool>,
}

impl SomeSettings {
    /// These where they are set, and `base` for the others.
    pub(crate) fn over(self, base: &Settings) -> Settings {
        Settings {
            comments: self.comments.unwrap_or(base.comments),
            slow_mode_s: self.slow_mode_s.unwrap_or(base.slow_mode_s),
            min_account_age_s: self.min_account_age_s.unwrap_or(base.min_account_age_s),
            repeat_window_s: self.repeat_window_s.unwrap_or(base.repeat_window_s),
            links: self.links.unwrap_or(base.links),
            hold_all: self.hold_all.unwrap_or(base.hold_all),
        }
    }

    /// Those members of `settings` that are `wanted`.
    pub(crate) fn of(settings: &Settings, wanted: impl Fn(SettingName) -> bool) -> Self {
        use SettingName::*;
        Self {
            comments: wanted(Comments).then_some(settings.comments),
            slow_mode_s: wanted(SlowModeS).then_some(settings.slow_mode_s),
            min_account_age_s: wanted(MinAccountAgeS).then_some(settings.min_account_age_s),
            repeat_window_s: wanted(RepeatWindowS).then_some(settings.repeat_window_s),
            links: wanted(Links).then_some(settings.links),
            hold_all: wanted(HoldAll).then_some(settings.hold_all),
        }
    }

    /// Those members of `settings` that are not as in `base`.
    pub(crate) fn differing(settings: &Settings, base: &Settings) -> Self {
        let differs =
            |name| Self::of(settings, |other| other == name) != Self::of(base, |other| other == name);
        Self::of(settings, differs)
    }

    /// The names of those that are set.
    pub(crate) fn names(&self) -> Vec<SettingName> {
        SettingName::ALL.iter().copied().filter(|name| self.has(*name)).collect()
    }

    fn has(&self, name: SettingName) -> bool {
        match name {
            SettingName::Comments => self.comments.is_some(),
            SettingName::SlowModeS => self.slow_mode_s.is_some(),
            SettingName::MinAccountAgeS => self.min_account_age_s.is_some(),
            SettingName::RepeatWindowS => self.repeat_window_s.is_some(),
            SettingName::Links => self.links.is_some(),
            SettingName::HoldAll => self.hold_all.is_some(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_wins_and_the_rest_is_inherited() {
        let base = Settings { slow_mode_s: 30, hold_all: true, ..Settings::default() };
        let own = SomeSettings { slow_mode_s: Some(0), links: Some(LinkPolicy::Hold), ..Default::default() };
        let holds = own.over(&base);
        assert_eq!(holds, Settings { slow_mode_s: 0, links: LinkPolicy::Hold, ..base });
        assert_eq!(own.names(), [SettingName::SlowModeS, SettingName::Links]);
        let names = own.names();
        assert_eq!(SomeSettings::of(&holds, |name| names.contains(&name)), own);
        assert_eq!(SomeSettings::differing(&holds, &base), own);
        assert_eq!(SomeSettings::default().over(&base), base);
    }
}
