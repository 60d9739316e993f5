//! Which addresses a server must never be made to write to: those that mean itself, its own network, or nobody in particular.
//! It must not know who asks, nor what an operator has allowed.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Of IPv4: what is somebody's own, or nobody's (RFC 6890 and what came after).
const INSIDE_V4: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Of IPv6, what lies in the part that is given out: tunnels that lead to any IPv4 address, and examples.
const INSIDE_V6: &[([u16; 8], u8)] = &[
    // Protocols of the IETF, Teredo among them.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4.
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// What is given out of IPv6. All else is loopback, unspecified, mapped, NAT64, unique local, link-local, multicast or reserved.
const GIVEN_OUT_V6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Whether it is an address of the public net.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !INSIDE_V4.iter().any(|&(net, bits)| v4(net, bits).contains(&address)),
        IpAddr::V6(address) => {
            let (given_out, bits) = GIVEN_OUT_V6;
            let is_inside = INSIDE_V6.iter().any(|&(net, bits)| v6(net, bits).contains(&address));
            v6(given_out, bits).contains(&address) && !is_inside
        }
    }
}

fn v4(net: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from(net), bits)
}

fn v6(net: [u16; 8], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from(net), bits)
}

/// What an operator lets webhooks reach beyond the public net.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Whether http and loopback are allowed.
    pub is_insecure: bool,
    pub ranges: Vec<IpNet>,
}

impl Allowed {
    /// Whether the operator has named a range with this address.
    pub(crate) fn names(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(&address))
    }

    /// Whether a webhook may reach this address, the server's own listeners aside.
    pub(crate) fn lets(&self, address: IpAddr) -> bool {
        is_public(address) || self.names(address) || (self.is_insecure && address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_told_from_what_is_public() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "192.88.99.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "5f00::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2400::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_operator_allows_ranges_and_nothing_beside_them() {
        let allowed = Allowed { is_insecure: false, ranges: vec!["10.1.0.0/16".parse().unwrap()] };
        assert!(allowed.lets("10.1.2.3".parse().unwrap()));
        assert!(!allowed.lets("10.2.0.1".parse().unwrap()));
        assert!(!allowed.lets("127.0.0.1".parse().unwrap()));
        let insecure = Allowed { is_insecure: true, ranges: Vec::new() };
        assert!(insecure.lets("127.0.0.1".parse().unwrap()) && insecure.lets("::1".parse().unwrap()));
        assert!(!insecure.lets("169.254.169.254".parse().unwrap()));
        assert!(!insecure.lets("::ffff:127.0.0.1".parse().unwrap()));
    }
}
