//! Who may see a stream's picture. Players ask several times a second, so an answer is remembered for a moment, and forgotten
//! at once where something has changed. It must not know how a picture travels.

use crate::{
    domain::{Login, Millis, Status, StreamId, stream::picture::may_be_seen},
    identity::account_of,
    room::operations::{Access, Fault},
    store::{Conn, Store},
};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

/// How long an answer is remembered: what changes in the database without this server's doing is found out by then.
const REMEMBERED: Duration = Duration::from_secs(5);
/// Answers remembered at once; beyond that all are forgotten.
const ANSWERS_MAX: usize = 65_536;

/// Somebody who wants to see a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Looker {
    /// Whoever asks, without a login.
    Anybody,
    /// Whoever has this login.
    Login(Login),
}

/// Says who may see. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sight {
    store: Store,
    answers: Arc<Mutex<Answers>>,
}

#[derive(Default)]
struct Answers {
    known: HashMap<(StreamId, Looker), Answer>,
    /// Counts what was forgotten: an answer that was being looked up meanwhile may be of before.
    forgotten: u64,
}

#[derive(Clone, Copy)]
struct Answer {
    seen: Seen,
    at: Instant,
}

/// What somebody may see of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Its picture now.
    picture: bool,
    /// What was kept of it.
    recording: bool,
}

impl Seen {
    const NOTHING: Seen = Seen { picture: false, recording: false };
}

impl Sight {
    /// Of the streams in this store.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, answers: Arc::default() }
    }

    /// Whether they may see the picture of a stream now: once it has started, and host and moderators before that.
    /// Errors: those of the store.
    pub(crate) async fn may_see(&self, stream: StreamId, looker: Looker) -> Result<bool, Fault> {
        Ok(self.seen(stream, looker).await?.picture)
    }

    /// Whether they may see what is kept of it: once it has started, whoever may see the stream.
    /// Errors: those of the store.
    pub(crate) async fn may_replay(&self, stream: StreamId, looker: Looker) -> Result<bool, Fault> {
        Ok(self.seen(stream, looker).await?.recording)
    }

    async fn seen(&self, stream: StreamId, looker: Looker) -> Result<Seen, Fault> {
        let begun = Instant::now();
        let forgotten = {
            let answers = self.answers.lock();
            if let Some(answer) = answers.known.get(&(stream, looker))
                && begun.saturating_duration_since(answer.at) < REMEMBERED
            {
                return Ok(answer.seen);
            }
            answers.forgotten
        };
        let seen = self.store.read(move |conn| look_up(conn, stream, looker, Millis::now())).await?;
        self.answers.lock().put((stream, looker), Answer { seen, at: begun }, forgotten);
        Ok(seen)
    }

    /// Who may see this stream may have changed.
    pub(crate) fn forget_stream(&self, stream: StreamId) {
        self.answers.lock().forget(|(of, _)| *of == stream);
    }

    /// Logins may have ended.
    pub(crate) fn forget_logins(&self) {
        self.answers.lock().forget(|(_, looker)| *looker != Looker::Anybody);
    }
}

impl Answers {
    fn put(&mut self, key: (StreamId, Looker), answer: Answer, forgotten: u64) {
        if self.forgotten != forgotten {
            return;
        }
        if self.known.len() >= ANSWERS_MAX {
            self.known.clear();
        }
        self.known.insert(key, answer);
    }

    fn forget(&mut self, is_it: impl Fn(&(StreamId, Looker)) -> bool) {
        self.forgotten += 1;
        self.known.retain(|key, _| !is_it(key));
    }
}

fn look_up(conn: &mut Conn, stream: StreamId, looker: Looker, now: Millis) -> Result<Seen, Fault> {
    let who = match looker {
        Looker::Anybody => None,
        Looker::Login(login) => {
            let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            let Some(account) = account_of(conn, login, nowhere, now)? else { return Ok(Seen::NOTHING) };
            Some(account)
        }
    };
    match Access::of(conn, stream, who.as_ref(), now) {
        Ok(access) => {
            let recording = access.stream.status != Status::Scheduled;
            Ok(Seen { picture: sees_picture(&access), recording })
        }
        Err(Fault::Refused(_)) => Ok(Seen::NOTHING),
        Err(fault) => Err(fault),
    }
}

/// Whether somebody who may see the stream may see its picture, too.
pub(crate) fn sees_picture(access: &Access) -> bool {
    may_be_seen(access.stream.status, access.role.is_staff())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_up_before_something_changed_is_not_remembered() {
        let mut answers = Answers::default();
        let (one, other) = ((StreamId::new(), Looker::Anybody), (StreamId::new(), Looker::Anybody));
        let answer = Answer { seen: Seen { picture: true, recording: false }, at: Instant::now() };
        answers.put(one, answer, 0);
        answers.put(other, answer, 0);
        answers.forget(|key| *key == one);
        answers.put(one, answer, 0);
        assert!(!answers.known.contains_key(&one) && answers.known.contains_key(&other));
        answers.put(one, answer, 1);
        assert!(answers.known.contains_key(&one));
    }

    #[test]
    fn answers_stay_within_their_bound() {
        let mut answers = Answers::default();
        let answer = Answer { seen: Seen::NOTHING, at: Instant::now() };
        for _ in 0..=ANSWERS_MAX {
            answers.put((StreamId::new(), Looker::Anybody), answer, 0);
        }
        assert_eq!(answers.known.len(), 1);
    }
}
