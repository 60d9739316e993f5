//! The registry: the way to each room. It starts a room when somebody comes and lets it go when nobody is left.
//! It must not know what happens inside a room.

use crate::{
    bus::presence::{Recounted, Total},
    domain::StreamId,
    room::{
        actor::{
            joining::{Join, Membership},
            notices::{Drain, PictureChanged, ViewersChanged, ViewersHeard},
            ops::{Post, React},
            questions::MayAsk,
            room::{Closed, MayClose, RegistryLink, Room},
            stored::elsewhere::{AtHead, HeardStored},
        },
        core::openings::Joined,
        operations::{
            Notice, Publication,
            publish::{Publish, Publisher},
        },
        parts::RoomParts,
    },
    store::streams::heads::Head,
    wire::Refusal,
};
use actix::prelude::*;
use futures_util::{FutureExt, future::join_all};
use std::collections::HashMap;

/// Most rooms at once on this node.
const ROOMS_MAX: usize = 100_000;
/// Messages that may wait; past it handlers answer `overloaded`.
const MAILBOX: usize = 4096;

/// Finds, starts and forgets rooms.
pub(crate) struct RoomRegistry {
    rooms: HashMap<StreamId, Entry>,
    arbiters: Vec<ArbiterHandle>,
    parts: RoomParts,
    /// Rooms started so far.
    generations: u64,
    is_draining: bool,
}

struct Entry {
    room: Addr<Room>,
    generation: u64,
    /// Messages sent on to the room; it may close once it has handled as many.
    sent: u64,
}

impl RoomRegistry {
    /// A registry without rooms; each is started with these parts.
    pub(crate) fn new(parts: RoomParts) -> Self {
        Self { rooms: HashMap::new(), arbiters: Vec::new(), parts, generations: 0, is_draining: false }
    }

    /// The room of a stream, for one message more; started where it is not open.
    fn open(&mut self, stream: StreamId, ctx: &Context<Self>) -> Result<&mut Entry, Refusal> {
        if self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&stream) {
            return Err(Refusal::overloaded());
        }
        if !self.rooms.contains_key(&stream) {
            let entry = self.start(stream, ctx);
            self.rooms.insert(stream, entry);
        }
        let entry = self.rooms.get_mut(&stream).ok_or_else(Refusal::internal)?;
        entry.sent += 1;
        Ok(entry)
    }

    fn start(&mut self, stream: StreamId, ctx: &Context<Self>) -> Entry {
        self.generations += 1;
        let (generation, parts) = (self.generations, self.parts.clone());
        // Before the room reads its stream, so that nothing falls between.
        let listening = parts.bus.listen(stream);
        let link = RegistryLink {
            may_close: ctx.address().recipient(),
            closed: ctx.address().recipient(),
            publisher: Publisher::new(ctx.address().recipient(), parts.hears.clone(), parts.bus.clone()),
            listening,
            generation,
        };
        let start = move |_: &mut Context<Room>| Room::new(stream, parts, link);
        // The same room always on the same worker, and rooms spread over all of them.
        let room = match self.arbiters.len() {
            0 => Room::create(start),
            workers => Room::start_in_arbiter(&self.arbiters[stream.0.as_u128() as usize % workers], start),
        };
        Entry { room, generation, sent: 0 }
    }

    /// Sends to a room that is open; nobody else needs to hear of it.
    fn tell<M>(&mut self, stream: StreamId, message: M) -> Option<Request<Room, M>>
    where
        M: Message<Result = ()> + Send + 'static,
        Room: Handler<M>,
    {
        let entry = self.rooms.get_mut(&stream)?;
        entry.sent += 1;
        Some(entry.room.send(message))
    }

    fn notify(&mut self, notice: &Notice) -> Vec<Request<Room, Notice>> {
        match notice {
            Notice::SignedOut(_) | Notice::KeyRotated(_) | Notice::PictureMoved(_) => Vec::new(),
            Notice::SourceRefused { stream, .. } => {
                self.tell_of_picture(*stream);
                Vec::new()
            }
            Notice::Rejected { stream, .. } => self.tell(*stream, notice.clone()).into_iter().collect(),
            Notice::RoomGone(stream) => {
                let told = self.tell(*stream, notice.clone());
                self.rooms.remove(stream);
                told.into_iter().collect()
            }
            Notice::Renamed(_) | Notice::Barred { .. } | Notice::ChannelChanged(_) => {
                let open: Vec<StreamId> = self.rooms.keys().copied().collect();
                open.into_iter().filter_map(|stream| self.tell(stream, notice.clone())).collect()
            }
        }
    }
}

