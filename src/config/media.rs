//! The settings of pictures, and how each is read from text: `Err` says what would have been allowed.
//! They must not know where the text came from, nor how a picture travels.

use super::values::{self, Read};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// An address that clients are told; port 0 is the port that is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaAddress(pub SocketAddr);

impl fmt::Display for MediaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.port() {
            0 => self.0.ip().fmt(f),
            _ => self.0.fmt(f),
        }
    }
}

/// How far recordings go, in bytes; no settings, tests alone have less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingBounds {
    /// What is kept of one account at most.
    pub of_account: u64,
    /// What is left free on the disk at least.
    pub left_free: u64,
}

impl Default for RecordingBounds {
    fn default() -> Self {
        Self { of_account: 5_000_000_000, left_free: 1_000_000_000 }
    }
}

/// Where encoders send by RTMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RtmpListen {
    /// At this address.
    At(SocketAddr),
    /// Nowhere: RTMP has no encryption, and not every site wants it.
    Off,
}

impl RtmpListen {
    /// The address, if there is one.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            RtmpListen::At(address) => Some(address),
            RtmpListen::Off => None,
        }
    }
}

impl fmt::Display for RtmpListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RtmpListen::At(address) => address.fmt(f),
            RtmpListen::Off => f.write_str("off"),
        }
    }
}

pub(super) fn rtmp_listen(text: &str) -> Read<RtmpListen> {
    match text {
        "off" => Ok(RtmpListen::Off),
        text => values::listen(text).map(RtmpListen::At).map_err(|allowed| format!("off, or {allowed}")),
    }
}

pub(super) fn addresses(text: &str) -> Read<Vec<MediaAddress>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(address).collect::<Option<_>>().ok_or_else(|| {
        "addresses that clients reach, such as 203.0.113.5 or 203.0.113.5:8082 or [2001:db8::1]:8082, separated by commas".into()
    })
}

/// One that nobody can send to is none.
fn address(item: &str) -> Option<MediaAddress> {
    let alone = || item.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 0));
    let address = item.parse::<SocketAddr>().ok().filter(|address| address.port() != 0).or_else(alone)?;
    (!address.ip().is_unspecified()).then_some(MediaAddress(address))
}

/// As `RTCPeerConnection` takes it (RFC 7065), and fit to stand in a header.
pub(super) fn turn_url(text: &str) -> Read<Option<String>> {
    let rest = text.strip_prefix("turn:").or_else(|| text.strip_prefix("turns:"));
    let is_plain = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]?=_".contains(&byte))
    };
    match rest.is_some_and(is_plain) {
        true => Ok(Some(text.to_owned())),
        false => {
            Err("turn:HOST:PORT or turns:HOST:PORT, with ?transport=udp or tcp behind it or nothing".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_leave_out_the_port_and_must_be_reachable() {
        let shown = |text| addresses(text).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        let good = "203.0.113.5, 203.0.113.6:9, [2001:db8::1]:8082,2001:db8::2";
        assert_eq!(
            shown(good).unwrap(),
            ["203.0.113.5", "203.0.113.6:9", "[2001:db8::1]:8082", "2001:db8::2"]
        );
        for bad in ["0.0.0.0", "live.example", "203.0.113.5:0", "[::]:8082", "203.0.113.5:x"] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rtmp_is_somewhere_or_off() {
        assert_eq!(rtmp_listen("off").unwrap().address(), None);
        assert_eq!(rtmp_listen("127.0.0.1:7").unwrap().to_string(), "127.0.0.1:7");
        assert!(rtmp_listen("on").unwrap_err().starts_with("off, or HOST:PORT"));
    }

    #[test]
    fn a_relay_is_named_as_browsers_take_it() {
        for good in ["turn:turn.example.net:3478?transport=udp", "turns:[2001:db8::1]:5349"] {
            assert_eq!(turn_url(good).unwrap().as_deref(), Some(good));
        }
        for bad in
            ["", "turn:", "stun:turn.example.net", "turn:a b", "turn:x>; rel=y", "https://turn.example.net"]
        {
            assert!(turn_url(bad).is_err(), "{bad}");
        }
    }
}
