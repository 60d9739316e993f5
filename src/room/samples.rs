//! Samples for unit tests.

use super::{
    fanout::{
        audience::Audience,
        handle::{ConnectionHandle, Tell},
        shard::Shard,
    },
    state::roster::Occupant,
};
use crate::{
    domain::{Millis, Role, Seq, ids::*},
    identity::Account,
    metrics::Metrics,
    wire::view::{Author, CommentView, UserRef},
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
        session_id: SessionId::new(),
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
        },
        content: content.into(),
        style: None,
        reply_to: None,
        client_id: None,
        offset_ms: None,
        created_at: Millis(0),
    }
}
