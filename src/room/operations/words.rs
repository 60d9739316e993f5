//! What one node tells the others of a commit, and how they read it.
//! It must not know how it travels, nor what a room does with it.

use super::{Notice, Publication, Stored};
use crate::{
    bus::Topic,
    domain::{News, RulesVersion, StreamId},
    room::core::Part,
    wire::{Event, Numbered, view::Reactions, words},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What this version writes; it reads no other, and looks into the tables instead.
const VERSION: u32 = 1;
/// Bytes of events in one message; what has more is told in several. With its envelope it stays below what a bus carries.
const EVENTS_MAX: usize = 192 * 1024;

/// Stands before the events of a commit.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<StreamId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stale: Vec<Part>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<RulesVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    news: Option<News>,
    #[serde(default, skip_serializing_if = "Reactions::is_empty")]
    reactions: Reactions,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Notice>,
}

/// All that is to be said of a publication, and to whom.
pub(crate) fn of(publication: &Publication) -> Vec<(Topic, Bytes)> {
    let mut said: Vec<_> = publication.streams.iter().flat_map(of_stored).collect();
    if !publication.notices.is_empty() {
        let envelope = Envelope { notices: publication.notices.clone(), ..Envelope::empty(None) };
        said.push((Topic::House, words::write(&envelope, &[])));
    }
    said
}

/// All that is to be said of what was stored of one stream.
pub(crate) fn of_stored(stored: &Stored) -> Vec<(Topic, Bytes)> {
    // What decides who may send or see a picture is heard by all: a picture may be where nobody is in the room.
    let topic = if stored.concerns_pictures() { Topic::House } else { Topic::Stream(stored.stream_id) };
    let (first, last) = stored.events.split_at(beginning_of_last(&stored.events));
    let envelope = Envelope {
        stale: stored.stale.clone(),
        rules: stored.rules,
        news: stored.news,
        reactions: stored.reactions.clone(),
        ..Envelope::empty(Some(stored.stream_id))
    };
    let mut said: Vec<_> =
        messages(first).map(|events| words::write(&Envelope::empty(envelope.stream), events)).collect();
    said.push(words::write(&envelope, last));
    said.into_iter().map(|words| (topic, words)).collect()
}

/// Reads what another node has said. None where it is of another version, or nothing that a node says.
pub(crate) fn read(words: &[u8]) -> Option<Publication> {
    let (envelope, events): (Envelope, _) = words::read(words)?;
    let Envelope { v: VERSION, stream, stale, rules, news, reactions, notices } = envelope else {
        return None;
    };
    let stored = stream.map(|stream_id| Stored { stream_id, events, stale, rules, news, reactions });
    Some(Publication { streams: stored.into_iter().collect(), notices })
}

impl Envelope {
    fn empty(stream: Option<StreamId>) -> Self {
        Self {
            v: VERSION,
            stream,
            stale: Vec::new(),
            rules: None,
            news: None,
            reactions: Reactions::new(),
            notices: Vec::new(),
        }
    }
}

/// Events by message.
fn messages(mut events: &[Numbered]) -> impl Iterator<Item = &[Numbered]> {
    std::iter::from_fn(move || {
        let (message, rest) = events.split_at_checked(fitting(events))?;
        events = rest;
        (!message.is_empty()).then_some(message)
    })
}

/// How many of these fit in one message; at least one.
fn fitting(events: &[Numbered]) -> usize {
    let mut bytes = 0;
    let fits = |numbered: &&Numbered| {
        bytes += words::size(numbered);
        bytes <= EVENTS_MAX
    };
    events.iter().take_while(fits).count().max(1).min(events.len())
}

fn beginning_of_last(events: &[Numbered]) -> usize {
    let lengths: Vec<usize> = messages(events).map(<[Numbered]>::len).collect();
    lengths.split_last().map_or(0, |(_, before)| before.iter().sum())
}

