//! What holds on this site: a flag or variable first, then what an operator has decided in the database, then what holds anyway.
//! It must not know who may decide, nor how others are told.

use crate::{
    config::{Config, Registration, StreamsBy},
    store::{User, site::settings::Decided},
};
use parking_lot::RwLock;
use std::sync::Arc;

/// What a site is called that nobody has named.
pub(crate) const NAME: &str = "Livehouse";

/// What was decided, as far as this server has seen. Clones share it.
#[derive(Clone)]
pub(crate) struct Site {
    locked: Locked,
    decided: Arc<RwLock<Arc<Decided>>>,
}

/// What flags and variables say, which nobody can change while the server runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locked {
    pub registration: Option<Registration>,
    pub streams_by: Option<StreamsBy>,
}

impl Site {
    /// With this configuration, where this was decided.
    pub(crate) fn new(config: &Config, decided: Decided) -> Self {
        let locked = Locked { registration: config.registration, streams_by: config.streams_by };
        Self { locked, decided: Arc::new(RwLock::new(Arc::new(decided))) }
    }

    /// This was decided; not where a later change has been seen already.
    pub(crate) fn see(&self, decided: Decided) {
        let mut seen = self.decided.write();
        if decided.version > seen.version {
            *seen = Arc::new(decided);
        }
    }

    /// What was decided.
    pub(crate) fn decided(&self) -> Arc<Decided> {
        self.decided.read().clone()
    }

    /// What nobody can change while the server runs.
    pub(crate) fn locked(&self) -> Locked {
        self.locked
    }

    /// Whether strangers may register.
    pub(crate) fn registration(&self) -> Registration {
        let decided = || self.decided.read().registration;
        self.locked.registration.or_else(decided).unwrap_or(Registration::Open)
    }

    /// Who may create streams.
    pub(crate) fn streams_by(&self) -> StreamsBy {
        let decided = || self.decided.read().streams_by;
        self.locked.streams_by.or_else(decided).unwrap_or(StreamsBy::Everyone)
    }

    /// Whether an account may create streams.
    pub(crate) fn may_host(&self, user: &User) -> bool {
        self.streams_by() == StreamsBy::Everyone || user.may_host || user.is_admin
    }

    /// What the site is called.
    pub(crate) fn name(&self) -> String {
        self.decided.read().name.clone().unwrap_or_else(|| NAME.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn decided(version: i64, registration: Registration) -> Decided {
        Decided { version, registration: Some(registration), ..Decided::default() }
    }

    #[test]
    fn a_flag_wins_over_what_was_decided_and_that_over_what_holds_anyway() {
        let config = Config::for_tests(Path::new("unused"));
        let site = Site::new(&config, Decided::default());
        assert_eq!((site.registration(), site.streams_by()), (Registration::Open, StreamsBy::Everyone));
        site.see(decided(1, Registration::Invite));
        assert_eq!(site.registration(), Registration::Invite);
        let config = Config { registration: Some(Registration::Closed), ..config };
        assert_eq!(Site::new(&config, decided(1, Registration::Open)).registration(), Registration::Closed);
    }

    #[test]
    fn what_comes_late_undoes_nothing() {
        let site = Site::new(&Config::for_tests(Path::new("unused")), Decided::default());
        site.see(decided(2, Registration::Invite));
        site.see(decided(1, Registration::Closed));
        assert_eq!(site.registration(), Registration::Invite);
    }
}
