//! From a request to a session: the answer to an upgrade that has been allowed, and the catch-up of who comes back late.
//! It must not decide who may see what.

use super::{
    feed::Feed,
    handshake::Handshake,
    session::{Newcomer, Session},
};
use crate::{
    connections::{
        direct_writer::Door,
        incoming::{guard::FrameLimits, incoming},
        limits::Place,
        worker::{Gate, Identity},
    },
    domain::{
        ids::{ConnectionId, StreamId},
        stream::Seq,
    },
    room::{
        actor::room::Room,
        fanout::{audience::Seated, seat::Seat},
        message::{CatchUp, Opening},
    },
    store::{Store, events},
    wire::{framing, rows},
};
use actix::Addr;
use actix_http::ws::Codec;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{BytesMut, Payload},
};
use actix_web_actors::ws::WebsocketContext;
use futures_util::StreamExt;
use std::{net::IpAddr, rc::Rc, time::Instant};

/// Events read from the log at once.
const PAGE: i64 = 500;

/// A connection that may be opened.
pub struct Allowed {
    /// Its place among all.
    pub place: Place,
    /// From where.
    pub address: IpAddr,
    /// To which room.
    pub room: StreamId,
    /// Whose it is; none for a guest.
    pub identity: Option<Identity>,
    /// Where to begin.
    pub opening: Opening,
}

/// Answers the upgrade and starts the session.
pub fn open(
    gate: Gate,
    allowed: Allowed,
    handshake: &Handshake,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let connection = ConnectionId::new();
    let door = request.conn_data::<Door>().cloned().unwrap_or_default();
    let seat = Seated::new(&gate.audience, allowed.room, connection, Box::new(door));

    let ear = Rc::downgrade(seat.seat());
    let heard = move || ear.upgrade().into_iter().for_each(|seat| seat.heard(Instant::now()));
    let messages = incoming(payload, FrameLimits::text(gate.limits.frame_bytes), heard).boxed_local();

    let Allowed { place, address, room, identity, opening } = allowed;
    let newcomer =
        Newcomer { connection, place, address, room, identity, opening, seat: seat.seat().clone() };
    let session = Session::new(gate, newcomer, messages);
    let own = WebsocketContext::with_codec(session, futures_util::stream::pending(), Codec::new());
    handshake.answer().streaming(Feed::new(own, seat))
}

/// How a catch-up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUpEnd {
    /// The room serves the rest.
    Admitted,
    /// The viewer is on the way out, and reads no more.
    Gone,
    /// The log could not be read, or the room is no more.
    Failed,
}

/// Serves the log from `after` on, page by page, until the room has the rest in memory.
pub async fn catch_up(
    store: Store,
    seat: Rc<Seat>,
    stream: StreamId,
    room: Addr<Room>,
    mut after: Seq,
) -> CatchUpEnd {
    let connection = seat.connection;
    loop {
        let from = after;
        let Ok(page) = store.reading(move |conn| events::after(conn, stream, from, PAGE)).await else {
            return CatchUpEnd::Failed;
        };
        if let Some(last) = page.last() {
            after = last.seq;
            let mut frames = BytesMut::new();
            page.iter().for_each(|logged| framing::push_text(&mut frames, &rows::encode_logged(logged)));
            if !seat.serve_opening(frames.freeze()).await {
                return CatchUpEnd::Gone;
            }
        }
        match room.send(CatchUp { connection, after }).await {
            Ok(true) => return CatchUpEnd::Admitted,
            Ok(false) if !page.is_empty() => {}
            _ => return CatchUpEnd::Failed,
        }
    }
}
