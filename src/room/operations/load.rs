//! Reads a room's state from the database: all of it at the start, parts of it when told that they have changed.
//! It must not know what a room does with it.

use crate::{
    domain::{
        accounts::fold::search_key,
        ids::{PollId, StreamId, UserId},
        stream::{RulesVersion, Seq},
        terms::TermList,
        time::{Millis, now::Now},
    },
    room::{
        core::state::{Hall, SNAPSHOT_COMMENTS, SNAPSHOT_QUESTIONS},
        message::Part,
        rules::last_words::Said,
    },
    store::{
        self, Conn,
        accounts::follows,
        comments,
        comments::review,
        database::meta,
        interactions::{announcements, pins, polls, questions, reactions},
        moderation::{
            bans,
            relations::{members, moderators},
            terms,
        },
        streams,
    },
    wire::view::{AnnouncementView, BanView, CommentView, PollView, QuestionView, Reactions},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Reads everything; none where there is no such stream. The head is that of the same moment.
pub fn hall(conn: &mut Conn, id: StreamId, now: Millis) -> store::Result<Option<(Hall, Seq)>> {
    let Some(stream) = streams::by_id(conn, id)? else { return Ok(None) };
    let head = stream.last_seq;
    let mut hall = Hall {
        head,
        epoch: meta::epoch(conn)?,
        settings: stream.settings,
        terms: TermList::default(),
        bans: HashMap::new(),
        moderators: moderators::ids(conn, id)?.into_iter().collect(),
        members: Default::default(),
        pinned: pins::pinned(conn, id)?.map(CommentView::from),
        announcement: announcements::latest(conn, id)?.map(AnnouncementView::from),
        // One whose time is over is open for nobody; the event that closes it is on its way.
        poll: polls::open_of(conn, id)?.filter(|poll| poll.closes_at > now).map(PollView::from),
        questions: Vec::new(),
        comments: VecDeque::new(),
        comment_count: stream.comment_count,
        peak_viewers: stream.peak_viewers,
        reactions: Reactions::new(),
        held: 0,
        rules: stream.rules,
        stream: stream.into(),
    };
    for (_, part) in read_all(conn, id, Part::ALL, now)? {
        part.put_into(&mut hall);
    }
    Ok(Some((hall, head)))
}

/// The version of the rules, and the place in the log up to which they must be known to go by it.
pub fn rules(conn: &mut Conn, id: StreamId) -> store::Result<(RulesVersion, Seq)> {
    let stream = streams::by_id(conn, id)?.ok_or(store::Error::NotFound)?;
    Ok((stream.rules, stream.last_seq))
}

/// A part as read.
pub enum Fresh {
    /// [`Part::Members`].
    Members(Vec<UserId>),
    /// [`Part::Bans`].
    Bans(HashMap<UserId, BanView>),
    /// [`Part::Terms`].
    Terms(TermList),
    /// [`Part::Queue`].
    Queue(i64),
    /// [`Part::Tally`].
    Tally(Option<PollView>),
    /// [`Part::Questions`].
    Questions(Vec<QuestionView>),
    /// [`Part::Comments`].
    Comments(LastComments),
    /// [`Part::Reactions`].
    Reactions(Reactions),
    /// [`Part::Vote`].
    Vote(UserId, Option<(PollId, u32)>),
}

/// The last comments as of one place in the log.
pub struct LastComments {
    head: Seq,
    count: i64,
    last: Vec<Arc<CommentView>>,
}

impl LastComments {
    /// What was read may be behind what the room has applied since, or ahead of what it will apply next.
    fn put_into(self, hall: &mut Hall) {
        let is_after = |comment: &CommentView, head: Seq| comment.seq.is_some_and(|seq| seq > head);
        let (ahead, known): (Vec<_>, Vec<_>) =
            self.last.into_iter().partition(|comment| is_after(comment, hall.head));
        let newer: Vec<_> = hall.comments.drain(..).filter(|comment| is_after(comment, self.head)).collect();
        hall.comment_count = self.count - ahead.len() as i64 + newer.len() as i64;
        hall.comments.extend(known);
        hall.comments.extend(newer);
        let too_many = hall.comments.len().saturating_sub(SNAPSHOT_COMMENTS);
        hall.comments.drain(..too_many);
    }
}

/// Reads parts.
pub fn read_all(
    conn: &mut Conn,
    id: StreamId,
    parts: &[Part],
    now: Millis,
) -> store::Result<Vec<(Part, Fresh)>> {
    parts.iter().map(|&part| Ok((part, read(conn, id, part, now)?))).collect()
}

/// Reads a part.
fn read(conn: &mut Conn, id: StreamId, part: Part, now: Millis) -> store::Result<Fresh> {
    Ok(match part {
        Part::Members => Fresh::Members(members::ids(conn, id)?),
        Part::Bans => Fresh::Bans(
            bans::active(conn, id, now)?
                .into_iter()
                .map(|ban| (ban.user.id, BanView { until: ban.until, reason: ban.reason }))
                .collect(),
        ),
        // A list that no longer compiles (written by a later version) must not keep the room shut.
        Part::Terms => Fresh::Terms(TermList::compile(&terms::list(conn, id)?).unwrap_or_default()),
        Part::Queue => Fresh::Queue(review::held_count(conn, id)?),
        Part::Tally => Fresh::Tally(polls::open_of(conn, id)?.map(PollView::from)),
        Part::Questions => {
            let open = questions::open(conn, id, None, SNAPSHOT_QUESTIONS)?.items;
            Fresh::Questions(open.into_iter().map(QuestionView::from).collect())
        }
        Part::Comments => {
            let stream = streams::by_id(conn, id)?.ok_or(store::Error::NotFound)?;
            let last = comments::last(conn, id, SNAPSHOT_COMMENTS)?.into_iter();
            Fresh::Comments(LastComments {
                head: stream.last_seq,
                count: stream.comment_count,
                last: last.map(|comment| Arc::new(comment.into())).collect(),
            })
        }
        Part::Reactions => {
            let totals = reactions::totals(conn, &[id])?.remove(&id).unwrap_or_default();
            Fresh::Reactions(totals.into_iter().collect())
        }
        Part::Vote(user) => Fresh::Vote(user, vote_of(conn, id, user)?),
    })
}

impl Fresh {
    /// Takes the place of what was there.
    pub fn put_into(self, hall: &mut Hall) {
        match self {
            Fresh::Members(members) => hall.members = members.into_iter().collect(),
            Fresh::Bans(bans) => hall.bans = bans,
            Fresh::Terms(terms) => hall.terms = terms,
            Fresh::Queue(held) => hall.held = held,
            // What was read may be of a poll that was closed since, or of one whose opening is yet to be told.
            Fresh::Tally(read) => {
                if let (Some(poll), Some(read)) = (&mut hall.poll, read)
                    && poll.id == read.id
                {
                    poll.tally = read.tally;
                }
            }
            Fresh::Questions(questions) => {
                hall.questions = questions;
                hall.sort_questions();
            }
            Fresh::Comments(fresh) => fresh.put_into(hall),
            Fresh::Reactions(reactions) => hall.reactions = reactions,
            // Of those who are here, not of the hall.
            Fresh::Vote(..) => {}
        }
    }
}

/// Somebody's vote in the open poll.
pub fn vote_of(conn: &mut Conn, id: StreamId, user: UserId) -> store::Result<Option<(PollId, u32)>> {
    let Some(poll) = polls::open_of(conn, id)? else { return Ok(None) };
    Ok(polls::vote_of(conn, poll.id, user)?.map(|option| (poll.id, option)))
}

/// What a rule needs to know of one author that a room does not keep.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Whether they follow the host.
    pub follows_host: bool,
    /// What they said last.
    pub last: Option<Said>,
}

/// Reads an author's background.
pub fn background(
    conn: &mut Conn,
    id: StreamId,
    host: UserId,
    author: UserId,
    now: Now,
) -> store::Result<Background> {
    let said = comments::last_words(conn, id, author)?;
    let asked = questions::last_words(conn, id, author)?;
    let last = said.into_iter().chain(asked).max_by_key(|(at, _)| *at);
    Ok(Background {
        follows_host: follows::is_following(conn, author, host)?,
        last: last.and_then(|(at, words)| Some(Said { at: now.instant_of(at)?, key: search_key(&words) })),
    })
}
