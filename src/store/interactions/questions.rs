//! Questions to the host, and who else wants to know.
//! It must not know how they are answered.

use crate::{
    domain::{Millis, QuestionId, StreamId, UserId},
    store::{
        Person,
        connection::{Conn, each},
        error::{Error, Result},
        events::{self, NewEvent},
        page::{Page, one_more},
        schema::{question_votes, questions, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub id: QuestionId,
    pub user: Person,
    /// Whether it was asked with the key of a bot.
    pub by_bot: bool,
    /// What is asked.
    pub content: String,
    /// How many others want to know.
    pub votes: i64,
    /// When it was asked.
    pub created_at: Millis,
    /// When it was answered.
    pub answered_at: Option<Millis>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = questions)]
struct QuestionColumns {
    id: QuestionId,
    #[diesel(embed)]
    user: Person,
    content: String,
    created_at: Millis,
    answered_at: Option<Millis>,
    by_bot: bool,
}

/// Asks; with the name of who asks goes whether it is a bot.
/// Errors: [`crate::store::Conflict::Dangling`] where the stream is gone.
pub(crate) fn create(
    tx: &mut Tx,
    stream_id: StreamId,
    id: QuestionId,
    (user_id, by_bot): (UserId, bool),
    content: &str,
    now: Millis,
) -> Result<Question> {
    diesel::insert_into(questions::table)
        .values((
            questions::id.eq(id),
            questions::stream_id.eq(stream_id),
            questions::user_id.eq(user_id),
            questions::content.eq(content),
            questions::created_at.eq(now),
            questions::by_bot.eq(by_bot),
        ))
        .execute(tx.conn())?;
    by_id(tx, stream_id, id)?.ok_or(Error::NotFound)
}

pub(crate) fn by_id(conn: &mut Conn, stream_id: StreamId, id: QuestionId) -> Result<Option<Question>> {
    let rows = questions::table
        .inner_join(users::table)
        .filter(questions::id.eq(id).and(questions::stream_id.eq(stream_id)))
        .filter(questions::deleted_at.is_null())
        .select(QuestionColumns::as_select())
        .load(conn)?;
    Ok(with_votes(conn, rows)?.pop())
}

/// Wants to know too; `false` where the account did before.
/// Errors: [`Error::NotFound`] where the stream has no such question, or it was answered.
pub(crate) fn vote(tx: &mut Tx, stream_id: StreamId, id: QuestionId, user_id: UserId) -> Result<bool> {
    let question = by_id(tx, stream_id, id)?.ok_or(Error::NotFound)?;
    if question.answered_at.is_some() {
        return Err(Error::NotFound);
    }
    let row = (question_votes::question_id.eq(id), question_votes::user_id.eq(user_id));
    let inserted = each!(tx.conn(), conn => diesel::insert_into(question_votes::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(inserted > 0)
}

/// Marks a question answered. `None` where it was before.
/// Errors: [`Error::NotFound`] where the stream has no such question.
pub(crate) fn answered(
    tx: &mut Tx,
    stream_id: StreamId,
    id: QuestionId,
    now: Millis,
) -> Result<Option<Question>> {
    let open = questions::table
        .filter(questions::id.eq(id).and(questions::stream_id.eq(stream_id)))
        .filter(questions::answered_at.is_null().and(questions::deleted_at.is_null()));
    let changed = diesel::update(open).set(questions::answered_at.eq(now)).execute(tx.conn())?;
    let question = by_id(tx, stream_id, id)?.ok_or(Error::NotFound)?;
    Ok((changed > 0).then_some(question))
}

/// The questions that are not answered, newest first, from behind `after` on.
pub(crate) fn open(
    conn: &mut Conn,
    stream_id: StreamId,
    after: Option<QuestionId>,
    limit: usize,
) -> Result<Page<Question, QuestionId>> {
    let mut query = questions::table
        .inner_join(users::table)
        .filter(questions::stream_id.eq(stream_id).and(questions::answered_at.is_null()))
        .filter(questions::deleted_at.is_null())
        .order(questions::id.desc())
        .limit(one_more(limit))
        .select(QuestionColumns::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(questions::id.lt(after));
    }
    let rows: Vec<QuestionColumns> = query.load(conn)?;
    let page = Page::cut(rows, limit, |row| row.id);
    Ok(Page { items: with_votes(conn, page.items)?, next: page.next })
}

/// Empties all that an account asked in a stream; what each event that showed it becomes is said by `tombstone`. How many.
pub(crate) fn purge(
    tx: &mut Tx,
    stream_id: StreamId,
    user_id: UserId,
    now: Millis,
    tombstone: &dyn Fn(QuestionId) -> NewEvent,
) -> Result<usize> {
    let asked: Vec<QuestionId> = questions::table
        .filter(questions::user_id.eq(user_id).and(questions::stream_id.eq(stream_id)))
        .filter(questions::deleted_at.is_null())
        .select(questions::id)
        .load(tx.conn())?;
    for &id in &asked {
        diesel::update(questions::table.find(id))
            .set((questions::deleted_at.eq(now), questions::content.eq("")))
            .execute(tx.conn())?;
        events::bury_question(tx, id, &tombstone(id))?;
    }
    Ok(asked.len())
}

/// When an account last asked something in a stream, and what; the text of what was deleted is empty.
pub(crate) fn last_words(
    conn: &mut Conn,
    stream_id: StreamId,
    user_id: UserId,
) -> Result<Option<(Millis, String)>> {
    Ok(questions::table
        .filter(questions::user_id.eq(user_id).and(questions::stream_id.eq(stream_id)))
        .order((questions::created_at.desc(), questions::id.desc()))
        .select((questions::created_at, questions::content))
        .first(conn)
        .optional()?)
}

fn with_votes(conn: &mut Conn, rows: Vec<QuestionColumns>) -> Result<Vec<Question>> {
    let ids = rows.iter().map(|row| row.id.to_string());
    let votes: Vec<(QuestionId, i64)> = question_votes::table
        .filter(question_votes::question_id.eq_any(ids))
        .group_by(question_votes::question_id)
        .select((question_votes::question_id, diesel::dsl::count_star()))
        .load(conn)?;
    let votes: HashMap<QuestionId, i64> = votes.into_iter().collect();
    let question = |row: QuestionColumns| Question {
        votes: votes.get(&row.id).copied().unwrap_or(0),
        id: row.id,
        user: row.user,
        by_bot: row.by_bot,
        content: row.content,
        created_at: row.created_at,
        answered_at: row.answered_at,
    };
    Ok(rows.into_iter().map(question).collect())
}
