//! What all sockets of one thread share: the room they go to, the buffer they read into, the counts they add to.
//! It must not know what a socket does.

use super::{cache::FrameCache, reader::Visit};
use crate::crowd::{
    net::{
        link::{Came, Scratch},
        target::{Dialect, Target},
    },
    stamp::{Clock, Program, Stamp},
    tally::{Placed, Tally},
};
use std::cell::RefCell;
use std::sync::{Arc, mpsc::Sender};
use tokio::sync::watch;

/// What is the same for the whole crowd.
pub(crate) struct Plan {
    /// The nodes of one house; one, mostly.
    pub targets: Vec<Target>,
    pub dialect: Dialect,
    pub clock: Clock,
    /// The room's WebSocket, below a target's base.
    pub path: String,
    /// This crowd among others.
    pub crowd: u32,
    /// Access tokens of the commenters, one each.
    pub pens: Vec<String>,
    /// What viewers show at the door; none: guests.
    pub viewer_token: Option<String>,
    pub viewers: usize,
    pub commenters: usize,
    /// Of the viewers: how many stop reading, and how many read a few bytes at a time.
    pub slow: usize,
    pub drip: usize,
    /// How fast those read.
    pub drip_kbits: f64,
    /// Threads that read for the other viewers.
    pub readers: usize,
    pub content_bytes: usize,
    pub source_addresses: u16,
    /// Whether sockets offer to take what is said compressed.
    pub deflate: bool,
    /// Share of the viewers that drops and resumes each second.
    pub churn: f64,
}

impl Plan {
    /// Which node socket `number` goes to, each in its turn.
    pub(crate) fn node_of(&self, number: usize) -> usize {
        number % self.targets.len()
    }

    pub(crate) fn seats(&self) -> usize {
        self.viewers + self.commenters
    }
}

/// One thread's share of everything.
pub(crate) struct Context {
    pub plan: Arc<Plan>,
    pub scratch: RefCell<Scratch>,
    pub cache: RefCell<FrameCache>,
    pub tally: RefCell<Tally>,
    /// Set once comments are to be written.
    pub timetable: watch::Receiver<Option<Program>>,
    /// Who reads for the viewers that do not read themselves.
    pub readers: Vec<Sender<Visit>>,
}

impl Context {
    pub(crate) fn new(
        plan: Arc<Plan>,
        timetable: watch::Receiver<Option<Program>>,
        readers: Vec<Sender<Visit>>,
    ) -> Self {
        let scratch = RefCell::new(Scratch::new(plan.clock));
        let (cache, tally) = (RefCell::new(FrameCache::new()), RefCell::default());
        Self { plan, scratch, cache, tally, timetable, readers }
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.plan.clock.now_us()
    }

    /// Counts one event that reached one viewer.
    pub(crate) fn deliver(&self, stamp: Option<Stamp>, Came { read_us, bytes }: Came) {
        let mut tally = self.tally.borrow_mut();
        tally.deliveries += 1;
        tally.delivered_bytes += bytes as u64;
        if let Some(stamp) = stamp {
            tally.latency.saturating_record(read_us.saturating_sub(stamp.intended_us).max(1));
        }
    }

    /// Remembers where in the log, and when, an own comment was first seen on a node.
    pub(crate) fn sight(&self, seq: u64, stamp: Option<Stamp>, node: usize, read_us: u64) {
        if let Some(Stamp { number, .. }) = stamp.filter(|stamp| stamp.crowd == self.plan.crowd) {
            self.tally.borrow_mut().sightings.push(Placed { number, seq, node, at_us: read_us });
        }
    }
}
