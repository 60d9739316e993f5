//! What the service manager that started this server is told, where there is one (`sd_notify`): that it is ready, that it
//! stops, and that it is alive. It must not know what its threads do.

use actix::prelude::*;
use futures_util::future::join_all;
use parking_lot::Mutex;
use sd_notify::NotifyState;
use std::sync::Arc;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Clients are answered.
pub(super) fn ready() {
    tell(NotifyState::Ready);
}

/// Goodbyes are being said.
pub(super) fn stopping() {
    tell(NotifyState::Stopping);
}

/// Without a service manager nobody is told.
fn tell(state: NotifyState) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(&state)) {
        log::warn!("the service manager was not told {state}: {error}");
    }
}

/// The threads that serve the site, with all rooms and sockets: each can answer for itself.
#[derive(Clone, Default)]
pub(super) struct Threads(Arc<Mutex<Vec<Addr<Thread>>>>);

/// One of them.
struct Thread {
    number: usize,
}

impl Actor for Thread {
    type Context = Context<Self>;
}

/// Answered with its number once the thread has got round to it.
#[derive(Message)]
#[rtype(result = "usize")]
struct AreYouThere;

impl Handler<AreYouThere> for Thread {
    type Result = usize;

    fn handle(&mut self, _: AreYouThere, _: &mut Self::Context) -> usize {
        self.number
    }
}

impl Threads {
    /// The thread that calls this is one of them, until it ends.
    pub(super) fn join(&self, number: usize) {
        self.0.lock().push(Thread { number }.start());
    }

    /// Tells the service manager that the server is alive, twice in the time in which it wants to hear that, where it does.
    ///
    /// A thread that hangs gives no answer, so nothing is told any more, and the server is ended and started anew. The thread
    /// that asks is the one that finds rooms and does the chores. The database is not asked: one that is away or locked
    /// comes back no sooner for a restart, and `/health/ready` says so.
    pub(super) async fn watch(self) {
        let Some(within) = sd_notify::watchdog_enabled().filter(|within| !within.is_zero()) else { return };
        let mut ticks = interval(within / 2);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let mut answers = Box::pin(self.all_answer());
            if timeout(within / 2, &mut answers).await.is_err() {
                log::error!(
                    "a thread of the server does not answer; the service manager is not told that it is alive"
                );
                answers.await;
            }
            tell(NotifyState::Watchdog);
        }
    }

    /// Done when each has answered that has not ended. Those that have are forgotten.
    async fn all_answer(&self) {
        let asked = {
            let mut threads = self.0.lock();
            threads.retain(Addr::connected);
            threads.iter().map(|thread| thread.send(AreYouThere)).collect::<Vec<_>>()
        };
        join_all(asked).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::sync::mpsc;
    use tokio::sync::oneshot;

    #[actix::test]
    async fn a_thread_that_hangs_is_missed_until_it_goes_on_and_one_that_has_ended_is_not() {
        let threads = Threads::default();
        threads.all_answer().await;
        let (well, hangs, ends) = (Arbiter::new(), Arbiter::new(), Arbiter::new());
        for (number, thread) in [&well, &hangs, &ends].into_iter().enumerate() {
            let threads = threads.clone();
            thread.spawn_fn(move || threads.join(number));
        }
        while threads.0.lock().len() < 3 {
            tokio::task::yield_now().await;
        }
        threads.all_answer().await;

        // They have joined in any order; each answers with its number.
        let (mut fine, all) = (None, threads.0.lock().clone());
        for thread in all {
            if thread.send(AreYouThere).await == Ok(0) {
                fine = Some(thread);
            }
        }
        let fine = fine.expect("the first one has joined");

        let (go_on, told) = mpsc::channel::<()>();
        let (hang, hanging) = oneshot::channel();
        hangs.spawn_fn(move || {
            hang.send(()).unwrap();
            told.recv().unwrap_or_default();
        });
        hanging.await.unwrap();
        let mut answers = Box::pin(threads.all_answer());
        assert!((&mut answers).now_or_never().is_none(), "all are asked");
        assert_eq!(fine.send(AreYouThere).await, Ok(0));
        assert!((&mut answers).now_or_never().is_none(), "one has not answered");
        go_on.send(()).unwrap();
        answers.await;

        ends.stop();
        ends.join().unwrap();
        threads.all_answer().await;
        assert_eq!(threads.0.lock().len(), 2);
    }
}