impl Stored {
    /// Whether it may end what somebody sends or sees of a picture.
    fn concerns_pictures(&self) -> bool {
        let is_of_pictures = |numbered: &Numbered| {
            matches!(
                &*numbered.event,
                Event::StreamStarted(_)
                    | Event::StreamEnded(_)
                    | Event::StreamUpdated(_)
                    | Event::ModeratorAdded(_)
                    | Event::ModeratorRemoved(_)
            )
        };
        self.stale.contains(&Part::Members) || self.events.iter().any(is_of_pictures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CommentId, Millis, ReactionKind, Seq, SessionId, UserId},
        room::{operations::SignedOut, samples},
        wire::event::{CommentCreated, CommentUnpinned, StreamEnded},
    };

    fn stored(events: Vec<Numbered>) -> Stored {
        Stored {
            stream_id: StreamId::new(),
            events,
            stale: vec![Part::Tally, Part::Vote(UserId::new())],
            rules: Some(RulesVersion(3)),
            news: Some(News(9)),
            reactions: [(ReactionKind::Like, 12)].into(),
        }
    }

    fn comment(seq: i64, content: &str) -> Numbered {
        Numbered::new(Seq(seq), Millis(5), CommentCreated { comment: samples::comment(content) }.into())
    }

    #[test]
    fn what_was_stored_is_read_as_it_was_said() {
        let said =
            stored(vec![comment(4, "hi"), Numbered::new(Seq(5), Millis(5), CommentUnpinned {}.into())]);
        let messages = of_stored(&said);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].0, Topic::Stream(said.stream_id));
        let heard = read(&messages[0].1).unwrap().streams.pop().unwrap();
        assert_eq!(format!("{heard:?}"), format!("{said:?}"));
    }

    #[test]
    fn notices_are_for_all_nodes() {
        let notices = vec![
            Notice::RoomGone(StreamId::new()),
            Notice::Rejected { stream: StreamId::new(), author: UserId::new(), comment: CommentId::new() },
            Notice::SignedOut(SignedOut::Session(SessionId::new())),
        ];
        let said = of(&Publication { streams: Vec::new(), notices });
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, Topic::House);
        assert_eq!(read(&said[0].1).unwrap().notices.len(), 3);
    }

    #[test]
    fn what_concerns_pictures_is_heard_where_nobody_is_in_the_room() {
        let ended = StreamEnded { stream: samples::state(UserId::new()).stream };
        let said = of_stored(&stored(vec![Numbered::new(Seq(1), Millis(0), ended.into())]));
        assert_eq!(said[0].0, Topic::House);
    }

    #[test]
    fn a_great_commit_is_told_in_several_messages_and_the_last_says_what_came_with_it() {
        let content = "x".repeat(1000);
        let said = stored((1..=512).map(|seq| comment(seq, &content)).collect());
        let messages = of_stored(&said);
        assert!(messages.iter().all(|(_, words)| words.len() < 256 * 1024));
        let heard: Vec<Stored> =
            messages.iter().map(|(_, words)| read(words).unwrap().streams.pop().unwrap()).collect();
        let seqs: Vec<i64> =
            heard.iter().flat_map(|stored| &stored.events).map(|numbered| numbered.seq.0).collect();
        assert_eq!(seqs, (1..=512).collect::<Vec<_>>());
        let with_news: Vec<bool> = heard.iter().map(|stored| stored.news.is_some()).collect();
        assert_eq!(with_news.iter().filter(|has| **has).count(), 1);
        assert_eq!(with_news.last(), Some(&true));
    }

    #[test]
    fn what_no_node_of_this_version_says_is_not_read() {
        let later = words::write(&Envelope { v: 2, ..Envelope::empty(None) }, &[]);
        for words in [&b""[..], b"{}", b"\x81\x02{}", b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff{}", &later] {
            assert!(read(words).is_none(), "{words:?}");
        }
    }
}
