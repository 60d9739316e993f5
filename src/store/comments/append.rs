//! How comments come: numbered and counted in the transaction that stores them.
//! It must not know whether a comment may be said; that was judged before.

use super::{
    State,
    fates::{Fate, Key, known_fates},
    fences::{Fenced, Fences, Kind, Saying, Spoken},
};
#[cfg(feature = "postgres")]
use crate::store::postgres::clock;
use crate::{
    domain::{CommentId, Millis, Role, RulesVersion, Seq, Status, StreamId, UserId, text::style::Style},
    store::{
        Comment, Person,
        connection::{Conn, each},
        error::Result,
        schema::{comments, streams, users},
        streams::lock::{OpenStream, lock_stream},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A comment to be.
#[derive(Clone, Debug)]
pub(crate) struct NewComment {
    pub id: CommentId,
    /// Who writes it.
    pub author: Person,
    /// Whether it is written with the key of a bot.
    pub by_bot: bool,
    /// What they are in the room.
    pub role: Role,
    pub content: String,
    /// The text, folded for searching.
    pub search_key: String,
    /// How it flies.
    pub style: Option<Style>,
    /// What it answers.
    pub reply_to: Option<CommentId>,
    /// The client's own id for it.
    pub client_id: Option<String>,
    /// When it was written.
    pub created_at: Millis,
    /// Whether it waits for a moderator.
    pub held: bool,
    /// The version of the rules it was judged by.
    pub rules: RulesVersion,
    /// What its author is held to over all nodes; `None` for staff.
    pub fences: Option<Fences>,
}

/// What [`append`] did with one comment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Appended {
    New(Fate),
    /// The account had sent this client id before; this is the first one's fate.
    Duplicate(Fate),
    /// Not stored: what it was judged by has changed.
    JudgeAgain,
    /// Not stored: its author has said too much, or the same, on another node.
    Fenced(Fenced),
    /// Not stored: the stream is over.
    StreamEnded,
    /// Not stored: the account is disabled or deleted.
    NoAccount,
}

/// Stores comments of one stream in their order: numbers, counts and dedups them. When they got their numbers, and one answer
/// for each, in the same order. A comment that cannot be stored does not fail the others.
/// Errors: [`crate::store::Error::NotFound`] where the stream is gone.
pub(crate) fn append(
    tx: &mut Tx,
    stream_id: StreamId,
    now: Millis,
    new: &[&NewComment],
    authors: &Authors,
) -> Result<(Millis, Vec<Appended>)> {
    let stream = lock_stream(tx, stream_id)?;
    let mut known = known_fates(tx, stream_id, new.iter().copied().filter_map(key).collect())?;
    let is_to_be_stored = |new: &NewComment, known: &HashMap<_, _>| {
        stream.status != Status::Ended
            && stream.holds(new.rules)
            && authors.name_of(new).is_some()
            && !key(new).is_some_and(|key| known.contains_key(&key))
    };

    // Within a batch, too, the first of a client id counts.
    let mut seen = HashSet::new();
    let fresh: Vec<&NewComment> = new
        .iter()
        .copied()
        .filter(|new| is_to_be_stored(new, &known) && key(new).is_none_or(|key| seen.insert(key)))
        .collect();
    let (fresh, fenced) = held_to_fences(tx, stream_id, fresh)?;
    let (at, stored) = store(tx, stream_id, &stream, now, &fresh, authors)?;

    let mut stored = stored.into_iter().peekable();
    let answers = new.iter().map(|new| {
        if let Some(comment) = stored.next_if(|comment| comment.id == new.id) {
            let fate = Fate::from(comment);
            known.extend(key(new).map(|key| (key, fate.clone())));
            Appended::New(fate)
        } else if let Some(fate) = key(new).and_then(|key| known.get(&key)) {
            Appended::Duplicate(fate.clone())
        } else if authors.name_of(new).is_none() {
            Appended::NoAccount
        } else if stream.status == Status::Ended {
            Appended::StreamEnded
        } else {
            fenced.get(&new.id).map_or(Appended::JudgeAgain, |fenced| Appended::Fenced(*fenced))
        }
    });
    Ok((at, answers.collect()))
}

/// Those that pass, in their order; and what is in the way of the others.
fn held_to_fences<'a>(
    tx: &mut Tx,
    stream_id: StreamId,
    new: Vec<&'a NewComment>,
) -> Result<(Vec<&'a NewComment>, HashMap<CommentId, Fenced>)> {
    let sayings: Vec<Saying> = new.iter().filter_map(|new| saying(new)).collect();
    let mut spoken = Spoken::read(tx, stream_id, &sayings)?;
    let mut fenced = HashMap::new();
    let mut passes = |new: &&NewComment| match saying(new).map_or(Ok(()), |saying| spoken.pass(&saying)) {
        Ok(()) => true,
        Err(in_the_way) => {
            fenced.insert(new.id, in_the_way);
            false
        }
    };
    let passed = new.into_iter().filter(&mut passes).collect();
    Ok((passed, fenced))
}

