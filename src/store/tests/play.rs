//! Pins, polls, questions, announcements, reactions and terms.

use super::*;
use crate::{
    domain::{
        AnnouncementId, PollId, QuestionId, ReactionKind,
        terms::{Term, TermAction},
    },
    store::interactions::polls::NewPoll,
};

fn new_poll() -> NewPoll {
    NewPoll {
        id: PollId::new(),
        question: "Which?".into(),
        options: vec!["this".into(), "that".into(), "none".into()],
        closes_at: NOW + 1000,
    }
}

fn one_poll_is_open_at_a_time_also_in_a_race(database: &TestDatabase) {
    let stream_id = database.stream(&database.user("ana"));
    let open = || database.store.write_blocking(|tx| polls::open(tx, stream_id, &new_poll(), NOW));
    let opened: Vec<Result<polls::Poll>> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let refused = |opened: &&Result<_>| matches!(opened, Err(Error::Conflict(Conflict::PollOpen)));
    assert_eq!(opened.iter().filter(refused).count(), 3);
    let poll = opened.into_iter().find_map(Result::ok).expect("one was opened");
    database.write(|tx| polls::close(tx, stream_id, poll.id, NOW));
    assert!(open().is_ok());
}

fn a_later_vote_replaces_and_the_tally_is_exact(database: &TestDatabase) {
    let [ana, bo] = ["ana", "bo"].map(|name| database.user(name));
    let stream_id = database.stream(&ana);
    let poll = database.write(|tx| polls::open(tx, stream_id, &new_poll(), NOW));
    let vote = |user: &Person, option, now| {
        database.store.write_blocking(|tx| polls::vote(tx, stream_id, poll.id, user.id, option, now))
    };
    vote(&ana, 0, NOW).unwrap();
    vote(&bo, 2, NOW).unwrap();
    vote(&ana, 2, NOW + 999).unwrap();
    assert!(matches!(vote(&ana, 3, NOW), Err(Error::Conflict(Conflict::NoSuchOption))));
    assert!(matches!(vote(&ana, 1, NOW + 1000), Err(Error::Conflict(Conflict::PollClosed))));
    assert_eq!(database.read(|conn| polls::vote_of(conn, poll.id, ana.id)), Some(2));
    assert_eq!(database.read(|conn| polls::open_of(conn, stream_id)).unwrap().tally, [0, 0, 2]);

    let closed = database.write(|tx| polls::close(tx, stream_id, poll.id, NOW + 1));
    assert_eq!((closed.tally, closed.closed_at), (vec![0, 0, 2], Some(NOW + 1)));
    assert!(matches!(vote(&ana, 1, NOW), Err(Error::Conflict(Conflict::PollClosed))));
    let again = database.store.write_blocking(|tx| polls::close(tx, stream_id, poll.id, NOW));
    assert!(matches!(again, Err(Error::Conflict(Conflict::PollClosed))));
    assert_eq!(database.read(|conn| polls::open_of(conn, stream_id)), None);
    assert_eq!(database.read(|conn| polls::by_id(conn, StreamId::new(), poll.id)), None);
}

fn questions_gather_votes_until_they_are_answered(database: &TestDatabase) {
    let [ana, bo] = ["ana", "bo"].map(|name| database.user(name));
    let stream_id = database.stream(&ana);
    let ask = |content: &str| {
        database.write(|tx| questions::create(tx, stream_id, QuestionId::new(), (bo.id, false), content, NOW))
    };
    let (why, how) = (ask("why?"), ask("how?"));
    let vote = |user: &Person| database.write(|tx| questions::vote(tx, stream_id, why.id, user.id));
    assert_eq!([vote(&ana), vote(&ana), vote(&bo)], [true, false, true]);
    let open = database.read(|conn| questions::open(conn, stream_id, None, 9));
    let seen: Vec<_> = open.items.iter().map(|question| (question.id, question.votes)).collect();
    assert_eq!(seen, [(how.id, 0), (why.id, 2)]);

    let answered = database.write(|tx| questions::answered(tx, stream_id, why.id, NOW + 3));
    assert_eq!(answered.map(|question| (question.votes, question.answered_at)), Some((2, Some(NOW + 3))));
    assert_eq!(database.write(|tx| questions::answered(tx, stream_id, why.id, NOW)), None);
    assert_eq!(database.read(|conn| questions::open(conn, stream_id, None, 9)).items.len(), 1);
    let late = database.store.write_blocking(|tx| questions::vote(tx, stream_id, why.id, ana.id));
    assert!(matches!(late, Err(Error::NotFound)));
}

