//! Where a client is: its peer address, or what a trusted proxy says of it.
//! It must not believe a header of anybody else.

use crate::config::Config;
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName},
};
use ipnet::IpNet;
use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that limits and the audit count as the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The peer; behind a trusted proxy the right-most address that is not itself a trusted proxy's.
    /// Where two headers tell different stories, a client may have written one: the proxy's own address counts.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        if !is_trusted(&peer) {
            return Self(peer);
        }
        let old = hops(headers, &X_FORWARDED_FOR, |hop| Some(hop));
        let new = hops(headers, &header::FORWARDED, forwarded_for);
        let client = |hops: Vec<Option<IpAddr>>| nearest(hops, peer, is_trusted);
        match (old.is_empty(), new.is_empty()) {
            (false, true) => Self(client(old)),
            (true, false) => Self(client(new)),
            (true, true) => Self(peer),
            (false, false) => {
                let (old, new) = (client(old), client(new));
                Self(if old == new { old } else { peer })
            }
        }
    }
}

/// From the right: trusted proxies are passed, what cannot be read ends the walk at the hop before it.
fn nearest(hops: Vec<Option<IpAddr>>, peer: IpAddr, is_trusted: impl Fn(&IpAddr) -> bool) -> IpAddr {
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Some(address) = hop else { return nearest };
        nearest = address;
        if !is_trusted(&address) {
            return nearest;
        }
    }
    nearest
}

/// The addresses of a list header, in order, over all its lines; none for what is no address.
fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    of_hop: impl Fn(&str) -> Option<&str>,
) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or(""));
    lines.flat_map(|line| line.split(',')).map(|hop| of_hop(hop.trim()).and_then(address)).collect()
}

/// The `for` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
    })
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

impl From<(&HttpRequest, &Config)> for ClientAddress {
    fn from((request, config): (&HttpRequest, &Config)) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        Self::of(peer, request.headers(), &config.trusted_proxies)
    }
}

impl FromRequest for ClientAddress {
    type Error = super::Error;
    type Future = Ready<Result<Self, super::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::from((request, &*super::extract::app(request).config))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn seen(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        ClientAddress::of(peer.parse().unwrap(), &map, &trusted).0.to_string()
    }

    #[test]
    fn a_stranger_is_where_it_is_whatever_it_says() {
        let lies = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")];
        assert_eq!(seen("192.0.2.7", &lies), "192.0.2.7");
        assert_eq!(seen("::ffff:192.0.2.7", &lies), "192.0.2.7");
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_it_has_seen_itself() {
        for (header, value, client) in [
            ("x-forwarded-for", "1.2.3.4", "1.2.3.4"),
            ("x-forwarded-for", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
            ("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4:5555", "1.2.3.4"),
            ("x-forwarded-for", "[2001:db8::1]:5555", "2001:db8::1"),
            ("forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:80\";proto=https", "2001:db8::1"),
            ("forwarded", "proto=https", "10.0.0.1"),
            ("x-forwarded-for", "1.2.3.4, unknown", "10.0.0.1"),
            ("x-forwarded-for", "1.2.3.4, unknown, 10.1.1.1", "10.1.1.1"),
            ("x-forwarded-for", "", "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", &[(header, value)]), client, "{header}: {value}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4, 10.1.1.1")];
        assert_eq!(seen("fd00::1", &lines), "1.2.3.4");
    }

    #[test]
    fn of_two_stories_neither_is_believed() {
        let stories = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(seen("10.0.0.1", &stories), "10.0.0.1");
    }
}
