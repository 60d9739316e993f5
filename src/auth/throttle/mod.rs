//! How often one may try to log in or register, or send an image.
//! It must not read a clock (time is an argument, and monotonic, so that setting a clock locks nobody out), nor whether a name exists: known and unknown ones are counted alike.

pub(crate) mod failures;
#[cfg(test)]
mod tests;
mod window;

use super::Network;
use crate::config::{
    Cap, Limits,
    limits::{
        ACCOUNT_KEYS_WINDOW, IMAGES_WINDOW, INGEST_KEYS_WINDOW, LOGINS_WINDOW, REGISTRATIONS_WINDOW,
        WEBHOOK_TESTS_MAX, WEBHOOK_TESTS_WINDOW, WRONG_ACCOUNT_KEYS_MAX, WRONG_INGEST_KEYS_MAX,
    },
};
use crate::domain::UserId;
use failures::Failures;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use window::Windows;

/// A try too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// The name of the limit, for the metric.
    pub limit: &'static str,
    /// When the next try is let through, in milliseconds from now; at least 1.
    pub retry_after_ms: i64,
}

/// The counters of one server. Cloning shares them.
#[derive(Clone, Debug)]
pub(crate) struct Throttle(Arc<Mutex<Counters>>);

#[derive(Debug)]
struct Counters {
    failures: Failures,
    logins: Windows,
    registrations: Windows,
    wrong_ingest_keys: Windows,
    wrong_account_keys: Windows,
    images: Windows<UserId>,
    webhook_tests: Windows<UserId>,
}

impl Throttle {
    /// With these limits; those that are lifted never refuse.
    pub(crate) fn new(limits: &Limits) -> Throttle {
        let unless_lifted = |cap| if limits.lifted { Cap::LIFTED } else { cap };
        Throttle(Arc::new(Mutex::new(Counters {
            failures: Failures::new(limits.logins_per_account),
            logins: Windows::new(limits.logins_per_ip, LOGINS_WINDOW),
            registrations: Windows::new(limits.registrations_per_ip, REGISTRATIONS_WINDOW),
            wrong_ingest_keys: Windows::new(unless_lifted(WRONG_INGEST_KEYS_MAX), INGEST_KEYS_WINDOW),
            wrong_account_keys: Windows::new(unless_lifted(WRONG_ACCOUNT_KEYS_MAX), ACCOUNT_KEYS_WINDOW),
            images: Windows::new(limits.images_per_user, IMAGES_WINDOW),
            webhook_tests: Windows::new(unless_lifted(WEBHOOK_TESTS_MAX), WEBHOOK_TESTS_WINDOW),
        })))
    }

    /// Lets a login through to the password check, or says when to come again. `account` is the folded name.
    pub(crate) fn login(&self, account: &str, address: IpAddr, now: Instant) -> Result<Attempt, Throttled> {
        let key = (account.to_owned(), Network::from(address));
        let mut counters = self.0.lock();
        let wait = |limit| move |retry_after_ms| Throttled { limit, retry_after_ms };
        counters.logins.count(key.1, now).map_err(wait("LOGINS_PER_IP"))?;
        counters.failures.begin(&key, now).map_err(wait("LOGINS_PER_ACCOUNT"))?;
        Ok(Attempt { throttle: self.clone(), key, at: now, outcome: Outcome::Withdrawn })
    }

