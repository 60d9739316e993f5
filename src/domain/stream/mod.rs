//! What a stream may be and become: visibility and the status machine.
//! It must not know who asks.

pub(crate) mod ingest_key;
pub(crate) mod picture;
pub(crate) mod playback_url;
pub(crate) mod reaction;
pub(crate) mod recording;
pub(crate) mod settings;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text of a closed set of words: how they are stored and sent.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        $vis enum $name { $($(#[doc = $vdoc])* #[serde(rename = $word)] $variant),+ }

        #[allow(dead_code)] // not every set is listed or explained
        impl $name {
            /// All of them, in the order of their definition.
            $vis const ALL: &'static [$name] = &[$($name::$variant),+];

            /// What it means, for people.
            $vis fn meaning(self) -> &'static str {
                match self { $($name::$variant => concat!($($vdoc),*).trim_ascii()),+ }
            }

            /// The word that is stored and sent.
            $vis fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::stream::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok($name::$variant),)+ _ => Err($crate::domain::stream::UnknownWord) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// A word outside its closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the allowed words")]
pub struct UnknownWord;

words! {
    /// Who may see a stream.
    pub(crate) Visibility {
        /// Anyone, and it is listed.
        Public = "public",
        /// Whoever has the id.
        Unlisted = "unlisted",
        /// Host, moderators, members and admins.
        Private = "private",
    }
}

words! {
    /// Where a stream is in its life. `Ended` is final.
    pub Status {
        /// Created; the room is a waiting room.
        Scheduled = "scheduled",
        /// It is on air.
        Live = "live",
        /// Over; it can be read, not written.
        Ended = "ended",
    }
}

/// A change of status that the status machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stream that is {from} cannot become {to}")]
pub struct InvalidTransition {
    /// What it is.
    pub from: Status,
    /// What was asked for.
    pub to: Status,
}

impl Status {
    /// The next status, if the machine allows it: scheduled to live, scheduled or live to ended.
    pub fn become_(self, to: Status) -> Result<Status, InvalidTransition> {
        match (self, to) {
            (Status::Scheduled, Status::Live) | (Status::Scheduled | Status::Live, Status::Ended) => Ok(to),
            (from, to) => Err(InvalidTransition { from, to }),
        }
    }
}

/// A count of events of one stream's log; the first event has 1. Below 2^53, so that JavaScript can hold it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct Seq(pub i64);

impl Seq {
    /// The place after this one.
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}

impl std::str::FromStr for Seq {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A count of the changes in one stream, or of a channel, of what is in no log: tallies, held comments, terms, members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct News(pub i64);

impl News {
    /// That of the next change.
    pub(crate) fn next(self) -> News {
        News(self.0 + 1)
    }
}

/// A count of the changes of what comments are judged by in one stream: settings, bans, terms, who may see it, its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RulesVersion(pub i64);

impl RulesVersion {
    /// That of the next change.
    pub(crate) fn next(self) -> RulesVersion {
        RulesVersion(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_transitions_exist() {
        let allowed: Vec<_> = Status::ALL
            .iter()
            .flat_map(|&from| Status::ALL.iter().map(move |&to| (from, to)))
            .filter(|&(from, to)| from.become_(to).is_ok())
            .collect();
        use Status::*;
        assert_eq!(allowed, [(Scheduled, Live), (Scheduled, Ended), (Live, Ended)]);
    }
}
