//! From a request to a session: the answer to an upgrade that has been allowed, and the catch-up of who comes back late.
//! It must not decide who may see what.

use super::{
    connections::Place,
    door::Door,
    feed::Feed,
    gate::{Gate, Identity},
    guard::FrameLimits,
    incoming::incoming,
    session::{Newcomer, Session},
};
use crate::{
    domain::{
        ids::{ConnectionId, StreamId},
        stream::Seq,
    },
    room::{
        message::{CatchUp, Opening},
        room::Room,
        seat::Seat,
    },
    store::{Store, log},
    wire::{framing, rows},
};
use actix::Addr;
use actix_http::ws::{Codec, HandshakeError};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{BytesMut, Payload},
};
use actix_web_actors::ws::{WebsocketContext, handshake_with_protocols};
use futures_util::StreamExt;
use std::{net::IpAddr, rc::Rc, time::Instant};

/// The subprotocol that is echoed.
pub const PROTOCOL: &str = "livehouse.v1";
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
///
/// # Errors
/// Where the request is no WebSocket handshake.
pub fn open(
    gate: Gate,
    allowed: Allowed,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, HandshakeError> {
    let mut response = handshake_with_protocols(request, &[PROTOCOL])?;
    let connection = ConnectionId::new();
    let door = request.conn_data::<Door>().cloned().unwrap_or_default();
    let seat = gate.audience.borrow_mut().sit_down(allowed.room, connection, Box::new(door));

    let ear = Rc::downgrade(&seat);
    let heard = move || ear.upgrade().into_iter().for_each(|seat| seat.heard(Instant::now()));
    let messages = incoming(payload, FrameLimits::text(gate.limits.frame_bytes), heard).boxed_local();

    let Allowed { place, address, room, identity, opening } = allowed;
    let newcomer = Newcomer { connection, place, address, room, identity, opening, seat: seat.clone() };
    let audience = gate.audience.clone();
    let session = Session::new(gate, newcomer, messages);
    let own = WebsocketContext::with_codec(session, futures_util::stream::pending(), Codec::new());
    Ok(response.streaming(Feed::new(own, seat, audience, room)))
}

/// Serves the log from `after` on, page by page, until the room has the rest in memory. False where it could not.
pub async fn catch_up(
    store: Store,
    seat: Rc<Seat>,
    stream: StreamId,
    room: Addr<Room>,
    mut after: Seq,
) -> bool {
    let connection = seat.connection;
    loop {
        let from = after;
        let Ok(page) = store.reading(move |conn| log::after(conn, stream, from, PAGE)).await else {
            return false;
        };
        if let Some(last) = page.last() {
            after = last.seq;
            let mut frames = BytesMut::new();
            page.iter().for_each(|logged| framing::push_text(&mut frames, &rows::encode_logged(logged)));
            seat.serve_opening(frames.freeze()).await;
        }
        match room.send(CatchUp { connection, after }).await {
            Ok(true) => return true,
            Ok(false) if !page.is_empty() => {}
            _ => return false,
        }
    }
}
