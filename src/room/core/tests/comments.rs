//! A comment's way through the core: judged, with the journal, and told to its author and to all.

use super::*;
use crate::{
    config::{Cap, Limits},
    domain::{Seq, UserId, Visibility},
    room::{
        core::comments::AfterCommit,
        journal::{Committed, Outcome},
        reply::Posted,
        samples,
        state::RoomState,
    },
    store::{
        Comment,
        comments::{Appended, Fate, State},
    },
    wire::{Numbered, framing, op::CommentBody, view::BanView},
};
use std::collections::HashMap;
use tokio::sync::oneshot::{self, Receiver};

/// Longer than any window of the rules, in milliseconds.
const AN_HOUR: u64 = 3_600_000;

/// A room that has been there for an hour, so that nobody's last words are in the database alone.
struct Room {
    core: RoomCore,
    begun: Now,
    ana: UserId,
    bo: UserId,
    host: UserId,
    /// What is with the journal, by ticket, and where its author waits.
    journal: HashMap<u64, (NewComment, Receiver<Result<Posted, Refusal>>)>,
}

impl Room {
    fn with(change: impl FnOnce(&mut RoomState, &mut Limits)) -> Self {
        let [ana, bo, host] = std::array::from_fn(|_| UserId::new());
        let (mut state, mut limits) = (samples::state(host), Limits::default());
        change(&mut state, &mut limits);
        let begun = Now::read();
        let core = samples::core(state, limits, Seq(0), begun);
        Room { core, begun, ana, bo, host, journal: HashMap::new() }
    }

    /// So many milliseconds after the hour.
    fn at(&self, ms: u64) -> Now {
        samples::later(self.begun, AN_HOUR + ms)
    }

    fn post(&mut self, by: UserId, body: CommentBody, background: Option<Background>, ms: u64) -> Told {
        let (reply, told) = oneshot::channel();
        let draft = Draft::new(samples::account(by), body, Reply::Rest(reply));
        Told { step: self.core.post(draft, background, self.at(ms)), told }
    }

    /// Somebody says something: the ticket under which it is with the journal, or why not.
    fn say(&mut self, by: UserId, content: &str, ms: u64) -> Result<u64, Refusal> {
        let Told { step, told } = self.post(by, body(content, None), None, ms);
        self.taken(step, told)
    }

    fn taken(&mut self, step: Step, mut told: Receiver<Result<Posted, Refusal>>) -> Result<u64, Refusal> {
        match step {
            Step::Store(ticket, What::Comment(comment)) => {
                assert!(told.try_recv().is_err(), "nobody is told before it is stored");
                self.journal.insert(ticket, (*comment, told));
                Ok(ticket)
            }
            Step::Done => Err(told.try_recv().expect("an answer").expect_err("a refusal")),
            Step::NeedsBackground(_) => panic!("what the rules need is in memory"),
            _ => panic!("this has no client_id, and is no reaction"),
        }
    }

    /// The journal has stored it, as the log's next.
    fn stored(&mut self, ticket: u64) -> AfterCommit {
        let new = &self.journal[&ticket].0;
        let comment = Comment {
            id: new.id,
            stream_id: self.core.id,
            seq: Some(self.core.sequencer.head().next()),
            author: new.author.clone(),
            role: new.role,
            content: new.content.clone(),
            style: new.style,
            reply_to: new.reply_to,
            client_id: new.client_id.clone(),
            offset_ms: Some(0),
            created_at: new.created_at,
            state: State::Visible,
            by_bot: new.by_bot,
        };
        self.came_to(ticket, Outcome::Comment(Appended::New(Fate::Visible(Box::new(comment)))))
    }

    fn came_to(&mut self, ticket: u64, outcome: Outcome) -> AfterCommit {
        self.core.committed(Committed {
            at: self.begun.wall,
            outcomes: vec![(ticket, outcome)],
            reactions: Vec::new(),
            news: None,
        })
    }

