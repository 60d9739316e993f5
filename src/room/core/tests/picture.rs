//! Who is told of a preview, and when: at joining, when a role changes, and when the stream is over before it began.

use crate::{
    config::Limits,
    domain::{
        ConnectionId, Millis, Now, Seq, Status, UserId,
        stream::picture::{Picture, PictureState},
    },
    identity::Account,
    room::{
        core::{
            RoomCore,
            openings::{Opening, Since},
        },
        reply::{ConnectionHandle, Tell},
        samples,
    },
    wire::{
        Event, Numbered, Refusal,
        event::{ModeratorAdded, ModeratorRemoved, StreamEnded, StreamStarted},
        framing,
    },
};
use serde_json::Value;
use std::{sync::mpsc::Receiver, time::Duration};

const BEGUN_AT: Seq = Seq(10);

/// A room in which nothing is said yet, with a picture.
fn room(status: Status) -> RoomCore {
    let mut state = samples::state(UserId::new());
    state.stream.status = status;
    let mut room = samples::core(state, Limits::default(), BEGUN_AT, Now::read());
    let live = Picture { state: PictureState::Live, ..Picture::none(Millis(8)) };
    room.parts.pictures.set(room.id, live, None, Vec::new());
    room.look_at_picture();
    room.say_picture(Duration::ZERO, Now::read().instant).expect("nothing was said before");
    room.pending.take();
    room
}

fn host(room: &RoomCore) -> Option<Account> {
    Some(Account { user: room.state.stream.host.user.clone(), ..samples::account(UserId::new()) })
}

fn admin() -> Option<Account> {
    Some(Account { is_admin: true, ..samples::account(UserId::new()) })
}

/// Somebody in a room, and what they are told there.
struct Viewer {
    connection: ConnectionId,
    handle: ConnectionHandle,
    told: Receiver<Tell>,
}

impl Viewer {
    fn join(room: &mut RoomCore, account: Option<Account>) -> Self {
        let (handle, told) = samples::connection();
        let connection = handle.connection;
        room.join(account, handle.clone(), Opening::Snapshot, (None, 0), Millis(9)).expect("it is public");
        room.admit_waiting(Now::read());
        Viewer { connection, handle, told }
    }

    fn identify(&self, room: &mut RoomCore, account: Option<Account>) {
        room.identify(self.connection, account, (None, 0), Millis(9)).expect("it is public");
    }

    /// The states of pictures that they alone were told since the last time.
    async fn pictures(&self) -> Vec<String> {
        // Answered when all before it has been.
        let last = Tell::Refused(None, Refusal::not_found());
        self.handle.session.send(last).await.expect("a session");
        let frame = |tell| match tell {
            Tell::Frame(text) => Some(serde_json::from_str(&text).expect("JSON")),
            _ => None,
        };
        states(self.told.try_iter().filter_map(frame))
    }
}

/// The states of the pictures among frames.
fn states(frames: impl Iterator<Item = Value>) -> Vec<String> {
    let state = |frame: Value| frame["state"].as_str().expect("a state").to_owned();
    frames.filter(|frame| frame["type"] == "picture").map(state).collect()
}

fn happens(room: &mut RoomCore, event: impl Into<Event>) {
    let now = Now::read();
    let numbered = Numbered::new(room.sequencer.head().next(), now.wall, event.into());
    room.apply_all(vec![numbered], now);
    room.say_picture(Duration::ZERO, now.instant).expect("at any time");
}

/// The states of pictures that go out to all.
fn to_all(room: &mut RoomCore) -> Vec<String> {
    let batch = room.pending.take();
    states(framing::texts(&batch.plain.frames).map(|text| serde_json::from_str(text).expect("JSON")))
}

