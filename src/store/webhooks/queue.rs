//! What a webhook is told next, and which webhooks there is something for. Of a log the place alone is found here.
//! It must not know how it is told.

use super::{
    is_right_of,
    notices::{self, Waiting},
    rows::{Subject, Webhook},
};
use crate::{
    domain::{
        CommentId, Millis, NoticeId, Seq, StreamId, UserId, WebhookId,
        webhook::{EventName, WantedEvents, WebhookScope},
    },
    store::{
        User,
        comments::State,
        connection::Conn,
        database::meta,
        error::Result,
        schema::{comments, events, reports, streams, users, webhook_cursors, webhook_notices, webhooks},
    },
};
use diesel::{dsl::exists, prelude::*};

/// Most places behind which webhooks are that one look finds; the next finds the rest.
const FOUND_MAX: i64 = 10_000;
/// What takes the place of an event in the log, by what it was.
const BURIED: &[(EventName, &str)] = &[(EventName::AnnouncementCreated, "announcement.tombstone")];
/// What stands in the log as an event of its own; comments have their own table.
const IN_LOG: &[EventName] = &[
    EventName::StreamUpdated,
    EventName::StreamStarted,
    EventName::StreamEnded,
    EventName::CommentDeleted,
    EventName::CommentsPurged,
    EventName::ViewerBanned,
    EventName::ViewerUnbanned,
    EventName::AnnouncementCreated,
    EventName::PollClosed,
];

/// What there is for a webhook.
pub(crate) enum Next {
    /// It is gone, or disabled.
    Stopped,
    /// Its owner has not the right any more.
    RightLost,
    /// It fails, and is not tried before.
    Fails(Millis),
    /// Something that stands in no log.
    Notice(Box<Webhook>, Waiting),
    /// A place in the log that was asked about.
    Place { webhook: Box<Webhook>, stream: StreamId, seq: Seq },
    /// Nothing in that log up to there.
    Nothing(Seq),
    /// No notice, and no log was asked about.
    Idle,
}

/// What a webhook has had that is not stored yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Had {
    pub notices: Vec<NoticeId>,
    /// How far it is in the log that is asked about, where it is further than is stored.
    pub seq: Option<Seq>,
}

/// What a webhook is told next: notices before logs, so that nobody hears of a stream before they hear that there is one.
pub(crate) fn next(
    conn: &mut Conn,
    id: WebhookId,
    stream: Option<StreamId>,
    had: &Had,
    now: Millis,
) -> Result<Next> {
    let row: Option<(Webhook, User)> = webhooks::table
        .inner_join(users::table)
        .filter(webhooks::id.eq(id).and(webhooks::enabled.eq(true)))
        .select((Webhook::as_select(), User::as_select()))
        .first(conn)
        .optional()?;
    let Some((webhook, owner)) = row else { return Ok(Next::Stopped) };
    if !is_right_of(&owner, webhook.scope) {
        return Ok(Next::RightLost);
    }
    let until = webhook.next_at.filter(|at| *at > now);
    if let Some(waiting) = notices::first(conn, id, &had.notices, until.is_some())? {
        return Ok(Next::Notice(webhook.into(), waiting));
    }
    match (until, stream) {
        (Some(until), _) => Ok(Next::Fails(until)),
        (None, None) => Ok(Next::Idle),
        (None, Some(stream)) => place(conn, webhook, stream, had.seq),
    }
}

fn place(conn: &mut Conn, webhook: Webhook, stream: StreamId, had: Option<Seq>) -> Result<Next> {
    let head: Option<Seq> = streams::table.find(stream).select(streams::last_seq).first(conn).optional()?;
    let Some(head) = head else { return Ok(Next::Nothing(Seq(0))) };
    let stored: Option<Seq> = webhook_cursors::table
        .find((webhook.id, stream))
        .select(webhook_cursors::seq)
        .first(conn)
        .optional()?;
    let after = stored.unwrap_or(Seq(0)).max(had.unwrap_or(Seq(0)));
    let said = first_comment(conn, &webhook.events, stream, after)?;
    let happened = first_event(conn, &webhook.events, stream, after)?;
    Ok(match said.into_iter().chain(happened).min() {
        Some(seq) => Next::Place { webhook: webhook.into(), stream, seq },
        None => Next::Nothing(head),
    })
}

fn first_comment(
    conn: &mut Conn,
    wanted: &WantedEvents,
    stream: StreamId,
    after: Seq,
) -> Result<Option<Seq>> {
    if !wanted.has(EventName::CommentCreated) {
        return Ok(None);
    }
    let behind = comments::table.filter(comments::stream_id.eq(stream).and(comments::seq.gt(after)));
    let first: Option<Option<Seq>> =
        behind.order(comments::seq.asc()).select(comments::seq).first(conn).optional()?;
    Ok(first.flatten())
}

fn first_event(conn: &mut Conn, wanted: &WantedEvents, stream: StreamId, after: Seq) -> Result<Option<Seq>> {
    let buried = BURIED.iter().filter(|(event, _)| wanted.has(*event)).map(|(_, kind)| *kind);
    let kinds: Vec<&str> =
        IN_LOG.iter().filter(|event| wanted.has(**event)).map(|event| event.as_str()).chain(buried).collect();
    if kinds.is_empty() {
        return Ok(None);
    }
    // What holds in the whole channel is told once, by a notice.
    let behind = events::table
        .filter(events::stream_id.eq(stream).and(events::seq.gt(after)))
        .filter(events::of_channel.eq(false).and(events::kind.eq_any(kinds)));
    Ok(behind.order(events::seq.asc()).select(events::seq).first(conn).optional()?)
}

