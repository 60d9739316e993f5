//! Authors and readers on every node of a house, and what must be true of what they saw, whatever happened meanwhile:
//! what was acknowledged is in the log once, and every reader saw all of the log, once and in order.

use super::{
    author::Author,
    figures::{self, Delays},
    house::House,
    notes::{Book, Notes},
    reader::Reader,
};
use crate::tools::{Client, PATIENCE, Story, User, program};
use futures_util::future::join_all;
use serde_json::Value;
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout},
};

const AUTHORS_PER_NODE: usize = 5;
const READERS_PER_NODE: usize = 3;

/// Comments a second, all authors together.
fn rate() -> u32 {
    if program::is_fast() { 200 } else { 100 }
}

/// How many comments are a fault's worth: ten seconds of them, or five where the program is slow.
pub fn a_while() -> usize {
    rate() as usize * if program::is_fast() { 10 } else { 5 }
}

pub struct Load {
    host: Client,
    notes: Notes,
    over: watch::Sender<bool>,
    head: watch::Sender<Option<i64>>,
    authors: Vec<JoinHandle<()>>,
    readers: Vec<JoinHandle<Story>>,
}

impl Load {
    /// All are there and write.
    pub async fn begin(house: &House, host: &User) -> Load {
        let (nodes, notes) = (house.members.len(), Notes::new());
        let (over, is_over) = watch::channel(false);
        let (head, end) = watch::channel(None);
        let begun = watch::Sender::new(0);
        let reader = |n: usize| Reader {
            client: host.guest(),
            home: n % nodes,
            doors: house.doors.clone(),
            notes: notes.clone(),
            head: end.clone(),
            begun: begun.clone(),
        };
        let readers: Vec<_> = (0..nodes * READERS_PER_NODE).map(|n| tokio::spawn(reader(n).read())).collect();
        let all_there = begun.subscribe().wait_for(|count| *count == readers.len()).await.map(drop);
        all_there.expect("the sender is here");

        let names = (0..nodes * AUTHORS_PER_NODE).map(|n| format!("author{n}"));
        let users = join_all(names.map(async |name| User::register(host.guest(), &name).await)).await;
        let every = Duration::from_secs(1) * users.len() as u32 / rate();
        let author = |(n, user): (usize, User)| Author {
            client: (*user).clone(),
            name: user.username.clone(),
            home: n % nodes,
            doors: house.doors.clone(),
            every,
            notes: notes.clone(),
            over: is_over.clone(),
        };
        let authors =
            users.into_iter().enumerate().map(author).map(|author| tokio::spawn(author.write())).collect();
        Load { host: (**host).clone(), notes, over, head, authors, readers }
    }

    /// How many sockets all have together; the host has none.
    pub fn people(&self) -> usize {
        self.authors.len() + self.readers.len()
    }

    /// Waits until so many more are acknowledged.
    pub async fn acked(&self, more: usize) {
        let mut acked = self.notes.acked();
        let goal = *acked.borrow() + more;
        let waiting = acked.wait_for(|count| *count >= goal);
        let found = timeout(PATIENCE, waiting).await.map(|count| count.map(|count| *count));
        let reached = *self.notes.acked().borrow();
        assert!(found.is_ok(), "{more} comments are not acknowledged: {reached} of {goal}");
    }

    /// All stop, and what they saw is compared with what each node says is the log.
    pub async fn end(self, house: &House) -> Seen {
        self.over.send_replace(true);
        let writing = join_all(self.authors);
        let written = timeout(PATIENCE, writing).await.expect("everything is acknowledged in the end");
        written.into_iter().for_each(|author| author.expect("no author complains"));
        let mut logs = Vec::new();
        for node in (0..house.members.len()).filter(|node| house.doors.of(*node).is_some()) {
            logs.push(house.at(&self.host, node).log().await);
        }
        let (log, head) = logs.pop().expect("a node is there");
        assert!(logs.into_iter().all(|other| other == (log.clone(), head)), "the nodes tell different logs");

        self.head.send_replace(Some(head));
        let reading = timeout(PATIENCE, join_all(self.readers)).await.expect("all is read in the end");
        let stories: Vec<Story> =
            reading.into_iter().map(|story| story.expect("no reader complains")).collect();
        let book = self.notes.close();
        assert_numbered(&log, head);
        assert_all_acked_once(&book, &log);
        for story in &stories {
            story.compare(&log);
            assert_eq!(story.last(), head);
        }
        house.assert_calm();
        Seen { book }
    }
}

fn assert_numbered(log: &[Value], head: i64) {
    let seqs: Vec<i64> = log.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(seqs, (1..=head).collect::<Vec<_>>(), "the log has a hole");
}

fn assert_all_acked_once(book: &Book, log: &[Value]) {
    let mut places: HashMap<&str, i64> = HashMap::new();
    for event in log.iter().filter(|event| event["type"] == "comment.created") {
        let (client_id, seq) = (event["comment"]["client_id"].as_str(), event["seq"].as_i64());
        let before = places.insert(client_id.expect("a text"), seq.expect("a number"));
        assert_eq!(before, None, "{event} is there twice");
    }
    let lost = |ack: &&super::notes::Ack| places.get(ack.client_id.as_str()) != Some(&ack.seq);
    let lost: Vec<_> = book.acks.iter().filter(lost).collect();
    assert!(lost.is_empty(), "acknowledged and not in the log: {lost:?}");
}

/// What was seen, all of it good, to be measured.
pub struct Seen {
    book: Book,
}

impl Seen {
    /// Says how long acknowledgements took, and how long until other nodes' readers saw them, of what was said in this time.
    pub fn say(&self, name: &str, from: Instant, to: Instant) {
        let acks = || self.book.acks.iter().filter(|ack| (from..to).contains(&ack.said));
        Delays::of(acks().map(|ack| ack.acked - ack.said)).say(&format!("{name}_ack"));
        let by_seq: HashMap<i64, _> = acks().map(|ack| (ack.seq, ack)).collect();
        let far = self.book.sights.iter().filter_map(|sight| {
            let ack = by_seq.get(&sight.seq).filter(|ack| ack.node != sight.node)?;
            Some(sight.at.saturating_duration_since(ack.acked))
        });
        Delays::of(far).say(&format!("{name}_far"));
    }

    /// Says what else there is to say.
    pub fn say_rest(&self, name: &str) {
        figures::say(&format!("{name}_resumed"), self.book.resumed, "times");
        for (code, count) in &self.book.refusals {
            figures::say(&format!("{name}_refused_{code}"), count, "times");
        }
    }

    pub fn resumed(&self) -> usize {
        self.book.resumed
    }

    /// How many sockets have ended, and how many of them without a goodbye.
    pub fn ended(&self) -> (usize, usize) {
        (self.book.ended, self.book.torn)
    }
}
