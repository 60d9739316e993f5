//! Who comes in: counted or turned away, from where they read on, and that they hear all of it once.

use super::*;
use crate::{
    config::{Cap, Limits},
    domain::{UserId, Visibility},
    room::{reply::Tell, samples, state::RoomState},
    wire::{
        Code, Numbered,
        event::{CommentCreated, CommentUnpinned},
        framing,
    },
};
use std::sync::mpsc;

/// The log as far as it is known when a room begins: what came before is nowhere in memory.
const BEGUN_AT: Seq = Seq(10);

struct Room {
    core: RoomCore,
    now: Now,
}

impl Room {
    fn with(change: impl FnOnce(&mut RoomState, &mut Limits)) -> Self {
        let (mut state, mut limits) = (samples::state(UserId::new()), Limits::default());
        change(&mut state, &mut limits);
        let now = Now::read();
        Room { core: samples::core(state, limits, BEGUN_AT, now), now }
    }

    /// Something is said, and goes out in a flush.
    fn goes_on(&mut self, events: usize) {
        for _ in 0..events {
            let seq = self.core.sequencer.head().next();
            let numbered = Numbered::new(seq, self.now.wall, CommentUnpinned {}.into());
            self.core.apply_all(vec![numbered], self.now);
        }
        self.core.pending.take();
    }

    fn join(
        &mut self,
        account: Option<Account>,
        opening: Opening,
    ) -> Result<(ConnectionId, Joined), Refusal> {
        let handle = samples::connection().0;
        self.join_by(handle, account, opening)
    }

    fn join_by(
        &mut self,
        handle: ConnectionHandle,
        account: Option<Account>,
        opening: Opening,
    ) -> Result<(ConnectionId, Joined), Refusal> {
        let connection = handle.connection;
        let joined = self.core.join(account, handle, opening, (None, 0), self.now.wall)?;
        Ok((connection, joined))
    }

    /// What the one who waits reads first, as type and number.
    fn opening(&mut self, connection: ConnectionId) -> Vec<String> {
        let place = self.core.admissions.iter().position(|admission| admission.connection == connection);
        let admission = self.core.admissions.remove(place.expect("somebody who waits"));
        let opening = self.core.opening(&admission, self.now);
        self.core.admissions.push(admission);
        assert_eq!(opening.head, self.core.pending.head());
        framing::texts(&opening.plain.frames).map(kind_and_number).collect()
    }
}

fn kind_and_number(text: &str) -> String {
    let frame: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let kind = frame["type"].as_str().expect("a type");
    match (&frame["seq"], &frame["from"]) {
        (serde_json::Value::Number(seq), _) => format!("{kind} {seq}"),
        (_, serde_json::Value::Number(from)) => format!("{kind} {from} to {}", frame["to"]),
        _ => kind.to_owned(),
    }
}

fn resume(seq: i64) -> Opening {
    Opening::Resume(Since { seq: Seq(seq), epoch: None })
}

fn somebody() -> Option<Account> {
    Some(samples::account(UserId::new()))
}

#[actix::test]
async fn who_joins_is_counted_once_however_many_sockets_they_have() {
    let mut room = Room::with(|_, _| {});
    let ana = somebody();
    let (first, _) = room.join(ana.clone(), Opening::Snapshot).unwrap();
    let (second, joined) = room.join(ana, Opening::Snapshot).unwrap();
    let (guest, _) = room.join(None, Opening::Snapshot).unwrap();
    room.join(None, Opening::Reader(None)).unwrap();
    assert_eq!((joined.you.role, joined.epoch.as_str()), (Role::Viewer, "epoch"));
    assert!(joined.behind.is_none());
    let counted = |room: &Room| {
        futures_util::future::FutureExt::now_or_never(room.core.parts.viewer_counts.of(room.core.id)).unwrap()
    };
    assert_eq!(counted(&room), 2, "readers of the event stream are no viewers");
    room.core.leave(first);
    assert_eq!(counted(&room), 2);
    room.core.leave(second);
    room.core.leave(guest);
    assert_eq!(counted(&room), 0);
    assert_eq!((room.core.state.peak_viewers, room.core.minute.viewers), (2, 2));
}

