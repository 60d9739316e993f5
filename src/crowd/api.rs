//! What the crowd asks of a Livehouse server over REST: accounts, a stream, the head of its log. It must not know
//! sockets.

use super::{
    net::{
        http::{self, Answer},
        line,
        target::Target,
    },
    report::limits::{self, CannotRun},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

const LONGEST_CALL: Duration = Duration::from_secs(30);

pub(super) struct Api(Target);

/// An account and its access token.
pub(super) struct Account {
    pub token: String,
}

impl Api {
    pub(super) fn new(target: &Target) -> Self {
        Self(target.clone())
    }

    pub(super) async fn register(&self, username: &str, password: &str) -> Result<Account, CannotRun> {
        let body = json!({"username": username, "password": password});
        let answer = self.post("/users", None, &body).await?;
        let token = answer["session"]["access_token"].as_str();
        Ok(Account { token: token.ok_or_else(|| strange("POST /users"))?.to_owned() })
    }

    /// Makes a stream, starts it and says its id.
    pub(super) async fn start_stream(&self, token: &str, title: &str) -> Result<String, CannotRun> {
        let body = json!({"title": title, "visibility": "unlisted"});
        let stream = self.post("/streams", Some(token), &body).await?;
        let id = stream["id"].as_str().ok_or_else(|| strange("POST /streams"))?.to_owned();
        self.post(&format!("/streams/{id}/start"), Some(token), &Value::Null).await?;
        Ok(id)
    }

    pub(super) async fn end_stream(&self, token: &str, id: &str) -> Result<(), CannotRun> {
        self.post(&format!("/streams/{id}/end"), Some(token), &Value::Null).await.map(drop)
    }

    pub(super) async fn comment(&self, token: &str, id: &str, content: &str) -> Result<(), CannotRun> {
        let body = json!({"content": content});
        self.post(&format!("/streams/{id}/comments"), Some(token), &body).await.map(drop)
    }

    /// The number of the log's last event.
    pub(super) async fn head(&self, token: Option<&str>, id: &str) -> Result<u64, CannotRun> {
        let path = format!("/streams/{id}/events?after=0&limit=1");
        let answer = self.get(&path, token).await?;
        answer["head"].as_u64().ok_or_else(|| strange("GET /streams/{id}/events"))
    }

    /// All reactions to a stream.
    pub(super) async fn reactions(&self, token: Option<&str>, id: &str) -> Result<u64, CannotRun> {
        let stream = self.get(&format!("/streams/{id}"), token).await?;
        let totals = stream["reactions"].as_object().ok_or_else(|| strange("GET /streams/{id}"))?;
        Ok(totals.values().filter_map(Value::as_u64).sum())
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Result<Value, CannotRun> {
        self.send("GET", path, token, "").await
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value, CannotRun> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send("POST", path, token, &body).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> Result<Value, CannotRun> {
        let Target { authority, base, .. } = &self.0;
        let path = format!("{base}/api/v1{path}");
        let authorization =
            token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        // Of version 1.0: the line ends after the answer, and nobody on the way sends the body in chunks.
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {authority}\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer =
            timeout(LONGEST_CALL, self.ask(&request)).await.unwrap_or_else(|_| Err("no answer".into()));
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.json()),
            Ok(answer) => Err(refused(&path, &answer)),
            Err(why) => Err(CannotRun::Other(format!("{authority}{path}: {why}"))),
        }
    }

    async fn ask(&self, request: &str) -> Result<Answer, String> {
        let mut line = line::connect(self.0.address, self.0.tls.as_ref(), None, false).await?;
        http::exchange(&mut line, request.as_bytes()).await
    }
}

fn refused(path: &str, answer: &Answer) -> CannotRun {
    let (status, problem) = (answer.status, answer.json());
    let code = problem["code"].as_str().unwrap_or("no code");
    match limits::of_call(path, status, code) {
        Some(limit) => CannotRun::Limit { limit, code: code.to_owned(), at: path.to_owned() },
        None => {
            CannotRun::Other(format!("{path}: {status} {code}: {}", problem["detail"].as_str().unwrap_or("")))
        }
    }
}

fn strange(call: &str) -> CannotRun {
    CannotRun::Other(format!("{call} answered something else than the contract says"))
}
