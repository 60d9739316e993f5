//! How often one may log in, register or send an image: this node counts and refuses first, then, but for images, all nodes
//! together, where they can be asked.
//! It must not know whether a name exists.

use crate::{
    auth::{
        Keys, Network, Quota, Throttle, Throttled,
        throttle::{
            self,
            failures::{FIRST_WAIT, IN_FLIGHT_WAIT, LONGEST_WAIT, MEMORY},
        },
    },
    bus::quotas::{Answer, Outcome, Quotas, Try, Waits, Window},
    config::{
        Cap, Limits,
        limits::{LOGINS_WINDOW, REGISTRATIONS_WINDOW},
    },
    domain::UserId,
};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

const LOGINS: &str = "LOGINS_PER_IP";
const REGISTRATIONS: &str = "REGISTRATIONS_PER_IP";
const WRONG: &str = "LOGINS_PER_ACCOUNT";

/// The counters. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tries {
    here: Throttle,
    house: Option<Arc<House>>,
}

/// What all nodes count together.
struct House {
    quotas: Quotas,
    keys: Keys,
    logins: Window,
    registrations: Window,
    waits: Waits,
}

/// A login under way. Dropped without an outcome it counts for nothing.
#[must_use = "say whether the password was right"]
pub(crate) struct Attempt {
    here: throttle::Attempt,
    house: Option<UnderWay>,
}

/// The same, as all nodes know it.
struct UnderWay {
    house: Arc<House>,
    one: Try,
    has_ended: bool,
}

impl Tries {
    /// There are no other nodes.
    pub(crate) fn alone(here: Throttle) -> Self {
        Self { here, house: None }
    }

    /// With all nodes, by the same limits.
    pub(crate) fn with_others(here: Throttle, quotas: Quotas, keys: Keys, limits: &Limits) -> Self {
        let window = |cap: Cap, length| Window { limit: cap.limit().unwrap_or(0), length };
        let waits = Waits {
            free: limits.logins_per_account.limit().unwrap_or(0),
            under_way: IN_FLIGHT_WAIT,
            first: FIRST_WAIT,
            longest: LONGEST_WAIT,
            memory: MEMORY,
        };
        let logins = window(limits.logins_per_ip, LOGINS_WINDOW);
        let registrations = window(limits.registrations_per_ip, REGISTRATIONS_WINDOW);
        Self { here, house: Some(Arc::new(House { quotas, keys, logins, registrations, waits })) }
    }