#[actix::test]
async fn whose_role_changes_gets_the_picture_that_is_theirs_now() {
    let mut room = room(Status::Scheduled);
    let account = samples::account(UserId::new());
    let (user_id, user) = (account.user.id, account.user.clone());
    let viewer = Viewer::join(&mut room, Some(account.clone()));
    assert!(viewer.pictures().await.is_empty());
    happens(&mut room, ModeratorAdded { user_id, user: user.clone() });
    assert_eq!(viewer.pictures().await, ["live"]);
    happens(&mut room, ModeratorRemoved { user_id, user: user.clone() });
    assert_eq!(viewer.pictures().await, ["none"]);
    for staff in [host(&room), admin()] {
        viewer.identify(&mut room, staff.clone());
        assert_eq!(viewer.pictures().await, ["live"]);
        viewer.identify(&mut room, staff);
        assert!(viewer.pictures().await.is_empty(), "it is theirs already");
        viewer.identify(&mut room, None);
        assert_eq!(viewer.pictures().await, ["none"]);
    }
    let chief = Account { is_admin: true, ..account };
    viewer.identify(&mut room, Some(chief));
    assert_eq!(viewer.pictures().await, ["live"]);
    happens(&mut room, ModeratorAdded { user_id, user: user.clone() });
    happens(&mut room, ModeratorRemoved { user_id, user });
    assert!(viewer.pictures().await.is_empty(), "an admin sees it all the while");
}

#[actix::test]
async fn once_the_picture_is_for_all_a_role_changes_nothing_about_it() {
    let mut room = room(Status::Live);
    let account = samples::account(UserId::new());
    let (user_id, user) = (account.user.id, account.user.clone());
    let viewer = Viewer::join(&mut room, Some(account));
    happens(&mut room, ModeratorAdded { user_id, user: user.clone() });
    happens(&mut room, ModeratorRemoved { user_id, user });
    viewer.identify(&mut room, None);
    assert!(viewer.pictures().await.is_empty());
}

#[actix::test]
async fn what_was_a_preview_is_for_all_at_the_start() {
    let mut room = room(Status::Scheduled);
    let at_host = host(&room);
    let at_host = Viewer::join(&mut room, at_host);
    let mut stream = room.state.stream.clone();
    stream.status = Status::Live;
    happens(&mut room, StreamStarted { stream });
    assert_eq!(to_all(&mut room), ["live"]);
    assert!(at_host.pictures().await.is_empty(), "the host hears it with all");
}

#[actix::test]
async fn a_stream_that_ends_before_it_began_takes_the_preview_from_its_staff() {
    let mut room = room(Status::Scheduled);
    let at_host = host(&room);
    let (at_host, guest) = (Viewer::join(&mut room, at_host), Viewer::join(&mut room, None));
    let mut stream = room.state.stream.clone();
    stream.status = Status::Ended;
    happens(&mut room, StreamEnded { stream });
    assert_eq!(at_host.pictures().await, ["none"]);
    assert!(guest.pictures().await.is_empty() && to_all(&mut room).is_empty(), "the others had none");
}

#[actix::test]
async fn each_reads_at_once_the_picture_that_is_theirs_and_reads_it_once() {
    let mut room = room(Status::Scheduled);
    let resume = Opening::Resume(Since { seq: BEGUN_AT, epoch: None });
    for (account, state) in [(host(&room), "live"), (None, "none"), (admin(), "live")] {
        for opening in [Opening::Snapshot, resume.clone()] {
            let (handle, told) = samples::connection();
            let viewer = Viewer { connection: handle.connection, handle: handle.clone(), told };
            room.join(account.clone(), handle, opening, (None, 0), Millis(9)).expect("it is public");
            let admission = room.admissions.pop().expect("they wait");
            let frames = room.opening(&admission, Now::read()).plain.frames;
            let mut frames: Vec<Value> =
                framing::texts(&frames).map(|text| serde_json::from_str(text).expect("JSON")).collect();
            if frames[0]["type"] == "snapshot" {
                assert_eq!(frames[0]["stream"]["picture"]["state"], state);
            }
            assert_eq!(states(frames.drain(..)), [state]);
            room.say_picture(Duration::ZERO, Now::read().instant).expect("at any time");
            assert!(viewer.pictures().await.is_empty(), "not once more");
        }
    }
}

#[actix::test]
async fn who_comes_back_late_reads_the_picture_that_is_theirs_before_the_log() {
    let mut room = room(Status::Scheduled);
    for (account, state) in [(host(&room), PictureState::Live), (None, PictureState::None)] {
        let opening = Opening::Resume(Since { seq: Seq(9), epoch: None });
        let joined = room.join(account, samples::connection().0, opening, (None, 0), Millis(9));
        let behind = joined.expect("it is public").behind.expect("the log has to be read");
        assert_eq!(behind.picture.picture.state, state);
    }
}
