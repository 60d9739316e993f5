//! What authors said last: stored, or on its way to the journal. Slow mode and the rule against repeats go by it.
//! It must not know the rules, nor the clock.

use crate::domain::UserId;
use std::{collections::HashMap, time::Instant};

/// Authors who are remembered; when there are more, what the others said is read again from the database.
const AUTHORS_MAX: usize = 50_000;

/// Something said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub at: Instant,
    /// The folded text.
    pub key: String,
}

/// What a rule needs to know of one author that a room does not keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct Background {
    /// Whether they follow the host.
    pub follows_host: bool,
    /// What they said last.
    pub last: Option<Said>,
}

/// The last words of each author.
pub(crate) struct LastWords {
    authors: HashMap<UserId, Author>,
    /// Since when all that was said is remembered here.
    complete_since: Instant,
}

#[derive(Default)]
struct Author {
    stored: Option<Said>,
    /// By ticket, oldest first: they count as said until it is known that they were not.
    pending: Vec<(u64, Said)>,
}

impl Author {
    fn last(&self) -> Option<&Said> {
        self.pending.last().map(|(_, said)| said).or(self.stored.as_ref())
    }
}

impl LastWords {
    /// Nothing is known of what was said before.
    pub(crate) fn new(now: Instant) -> Self {
        Self { authors: HashMap::new(), complete_since: now }
    }

    /// What an author said last, as far as it is remembered.
    pub(crate) fn of(&self, author: UserId) -> Option<&Said> {
        self.authors.get(&author)?.last()
    }

    /// Since when nothing was said that is not remembered.
    pub(crate) fn complete_since(&self) -> Instant {
        self.complete_since
    }

    /// Something is said, under this ticket, and on its way.
    pub(crate) fn begin(&mut self, author: UserId, ticket: u64, said: Said) {
        self.make_room(author, said.at);
        self.authors.entry(author).or_default().pending.push((ticket, said));
    }

    /// It was stored.
    pub(crate) fn stored(&mut self, author: UserId, ticket: u64) {
        if let Some(said) = self.take(author, ticket) {
            self.remember(author, said);
        }
    }

    /// It was not stored, so it was not said.
    pub(crate) fn take_back(&mut self, author: UserId, ticket: u64) {
        self.take(author, ticket);
        let is_empty = |known: &Author| known.pending.is_empty() && known.stored.is_none();
        if self.authors.get(&author).is_some_and(is_empty) {
            self.authors.remove(&author);
        }
    }

    /// Keeps this as the last that was stored of an author, unless something later is kept already.
    fn remember(&mut self, author: UserId, said: Said) {
        self.make_room(author, said.at);
        let stored = &mut self.authors.entry(author).or_default().stored;
        if stored.as_ref().is_none_or(|last| last.at <= said.at) {
            *stored = Some(said);
        }
    }

    fn take(&mut self, author: UserId, ticket: u64) -> Option<Said> {
        let pending = &mut self.authors.get_mut(&author)?.pending;
        let place = pending.iter().position(|(of, _)| *of == ticket)?;
        Some(pending.remove(place).1)
    }

    fn make_room(&mut self, author: UserId, now: Instant) {
        if self.authors.len() >= AUTHORS_MAX && !self.authors.contains_key(&author) {
            self.authors.retain(|_, known| !known.pending.is_empty());
            self.complete_since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(at: Instant, key: &str) -> Said {
        Said { at, key: key.into() }
    }

    fn last(words: &LastWords, author: UserId) -> Option<&str> {
        words.of(author).map(|said| said.key.as_str())
    }

    #[test]
    fn what_is_on_its_way_counts_until_it_is_taken_back() {
        let (now, ana) = (Instant::now(), UserId::new());
        let mut words = LastWords::new(now);
        words.begin(ana, 1, said(now, "one"));
        words.begin(ana, 2, said(now, "two"));
        assert_eq!(last(&words, ana), Some("two"));
        words.take_back(ana, 2);
        assert_eq!(last(&words, ana), Some("one"));
        words.stored(ana, 1);
        words.begin(ana, 3, said(now, "three"));
        words.take_back(ana, 3);
        assert_eq!(last(&words, ana), Some("one"));
    }

    #[test]
    fn who_said_nothing_after_all_is_forgotten() {
        let (now, ana) = (Instant::now(), UserId::new());
        let mut words = LastWords::new(now);
        words.begin(ana, 1, said(now, "one"));
        words.take_back(ana, 1);
        assert!(words.authors.is_empty());
    }

    #[test]
    fn at_most_so_many_authors_are_remembered_and_none_who_waits_is_forgotten() {
        let (now, ana) = (Instant::now(), UserId::new());
        let mut words = LastWords::new(now);
        words.begin(ana, 1, said(now, "waits"));
        (1..AUTHORS_MAX).for_each(|_| words.remember(UserId::new(), said(now, "x")));
        assert_eq!(words.authors.len(), AUTHORS_MAX);
        let later = now + std::time::Duration::from_secs(1);
        words.remember(UserId::new(), said(later, "one more"));
        assert_eq!((words.authors.len(), words.complete_since()), (2, later));
        assert_eq!(last(&words, ana), Some("waits"));
    }
}
