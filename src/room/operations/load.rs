//! Reads a room's state from the database: all of it at the start, parts of it when told that they have changed.
//! It must not know what a room does with it.

use crate::{
    domain::{Millis, Now, PollId, RulesVersion, Seq, StreamId, TermList, UserId, text::fold::search_key},
    room::{
        core::{Fresh, Part, part::LastComments},
        rules::last_words::{Background, Said},
        state::{RoomState, SNAPSHOT_COMMENTS, SNAPSHOT_QUESTIONS},
    },
    store::{
        self, Conn,
        accounts::follows,
        channels, comments,
        database::meta,
        interactions::{announcements, pins, polls, questions, reactions},
        moderation::{
            bans,
            relations::{self, members},
            review, terms,
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
pub(crate) fn state(conn: &mut Conn, id: StreamId, now: Millis) -> store::Result<Option<(RoomState, Seq)>> {
    let Some(stream) = streams::by_id(conn, id)? else { return Ok(None) };
    let head = stream.last_seq;
    let mut state = RoomState {
        head,
        epoch: meta::epoch(conn)?,
        settings: stream.settings,
        terms: TermList::default(),
        bans: HashMap::new(),
        moderators: relations::all_moderators(conn, id, stream.host.id)?,
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
        rules_version: stream.rules,
        news: stream.news,
        channel_news: channels::news(conn, stream.host.id)?,
        stream: stream.into(),
    };
    for (_, part) in read_all(conn, id, Part::ALL, now)? {
        part.put_into(&mut state);
    }
    Ok(Some((state, head)))
}

/// The version of the rules, and the place in the log up to which they must be known to go by it.
pub(crate) fn rules(conn: &mut Conn, id: StreamId) -> store::Result<(RulesVersion, Seq)> {
    let stream = streams::by_id(conn, id)?.ok_or(store::Error::NotFound)?;
    Ok((stream.rules, stream.last_seq))
}

pub(crate) fn read_all(
    conn: &mut Conn,
    id: StreamId,
    parts: &[Part],
    now: Millis,
) -> store::Result<Vec<(Part, Fresh)>> {
    parts.iter().map(|&part| Ok((part, read(conn, id, part, now)?))).collect()
}

fn read(conn: &mut Conn, id: StreamId, part: Part, now: Millis) -> store::Result<Fresh> {
    Ok(match part {
        Part::Members => Fresh::Members(members::ids(conn, id)?),
        Part::Bans => {
            let host = streams::host(conn, id)?;
            let view = |ban: bans::Ban| (ban.user.id, BanView { until: ban.until, reason: ban.reason });
            Fresh::Bans(bans::active(conn, (id, host), now)?.into_iter().map(view).collect())
        }
        Part::Moderators => {
            let host = streams::host(conn, id)?;
            Fresh::Moderators(relations::all_moderators(conn, id, host)?)
        }
        Part::Terms => {
            let host = streams::host(conn, id)?;
            // A list that no longer compiles (written by a later version) must not keep the room shut.
            Fresh::Terms(TermList::build(&terms::holding(conn, (id, host))?).unwrap_or_default())
        }
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

/// Somebody's vote in the open poll.
pub(crate) fn vote_of(conn: &mut Conn, id: StreamId, user: UserId) -> store::Result<Option<(PollId, u32)>> {
    let Some(poll) = polls::open_of(conn, id)? else { return Ok(None) };
    Ok(polls::vote_of(conn, poll.id, user)?.map(|option| (poll.id, option)))
}

/// Reads an author's background.
pub(crate) fn background(
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
