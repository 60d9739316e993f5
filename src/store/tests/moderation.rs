//! What moderators see and decide.

use super::*;
use crate::{
    domain::{Seq, Status},
    store::{comments::State, events::Body, moderation::bans::NewBan},
};

fn a_held_comment_is_nowhere_until_it_is_approved(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let held = database.mutters(stream_id, &ana, "hm");
    database.says(stream_id, &ana, "first in the log");
    assert_eq!(database.read(|conn| comments::by_id(conn, stream_id, held)), None);
    assert_eq!(database.read(|conn| comments::last(conn, stream_id, 9)).len(), 1);
    assert_eq!(database.read(|conn| events::after(conn, stream_id, Seq(0), 9)).len(), 1);
    assert_eq!(database.read(|conn| streams::by_id(conn, stream_id)).unwrap().comment_count, 1);

    database.write(|tx| streams::transition(tx, stream_id, Status::Live, NOW));
    let logged = database.write(|tx| review::approve(tx, stream_id, held, NOW + 700));

    let Body::Comment(comment) = &logged.body else { panic!("{logged:?}") };
    assert_eq!((logged.seq, comment.offset_ms), (Seq(2), Some(700)));
    assert!(logged.ts >= NOW + 700, "{logged:?}");
    assert_eq!((comment.created_at, comment.state), (NOW, State::Visible));
    assert_eq!(
        database.read(|conn| events::after(conn, stream_id, Seq(1), 9)),
        std::slice::from_ref(&logged)
    );
    assert_eq!(database.read(|conn| streams::by_id(conn, stream_id)).unwrap().comment_count, 2);
    let again = database.store.write_blocking(|tx| review::approve(tx, stream_id, held, NOW));
    assert!(matches!(again, Err(Error::NotFound)));
}

fn a_rejected_comment_is_gone_but_its_client_id_remembers(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let held = NewComment { held: true, client_id: Some("c".into()), ..new_comment(&ana, "bad") };
    database.posts(stream_id, vec![held.clone()]);
    assert_eq!(database.write(|tx| review::reject(tx, stream_id, held.id)).state, State::Rejected);
    assert_eq!(database.read(|conn| review::held(conn, Some(stream_id), None, 9)).items, []);
    let fate = database.read(|conn| comments::by_client_id(conn, stream_id, ana.id, "c"));
    assert_eq!(fate, Some(Fate::Rejected(held.id)));
    assert_eq!(database.write(|tx| comments::delete(tx, stream_id, held.id, NOW)), None);
}

fn nothing_is_approved_in_a_stream_that_is_over(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let held = database.mutters(stream_id, &ana, "late");
    database.write(|tx| streams::transition(tx, stream_id, Status::Ended, NOW));
    let late = database.store.write_blocking(|tx| review::approve(tx, stream_id, held, NOW));
    assert!(matches!(late, Err(Error::Conflict(Conflict::StreamEnded))));
}

fn reported_and_held_comments_wait_together(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    let rude = database.says(stream_id, &bo, "rude");
    database.says(stream_id, &bo, "nice");
    let held = database.mutters(stream_id, &bo, "held");
    let report =
        |by: &Person| database.write(|tx| review::report(tx, stream_id, rude.id, by.id, Some("rude"), NOW));
    assert_eq!([report(&ana), report(&ana), report(&bo)], [true, false, true]);
    let of_held = database.store.write_blocking(|tx| review::report(tx, stream_id, held, ana.id, None, NOW));
    assert!(matches!(of_held, Err(Error::NotFound)));

    let waiting = database.read(|conn| review::held(conn, Some(stream_id), None, 1));
    assert_eq!((waiting.items[0].comment.id, waiting.items[0].reports), (rude.id, 2));
    let rest = database.read(|conn| review::held(conn, Some(stream_id), waiting.next, 1));
    assert_eq!((rest.items[0].comment.id, rest.items[0].reports, rest.next), (held, 0, None));
    assert_eq!(database.read(|conn| review::held_count(conn, stream_id)), 2);

    database.write(|tx| review::resolve_reports(tx, stream_id, rude.id, NOW));
    assert_eq!(database.read(|conn| review::held_count(conn, stream_id)), 1);
    let twice = database.store.write_blocking(|tx| review::resolve_reports(tx, stream_id, rude.id, NOW));
    assert!(matches!(twice, Err(Error::NotFound)));
}

fn a_ban_lasts_until_its_end_and_a_repeat_changes_nothing(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    let ban = |until, reason: Option<&str>| {
        let reason = reason.map(Into::into);
        let new = NewBan { user_id: bo.id, until, reason, banned_by: ana.id };
        database.write(|tx| bans::of_stream::put(tx, stream_id, &new, NOW))
    };
    let of_bo = |at| database.read(|conn| bans::of_stream::of_user(conn, stream_id, bo.id, at));
    assert!(ban(Some(NOW + 2000), Some("spam")));
    assert!(!ban(Some(NOW + 2000), Some("spam")));
    assert!(of_bo(NOW + 1999).is_some());
    assert!(of_bo(NOW + 2000).is_none());
    assert!(ban(None, None));
    let for_good = of_bo(NOW + 1_000_000_000).expect("a ban for good");
    assert_eq!((for_good.until, for_good.reason, for_good.user), (None, None, bo.clone()));
    assert_eq!(database.read(|conn| bans::active(conn, (stream_id, ana.id), NOW)).len(), 1);
    assert_eq!(database.read(|conn| bans::of_stream::list(conn, stream_id, NOW, None, 9)).items.len(), 1);
    let lift = || database.write(|tx| bans::of_stream::delete(tx, stream_id, bo.id, NOW));
    assert_eq!([lift(), lift()], [true, false]);
    assert!(of_bo(NOW).is_none());
}

fn acts_stay_on_record_newest_first(database: &TestDatabase) {
    let stream_id = StreamId::new();
    for action in ["ban", "unban", "pin"] {
        let new = audit::NewEntry {
            action,
            outcome: "done",
            stream_id: Some(stream_id),
            actor_id: Some(UserId::new()),
            ..Default::default()
        };
        database.write(|tx| audit::append(tx, &new, NOW));
    }
    let page = database.read(|conn| audit::list(conn, stream_id, None, 2));
    assert_eq!(page.items.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["pin", "unban"]);
    let rest = database.read(|conn| audit::list(conn, stream_id, page.next.as_deref(), 2));
    assert_eq!((rest.items[0].action.as_str(), rest.next), ("ban", None));
}

on_both!(
    a_held_comment_is_nowhere_until_it_is_approved,
    a_rejected_comment_is_gone_but_its_client_id_remembers,
    nothing_is_approved_in_a_stream_that_is_over,
    reported_and_held_comments_wait_together,
    a_ban_lasts_until_its_end_and_a_repeat_changes_nothing,
    acts_stay_on_record_newest_first,
);
