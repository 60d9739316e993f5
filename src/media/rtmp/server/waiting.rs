//! Counts the connections whose key is not accepted yet, or not any more, by address and together.
//! It must not know what they do meanwhile.

use super::limits::Limits;
use crate::auth::Network;
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, sync::Arc};

/// All of them.
#[derive(Debug)]
pub(super) struct Waiting {
    limits: Limits,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_network: HashMap<Network, usize>,
}

/// One of them; gives its place back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    waiting: Arc<Waiting>,
    network: Network,
}

impl Waiting {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Waiting { limits, counts: Mutex::default() })
    }

    /// A place, or the name of the limit that is reached.
    pub(super) fn enter(self: &Arc<Self>, from: IpAddr) -> Result<Place, &'static str> {
        let network = Network::from(from);
        let mut counts = self.counts.lock();
        if counts.by_network.get(&network).is_some_and(|count| *count >= self.limits.waiting_per_address) {
            return Err("RTMP_WAITING_PER_IP");
        }
        if counts.all >= self.limits.waiting {
            return Err("RTMP_WAITING");
        }
        counts.all += 1;
        *counts.by_network.entry(network).or_default() += 1;
        Ok(Place { waiting: Arc::clone(self), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.waiting.counts.lock();
        counts.all -= 1;
        if let Some(count) = counts.by_network.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(waiting: &Arc<Waiting>, from: &str) -> Result<Place, &'static str> {
        waiting.enter(from.parse().unwrap())
    }

    #[test]
    fn sixteen_of_an_address_have_a_place_and_a_seventeenth_when_one_is_free() {
        let waiting = Waiting::new(Limits::default());
        let mut places: Vec<Place> = (0..16).map(|_| enter(&waiting, "192.0.2.1").unwrap()).collect();
        assert_eq!(enter(&waiting, "192.0.2.1").unwrap_err(), "RTMP_WAITING_PER_IP");
        // The same address, as a socket for both kinds tells it.
        assert_eq!(enter(&waiting, "::ffff:192.0.2.1").unwrap_err(), "RTMP_WAITING_PER_IP");
        assert!(enter(&waiting, "192.0.2.2").is_ok());
        places.pop();
        assert!(enter(&waiting, "192.0.2.1").is_ok());
    }

    #[test]
    fn all_addresses_together_have_their_limit_and_nothing_is_left_of_who_is_gone() {
        let waiting = Waiting::new(Limits { waiting: 3, ..Limits::default() });
        let places = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|from| enter(&waiting, from).unwrap());
        assert_eq!(enter(&waiting, "192.0.2.4").unwrap_err(), "RTMP_WAITING");
        drop(places);
        let counts = waiting.counts.lock();
        assert_eq!((counts.all, counts.by_network.len()), (0, 0));
    }
}
