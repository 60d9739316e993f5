//! The fence: an author who writes on several nodes is held to the same pace, slow mode and rule against repeats.

use super::*;
use crate::{
    domain::rate::Rate,
    store::comments::fences::{Fence, Fenced, Fences, Kind, Saying, Spoken},
};
use std::{sync::Barrier, thread};

const NONE: Fences = Fences { slow_mode_ms: 0, repeat_ms: 0, pace: None };
const SLOW: Fences = Fences { slow_mode_ms: 10_000, ..NONE };
const NO_REPEATS: Fences = Fences { repeat_ms: 10_000, ..NONE };
const PACE: Fences = Fences { pace: Some(Rate { count: 5, per_ms: 5_000 }), ..NONE };

/// A comment so many milliseconds after the first.
fn at(ms: i64, author: &Person, content: &str, fences: Fences) -> NewComment {
    NewComment { created_at: NOW + ms, fences: Some(fences), ..new_comment(author, content) }
}

/// Stores some as one node does, in one batch: what is in the way of each.
fn posts(database: &TestDatabase, stream_id: StreamId, new: Vec<NewComment>) -> Vec<Option<(Fence, i64)>> {
    let in_the_way = |appended| match appended {
        Appended::New(_) => None,
        Appended::Fenced(Fenced { by, retry_after_ms }) => Some((by, retry_after_ms)),
        other => panic!("{other:?}"),
    };
    database.posts(stream_id, new).into_iter().map(in_the_way).collect()
}

fn slow_mode_counts_from_what_was_said_last_on_any_node(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (here, there) = (database.stream(&ana), database.stream(&ana));
    let one = |stream_id, ms, author| posts(database, stream_id, vec![at(ms, author, "hi", SLOW)]).remove(0);
    assert_eq!(one(here, 0, &bo), None);
    assert_eq!(one(here, 9_999, &bo), Some((Fence::SlowMode, 1)));
    assert_eq!(one(here, 9_999, &ana), None, "another account");
    assert_eq!(one(there, 9_999, &bo), None, "another stream");
    assert_eq!(one(here, 10_000, &bo), None);
    assert_eq!(one(here, 10_001, &bo), Some((Fence::SlowMode, 9_999)));
}

fn the_same_may_not_be_said_again_for_a_while(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let one = |ms, content| posts(database, stream_id, vec![at(ms, &bo, content, NO_REPEATS)]).remove(0);
    assert_eq!(one(0, "Hi"), None);
    assert_eq!(one(1_000, "hi"), Some((Fence::Repeated, 9_000)));
    assert_eq!(one(2_000, "what else?"), None);
    assert_eq!(one(3_000, "hi"), None, "it is not what was said last");
    assert_eq!(one(13_000, "hi"), None);
    let last = database.read(|conn| comments::last(conn, stream_id, 1)).remove(0);
    database.write(|tx| comments::delete(tx, stream_id, last.id, NOW));
    assert_eq!(one(13_001, "hi"), None, "what was deleted has no words any more");
}

fn the_sixth_in_five_seconds_waits_until_the_first_has_left_the_window(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    let one = |ms, author| posts(database, stream_id, vec![at(ms, author, "hi", PACE)]).remove(0);
    assert!((0..5).all(|n| one(n * 100, &bo).is_none()));
    assert_eq!(one(4_999, &bo), Some((Fence::TooFast, 1)));
    assert_eq!(one(4_999, &ana), None);
    assert_eq!(one(5_000, &bo), None);
    assert_eq!(one(5_001, &bo), Some((Fence::TooFast, 99)));
}

fn comments_of_one_batch_count_for_each_other(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let batch = (0..7).map(|n| at(n, &bo, "hi", PACE)).collect();
    let mut in_the_way = posts(database, stream_id, batch);
    assert_eq!(in_the_way.split_off(5), [Some((Fence::TooFast, 4_995)), Some((Fence::TooFast, 4_994))]);
    assert_eq!(in_the_way, [None; 5]);
    let log = database.read(|conn| events::after(conn, stream_id, crate::domain::Seq(0), 9));
    assert_eq!(log.iter().map(|logged| logged.seq.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5], "no hole");
}

fn held_and_deleted_ones_count(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let held = NewComment { held: true, ..at(0, &bo, "held", SLOW) };
    assert_eq!(posts(database, stream_id, vec![held]), [None]);
    let next = || posts(database, stream_id, vec![at(20_001, &bo, "next", SLOW)]).remove(0);
    assert_eq!(posts(database, stream_id, vec![at(1, &bo, "hi", SLOW)]), [Some((Fence::SlowMode, 9_999))]);
    let deleted = database.posts(stream_id, vec![at(20_000, &bo, "soon gone", SLOW)]).remove(0);
    let Appended::New(Fate::Visible(deleted)) = deleted else { panic!("{deleted:?}") };
    database.write(|tx| comments::delete(tx, stream_id, deleted.id, NOW));
    assert_eq!(next(), Some((Fence::SlowMode, 9_999)));
}

