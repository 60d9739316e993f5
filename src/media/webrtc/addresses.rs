//! What peers are told to reach this server at, and which of it a datagram came to.
//! It must not know what is sent.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

/// So many addresses are told; each makes an answer longer.
const ADDRESSES_MAX: usize = 8;

/// The addresses that are told, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses(Vec<SocketAddr>);

impl Addresses {
    /// Those of the operator; else the one bound to; else, for all interfaces, those of the interfaces.
    /// Fails where there is none that a peer could reach.
    pub(crate) fn new(advertised: &[SocketAddr], bound: SocketAddr) -> io::Result<Self> {
        let with_port = |address: SocketAddr| match address.port() {
            0 => SocketAddr::new(address.ip(), bound.port()),
            _ => address,
        };
        if !advertised.is_empty() {
            return Ok(Self(advertised.iter().copied().map(with_port).take(ADDRESSES_MAX).collect()));
        }
        if !bound.ip().is_unspecified() {
            return Ok(Self(vec![bound]));
        }
        let found = if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip());
        let chosen = choose(found.collect(), bound.is_ipv4());
        if chosen.is_empty() {
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "no interface has an address"));
        }
        Ok(Self(chosen.into_iter().map(|ip| SocketAddr::new(ip, bound.port())).collect()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.0.iter().copied()
    }

    /// The one told that stands for a datagram's destination. Behind NAT it is another: any of the same family will do.
    pub(crate) fn told(&self, destination: Option<IpAddr>, source: SocketAddr) -> SocketAddr {
        let same = self.0.iter().find(|told| destination.is_some_and(|ip| told.ip() == ip));
        let family = self.0.iter().find(|told| told.is_ipv4() == source.is_ipv4());
        same.or(family).copied().unwrap_or(self.0[0])
    }
}

/// Loopback only where there is nothing else: Firefox does not take it. No link-local ones: they need a zone.
fn choose(found: Vec<IpAddr>, only_v4: bool) -> Vec<IpAddr> {
    let is_link_local = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    let usable = found.into_iter().filter(|ip| !(is_link_local(ip) || only_v4 && ip.is_ipv6()));
    let (loopback, others): (Vec<IpAddr>, Vec<IpAddr>) = usable.partition(IpAddr::is_loopback);
    let mut chosen = if others.is_empty() { loopback } else { others };
    chosen.sort_by_key(IpAddr::is_ipv6);
    chosen.truncate(ADDRESSES_MAX);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn interfaces_are_told_and_loopback_only_for_want_of_others() {
        let found = ips(&["127.0.0.1", "2001:db8::1", "192.0.2.2", "fe80::1", "169.254.1.1"]);
        assert_eq!(choose(found.clone(), false), ips(&["192.0.2.2", "2001:db8::1"]));
        assert_eq!(choose(found, true), ips(&["192.0.2.2"]));
        assert_eq!(choose(ips(&["127.0.0.1", "::1"]), false), ips(&["127.0.0.1", "::1"]));
    }

    #[test]
    fn what_is_bound_or_advertised_is_told() {
        let bound = "127.0.0.1:8082".parse().unwrap();
        assert_eq!(Addresses::new(&[], bound).unwrap().0, [bound]);
        let advertised = ["203.0.113.5:0".parse().unwrap(), "203.0.113.6:9000".parse().unwrap()];
        let told = Addresses::new(&advertised, "0.0.0.0:8082".parse().unwrap()).unwrap();
        assert_eq!(told.0, ["203.0.113.5:8082".parse().unwrap(), "203.0.113.6:9000".parse().unwrap()]);
        assert!(!Addresses::new(&[], "0.0.0.0:8082".parse().unwrap()).unwrap().0.is_empty());
    }

    #[test]
    fn a_datagram_to_a_private_address_counts_for_the_public_one() {
        let told = Addresses(vec!["203.0.113.5:1".parse().unwrap(), "[2001:db8::5]:1".parse().unwrap()]);
        let (v4, v6) = ("192.0.2.9:5".parse().unwrap(), "[2001:db8::9]:5".parse().unwrap());
        assert_eq!(told.told(Some("10.0.0.7".parse().unwrap()), v4), told.0[0]);
        assert_eq!(told.told(None, v6), told.0[1]);
        assert_eq!(told.told(Some("2001:db8::5".parse().unwrap()), v6), told.0[1]);
    }
}
