//! How many publish and view at once, and how often an address may offer.
//! It must not know what is published or viewed.

use crate::{
    auth::Network,
    domain::rate::{Rate, SlidingWindows},
    media::{handle::Refused, settings::MediaLimits},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    net::IpAddr,
    rc::Rc,
    time::{Duration, Instant},
};

/// In which `MEDIA_OFFERS_PER_IP` counts, in milliseconds.
const OFFERS_WINDOW_MS: i64 = 60_000;
/// How long who is refused a place should wait.
const RETRY_AFTER: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct Taken {
    publishers: u32,
    viewers: u32,
    viewers_of: HashMap<Network, u32>,
}

/// All places of the server.
pub(crate) struct Places {
    limits: MediaLimits,
    taken: Rc<RefCell<Taken>>,
    offers: SlidingWindows<Network>,
}

impl Places {
    pub(crate) fn new(limits: MediaLimits) -> Self {
        let count = (limits.offers_per_ip != u32::MAX).then_some(limits.offers_per_ip);
        let rate = count.map(|count| Rate { count, per_ms: OFFERS_WINDOW_MS });
        Self { limits, taken: Rc::default(), offers: SlidingWindows::new(rate) }
    }

    /// Counts an offer from an address; refuses one too many.
    pub(crate) fn offer(&mut self, from: IpAddr, now: Instant) -> Result<(), Refused> {
        self.offers.take(from.into(), now).map_err(|wait_ms| Refused::TooMany {
            limit: "MEDIA_OFFERS_PER_IP",
            retry_after: Duration::from_millis(wait_ms.unsigned_abs()),
        })
    }

    /// A place for one more publisher. Who takes the place of another needs none: that one's is free in a moment.
    pub(crate) fn publisher(&self, replaces: bool) -> Result<Place, Refused> {
        let mut taken = self.taken.borrow_mut();
        allow(taken.publishers, self.limits.publishers.saturating_add(replaces.into()), "PUBLISHERS")?;
        taken.publishers += 1;
        Ok(Place { taken: self.taken.clone(), viewer_of: None })
    }

    /// Whether a publisher's place still holds: who meant to replace another may find that one gone, and its place taken.
    pub(crate) fn holds(&self, _: &Place, replaces: bool) -> Result<(), Refused> {
        let others = self.taken.borrow().publishers.saturating_sub(1);
        allow(others, self.limits.publishers.saturating_add(replaces.into()), "PUBLISHERS")
    }

    /// A place for one more viewer from an address.
    pub(crate) fn viewer(&self, from: IpAddr) -> Result<Place, Refused> {
        let network = Network::from(from);
        let mut taken = self.taken.borrow_mut();
        allow(taken.viewers, self.limits.viewers, "MEDIA_VIEWERS")?;
        let here = taken.viewers_of.get(&network).copied().unwrap_or(0);
        allow(here, self.limits.viewers_per_ip, "MEDIA_VIEWERS_PER_IP")?;
        taken.viewers += 1;
        *taken.viewers_of.entry(network).or_default() += 1;
        Ok(Place { taken: self.taken.clone(), viewer_of: Some(network) })
    }
}

fn allow(taken: u32, max: u32, limit: &'static str) -> Result<(), Refused> {
    if taken < max { Ok(()) } else { Err(Refused::TooMany { limit, retry_after: RETRY_AFTER }) }
}

/// The place of one publisher or viewer; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    taken: Rc<RefCell<Taken>>,
    viewer_of: Option<Network>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.borrow_mut();
        let Some(network) = self.viewer_of else {
            taken.publishers -= 1;
            return;
        };
        taken.viewers -= 1;
        if let Some(here) = taken.viewers_of.get_mut(&network) {
            *here -= 1;
            if *here == 0 {
                taken.viewers_of.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(refused: Result<Place, Refused>) -> &'static str {
        match refused {
            Err(Refused::TooMany { limit, .. }) => limit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn places_end_with_who_has_them() {
        let limits = MediaLimits { publishers: 1, viewers: 3, viewers_per_ip: 2, ..MediaLimits::default() };
        let places = Places::new(limits);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let publisher = places.publisher(false).unwrap();
        assert_eq!(limit(places.publisher(false)), "PUBLISHERS");
        drop(publisher);
        places.publisher(false).unwrap();
        let mut viewers = vec![places.viewer(here).unwrap(), places.viewer(here).unwrap()];
        assert_eq!(limit(places.viewer(here)), "MEDIA_VIEWERS_PER_IP");
        viewers.push(places.viewer(there).unwrap());
        assert_eq!(limit(places.viewer(there)), "MEDIA_VIEWERS");
        drop(viewers);
        places.viewer(here).unwrap();
        assert!(places.taken.borrow().viewers_of.is_empty(), "nothing is kept of who is gone");
    }

    #[test]
    fn who_replaces_another_publisher_needs_no_place_of_their_own() {
        let places = Places::new(MediaLimits { publishers: 1, ..MediaLimits::default() });
        let first = places.publisher(false).unwrap();
        let second = places.publisher(true).unwrap();
        assert_eq!(limit(places.publisher(true)), "PUBLISHERS", "one at a time");
        places.holds(&second, true).unwrap();
        assert!(
            places.holds(&second, false).is_err(),
            "whom it meant to replace is gone, and another has come"
        );
        drop(first);
        places.holds(&second, false).unwrap();
        assert_eq!(limit(places.publisher(false)), "PUBLISHERS");
    }

    #[test]
    fn an_address_offers_so_often_a_minute() {
        let mut places = Places::new(MediaLimits { offers_per_ip: 2, ..MediaLimits::default() });
        let (now, here) = (Instant::now(), "192.0.2.1".parse().unwrap());
        places.offer(here, now).unwrap();
        places.offer(here, now).unwrap();
        let refused = places.offer(here, now + Duration::from_secs(20)).unwrap_err();
        let limit = "MEDIA_OFFERS_PER_IP";
        assert_eq!(refused, Refused::TooMany { limit, retry_after: Duration::from_secs(40) });
        places.offer(here, now + Duration::from_secs(60)).unwrap();
    }
}
