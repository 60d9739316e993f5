//! A shard: one worker's part of the audience. It puts each room's batches into that room's ring, wakes the readers,
//! and sees to it that nobody is silent or late. It must not know what is said, nor encode anything for one viewer.

use super::{audience::Audience, batch::Batch};
use crate::{
    domain::{ConnectionId, StreamId},
    metrics::Metrics,
    wire::Close,
};
use actix::prelude::*;
use std::{
    cell::RefCell,
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
    /// Since when the oldest of it waits.
    pub since: Instant,
    /// Who wants to know when it is written.
    pub room: Recipient<Drained>,
}

/// A fan-out has been written, as far as sockets take it.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Drained {
    /// The worker's CPU time for sending it: on a busy machine, the time on the wall would say more about the neighbours
    /// than about the audience.
    pub took: Duration,
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

/// The actor of a worker.
pub(crate) struct Shard {
    audience: Rc<RefCell<Audience>>,
    heartbeat: Duration,
    metrics: Metrics,
}

impl Shard {
    /// A shard over a worker's audience.
    pub(crate) fn new(audience: Rc<RefCell<Audience>>, heartbeat: Duration, metrics: Metrics) -> Self {
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
        let batch = fan_out.batch.copied();
        let size = batch.frames.len() as u64;
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
