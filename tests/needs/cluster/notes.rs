//! What authors and readers tell of, as it happens. It must not know what ought to happen.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{sync::watch, time::Instant};

/// A comment of which a node has said that it is durable.
#[derive(Clone, Debug)]
pub struct Ack {
    pub client_id: String,
    pub seq: i64,
    pub node: usize,
    pub said: Instant,
    pub acked: Instant,
}

/// An event as it came to a reader at a node.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub seq: i64,
    pub node: usize,
    pub at: Instant,
}

/// Everything so far. Cheap to clone; all clones write in the same book.
#[derive(Clone)]
pub struct Notes {
    book: Arc<Mutex<Book>>,
    acked: watch::Sender<usize>,
}

#[derive(Default)]
pub struct Book {
    pub acks: Vec<Ack>,
    pub sights: Vec<Sight>,
    pub refusals: BTreeMap<String, usize>,
    /// How often somebody came back and went on where they were.
    pub resumed: usize,
    /// How often a socket ended, and how often without a goodbye.
    pub ended: usize,
    pub torn: usize,
}

impl Notes {
    pub fn new() -> Notes {
        Notes { book: Arc::default(), acked: watch::Sender::new(0) }
    }

    pub fn ack(&self, ack: Ack) {
        self.write(|book| book.acks.push(ack));
        self.acked.send_modify(|count| *count += 1);
    }

    pub fn sight(&self, sight: Sight) {
        self.write(|book| book.sights.push(sight));
    }

    pub fn refusal(&self, code: &str) {
        self.write(|book| *book.refusals.entry(code.to_owned()).or_default() += 1);
    }

    pub fn resumed(&self) {
        self.write(|book| book.resumed += 1);
    }

    /// A socket has ended, with a goodbye or without.
    pub fn ended(&self, has_goodbye: bool) {
        self.write(|book| {
            book.ended += 1;
            book.torn += usize::from(!has_goodbye);
        });
    }

    /// How many are acknowledged, as it changes.
    pub fn acked(&self) -> watch::Receiver<usize> {
        self.acked.subscribe()
    }

    /// The book, when all have told what they had to tell.
    pub fn close(self) -> Book {
        std::mem::take(&mut *self.book.lock().expect("nobody panics while writing"))
    }

    fn write(&self, note: impl FnOnce(&mut Book)) {
        note(&mut self.book.lock().expect("nobody panics while writing"));
    }
}
