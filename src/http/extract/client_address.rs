//! Where a client is: its peer address, or what a trusted proxy or another node says of it.
//! It must not believe a header of anybody else.

use crate::{
    config::{Config, ForwardedHeader},
    domain::Millis,
    http::Services,
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
    web,
};
use ipnet::IpNet;
use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// What a node writes on a request that it sends on.
pub(crate) const FORWARDED_BY_NODE: HeaderName = HeaderName::from_static("livehouse-forwarded");

/// The address that limits and the audit count as the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The peer; behind a trusted proxy the right-most address of its header that is not itself a trusted proxy's. A client
    /// may have written any other header.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, header: ForwardedHeader, trusted: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        if !is_trusted(&peer) {
            return Self(peer);
        }
        let of_hop: fn(&str) -> Option<&str> = match header {
            ForwardedHeader::Forwarded => forwarded_for,
            ForwardedHeader::XForwardedFor | ForwardedHeader::XRealIp => |hop| Some(hop),
        };
        Self(nearest(hops(headers, header.as_str(), of_hop), peer, is_trusted))
    }
}

/// The header of a proxy in a request of a peer that is none, or none that is trusted.
pub(crate) fn of_an_unknown_proxy(
    request: &HttpRequest,
    config: &Config,
) -> Option<(IpAddr, ForwardedHeader)> {
    let header = ForwardedHeader::ALL
        .iter()
        .copied()
        .find(|header| request.headers().contains_key(header.as_str()))?;
    let peer = peer(request);
    let is_trusted = config.trusted_proxies.iter().any(|net| net.contains(&peer));
    (!is_trusted).then_some((peer, header))
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
fn hops(headers: &HeaderMap, name: &str, of_hop: impl Fn(&str) -> Option<&str>) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or(""));
    lines.flat_map(|line| line.split(',')).map(|hop| of_hop(hop.trim()).and_then(address)).collect()
}

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

fn peer(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    peer.to_canonical()
}

impl From<(&HttpRequest, &Config)> for ClientAddress {
    fn from((request, config): (&HttpRequest, &Config)) -> Self {
        of_another_node(request).unwrap_or_else(|| {
            Self::of(peer(request), request.headers(), config.forwarded_header, &config.trusted_proxies)
        })
    }
}

/// The client of a request that another node has sent on; none of any other request.
pub(crate) fn of_another_node(request: &HttpRequest) -> Option<ClientAddress> {
    let text = request.headers().get(FORWARDED_BY_NODE)?.to_str().ok()?;
    let services = request.app_data::<web::Data<Services>>()?;
    services.keys.read_forwarded(text, Millis::now()).map(ClientAddress)
}

impl FromRequest for ClientAddress {
    type Error = crate::http::Error;
    type Future = Ready<Result<Self, crate::http::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::from((request, &*crate::http::extract::services(request).config))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn seen_by(header: &str, peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let header = header.parse().unwrap();
        ClientAddress::of(peer.parse().unwrap(), &map, header, &trusted).0.to_string()
    }

    #[test]
    fn a_stranger_is_where_it_is_whatever_it_says() {
        let lies = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4"), ("x-real-ip", "1.2.3.4")];
        for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            assert_eq!(seen_by(header, "192.0.2.7", &lies), "192.0.2.7");
            assert_eq!(seen_by(header, "::ffff:192.0.2.7", &lies), "192.0.2.7");
        }
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
            ("x-real-ip", "1.2.3.4", "1.2.3.4"),
            ("x-real-ip", "nowhere", "10.0.0.1"),
        ] {
            for peer in ["10.0.0.1", "::ffff:10.0.0.1"] {
                assert_eq!(seen_by(header, peer, &[(header, value)]), client, "{header}: {value}");
            }
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4, 10.1.1.1")];
        assert_eq!(seen_by("x-forwarded-for", "fd00::1", &lines), "1.2.3.4");
    }

    #[test]
    fn a_header_that_the_proxy_does_not_write_is_the_clients_and_does_not_count() {
        let stories =
            [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=2.2.2.2"), ("x-real-ip", "3.3.3.3")];
        for (header, client) in
            [("x-forwarded-for", "1.1.1.1"), ("forwarded", "2.2.2.2"), ("x-real-ip", "3.3.3.3")]
        {
            assert_eq!(seen_by(header, "10.0.0.1", &stories), client);
            let others: Vec<_> = stories.into_iter().filter(|(name, _)| *name != header).collect();
            assert_eq!(seen_by(header, "10.0.0.1", &others), "10.0.0.1", "without {header}");
        }
    }
}