    /// Lets a try through that this server would have had wait, where the password was right at another one after the last
    /// try here. It has been counted among the logins of its address.
    pub(crate) fn login_after(
        &self,
        right: Instant,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Option<Attempt> {
        let key = (account.to_owned(), Network::from(address));
        let failures = &mut self.0.lock().failures;
        if !failures.forget_before(&key, right) || failures.begin(&key, now).is_err() {
            return None;
        }
        Some(Attempt { throttle: self.clone(), key, at: now, outcome: Outcome::Withdrawn })
    }

    /// What all nodes have counted of the logins from an address.
    pub(crate) fn adopt_logins(&self, address: IpAddr, used: u32, ends: Duration, now: Instant) {
        self.0.lock().logins.adopt(Network::from(address), used, ends, now);
    }

    /// What all nodes have counted of the registrations from an address.
    pub(crate) fn adopt_registrations(&self, address: IpAddr, used: u32, ends: Duration, now: Instant) {
        self.0.lock().registrations.adopt(Network::from(address), used, ends, now);
    }

    /// How an address stands with its logins; none where that limit is lifted.
    pub(crate) fn logins_left(&self, address: IpAddr, now: Instant) -> Option<Quota> {
        self.0.lock().logins.standing(Network::from(address), now)
    }

    /// The same with its registrations.
    pub(crate) fn registrations_left(&self, address: IpAddr, now: Instant) -> Option<Quota> {
        self.0.lock().registrations.standing(Network::from(address), now)
    }

    /// Counts a wrong key of an encoder, or says when to come again.
    pub(crate) fn wrong_ingest_key(&self, address: IpAddr, now: Instant) -> Result<(), Throttled> {
        let counted = self.0.lock().wrong_ingest_keys.count(Network::from(address), now);
        counted.map_err(|retry_after_ms| Throttled { limit: "WRONG_INGEST_KEYS_PER_IP", retry_after_ms })
    }

    /// Counts a wrong key of an account, or says when to come again.
    pub(crate) fn wrong_account_key(&self, address: IpAddr, now: Instant) -> Result<(), Throttled> {
        let counted = self.0.lock().wrong_account_keys.count(Network::from(address), now);
        counted.map_err(|retry_after_ms| Throttled { limit: "WRONG_KEYS_PER_IP", retry_after_ms })
    }

    /// Counts a test of a webhook, or says when to come again.
    pub(crate) fn webhook_test(&self, account: UserId, now: Instant) -> Result<(), Throttled> {
        let counted = self.0.lock().webhook_tests.count(account, now);
        counted.map_err(|retry_after_ms| Throttled { limit: "WEBHOOK_TESTS_PER_USER", retry_after_ms })
    }

    /// Counts an avatar or cover, or says when to come again.
    pub(crate) fn image(&self, account: UserId, now: Instant) -> Result<(), Throttled> {
        let counted = self.0.lock().images.count(account, now);
        counted.map_err(|retry_after_ms| Throttled { limit: "IMAGES_PER_USER", retry_after_ms })
    }

    /// Counts a registration, or says when to come again.
    pub(crate) fn registration(&self, address: IpAddr, now: Instant) -> Result<(), Throttled> {
        let counted = self.0.lock().registrations.count(Network::from(address), now);
        counted.map_err(|retry_after_ms| Throttled { limit: "REGISTRATIONS_PER_IP", retry_after_ms })
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// How many in a window.
    pub limit: u32,
    /// How long a window is, in milliseconds.
    pub window_ms: i64,
    /// How many are left in this one.
    pub left: u32,
    /// When the next one begins, in milliseconds from now.
    pub reset_ms: i64,
}

/// A login under way. Dropped without an outcome it counts for nothing: the server was busy, not the password wrong.
#[derive(Debug)]
#[must_use = "say whether the password was right"]
pub(crate) struct Attempt {
    throttle: Throttle,
    key: (String, Network),
    at: Instant,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Right,
    Wrong,
    Withdrawn,
}

impl Attempt {
    /// The password was right: the account starts anew from this address.
    pub(crate) fn succeeded(mut self) {
        self.outcome = Outcome::Right;
    }

    /// So many have failed on all nodes.
    pub(crate) fn adopt(&self, failed: u32) {
        self.throttle.0.lock().failures.adopt(&self.key, failed);
    }

    /// The password was wrong, or there is no such account.
    pub(crate) fn failed(mut self, now: Instant) {
        self.at = now;
        self.outcome = Outcome::Wrong;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let failures = &mut self.throttle.0.lock().failures;
        match self.outcome {
            Outcome::Right => failures.forget(&self.key),
            Outcome::Wrong => failures.fail(&self.key, self.at),
            Outcome::Withdrawn => failures.withdraw(&self.key),
        }
    }
}

/// Whole milliseconds, rounded up: who waits that long does not come too early.
fn ms_up(wait: Duration) -> i64 {
    i64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

/// Keeps a map below its bound: first what has expired goes, then the oldest quarter, so that a flood pays for
/// one sweep in many insertions.
fn make_room<K: Eq + Hash, V>(
    map: &mut HashMap<K, V>,
    max: usize,
    last: impl Fn(&V) -> Instant,
    is_expired: impl Fn(&V) -> bool,
) {
    if map.len() < max {
        return;
    }
    map.retain(|_, value| !is_expired(value));
    if map.len() < max {
        return;
    }
    let mut times: Vec<Instant> = map.values().map(&last).collect();
    let quarter = times.len() / 4;
    let (_, &mut bound, _) = times.select_nth_unstable(quarter);
    let mut excess = quarter + 1;
    map.retain(|_, value| {
        let goes = excess > 0 && last(value) <= bound;
        excess -= usize::from(goes);
        !goes
    });
}
