//! The session: the actor of one connection. It reads ops, asks the room, and says goodbye; the room's broadcasts do not pass it.
//! It knows no SQL and no other viewer, and may be frozen while its socket is full: nothing vital hangs on its timers.

mod credentials;

use crate::{
    config::limits,
    connections::{
        catch_up::{CatchUpEnd, catch_up},
        incoming::Incoming,
        limits::{Place, SignedIn},
        worker::WorkerContext,
    },
    domain::{
        Millis, Seq,
        ids::*,
        rate::{Rate, SlidingWindow, TokenBucket},
    },
    identity::Identity,
    room::{
        actor::{
            joining::{Join, Membership},
            ops::Ask,
        },
        core::openings::{Behind, Joined, Opening},
        fanout::seat::{Evict, Seat},
        front::registry::Enter,
        reply::{ConnectionHandle, Tell},
    },
    wire::{
        Close, Code, Frame, Refusal,
        frame::{ClientLimits, You},
        op::{self, Op},
    },
};
use actix::prelude::*;
use actix_http::ws::{CloseCode, CloseReason, Message, ProtocolError};
use actix_web_actors::ws::WebsocketContext;
use futures_util::stream::LocalBoxStream;
use std::{
    net::IpAddr,
    rc::Rc,
    time::{Duration, Instant},
};

/// Bad frames in a minute: the last one closes.
const BAD_FRAMES: Rate = Rate { count: 19, per_ms: 60_000 };
/// How long after its own close frame the server waits for the client's.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

type Socket = WebsocketContext<Session>;

/// What a session is started with.
pub(crate) struct Newcomer {
    pub connection: ConnectionId,
    /// Its place among all connections, held as long as it lives.
    pub _place: Place,
    /// From where, for the log and the record.
    pub address: IpAddr,
    pub room: StreamId,
    /// Whose it is.
    pub identity: Option<Box<Identity>>,
    /// Where to begin.
    pub opening: Opening,
    /// Where its broadcasts come from.
    pub seat: Rc<Seat>,
}

/// The actor of one connection.
pub(crate) struct Session {
    worker: Rc<WorkerContext>,
    newcomer: Newcomer,
    incoming: Option<LocalBoxStream<'static, Incoming>>,
    membership: Option<Membership>,
    frames: TokenBucket,
    bad_frames: SlidingWindow,
    refused_tokens: u32,
    signed_in: Option<SignedIn>,
    token_timers: Vec<SpawnHandle>,
    is_closing: bool,
}

impl Session {
    /// A session that joins its room when it starts.
    pub(crate) fn new(
        worker: Rc<WorkerContext>,
        newcomer: Newcomer,
        incoming: LocalBoxStream<'static, Incoming>,
    ) -> Self {
        let burst = worker.limits.frames_per_connection.limit().unwrap_or(1) * limits::FRAMES_BURST_FACTOR;
        Self {
            frames: TokenBucket::full(burst, Instant::now()),
            worker,
            newcomer,
            incoming: Some(incoming),
            membership: None,
            bad_frames: SlidingWindow::default(),
            refused_tokens: 0,
            signed_in: None,
            token_timers: Vec::new(),
            is_closing: false,
        }
    }

    fn own_handle(&self, ctx: &Socket) -> ConnectionHandle {
        self.worker.handle(self.newcomer.connection, self.newcomer.room, ctx.address().recipient())
    }

    fn join(&mut self, ctx: &mut Socket) {
        let join = Join {
            account: self.account(),
            handle: self.own_handle(ctx),
            opening: self.newcomer.opening.clone(),
        };
        let entered = self.worker.streams.registry.send(Enter(self.newcomer.room, join));
        // What the room says before the welcome waits in the mailbox.
        ctx.wait(entered.into_actor(self).map(|entered, session, ctx| match entered {
            Ok(Ok((membership, joined))) => session.joined(membership, joined, ctx),
            Ok(Err(refusal)) if refusal.code == Code::NotFound => session.close(Close::Gone, ctx),
            Ok(Err(_)) | Err(_) => session.close(Close::Overloaded, ctx),
        }));
    }

