//! The journal: makes comments and reactions durable in groups, one writer for all rooms.
//! It must not judge anything, nor know what a room does with the answer.

use crate::{
    domain::{CommentId, Millis, News, ReactionKind, RulesVersion, StreamId},
    metrics::Metrics,
    room::hooks,
    store::{
        self, Store,
        comments::{self, Appended, Authors, Fate, NewComment},
        interactions::reactions,
        streams,
    },
    webhooks::Hints,
};
use actix::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
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
pub(crate) const PERIOD_IN_A_CROWD: Duration = Duration::from_millis(20);

/// Something to be made durable.
pub(crate) struct Entry {
    /// In which stream.
    pub stream_id: StreamId,
    pub what: What,
    /// The room's own number for it, comes back with the answer.
    pub ticket: u64,
    /// Where the answer goes.
    pub room: Recipient<Committed>,
}

/// What can be made durable here.
pub(crate) enum What {
    Comment(Box<NewComment>),
    /// Reactions of one kind, and the rules they were judged by.
    Reaction(ReactionKind, u32, RulesVersion),
}

/// A commit is done: what became of a room's entries.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Committed {
    /// When comments got their numbers.
    pub at: Millis,
    pub outcomes: Outcomes,
    /// Totals of the reactions that were counted.
    pub reactions: Vec<(ReactionKind, i64)>,
    /// Where something changed that is not in the log: the count with it.
    pub news: Option<News>,
}

/// What became of entries, by ticket.
pub(crate) type Outcomes = Vec<(u64, Outcome)>;

/// What became of an entry.
#[derive(Debug)]
pub(crate) enum Outcome {
    Comment(Appended),
    /// Reactions were counted.
    Reaction,
    /// What a reaction was judged by has changed.
    JudgeAgain,
    /// It could not be stored.
    Failed(Arc<store::Error>),
}

/// The way to the journal's thread, which ends when the last handle is dropped. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Journal {
    queue: SyncSender<Entry>,
    metrics: Metrics,
}

/// The journal is at its limit; the entry was not taken.
#[derive(Debug)]
pub(crate) struct Full;

impl Journal {
    /// Starts the journal's thread.
    pub(crate) fn start(
        store: Store,
        metrics: Metrics,
        hints: Hints,
    ) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (queue, entries) = sync_channel(QUEUE_MAX);
        let writer = Writer { store, metrics: metrics.clone(), hints };
        let thread = thread::Builder::new().name("journal".into()).spawn(move || writer.run(entries))?;
        Ok((Self { queue, metrics }, thread))
    }

    /// Hands an entry over.
    pub(crate) fn write(&self, entry: Entry) -> Result<(), Full> {
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
    /// Left for webhooks, which read the logs.
    hints: Hints,
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
        self.commit_groups(by_stream(batch));
        self.metrics.journal_commit_seconds.observe(started.elapsed().as_secs_f64());
    }

    fn commit_groups(&self, groups: Vec<Group>) {
        match self.store.write_blocking(|tx| write(tx, &groups)) {
            Ok(written) => {
                self.hints.stored(groups.iter().map(|group| group.stream_id));
                groups.into_iter().zip(written).for_each(|(group, written)| group.answer(written));
            }
            // One bad row must not fail its batch: each entry has a transaction of its own then.
            Err(error) if error.may_concern_one_row() && has_many(&groups) => {
                let singles = groups.into_iter().flat_map(Group::split);
                singles.for_each(|single| self.commit_groups(vec![single]));
            }
            // Nothing could be stored, and each further try would wait as long as this one did.
            Err(error) => {
                log::warn!("the journal could not write: {error}");
                let error = Arc::new(error);
                groups.into_iter().for_each(|group| group.fail(&error));
            }
        }
    }
}

fn has_many(groups: &[Group]) -> bool {
    groups.iter().map(|group| group.entries.len()).sum::<usize>() > 1
}

/// The entries of one stream.
struct Group {
    stream_id: StreamId,
    room: Recipient<Committed>,
    at: Millis,
    /// By ticket, in the order of coming.
    entries: Vec<(u64, What)>,
}