/// A webhook at work, as far as it must be known to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AtWork {
    pub id: WebhookId,
    pub owner: UserId,
    pub scope: WebhookScope,
    /// Whether its owner has lost the right to it.
    pub has_lost: bool,
    /// Whether it does not wait for its next try.
    pub is_due: bool,
}

/// All webhooks that are enabled.
pub(crate) fn at_work(conn: &mut Conn) -> Result<Vec<AtWork>> {
    let now = Millis::now();
    let rows: Vec<(WebhookId, WebhookScope, Option<Millis>, User)> = webhooks::table
        .inner_join(users::table)
        .filter(webhooks::enabled.eq(true))
        .select((webhooks::id, webhooks::scope, webhooks::next_at, User::as_select()))
        .load(conn)?;
    let at_work = rows.into_iter().map(|(id, scope, next_at, owner)| AtWork {
        id,
        owner: owner.id,
        scope,
        has_lost: !is_right_of(&owner, scope),
        is_due: next_at.is_none_or(|at| at <= now),
    });
    Ok(at_work.collect())
}

/// A webhook that has notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub(crate) struct Notified {
    pub webhook: WebhookId,
    /// Whether one of them is tried at once.
    pub at_once: bool,
}

/// The webhooks that have notices.
pub(crate) fn with_notices(conn: &mut Conn) -> Result<Vec<Notified>> {
    let theirs = || webhook_notices::table.filter(webhook_notices::webhook_id.eq(webhooks::id));
    let at_once = exists(theirs().filter(webhook_notices::once.eq(true)));
    let at_work = webhooks::table.filter(webhooks::enabled.eq(true).and(exists(theirs())));
    Ok(at_work.select((webhooks::id, at_once)).load(conn)?)
}

/// Whose each of these streams is, and how far it has come.
pub(crate) fn hosts(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<(StreamId, UserId, Seq)>> {
    let ids = ids.iter().map(StreamId::to_string);
    let found = streams::table.filter(streams::id.eq_any(ids));
    Ok(found.select((streams::id, streams::host_id, streams::last_seq)).load(conn)?)
}

/// A log of which a webhook has not had all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct Behind {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub webhook: WebhookId,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub stream: StreamId,
    /// The last of that log.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub head: Seq,
}

/// Which webhooks are behind in which logs: a look at all streams that they hear of, or at those that are not over.
pub(crate) fn behind(conn: &mut Conn, of_all: bool) -> Result<Vec<Behind>> {
    let which_streams = if of_all { "" } else { "AND streams.status <> 'ended'" };
    let mut found = Vec::new();
    for (scope, which) in [("channel", "streams.host_id = webhooks.owner_id"), ("site", "TRUE")] {
        let query = format!(
            "SELECT webhooks.id AS webhook, streams.id AS stream, streams.last_seq AS head \
             FROM webhooks JOIN streams ON {which} \
             LEFT JOIN webhook_cursors ON webhook_cursors.webhook_id = webhooks.id AND webhook_cursors.stream_id = streams.id \
             WHERE webhooks.enabled AND webhooks.scope = '{scope}' AND streams.last_seq > COALESCE(webhook_cursors.seq, 0) {which_streams} \
             LIMIT {FOUND_MAX}"
        );
        found.extend(diesel::sql_query(query).load::<Behind>(conn)?);
    }
    Ok(found)
}

/// Why nothing of a comment may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    Deleted(Millis),
    /// It was held, and a moderator decided against it.
    Rejected,
}

/// How a comment is gone; none where it is there, or its stream is gone.
pub(crate) fn comment_gone(conn: &mut Conn, id: CommentId) -> Result<Option<Gone>> {
    let row = comments::table.find(id).select((comments::deleted_at, comments::state));
    let found: Option<(Option<Millis>, State)> = row.first(conn).optional()?;
    Ok(found.and_then(|(deleted_at, state)| match (deleted_at, state) {
        (Some(at), _) => Some(Gone::Deleted(at)),
        (None, State::Rejected) => Some(Gone::Rejected),
        (None, _) => None,
    }))
}

/// An account, unless it was deleted.
pub(crate) fn account(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let there = users::table.filter(users::id.eq(id).and(users::deleted_at.is_null()));
    Ok(there.select(User::as_select()).first(conn).optional()?)
}

/// Why somebody reported a comment, where they said.
pub(crate) fn reason(conn: &mut Conn, comment: CommentId, reporter: UserId) -> Result<Option<String>> {
    let row = reports::table.find((comment, reporter)).select(reports::reason);
    let reason: Option<Option<String>> = row.first(conn).optional()?;
    Ok(reason.flatten())
}

/// A place of a log as something that is told: its id is the same on every try, and another in another epoch.
pub(crate) fn subject_of(conn: &mut Conn, stream: StreamId, seq: Seq) -> Result<Subject> {
    let epoch = meta::epoch(conn)?.replace('-', "");
    let message = format!("evt_{}_{seq}_{epoch}", stream.0.simple());
    Ok(Subject { seq: Some(seq), ..Subject::named(message, "", Millis(0)).in_stream(stream) })
}