    /// Lets a login through to the password check, or says when to come again. `account` is the folded name.
    pub(crate) async fn login(
        &self,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<Attempt, Throttled> {
        let here = match self.here.login(account, address, now) {
            Err(refused) if refused.limit == WRONG => {
                self.login_after_right(account, address, now).await.ok_or(refused)?
            }
            tried => tried?,
        };
        let Some(house) = &self.house else { return Ok(Attempt { here, house: None }) };
        let one = house.one(account, address);
        let under_way = UnderWay { house: house.clone(), one, has_ended: false };
        let (limit, retry_after_ms) = match house.begin(&under_way.one).await {
            Some(Answer::WindowWaits { ms }) => (LOGINS, ms),
            Some(Answer::AccountWaits { ms }) => (WRONG, ms),
            Some(Answer::Go { used, ends_ms, failed }) => {
                self.here.adopt_logins(address, used, ms(ends_ms), now);
                here.adopt(failed);
                return Ok(Attempt { here, house: Some(under_way) });
            }
            // What was asked may have been done: then its end is told as well.
            None => return Ok(Attempt { here, house: Some(under_way) }),
        };
        under_way.forget();
        Err(Throttled { limit, retry_after_ms })
    }

    /// Who waits here need not where the right password was given to another node meanwhile.
    async fn login_after_right(
        &self,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Option<throttle::Attempt> {
        let house = self.house.as_ref()?;
        let right = now.checked_sub(house.right_ago(&house.one(account, address)).await?)?;
        self.here.login_after(right, account, address, now)
    }

    /// Counts a registration, or says when to come again.
    pub(crate) async fn registration(&self, address: IpAddr, now: Instant) -> Result<(), Throttled> {
        self.here.registration(address, now)?;
        let Some(house) = &self.house else { return Ok(()) };
        match house.register(address).await {
            Some(Answer::WindowWaits { ms } | Answer::AccountWaits { ms }) => {
                Err(Throttled { limit: REGISTRATIONS, retry_after_ms: ms })
            }
            Some(Answer::Go { used, ends_ms, .. }) => {
                self.here.adopt_registrations(address, used, ms(ends_ms), now);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Counts an avatar or cover, or says when to come again. What it guards is this node, so that no other is asked.
    pub(crate) fn image(&self, account: UserId, now: Instant) -> Result<(), Throttled> {
        self.here.image(account, now)
    }

    /// Counts a test of a webhook, or says when to come again, at this node.
    pub(crate) fn webhook_test(&self, account: UserId, now: Instant) -> Result<(), Throttled> {
        self.here.webhook_test(account, now)
    }

    /// How an address stands with its logins; none where that limit is lifted.
    pub(crate) fn logins_left(&self, address: IpAddr, now: Instant) -> Option<Quota> {
        self.here.logins_left(address, now)
    }

    /// The same with its registrations.
    pub(crate) fn registrations_left(&self, address: IpAddr, now: Instant) -> Option<Quota> {
        self.here.registrations_left(address, now)
    }
}

impl House {
    /// Neither the name nor the address stands in what it is counted by.
    fn one(&self, account: &str, address: IpAddr) -> Try {
        let network = Network::from(address);
        Try {
            from: self.keys.quota_code(&format!("login {network}")),
            of: self.keys.quota_code(&format!("account {network} {account}")),
            id: Uuid::now_v7().to_string(),
        }
    }

    async fn begin(&self, one: &Try) -> Option<Answer> {
        self.quotas.begin(one, self.logins, self.waits).await.ok()
    }

    async fn right_ago(&self, one: &Try) -> Option<Duration> {
        self.quotas.right_ago(one, self.logins, self.waits).await.ok()?
    }

    async fn register(&self, address: IpAddr) -> Option<Answer> {
        let of = self.keys.quota_code(&format!("register {}", Network::from(address)));
        self.quotas.count(&of, self.registrations).await.ok()
    }

    async fn end(&self, one: &Try, outcome: Outcome) {
        if self.quotas.end(one, outcome, self.logins, self.waits).await.is_err() {
            log::debug!("the other nodes do not learn what came of a login");
        }
    }
}

impl Attempt {
    /// The password was right: the account starts anew from this address.
    pub(crate) async fn succeeded(self) {
        self.here.succeeded();
        if let Some(under_way) = self.house {
            under_way.end(Outcome::Right).await;
        }
    }

    /// The password was wrong, or there is no such account. Known everywhere once this resolves.
    pub(crate) async fn failed(self, now: Instant) {
        self.here.failed(now);
        if let Some(under_way) = self.house {
            under_way.end(Outcome::Wrong).await;
        }
    }
}

impl UnderWay {
    async fn end(mut self, outcome: Outcome) {
        self.has_ended = true;
        let (house, one) = (self.house.clone(), self.one.clone());
        // To its end, also where whoever tried hangs up.
        let ended = tokio::spawn(async move { house.end(&one, outcome).await });
        _ = ended.await;
    }

    /// It was never let through.
    fn forget(mut self) {
        self.has_ended = true;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // Without a runtime there is nobody to tell, and it is given up in time.
        let Some(runtime) = tokio::runtime::Handle::try_current().ok().filter(|_| !self.has_ended) else {
            return;
        };
        let (house, one) = (self.house.clone(), self.one.clone());
        runtime.spawn(async move { house.end(&one, Outcome::Withdrawn).await });
    }
}

fn ms(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}
