//! Streams: how they change, and who belongs to them.

mod channels;

use super::*;
use crate::{
    domain::{
        Settings, Status,
        stream::settings::{CommentsBy, LinkPolicy},
    },
    store::streams::{Patch, Tag},
};

fn tags(texts: &[&str]) -> Vec<Tag> {
    texts.iter().map(|text| Tag { text: text.to_string(), key: text.to_lowercase() }).collect()
}

fn an_edit_changes_what_it_names_and_the_version(database: &TestDatabase) {
    let ana = database.user("ana");
    let new = streams::NewStream {
        tags: tags(&["Rust", "Live"]),
        scheduled_for: Some(NOW + 5),
        playback_url: Some("https://x/y".into()),
        ..new_stream(ana.id, "Old")
    };
    let made = database.write(|tx| streams::create(tx, &new, NOW));
    assert_eq!((made.version, made.updated_at, made.status), (1, NOW, Status::Scheduled));
    assert_eq!((&made.host, &made.tags), (&ana, &vec!["Rust".to_owned(), "Live".to_owned()]));
    assert_eq!(made.settings, Settings::default());

    let patch = Patch { title: Some("New".into()), playback_url: Some(None), ..Patch::default() };
    let edited = database.write(|tx| streams::update(tx, new.id, &patch, Some(1), NOW + 9));
    assert_eq!((edited.title.as_str(), edited.playback_url.as_deref()), ("New", None));
    assert_eq!((edited.scheduled_for, edited.tags.len()), (Some(NOW + 5), 2));
    assert_eq!((edited.version, edited.updated_at), (2, NOW + 9));

    let stale = database.store.write_blocking(|tx| streams::update(tx, new.id, &patch, Some(1), NOW));
    assert!(matches!(stale, Err(Error::Conflict(Conflict::Stale))));
    let patch = Patch { tags: Some(tags(&["Only"])), scheduled_for: Some(None), ..Patch::default() };
    let edited = database.write(|tx| streams::update(tx, new.id, &patch, None, NOW));
    assert_eq!((edited.tags, edited.scheduled_for, edited.version), (vec!["Only".to_owned()], None, 3));
    let nobody = database.store.write_blocking(|tx| streams::update(tx, StreamId::new(), &patch, None, NOW));
    assert!(matches!(nobody, Err(Error::NotFound)));
}

fn a_stream_starts_and_ends_once(database: &TestDatabase) {
    let ana = database.user("ana");
    let id = database.stream(&ana);
    let to = |to, now| database.store.write_blocking(|tx| streams::transition(tx, id, to, now));
    let live = to(Status::Live, NOW + 1).unwrap();
    assert_eq!((live.started_at, live.ended_at, live.version), (Some(NOW + 1), None, 2));
    assert!(matches!(to(Status::Live, NOW), Err(Error::Conflict(Conflict::Transition(_)))));
    let ended = to(Status::Ended, NOW + 2).unwrap();
    assert_eq!((ended.started_at, ended.ended_at, ended.version), (Some(NOW + 1), Some(NOW + 2), 3));
    assert!(matches!(to(Status::Live, NOW), Err(Error::Conflict(Conflict::Transition(_)))));
}

fn counters_and_settings_leave_the_version(database: &TestDatabase) {
    let ana = database.user("ana");
    let id = database.stream(&ana);
    let settings = Settings {
        comments: CommentsBy::Followers,
        slow_mode_s: 3600,
        min_account_age_s: 31_536_000,
        repeat_window_s: 86_400,
        links: LinkPolicy::Hold,
        hold_all: true,
    };
    database.write(|tx| streams::set_settings(tx, id, &settings));
    database.says(id, &ana, "counted");
    let minute = |minute, viewers, comments| stats::Minute { minute, viewers, comments };
    database.write(|tx| stats::record(tx, id, minute(10, 7, 2)));
    database.write(|tx| stats::record(tx, id, minute(10, 5, 3)));
    database.write(|tx| stats::record(tx, id, minute(11, 1, 0)));
    let stream = database.read(|conn| streams::by_id(conn, id)).unwrap();
    assert_eq!((stream.settings, stream.version), (settings, 1));
    assert_eq!((stream.comment_count, stream.peak_viewers), (1, 7));
    assert_eq!(database.read(|conn| stats::minutes(conn, id, 9)), [minute(10, 7, 5), minute(11, 1, 0)]);
    assert_eq!(database.read(|conn| stats::minutes(conn, id, 1)), [minute(11, 1, 0)]);
}