    fn joined(&mut self, membership: Membership, joined: Joined, ctx: &mut Socket) {
        self.membership = Some(membership);
        if let Some(identity) = self.newcomer.identity.clone() {
            self.sign_in(&identity, ctx);
        }
        let Joined { you, epoch, behind } = joined;
        self.welcome(you, ctx);
        let seat = self.newcomer.seat.clone();
        let Some(Behind { after, to, pulse, picture }) = behind else {
            seat.open();
            // Nothing may come between the welcome and the state of the room: till then, all else waits.
            return ctx.wait(async move { seat.is_inside().await }.into_actor(self));
        };
        self.say(&Frame::Resumed { epoch, from: after.next(), to }, ctx);
        self.say(&Frame::Pulse(pulse), ctx);
        self.say(&Frame::Picture(picture), ctx);
        seat.go_in();
        self.catch_up(after, ctx);
    }

    fn welcome(&mut self, you: You, ctx: &mut Socket) {
        let limits = &self.worker.limits;
        let welcome = Frame::Welcome {
            connection_id: self.newcomer.connection,
            now: Millis::now(),
            you,
            heartbeat_ms: self.worker.heartbeat.as_millis() as u64,
            limits: ClientLimits {
                content_graphemes: crate::domain::text::CONTENT_MAX_CLUSTERS,
                content_bytes: crate::domain::text::CONTENT_MAX_BYTES,
                frame_bytes: limits.frame_bytes,
                comments: limits.comments_per_user.limit(),
                per_ms: limits::COMMENTS_WINDOW_MS,
            },
        };
        self.say(&welcome, ctx);
    }

    /// Reads the log page by page, as fast as the client takes it, until the room has the rest in memory.
    fn catch_up(&mut self, after: Seq, ctx: &mut Socket) {
        let Some(membership) = &self.membership else { return };
        let (store, seat) = (self.worker.streams.store.clone(), self.newcomer.seat.clone());
        let caught_up = catch_up(store, seat, self.newcomer.room, membership.room().clone(), after);
        ctx.spawn(caught_up.into_actor(self).map(|end, session, ctx| {
            if end == CatchUpEnd::Failed {
                session.close(Close::Overloaded, ctx);
            }
        }));
    }

    fn say(&mut self, frame: &Frame, ctx: &mut Socket) {
        if !self.is_closing {
            ctx.text(frame.encode());
        }
    }

    /// Says that an op is refused; for want of rights, that goes on record.
    fn refuse(&mut self, reference: Option<String>, refusal: &Refusal, ctx: &mut Socket) {
        self.note(refusal);
        self.say(&Frame::refused(reference, refusal), ctx);
    }

    /// Says why, closes, and stops when the client has answered or does not.
    fn close(&mut self, close: Close, ctx: &mut Socket) {
        if self.is_closing {
            return;
        }
        let bye = close.bye();
        log::debug!("{} of {} closes: {}", self.newcomer.connection, self.newcomer.address, bye.reason);
        self.worker.metrics.ws_closes.of(bye.code).inc();
        self.newcomer.seat.leave(Instant::now());
        let (code, reason) = (bye.code, bye.reason.to_owned());
        self.say(&Frame::Bye(bye), ctx);
        self.is_closing = true;
        self.leave_room();
        ctx.close(Some(CloseReason { code: CloseCode::from(code), description: Some(reason) }));
        ctx.run_later(CLOSE_WITHIN, |_, ctx| ctx.stop());
    }

    fn leave_room(&mut self) {
        self.signed_in = None;
        self.membership = None;
    }

    fn read(&mut self, text: &str, ctx: &mut Socket) {
        let asked = op::parse(text);
        let op = match asked.op {
            Ok(op) => op,
            Err(refusal) => return self.bad_frame(asked.reference, &refusal, ctx),
        };
        let reference = asked.reference;
        match op {
            Op::Ping => self.say(&Frame::Pong { reference }, ctx),
            Op::Auth(body) => self.auth(reference, body.token, ctx),
            Op::Room(op) => self.ask(Ask { connection: self.newcomer.connection, reference, op }, ctx),
        }
    }