/// Streams in the order of their ids: whoever holds several takes them in this order, so that nobody waits in a circle.
fn by_stream(batch: Vec<Entry>) -> Vec<Group> {
    let at = Millis::now();
    let mut groups: BTreeMap<StreamId, Group> = BTreeMap::new();
    for Entry { stream_id, what, ticket, room } in batch {
        let group =
            groups.entry(stream_id).or_insert_with(|| Group { stream_id, room, at, entries: Vec::new() });
        group.entries.push((ticket, what));
    }
    groups.into_values().collect()
}

/// Stores all groups in one transaction: authors are held first, then one stream after the other.
fn write(tx: &mut store::Tx<'_>, groups: &[Group]) -> store::Result<Vec<Written>> {
    let authors = comments::lock_authors(tx, groups.iter().flat_map(Group::comments).map(|(_, new)| new))?;
    groups.iter().map(|group| group.write(tx, &authors)).collect()
}

/// What became of a group.
struct Written {
    at: Millis,
    outcomes: Outcomes,
    reactions: Vec<(ReactionKind, i64)>,
    news: Option<News>,
}

impl Group {
    fn comments(&self) -> impl Iterator<Item = (u64, &NewComment)> {
        self.entries.iter().filter_map(|(ticket, what)| match what {
            What::Comment(comment) => Some((*ticket, &**comment)),
            What::Reaction(..) => None,
        })
    }

    fn write(&self, tx: &mut store::Tx<'_>, authors: &Authors) -> store::Result<Written> {
        let (tickets, new): (Vec<u64>, Vec<&NewComment>) = self.comments().unzip();
        let mut written = self.written(Vec::with_capacity(self.entries.len()));
        if !new.is_empty() {
            let (at, appended) = comments::append(tx, self.stream_id, self.at, &new, authors)?;
            written.at = at;
            let held = appended.iter().filter_map(|appended| match appended {
                Appended::New(Fate::Held(id)) => Some(*id),
                _ => None,
            });
            let held: Vec<CommentId> = held.collect();
            hooks::comments_held(tx, self.stream_id, &held, at)?;
            if !held.is_empty() {
                written.news = Some(streams::count_news(tx, self.stream_id)?);
            }
            written.outcomes.extend(tickets.into_iter().zip(appended.into_iter().map(Outcome::Comment)));
        }
        self.count_reactions(tx, &mut written)?;
        Ok(written)
    }

    fn count_reactions(&self, tx: &mut store::Tx<'_>, written: &mut Written) -> store::Result<()> {
        let reactions = self.entries.iter().filter_map(|(ticket, what)| match what {
            &What::Reaction(kind, count, rules) => Some((*ticket, kind, count, rules)),
            What::Comment(_) => None,
        });
        let mut reactions = reactions.peekable();
        if reactions.peek().is_none() {
            return Ok(());
        }
        let in_force = streams::rules(tx, self.stream_id)?;
        let mut counted = Vec::new();
        for (ticket, kind, count, rules) in reactions {
            if rules != in_force {
                written.outcomes.push((ticket, Outcome::JudgeAgain));
                continue;
            }
            counted.push((kind, count));
            written.outcomes.push((ticket, Outcome::Reaction));
        }
        written.reactions = reactions::add(tx, self.stream_id, &counted)?;
        Ok(())
    }

    fn written(&self, outcomes: Outcomes) -> Written {
        Written { at: self.at, outcomes, reactions: Vec::new(), news: None }
    }

    fn answer(self, Written { at, outcomes, reactions, news }: Written) {
        // Must not be lost (it is committed), and bounded: a room never has more under way than the journal's queue holds.
        self.room.do_send(Committed { at, outcomes, reactions, news });
    }

    fn fail(self, error: &Arc<store::Error>) {
        let outcomes = self.entries.iter().map(|(ticket, _)| (*ticket, Outcome::Failed(error.clone())));
        let written = self.written(outcomes.collect());
        self.answer(written);
    }

    fn split(self) -> impl Iterator<Item = Group> {
        let Group { stream_id, room, at, entries } = self;
        entries.into_iter().map(move |entry| Group {
            stream_id,
            room: room.clone(),
            at,
            entries: vec![entry],
        })
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
