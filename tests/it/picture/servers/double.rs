//! What each media server sends, byte for byte as its own source writes it, and how it reads the answer.

use crate::tools::{Client, PATIENCE, Raw, Setup, TestServer, User, until};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

/// What the operator has written into both configurations.
pub const SECRET: &str = "0123456789abcdef0123456789";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Srs,
    Mediamtx,
    Ome,
}

pub const ALL: [Kind; 4] = [Kind::Nginx, Kind::Srs, Kind::Mediamtx, Kind::Ome];

/// A house with hooks.
pub fn hooks(setup: &mut Setup) {
    setup.media_hook_secret = Some(SECRET.into());
    setup.hook_answer_within = PATIENCE;
}

/// The same where there is one server, also where the suite runs over several.
pub fn hooks_on_one_node(setup: &mut Setup) {
    hooks(setup);
    setup.on_one_node();
}

/// An answer as it came.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub body: String,
}

/// Somebody who sends to a media server.
#[derive(Clone, Debug)]
pub struct Publisher {
    pub kind: Kind,
    pub stream: String,
    pub key: String,
    /// Which connection of the server it is.
    pub client: u16,
    pub ip: &'static str,
}

impl Publisher {
    pub fn new(kind: Kind, stream: &str, key: &str) -> Publisher {
        Publisher { kind, stream: stream.to_owned(), key: key.to_owned(), client: 1, ip: "192.0.2.7" }
    }

    pub fn with_key(&self, key: &str) -> Publisher {
        Publisher { key: key.to_owned(), ..self.clone() }
    }

    pub fn with_client(&self, client: u16) -> Publisher {
        Publisher { client, ..self.clone() }
    }

    pub fn from(&self, ip: &'static str) -> Publisher {
        Publisher { ip, ..self.clone() }
    }

    /// It wants to send.
    pub async fn publish(&self, server: &TestServer) -> Told {
        ask(server, &self.says("publish", "on_publish", "opening")).await
    }

    /// Its server tells that it is gone.
    pub async fn end(&self, server: &TestServer) -> Told {
        let bytes = match self.kind {
            Kind::Mediamtx => self.by_command(),
            _ => self.says("publish_done", "on_unpublish", "closing"),
        };
        ask(server, &bytes).await
    }

    /// It goes on; nginx alone says so.
    pub async fn goes_on(&self, server: &TestServer) -> Told {
        ask(server, &self.of_nginx("update_publish&time=30&timestamp=29966")).await
    }

    fn says(&self, to_nginx: &str, to_srs: &str, to_ome: &str) -> Vec<u8> {
        match self.kind {
            Kind::Nginx => self.of_nginx(to_nginx),
            Kind::Srs => self.of_srs(to_srs),
            Kind::Mediamtx => self.of_mediamtx("publish"),
            Kind::Ome => self.of_ome("incoming", to_ome),
        }
    }

    fn of_nginx(&self, call: &str) -> Vec<u8> {
        let Publisher { stream, ip, client, .. } = self;
        let app = "app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27.100)&swfurl=";
        let tc = "&tcurl=rtmp://media.example:1935/live&pageurl=";
        // The module writes the kind of stream into a publish alone.
        let rest = if call == "publish" { "&type=live" } else { "" };
        let key = if self.key.is_empty() { String::new() } else { format!("&key={}", self.key) };
        let body = format!("{app}{tc}&addr={ip}&clientid={client}&call={call}&name={stream}{rest}{key}");
        let head = format!(
            "POST {} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Connection: Close\r\nContent-Length: {}\r\n\r\n",
            path("nginx"),
            body.len()
        );
        (head + &body).into_bytes()
    }

    fn of_srs(&self, action: &str) -> Vec<u8> {
        let Publisher { stream, ip, client, .. } = self;
        let param = if self.key.is_empty() { String::new() } else { format!("?key={}", self.key) };
        let body = format!(
            r#"{{"server_id":"vid-4q1k2s0","service_id":"81p9t5m6","action":"{action}","client_id":"c{client}","ip":"{ip}","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://media.example/live","stream":"{stream}","param":"{param}","stream_url":"/live/{stream}","stream_id":"vid-1y6h4m9"}}"#
        );
        let head = format!(
            "POST {} HTTP/1.1\r\nConnection: Keep-Alive\r\nContent-Length: {}\r\nContent-Type: application/json\r\n\
             Host: 127.0.0.1:8080\r\nUser-Agent: SRS/6.0.155(Hang)\r\n\r\n",
            path("srs"),
            body.len()
        );
        (head + &body).into_bytes()
    }

    /// Anybody may have its own word for what is wanted.
    pub fn of_mediamtx(&self, action: &str) -> Vec<u8> {
        self.asks_mediamtx(action, &format!("\"{}\"", self.uuid()))
    }

