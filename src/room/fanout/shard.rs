//! A shard: one worker's part of the audience. It puts each room's batches into that room's ring, wakes the readers,
//! and sees to it that nobody is silent or late. It must not know what is said, nor encode anything for one viewer.

use super::{
    audience::{Audience, Said},
    batch::{Batch, Run},
    deflate::{Deflated, Deflater, thread_cpu_time},
};
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