fn saying(new: &NewComment) -> Option<Saying<'_>> {
    let NewComment { author, search_key: key, created_at: at, .. } = new;
    new.fences.map(|fences| Saying { kind: Kind::Comment, author: author.id, key, at: *at, fences })
}

/// What one account calls one comment.
fn key(new: &NewComment) -> Option<Key<'_>> {
    new.client_id.as_deref().map(|client_id| (new.author.id, client_id))
}

/// Authors whose accounts stay as they are until the end of the transaction.
pub(crate) struct Authors(HashMap<UserId, String>);

impl Authors {
    /// The shown name of a comment's author; none where the account is disabled or deleted.
    fn name_of(&self, new: &NewComment) -> Option<&str> {
        self.0.get(&new.author.id).map(String::as_str)
    }
}

/// Holds the accounts of these authors, in the order of their ids. To be called once for all streams of a transaction, before
/// any stream is held: whoever holds both takes them in this order, so that nobody waits in a circle.
pub(crate) fn lock_authors<'a>(tx: &mut Tx, new: impl Iterator<Item = &'a NewComment>) -> Result<Authors> {
    let mut ids: Vec<String> = new.map(|new| new.author.id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    let is_active = users::disabled_at.is_null().and(users::deleted_at.is_null());
    let columns = (users::id, users::display_name, is_active);
    let authors: Vec<(UserId, String, bool)> = match tx.conn() {
        // A query for each: one with a list in it is prepared anew every time. SQLite is in this process, so that many cost little.
        Conn::Sqlite(conn) => ids
            .iter()
            .filter_map(|id| users::table.find(id).select(columns).first(conn).optional().transpose())
            .collect::<QueryResult<_>>()?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => users::table
            .filter(users::id.eq_any(ids))
            .order(users::id)
            .select(columns)
            .for_share()
            .load(conn)?,
    };
    let active = authors.into_iter().filter(|(.., is_active)| *is_active);
    Ok(Authors(active.map(|(id, name, _)| (id, name)).collect()))
}

#[derive(Insertable)]
#[diesel(table_name = comments, treat_none_as_default_value = false)]
struct Row<'a> {
    id: CommentId,
    stream_id: StreamId,
    seq: Option<i64>,
    logged_at: Option<i64>,
    user_id: UserId,
    role: &'static str,
    content: &'a str,
    search_key: &'a str,
    style_mode: Option<&'static str>,
    style_color: Option<i32>,
    style_size: Option<&'static str>,
    reply_to: Option<String>,
    client_id: Option<&'a str>,
    offset_ms: Option<i64>,
    created_at: i64,
    state: &'static str,
    by_bot: bool,
}

/// Rows an INSERT to PostgreSQL, which limits its parameters to 65,535. SQLite, a call away, gets one row each time, by a
/// statement that stays prepared.
const ROWS_PER_INSERT: usize = 512;