fn a_deleted_stream_takes_all_of_its_own_along(database: &TestDatabase) {
    let ana = database.user("ana");
    let (id, kept) = (database.stream(&ana), database.stream(&ana));
    let comment = database.says(id, &ana, "gone");
    database.write(|tx| {
        review::report(tx, id, comment.id, ana.id, None, NOW)?;
        relations::members::put(tx, id, ana.id, NOW)?;
        events::append(
            tx,
            id,
            NOW,
            vec![events::NewEvent {
                of_channel: false,
                kind: "x".into(),
                comment_id: None,
                question_id: None,
                user_id: None,
                payload: String::new(),
            }],
        )
    });
    database.write(|tx| streams::delete(tx, id));
    assert_eq!(database.read(|conn| comments::by_id_in_any_state(conn, id, comment.id)), None);
    assert_eq!(database.read(|conn| events::after(conn, id, Default::default(), 9)), []);
    assert!(database.read(|conn| streams::by_id(conn, kept)).is_some());
    assert!(matches!(database.store.write_blocking(|tx| streams::delete(tx, id)), Err(Error::NotFound)));
}

fn only_those_who_belong_see_a_private_stream(database: &TestDatabase) {
    let [host, member, moderator, stranger] = ["ana", "bo", "cy", "di"].map(|name| database.user(name));
    let private = streams::NewStream { visibility: Visibility::Private, ..new_stream(host.id, "x") };
    let stream = database.write(|tx| streams::create(tx, &private, NOW));
    let put =
        |database: &TestDatabase| database.write(|tx| relations::members::put(tx, stream.id, member.id, NOW));
    assert_eq!([put(database), put(database)], [true, false]);
    database.write(|tx| relations::moderators::put(tx, stream.id, moderator.id, NOW));
    let seen_by = |user: Option<&Person>, is_admin| {
        let user_id = user.map(|user| user.id);
        database.read(|conn| {
            let standing = relations::standing(conn, &stream, user_id, is_admin)?;
            Ok((standing.may_see(stream.visibility), standing.role()))
        })
    };
    assert_eq!(seen_by(Some(&host), true), (true, Role::Host));
    assert_eq!(seen_by(Some(&member), false), (true, Role::Viewer));
    assert_eq!(seen_by(Some(&moderator), false), (true, Role::Moderator));
    assert_eq!(seen_by(Some(&stranger), true), (true, Role::Admin));
    assert_eq!(seen_by(Some(&stranger), false), (false, Role::Viewer));
    assert_eq!(seen_by(None, false), (false, Role::Guest));

    let list = database.read(|conn| relations::members::list(conn, stream.id, None, 9));
    assert_eq!(list.items.iter().map(|item| &item.user).collect::<Vec<_>>(), [&member]);
    assert!(database.write(|tx| relations::members::delete(tx, stream.id, member.id)));
    assert!(!seen_by(Some(&member), false).0);
}

fn streams_on_air_are_found_with_the_last_sight_of_their_host(database: &TestDatabase) {
    let ana = database.user("ana");
    let (away, back, _waiting) = (database.stream(&ana), database.stream(&ana), database.stream(&ana));
    for id in [away, back] {
        database.write(|tx| streams::transition(tx, id, Status::Live, NOW));
    }
    database.write(|tx| streams::touch_host_seen(tx, back, NOW + 60));
    let seen = |id, host_seen_at| streams::OnAir { id, host_id: ana.id, host_seen_at };
    assert_eq!(database.read(streams::on_air), [seen(away, NOW), seen(back, NOW + 60)]);
}

on_both!(
    an_edit_changes_what_it_names_and_the_version,
    a_stream_starts_and_ends_once,
    counters_and_settings_leave_the_version,
    a_deleted_stream_takes_all_of_its_own_along,
    only_those_who_belong_see_a_private_stream,
    streams_on_air_are_found_with_the_last_sight_of_their_host,
);
