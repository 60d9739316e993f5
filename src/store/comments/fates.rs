//! What became of comments: of one that has been stored, and of those that an account had sent before, which count once.
//! It must not store any.

use super::{CommentColumns, State, by_client_id, joined};
use crate::{
    domain::{CommentId, StreamId, UserId},
    store::{Comment, connection::Conn, error::Result, schema::comments, transaction::Tx},
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// What became of a comment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// It is in the log.
    Visible(Box<Comment>),
    /// It waits for a moderator.
    Held(CommentId),
    /// A moderator decided against it.
    Rejected(CommentId),
    /// It was stored, and deleted since.
    Deleted,
}

impl From<CommentColumns> for Fate {
    fn from(row: CommentColumns) -> Self {
        match row.deleted_at {
            Some(_) => Fate::Deleted,
            None => Comment::from(row).into(),
        }
    }
}

impl From<Comment> for Fate {
    fn from(comment: Comment) -> Self {
        match comment.state {
            State::Visible => Fate::Visible(Box::new(comment)),
            State::Held => Fate::Held(comment.id),
            State::Rejected => Fate::Rejected(comment.id),
        }
    }
}

/// What one account calls one comment.
pub(super) type Key<'a> = (UserId, &'a str);

/// What became of these, as far as they had been sent before.
pub(super) fn known_fates<'a>(
    tx: &mut Tx,
    stream_id: StreamId,
    asked: HashSet<Key<'a>>,
) -> Result<HashMap<Key<'a>, Fate>> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    if matches!(tx.conn(), Conn::Sqlite(_)) {
        let known = asked.into_iter().filter_map(|(user_id, client_id)| {
            let known = by_client_id(tx, stream_id, user_id, client_id).transpose()?;
            Some(known.map(|fate| ((user_id, client_id), fate)))
        });
        return known.collect();
    }
    let users: HashSet<String> = asked.iter().map(|(user_id, _)| user_id.to_string()).collect();
    let client_ids: HashSet<&str> = asked.iter().map(|(_, client_id)| *client_id).collect();
    let rows: Vec<CommentColumns> = joined()
        .filter(comments::stream_id.eq(stream_id))
        .filter(comments::user_id.eq_any(users).and(comments::client_id.eq_any(client_ids)))
        .select(CommentColumns::as_select())
        .load(tx.conn())?;
    let mut found: HashMap<(UserId, String), Fate> =
        rows.into_iter().filter_map(|row| Some((row.client_key()?, Fate::from(row)))).collect();
    let fates = asked.into_iter().filter_map(|(user_id, client_id)| {
        let fate = found.remove(&(user_id, client_id.to_owned()))?;
        Some(((user_id, client_id), fate))
    });
    Ok(fates.collect())
}