/// Has rooms carry out what they were sent, though nobody waits for that: a request that is dropped is not carried out.
fn see_through(sent: Vec<Request<Room, Notice>>) {
    // A room that closes meanwhile has nobody to tell.
    actix::spawn(join_all(sent).map(drop));
}

impl Actor for RoomRegistry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

/// A worker is up and can hold rooms.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct WorkerUp(pub ArbiterHandle);

impl Handler<WorkerUp> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, WorkerUp(arbiter): WorkerUp, _: &mut Self::Context) {
        self.arbiters.push(arbiter);
    }
}

/// Enters a room.
#[derive(Message)]
#[rtype(result = "Result<(Membership, Joined), Refusal>")]
pub(crate) struct Enter(pub StreamId, pub Join);

impl Handler<Enter> for RoomRegistry {
    type Result = ResponseFuture<Result<(Membership, Joined), Refusal>>;

    fn handle(&mut self, Enter(stream, join): Enter, ctx: &mut Self::Context) -> Self::Result {
        // Who comes after the goodbyes would not hear one. Whoever only calls is served to the end.
        let entered = if self.is_draining { Err(Refusal::overloaded()) } else { self.open(stream, ctx) };
        let joined = match entered {
            Ok(entry) => entry.room.send(join),
            Err(refusal) => return Box::pin(async { Err(refusal) }),
        };
        // One that closes meanwhile, or could not be opened while the database was busy, says nothing of its stream: who comes
        // again is told by the tables whether that is there.
        Box::pin(async move { joined.await.unwrap_or_else(|_| Err(Refusal::overloaded())) })
    }
}

/// What handlers have to say to a room that may not be there yet.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) enum Forward {
    Post(StreamId, Post),
    React(StreamId, React),
    MayAsk(StreamId, MayAsk),
}

impl Handler<Forward> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, forward: Forward, ctx: &mut Self::Context) {
        // A room that cannot take it drops the answer's sender, which tells the caller `overloaded`.
        match forward {
            Forward::Post(stream, post) => match self.open(stream, ctx) {
                Ok(entry) => entry.try_send(post),
                Err(refusal) => drop(post.answer.send(Err(refusal))),
            },
            Forward::React(stream, react) => match self.open(stream, ctx) {
                Ok(entry) => entry.try_send(react),
                Err(refusal) => drop(react.answer.send(Err(refusal))),
            },
            Forward::MayAsk(stream, question) => match self.open(stream, ctx) {
                Ok(entry) => entry.try_send(question),
                Err(refusal) => drop(question.answer.send(Err(refusal))),
            },
        }
    }
}

impl Entry {
    fn try_send<M>(&mut self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        Room: Handler<M>,
    {
        if self.room.try_send(message).is_err() {
            self.sent -= 1;
        }
    }
}

impl Handler<Publish> for RoomRegistry {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Publish(publication): Publish, _: &mut Self::Context) -> Self::Result {
        let Publication { streams, notices } = publication;
        let notified: Vec<_> = notices.iter().flat_map(|notice| self.notify(notice)).collect();
        let told: Vec<_> =
            streams.into_iter().filter_map(|stored| self.tell(stored.stream_id, stored)).collect();
        Box::pin(async move {
            join_all(notified).await;
            join_all(told).await;
        })
    }
}

/// Another node has stored this. What finds no room is found in the tables.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Heard(pub Publication);

impl Handler<Heard> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, Heard(publication): Heard, _: &mut Self::Context) {
        for stored in publication.streams {
            if let Some(entry) = self.rooms.get(&stored.stream_id) {
                // Not counted: a room that closes meanwhile has nobody to tell.
                drop(entry.room.try_send(HeardStored(stored)));
            }
        }
        for notice in &publication.notices {
            see_through(self.notify(notice));
        }
    }
}

