//! An audience: one worker's viewers by room, each with a seat that is theirs as long as they hold it.
//! It must not know what is said, nor of actors.

use super::{
    batch::{Batch, Form},
    ring::{Cursor, Ring},
    seat::Seat,
    writer::Socket,
};
use crate::{
    domain::{ConnectionId, StreamId},
    metrics::Metrics,
};
use prometheus_client::metrics::gauge::Gauge;
use std::{
    cell::RefCell,
    collections::HashMap,
    ops::{Deref, Range},
    rc::Rc,
    time::{Duration, Instant},
};

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
pub(crate) struct Said {
    pub viewers: u64,
    pub bytes: u64,
}

impl Audience {
    /// An empty audience; `ring_bytes_max` is how far behind a viewer may be.
    pub(crate) fn new(ring_bytes_max: u64, metrics: &Metrics) -> Self {
        Self { rooms: HashMap::new(), ring_bytes_max, taken: metrics.seats.clone() }
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

    pub(crate) fn find(&self, room: StreamId, connection: ConnectionId) -> Option<&Seat> {
        self.rooms.get(&room)?.by_connection.get(&connection).map(Rc::as_ref)
    }

    /// Whether somebody in a room takes what is said compressed.
    pub(crate) fn takes_deflated(&self, room: StreamId) -> bool {
        self.rooms.get(&room).is_some_and(|part| part.deflated > 0)
    }

    /// Puts a batch into a room's ring.
    pub(crate) fn say(&mut self, room: StreamId, batch: Batch, now: Instant) -> Said {
        let Some(part) = self.rooms.get_mut(&room) else { return Said::default() };
        let (viewers, deflated) = (part.seats.len() as u64, part.deflated as u64);
        let bytes = |form| batch.run(form).frames.len() as u64;
        let bytes = (viewers - deflated) * bytes(Form::Plain) + deflated * bytes(Form::Deflated);
        part.ring.borrow_mut().push(batch, now);
        Said { viewers, bytes }
    }

    /// Sends to these seats of a room; false once there are no more.
    pub(crate) fn serve(&self, room: StreamId, seats: Range<usize>) -> bool {
        let Some(part) = self.rooms.get(&room) else { return false };
        let end = seats.end.min(part.seats.len());
        part.seats.get(seats.start..end).into_iter().flatten().for_each(|seat| seat.send_now());
        end < part.seats.len()
    }

    /// Looks after all seats.
    pub(crate) fn tend(&self, now: Instant, heartbeat: Duration) {
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
