//! Comments as they are read: one, by client id, in lists. A deleted one is not there.
//! It must not know who may read what.

pub(crate) mod append;
mod by_time;
mod fates;
pub(crate) mod fences;
pub(crate) mod remove;
mod search;

use super::{
    Person,
    connection::Conn,
    error::Result,
    page::{ESCAPE, Page, containing, one_more},
    schema::{comments, users},
};
use crate::domain::{
    CommentId, Millis, Role, Seq, StreamId, UserId,
    stream::words,
    text::style::{Color, Mode, Size, Style},
};
use diesel::{
    dsl::{AsSelect, InnerJoin, IntoBoxed, Select},
    prelude::*,
};

pub(crate) use self::{
    append::{Appended, Authors, NewComment, append, lock_authors},
    by_time::{Span, list_by_time},
    fates::Fate,
    remove::{delete, purge},
};

words! {
    /// Whether a comment is shown.
    pub State {
        /// In the log, for all.
        Visible = "visible",
        /// Waits for a moderator.
        Held = "held",
        /// A moderator decided against it.
        Rejected = "rejected",
    }
}

/// A comment, with its author as of now and their role as of writing.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub id: CommentId,
    pub stream_id: StreamId,
    /// Its number in the log; only what is visible has one.
    pub seq: Option<Seq>,
    /// Who wrote it.
    pub author: Person,
    /// What they were in the room.
    pub role: Role,
    pub content: String,
    /// How it flies.
    pub style: Option<Style>,
    /// What it answers.
    pub reply_to: Option<CommentId>,
    /// The client's own id for it.
    pub client_id: Option<String>,
    /// Milliseconds since the stream started; none before that.
    pub offset_ms: Option<i64>,
    /// When it was written.
    pub created_at: Millis,
    /// Whether it is shown.
    pub state: State,
    /// Whether it was written with the key of a bot.
    pub by_bot: bool,
}

/// A comment as it lies in its row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
pub(crate) struct CommentColumns {
    pub(crate) id: CommentId,
    stream_id: StreamId,
    pub(crate) seq: Option<Seq>,
    pub(crate) logged_at: Option<Millis>,
    #[diesel(embed)]
    author: Person,
    role: Role,
    content: String,
    style_mode: Option<Mode>,
    style_color: Option<i32>,
    style_size: Option<Size>,
    reply_to: Option<CommentId>,
    client_id: Option<String>,
    offset_ms: Option<i64>,
    created_at: Millis,
    state: State,
    pub(crate) deleted_at: Option<Millis>,
    by_bot: bool,
}

impl CommentColumns {
    /// What its author calls it.
    pub(crate) fn client_key(&self) -> Option<(UserId, String)> {
        Some((self.author.id, self.client_id.clone()?))
    }
}

impl From<CommentColumns> for Comment {
    fn from(row: CommentColumns) -> Self {
        let style = match (row.style_mode, row.style_color, row.style_size) {
            (Some(mode), Some(color), Some(size)) => Some(Style { mode, color: Color(color as u32), size }),
            _ => None,
        };
        Comment {
            id: row.id,
            stream_id: row.stream_id,
            seq: row.seq,
            author: row.author,
            role: row.role,
            content: row.content,
            style,
            reply_to: row.reply_to,
            client_id: row.client_id,
            offset_ms: row.offset_ms,
            created_at: row.created_at,
            state: row.state,
            by_bot: row.by_bot,
        }
    }
}

/// Comments with their authors.
pub(crate) fn joined() -> InnerJoin<comments::table, users::table> {
    comments::table.inner_join(users::table)
}

/// Which way a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    #[default]
    Desc,
    Asc,
}

/// Which comments to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub order: Order,
    /// Those whose folded text contains this.
    pub q_key: Option<String>,
    /// Those of this author.
    pub user_id: Option<UserId>,
}

/// A comment that is shown.
pub(crate) fn by_id(conn: &mut Conn, stream_id: StreamId, id: CommentId) -> Result<Option<Comment>> {
    let comment = by_id_in_any_state(conn, stream_id, id)?;
    Ok(comment.filter(|comment| comment.state == State::Visible))
}