/// The streams that have a room.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "Vec<StreamId>")]
pub(crate) struct OpenStreams;

impl Handler<OpenStreams> for RoomRegistry {
    type Result = Vec<StreamId>;

    fn handle(&mut self, _: OpenStreams, _: &mut Self::Context) -> Vec<StreamId> {
        self.rooms.keys().copied().collect()
    }
}

/// How far the streams of these rooms have come, by the tables; those without a head are gone.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Looked {
    pub asked: Vec<StreamId>,
    pub heads: Vec<Head>,
}

impl Handler<Looked> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, Looked { asked, heads }: Looked, _: &mut Self::Context) {
        let there: HashMap<StreamId, Head> = heads.into_iter().map(|head| (head.stream, head)).collect();
        for stream in asked {
            match (there.get(&stream), self.rooms.get(&stream)) {
                // The next look comes soon.
                (Some(head), Some(entry)) => drop(entry.room.try_send(AtHead(*head))),
                (None, Some(_)) => see_through(self.notify(&Notice::RoomGone(stream))),
                (_, None) => {}
            }
        }
    }
}

/// Something has changed about the picture of a stream.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct PictureOf(pub StreamId);

impl Handler<PictureOf> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, PictureOf(stream): PictureOf, _: &mut Self::Context) {
        self.tell_of_picture(stream);
    }
}

impl RoomRegistry {
    fn tell_of_picture(&self, stream: StreamId) {
        let Some(entry) = self.rooms.get(&stream) else { return };
        // Not counted: a room that closes meanwhile has nobody to tell, and the next one looks for itself. One that has too
        // much to do hears of the next change, or of the source's health within a second.
        if entry.room.try_send(PictureChanged).is_err() {
            log::debug!("the room of {stream} is not told of its picture");
        }
    }
}

/// Another node has changed how many watch a stream.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct ViewersOf(pub StreamId, pub Total);

impl Handler<ViewersOf> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, ViewersOf(stream, total): ViewersOf, _: &mut Self::Context) {
        let Some(entry) = self.rooms.get(&stream) else { return };
        // Not counted, as with the picture; what is lost is looked for within a second.
        if entry.room.try_send(ViewersHeard(total)).is_err() {
            log::debug!("the room of {stream} does not hear of its viewers");
        }
    }
}

impl Handler<Recounted> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, Recounted(stream): Recounted, _: &mut Self::Context) {
        let Some(entry) = self.rooms.get(&stream) else { return };
        // Not counted, as with the picture. A room that has too much to do shows the number with its next message.
        if entry.room.try_send(ViewersChanged).is_err() {
            log::debug!("the room of {stream} is not told of its viewers");
        }
    }
}

impl Handler<Drain> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, drain: Drain, _: &mut Self::Context) {
        self.is_draining = true;
        // Once in the life of a server.
        self.rooms.values().for_each(|entry| entry.room.do_send(drain));
    }
}

impl Handler<MayClose> for RoomRegistry {
    type Result = bool;

    /// Only if nothing is on its way to the room; what comes later finds a new one.
    fn handle(&mut self, MayClose { stream, handled }: MayClose, _: &mut Self::Context) -> bool {
        let is_idle = self.rooms.get(&stream).is_some_and(|entry| entry.sent == handled);
        if is_idle {
            self.rooms.remove(&stream);
        }
        is_idle
    }
}

impl Handler<Closed> for RoomRegistry {
    type Result = ();

    fn handle(&mut self, Closed { stream, generation }: Closed, _: &mut Self::Context) {
        if self.rooms.get(&stream).is_some_and(|entry| entry.generation == generation) {
            self.rooms.remove(&stream);
        }
    }
}

/// The room of a stream, if somebody is there. Not counted: who uses the address must bear that the room closes meanwhile.
#[derive(Message)]
#[rtype(result = "Option<Addr<Room>>")]
pub(crate) struct Find(pub StreamId);

impl Handler<Find> for RoomRegistry {
    type Result = Option<Addr<Room>>;

    fn handle(&mut self, Find(stream): Find, _: &mut Self::Context) -> Self::Result {
        self.rooms.get(&stream).map(|entry| entry.room.clone())
    }
}
