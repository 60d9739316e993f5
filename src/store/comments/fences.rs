//! The fence: pace, slow mode and repeats once more, in the transaction that stores what is said, by all that the author has
//! said there on any node. It must not know the rules: it compares with the numbers it is given, and others have the words.

use crate::{
    domain::{Millis, StreamId, UserId, rate::Rate},
    store::{connection::Conn, error::Result, transaction::Tx},
};
use std::collections::HashMap;

/// What an author is held to over all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fences {
    /// How far apart what they say must be, in milliseconds; 0 for no slow mode.
    pub slow_mode_ms: i64,
    /// For how many milliseconds the same may not be said again; 0 where it may.
    pub repeat_ms: i64,
    /// How often they may comment, and ask as often again.
    pub pace: Option<Rate>,
}

/// Which of them was in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    SlowMode,
    Repeated,
    TooFast,
}

/// Something is not stored, because of what its author has said elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fenced {
    pub by: Fence,
    /// When it would pass, in milliseconds.
    pub retry_after_ms: i64,
}

/// What can be said, each with a pace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Comment,
    Question,
}

/// Something to be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    pub kind: Kind,
    pub author: UserId,
    /// The folded text.
    pub key: &'a str,
    /// By the clock of the node that judged it, as it will stand in the row.
    pub at: Millis,
    pub fences: Fences,
}

/// What was said, as far as it matters.
struct Said {
    kind: Kind,
    at: Millis,
    key: String,
}

/// What some authors have said in a stream lately. Held and deleted ones count, too.
pub(crate) struct Spoken {
    /// Oldest first; `None` where no other server writes, so that the room knows all there is to know.
    by_author: Option<HashMap<UserId, Vec<Said>>>,
}

impl Spoken {
    /// Reads it, once for all authors. The stream must be held, so that nobody adds to it before the transaction ends.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    pub(crate) fn read(tx: &mut Tx, stream_id: StreamId, sayings: &[Saying]) -> Result<Spoken> {
        let by_author = match tx.conn() {
            Conn::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Conn::Postgres(conn) => Some(rows::of_authors(conn, stream_id, sayings)?),
        };
        Ok(Spoken { by_author })
    }

    /// Lets something pass, which counts as said from here on; or says what is in the way.
    pub(crate) fn pass(&mut self, saying: &Saying) -> Result<(), Fenced> {
        let Some(by_author) = &mut self.by_author else { return Ok(()) };
        let said = by_author.entry(saying.author).or_default();
        held_to(saying, said)?;
        said.push(Said { kind: saying.kind, at: saying.at, key: saying.key.to_owned() });
        Ok(())
    }
}

/// In the order in which a room judges.
fn held_to(saying: &Saying, said: &[Said]) -> Result<(), Fenced> {
    let Fences { slow_mode_ms, repeat_ms, pace } = saying.fences;
    let fence = |by, since: &Said, rule_ms: i64| {
        let retry_after_ms = rule_ms - saying.at.since(since.at);
        if retry_after_ms > 0 { Err(Fenced { by, retry_after_ms }) } else { Ok(()) }
    };
    if let Some(last) = said.last() {
        fence(Fence::SlowMode, last, slow_mode_ms)?;
    }
    // What was deleted has no words that could be the same.
    if let Some(last) = said.last().filter(|last| !last.key.is_empty() && last.key == saying.key) {
        fence(Fence::Repeated, last, repeat_ms)?;
    }
    let Some(Rate { count, per_ms }) = pace else { return Ok(()) };
    let mut alike = said.iter().rev().filter(|said| said.kind == saying.kind);
    // Of the last so many, the first must have left the window.
    match alike.nth(count.saturating_sub(1) as usize) {
        Some(oldest) => fence(Fence::TooFast, oldest, per_ms),
        None => Ok(()),
    }
}

#[cfg(feature = "postgres")]
mod rows {
    //! The rows of which that is known.

    use super::*;
    use crate::domain::text::fold::search_key;
    use diesel::{
        PgConnection, RunQueryDsl,
        sql_types::{Array, BigInt, Bool, Text},
    };

    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        user_id: UserId,
        #[diesel(sql_type = Bool)]
        is_question: bool,
        #[diesel(sql_type = BigInt)]
        created_at: Millis,
        #[diesel(sql_type = Text)]
        content: String,
    }

    /// The newest of each author, by an index; oldest first. What lies further ahead than any rule reaches is dated by a clock
    /// that was wrong, and would stand in the way until then.
    const NEWEST: &str = r#"
        SELECT author.id AS user_id, said.is_question, said.created_at, said.content
        FROM unnest($1) AS author (id) CROSS JOIN LATERAL (
            (SELECT FALSE AS is_question, created_at, content FROM comments
             WHERE user_id = author.id AND stream_id = $2 AND created_at > $3 AND created_at < $4
             ORDER BY created_at DESC LIMIT $5)
            UNION ALL
            (SELECT TRUE, created_at, content FROM questions
             WHERE user_id = author.id AND stream_id = $2 AND created_at > $3 AND created_at < $4
             ORDER BY created_at DESC LIMIT $5)
        ) AS said ORDER BY said.created_at"#;

    pub(super) fn of_authors(
        conn: &mut PgConnection,
        stream_id: StreamId,
        sayings: &[Saying],
    ) -> Result<HashMap<UserId, Vec<Said>>> {
        let mut authors: Vec<String> = sayings.iter().map(|saying| saying.author.to_string()).collect();
        authors.sort_unstable();
        authors.dedup();
        let reach_ms = sayings.iter().map(|saying| reach_ms(saying.fences)).max().unwrap_or(0);
        let at = || sayings.iter().map(|saying| saying.at);
        let (Some(first), Some(last)) = (at().min(), at().max()) else { return Ok(HashMap::new()) };
        if reach_ms == 0 {
            return Ok(HashMap::new());
        }
        let most = sayings.iter().filter_map(|saying| saying.fences.pace).map(|pace| pace.count).max();
        let rows: Vec<Row> = diesel::sql_query(NEWEST)
            .bind::<Array<Text>, _>(authors)
            .bind::<Text, _>(stream_id.to_string())
            .bind::<BigInt, _>((first - reach_ms).0)
            .bind::<BigInt, _>((last + reach_ms).0)
            .bind::<BigInt, _>(i64::from(most.unwrap_or(1)))
            .load(conn)?;
        let may_repeat = sayings.iter().all(|saying| saying.fences.repeat_ms == 0);
        let mut by_author: HashMap<UserId, Vec<Said>> = HashMap::new();
        for Row { user_id, is_question, created_at: at, content } in rows {
            let kind = if is_question { Kind::Question } else { Kind::Comment };
            let key = if may_repeat { String::new() } else { search_key(&content) };
            by_author.entry(user_id).or_default().push(Said { kind, at, key });
        }
        Ok(by_author)
    }

    /// For how long something said can be in the way.
    fn reach_ms(Fences { slow_mode_ms, repeat_ms, pace }: Fences) -> i64 {
        slow_mode_ms.max(repeat_ms).max(pace.map_or(0, |pace| pace.per_ms))
    }
}
