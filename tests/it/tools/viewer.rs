//! A viewer of a room: a WebSocket client whose methods are verbs. It never sleeps; it waits for frames, with a deadline
//! that says what was seen instead.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
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

/// How long a viewer waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Viewer {
    socket: Socket,
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

/// What is asked of the server to open a socket, for those who want something special.
pub fn request(port: u16, stream: &str, query: &str) -> Request {
    let url = format!("ws://127.0.0.1:{port}/api/v1/streams/{stream}/ws{query}");
    let mut request = url.into_client_request().expect("a url");
    let protocol = HeaderValue::from_static("livehouse.v1");
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    request
}

/// The same of an account.
pub fn signed_request(port: u16, token: Option<&str>, stream: &str, query: &str) -> Request {
    let mut request = request(port, stream, query);
    if let Some(token) = token {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is plain text");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    request
}

/// Opens a socket. On a machine that is out of breath a request may come too late to be read (408), and is sent again.
pub async fn connect(request: Request) -> Socket {
    loop {
        match connect_async(request.clone()).await {
            Ok((socket, _)) => return socket,
            Err(Error::Http(answer)) if answer.status() == 408 => {}
            Err(error) => panic!("the room is open: {error}"),
        }
    }
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
    pub async fn join(port: u16, token: Option<&str>, stream: &str, query: &str) -> Viewer {
        Viewer::open(signed_request(port, token, stream, query)).await
    }

    /// Joins as a guest, or gives the status with which that was refused.
    pub async fn try_join(port: u16, stream: &str) -> Result<Viewer, u16> {
        match connect_async(request(port, stream, "")).await {
            Ok((socket, _)) => Ok(Viewer::begin(socket).await),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("the server answers: {error}"),
        }
    }

    /// Opens a socket and reads the first two frames.
    pub async fn open(request: Request) -> Viewer {
        Viewer::begin(connect(request).await).await
    }

    /// The same over a connection of one's own making.
    pub async fn over(connection: TcpStream, request: Request) -> Viewer {
        let connection = MaybeTlsStream::Plain(connection);
        let (socket, _) = client_async(request, connection).await.expect("the room is open");
        Viewer::begin(socket).await
    }

    async fn begin(socket: Socket) -> Viewer {
        let mut viewer = Viewer {
            socket,
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
    pub async fn next(&mut self) -> Value {
        match self.waiting.pop_front() {
            Some(frame) => frame,
            None => self.receive("a frame").await,
        }
    }

    /// The next event of the log; what is not numbered, and comes before it, is passed over.
    pub async fn next_event(&mut self) -> Value {
        loop {
            let frame = self.next().await;
            assert!(
                !matches!(frame["type"].as_str(), Some("lagged" | "bye")),
                "nothing may be left out: {frame}"
            );
            if frame["ts"].is_string() {
                return frame;
            }
        }
    }

    /// The next frame of this type; others stay for later.
    pub async fn expect(&mut self, kind: &str) -> Value {
        self.expect_where(kind, |_| true).await
    }

    /// The next frame of this type of which this is true.
    pub async fn expect_where(&mut self, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let is_it = |frame: &Value| frame["type"] == kind && is_it(frame);
        if let Some(place) = self.waiting.iter().position(is_it) {
            return self.waiting.remove(place).expect("it was just found");
        }
        let patient = async {
            loop {
                let frame = self.receive_patiently(kind).await;
                if is_it(&frame) {
                    return frame;
                }
                self.waiting.push_back(frame);
            }
        };
        let found = timeout(PATIENCE, patient).await;
        found.unwrap_or_else(|_| panic!("waited for {kind}; came: {:#?}", self.seen))
    }

    /// What came of this type and was not asked for yet, in its order.
    pub fn told(&mut self, kind: &str) -> Vec<Value> {
        let (told, waiting): (Vec<_>, Vec<_>) =
            self.waiting.drain(..).partition(|frame| frame["type"] == kind);
        self.waiting = waiting.into();
        told
    }

    /// Says something and gives the answer: `ack`, `held` or `error`.
    pub async fn comment(&mut self, content: &str) -> Value {
        self.ask(json!({"op": "comment", "content": content})).await
    }

    /// Waits until somebody is seen to say this.
    pub async fn expect_comment(&mut self, content: &str) -> Value {
        self.expect_where("comment.created", |frame| frame["comment"]["content"] == content).await
    }

    /// Sends an op with a `ref` and gives its answer.
    pub async fn ask(&mut self, mut op: Value) -> Value {
        self.refs += 1;
        let reference = format!("r{}", self.refs);
        op["ref"] = reference.clone().into();
        self.say(op).await;
        let patient = async {
            loop {
                let frame = self.receive_patiently("an answer").await;
                if frame["ref"] == reference.as_str() {
                    return frame;
                }
                self.waiting.push_back(frame);
            }
        };
        let answer = timeout(PATIENCE, patient).await;
        answer.unwrap_or_else(|_| panic!("waited for an answer; came: {:#?}", self.seen))
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

    /// Waits for the goodbye and the close, and gives `bye` and the close code.
    pub async fn expect_close(&mut self) -> (Value, u16) {
        let closed = timeout(PATIENCE, self.read_to_close()).await;
        closed.unwrap_or_else(|_| panic!("waited for the close; came: {:#?}", self.seen))
    }

    async fn read_to_close(&mut self) -> (Value, u16) {
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
                    return (bye, frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (bye, 1006),
            }
        }
    }

    /// Reads all that still comes, and gives it with the close code.
    pub async fn read_to_the_end(&mut self) -> (Vec<Value>, u16) {
        let told = self.seen.len();
        let (_, code) = self.expect_close().await;
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

    async fn receive(&mut self, what: &str) -> Value {
        match timeout(PATIENCE, self.receive_patiently(what)).await {
            Ok(frame) => frame,
            Err(_) => panic!("waited for {what}; came: {:#?}", self.seen),
        }
    }

    async fn receive_patiently(&mut self, what: &str) -> Value {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    self.seen.push(text.to_string());
                    return serde_json::from_str(&text).expect("frames are JSON");
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("waited for {what}, but {other:?}; came: {:#?}", self.seen),
            }
        }
    }
}
