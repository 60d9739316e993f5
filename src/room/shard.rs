//! A shard: one worker's part of the audience. It puts each room's batches into that room's ring, wakes the readers,
//! and sees to it that nobody is silent or late. It must not know what is said, nor encode anything for one viewer.

use super::{
    outlet::Outlet,
    ring::{Batch, Cursor, Ring},
    seat::Seat,
};
use crate::{
    domain::{
        ids::{ConnectionId, StreamId},
        stream::Seq,
    },
    metrics::Metrics,
};
use actix::prelude::*;
use bytes::Bytes;
use std::{
    cell::RefCell,
    collections::HashMap,
    ops::Range,
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
pub struct FanOut {
    /// Which room.
    pub stream_id: StreamId,
    /// What.
    pub batch: Batch,
    /// Since when the oldest of it waits.
    pub since: Instant,
    /// Who wants to know when it is written.
    pub room: Recipient<Drained>,
}

/// A fan-out has been written, as far as sockets take it.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Drained {
    /// The worker's CPU time for sending it: on a busy machine, the time on the wall would say more about the neighbours
    /// than about the audience.
    pub took: Duration,
}

/// A viewer may come in: from here on they read the ring.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Admit {
    /// Which room.
    pub stream_id: StreamId,
    /// Who.
    pub connection: ConnectionId,
    /// What they read first.
    pub opening: Bytes,
    /// The head of the log once they have read it.
    pub head: Seq,
}

/// A worker's viewers by room. Shared, on one thread, by the shard and the worker's upgrade handlers.
pub struct Audience {
    rooms: HashMap<StreamId, Part>,
    ring_bytes_max: u64,
}

struct Part {
    ring: Rc<RefCell<Ring>>,
    seats: Vec<Rc<Seat>>,
    by_connection: HashMap<ConnectionId, Rc<Seat>>,
}

impl Audience {
    /// An empty audience; `ring_bytes_max` is how far behind a viewer may be.
    pub fn new(ring_bytes_max: u64) -> Self {
        Self { rooms: HashMap::new(), ring_bytes_max }
    }

    /// Gives a connection a seat in a room; `outlet` is its socket.
    pub fn sit_down(
        &mut self,
        room: StreamId,
        connection: ConnectionId,
        outlet: Box<dyn Outlet>,
    ) -> Rc<Seat> {
        let ring_bytes_max = self.ring_bytes_max;
        let part = self.rooms.entry(room).or_insert_with(|| Part {
            ring: Rc::new(RefCell::new(Ring::new(ring_bytes_max))),
            seats: Vec::new(),
            by_connection: HashMap::new(),
        });
        let seat = Rc::new(Seat::new(connection, part.ring.clone(), Instant::now(), outlet));
        seat.index.set(part.seats.len());
        part.seats.push(seat.clone());
        part.by_connection.insert(connection, seat.clone());
        seat
    }

    /// Takes a connection's seat away; the last one takes the ring with it.
    pub fn stand_up(&mut self, room: StreamId, connection: ConnectionId) {
        let Some(part) = self.rooms.get_mut(&room) else { return };
        let Some(seat) = part.by_connection.remove(&connection) else { return };
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

    /// Seats taken, for tests and metrics.
    pub fn seats(&self) -> usize {
        self.rooms.values().map(|part| part.seats.len()).sum()
    }

    fn say(&mut self, room: StreamId, batch: Batch, now: Instant) -> usize {
        let Some(part) = self.rooms.get_mut(&room) else { return 0 };
        part.ring.borrow_mut().push(batch, now);
        part.seats.len()
    }

    /// Sends to these seats of a room; false once there are no more.
    fn serve(&self, room: StreamId, seats: Range<usize>) -> bool {
        let Some(part) = self.rooms.get(&room) else { return false };
        let end = seats.end.min(part.seats.len());
        part.seats.get(seats.start..end).into_iter().flatten().for_each(|seat| seat.send_now());
        end < part.seats.len()
    }

    fn tend(&self, now: Instant, heartbeat: Duration) {
        for part in self.rooms.values() {
            part.seats.iter().for_each(|seat| seat.tend(now, heartbeat));
            let end = part.ring.borrow().end();
            let slowest: Cursor = part.seats.iter().filter_map(|seat| seat.cursor()).min().unwrap_or(end);
            part.ring.borrow_mut().trim(slowest);
        }
    }
}

/// The actor of a worker.
pub struct Shard {
    audience: Rc<RefCell<Audience>>,
    heartbeat: Duration,
    metrics: Metrics,
}

impl Shard {
    /// A shard over a worker's audience.
    pub fn new(audience: Rc<RefCell<Audience>>, heartbeat: Duration, metrics: Metrics) -> Self {
        Self { audience, heartbeat, metrics }
    }
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(TEND_EVERY, |shard, _| {
            shard.audience.borrow().tend(Instant::now(), shard.heartbeat)
        });
    }
}

impl Handler<FanOut> for Shard {
    type Result = ();

    fn handle(&mut self, fan_out: FanOut, _: &mut Self::Context) {
        // Copied once a worker, so that the count of references stays on one core.
        let frames = Bytes::copy_from_slice(&fan_out.batch.frames);
        let size = frames.len() as u64;
        let batch = Batch { frames, head: fan_out.batch.head };
        let readers = self.audience.borrow_mut().say(fan_out.stream_id, batch, Instant::now()) as u64;
        self.metrics.fanout_deliveries.inc_by(readers);
        self.metrics.fanout_bytes.inc_by(readers * size);
        let (audience, metrics) = (self.audience.clone(), self.metrics.clone());
        actix::spawn(async move {
            let took = sweep(&audience, fan_out.stream_id).await;
            metrics.fanout_delay_seconds.observe(fan_out.since.elapsed().as_secs_f64());
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

fn thread_cpu_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs() as u32)
}

impl Handler<Admit> for Shard {
    type Result = ();

    fn handle(&mut self, admit: Admit, _: &mut Self::Context) {
        let audience = self.audience.borrow();
        let seat =
            audience.rooms.get(&admit.stream_id).and_then(|part| part.by_connection.get(&admit.connection));
        if let Some(seat) = seat {
            seat.admit(admit.opening, admit.head);
        }
    }
}
