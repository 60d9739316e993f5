//! Channels: what holds in all streams of a host, beside what holds in one.

use super::*;
use crate::{
    domain::{
        Settings, Status,
        channel::{OPEN_STREAMS_MAX, Scope},
        stream::settings::{LinkPolicy, SettingName, SomeSettings},
    },
    store::{
        channels::{self, settings},
        moderation::bans::NewBan,
    },
};

fn a_channel_is_made_when_it_is_first_held(database: &TestDatabase) {
    let ana = database.user("ana");
    let some = SomeSettings { slow_mode_s: Some(30), links: Some(LinkPolicy::Hold), ..Default::default() };
    assert_eq!(database.read(|conn| settings::of_channel(conn, ana.id)), SomeSettings::default());
    for _ in 0..2 {
        database.write(|tx| channels::lock(tx, ana.id));
    }
    database.write(|tx| settings::put(tx, ana.id, some));
    assert_eq!(database.read(|conn| settings::of_channel(conn, ana.id)), some);
    database.write(|tx| settings::put(tx, ana.id, SomeSettings::default()));
    assert_eq!(database.read(|conn| settings::of_channel(conn, ana.id)), SomeSettings::default());
}

fn a_stream_begins_with_what_holds_in_the_channel(database: &TestDatabase) {
    let ana = database.user("ana");
    let some = SomeSettings { hold_all: Some(true), ..Default::default() };
    database.write(|tx| {
        channels::lock(tx, ana.id)?;
        settings::put(tx, ana.id, some)
    });
    let new = new_stream(ana.id, "one");
    let made = database.write(|tx| channels::create_stream(tx, &new, NOW));
    assert!(made.settings.hold_all);
    assert_eq!(database.read(|conn| streams::by_id(conn, new.id)), Some(made));
    let inherited = some.over(&Settings::default());
    assert_eq!(database.read(|conn| settings::own(conn, new.id, &inherited)), SomeSettings::default());
}

fn what_a_server_without_channels_has_set_is_the_streams_own(database: &TestDatabase) {
    let ana = database.user("ana");
    let id = database.stream(&ana);
    let before = Settings { slow_mode_s: 30, ..Settings::default() };
    database.write(|tx| streams::set_settings(tx, id, &before));
    let own = database.read(|conn| settings::own(conn, id, &Settings::default()));
    assert_eq!(own.names(), [SettingName::SlowModeS]);
    let to_inherit = Settings { slow_mode_s: 60, hold_all: true, ..Settings::default() };
    let holds = database.write(|tx| settings::put_own(tx, id, own, &to_inherit));
    assert_eq!(holds, Settings { slow_mode_s: 30, ..to_inherit });
    assert_eq!(database.read(|conn| settings::own(conn, id, &to_inherit)), own);
}

fn streams_that_have_not_ended_are_held_in_their_order(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (first, over, last) = (database.stream(&ana), database.stream(&ana), database.stream(&ana));
    database.stream(&bo);
    database.write(|tx| streams::transition(tx, over, Status::Ended, NOW));
    assert_eq!(database.write(|tx| channels::lock_streams(tx, ana.id, None)), [first, last]);
    assert_eq!(database.write(|tx| channels::lock_streams(tx, ana.id, Some(over))), [first, over, last]);
}

fn a_host_has_so_many_streams_that_have_not_ended(database: &TestDatabase) {
    let ana = database.user("ana");
    let create =
        || database.store.write_blocking(|tx| channels::create_stream(tx, &new_stream(ana.id, "x"), NOW));
    let made: Vec<StreamId> = (0..OPEN_STREAMS_MAX).map(|_| create().unwrap().id).collect();
    assert!(matches!(create(), Err(Error::Conflict(Conflict::TooMany))));
    database.write(|tx| streams::transition(tx, made[0], Status::Ended, NOW));
    assert!(create().is_ok());
}

fn the_longer_of_two_bans_holds_and_both_are_listed(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (one, two) = (database.stream(&ana), database.stream(&ana));
    let ban = |until| NewBan { user_id: bo.id, until, reason: None, banned_by: ana.id };
    database.write(|tx| bans::of_stream::put(tx, one, &ban(Some(NOW + 2000)), NOW));
    database.write(|tx| bans::of_channel::put(tx, ana.id, &ban(Some(NOW + 1000)), NOW));
    let until = |stream, at| {
        let ban = database.read(|conn| bans::of_user(conn, (stream, ana.id), bo.id, at));
        let all = database.read(|conn| bans::active(conn, (stream, ana.id), at));
        assert_eq!(ban.iter().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
        ban.and_then(|ban| ban.until)
    };
    assert_eq!((until(one, NOW), until(two, NOW)), (Some(NOW + 2000), Some(NOW + 1000)));
    assert_eq!((until(one, NOW + 1000), until(two, NOW + 1000)), (Some(NOW + 2000), None));
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = database.read(|conn| bans::list(conn, (one, ana.id), NOW, after, 1));
        seen.extend(page.items.into_iter().map(|(scope, _)| scope));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [Scope::Channel, Scope::Stream]);
}

fn what_an_account_kept_and_was_in_channels_goes_with_it(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (of_ana, of_bo) = (database.stream(&ana), database.stream(&bo));
    let ban =
        |user: &Person, by: &Person| NewBan { user_id: user.id, until: None, reason: None, banned_by: by.id };
    database.write(|tx| {
        relations::moderators_of_channel::put(tx, bo.id, ana.id, NOW)?;
        bans::of_channel::put(tx, bo.id, &ban(&ana, &bo), NOW)?;
        bans::of_channel::put(tx, ana.id, &ban(&bo, &ana), NOW)
    });
    assert!(database.read(|conn| relations::is_moderator(conn, of_bo, bo.id, ana.id)));
    let nothing = events::NewEvent {
        of_channel: false,
        kind: "comments.purged".into(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload: "{}".into(),
    };
    database.write(|tx| {
        account_end::delete_account(tx, ana.id, NOW, &nothing, &|_| nothing.clone(), &|_, _| None)
    });
    assert!(!database.read(|conn| relations::is_moderator(conn, of_bo, bo.id, ana.id)));
    assert_eq!(database.read(|conn| bans::of_channel::of_user(conn, bo.id, ana.id, NOW)), None);
    assert_eq!(database.read(|conn| bans::of_user(conn, (of_ana, ana.id), bo.id, NOW)), None);
}

on_both!(
    a_channel_is_made_when_it_is_first_held,
    a_stream_begins_with_what_holds_in_the_channel,
    what_a_server_without_channels_has_set_is_the_streams_own,
    streams_that_have_not_ended_are_held_in_their_order,
    a_host_has_so_many_streams_that_have_not_ended,
    the_longer_of_two_bans_holds_and_both_are_listed,
    what_an_account_kept_and_was_in_channels_goes_with_it,
);
