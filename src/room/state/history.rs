//! The room's memory of its last events, for those who come back after a short absence.
//! It must not know the clock or who asks; what is no longer here is in the log.

use crate::{
    domain::{AnnouncementId, CommentId, Millis, QuestionId, Seq, UserId},
    wire::{
        Event,
        event::{self, AnnouncementTombstone, CommentTombstone, QuestionTombstone},
        view::{CommentView, QuestionView},
    },
};
use std::collections::VecDeque;

/// Most events kept.
const EVENTS_MAX: usize = 2048;
/// Most bytes kept.
const BYTES_MAX: usize = 512 * 1024;

struct Entry {
    ts: Millis,
    frame: Box<str>,
    /// What it holds, and whose that is: once deleted, a tombstone takes its place.
    holds: Option<(Holding, UserId)>,
}

/// What goes when its author or a moderator takes it away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    Comment(CommentId),
    Question(QuestionId),
    Announcement(AnnouncementId),
}

impl Holding {
    /// What an event holds, and whose that is.
    fn of(event: &Event) -> Option<(Self, UserId)> {
        let comment = |comment: &CommentView| Some((Self::Comment(comment.id), comment.user.id));
        let question = |question: &QuestionView| Some((Self::Question(question.id), question.user.user.id));
        match event {
            Event::CommentCreated(created) => comment(&created.comment),
            Event::CommentPinned(pinned) => comment(&pinned.comment),
            Event::QuestionCreated(created) => question(&created.question),
            Event::QuestionAnswered(answered) => question(&answered.question),
            Event::AnnouncementCreated(created) => {
                let said = &created.announcement;
                Some((Self::Announcement(said.id), said.user.user.id))
            }
            _ => None,
        }
    }

    fn tombstone(self, deleted_at: Millis) -> Event {
        match self {
            Self::Comment(comment_id) => CommentTombstone { comment_id, deleted_at }.into(),
            Self::Question(question_id) => QuestionTombstone { question_id, deleted_at }.into(),
            Self::Announcement(announcement_id) => {
                AnnouncementTombstone { announcement_id, deleted_at }.into()
            }
        }
    }

    /// Whether it goes when all that its author said is purged.
    fn is_purged(self) -> bool {
        !matches!(self, Self::Announcement(_))
    }
}

/// The last events, encoded, without holes, ending at the head.
pub(crate) struct History {
    head: Seq,
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl History {
    /// Nothing yet; `head` is what is known from elsewhere.
    pub(crate) fn new(head: Seq) -> Self {
        Self { head, entries: VecDeque::new(), bytes: 0 }
    }

    /// Adds the event after the head.
    pub(crate) fn push(&mut self, seq: Seq, ts: Millis, event: &Event, frame: &str) {
        debug_assert_eq!(seq, self.head.next());
        match event {
            Event::CommentDeleted(deleted) => {
                self.bury(ts, |(holding, _)| holding == Holding::Comment(deleted.comment_id))
            }
            Event::AnnouncementRemoved(removed) => {
                self.bury(ts, |(holding, _)| holding == Holding::Announcement(removed.announcement_id))
            }
            Event::CommentsPurged(purged) => {
                self.bury(ts, |(holding, user)| holding.is_purged() && user == purged.user_id)
            }
            _ => {}
        }
        self.head = seq;
        self.bytes += frame.len();
        self.entries.push_back(Entry { ts, frame: frame.into(), holds: Holding::of(event) });
        while self.entries.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            self.bytes -= self.entries.pop_front().map_or(self.bytes, |entry| entry.frame.len());
        }
    }

    fn bury(&mut self, deleted_at: Millis, is_gone: impl Fn((Holding, UserId)) -> bool) {
        let first = self.first();
        for (entry, seq) in self.entries.iter_mut().zip(first.0..) {
            let Some((holding, _)) = entry.holds.take_if(|holds| is_gone(*holds)) else { continue };
            let tombstone = holding.tombstone(deleted_at);
            let frame = event::encode(tombstone.kind(), Seq(seq), entry.ts, &tombstone.payload());
            self.bytes = self.bytes - entry.frame.len() + frame.len();
            entry.frame = frame.into();
        }
    }

    fn first(&self) -> Seq {
        Seq(self.head.0 - self.entries.len() as i64 + 1)
    }

    /// The frames of all events after a place, with their numbers; none if that is too long ago.
    pub(crate) fn after(&self, seq: Seq) -> Option<impl Iterator<Item = (Seq, &str)>> {
        let skipped = usize::try_from(seq.next().0 - self.first().0).ok()?;
        let numbered = (self.first().0..).map(Seq).zip(&self.entries);
        Some(numbered.skip(skipped).map(|(seq, entry)| (seq, &*entry.frame)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::{CommentDeleted, CommentUnpinned, DeletedBy};

    fn push(history: &mut History, event: Event) {
        let seq = history.head.next();
        let frame = event::encode(event.kind(), seq, Millis(0), &event.payload());
        history.push(seq, Millis(0), &event, &frame);
    }

    fn seqs_after(history: &History, seq: i64) -> Option<Vec<i64>> {
        let seq_of =
            |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["seq"].as_i64().unwrap();
        let after = history.after(Seq(seq))?.map(|(seq, text)| (seq, seq_of(text)));
        Some(
            after
                .map(|(seq, said)| [seq.0, said])
                .inspect(|[seq, said]| assert_eq!(seq, said))
                .map(|[seq, _]| seq)
                .collect(),
        )
    }

    #[test]
    fn what_came_after_a_place_is_given_in_order() {
        let mut history = History::new(Seq(10));
        (0..3).for_each(|_| push(&mut history, CommentUnpinned {}.into()));
        assert_eq!(seqs_after(&history, 10), Some(vec![11, 12, 13]));
        assert_eq!(seqs_after(&history, 12), Some(vec![13]));
        assert_eq!(seqs_after(&history, 13), Some(vec![]));
        assert_eq!(seqs_after(&history, 9), None, "too long ago");
    }

    #[test]
    fn at_most_so_many_events_are_kept() {
        let mut history = History::new(Seq(0));
        (0..=EVENTS_MAX).for_each(|_| push(&mut history, CommentUnpinned {}.into()));
        assert_eq!(seqs_after(&history, 0), None);
        assert_eq!(seqs_after(&history, 1).unwrap().len(), EVENTS_MAX);
    }

    #[test]
    fn a_deleted_comment_leaves_a_tombstone_at_its_place() {
        let mut history = History::new(Seq(0));
        let comment = crate::room::samples::comment("secret");
        let id = comment.id;
        push(&mut history, crate::wire::event::CommentCreated { comment }.into());
        push(&mut history, CommentDeleted { comment_id: id, by: DeletedBy::Author }.into());
        let (seq, text) = history.after(Seq(0)).unwrap().next().unwrap();
        assert_eq!(seq, Seq(1));
        assert!(text.contains(r#""type":"comment.tombstone","seq":1"#), "{text}");
        assert!(!text.contains("secret"));
    }
}
