//! The record of what was done by whose hand. It is only ever added to.
//! It must not know which acts are recorded.

use crate::{
    domain::{KeyId, Login, Millis, SessionId, StreamId, UserId},
    store::{
        connection::Conn,
        error::Result,
        page::{Page, one_more},
        schema::audit,
        transaction::Tx,
    },
};
use diesel::prelude::*;
use uuid::Uuid;

/// An act on record.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub(crate) struct Entry {
    /// Its id, by time.
    pub id: String,
    pub at: Millis,
    /// Who; `None` for nobody who is known, or the server itself.
    pub actor_id: Option<UserId>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// From which address.
    pub ip: Option<String>,
    pub action: String,
    /// In which stream.
    pub stream_id: Option<StreamId>,
    /// To whom or what.
    pub target: Option<String>,
    /// What came of it.
    pub outcome: String,
    pub reason: Option<String>,
    /// With which key.
    pub key_id: Option<KeyId>,
}

/// An act to be put on record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct NewEntry {
    pub actor_id: Option<UserId>,
    /// With which session or key.
    pub login: Option<Login>,
    /// From which address.
    pub ip: Option<String>,
    pub action: &'static str,
    /// In which stream.
    pub stream_id: Option<StreamId>,
    /// To whom or what.
    pub target: Option<String>,
    /// What came of it.
    pub outcome: &'static str,
    pub reason: Option<String>,
}

/// Puts an act on record.
pub(crate) fn append(tx: &mut Tx, new: &NewEntry, now: Millis) -> Result<()> {
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(Uuid::now_v7().to_string()),
            audit::at.eq(now),
            audit::actor_id.eq(new.actor_id.map(|id| id.to_string())),
            audit::session_id.eq(new.login.and_then(Login::session).map(|id| id.to_string())),
            audit::ip.eq(&new.ip),
            audit::action.eq(new.action),
            audit::stream_id.eq(new.stream_id.map(|id| id.to_string())),
            audit::target.eq(&new.target),
            audit::outcome.eq(new.outcome),
            audit::reason.eq(&new.reason),
            audit::key_id.eq(new.login.and_then(Login::key).map(|id| id.to_string())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The acts in a stream, latest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    stream_id: StreamId,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<Entry, String>> {
    let mut query = audit::table
        .filter(audit::stream_id.eq(stream_id))
        .order(audit::id.desc())
        .limit(one_more(limit))
        .select(Entry::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(audit::id.lt(after));
    }
    let rows: Vec<Entry> = query.load(conn)?;
    Ok(Page::cut(rows, limit, |entry| entry.id.clone()))
}

/// Which acts to find; none of a member is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub actor: Option<UserId>,
    /// One act, or all whose names begin so, where it ends with a dot.
    pub action: Option<String>,
    pub outcome: Option<String>,
    pub stream_id: Option<StreamId>,
    pub target: Option<String>,
}

/// The acts of the whole site that a filter lets through, latest first, from behind `after` on.
pub(crate) fn search(
    conn: &mut Conn,
    filter: &Filter,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<Entry, String>> {
    let mut query =
        audit::table.order(audit::id.desc()).limit(one_more(limit)).select(Entry::as_select()).into_boxed();
    if let Some(actor) = filter.actor {
        query = query.filter(audit::actor_id.eq(actor.to_string()));
    }
    if let Some(action) = &filter.action {
        query = match action.ends_with('.') {
            true => query.filter(audit::action.ge(action).and(audit::action.lt(format!("{action}~")))),
            false => query.filter(audit::action.eq(action)),
        };
    }
    if let Some(outcome) = &filter.outcome {
        query = query.filter(audit::outcome.eq(outcome));
    }
    if let Some(stream_id) = filter.stream_id {
        query = query.filter(audit::stream_id.eq(stream_id));
    }
    if let Some(target) = &filter.target {
        query = query.filter(audit::target.eq(target));
    }
    if let Some(after) = after {
        query = query.filter(audit::id.lt(after));
    }
    Ok(Page::cut(query.load(conn)?, limit, |entry: &Entry| entry.id.clone()))
}

/// The last acts of all, in the order of their happening.
pub(crate) fn last(conn: &mut Conn, limit: usize) -> Result<Vec<Entry>> {
    let query = audit::table.order(audit::id.desc()).limit(limit.try_into().unwrap_or(i64::MAX));
    let mut rows: Vec<Entry> = query.select(Entry::as_select()).load(conn)?;
    rows.reverse();
    Ok(rows)
}