fn staff_are_held_to_nothing(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let batch = (0..20).map(|_| NewComment { role: Role::Host, ..new_comment(&ana, "hi") }).collect();
    assert_eq!(posts(database, stream_id, batch), [None; 20]);
}

fn a_repeat_of_what_is_stored_has_its_fate_and_is_not_held_to_anything(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let sent = || NewComment { client_id: Some("c".into()), ..at(0, &bo, "hi", SLOW) };
    let Appended::New(fate) = database.posts(stream_id, vec![sent()]).remove(0) else { panic!("not stored") };
    assert_eq!(database.posts(stream_id, vec![sent()]), [Appended::Duplicate(fate)]);
}

fn questions_share_slow_mode_and_repeats_and_have_a_pace_of_their_own(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let asks = |ms, content: &'static str, fences| {
        let (kind, author, at) = (Kind::Question, bo.id, NOW + ms);
        let saying = Saying { kind, author, key: content, at, fences };
        database.write(|tx| {
            let passed = Spoken::read(tx, stream_id, &[saying])?.pass(&saying);
            if passed.is_ok() {
                questions::create(tx, stream_id, Default::default(), (bo.id, false), content, at)?;
            }
            Ok(passed.err().map(|fenced| fenced.by))
        })
    };
    let says = |ms, content, fences| posts(database, stream_id, vec![at(ms, &bo, content, fences)]).remove(0);
    assert_eq!(asks(0, "why?", SLOW), None);
    assert_eq!(says(1_000, "hi", SLOW), Some((Fence::SlowMode, 9_000)));
    assert_eq!(says(1_000, "why?", NO_REPEATS), Some((Fence::Repeated, 9_000)));
    assert_eq!(says(10_000, "hi", SLOW), None);
    assert_eq!(asks(10_001, "when?", SLOW), Some(Fence::SlowMode));
    assert!((0..5).all(|n| asks(20_000 + n, "how?", PACE).is_none()));
    assert_eq!(says(20_006, "hi", PACE), None);
    assert_eq!(asks(20_006, "how?", PACE), Some(Fence::TooFast));
}

fn a_clock_that_was_far_ahead_stands_in_nobodys_way(database: &TestDatabase) {
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    assert_eq!(posts(database, stream_id, vec![at(3_600_000, &bo, "from an hour ahead", SLOW)]), [None]);
    assert_eq!(posts(database, stream_id, vec![at(0, &bo, "hi", SLOW)]), [None]);
    assert_eq!(posts(database, stream_id, vec![at(2, &bo, "hi", SLOW)]), [Some((Fence::SlowMode, 9_998))]);
    let a_little_behind = posts(database, stream_id, vec![at(-500, &bo, "hi", SLOW)]);
    assert_eq!(a_little_behind, [Some((Fence::SlowMode, 10_000))], "no longer than the rule itself");
}

fn of_two_nodes_at_once_one_passes(database: &TestDatabase) {
    let (bo, both) = (database.user("bo"), Barrier::new(2));
    let stream_id = database.stream(&bo);
    for round in 0..20 {
        let post = || {
            both.wait();
            posts(database, stream_id, vec![at(round * 10_000, &bo, "hi", SLOW)]).remove(0)
        };
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(post);
            (post(), other.join().unwrap())
        });
        assert_eq!(one.is_none(), other.is_some(), "round {round}: {one:?}, {other:?}");
    }
}

on_postgres!(
    slow_mode_counts_from_what_was_said_last_on_any_node,
    the_same_may_not_be_said_again_for_a_while,
    the_sixth_in_five_seconds_waits_until_the_first_has_left_the_window,
    comments_of_one_batch_count_for_each_other,
    held_and_deleted_ones_count,
    staff_are_held_to_nothing,
    a_repeat_of_what_is_stored_has_its_fate_and_is_not_held_to_anything,
    questions_share_slow_mode_and_repeats_and_have_a_pace_of_their_own,
    a_clock_that_was_far_ahead_stands_in_nobodys_way,
    of_two_nodes_at_once_one_passes,
);

#[test]
fn an_sqlite_database_has_no_other_node_and_the_room_knows_all() {
    let database = TestDatabase::sqlite();
    let bo = database.user("bo");
    let stream_id = database.stream(&bo);
    let fences = Fences { repeat_ms: 10_000, pace: PACE.pace, ..SLOW };
    assert_eq!(posts(&database, stream_id, (0..7).map(|n| at(n, &bo, "hi", fences)).collect()), [None; 7]);
}
