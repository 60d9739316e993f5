//! When things stand in the log: whichever node wrote them, and whatever its clock says, not before what stands above them.

use super::*;
use crate::domain::Seq;

fn what_is_numbered_later_is_not_dated_earlier_by_whichever_node(database: &TestDatabase) {
    const AHEAD: i64 = 3_600_000;
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let node = |now: Millis| {
        let said = events::NewEvent {
            of_channel: false,
            kind: "x".into(),
            comment_id: None,
            question_id: None,
            user_id: None,
            payload: "{}".into(),
        };
        let held = database.mutters(stream_id, &bo, "held");
        database.write(|tx| {
            streams::lock(tx, stream_id)?;
            let act = streams::now(tx)?;
            let logged = events::append(tx, stream_id, act, vec![said.clone()])?.remove(0);
            let authors = comments::lock_authors(tx, [&new_comment(&bo, "hi")].into_iter())?;
            let (at, _) = comments::append(tx, stream_id, now, &[&new_comment(&bo, "hi")], &authors)?;
            let act = streams::now(tx)?;
            Ok([logged.ts, at, review::approve(tx, stream_id, held, act)?.ts])
        })
    };
    let told = [node(Millis::now() + AHEAD), node(Millis::now()), node(Millis::now() - AHEAD)].concat();

    assert!(told.is_sorted(), "{told:?}");
    let log = database.read(|conn| events::after(conn, stream_id, Seq(0), 99));
    assert_eq!(log.iter().map(|logged| logged.ts).collect::<Vec<_>>(), told, "as it was told");
    let off_by = told[0].0.abs_diff(Millis::now().0);
    assert!(off_by < 60_000, "one clock for all: {off_by}");
}

on_postgres!(what_is_numbered_later_is_not_dated_earlier_by_whichever_node);
