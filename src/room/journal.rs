//! The journal: makes comments and reactions durable in groups, one writer for all rooms.
//! It must not judge anything, nor know what a room does with the answer.

use crate::{
    domain::{ids::StreamId, reaction::ReactionKind, time::Millis},
    metrics::Metrics,
    store::{
        self, Store,
        comments::{self, Appended, NewComment},
        reactions,
    },
};
use actix::prelude::*;
use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
    time::{Duration, Instant},
};

/// Most entries that wait.
const QUEUE_MAX: usize = 4096;
/// Most entries in one commit: more gain little and make the first ones wait. With the period below, 25,600 a second.
const BATCH_MAX: usize = 512;
/// Commits begin at least this far apart. At 500 comments a second, a commit for each would take a sixth of a core, most of
/// it in fsync; nobody sees ten milliseconds.
const PERIOD: Duration = Duration::from_millis(10);
/// So many entries in a commit are a crowd, from about 400 a second on: then commits are further apart, which saves a
/// twentieth of a core more.
const CROWD: usize = 4;
/// The period in a crowd.
pub const PERIOD_IN_A_CROWD: Duration = Duration::from_millis(20);

/// Something to be made durable.
pub struct Entry {
    /// In which stream.
    pub stream_id: StreamId,
    /// What.
    pub what: What,
    /// The room's own number for it, comes back with the answer.
    pub ticket: u64,
    /// Where the answer goes.
    pub room: Recipient<Committed>,
}

/// What can be made durable here.
pub enum What {
    /// A comment.
    Comment(Box<NewComment>),
    /// Reactions of one kind.
    Reaction(ReactionKind, u32),
}

/// A commit is done: what became of a room's entries.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Committed {
    /// When.
    pub at: Millis,
    /// By ticket.
    pub outcomes: Vec<(u64, Outcome)>,
}

/// What became of an entry.
#[derive(Debug)]
pub enum Outcome {
    /// Of a comment.
    Comment(Appended),
    /// Reactions were counted.
    Reaction(ReactionKind, u32),
    /// It could not be stored.
    Failed(store::Error),
}

/// The way to the journal's thread, which ends when the last handle is dropped. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    queue: SyncSender<Entry>,
    metrics: Metrics,
}

/// The journal is at its limit; the entry was not taken.
#[derive(Debug)]
pub struct Full;

impl Journal {
    /// Starts the journal's thread.
    pub fn start(store: Store, metrics: Metrics) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (queue, entries) = sync_channel(QUEUE_MAX);
        let writer = Writer { store, metrics: metrics.clone() };
        let thread = thread::Builder::new().name("journal".into()).spawn(move || writer.run(entries))?;
        Ok((Self { queue, metrics }, thread))
    }

    /// Hands an entry over.
    pub fn write(&self, entry: Entry) -> Result<(), Full> {
        self.metrics.journal_queue.inc();
        self.queue.try_send(entry).map_err(|error| {
            self.metrics.journal_queue.dec();
            if let TrySendError::Disconnected(_) = error {
                log::error!("the journal has stopped");
            }
            Full
        })
    }
}

struct Writer {
    store: Store,
    metrics: Metrics,
}

impl Writer {
    /// Idle: writes at once. While a commit is under way, and until its period is over, the next batch gathers in the queue.
    fn run(&self, entries: Receiver<Entry>) {
        let mut due = Instant::now();
        while let Ok(first) = entries.recv() {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let began = Instant::now();
            let batch: Vec<Entry> =
                std::iter::once(first).chain(entries.try_iter()).take(BATCH_MAX).collect();
            due = began + if batch.len() < CROWD { PERIOD } else { PERIOD_IN_A_CROWD };
            self.metrics.journal_queue.dec_by(batch.len() as i64);
            self.commit(batch);
        }
    }

