//! The terms of a stream: words that are masked, held or rejected.
//! It must not know how they are matched.

use crate::{
    domain::{
        StreamId,
        terms::{Term, TermAction},
        text::TermText,
    },
    store::{
        connection::{Conn, each},
        error::Result,
        schema::terms,
        streams::lock::lock_stream,
        transaction::Tx,
    },
};
use diesel::prelude::*;

const ROWS_PER_INSERT: usize = 1_000;

/// Puts these terms in the place of all that were there.
/// Errors: [`crate::store::Error::NotFound`] where the stream is gone.
pub(crate) fn replace(tx: &mut Tx, stream_id: StreamId, new: &[Term]) -> Result<()> {
    lock_stream(tx, stream_id)?;
    diesel::delete(terms::table.filter(terms::stream_id.eq(stream_id))).execute(tx.conn())?;
    let numbered: Vec<(i32, &Term)> = (0..).zip(new).collect();
    for some in numbered.chunks(ROWS_PER_INSERT) {
        let rows: Vec<_> = some
            .iter()
            .map(|(position, term)| {
                (
                    terms::stream_id.eq(stream_id),
                    terms::position.eq(*position),
                    terms::text.eq(&term.text),
                    terms::action.eq(term.action),
                )
            })
            .collect();
        each!(tx.conn(), conn => diesel::insert_into(terms::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// The terms of a stream, in the order the host gave them.
pub(crate) fn list(conn: &mut Conn, stream_id: StreamId) -> Result<Vec<Term>> {
    let rows: Vec<(TermText, TermAction)> = terms::table
        .filter(terms::stream_id.eq(stream_id))
        .order(terms::position)
        .select((terms::text, terms::action))
        .load(conn)?;
    Ok(rows.into_iter().map(|(text, action)| Term { text, action }).collect())
}