#[actix::test]
async fn who_may_not_see_a_private_stream_is_turned_away_and_not_counted() {
    let member = samples::account(UserId::new());
    let mut room = Room::with(|state, _| {
        state.stream.visibility = Visibility::Private;
        state.members.insert(member.user.id);
    });
    for stranger in [None, somebody()] {
        let refusal = room.join(stranger, Opening::Snapshot).unwrap_err();
        assert_eq!((refusal.code, refusal.conceals), (Code::NotFound, true));
    }
    assert!(room.core.roster.is_empty() && room.core.admissions.is_empty());
    let (connection, _) = room.join(Some(member), Opening::Snapshot).unwrap();
    // Signing out in the room shuts it to them, too.
    assert_eq!(
        room.core.identify(connection, None, (None, 0), room.now.wall).unwrap_err().code,
        Code::NotFound
    );
    assert_eq!(
        futures_util::future::FutureExt::now_or_never(room.core.parts.viewer_counts.of(room.core.id))
            .unwrap(),
        1
    );
}

#[actix::test]
async fn a_newcomer_reads_the_state_as_of_the_last_flush() {
    let mut room = Room::with(|_, _| {});
    room.goes_on(2);
    let (connection, _) = room.join(None, Opening::Snapshot).unwrap();
    assert_eq!(room.opening(connection), ["snapshot 12", "pulse", "picture"]);
}

