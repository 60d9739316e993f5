//! A shard: one worker's part of the audience, its viewers by room. It puts each room's batches into that room's ring, has each
//! seat send them, and sees to it that nobody is silent or late. It must not know what is said, nor encode anything for one viewer.

use super::{
    batch::{Batch, Form, Run},
    deflate::{Deflated, Deflater, thread_cpu_time},
    ring::{Cursor, Ring},
    seat::Seat,
    socket::Socket,
};
use crate::{
    domain::{ConnectionId, StreamId},
    metrics::Metrics,
    wire::Close,
};
use actix::prelude::*;
use prometheus_client::metrics::gauge::Gauge;
use std::{
    cell::RefCell,
    collections::HashMap,
    ops::{Deref, Range},
    rc::Rc,
    time::{Duration, Instant},
};

/// How often seats are looked after.
const TEND_EVERY: Duration = Duration::from_secs(1);
/// How many viewers are served before others of the worker have their turn: about half a millisecond of system calls.
const SLICE: usize = 64;

/// A room says something; handed to each worker that has viewers of it.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct FanOut {
    pub stream_id: StreamId,
    pub batch: Batch,
    /// The same compressed, for all workers.
    pub deflated: Deflated,
    /// Since when the oldest of it waits.
    pub since: Instant,
    /// Who wants to know when it is written.
    pub room: Recipient<Drained>,
}

/// A fan-out has been written, as far as sockets take it.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Drained {
    /// The worker's CPU time for it.
    pub took: Duration,
}

/// The actor of a worker.
pub(crate) struct Shard {
    audience: Rc<RefCell<Audience>>,
    deflater: Rc<RefCell<Deflater>>,
    heartbeat: Duration,
    metrics: Metrics,
}

impl Shard {
    /// A shard over a worker's audience.
    pub(crate) fn new(audience: Rc<RefCell<Audience>>, heartbeat: Duration, metrics: Metrics) -> Self {
        let deflater = Rc::new(RefCell::new(Deflater::new(metrics.clone())));
        Self { audience, deflater, heartbeat, metrics }
    }

    /// The worker's own copy of a batch, in the forms that its viewers take.
    fn own(&self, fan_out: &FanOut) -> Batch {
        let Batch { plain, head, .. } = &fan_out.batch;
        let is_wanted = self.audience.borrow().takes_deflated(fan_out.stream_id);
        let deflate = || self.deflater.borrow_mut().deflate(plain);
        let deflated = is_wanted.then(|| fan_out.deflated.made_by(deflate)).flatten();
        Batch { plain: plain.copied(), deflated: deflated.as_ref().map(Run::copied), head: *head }
    }
}

impl Handler<FanOut> for Shard {
    type Result = ();

    fn handle(&mut self, fan_out: FanOut, _: &mut Self::Context) {
        let started = thread_cpu_time();
        let batch = self.own(&fan_out);
        let prepared = thread_cpu_time().saturating_sub(started);
        let Said { viewers, bytes } =
            self.audience.borrow_mut().say(fan_out.stream_id, batch, Instant::now());
        self.metrics.fanout_deliveries.inc_by(viewers);
        self.metrics.fanout_bytes.inc_by(bytes);
        let (audience, deflater) = (self.audience.clone(), self.deflater.clone());
        let metrics = self.metrics.clone();
        actix::spawn(async move {
            let sent = sweep(&audience, fan_out.stream_id).await;
            deflater.borrow_mut().has_sent(sent);
            metrics.fanout_delay_seconds.observe(fan_out.since.elapsed().as_secs_f64());
            let took = prepared + sent;
            metrics.fanout_cost_seconds.observe(took.as_secs_f64());
            // At most one of these a room is under way: the room waits for it before the next fan-out.
            fan_out.room.do_send(Drained { took });
        });
    }
}

/// Sends to all of a room, a slice at a time; what that cost.
async fn sweep(audience: &RefCell<Audience>, room: StreamId) -> Duration {
    let (mut took, mut first) = (Duration::ZERO, 0);
    loop {
        let started = thread_cpu_time();
        let has_more = audience.borrow().serve(room, first..first + SLICE);
        took += thread_cpu_time().saturating_sub(started);
        if !has_more {
            return took;
        }
        first += SLICE;
        tokio::task::yield_now().await;
    }
}

/// A worker's viewers by room. Shared, on one thread, by the shard and the worker's upgrade handlers.
pub(crate) struct Audience {
    rooms: HashMap<StreamId, Part>,
    ring_bytes_max: u64,
    taken: Gauge,
}

struct Part {
    ring: Rc<RefCell<Ring>>,
    seats: Vec<Rc<Seat>>,
    by_connection: HashMap<ConnectionId, Rc<Seat>>,
    /// How many of them take what is said compressed.
    deflated: usize,
}

/// How many viewers a batch was put before, and how many bytes that makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    viewers: u64,
    bytes: u64,
}

impl Audience {
    /// An empty audience; `ring_bytes_max` is how far behind a viewer may be.
    pub(crate) fn new(ring_bytes_max: u64, metrics: &Metrics) -> Self {
        Self { rooms: HashMap::new(), ring_bytes_max, taken: metrics.seats.clone() }
    }

