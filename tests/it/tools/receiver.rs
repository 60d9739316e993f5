//! Somebody who is sent webhooks, over real TCP: answers as it is told, and keeps what came.

use super::until;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With this status, and nothing else.
    Status(u16),
    /// With a redirect to this address.
    Redirect(String),
    /// Not at all, and holds the connection.
    Hang,
    /// Closes the connection.
    Close,
}

/// What came.
#[derive(Clone, Debug)]
pub struct Came {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Came {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

#[derive(Default)]
struct State {
    /// For the next ones, then as always.
    next: VecDeque<Manner>,
    always: Option<Manner>,
    came: Vec<Came>,
}

/// Listens at a port of its own.
#[derive(Clone)]
pub struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub async fn new() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receiver =
            Receiver { port: listener.local_addr().expect("its address").port(), state: Arc::default() };
        let state = receiver.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it answers so.
    pub fn answers(&self, manner: Manner) {
        self.state.lock().unwrap().always = Some(manner);
    }

    /// The next ones so, in this order; then as before.
    pub fn answers_next(&self, manners: impl IntoIterator<Item = Manner>) {
        self.state.lock().unwrap().next.extend(manners);
    }

    /// All that has come.
    pub fn came(&self) -> Vec<Came> {
        self.state.lock().unwrap().came.clone()
    }

    /// Waits until so many have come; all of them.
    pub async fn wait_for(&self, count: usize) -> Vec<Came> {
        until("webhooks came", async || self.came().len() >= count).await;
        self.came()
    }

    /// Waits until so many messages have come; each once, however often it was tried, in the order of their first coming.
    pub async fn wait_for_messages(&self, count: usize) -> Vec<Came> {
        until("messages came", async || self.messages().len() >= count).await;
        self.messages()
    }

    /// The content of each comment that came, each message once, in the order of its first coming.
    pub fn contents(&self) -> Vec<String> {
        let content = |came: &Came| came.json()["data"]["comment"]["content"].as_str().map(str::to_owned);
        self.messages().iter().filter_map(content).collect()
    }

    fn messages(&self) -> Vec<Came> {
        let mut seen = std::collections::HashSet::new();
        let mut came = self.came();
        came.retain(|came| seen.insert(came.header("webhook-id").to_owned()));
        came
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let came = read(&mut stream).await?;
        let manner = {
            let mut state = state.lock().unwrap();
            state.came.push(came);
            state.next.pop_front().or_else(|| state.always.clone()).unwrap_or(Manner::Status(204))
        };
        let answer = match manner {
            Manner::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
            Manner::Redirect(to) => {
                format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
            }
            Manner::Hang => std::future::pending().await,
            Manner::Close => return None,
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Came> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Came { headers, body: String::from_utf8(body).ok()? })
}
