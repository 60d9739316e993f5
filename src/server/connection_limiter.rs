//! The limiter: how many connections of any kind one address may have, and all together, before a byte is read.
//! It must not know what is spoken on them; sockets and event streams are limited once more, where they open.

use crate::{
    auth::Network,
    config::Config,
    logging::OncePerMinute,
    metrics::{Metrics, descriptors},
};
use ipnet::IpNet;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
    time::Instant,
};

/// Connections for requests that an address may have beside its sockets and event streams, and twice as many of these
/// for those that are just being closed or refused.
const REQUESTS_PER_IP: u64 = 256;
const PER_SOCKET: u64 = 2;
/// File descriptors that are kept for other things than connections: without them nothing could be stored or measured.
const KEPT_DESCRIPTORS: u64 = 64;
/// One in so many of the rest is left for those who are being turned away, which takes a moment.
const FOR_REFUSALS: u64 = 8;
/// What a server has open before the first connection, where the system does not tell.
const OPEN_AT_START: u64 = 64;

/// Counts connections by address, and all. Clones are one limiter.
#[derive(Clone)]
pub struct ConnectionLimiter {
    open: Arc<Mutex<Open>>,
    per_address: Option<u64>,
    in_all: u64,
    trusted: Arc<[IpNet]>,
    full: Arc<OncePerMinute>,
    metrics: Metrics,
}

#[derive(Default)]
struct Open {
    in_all: u64,
    by_network: HashMap<Network, u64>,
}

impl ConnectionLimiter {
    /// One who lets in as many from an address as `CONNECTIONS_PER_IP` means; all where that is lifted, and all trusted
    /// proxies; and no more in all than there are file descriptors for.
    pub fn new(config: &Config, metrics: &Metrics) -> Self {
        let sockets = config.limits.connections_per_ip.limit();
        Self {
            open: Arc::default(),
            per_address: sockets.map(|sockets| u64::from(sockets) * PER_SOCKET + REQUESTS_PER_IP),
            in_all: free_descriptors() - free_descriptors() / FOR_REFUSALS,
            trusted: config.trusted_proxies.clone().into(),
            full: Arc::default(),
            metrics: metrics.clone(),
        }
    }

    /// A place for one more connection; none where its address, or all together, have all they may have.
    pub fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let peer = peer.to_canonical();
        let mut open = self.open.lock();
        if open.in_all >= self.in_all {
            self.refuse_all(open.in_all);
            return None;
        }
        let per_address = self.per_address.filter(|_| !self.trusted.iter().any(|net| net.contains(&peer)));
        let network = per_address.map(|_| Network::from(peer));
        if let (Some(at_most), Some(network)) = (per_address, network) {
            let here = open.by_network.entry(network).or_default();
            if *here >= at_most {
                self.metrics.limit_hits.of("CONNECTIONS_PER_IP").inc();
                return None;
            }
            *here += 1;
        }
        open.in_all += 1;
        Some(Admitted { limiter: self.clone(), network })
    }

    fn refuse_all(&self, open: u64) {
        self.metrics.refused_accepts.inc();
        if self.full.due(Instant::now()).is_some() {
            let max = descriptors::max().unwrap_or(u64::MAX);
            log::warn!(
                "new connections are closed: {open} are open, and no more than {max} file descriptors can be"
            );
        }
    }
}

/// How many connections there are descriptors for. The listener must not accept more: it would fail over and over.
pub fn free_descriptors() -> u64 {
    let taken = descriptors::open().unwrap_or(OPEN_AT_START) + KEPT_DESCRIPTORS;
    descriptors::max().map_or(u64::MAX, |max| max.saturating_sub(taken))
}

/// A connection's place, held as long as it lives.
pub struct Admitted {
    limiter: ConnectionLimiter,
    network: Option<Network>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.limiter.open.lock();
        open.in_all -= 1;
        let Some(network) = self.network else { return };
        if let Entry::Occupied(mut here) = open.by_network.entry(network) {
            *here.get_mut() -= 1;
            if *here.get() == 0 {
                here.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Cap;
    use std::env::temp_dir;

    fn limiter(change: impl FnOnce(&mut Config)) -> ConnectionLimiter {
        let mut config = Config::for_tests(&temp_dir());
        config.limits.connections_per_ip = Cap::new(1);
        change(&mut config);
        ConnectionLimiter::new(&config, &Metrics::new())
    }

    #[test]
    fn an_address_has_its_connections_and_no_more_until_one_closes() {
        let limiter = limiter(|_| {});
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut inside: Vec<_> = (0..258).map(|_| limiter.admit(one).expect("a place")).collect();
        assert!(limiter.admit(one).is_none());
        assert!(limiter.admit(other).is_some());
        assert_eq!(limiter.metrics.limit_hits.of("CONNECTIONS_PER_IP").get(), 1);
        inside.pop();
        assert!(limiter.admit(one).is_some());
        inside.clear();
        let open = limiter.open.lock();
        assert_eq!((open.in_all, open.by_network.len()), (0, 0));
    }

    #[test]
    fn there_are_no_more_in_all_than_descriptors_for_them() {
        let mut limiter = limiter(|config| config.limits.connections_per_ip = Cap::LIFTED);
        assert!(limiter.in_all > 0, "there are some");
        limiter.in_all = 2;
        let one = IpAddr::from([192, 0, 2, 1]);
        let mut inside: Vec<_> = (0..2).map(|_| limiter.admit(one).expect("a place")).collect();
        assert!(limiter.admit(one).is_none() && limiter.admit(IpAddr::from([192, 0, 2, 2])).is_none());
        assert_eq!(limiter.metrics.refused_accepts.get(), 2);
        inside.pop();
        assert!(limiter.admit(one).is_some());
    }

    #[test]
    fn a_trusted_proxy_and_a_lifted_limit_have_no_bound() {
        let proxy = IpAddr::from([192, 0, 2, 1]);
        for limiter in [
            limiter(|config| config.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()]),
            limiter(|config| config.limits.connections_per_ip = Cap::LIFTED),
        ] {
            let inside: Vec<_> = (0..1000).filter_map(|_| limiter.admit(proxy)).collect();
            assert_eq!(inside.len(), 1000);
        }
    }
}