/// A comment, shown or held or rejected.
pub(crate) fn by_id_in_any_state(
    conn: &mut Conn,
    stream_id: StreamId,
    id: CommentId,
) -> Result<Option<Comment>> {
    let row: Option<CommentColumns> = joined()
        .filter(
            comments::id.eq(id).and(comments::stream_id.eq(stream_id)).and(comments::deleted_at.is_null()),
        )
        .select(CommentColumns::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Comment::from))
}

/// What became of the comment that an account sent under this client id.
pub(crate) fn by_client_id(
    conn: &mut Conn,
    stream_id: StreamId,
    user_id: UserId,
    client_id: &str,
) -> Result<Option<Fate>> {
    let row: Option<CommentColumns> = joined()
        .filter(comments::stream_id.eq(stream_id).and(comments::user_id.eq(user_id)))
        .filter(comments::client_id.eq(client_id))
        .select(CommentColumns::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Fate::from))
}

/// When an account last wrote something in a stream, whatever became of it, and what; the text of what was deleted is empty.
pub(crate) fn last_words(
    conn: &mut Conn,
    stream_id: StreamId,
    user_id: UserId,
) -> Result<Option<(Millis, String)>> {
    Ok(comments::table
        .filter(comments::user_id.eq(user_id).and(comments::stream_id.eq(stream_id)))
        .order((comments::created_at.desc(), comments::id.desc()))
        .select((comments::created_at, comments::content))
        .first(conn)
        .optional()?)
}

/// The comments that are shown, from behind the one numbered `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    stream_id: StreamId,
    filter: &Filter,
    after: Option<Seq>,
    limit: usize,
) -> Result<Page<Comment, Seq>> {
    let at = |row: &CommentColumns| row.seq.unwrap_or_default();
    if let Some(rows) = search::list(conn, stream_id, filter, after, limit)? {
        return Ok(Page::cut(rows, limit, at).map(Comment::from));
    }
    let query = shown(stream_id, filter, limit);
    let query = match filter.user_id {
        Some(_) => search::narrowed(conn, stream_id, filter, query)?,
        None => query,
    };
    let query = match (filter.order, after) {
        (Order::Desc, Some(after)) => query.filter(comments::seq.lt(after)),
        (Order::Desc, None) => query,
        (Order::Asc, after) => query.filter(comments::seq.gt(after.unwrap_or_default())),
    };
    let rows: Vec<CommentColumns> = in_order(query, filter.order).load(conn)?;
    Ok(Page::cut(rows, limit, at).map(Comment::from))
}

/// The same query, by the numbers.
fn in_order(query: Shown<'_>, order: Order) -> Shown<'_> {
    match order {
        Order::Desc => query.order(comments::seq.desc()),
        Order::Asc => query.order(comments::seq.asc()),
    }
}

type Backend = <Conn as diesel::Connection>::Backend;
type Shown<'a> = IntoBoxed<
    'a,
    Select<InnerJoin<comments::table, users::table>, AsSelect<CommentColumns, Backend>>,
    Backend,
>;

/// The comments that are shown and wanted, in no order yet; one more than `limit`.
fn shown<'a>(stream_id: StreamId, filter: &Filter, limit: usize) -> Shown<'a> {
    let mut query = joined()
        .select(CommentColumns::as_select())
        .into_boxed()
        .filter(comments::stream_id.eq(stream_id).and(comments::seq.is_not_null()))
        .filter(comments::deleted_at.is_null())
        .limit(one_more(limit));
    if let Some(q_key) = &filter.q_key {
        query = query.filter(comments::search_key.like(containing(q_key)).escape(ESCAPE));
    }
    if let Some(user_id) = filter.user_id {
        query = query.filter(comments::user_id.eq(user_id));
    }
    query
}

/// The newest `count` comments that are shown, oldest first.
pub(crate) fn last(conn: &mut Conn, stream_id: StreamId, count: usize) -> Result<Vec<Comment>> {
    let mut newest = list(conn, stream_id, &Filter::default(), None, count)?.items;
    newest.reverse();
    Ok(newest)
}