    /// Whether somebody in a room takes what is said compressed.
    fn takes_deflated(&self, room: StreamId) -> bool {
        self.rooms.get(&room).is_some_and(|part| part.deflated > 0)
    }

    /// Puts a batch into a room's ring.
    fn say(&mut self, room: StreamId, batch: Batch, now: Instant) -> Said {
        let Some(part) = self.rooms.get_mut(&room) else { return Said::default() };
        let (viewers, deflated) = (part.seats.len() as u64, part.deflated as u64);
        let bytes = |form| batch.run(form).frames.len() as u64;
        let bytes = (viewers - deflated) * bytes(Form::Plain) + deflated * bytes(Form::Deflated);
        part.ring.borrow_mut().push(batch, now);
        Said { viewers, bytes }
    }

    /// Sends to these seats of a room; false once there are no more.
    fn serve(&self, room: StreamId, seats: Range<usize>) -> bool {
        let Some(part) = self.rooms.get(&room) else { return false };
        let end = seats.end.min(part.seats.len());
        part.seats.get(seats.start..end).into_iter().flatten().for_each(|seat| seat.send_now());
        end < part.seats.len()
    }

    fn find(&self, room: StreamId, connection: ConnectionId) -> Option<&Seat> {
        self.rooms.get(&room)?.by_connection.get(&connection).map(Rc::as_ref)
    }

    fn join(&mut self, room: StreamId, connection: ConnectionId, socket: Socket) -> Rc<Seat> {
        let ring_bytes_max = self.ring_bytes_max;
        let part = self.rooms.entry(room).or_insert_with(|| Part {
            ring: Rc::new(RefCell::new(Ring::new(ring_bytes_max))),
            seats: Vec::new(),
            by_connection: HashMap::new(),
            deflated: 0,
        });
        let seat = Rc::new(Seat::new(connection, part.ring.clone(), Instant::now(), socket));
        part.deflated += usize::from(seat.form == Form::Deflated);
        seat.index.set(part.seats.len());
        part.seats.push(seat.clone());
        part.by_connection.insert(connection, seat.clone());
        self.taken.inc();
        seat
    }

    /// The last one takes the ring with it.
    fn leave(&mut self, room: StreamId, connection: ConnectionId) {
        let Some(part) = self.rooms.get_mut(&room) else { return };
        let Some(seat) = part.by_connection.remove(&connection) else { return };
        self.taken.dec();
        part.deflated -= usize::from(seat.form == Form::Deflated);
        part.seats.swap_remove(seat.index.get());
        if let Some(moved) = part.seats.get(seat.index.get()) {
            moved.index.set(seat.index.get());
            // A sweep that is under way may have passed its new place already.
            moved.wake();
        }
        if part.seats.is_empty() {
            self.rooms.remove(&room);
        }
    }

    /// Looks after all seats.
    fn tend(&self, now: Instant, heartbeat: Duration) {
        for part in self.rooms.values() {
            part.seats.iter().for_each(|seat| seat.tend(now, heartbeat));
            let end = part.ring.borrow().end();
            let slowest: Cursor = part.seats.iter().filter_map(|seat| seat.cursor()).min().unwrap_or(end);
            part.ring.borrow_mut().trim(slowest);
        }
    }
}

/// A seat that is taken as long as this lives.
pub(crate) struct Seated {
    seat: Rc<Seat>,
    room: StreamId,
    audience: Rc<RefCell<Audience>>,
}

impl Seated {
    /// Gives a connection with this socket a seat in a room.
    pub(crate) fn new(
        audience: &Rc<RefCell<Audience>>,
        room: StreamId,
        connection: ConnectionId,
        socket: Socket,
    ) -> Self {
        let seat = audience.borrow_mut().join(room, connection, socket);
        Self { seat, room, audience: audience.clone() }
    }

    /// The seat, for those who work with it while it is taken.
    pub(crate) fn seat(&self) -> &Rc<Seat> {
        &self.seat
    }
}

impl Deref for Seated {
    type Target = Seat;
    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.audience.borrow_mut().leave(self.room, self.seat.connection);
    }
}

/// A viewer may come in: from here on they read the ring.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Admit {
    pub stream_id: StreamId,
    pub connection: ConnectionId,
    /// What they read first.
    pub opening: Batch,
}

/// A viewer must go.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Dismiss {
    /// From which room.
    pub stream_id: StreamId,
    pub connection: ConnectionId,
    pub close: Close,
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(TEND_EVERY, |shard, _| {
            shard.audience.borrow().tend(Instant::now(), shard.heartbeat)
        });
    }
}

impl Handler<Admit> for Shard {
    type Result = ();

    fn handle(&mut self, admit: Admit, _: &mut Self::Context) {
        let audience = self.audience.borrow();
        if let Some(seat) = audience.find(admit.stream_id, admit.connection) {
            seat.admit(admit.opening);
        }
    }
}

impl Handler<Dismiss> for Shard {
    type Result = ();

    fn handle(&mut self, dismiss: Dismiss, _: &mut Self::Context) {
        let audience = self.audience.borrow();
        if let Some(seat) = audience.find(dismiss.stream_id, dismiss.connection) {
            seat.dismiss(Instant::now(), dismiss.close);
        }
    }
}