    /// What its author is told, who has heard nothing yet.
    fn told(&mut self, ticket: u64) -> Result<Posted, Refusal> {
        self.journal.remove(&ticket).expect("a ticket of the journal").1.try_recv().expect("an answer")
    }

    /// Says, stores and applies it.
    fn says(&mut self, by: UserId, content: &str, ms: u64) {
        let ticket = self.say(by, content, ms).expect("it may be said");
        let after = self.stored(ticket);
        self.core.apply_all(after.new, self.at(ms));
    }

    fn texts_of_next_flush(&mut self) -> Vec<String> {
        let batch = self.core.pending.take();
        framing::texts(&batch.plain.frames).map(str::to_owned).collect()
    }
}

/// What is to be done for a draft, and where its sender waits.
struct Told {
    step: Step,
    told: Receiver<Result<Posted, Refusal>>,
}

fn body(content: &str, client_id: Option<&str>) -> CommentBody {
    CommentBody {
        content: content.try_into().expect("a content"),
        client_id: client_id.map(|id| id.try_into().expect("an id")),
        style: None,
        reply_to: None,
    }
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(done: Result<T, Refusal>, code: Code, retry_after_ms: Option<i64>) {
    let refusal = done.expect_err("a refusal");
    assert_eq!((refusal.code, refusal.retry_after_ms), (code, retry_after_ms), "{refusal}");
}

#[test]
fn what_is_stored_is_told_to_its_author_and_said_to_all() {
    let mut room = Room::with(|_, _| {});
    let (ana, now) = (room.ana, room.at(0));
    let ticket = room.say(ana, "hi", 0).unwrap();
    assert_eq!(room.journal[&ticket].0.content, "hi");
    assert!(room.core.pending.is_empty(), "nobody hears of what is not stored");
    let after = room.stored(ticket);
    let told = room.told(ticket).unwrap();
    assert!(
        matches!(&told, Posted::Visible { comment, duplicate: false } if comment.content == "hi"),
        "{told:?}"
    );
    assert!(room.core.posts.is_empty());
    room.core.apply_all(after.new, now);
    assert_eq!(room.core.state.comments.back().unwrap().content, "hi");
    let said = room.texts_of_next_flush();
    assert!(said.len() == 1 && said[0].contains(r#""type":"comment.created","seq":1"#), "{said:?}");
}

#[test]
fn in_slow_mode_who_spoke_waits_and_nobody_else() {
    let mut room = Room::with(|state, _| state.settings.slow_mode_s = 10);
    let (ana, bo, host) = (room.ana, room.bo, room.host);
    room.says(ana, "one", 0);
    assert_refused(room.say(ana, "two", 4_000), Code::SlowMode, Some(6_000));
    room.says(bo, "mine", 4_000);
    room.says(host, "one", 4_000);
    room.says(host, "two", 4_000);
    assert_refused(room.say(ana, "two", 9_999), Code::SlowMode, Some(1));
    room.says(ana, "two", 10_000);
}

#[test]
fn what_could_not_be_stored_was_never_said() {
    let mut room = Room::with(|state, limits| {
        state.settings.slow_mode_s = 10;
        limits.comments_per_user = Cap::new(1);
    });
    let ana = room.ana;
    let ticket = room.say(ana, "one", 0).unwrap();
    assert_refused(room.say(ana, "two", 1), Code::SlowMode, Some(9_999));
    let failed = Outcome::Failed(crate::store::Error::Busy.into());
    assert!(room.came_to(ticket, failed).new.is_empty());
    assert_refused(room.told(ticket), Code::Unavailable, Some(1_000));
    let ticket = room.say(ana, "two", 2).unwrap();
    room.core.not_taken(ticket);
    assert_eq!(room.told(ticket).unwrap_err().code, Code::Overloaded);
    room.says(ana, "two", 3);
}

#[test]
fn the_same_is_not_said_again_however_it_is_written() {
    let mut room = Room::with(|state, _| state.settings.repeat_window_s = 60);
    let (ana, bo) = (room.ana, room.bo);
    room.says(ana, "Hello", 0);
    assert_eq!(room.say(ana, "hello", 30_000).unwrap_err().code, Code::Repeated);
    room.says(bo, "hello", 30_000);
    room.says(ana, "hello", 60_000);
}

#[test]
fn a_ban_holds_until_it_ends() {
    let mut room = Room::with(|_, _| {});
    let ana = room.ana;
    let until = Some(room.at(5_000).wall);
    room.core.state.bans.insert(ana, BanView { until, reason: None });
    assert_refused(room.say(ana, "hi", 1_000), Code::Banned, Some(4_000));
    room.says(ana, "hi", 5_000);
}

#[test]
fn whether_somebody_follows_the_host_is_read_first() {
    let mut room = Room::with(|state, _| state.settings.comments = CommentsBy::Followers);
    let (ana, bo, host) = (room.ana, room.bo, room.host);
    for (by, follows_host) in [(ana, false), (bo, true)] {
        let first = room.post(by, body("hi", None), None, 0).step;
        assert!(matches!(first, Step::NeedsBackground(_)));
        let background = Background { follows_host, last: None };
        let Told { step, told } = room.post(by, body("hi", None), Some(background), 0);
        let judged = room.taken(step, told);
        assert_eq!(
            judged.map_err(|refusal| refusal.code).err(),
            (!follows_host).then_some(Code::FollowersOnly)
        );
    }
    room.says(host, "welcome", 0);
}

#[test]
fn in_a_room_that_has_just_begun_the_last_words_are_read_first() {
    let mut room = Room::with(|state, _| state.settings.slow_mode_s = 10);
    room.core = {
        let RoomCore { state, parts, .. } = room.core;
        RoomCore::new(state.stream.id, parts, state, Seq(0), samples::later(room.begun, AN_HOUR))
    };
    let (ana, bo) = (room.ana, room.bo);
    assert!(matches!(room.post(ana, body("hi", None), None, 9_999).step, Step::NeedsBackground(_)));
    let last = Some(Said { at: room.at(2_000).instant, key: "before".into() });
    let background = Background { follows_host: false, last };
    let Told { step, told } = room.post(ana, body("hi", None), Some(background), 9_999);
    assert_refused(room.taken(step, told), Code::SlowMode, Some(2_001));
    room.says(bo, "hi", 10_000);
}

#[test]
fn so_many_in_five_seconds_and_no_more() {
    let mut room = Room::with(|_, limits| limits.comments_per_user = Cap::new(2));
    let (ana, host) = (room.ana, room.host);
    let first = room.say(ana, "one", 0).unwrap();
    room.says(ana, "two", 1_000);
    assert_refused(room.say(ana, "three", 2_000), Code::TooFast, Some(3_000));
    (0..5).for_each(|n| room.says(host, &n.to_string(), 2_000));
    // Judged by rules that hold no more: it comes back, and has used nothing.
    let after = room.came_to(first, Outcome::JudgeAgain);
    assert_eq!(after.drafts.len(), 1);
    let again = room.core.post(after.drafts.into_iter().next().unwrap(), None, room.at(2_000));
    assert!(matches!(again, Step::Store(..)));
    assert_eq!(room.core.parts.metrics.limit_hits.of("COMMENTS_PER_USER").get(), 1);
}

#[test]
fn rules_that_keep_changing_are_given_up_on() {
    let mut room = Room::with(|_, _| {});
    let ana = room.ana;
    let Told { mut step, mut told } = room.post(ana, body("hi", None), None, 0);
    for _ in 0..JUDGED_MAX {
        let Step::Store(ticket, _) = step else { panic!("it may be said") };
        let draft = room.came_to(ticket, Outcome::JudgeAgain).drafts.pop().unwrap();
        step = room.core.post(draft, None, room.at(0));
    }
    assert!(matches!(step, Step::Done));
    assert_refused(told.try_recv().unwrap(), Code::Unavailable, Some(1_000));
}

#[test]
fn a_repeat_of_what_is_with_the_journal_shares_its_fate() {
    let mut room = Room::with(|_, _| {});
    let (ana, bo) = (room.ana, room.bo);
    let first = room.post(ana, body("hi", Some("1")), None, 0);
    let ticket = room.taken(first.step, first.told).unwrap();
    let mut repeat = room.post(ana, body("hi", Some("1")), None, 1);
    assert!(matches!(repeat.step, Step::Done) && repeat.told.try_recv().is_err());
    assert!(matches!(room.post(bo, body("hi", Some("1")), None, 1).step, Step::Store(..)), "another's id");
    room.stored(ticket);
    assert!(matches!(room.told(ticket), Ok(Posted::Visible { duplicate: false, .. })));
    assert!(matches!(repeat.told.try_recv(), Ok(Ok(Posted::Visible { duplicate: true, .. }))));
    // No longer with the journal: the database knows the first one's fate.
    room.core.state.settings.slow_mode_s = 10;
    let late = room.post(ana, body("hi", Some("1")), None, 2).step;
    assert!(matches!(late, Step::RefusedUnlessKnown(_, refusal) if refusal.code == Code::SlowMode));
}

#[test]
fn what_is_held_is_not_said_but_counted_for_moderators() {
    let mut room = Room::with(|state, _| state.settings.hold_all = true);
    let ana = room.ana;
    let ticket = room.say(ana, "hi", 0).unwrap();
    let (id, held) = (room.journal[&ticket].0.id, room.journal[&ticket].0.held);
    assert!(held);
    let after = room.came_to(ticket, Outcome::Comment(Appended::New(Fate::Held(id))));
    assert!(after.has_held && after.new.is_empty());
    assert_eq!(room.told(ticket), Ok(Posted::Held(id)));
}

#[test]
fn what_viewers_cannot_take_is_stored_but_left_out() {
    let mut room = Room::with(|_, limits| limits.room_comments_per_second = Cap::new(1));
    let (ana, bo, host) = (room.ana, room.bo, room.host);
    room.says(ana, "shown", 0);
    room.says(bo, "left out", 0);
    room.says(host, "of the host", 0);
    let said = room.texts_of_next_flush();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[0], r#"{"type":"lagged","from":2,"to":2,"missed":1}"#);
    assert!(said[1].contains("shown") && said[2].contains("of the host"), "{said:?}");
    assert_eq!(room.core.state.comments.len(), 3);
    assert_eq!(room.core.parts.metrics.limit_hits.of("ROOM_COMMENTS_PER_SECOND").get(), 1);
}

#[test]
fn what_commits_first_may_be_told_second() {
    let mut room = Room::with(|_, _| {});
    let (ana, bo, now) = (room.ana, room.bo, room.at(0));
    let tickets = [room.say(ana, "one", 0).unwrap(), room.say(bo, "two", 0).unwrap()];
    let mut new = tickets.map(|ticket| room.stored(ticket).new.pop().unwrap());
    new[1] = Numbered::new(Seq(2), now.wall, (*new[1].event).clone());
    let [first, second] = new;
    room.core.apply_all(vec![second], now);
    assert!(room.core.pending.is_empty(), "the first is missing before it");
    room.core.apply_all(vec![first], now);
    let said = room.texts_of_next_flush();
    assert!(said[0].contains(r#""seq":1"#) && said[1].contains(r#""seq":2"#), "{said:?}");
}

#[test]
fn who_may_not_see_the_stream_learns_nothing_of_it() {
    let mut room = Room::with(|state, _| state.stream.visibility = Visibility::Private);
    let (ana, bo) = (room.ana, room.bo);
    room.core.state.members.insert(bo);
    assert_eq!(room.say(ana, "hi", 0).unwrap_err(), Refusal::concealed());
    room.says(bo, "hi", 0);
}
