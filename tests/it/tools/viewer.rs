//! A viewer of a room: a WebSocket client whose methods are verbs. It never sleeps; it waits for frames, with a deadline
//! that says what was seen instead.

use super::{PATIENCE, Ports};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::VecDeque, panic::Location};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        handshake::client::Request,
        http::{HeaderValue, header},
    },
};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Which of a house's servers a socket is at.
#[derive(Clone, Debug)]
pub struct Home {
    pub ports: Ports,
    pub port: u16,
}

pub struct Viewer {
    socket: Socket,
    home: Option<Home>,
    /// Frames that came while another was waited for.
    waiting: VecDeque<Value>,
    /// Everything that came, for whoever has to find out why.
    seen: Vec<String>,
    refs: u64,
    /// The first frame.
    pub welcome: Value,
    /// The second frame: `snapshot` or `resumed`.
    pub opening: Value,
}

/// What is asked of the server to open a socket.
pub fn request(port: u16, token: Option<&str>, stream: &str, query: &str) -> Request {
    let url = format!("ws://127.0.0.1:{port}/api/v1/streams/{stream}/ws{query}");
    let mut request = url.into_client_request().expect("a url");
    let protocol = HeaderValue::from_static("livehouse.v1");
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    if let Some(token) = token {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is plain text");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    request
}

/// Opens a socket. On a machine that is out of breath a request may come too late to be read (408), and is sent again.
#[track_caller]
pub fn connect(request: Request) -> impl Future<Output = Socket> {
    connect_at(Location::caller(), request)
}

async fn connect_at(at: &Location<'_>, request: Request) -> Socket {
    loop {
        match connect_async(request.clone()).await {
            Ok((socket, _)) => return socket,
            Err(Error::Http(answer)) if answer.status() == 408 => {}
            Err(error) => panic!("{at}: the room is open: {error}"),
        }
    }
}

fn home(request: &Request) -> Option<Home> {
    request.extensions().get().cloned()
}

/// The status with which an upgrade was refused.
pub async fn refusal(request: Request) -> u16 {
    match connect_async(request).await {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("the server answers: {error}"),
        Ok(_) => panic!("the upgrade was not refused"),
    }
}

impl Viewer {
    /// Opens a socket, or gives the status with which that was refused.
    pub async fn try_open(request: Request) -> Result<Viewer, u16> {
        let home = home(&request);
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Viewer::begin(socket, home).await),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("the server answers: {error}"),
        }
    }

    /// Opens a socket and reads the first two frames.
    #[track_caller]
    pub fn open(request: Request) -> impl Future<Output = Viewer> {
        Viewer::open_at(Location::caller(), request)
    }

    /// The same, telling the line that is handed on.
    pub async fn open_at(at: &Location<'_>, request: Request) -> Viewer {
        let home = home(&request);
        Viewer::begin(connect_at(at, request).await, home).await
    }

    /// The same over a connection of one's own making.
    pub async fn over(connection: TcpStream, request: Request) -> Viewer {
        let (connection, home) = (MaybeTlsStream::Plain(connection), home(&request));
        let (socket, _) = client_async(request, connection).await.expect("the room is open");
        Viewer::begin(socket, home).await
    }

    async fn begin(socket: Socket, home: Option<Home>) -> Viewer {
        let mut viewer = Viewer {
            socket,
            home,
            waiting: VecDeque::new(),
            seen: Vec::new(),
            refs: 0,
            welcome: Value::Null,
            opening: Value::Null,
        };
        viewer.welcome = viewer.next().await;
        assert_eq!(viewer.welcome["type"], "welcome", "{}", viewer.welcome);
        viewer.opening = viewer.next().await;
        viewer
    }

    /// The next frame, whatever it is, in the order of their coming.
    #[track_caller]
    pub fn next(&mut self) -> impl Future<Output = Value> {
        self.find("a frame", |_| true)
    }

    /// The next event of the log; what is not numbered, and comes before it, is passed over.
    #[track_caller]
    pub fn next_event(&mut self) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            loop {
                let frame = self.find_at(at, "an event", |_| true).await;
                let is_left_out = matches!(frame["type"].as_str(), Some("lagged" | "bye"));
                assert!(!is_left_out, "{at}: nothing may be left out: {frame}");
                if frame["ts"].is_string() {
                    return frame;
                }
            }
        }
    }

    /// The next frame of this type; others stay for later.
    #[track_caller]
    pub fn expect(&mut self, kind: &str) -> impl Future<Output = Value> {
        self.expect_where(kind, |_| true)
    }

    /// The next frame of this type of which this is true.
    #[track_caller]
    pub fn expect_where(
        &mut self,
        kind: &str,
        is_it: impl Fn(&Value) -> bool,
    ) -> impl Future<Output = Value> {
        self.find(kind, move |frame| frame["type"] == kind && is_it(frame))
    }

    /// What came of this type and was not asked for yet, in its order.
    pub fn told(&mut self, kind: &str) -> Vec<Value> {
        let (told, waiting): (Vec<_>, Vec<_>) =
            self.waiting.drain(..).partition(|frame| frame["type"] == kind);
        self.waiting = waiting.into();
        told
    }

    /// Says something and gives the answer: `ack`, `held` or `error`.
    #[track_caller]
    pub fn comment(&mut self, content: &str) -> impl Future<Output = Value> {
        self.ask(json!({"op": "comment", "content": content}))
    }

    /// Waits until somebody is seen to say this.
    #[track_caller]
    pub fn expect_comment(&mut self, content: &str) -> impl Future<Output = Value> {
        self.expect_where("comment.created", move |frame| frame["comment"]["content"] == content)
    }

    /// Sends an op with a `ref` and gives its answer.
    #[track_caller]
    pub fn ask(&mut self, mut op: Value) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            if let Some(home) = &self.home {
                home.ports.settle(home.port).await;
            }
            self.refs += 1;
            let reference = format!("r{}", self.refs);
            op["ref"] = reference.clone().into();
            self.say(op).await;
            let answer = self.find_at(at, "an answer", |frame| frame["ref"] == reference.as_str()).await;
            if let (Some(home), Some("ack" | "held")) = (&self.home, answer["type"].as_str()) {
                home.ports.changed(home.port);
            }
            answer
        }
    }

    /// Waits until a ping is answered: what was told before it has come.
    #[track_caller]
    pub fn is_heard(&mut self) -> impl Future<Output = ()> {
        let answering = self.ask(json!({"op": "ping"}));
        async { assert_eq!(answering.await["type"], "pong") }
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    /// Sends a frame on a socket that may be closed meanwhile.
    pub async fn try_say(&mut self, frame: Value) -> Result<(), Error> {
        self.socket.send(Message::text(frame.to_string())).await
    }

    /// Sends anything.
    pub async fn send(&mut self, message: Message) {
        self.socket.send(message).await.expect("the socket is open");
    }

    /// Waits for the goodbye and the close.
    #[track_caller]
    pub fn expect_close(&mut self) -> impl Future<Output = Goodbye> {
        let at = Location::caller();
        async move {
            let closed = timeout(PATIENCE, self.read_to_close()).await;
            closed.unwrap_or_else(|_| panic!("{at}: waited for the close; came: {:#?}", self.seen))
        }
    }

    async fn read_to_close(&mut self) -> Goodbye {
        let mut bye = self.waiting.drain(..).find(|frame| frame["type"] == "bye").unwrap_or(Value::Null);
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
                    self.seen.push(text.to_string());
                    if frame["type"] == "bye" {
                        bye = frame;
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    return Goodbye { bye, code: frame.map_or(1005, |frame| frame.code.into()) };
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Goodbye { bye, code: 1006 },
            }
        }
    }

    /// Reads all that still comes, and gives it with the close code.
    pub async fn read_to_the_end(&mut self) -> (Vec<Value>, u16) {
        let told = self.seen.len();
        let code = self.expect_close().await.code;
        let came = self.seen[told..].iter().map(|text| serde_json::from_str(text).expect("frames are JSON"));
        (came.collect(), code)
    }

    /// Leaves politely: says so, and waits until that was heard.
    pub async fn leave(mut self) {
        let _gone = self.socket.close(None).await;
        while let Ok(Some(Ok(frame))) = timeout(PATIENCE, self.socket.next()).await {
            if frame.is_close() {
                return;
            }
        }
    }

    #[track_caller]
    fn find(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> impl Future<Output = Value> {
        self.find_at(Location::caller(), what, is_it)
    }

    /// The next frame that is it. An async function has no caller, so the line that waits is handed on, to be told.
    async fn find_at(&mut self, at: &Location<'_>, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.waiting.iter().position(&is_it) {
            return self.waiting.remove(place).expect("it was just found");
        }
        let patient = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        self.seen.push(text.to_string());
                        let frame = serde_json::from_str(&text).expect("frames are JSON");
                        if is_it(&frame) {
                            return Ok(frame);
                        }
                        self.waiting.push_back(frame);
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => return Err(format!("{other:?}")),
                }
            }
        };
        let found = timeout(PATIENCE, patient).await.unwrap_or_else(|_| Err("nothing".to_owned()));
        found.unwrap_or_else(|got| panic!("{at}: waited for {what}, got {got}; came: {:#?}", self.seen))
    }
}

/// How a socket was closed: by a `bye`, `Null` where none came, and a close code.
#[derive(Debug)]
pub struct Goodbye {
    pub bye: Value,
    pub code: u16,
}

impl Goodbye {
    /// The `bye` of a close with this code, which says why, and whether to come back.
    #[track_caller]
    pub fn says(self, code: u16) -> Value {
        let is_to_come_back = [1012, 1013, 4408, 4429].contains(&code);
        assert_eq!((self.code, &self.bye["code"]), (code, &json!(code)), "{self:?}");
        assert_eq!(self.bye["retry"], is_to_come_back, "{self:?}");
        assert!(self.bye["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{self:?}");
        self.bye
    }
}
