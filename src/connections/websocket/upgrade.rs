//! From a request to a session: the answer to an upgrade that has been allowed.
//! It must not decide who may see what.

use super::{
    feed::Feed,
    handshake::Handshake,
    session::{Newcomer, Session},
};
use crate::{
    connections::{
        incoming::{guard::FrameLimits, incoming},
        limits::Place,
        worker::WorkerContext,
    },
    domain::{ConnectionId, StreamId},
    identity::Identity,
    room::{
        core::openings::Opening,
        fanout::{
            shard::Seated,
            socket::{Socket, SocketHandle},
        },
    },
};
use actix_http::ws::Codec;
use actix_web::{HttpRequest, HttpResponse, web::Payload};
use actix_web_actors::ws::WebsocketContext;
use futures_util::StreamExt;
use std::{net::IpAddr, rc::Rc, time::Instant};

/// A connection that may be opened.
pub(crate) struct Allowed {
    /// Its place among all.
    pub place: Place,
    pub address: IpAddr,
    /// To which room.
    pub room: StreamId,
    /// Whose it is; none for a guest.
    pub identity: Option<Identity>,
    /// Where to begin.
    pub opening: Opening,
}

/// Answers the upgrade and starts the session.
pub(crate) fn open(
    worker: Rc<WorkerContext>,
    allowed: Allowed,
    handshake: &Handshake,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let connection = ConnectionId::new();
    // Laid there as the connection was accepted, by `server::listeners`.
    let handle = request.conn_data::<SocketHandle>().cloned().unwrap_or_default();
    let socket = Socket { writer: Box::new(handle), form: handshake.form() };
    let seat = Seated::new(&worker.audience, allowed.room, connection, socket);

    let ear = Rc::downgrade(seat.seat());
    let heard = move || ear.upgrade().into_iter().for_each(|seat| seat.heard(Instant::now()));
    let limits =
        FrameLimits { deflate: handshake.deflates(), ..FrameLimits::text(worker.limits.frame_bytes) };
    let messages = incoming(payload, limits, heard).boxed_local();

    let Allowed { place, address, room, identity, opening } = allowed;
    // Boxed, for most are guests.
    let identity = identity.map(Box::new);
    let newcomer =
        Newcomer { connection, _place: place, address, room, identity, opening, seat: seat.seat().clone() };
    let session = Session::new(worker, newcomer, messages);
    let own = WebsocketContext::with_codec(session, futures_util::stream::pending(), Codec::new());
    handshake.answer().streaming(Feed::new(own, seat))
}
