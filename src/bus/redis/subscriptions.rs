//! Which streams this node listens to, whether or not Redis is there, and what of that Redis is still to be told.
//! It must not know connections.

use crate::{bus::Listening, domain::StreamId};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::{Notify, oneshot};

/// Of one node. As large as there are streams that are listened to.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    streams: HashMap<StreamId, Listened>,
    /// Redis is still to be told of these.
    changed: HashSet<StreamId>,
    is_connected: bool,
}

/// One stream that is listened to.
#[derive(Debug, Default)]
struct Listened {
    listeners: usize,
    is_heard: bool,
    /// Who waits until it is.
    waiting: Vec<oneshot::Sender<()>>,
}

/// What Redis is to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub begin: Vec<StreamId>,
    pub end: Vec<StreamId>,
}

impl Subscriptions {
    /// Listens until the guard is dropped. Nobody waits for a Redis that is away.
    pub(super) fn listen(self: &Arc<Self>, stream: StreamId) -> Listening {
        let (begun, begins) = oneshot::channel();
        let mut inner = self.inner.lock();
        let is_connected = inner.is_connected;
        let listened = inner.streams.entry(stream).or_default();
        listened.listeners += 1;
        if is_connected && !listened.is_heard {
            listened.waiting.push(begun);
            inner.changed.insert(stream);
            self.changed.notify_one();
        }
        Listening::new(Box::new(Guard { subscriptions: self.clone(), stream }), begins)
    }

    /// Whether somebody listens to it.
    pub(super) fn has(&self, stream: StreamId) -> bool {
        self.inner.lock().streams.contains_key(&stream)
    }

    /// Waits until there is something to tell.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// There is a connection, which knows of none: all that are to be listened to.
    pub(super) fn connected(&self) -> Vec<StreamId> {
        let mut inner = self.inner.lock();
        inner.is_connected = true;
        inner.changed.clear();
        inner.streams.keys().copied().collect()
    }

    /// Takes what is to be told.
    pub(super) fn take(&self) -> Changes {
        let mut inner = self.inner.lock();
        let mut changes = Changes::default();
        for stream in std::mem::take(&mut inner.changed) {
            match inner.streams.get(&stream) {
                Some(listened) if listened.is_heard => {}
                Some(_) => changes.begin.push(stream),
                None => changes.end.push(stream),
            }
        }
        changes
    }

    /// Redis has been told of these, and says that they are heard.
    pub(super) fn begun(&self, streams: &[StreamId]) {
        let mut inner = self.inner.lock();
        for stream in streams {
            let Some(listened) = inner.streams.get_mut(stream) else { continue };
            listened.is_heard = true;
            // Who waited may have gone.
            listened.waiting.drain(..).for_each(|waiting| _ = waiting.send(()));
        }
    }

    /// The connection is lost: nothing is heard, and there is no hope for who waits.
    pub(super) fn lost(&self) {
        let mut inner = self.inner.lock();
        inner.is_connected = false;
        for listened in inner.streams.values_mut() {
            listened.is_heard = false;
            listened.waiting.clear();
        }
    }

    fn leave(&self, stream: StreamId) {
        let mut inner = self.inner.lock();
        let Some(listened) = inner.streams.get_mut(&stream) else { return };
        listened.listeners -= 1;
        if listened.listeners > 0 {
            return;
        }
        inner.streams.remove(&stream);
        if inner.is_connected {
            inner.changed.insert(stream);
            self.changed.notify_one();
        }
    }
}

/// Ends the listening of one.
struct Guard {
    subscriptions: Arc<Subscriptions>,
    stream: StreamId,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.subscriptions.leave(self.stream);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn connected() -> Arc<Subscriptions> {
        let subscriptions = Arc::new(Subscriptions::default());
        assert_eq!(subscriptions.connected(), []);
        subscriptions
    }

    #[tokio::test]
    async fn a_stream_is_begun_once_redis_says_so_and_ends_with_its_last_listener() {
        let (subscriptions, stream) = (connected(), StreamId::new());
        let mut first = subscriptions.listen(stream);
        let mut begun = Box::pin(first.begun());
        assert!(begun.as_mut().now_or_never().is_none());
        subscriptions.changed().await;
        assert_eq!(subscriptions.take(), Changes { begin: vec![stream], end: vec![] });
        subscriptions.begun(&[stream]);
        begun.await;

        let mut second = subscriptions.listen(stream);
        assert!(second.begun().now_or_never().is_some(), "it is heard already");
        drop(first);
        assert_eq!(subscriptions.take(), Changes::default());
        drop(second);
        assert!(!subscriptions.has(stream));
        assert_eq!(subscriptions.take(), Changes { begin: vec![], end: vec![stream] });
    }

    #[tokio::test]
    async fn who_comes_back_before_redis_was_told_is_told_of_as_new() {
        let (subscriptions, stream) = (connected(), StreamId::new());
        drop(subscriptions.listen(stream));
        let _listening = subscriptions.listen(stream);
        assert_eq!(subscriptions.take(), Changes { begin: vec![stream], end: vec![] });
    }

    #[tokio::test]
    async fn nobody_waits_for_a_redis_that_is_away_and_all_is_listened_to_anew_when_it_is_back() {
        let (subscriptions, stream) = (connected(), StreamId::new());
        let mut waiting = subscriptions.listen(stream);
        let mut begun = Box::pin(waiting.begun());
        assert!(begun.as_mut().now_or_never().is_none());
        subscriptions.lost();
        assert!(begun.now_or_never().is_some());
        let mut other = subscriptions.listen(stream);
        assert!(other.begun().now_or_never().is_some());
        assert_eq!(subscriptions.connected(), [stream]);
    }
}