    fn bad_frame(&mut self, reference: Option<String>, refusal: &Refusal, ctx: &mut Socket) {
        match self.bad_frames.take(BAD_FRAMES, Instant::now()) {
            Ok(()) => self.refuse(reference, refusal, ctx),
            Err(_) => self.close(Close::BadFrames, ctx),
        }
    }

    fn ask(&mut self, ask: Ask, ctx: &mut Socket) {
        let may_ask = match &self.newcomer.identity {
            Some(identity) => identity.require(ask.op.scope()),
            None => Err(Refusal::log_in_first()),
        };
        if let Err(refusal) = may_ask {
            return if ask.wants_answer() {
                self.refuse(ask.reference, &refusal, ctx)
            };
        }
        let Some(membership) = &self.membership else { return };
        let reference = ask.reference.clone();
        if membership.room().try_send(ask).is_err() {
            self.refuse(reference, &Refusal::overloaded(), ctx);
        }
    }

    fn is_within_rate(&mut self, ctx: &mut Socket) -> bool {
        let Some(per_second) = self.worker.limits.frames_per_connection.limit() else { return true };
        let burst = per_second * limits::FRAMES_BURST_FACTOR;
        let Err(wait_ms) = self.frames.take(per_second, burst, Instant::now()) else { return true };
        self.worker.metrics.limit_hits.of("FRAMES_PER_CONNECTION").inc();
        self.close(Close::TooManyFrames { retry_after_ms: wait_ms.max(1000) as u64 }, ctx);
        false
    }
}

impl Actor for Session {
    type Context = Socket;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.newcomer.seat.belongs_to(ctx.address().recipient());
        if let Some(incoming) = self.incoming.take() {
            ctx.add_stream(incoming);
        }
        self.join(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.newcomer.seat.leave(Instant::now());
        self.leave_room();
    }
}

impl StreamHandler<Incoming> for Session {
    fn handle(&mut self, incoming: Incoming, ctx: &mut Self::Context) {
        if self.is_closing {
            if matches!(incoming, Incoming::Close(_) | Incoming::Lost) {
                ctx.stop();
            }
            return;
        }
        match incoming {
            Incoming::Text(text) if self.is_within_rate(ctx) => self.read(&text, ctx),
            Incoming::Ping(payload) if self.is_within_rate(ctx) => ctx.pong(&payload),
            Incoming::Pong => _ = self.is_within_rate(ctx),
            Incoming::Text(_) | Incoming::Ping(_) => {}
            Incoming::Binary(_) => self.close(Close::Binary, ctx),
            Incoming::Refused(close) => {
                if close == Close::TooBig {
                    self.worker.metrics.limit_hits.of("FRAME_BYTES").inc();
                }
                self.close(close, ctx);
            }
            Incoming::Close(code) => {
                self.is_closing = true;
                self.newcomer.seat.leave(Instant::now());
                ctx.close(code.map(|code| CloseReason::from(CloseCode::from(code))));
                ctx.stop();
            }
            Incoming::Lost => ctx.stop(),
        }
    }

    /// The last item says how it ended; the goodbye may still be on its way.
    fn finished(&mut self, _: &mut Self::Context) {}
}

/// The codec's own stream is not used: `incoming` is guarded.
impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, _: Result<Message, ProtocolError>, _: &mut Self::Context) {}
}

impl Handler<Tell> for Session {
    type Result = ();

    fn handle(&mut self, tell: Tell, ctx: &mut Self::Context) {
        match tell {
            Tell::Frame(frame) if !self.is_closing => ctx.text(&*frame),
            Tell::Frame(_) => {}
            Tell::Refused(reference, refusal) => self.refuse(reference, &refusal, ctx),
        }
    }
}

impl Handler<Evict> for Session {
    type Result = ();

    fn handle(&mut self, evict: Evict, ctx: &mut Self::Context) {
        if evict.close == Close::TooSlow {
            self.worker.metrics.lagged_viewers.inc();
            self.worker.metrics.limit_hits.of("OUTBOX_BYTES").inc();
        }
        if let Some((from, to)) = evict.missed {
            let missed = (to.0 - from.0 + 1) as u64;
            self.say(&Frame::Lagged { from, to, missed }, ctx);
        }
        self.close(evict.close, ctx);
    }
}