fn store(
    tx: &mut Tx,
    stream_id: StreamId,
    stream: &OpenStream,
    now: Millis,
    new: &[&NewComment],
    authors: &Authors,
) -> Result<(Millis, Vec<Comment>)> {
    if new.is_empty() {
        return Ok((now, Vec::new()));
    }
    let visible = new.iter().filter(|new| !new.held).count();
    let Numbers { first: mut next, at } = match visible {
        0 => Numbers { first: Seq(0), at: now },
        _ => number_comments(tx, stream_id, visible, now)?,
    };
    let stored = |new: &&NewComment| stored(new, authors.name_of(new), stream_id, stream, &mut next);
    let comments: Vec<Comment> = new.iter().map(stored).collect();
    let rows: Vec<Row> = new.iter().zip(&comments).map(|(new, comment)| row(new, comment, at)).collect();
    let at_once = if matches!(tx.conn(), Conn::Sqlite(_)) { 1 } else { ROWS_PER_INSERT };
    for rows in rows.chunks(at_once) {
        insert(tx.conn(), rows)?;
    }
    Ok((at, comments))
}

/// Numbers of a stream's log for comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    first: Seq,
    /// When they were given.
    at: Millis,
}

/// Takes numbers for so many comments of a stream that is held, which are counted, and dates them by the database's clock where
/// several nodes write; else by `now`, which is this node's.
fn number_comments(tx: &mut Tx, stream_id: StreamId, count: usize, now: Millis) -> Result<Numbers> {
    let count = count as i64;
    let taken = diesel::update(streams::table.find(stream_id)).set((
        streams::last_seq.eq(streams::last_seq + count),
        streams::comment_count.eq(streams::comment_count + count),
    ));
    let (last, at): (i64, Millis) = match tx.conn() {
        Conn::Sqlite(conn) => (taken.returning(streams::last_seq).get_result(conn)?, now),
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => {
            let (last, at) =
                taken.returning((streams::last_seq, clock::clock_timestamp())).get_result(conn)?;
            (last, clock::millis(at))
        }
    };
    Ok(Numbers { first: Seq(last - count + 1), at })
}

fn insert(conn: &mut Conn, rows: &[Row]) -> Result<()> {
    // One row alone keeps the same text, so that it stays prepared.
    match rows {
        [row] => diesel::insert_into(comments::table).values(row).execute(conn)?,
        rows => each!(conn, conn => diesel::insert_into(comments::table).values(rows).execute(conn))?,
    };
    Ok(())
}

pub(crate) fn add_to_count(tx: &mut Tx, stream_id: StreamId, change: i64) -> Result<()> {
    diesel::update(streams::table.find(stream_id))
        .set(streams::comment_count.eq(streams::comment_count + change))
        .execute(tx.conn())?;
    Ok(())
}

fn stored(
    new: &NewComment,
    name: Option<&str>,
    stream_id: StreamId,
    stream: &OpenStream,
    next: &mut Seq,
) -> Comment {
    let display_name = name.unwrap_or(&new.author.display_name).to_owned();
    let seq = (!new.held).then(|| std::mem::replace(next, next.next()));
    Comment {
        id: new.id,
        stream_id,
        seq,
        author: Person { display_name, ..new.author.clone() },
        role: new.role,
        content: new.content.clone(),
        style: new.style,
        reply_to: new.reply_to,
        client_id: new.client_id.clone(),
        offset_ms: seq.and_then(|_| stream.offset_ms(new.created_at)),
        created_at: new.created_at,
        state: if new.held { State::Held } else { State::Visible },
        by_bot: new.by_bot,
    }
}

fn row<'a>(new: &'a NewComment, stored: &Comment, at: Millis) -> Row<'a> {
    Row {
        id: stored.id,
        stream_id: stored.stream_id,
        seq: stored.seq.map(|seq| seq.0),
        logged_at: stored.seq.map(|_| at.0),
        user_id: stored.author.id,
        role: stored.role.as_str(),
        content: &new.content,
        search_key: &new.search_key,
        style_mode: stored.style.map(|style| style.mode.as_str()),
        style_color: stored.style.map(|style| style.color.0 as i32),
        style_size: stored.style.map(|style| style.size.as_str()),
        reply_to: stored.reply_to.map(|id| id.to_string()),
        client_id: new.client_id.as_deref(),
        offset_ms: stored.offset_ms,
        created_at: stored.created_at.0,
        state: stored.state.as_str(),
        by_bot: stored.by_bot,
    }
}
