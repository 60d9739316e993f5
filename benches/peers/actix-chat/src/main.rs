//! The usual actix chat, at its best: a room actor that sends each comment to each viewer's mailbox, the text shared.
//! Usage: actix-chat PORT [nagle]

use actix::prelude::*;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_web_actors::ws;
use bytestring::ByteString;
use std::collections::HashMap;

#[derive(Message, Clone)]
#[rtype(result = "()")]
struct Said(ByteString);

#[derive(Message)]
#[rtype(result = "usize")]
struct Join(Recipient<Said>);

#[derive(Message)]
#[rtype(result = "()")]
struct Leave(usize);

#[derive(Default)]
struct Room {
    viewers: HashMap<usize, Recipient<Said>>,
    joined: usize,
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
    }
}

impl Handler<Join> for Room {
    type Result = usize;

    fn handle(&mut self, join: Join, _: &mut Self::Context) -> usize {
        self.joined += 1;
        self.viewers.insert(self.joined, join.0);
        self.joined
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        self.viewers.remove(&leave.0);
    }
}

impl Handler<Said> for Room {
    type Result = ();

    fn handle(&mut self, said: Said, _: &mut Self::Context) {
        for viewer in self.viewers.values() {
            viewer.do_send(said.clone());
        }
    }
}

struct Viewer {
    room: Addr<Room>,
    id: usize,
}

impl Actor for Viewer {
    type Context = ws::WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let join = self.room.send(Join(ctx.address().recipient()));
        join.into_actor(self).map(|id, viewer, _| viewer.id = id.unwrap_or(0)).wait(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.room.do_send(Leave(self.id));
    }
}

impl Handler<Said> for Viewer {
    type Result = ();

    fn handle(&mut self, said: Said, ctx: &mut Self::Context) {
        ctx.text(said.0);
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Viewer {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        match message {
            Ok(ws::Message::Text(text)) => self.room.do_send(Said(text)),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Close(_)) | Err(_) => ctx.stop(),
            Ok(_) => {}
        }
    }
}

async fn watch(request: HttpRequest, body: web::Payload, room: web::Data<Addr<Room>>) -> actix_web::Result<HttpResponse> {
    ws::start(Viewer { room: room.get_ref().clone(), id: 0 }, &request, body)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let port = args.next().and_then(|port| port.parse().ok()).expect("a port");
    let nodelay = args.next().is_none();
    let room = web::Data::new(Room::start_in_arbiter(&Arbiter::new().handle(), |_| Room::default()));
    HttpServer::new(move || App::new().app_data(room.clone()).route("/", web::get().to(watch)))
        .tcp_nodelay(nodelay)
        .backlog(4096)
        .workers(2)
        .bind(("127.0.0.1", port))?
        .run()
        .await
}
