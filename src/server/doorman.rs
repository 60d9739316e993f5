//! The doorman: how many connections of any kind one address may have, before a byte is read.
//! It must not know what is spoken on them; sockets and event streams are limited once more, where they open.

use crate::{auth::Network, config::Config, metrics::Metrics};
use ipnet::IpNet;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

/// Connections for requests that an address may have beside its sockets and event streams, and twice as many of these
/// for those that are just being closed or refused.
const REQUESTS_PER_IP: u64 = 256;
const PER_SOCKET: u64 = 2;

/// Counts connections by address. Clones are one doorman.
#[derive(Clone)]
pub struct Doorman {
    open: Arc<Mutex<HashMap<Network, u64>>>,
    at_most: Option<u64>,
    trusted: Arc<[IpNet]>,
    metrics: Metrics,
}

impl Doorman {
    /// One who lets in as many as `CONNECTIONS_PER_IP` means; all where that is lifted, and all trusted proxies.
    pub fn new(config: &Config, metrics: &Metrics) -> Self {
        let sockets = config.limits.connections_per_ip.limit();
        Self {
            open: Arc::default(),
            at_most: sockets.map(|sockets| u64::from(sockets) * PER_SOCKET + REQUESTS_PER_IP),
            trusted: config.trusted_proxies.clone().into(),
            metrics: metrics.clone(),
        }
    }

    /// A place for one more connection; none where its address has all it may have.
    pub fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let peer = peer.to_canonical();
        let at_most = self.at_most.filter(|_| !self.trusted.iter().any(|net| net.contains(&peer)));
        let Some(at_most) = at_most else { return Some(Admitted(None)) };
        let network = Network::from(peer);
        let mut open = self.open.lock();
        let here = open.entry(network).or_default();
        if *here >= at_most {
            self.metrics.limit_hits.of("CONNECTIONS_PER_IP").inc();
            return None;
        }
        *here += 1;
        Some(Admitted(Some((self.clone(), network))))
    }
}

/// A connection's place, held as long as it lives.
pub struct Admitted(Option<(Doorman, Network)>);

impl Drop for Admitted {
    fn drop(&mut self) {
        let Some((doorman, network)) = &self.0 else { return };
        let mut open = doorman.open.lock();
        if let Entry::Occupied(mut here) = open.entry(*network) {
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

    fn doorman(change: impl FnOnce(&mut Config)) -> Doorman {
        let mut config = Config::for_tests(&temp_dir());
        config.limits.connections_per_ip = Cap::new(1);
        change(&mut config);
        Doorman::new(&config, &Metrics::new())
    }

    #[test]
    fn an_address_has_its_connections_and_no_more_until_one_closes() {
        let doorman = doorman(|_| {});
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut inside: Vec<_> = (0..258).map(|_| doorman.admit(one).expect("a place")).collect();
        assert!(doorman.admit(one).is_none());
        assert!(doorman.admit(other).is_some());
        assert_eq!(doorman.metrics.limit_hits.of("CONNECTIONS_PER_IP").get(), 1);
        inside.pop();
        assert!(doorman.admit(one).is_some());
        inside.clear();
        assert!(doorman.open.lock().is_empty());
    }

    #[test]
    fn a_trusted_proxy_and_a_lifted_limit_have_no_bound() {
        let proxy = IpAddr::from([192, 0, 2, 1]);
        for doorman in [
            doorman(|config| config.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()]),
            doorman(|config| config.limits.connections_per_ip = Cap::LIFTED),
        ] {
            let inside: Vec<_> = (0..1000).filter_map(|_| doorman.admit(proxy)).collect();
            assert_eq!(inside.len(), 1000);
        }
    }
}