    fn commit(&self, batch: Vec<Entry>) {
        let started = Instant::now();
        self.metrics.journal_batch_comments.observe(batch.len() as f64);
        let groups = by_stream(batch);
        match self.store.write(|tx| groups.iter().map(|group| group.write(tx)).collect::<Result<Vec<_>, _>>())
        {
            Ok(outcomes) => {
                groups.into_iter().zip(outcomes).for_each(|(group, outcomes)| group.answer(outcomes))
            }
            // One bad row must not fail its batch: each entry has its own transaction then.
            Err(_) => groups.into_iter().flat_map(Group::split).for_each(|single| self.commit_alone(single)),
        }
        self.metrics.journal_commit_seconds.observe(started.elapsed().as_secs_f64());
    }

    fn commit_alone(&self, single: Group) {
        let outcomes = self.store.write(|tx| single.write(tx)).unwrap_or_else(|error| {
            log::warn!("the journal could not write: {error}");
            vec![Outcome::Failed(error)]
        });
        single.answer(outcomes);
    }
}

/// The entries of one stream, in their order; reactions after comments.
struct Group {
    stream_id: StreamId,
    room: Recipient<Committed>,
    at: Millis,
    comments: Vec<NewComment>,
    comment_tickets: Vec<u64>,
    reactions: Vec<(ReactionKind, u32)>,
    reaction_tickets: Vec<u64>,
}

fn by_stream(batch: Vec<Entry>) -> Vec<Group> {
    let at = Millis::now();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<StreamId, usize> = HashMap::new();
    for entry in batch {
        let place = *places.entry(entry.stream_id).or_insert_with(|| {
            groups.push(Group::new(entry.stream_id, entry.room.clone(), at));
            groups.len() - 1
        });
        groups[place].add(entry);
    }
    groups
}

impl Group {
    fn new(stream_id: StreamId, room: Recipient<Committed>, at: Millis) -> Self {
        Self {
            stream_id,
            room,
            at,
            comments: Vec::new(),
            comment_tickets: Vec::new(),
            reactions: Vec::new(),
            reaction_tickets: Vec::new(),
        }
    }

    fn add(&mut self, entry: Entry) {
        match entry.what {
            What::Comment(comment) => {
                self.comments.push(*comment);
                self.comment_tickets.push(entry.ticket);
            }
            What::Reaction(kind, count) => {
                self.reactions.push((kind, count));
                self.reaction_tickets.push(entry.ticket);
            }
        }
    }

    fn write(&self, tx: &mut store::Tx<'_>) -> store::Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(self.comments.len() + self.reactions.len());
        if !self.comments.is_empty() {
            let appended = comments::append(tx, self.stream_id, self.at, &self.comments)?;
            outcomes.extend(appended.into_iter().map(Outcome::Comment));
        }
        if !self.reactions.is_empty() {
            reactions::add(tx, self.stream_id, &self.reactions)?;
            outcomes.extend(self.reactions.iter().map(|&(kind, count)| Outcome::Reaction(kind, count)));
        }
        Ok(outcomes)
    }

    fn answer(self, outcomes: Vec<Outcome>) {
        let tickets = self.comment_tickets.into_iter().chain(self.reaction_tickets);
        let outcomes = tickets.zip(outcomes).collect();
        // Must not be lost (it is committed), and bounded: a room never has more under way than the journal's queue holds.
        self.room.do_send(Committed { at: self.at, outcomes });
    }

    fn split(self) -> Vec<Group> {
        let alone = || Group::new(self.stream_id, self.room.clone(), self.at);
        let comments = self.comments.into_iter().zip(self.comment_tickets).map(|(comment, ticket)| Group {
            comments: vec![comment],
            comment_tickets: vec![ticket],
            ..alone()
        });
        let reactions = self.reactions.into_iter().zip(self.reaction_tickets).map(|(reaction, ticket)| {
            Group { reactions: vec![reaction], reaction_tickets: vec![ticket], ..alone() }
        });
        comments.chain(reactions).collect()
    }
}
