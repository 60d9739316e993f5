//! The room: the actor of one live stream, from its opening to its end. What it does on a message stands in the files beside.
//! It must not know of HTTP or WebSocket, nor who finds and starts rooms; it asks them by messages of its own.

use crate::{
    bus::{Bus, Listening},
    domain::{Millis, Now, Seq, StreamId},
    room::{
        core::{Part, RoomCore, core_parts::CoreParts},
        journal::Journal,
        operations::{Stored, Transactions, load, publish::Publisher},
        parts::RoomParts,
        state::RoomState,
        viewer_counts::Viewers,
    },
    store::{self, Store, events},
    wire::Numbered,
};
use actix::prelude::*;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};

/// How long an empty room waits for somebody before it asks to close.
const IDLE: Duration = Duration::from_secs(10);
/// How long a hole in the log may stay open before the log itself is read.
const HOLE: Duration = Duration::from_millis(50);
/// Messages that may wait; past it sessions answer `overloaded`.
const MAILBOX: usize = 4096;
/// Events read from the log at once.
const PAGE: i64 = 1000;

/// A room has nobody left and has handled so many messages that came through the registry: may it close?
#[derive(Message)]
#[rtype(result = "bool")]
pub(crate) struct MayClose {
    pub stream: StreamId,
    pub handled: u64,
}

/// A room could not be opened (its stream is not there).
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Closed {
    pub stream: StreamId,
    /// Which of the rooms that this stream has had.
    pub generation: u64,
}

/// The way to whoever finds and starts rooms.
pub(crate) struct RegistryLink {
    pub may_close: Recipient<MayClose>,
    pub closed: Recipient<Closed>,
    pub publisher: Publisher,
    /// What other nodes say of the stream is heard as long as the room has this.
    pub listening: Listening,
    /// Which of the rooms that this stream has had.
    pub generation: u64,
}

/// The actor of one live stream.
pub(crate) struct Room {
    pub(super) id: StreamId,
    pub(super) store: Store,
    pub(super) journal: Journal,
    pub(super) transactions: Transactions,
    pub(super) bus: Bus,
    core_parts: CoreParts,
    registry: RegistryLink,
    /// None until it is read from the database; till then no message is handled.
    pub(super) core: Option<RoomCore>,
    /// Messages handled that came through the registry.
    pub(super) handled: u64,
    pub(super) flushing: Flushing,
    pub(super) pulse: Option<SpawnHandle>,
    pub(super) picture: Option<SpawnHandle>,
    idle: Option<SpawnHandle>,
    pub(super) hole: Option<SpawnHandle>,
    pub(super) due: Option<SpawnHandle>,
    /// Whether the open poll is being closed, because its time is over.
    pub(super) closes_poll: bool,
    /// The number of the last refresh.
    pub(super) refreshes: u64,
    /// Parts that could not be read when they had changed, each with the number of the refresh.
    pub(super) unsure: HashMap<Part, u64>,
    /// What other nodes have changed and is to be read soon, many changes in one.
    pub(super) stale: BTreeSet<Part>,
    pub(super) stale_timer: Option<SpawnHandle>,
    /// Acts of other nodes that wait for the one before them, and whether one is under way.
    pub(super) heard: VecDeque<Stored>,
    pub(super) holds_heard: bool,
    /// The room's place in the log when it was last told of the log's head.
    pub(super) head_before: Seq,
}

/// The fan-out under way, and the next one.
pub(super) struct Flushing {
    pub started: Instant,
    /// Shards that are still writing the last fan-out, and the longest that took.
    pub writing: usize,
    pub longest: Duration,
    /// Since when the oldest of what the next fan-out says waits.
    pub waiting_since: Option<Instant>,
    pub timer: Option<SpawnHandle>,
}

impl Room {
    /// A room that opens when it has read its stream.
    pub(crate) fn new(id: StreamId, parts: RoomParts, registry: RegistryLink) -> Self {
        let (started, longest) = (Instant::now(), Duration::ZERO);
        Self {
            id,
            transactions: Transactions::new(parts.store.clone(), registry.publisher.clone()),
            store: parts.store,
            journal: parts.journal,
            bus: parts.bus,
            core_parts: parts.core,
            registry,
            core: None,
            handled: 0,
            flushing: Flushing { started, writing: 0, longest, waiting_since: None, timer: None },
            pulse: None,
            picture: None,
            idle: None,
            hole: None,
            due: None,
            closes_poll: false,
            refreshes: 0,
            unsure: HashMap::new(),
            stale: BTreeSet::new(),
            stale_timer: None,
            heard: VecDeque::new(),
            holds_heard: false,
            head_before: Seq(0),
        }
    }

