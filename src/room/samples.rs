//! Samples for unit tests.

use super::{
    core::{RoomCore, core_parts::CoreParts},
    fanout::shard::{Audience, Shard},
    reply::{ConnectionHandle, Tell},
    state::{RoomState, roster::Occupant},
    viewer_counts::ViewerCounts,
};
use crate::{
    bus::presence::Presence,
    config::{FlushWindow, Limits},
    domain::{
        Login, Millis, Now, Role, RulesVersion, Seq, Settings, Status, TermList, Visibility,
        accounts::key::Grant, ids::*,
    },
    identity::Account,
    metrics::Metrics,
    wire::view::{Author, CommentView, HostView, StreamCore, UserRef},
};
use actix::prelude::*;
use std::{cell::RefCell, net::IpAddr, rc::Rc, sync::mpsc, time::Duration};

/// A session that only keeps what it is told.
struct Listener(mpsc::Sender<Tell>);

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<Tell> for Listener {
    type Result = ();

    fn handle(&mut self, tell: Tell, _: &mut Self::Context) {
        // Who does not look at it has dropped the other end.
        _ = self.0.send(tell);
    }
}

/// A connection of its own, and what its session is told.
pub(crate) fn connection() -> (ConnectionHandle, mpsc::Receiver<Tell>) {
    let metrics = Metrics::new();
    let audience = Rc::new(RefCell::new(Audience::new(1 << 20, &metrics)));
    let (tell, told) = mpsc::channel();
    let handle = ConnectionHandle {
        connection: ConnectionId::new(),
        stream: StreamId::new(),
        session: Listener(tell).start().recipient(),
        shard: Shard::new(audience, Duration::from_secs(30), metrics).start(),
        worker: 0,
    };
    (handle, told)
}

/// Somebody who is here.
pub(crate) fn occupant(account: Option<Account>) -> Occupant {
    Occupant {
        account,
        counts: true,
        handle: connection().0,
        is_admitted: false,
        is_told_as_staff: false,
        reactions: Default::default(),
        vote: None,
        vote_refreshed: 0,
    }
}

pub(crate) fn account(user: UserId) -> Account {
    Account {
        user: UserRef { id: user, username: "ana".into(), display_name: "Ana".into() },
        created_at: Millis(0),
        is_admin: false,
        login: Login::Session(SessionId::new()),
        grant: Grant::Full,
        is_bot: false,
        address: IpAddr::from([0; 4]),
    }
}

/// A comment that says this.
pub(crate) fn comment(content: &str) -> CommentView {
    CommentView {
        id: CommentId::new(),
        seq: Some(Seq(1)),
        stream_id: StreamId::new(),
        user: Author {
            id: UserId::new(),
            username: "ana".into(),
            display_name: "Ana".into(),
            role: Role::Viewer,
            bot: false,
        },
        content: content.into(),
        style: None,
        reply_to: None,
        client_id: None,
        offset_ms: None,
        created_at: Millis(0),
    }
}

/// The moment so many milliseconds after another.
pub(crate) fn later(now: Now, ms: u64) -> Now {
    Now { wall: Millis(now.wall.0 + ms as i64), instant: now.instant + Duration::from_millis(ms) }
}

/// A stream of somebody's that is on air, without any rules, seen by all.
pub(crate) fn state(host: UserId) -> RoomState {
    let user = UserRef { id: host, username: "host".into(), display_name: "Host".into() };
    let stream = StreamCore {
        id: StreamId::new(),
        title: "A stream".into(),
        description: String::new(),
        tags: Vec::new(),
        visibility: Visibility::Public,
        status: Status::Live,
        host: HostView { user, avatar_url: None },
        scheduled_for: None,
        playback_url: None,
        started_at: Some(Millis(0)),
        ended_at: None,
        created_at: Millis(0),
        updated_at: Millis(0),
    };
    RoomState {
        head: Seq(0),
        epoch: "epoch".into(),
        stream,
        settings: Settings::default(),
        terms: TermList::compile(&[]).expect("no term is too many"),
        bans: Default::default(),
        moderators: Default::default(),
        members: Default::default(),
        pinned: None,
        announcement: None,
        poll: None,
        questions: Vec::new(),
        comments: Default::default(),
        comment_count: 0,
        peak_viewers: 0,
        reactions: Default::default(),
        held: 0,
        rules_version: RulesVersion::default(),
        news: Default::default(),
        channel_news: Default::default(),
    }
}

/// The core of a room with this state and these limits, whose log is known up to `head`.
pub(crate) fn core(state: RoomState, limits: Limits, head: Seq, now: Now) -> RoomCore {
    let parts = CoreParts {
        barred: Default::default(),
        pictures: Default::default(),
        viewer_counts: ViewerCounts::new(Presence::alone()),
        presence: Presence::alone(),
        metrics: Metrics::new(),
        limits: limits.into(),
        flush_window: FlushWindow::Auto,
    };
    RoomCore::new(state.stream.id, parts, RoomState { head, ..state }, head, now)
}
