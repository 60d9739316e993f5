//! A channel: what a host keeps from stream to stream, beside the streams themselves.
//! It must not know who asks, nor how it is kept.

use super::{
    UserId,
    invalid::Invalid,
    parsed::{TextSchema, from_text},
    stream::{UnknownWord, words},
    text::LinkLabel,
    web_address::{self, MAX_BYTES},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// Most links of a channel.
pub(crate) const LINKS_MAX: usize = 5;
/// Most moderators of a channel.
pub(crate) const MODERATORS_MAX: i64 = 100;
/// Most bans in force in a channel; each of its rooms keeps them in memory.
pub(crate) const BANS_MAX: i64 = 10_000;
/// Most streams of a host that have not ended: a change of the channel is written into the log of each.
pub(crate) const OPEN_STREAMS_MAX: i64 = 200;
/// Most accounts that one can ignore.
pub(crate) const IGNORED_MAX: i64 = 1_000;

words! {
    /// Where a ban or an appointment holds.
    pub(crate) Scope {
        /// In all streams of the host.
        Channel = "channel",
        /// In one stream alone.
        Stream = "stream",
    }
}

/// Somebody in a list of what holds in a stream, which has what holds in the whole channel beside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scoped {
    pub scope: Scope,
    pub user: UserId,
}

impl fmt::Display for Scoped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.scope, self.user)
    }
}

impl FromStr for Scoped {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (scope, user) = text.split_once('.').ok_or(UnknownWord)?;
        Ok(Self { scope: scope.parse()?, user: user.parse().map_err(|_| UnknownWord)? })
    }
}

/// A place on the web that a host names: https, with a host and no credentials, at most 2048 bytes. Kept in the form that
/// browsers write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct LinkUrl(String);

impl LinkUrl {
    /// Checks a URL.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        Ok(Self(web_address::parse(text)?.into()))
    }

    /// The URL as it is stored and sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes over what was parsed when it was stored.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }
}

from_text!(
    LinkUrl,
    TextSchema {
        min_length: 1,
        max_length: MAX_BYTES,
        format: Some("uri"),
        description: "https, with a host, no credentials",
    }
);

/// A link on the page of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    /// What it is called.
    pub label: LinkLabel,
    /// Where it leads.
    pub url: LinkUrl,
}

/// The links of a channel: at most 5, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "Vec<Link>")]
#[schema(value_type = Vec<Link>, max_items = 5)]
pub(crate) struct Links(pub Vec<Link>);

impl TryFrom<Vec<Link>> for Links {
    type Error = Invalid;

    fn try_from(links: Vec<Link>) -> Result<Self, Invalid> {
        if links.len() > LINKS_MAX {
            return Err(Invalid::out_of_range(format!("at most {LINKS_MAX} links")));
        }
        Ok(Self(links))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https_with_a_host_and_no_credentials() {
        let kept = |text| LinkUrl::parse(text).map(|url| url.0);
        assert_eq!(kept("https://Example.com").unwrap(), "https://example.com/");
        assert_eq!(kept("https://example.com:8443/a?b=c#d").unwrap(), "https://example.com:8443/a?b=c#d");
        for text in [
            "",
            "example.com",
            "//example.com",
            "http://example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:///",
            "https://user@example.com",
            "https://user:secret@example.com",
            "https://exa mple.com",
            "https://example.com/\n",
        ] {
            assert!(LinkUrl::parse(text).is_err(), "{text:?}");
        }
        let of_length = |length: usize| format!("https://example.com/{}", "x".repeat(length - 20));
        assert!(LinkUrl::parse(&of_length(2048)).is_ok());
        assert_eq!(LinkUrl::parse(&of_length(2049)).unwrap_err().code, "too_long");
        let escaped = format!("https://example.com/{}", "ü".repeat(900));
        assert_eq!(LinkUrl::parse(&escaped).unwrap_err().code, "too_long");
    }

    #[test]
    fn a_channel_has_at_most_five_links() {
        let link = || Link {
            label: LinkLabel::parse("a").unwrap(),
            url: LinkUrl::parse("https://example.com").unwrap(),
        };
        assert!(Links::try_from(vec![link(); 5]).is_ok());
        assert_eq!(Links::try_from(vec![link(); 6]).unwrap_err().code, "out_of_range");
    }

    #[test]
    fn a_place_in_a_list_of_two_scopes_comes_back_as_it_was() {
        for scope in [Scope::Channel, Scope::Stream] {
            let scoped = Scoped { scope, user: UserId::new() };
            assert_eq!(scoped.to_string().parse(), Ok(scoped));
        }
        for text in ["", "channel", "channel.x", "x.01890000-0000-7000-8000-000000000000"] {
            assert!(text.parse::<Scoped>().is_err(), "{text:?}");
        }
    }
}