    /// The same before there is a session, as its pages ask.
    pub fn asks_mediamtx(&self, action: &str, id: &str) -> Vec<u8> {
        let Publisher { stream, ip, .. } = self;
        let query = if self.key.is_empty() { String::new() } else { format!("key={}", self.key) };
        let body = format!(
            r#"{{"ip":"{ip}","user":"","password":"","token":"","action":"{action}","path":"{stream}","protocol":"rtmp","id":{id},"query":"{query}","userAgent":"FMLE/3.0 (compatible; Lavf59.27.100)"}}"#
        );
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: {}\r\n\
             Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n",
            path("mediamtx"),
            body.len()
        );
        (head + &body).into_bytes()
    }

    fn uuid(&self) -> String {
        format!("5a0f6a52-3c1e-4a0e-9d0c-{:012}", self.client)
    }

    /// As a command of its configuration calls.
    fn by_command(&self) -> Vec<u8> {
        let query = format!("?path={}&id={}", self.stream, self.uuid());
        let head = "HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n";
        format!("POST {}{query} {head}", path("mediamtx")).into_bytes()
    }

    pub fn of_ome(&self, direction: &str, status: &str) -> Vec<u8> {
        let Publisher { stream, ip, client, .. } = self;
        let query = if self.key.is_empty() { String::new() } else { format!("?key={}", self.key) };
        let body = format!(
            "{{\"client\":{{\"address\":\"{ip}\",\"port\":{client},\"user_agent\":\"FMLE/3.0\"}},\
             \"request\":{{\"direction\":\"{direction}\",\"protocol\":\"RTMP\",\"status\":\"{status}\",\
             \"time\":\"2026-11-28T12:00:00.000+00:00\",\"url\":\"rtmp://media.example:1935/app/{stream}{query}\"}}}}"
        );
        signed(&body, SECRET)
    }
}

/// A hook of OvenMediaEngine.
pub fn signed(body: &str, secret: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(body.as_bytes());
    let signature = URL_SAFE.encode(mac.finalize().into_bytes());
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
         X-OME-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
        path("ome"),
        body.len()
    );
    (head + body).into_bytes()
}

pub fn path(server: &str) -> String {
    format!("/api/v1/hooks/media/{SECRET}/{server}")
}

/// Sends these bytes, and reads one answer.
pub async fn ask(server: &TestServer, bytes: &[u8]) -> Told {
    let mut stream = BufReader::new(Raw::connect(server).await.0);
    stream.write_all(bytes).await.expect("the server reads");
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("the server answers");
        let line = line.trim_end().to_ascii_lowercase();
        if line.starts_with("http/1.") {
            status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        }
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().expect("a length");
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("all of it");
    Told { status, body: String::from_utf8(body).expect("a text") }
}

impl Told {
    /// Whether that server takes it for a yes, or for known.
    pub fn is_yes(&self, kind: Kind) -> bool {
        match kind {
            Kind::Nginx | Kind::Mediamtx => (200..300).contains(&self.status),
            Kind::Srs => self.status == 200 && self.body == "0",
            Kind::Ome => self.status == 200 && ["{}", r#"{"allowed":true}"#].contains(&self.body.as_str()),
        }
    }

    /// Whether that server takes it for a no, and no other fault.
    pub fn is_no(&self, kind: Kind) -> bool {
        match kind {
            Kind::Nginx | Kind::Mediamtx => (400..500).contains(&self.status),
            Kind::Srs => (400..500).contains(&self.status) && self.body == "1",
            Kind::Ome => self.status == 200 && self.body.starts_with(r#"{"allowed":false,"reason":""#),
        }
    }
}

#[track_caller]
pub fn yes(kind: Kind, told: Told) {
    assert!(told.is_yes(kind), "{kind:?}: {told:?}");
}

#[track_caller]
pub fn no(kind: Kind, told: Told) {
    assert!(told.is_no(kind), "{kind:?}: {told:?}");
}

pub async fn key_of(host: &Client) -> String {
    host.get("ingest").await.ok()["key"].as_str().expect("a key").to_owned()
}

/// A stream of this host on air, with somebody who may send to it.
pub async fn on_air(host: &User, kind: Kind) -> (Client, Publisher) {
    let stream = host.go_live("another").await;
    let publisher = Publisher::new(kind, &stream.stream, &key_of(&stream).await);
    (stream, publisher)
}

/// Waits until the picture of a stream is like this.
#[track_caller]
pub fn picture_is<'a>(stream: &'a Client, state: &'a str) -> impl Future<Output = ()> + use<'a> {
    until("the picture is as it should", async move || stream.get("").await.ok()["picture"]["state"] == state)
}

/// Waits until the node that is asked says that somebody sends, or that nobody does, and gives all that the host is told there.
/// Another node than the source's knows it within its next look.
pub async fn is_sent(stream: &Client, by_somebody: bool) -> Value {
    let mut ingest = Value::Null;
    until("the host is told who sends", async || {
        ingest = stream.get("ingest").await.ok();
        ingest["publisher"].is_object() == by_somebody
    })
    .await;
    ingest
}

/// Waits until the host reads this code as the last refusal, and gives its text. Where there is no Redis, one node knows it.
pub async fn refusal_is(stream: &Client, code: &str) -> String {
    let mut last = Value::Null;
    until("the host is told", async || {
        last = stream.get("ingest").await.ok()["last_refusal"].clone();
        last["code"] == code
    })
    .await;
    last["detail"].as_str().expect("a text").to_owned()
}
