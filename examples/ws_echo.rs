//! An echo built on the incoming half of the transport, for Autobahn's suite (`tests/autobahn/README.md`).
//! Binary and large messages are allowed here, so that every case has its say.

use actix_http::ws::{CloseReason, Codec, Message};
use actix_web::{
    App, Error, HttpRequest, HttpResponse, HttpServer,
    web::{self, BytesMut},
};
use actix_web_actors::ws;
use futures_util::{StreamExt, future::ready};
use livehouse::ws::{
    guard::FrameLimits,
    incoming::{Incoming, incoming},
};
use tokio_util::codec::Encoder;

const LIMITS: FrameLimits = FrameLimits { frame_bytes: 16 << 20, fragments: 1 << 20, binary: true };

async fn echo(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let mut response = ws::handshake(&request)?;
    let mut codec = Codec::new();
    let answers = incoming(payload, LIMITS, || {}).filter_map(move |came| {
        let mut bytes = BytesMut::new();
        ready(answer(came).map(|message| codec.encode(message, &mut bytes).map(|()| bytes.freeze())))
    });
    Ok(response.streaming::<_, actix_http::ws::ProtocolError>(answers.boxed_local()))
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
    HttpServer::new(|| App::new().route("/", web::get().to(echo)))
        .tcp_nodelay(true)
        .workers(1)
        // No lingering: the suite hangs up by itself half a second after its last frame, and says so.
        .client_disconnect_timeout(std::time::Duration::ZERO)
        .bind(address)?
        .run()
        .await
}
