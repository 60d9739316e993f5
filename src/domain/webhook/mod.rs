//! A webhook: an address that is told of events, which of them, and how far. It must not know how an event is written, nor how
//! anything is sent.

pub(crate) mod address;
pub(crate) mod pace;
pub(crate) mod url;

use crate::domain::{
    invalid::Invalid,
    stream::{UnknownWord, words},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// Most webhooks of an account.
pub(crate) const WEBHOOKS_MAX: i64 = 20;
/// Most deliveries that are kept of a webhook, to look at.
pub(crate) const DELIVERIES_KEPT: i64 = 100;
/// What an `events` of all of them is.
const ALL_EVENTS: &str = "*";

words! {
    /// What a webhook can be told of.
    pub(crate) EventName {
        /// A stream was made.
        StreamCreated = "stream.created",
        /// A stream was edited.
        StreamUpdated = "stream.updated",
        /// A stream went live.
        StreamStarted = "stream.started",
        /// A stream is over.
        StreamEnded = "stream.ended",
        /// A stream was deleted; nothing of what was left of its log is sent.
        StreamDeleted = "stream.deleted",
        /// Somebody said something.
        CommentCreated = "comment.created",
        /// A comment was taken away.
        CommentDeleted = "comment.deleted",
        /// All that an account wrote in a stream was taken away.
        CommentsPurged = "comments.purged",
        /// A comment waits for a moderator.
        CommentHeld = "comment.held",
        /// Somebody may not write any more.
        ViewerBanned = "viewer.banned",
        /// A ban was undone.
        ViewerUnbanned = "viewer.unbanned",
        /// The host says something to all.
        AnnouncementCreated = "announcement.created",
        /// A poll was closed.
        PollClosed = "poll.closed",
        /// A picture has come.
        PictureLive = "picture.live",
        /// A picture is gone.
        PictureGone = "picture.gone",
        /// A recording can be seen.
        RecordingReady = "recording.ready",
        /// Somebody registered; of the whole site alone.
        UserRegistered = "user.registered",
        /// Somebody reported a comment.
        ReportCreated = "report.created",
    }
}

words! {
    /// How far a webhook hears.
    pub(crate) WebhookScope {
        /// Of all streams of its owner.
        Channel = "channel",
        /// Of all streams there are; for administrators.
        Site = "site",
    }
}

words! {
    /// Whose words a webhook speaks.
    pub(crate) Preset {
        /// Messages to a channel of Discord.
        Discord = "discord",
    }
}

words! {
    /// Why a webhook does not go on.
    pub(crate) DisabledReason {
        /// Its owner wants no more.
        ByOwner = "by_owner",
        /// It answered 410.
        Gone = "gone",
        /// It failed for three days.
        Failing = "failing",
        /// More waited for it than is kept.
        TooFarBehind = "too_far_behind",
        /// Its owner was disabled, or is no administrator any more.
        RightLost = "right_lost",
    }
}

words! {
    /// What became of a delivery.
    pub(crate) DeliveryStatus {
        /// It will be tried, or tried again.
        Waiting = "waiting",
        /// It was taken.
        Delivered = "delivered",
        /// It is not tried any more, unless somebody asks for that.
        Failed = "failed",
    }
}

/// Which events a webhook wants: all there are, or some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schema(value_type = Vec<String>, min_items = 1)]
pub(crate) struct WantedEvents(Option<u32>);

impl WantedEvents {
    /// Whether this is among them.
    pub(crate) fn has(&self, event: EventName) -> bool {
        self.0.is_none_or(|some| some & bit(event) != 0)
    }

    /// Whether it names this, and not only by naming all.
    pub(crate) fn names(&self, event: EventName) -> bool {
        self.0.is_some() && self.has(event)
    }

    fn listed(&self) -> Vec<&'static str> {
        match self.0 {
            None => vec![ALL_EVENTS],
            Some(_) => {
                EventName::ALL.iter().filter(|event| self.has(**event)).map(|event| event.as_str()).collect()
            }
        }
    }
}

fn bit(event: EventName) -> u32 {
    1 << event as u32
}

impl TryFrom<Vec<String>> for WantedEvents {
    type Error = Invalid;

    /// Whatever stands there twice counts once.
    fn try_from(names: Vec<String>) -> Result<Self, Invalid> {
        if names.is_empty() {
            return Err(Invalid::empty("at least one event, or [\"*\"]"));
        }
        let some = names.iter().filter(|name| *name != ALL_EVENTS);
        let bits = some.map(|name| name.parse().map(bit)).collect::<Result<Vec<u32>, UnknownWord>>();
        let bits = bits.map_err(|_| Invalid::malformed("names of events, or [\"*\"]"))?;
        if names.iter().any(|name| name == ALL_EVENTS) {
            return Ok(Self(None));
        }
        Ok(Self(Some(bits.into_iter().fold(0, |all, one| all | one))))
    }
}

impl From<WantedEvents> for Vec<String> {
    fn from(events: WantedEvents) -> Self {
        events.listed().into_iter().map(str::to_owned).collect()
    }
}

impl fmt::Display for WantedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.listed().join(","))
    }
}

impl FromStr for WantedEvents {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from(text.split(',').map(str::to_owned).collect::<Vec<_>>())
    }
}

/// Counts the secrets of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SecretVersion(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str]) -> Result<WantedEvents, Invalid> {
        WantedEvents::try_from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn events_come_back_as_they_were_stored() {
        for some in [&["*"][..], &["stream.created"], &["comment.created", "report.created"]] {
            let events = wanted(some).unwrap();
            assert_eq!(Vec::<String>::from(events.clone()), some);
            assert_eq!(events.to_string().parse(), Ok(events));
        }
        assert!(wanted(&["*", "poll.closed"]).unwrap().has(EventName::UserRegistered));
        assert!(!wanted(&["poll.closed"]).unwrap().has(EventName::UserRegistered));
        assert!(!wanted(&["*"]).unwrap().names(EventName::UserRegistered));
    }

    #[test]
    fn an_unknown_event_is_refused_as_is_none_at_all() {
        assert!(wanted(&[]).is_err());
        assert!(wanted(&["comment.sung"]).is_err());
        assert!(wanted(&["poll.closed", ""]).is_err());
        assert!(wanted(&["*", "comment.sung"]).is_err());
    }
}