fn one_visible_comment_is_pinned(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let (one, two) = (database.says(stream_id, &ana, "one"), database.says(stream_id, &ana, "two"));
    let held = database.mutters(stream_id, &ana, "held");
    let pin = |id| database.store.write_blocking(|tx| pins::set(tx, stream_id, id));
    assert_eq!(pin(one.id).unwrap(), Some(one.clone()));
    assert_eq!(pin(one.id).unwrap(), None);
    assert_eq!(pin(two.id).unwrap(), Some(two.clone()));
    assert!(matches!(pin(held), Err(Error::NotFound)));
    assert_eq!(database.read(|conn| pins::pinned(conn, stream_id)), Some(two));
    let clear = || database.write(|tx| pins::clear(tx, stream_id));
    assert_eq!([clear(), clear()], [true, false]);
    assert_eq!(database.read(|conn| pins::pinned(conn, stream_id)), None);
}

fn the_last_announcement_stands(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    assert_eq!(database.read(|conn| announcements::latest(conn, stream_id)), None);
    for content in ["one", "two"] {
        let id = AnnouncementId::new();
        database.write(|tx| announcements::create(tx, stream_id, id, (ana.id, false), content, NOW));
    }
    let latest = database.read(|conn| announcements::latest(conn, stream_id)).unwrap();
    assert_eq!((latest.content.as_str(), latest.user), ("two", ana));

    let event = |kind: &str, payload: String| events::NewEvent {
        of_channel: false,
        kind: kind.to_owned(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload,
    };
    let shown = format!(r#"{{"announcement":{{"id":"{}","content":"two"}}}}"#, latest.id);
    database
        .write(|tx| events::append(tx, stream_id, NOW, vec![event("announcement.created", shown.clone())]));
    let tombstone = event("announcement.tombstone", "{}".into());
    let remove = |stream| database.write(|tx| announcements::remove(tx, stream, latest.id, &tombstone));
    assert!(!remove(StreamId::new()), "of another stream");
    assert_eq!([remove(stream_id), remove(stream_id)], [true, false]);
    assert_eq!(database.read(|conn| announcements::latest(conn, stream_id)), None, "one had its time");
    let log = database.read(|conn| events::after(conn, stream_id, Default::default(), 10));
    let left = events::Body::Event { kind: "announcement.tombstone".into(), payload: "{}".into() };
    assert_eq!(log[0].body, left);
}

fn reactions_added_at_once_are_all_counted(database: &TestDatabase) {
    let stream_id = database.stream(&database.user("ana"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let new = [(ReactionKind::Like, 3), (ReactionKind::Fire, 1)];
                    database.write(|tx| reactions::add(tx, stream_id, &new));
                }
            });
        }
    });
    let totals = database.read(|conn| reactions::totals(conn, &[stream_id, StreamId::new()]));
    let mut of_stream = totals[&stream_id].clone();
    of_stream.sort_by_key(|(_, total)| *total);
    assert_eq!(of_stream, [(ReactionKind::Fire, 40), (ReactionKind::Like, 120)]);
    assert_eq!(totals.len(), 1);
}

fn terms_are_replaced_as_a_whole_in_their_order(database: &TestDatabase) {
    let stream_id = database.stream(&database.user("ana"));
    let term = |n: usize| Term { text: format!("term {n}").parse().unwrap(), action: TermAction::Hold };
    let many: Vec<Term> = (0..2500).map(term).collect();
    database.write(|tx| terms::of_stream::replace(tx, stream_id, &many));
    assert_eq!(database.read(|conn| terms::of_stream::list(conn, stream_id)), many);
    database.write(|tx| terms::of_stream::replace(tx, stream_id, &many[7..8]));
    assert_eq!(database.read(|conn| terms::of_stream::list(conn, stream_id)), many[7..8]);
    database.write(|tx| terms::of_stream::replace(tx, stream_id, &[]));
    assert_eq!(database.read(|conn| terms::of_stream::list(conn, stream_id)), []);
}

on_both!(
    one_poll_is_open_at_a_time_also_in_a_race,
    a_later_vote_replaces_and_the_tally_is_exact,
    questions_gather_votes_until_they_are_answered,
    one_visible_comment_is_pinned,
    the_last_announcement_stands,
    reactions_added_at_once_are_all_counted,
    terms_are_replaced_as_a_whole_in_their_order,
);
