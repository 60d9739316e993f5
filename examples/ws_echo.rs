//! An echo built on the transport, in both directions, for Autobahn's suite (`tests/autobahn/README.md`).
//! Binary and large messages are allowed here, so that every case has its say.

use actix_http::{
    HttpService,
    ws::{CloseReason, Codec, Message},
};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App, Error, HttpRequest, HttpResponse,
    dev::AppConfig,
    web::{self, Bytes, BytesMut},
};
use futures_util::{StreamExt, future::ready};
use livehouse::internals::{
    Connection, DirectWriter, FrameLimits, Handshake, Incoming, SocketHandle, WriteState, incoming,
};
use socket2::SockRef;
use std::{io::IoSlice, time::Duration};
use tokio::net::TcpStream;
use tokio_util::codec::Encoder;

const LIMITS: FrameLimits =
    FrameLimits { frame_bytes: 16 << 20, fragments: 1 << 20, binary: true, deflate: false };

async fn echo(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let Ok(handshake) = Handshake::of(request.method(), request.head()) else {
        return Ok(HttpResponse::BadRequest().finish());
    };
    let handle = request.conn_data::<SocketHandle>().cloned().unwrap_or_default();
    let mut codec = Codec::new();
    let answers = incoming(payload, FrameLimits { deflate: handshake.deflates(), ..LIMITS }, || {})
        .filter_map(move |came| {
            let mut bytes = BytesMut::new();
            let encoded =
                answer(came).map(|message| codec.encode(message, &mut bytes).map(|()| bytes.freeze()));
            ready(encoded.and_then(|encoded| encoded.map(|frame| send(&handle, frame)).transpose()))
        });
    Ok(handshake.answer().streaming::<_, actix_http::ws::ProtocolError>(answers.boxed_local()))
}

/// Straight to the socket where nothing is before it, as a seat does it; what that does not take goes by the server.
fn send(handle: &SocketHandle, frame: Bytes) -> Option<Bytes> {
    let sent = if handle.state() == WriteState::Clear { handle.send(&[IoSlice::new(&frame)]) } else { 0 };
    let rest = frame.slice(sent..);
    if rest.is_empty() {
        return None;
    }
    handle.handed_over();
    Some(rest)
}

fn answer(came: Incoming) -> Option<Message> {
    match came {
        Incoming::Text(text) => Some(Message::Text(text)),
        Incoming::Binary(bytes) => Some(Message::Binary(bytes)),
        Incoming::Ping(bytes) => Some(Message::Pong(bytes)),
        Incoming::Close(code) => Some(Message::Close(code.map(reason))),
        Incoming::Refused(close) => Some(Message::Close(Some(reason(close.bye().code)))),
        Incoming::Pong | Incoming::Lost => None,
    }
}

fn reason(code: u16) -> CloseReason {
    CloseReason { code: code.into(), description: None }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let server = Server::build().workers(1).bind("echo", address, || {
        let app = App::new().route("/", web::get().to(echo)).into_factory();
        let http = HttpService::build()
            .on_connect_ext(|connection: &Connection, data| drop(data.insert(connection.handle())))
            // No lingering: the suite hangs up by itself half a second after its last frame, and says so.
            .client_disconnect_timeout(Duration::ZERO)
            .h1(map_config(app.map_err(|error| error.error_response()), |()| AppConfig::default()));
        fn_service(async |socket: TcpStream| {
            socket.set_nodelay(true)?;
            // As the server does; so that long messages go both ways: straight to the socket, and the rest by the server.
            SockRef::from(&socket).set_send_buffer_size(64 * 1024)?;
            let peer = socket.peer_addr().ok();
            Ok((Connection::new(socket), peer))
        })
        .and_then(http)
    })?;
    server.run().await
}
