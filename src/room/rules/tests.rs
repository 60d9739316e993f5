//! Every rule as a table: role, setting and state against the ruling or its code.

use super::*;
use crate::domain::terms::Term;
use std::time::{Duration, Instant};

const NOW: Millis = Millis(1_000_000_000);

/// What becomes of `content` for an old account with these circumstances.
fn ruling(
    role: Role,
    status: Status,
    settings: &Settings,
    ban: Option<&BanView>,
    last: Option<(u64, &str)>,
    content: &str,
) -> Result<Ruling, Code> {
    let start = Instant::now();
    let now = Now { wall: NOW, instant: start + Duration::from_secs(3600) };
    let last =
        last.map(|(ms_ago, key)| Said { at: now.instant - Duration::from_millis(ms_ago), key: key.into() });
    let term = |text: &str, action| Term { text: text.parse().unwrap(), action };
    let terms =
        [term("mud", TermAction::Mask), term("hmm", TermAction::Hold), term("bad", TermAction::Reject)];
    let terms = TermList::compile(&terms).unwrap();
    let speaker = Speaker {
        role,
        ban: ban.cloned(),
        follows_host: false,
        account_created_at: NOW - 60_000,
        last: last.as_ref(),
    };
    judge(RoomRules { status, settings, terms: &terms }, &speaker, content, content, now)
        .map_err(|refusal| refusal.code)
}

fn by(role: Role, settings: &Settings, content: &str) -> Result<Ruling, Code> {
    ruling(role, Status::Live, settings, None, None, content)
}

fn published(text: &str) -> Result<Ruling, Code> {
    Ok(Ruling::Publish(text.into()))
}

#[test]
fn each_setting_holds_for_whom_it_is_meant() {
    use Role::*;
    let settings = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    };
    let table: [(Settings, &str, [Option<Code>; 4]); 9] = [
        // guest, viewer, moderator, host
        (settings(|_| {}), "hi", [Some(Code::Unauthenticated), None, None, None]),
        (
            settings(|s| s.comments = CommentsBy::Followers),
            "hi",
            [Some(Code::Unauthenticated), Some(Code::FollowersOnly), None, None],
        ),
        (
            settings(|s| s.comments = CommentsBy::Moderators),
            "hi",
            [Some(Code::Unauthenticated), Some(Code::CommentsOff), None, None],
        ),
        (
            settings(|s| s.comments = CommentsBy::Off),
            "hi",
            [
                Some(Code::Unauthenticated),
                Some(Code::CommentsOff),
                Some(Code::CommentsOff),
                Some(Code::CommentsOff),
            ],
        ),
        (
            settings(|s| s.min_account_age_s = 61),
            "hi",
            [Some(Code::Unauthenticated), Some(Code::AccountTooNew), None, None],
        ),
        (settings(|s| s.min_account_age_s = 60), "hi", [Some(Code::Unauthenticated), None, None, None]),
        (
            settings(|s| s.links = LinkPolicy::Reject),
            "see https://a.example/",
            [Some(Code::Unauthenticated), Some(Code::LinksNotAllowed), None, None],
        ),
        (settings(|_| {}), "so bad", [Some(Code::Unauthenticated), Some(Code::TermNotAllowed), None, None]),
        (settings(|s| s.hold_all = true), "hi", [Some(Code::Unauthenticated), None, None, None]),
    ];
    for (settings, content, codes) in table {
        for (role, code) in [Guest, Viewer, Moderator, Host].into_iter().zip(codes) {
            assert_eq!(by(role, &settings, content).err(), code, "{role}: {content} under {settings:?}");
        }
    }
}

#[test]
fn what_waits_for_a_moderator_and_what_is_masked() {
    let plain = Settings::default();
    assert_eq!(by(Role::Viewer, &plain, "mud pie"), published("*** pie"));
    assert_eq!(by(Role::Viewer, &plain, "hmm"), Ok(Ruling::Hold("hmm".into())));
    assert_eq!(by(Role::Host, &plain, "mud pie"), published("mud pie"));
    let hold_links = Settings { links: LinkPolicy::Hold, ..plain };
    assert!(matches!(by(Role::Viewer, &hold_links, "https://a.example/"), Ok(Ruling::Hold(_))));
    let hold_all = Settings { hold_all: true, ..plain };
    assert_eq!(by(Role::Viewer, &hold_all, "hi"), Ok(Ruling::Hold("hi".into())));
    assert_eq!(by(Role::Moderator, &hold_all, "hi"), published("hi"));
}

#[test]
fn slow_mode_and_repeats_end_to_the_millisecond() {
    let with = |settings: Settings, last: (u64, &str)| {
        ruling(Role::Viewer, Status::Live, &settings, None, Some(last), "hi").err()
    };
    let slow = Settings { slow_mode_s: 10, ..Settings::default() };
    assert_eq!(with(slow, (9_999, "other")), Some(Code::SlowMode));
    assert_eq!(with(slow, (10_000, "other")), None);
    let repeats = Settings { repeat_window_s: 10, ..Settings::default() };
    assert_eq!(with(repeats, (9_999, "hi")), Some(Code::Repeated));
    assert_eq!(with(repeats, (9_999, "other")), None);
    assert_eq!(with(repeats, (10_000, "hi")), None);
}

#[test]
fn a_ban_silences_viewers_and_nobody_writes_after_the_end() {
    let ban = BanView { until: Some(NOW + 5_000), reason: Some("spam".into()) };
    let settings = Settings::default();
    let banned = |role| ruling(role, Status::Live, &settings, Some(&ban), None, "hi").err();
    assert_eq!(banned(Role::Viewer), Some(Code::Banned));
    assert_eq!(banned(Role::Moderator), None);
    let refusal = may_write(Status::Live, Role::Viewer, Some(&ban), NOW).unwrap_err();
    assert_eq!(refusal.retry_after_ms, Some(5_000));
    assert!(refusal.message.contains("spam"), "{}", refusal.message);
    for role in [Role::Viewer, Role::Moderator, Role::Host, Role::Admin] {
        assert_eq!(ruling(role, Status::Ended, &settings, None, None, "hi").err(), Some(Code::StreamEnded));
        assert!(
            ruling(role, Status::Scheduled, &settings, None, None, "hi").is_ok(),
            "a waiting room is open"
        );
    }
}

#[test]
fn a_rule_that_is_off_is_not_judged_whatever_the_clocks_say() {
    let settings = Settings::default();
    let now = Now { wall: NOW, instant: Instant::now() };
    let from_the_future = Said { at: now.instant + Duration::from_secs(3600), key: "hi".into() };
    let speaker = Speaker {
        role: Role::Viewer,
        ban: None,
        follows_host: false,
        account_created_at: NOW + 3_600_000,
        last: Some(&from_the_future),
    };
    let judged = |settings| {
        let rules = RoomRules { status: Status::Live, settings, terms: &TermList::default() };
        judge(rules, &speaker, "hi", "hi", now).map_err(|refusal| (refusal.code, refusal.retry_after_ms))
    };
    assert!(judged(&settings).is_ok());
    let slow = Settings { slow_mode_s: 2, ..settings };
    assert_eq!(judged(&slow), Err((Code::SlowMode, Some(2000))), "no longer than the rule itself");
    let grown = Settings { min_account_age_s: 2, ..settings };
    assert_eq!(judged(&grown), Err((Code::AccountTooNew, Some(2000))));
}
