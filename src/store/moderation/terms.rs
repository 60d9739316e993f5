//! The terms of a stream, and those of all streams of a host: words that are masked, held or rejected. Both add up.
//! It must not know how they are matched.

use crate::{
    domain::{
        StreamId, UserId,
        terms::{Term, TermAction},
        text::TermText,
    },
    store::{
        connection::{Conn, each},
        error::Result,
        schema::{channel_terms, terms},
        transaction::Tx,
    },
};
use diesel::prelude::*;

const ROWS_PER_INSERT: usize = 1_000;

/// The same functions for two tables of the same shape, by where the terms hold.
macro_rules! terms_in {
    ($(#[$doc:meta])* $module:ident, $table:ident, $owner:ident: $Owner:ty) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use super::*;

            /// Puts these terms in the place of all that were there; the caller holds the stream, or the channel.
            pub(crate) fn replace(tx: &mut Tx, owner: $Owner, new: &[Term]) -> Result<()> {
                diesel::delete($table::table.filter($table::$owner.eq(owner))).execute(tx.conn())?;
                let numbered: Vec<(i32, &Term)> = (0..).zip(new).collect();
                for some in numbered.chunks(ROWS_PER_INSERT) {
                    let rows: Vec<_> = some
                        .iter()
                        .map(|(position, term)| {
                            (
                                $table::$owner.eq(owner),
                                $table::position.eq(*position),
                                $table::text.eq(&term.text),
                                $table::action.eq(term.action),
                            )
                        })
                        .collect();
                    each!(tx.conn(), conn => diesel::insert_into($table::table).values(&rows).execute(conn))?;
                }
                Ok(())
            }

            /// The terms, in the order the host gave them.
            pub(crate) fn list(conn: &mut Conn, owner: $Owner) -> Result<Vec<Term>> {
                let rows: Vec<(TermText, TermAction)> = $table::table
                    .filter($table::$owner.eq(owner))
                    .order($table::position)
                    .select(($table::text, $table::action))
                    .load(conn)?;
                Ok(rows.into_iter().map(|(text, action)| Term { text, action }).collect())
            }
        }
    };
}

terms_in! {
    /// Those of one stream.
    of_stream, terms, stream_id: StreamId
}
terms_in! {
    /// Those of all streams of a host.
    of_channel, channel_terms, host_id: UserId
}

/// All terms that hold in a stream of this host.
pub(crate) fn holding(conn: &mut Conn, (stream_id, host): (StreamId, UserId)) -> Result<Vec<Term>> {
    let mut all = of_channel::list(conn, host)?;
    all.extend(of_stream::list(conn, stream_id)?);
    Ok(all)
}