    fn open(&mut self, read: store::Result<Option<(RoomState, Seq)>>, ctx: &mut Context<Self>) {
        match read {
            Ok(Some((state, head))) => {
                self.core = Some(RoomCore::new(self.id, self.core_parts.clone(), state, head, Now::read()));
                self.core_parts.metrics.rooms.inc();
                self.watch_what_is_due(ctx);
                self.watch_idleness(ctx);
                return;
            }
            Ok(None) => {}
            Err(error) => log::error!("room {} could not be opened: {error}", self.id),
        }
        self.leave_registry(ctx);
    }

    /// Ends, whoever is here. Once in the life of a room. What waits in its mailbox is dropped as it stops: the registry and
    /// `Streams` answer that by `overloaded`.
    pub(super) fn leave_registry(&mut self, ctx: &mut Context<Self>) {
        self.registry.closed.do_send(Closed { stream: self.id, generation: self.registry.generation });
        ctx.stop();
    }

    /// Has the log read, where an event is missing for long.
    pub(super) fn fill_holes(&mut self, ctx: &mut Context<Self>) {
        let has_hole = self.core.as_ref().is_some_and(|core| core.sequencer.has_hole());
        if has_hole && self.hole.is_none() {
            self.hole = Some(ctx.run_later(HOLE, |room, ctx| room.read_hole(ctx)));
        }
    }

    pub(super) fn read_hole(&mut self, ctx: &mut Context<Self>) {
        let Some(core) = self.core.as_ref().filter(|core| core.sequencer.has_hole()) else {
            self.hole = None;
            return;
        };
        let read = self.read_log(core.sequencer.head());
        ctx.spawn(read.into_actor(self).map(|read, room, ctx| {
            room.hole = None;
            match read {
                Ok(events) => room.hold_logged(events, ctx),
                Err(error) => log::warn!("room {}: the log could not be read: {error}", room.id),
            }
            room.settle(ctx);
        }));
    }

    /// The next page of the log behind a place.
    pub(super) fn read_log(&self, after: Seq) -> impl Future<Output = store::Result<Vec<Numbered>>> + use<> {
        let (id, store) = (self.id, self.store.clone());
        async move {
            let logged = store.read(move |conn| events::after(conn, id, after, PAGE)).await?;
            Ok(logged.iter().map(Numbered::read).collect())
        }
    }

    /// Asks to close, once nobody has been here for long.
    pub(super) fn watch_idleness(&mut self, ctx: &mut Context<Self>) {
        let is_idle = self.core.as_ref().is_none_or(|core| core.roster.is_empty() && core.posts.is_empty());
        match (is_idle, self.idle) {
            (false, Some(timer)) => {
                ctx.cancel_future(timer);
                self.idle = None;
            }
            (true, None) => self.idle = Some(ctx.run_later(IDLE, |room, ctx| room.ask_to_close(ctx))),
            _ => {}
        }
    }

    fn ask_to_close(&mut self, ctx: &mut Context<Self>) {
        let asked = self.registry.may_close.send(MayClose { stream: self.id, handled: self.handled });
        ctx.spawn(asked.into_actor(self).map(|answer, room, ctx| {
            room.idle = None;
            match answer {
                Ok(true) | Err(_) => ctx.stop(),
                Ok(false) => room.watch_idleness(ctx),
            }
        }));
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let (id, store) = (self.id, self.store.clone());
        let listened = self.registry.listening.begun();
        let read = async move {
            listened.await;
            store.read(move |conn| load::state(conn, id, Millis::now())).await
        };
        // Nothing in the mailbox is looked at before the room is open.
        ctx.wait(read.into_actor(self).map(|read, room, ctx| room.open(read, ctx)));
        self.keep_minutes(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(core) = self.core.take() {
            core.parts.viewer_counts.set(self.id, Viewers::default());
            core.parts.metrics.rooms.dec();
            self.write_minute(&core, core.minute);
        }
    }
}
