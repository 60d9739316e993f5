//! An exchange within one process, for tests: of one kind that loses nothing, and of one that loses, repeats and swaps what is
//! said, by a seed. It must not know what the words mean.

use super::{
    Exchange, Heard, Listening, Topic,
    ear::{self, Ear, EarSender},
};
use crate::{
    domain::{BootId, StreamId},
    metrics::Metrics,
};
use bytes::Bytes;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::oneshot;

/// The nodes that hear each other. Clones are the same ones.
#[derive(Clone, Default)]
pub(crate) struct Neighbours(Arc<Mutex<Vec<Node>>>);

struct Node {
    boot: BootId,
    ear: EarSender,
    /// How many listen to a stream.
    listens: HashMap<StreamId, usize>,
}

impl Neighbours {
    /// One more node, and what it hears.
    pub(crate) fn join(&self, boot: BootId, metrics: Metrics) -> (Arc<Memory>, Ear) {
        let (sender, ear) = ear::open(metrics);
        sender.hear(Heard::Sure);
        self.0.lock().push(Node { boot, ear: sender, listens: HashMap::new() });
        (Arc::new(Memory { neighbours: self.clone(), boot }), ear)
    }

    fn of(&self, boot: BootId, change: impl FnOnce(&mut HashMap<StreamId, usize>)) {
        if let Some(node) = self.0.lock().iter_mut().find(|node| node.boot == boot) {
            change(&mut node.listens);
        }
    }
}

/// The exchange of one node.
pub(crate) struct Memory {
    neighbours: Neighbours,
    boot: BootId,
}

impl Exchange for Memory {
    fn say(&self, topic: Topic, words: Bytes) {
        let from = self.boot;
        for node in self.neighbours.0.lock().iter().filter(|node| node.boot != from) {
            let listens = match topic {
                Topic::House => true,
                Topic::Stream(stream) => node.listens.contains_key(&stream),
            };
            if listens {
                node.ear.hear(Heard::Words { topic, from, words: words.clone() });
            }
        }
    }

    fn listen(&self, stream: StreamId) -> Listening {
        self.neighbours.of(self.boot, |listens| *listens.entry(stream).or_default() += 1);
        let guard = Guard { neighbours: self.neighbours.clone(), boot: self.boot, stream };
        // Nobody need wait: what is said from here on is heard.
        let (_begun, begins) = oneshot::channel();
        Listening::new(Box::new(guard), begins)
    }

    fn is_sure(&self) -> bool {
        true
    }
}

struct Guard {
    neighbours: Neighbours,
    boot: BootId,
    stream: StreamId,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.neighbours.of(self.boot, |listens| {
            let left = listens.get(&self.stream).map_or(0, |count| count - 1);
            match left {
                0 => listens.remove(&self.stream),
                left => listens.insert(self.stream, left),
            };
        });
    }
}

/// An exchange over another one that loses a quarter of what is said, says a quarter twice, and says a quarter late.
pub(crate) struct Faulty {
    inner: Arc<dyn Exchange>,
    state: Mutex<Chance>,
}

struct Chance {
    /// Of a generator of random numbers (xorshift64).
    seed: u64,
    late: Vec<(Topic, Bytes)>,
}

impl Faulty {
    /// The same seed has the same faults.
    pub(crate) fn over(inner: Arc<dyn Exchange>, seed: u64) -> Arc<Self> {
        Arc::new(Self { inner, state: Mutex::new(Chance { seed: seed | 1, late: Vec::new() }) })
    }
}

impl Chance {
    fn next(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }
}

impl Exchange for Faulty {
    fn say(&self, topic: Topic, words: Bytes) {
        let mut chance = self.state.lock();
        match chance.next() % 4 {
            0 => {}
            1 => (0..2).for_each(|_| self.inner.say(topic, words.clone())),
            2 => chance.late.push((topic, words)),
            _ => {
                self.inner.say(topic, words);
                chance.late.drain(..).for_each(|(topic, words)| self.inner.say(topic, words));
            }
        }
    }

    fn listen(&self, stream: StreamId) -> Listening {
        self.inner.listen(stream)
    }

    fn is_sure(&self) -> bool {
        self.inner.is_sure()
    }
}
