//! The queue between what carries the words and whoever acts on them: bounded, and what finds no room is told as one `Sure`.
//! It must not know what the words mean.

use super::Heard;
use crate::metrics::Metrics;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::{
    Notify,
    mpsc::{Receiver, Sender, channel},
};

/// What may wait to be acted on. With a look at the database for what is lost, more would be memory for nothing.
const WAITING_MAX: usize = 4_096;

/// A queue, both ends of it.
pub(crate) fn open(metrics: Metrics) -> (EarSender, Ear) {
    let (sender, receiver) = channel(WAITING_MAX);
    let shared = Arc::new(Shared::default());
    (EarSender { sender, shared: shared.clone(), metrics }, Ear { receiver, shared, before_loss: None })
}

#[derive(Debug, Default)]
struct Shared {
    /// Something was lost since the reader was last told so.
    has_lost: AtomicBool,
    /// Wakes the reader, who may have emptied the queue before it was said that something did not fit in.
    lost: Notify,
    is_sure: AtomicBool,
}

/// The end that never waits.
#[derive(Clone)]
pub(crate) struct EarSender {
    sender: Sender<Heard>,
    shared: Arc<Shared>,
    metrics: Metrics,
}

impl EarSender {
    /// Hands something on; where there is no room, that it was lost.
    pub(crate) fn hear(&self, heard: Heard) {
        match heard {
            Heard::Sure => self.shared.is_sure.store(true, Ordering::Release),
            Heard::Unsure => self.shared.is_sure.store(false, Ordering::Release),
            Heard::Words { .. } => {}
        }
        if self.sender.try_send(heard).is_err() {
            self.metrics.bus_dropped.of("ear").inc();
            self.lose();
        }
    }

    /// Whether all is heard, as was heard last.
    pub(crate) fn is_sure(&self) -> bool {
        self.shared.is_sure.load(Ordering::Acquire)
    }

    /// Something was said that cannot be handed on.
    pub(crate) fn lose(&self) {
        self.shared.has_lost.store(true, Ordering::Release);
        self.shared.lost.notify_one();
    }
}

/// The end that listens.
pub(crate) struct Ear {
    receiver: Receiver<Heard>,
    shared: Arc<Shared>,
    /// Where a loss was noticed: how much of what waited then is still to be heard.
    before_loss: Option<usize>,
}

impl Ear {
    /// What is heard next, or [`Heard::Sure`] where something was lost meanwhile; none once nobody will say anything more.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        loop {
            if self.before_loss.is_none() && self.shared.has_lost.load(Ordering::Acquire) {
                self.before_loss = Some(self.receiver.len());
            }
            if self.before_loss == Some(0) {
                // All that was lost up to here is found by who is told now.
                self.shared.has_lost.store(false, Ordering::Release);
                self.before_loss = None;
                return Some(self.how_it_stands());
            }
            tokio::select! {
                biased;
                heard = self.receiver.recv() => {
                    self.before_loss = self.before_loss.map(|waiting| waiting - 1);
                    return heard;
                }
                () = self.shared.lost.notified() => {}
            }
        }
    }

    fn how_it_stands(&self) -> Heard {
        if self.shared.is_sure.load(Ordering::Acquire) { Heard::Sure } else { Heard::Unsure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bus::Topic,
        domain::{BootId, StreamId},
    };
    use bytes::Bytes;

    fn words() -> Heard {
        Heard::Words { topic: Topic::Stream(StreamId::new()), from: BootId::new(), words: Bytes::new() }
    }

    #[tokio::test]
    async fn what_does_not_fit_in_is_told_once_and_behind_what_did() {
        let metrics = Metrics::new();
        let (sender, mut ear) = open(metrics.clone());
        sender.hear(Heard::Sure);
        (1..WAITING_MAX + 3).for_each(|_| sender.hear(words()));
        assert_eq!(metrics.bus_dropped.of("ear").get(), 3);

        assert_eq!(ear.next().await, Some(Heard::Sure));
        for _ in 1..WAITING_MAX {
            assert!(matches!(ear.next().await, Some(Heard::Words { .. })));
        }
        assert_eq!(ear.next().await, Some(Heard::Sure), "look at the heads");
        sender.hear(Heard::Unsure);
        assert_eq!(ear.next().await, Some(Heard::Unsure), "it was told once");
    }

    #[tokio::test]
    async fn a_loss_does_not_wait_for_an_end_of_what_comes() {
        let (sender, mut ear) = open(Metrics::new());
        (0..WAITING_MAX + 1).for_each(|_| sender.hear(words()));
        for _ in 0..WAITING_MAX {
            ear.next().await;
            sender.hear(words());
        }
        assert_eq!(ear.next().await, Some(Heard::Unsure), "nobody has said that it is sure");
    }

    #[tokio::test]
    async fn a_loss_wakes_who_waits_at_an_empty_queue() {
        let (sender, mut ear) = open(Metrics::new());
        let waiting = tokio::spawn(async move { ear.next().await });
        tokio::task::yield_now().await;
        sender.lose();
        assert_eq!(waiting.await.unwrap(), Some(Heard::Unsure));
        let (sender, mut ear) = open(Metrics::new());
        drop(sender);
        assert_eq!(ear.next().await, None);
    }
}