#[actix::test]
async fn the_snapshot_is_made_once_for_all_who_join_before_the_next_change() {
    let mut room = Room::with(|_, _| {});
    let (_, now) = (room.join(None, Opening::Snapshot).unwrap(), room.now);
    let first = room.core.snapshot_of_all(now);
    room.join(None, Opening::Snapshot).unwrap();
    assert_eq!(room.core.snapshot_of_all(samples::later(now, 249)).as_ptr(), first.as_ptr());
    assert_ne!(
        room.core.snapshot_of_all(samples::later(now, 250)),
        first,
        "the number of viewers is too old"
    );
    let comment = samples::comment("hi");
    let event = CommentCreated { comment }.into();
    room.core.apply_all(vec![Numbered::new(Seq(11), now.wall, event)], now);
    room.core.pending.take();
    let text = room.core.snapshot_of_all(samples::later(now, 251));
    assert!(text.contains(r#""seq":11"#) && text.contains(r#""content":"hi""#), "{text}");
}

#[actix::test]
async fn who_comes_back_without_a_gap_reads_what_was_missed_and_no_more() {
    let mut room = Room::with(|_, _| {});
    room.goes_on(3);
    let (behind, joined) = room.join(None, resume(11)).unwrap();
    assert!(joined.behind.is_none());
    let missed = ["comment.unpinned 12", "comment.unpinned 13"];
    assert_eq!(room.opening(behind), [&["resumed 12 to 13", "pulse", "picture"][..], &missed].concat());
    let (at_head, _) = room.join(None, resume(13)).unwrap();
    assert_eq!(room.opening(at_head), ["resumed 14 to 13", "pulse", "picture"]);
    let since = Since { seq: Seq(11), epoch: Some("epoch".into()) };
    let (reader, _) = room.join(None, Opening::Reader(Some(since))).unwrap();
    assert_eq!(room.opening(reader), missed, "readers get the log alone");
    let (new_reader, _) = room.join(None, Opening::Reader(None)).unwrap();
    assert!(room.opening(new_reader).is_empty(), "and begin now");
}

#[actix::test]
async fn who_comes_back_after_a_gap_reads_the_log_first() {
    let mut room = Room::with(|_, _| {});
    room.goes_on(3);
    let (connection, joined) = room.join(None, resume(9)).unwrap();
    let behind = joined.behind.expect("what came before the room is not in memory");
    assert_eq!((behind.after, behind.to, behind.pulse.viewers), (Seq(9), Seq(13), 1));
    room.core.admit_waiting(room.now);
    assert!(!room.core.roster.find(connection).unwrap().is_admitted, "they are still reading");
    assert!(!room.core.catch_up(connection, Seq(9)), "they have read nothing yet");
    room.goes_on(1);
    assert!(
        !room.core.catch_up(connection, Seq(15)),
        "the log goes on, and the room has not heard of it yet"
    );
    assert!(room.core.catch_up(connection, Seq(13)));
    assert_eq!(room.opening(connection), ["comment.unpinned 14"], "they have been told that they are back");
}

#[actix::test]
async fn a_place_that_means_nothing_here_is_answered_by_a_snapshot() {
    let mut room = Room::with(|_, limits| limits.resume_events = Cap::new(3));
    room.goes_on(4);
    let of_another_log = Opening::Resume(Since { seq: Seq(14), epoch: Some("another".into()) });
    for opening in [of_another_log, resume(15), resume(-1), resume(10)] {
        let (connection, joined) = room.join(None, opening.clone()).unwrap();
        assert!(joined.behind.is_none(), "{opening:?}");
        assert_eq!(room.opening(connection), ["snapshot 14", "pulse", "picture"], "{opening:?}");
    }
    let (near, _) = room.join(None, resume(11)).unwrap();
    assert_eq!(room.opening(near)[0], "resumed 12 to 14");
    assert_eq!(room.core.parts.metrics.limit_hits.of("RESUME_EVENTS").get(), 1);
}

#[actix::test]
async fn who_waits_is_let_in_at_the_flush_and_their_worker_is_told_as_long_as_they_stay() {
    let mut room = Room::with(|_, _| {});
    let [(one, _), (other, _), (gone, _)] = [(); 3].map(|()| room.join(None, Opening::Snapshot).unwrap());
    room.core.leave(gone);
    assert!(room.core.workers.is_empty(), "nobody reads the ring yet");
    room.core.admit_waiting(room.now);
    let workers =
        |room: &Room| room.core.workers.iter().map(|part| (part.worker, part.count)).collect::<Vec<_>>();
    assert_eq!(workers(&room), [(0, 2)]);
    assert!(room.core.roster.find(one).unwrap().is_admitted && room.core.admissions.is_empty());
    room.core.leave(one);
    assert_eq!(workers(&room), [(0, 1)]);
    room.core.leave(other);
    room.core.leave(other);
    assert!(workers(&room).is_empty());
}

#[actix::test]
async fn staff_learn_how_much_waits_for_them_and_nobody_else_does() {
    let mut room = Room::with(|state, _| state.held = 7);
    let host = Account { user: room.core.state.stream.host.user.clone(), ..samples::account(UserId::new()) };
    for (account, heard) in [(Some(host.clone()), 1), (somebody(), 0), (None, 0)] {
        let (handle, told) = samples::connection();
        let (connection, _) = room.join_by(handle.clone(), account, Opening::Snapshot).unwrap();
        assert_eq!(queues(&handle, &told).await, heard);
        room.core.identify(connection, Some(host.clone()), (None, 0), room.now.wall).unwrap();
        assert_eq!(queues(&handle, &told).await, 1, "who signs in as the host is told then");
    }
}

/// How often a session has been told since the last time that seven comments wait.
async fn queues(handle: &ConnectionHandle, told: &mpsc::Receiver<Tell>) -> usize {
    // Answered when all before it has been.
    let last = Tell::Refused(None, Refusal::not_found());
    handle.session.send(last).await.expect("a session");
    let is_queue =
        |tell: &Tell| matches!(tell, Tell::Frame(text) if **text == *r#"{"type":"queue","held":7}"#);
    told.try_iter().filter(is_queue).count()
}
