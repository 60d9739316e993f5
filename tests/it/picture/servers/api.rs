//! The API of a media server, over real TCP: answers as its source has it, and keeps what was asked.

use crate::tools::{Setup, until};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Listens at a port of its own. Whoever is gone there is named by a part of the path.
#[derive(Clone)]
pub struct Api {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    gone: HashSet<String>,
    asked: Vec<String>,
}

impl Api {
    pub async fn new() -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let api = Api { port, state: Arc::default() };
        let state = api.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        api
    }

    /// With the name and password that its operator has given it.
    pub fn configure(&self, setup: &mut Setup) {
        let url = format!("http://livehouse:north@127.0.0.1:{}", self.port);
        setup.media_server_api = Some(url.parse().expect("a URL"));
    }

    /// It knows nothing of that any more.
    pub fn forgets(&self, part: &str) {
        self.state.lock().unwrap().gone.insert(part.to_owned());
    }

    /// All that was asked: method, target, and whether the password was shown.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Waits until this was asked.
    pub async fn is_asked(&self, what: &str) {
        until("the media server is asked", async || self.asked().iter().any(|line| line == what)).await;
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut lines, mut line) = (Vec::new(), String::new());
        while stream.read_line(&mut line).await.ok()? > 0 && !line.trim_end().is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        let asked = lines.first()?.strip_suffix(" HTTP/1.1")?.to_owned();
        // printf livehouse:north | base64
        let is_known =
            lines.iter().any(|line| line.eq_ignore_ascii_case("authorization: basic bGl2ZWhvdXNlOm5vcnRo"));
        let is_gone = {
            let mut state = state.lock().unwrap();
            let is_gone = state.gone.iter().any(|part| asked.contains(part.as_str()));
            state.asked.push(if is_known { asked.clone() } else { format!("{asked} without a password") });
            is_gone
        };
        let (status, body) = match (is_gone, asked.contains("/control/"), asked.contains("/api/v1/clients/"))
        {
            (true, true, _) => (200, "0"),
            (false, true, _) => (200, "1"),
            (true, _, true) => (200, r#"{"code":2049}"#),
            (false, _, true) => (200, r#"{"code":0,"server":"vid-1"}"#),
            (true, ..) => (404, r#"{"status":"error","error":"not found"}"#),
            (false, ..) => (200, r#"{"status":"ok"}"#),
        };
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
