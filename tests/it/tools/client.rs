//! A client of the REST API whose methods are verbs.

use super::{PASSWORD, Viewer};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use std::ops::{Deref, DerefMut};

/// Somebody who sends requests; a guest until there is a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    pub port: u16,
    pub token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// `Null` where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The body of a request that was done.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {} {}", self.what, self.status, self.text);
        self.body
    }

    /// The problem of a request that was refused with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let found = (self.status, self.body["code"].as_str());
        assert_eq!(found, (status, Some(code)), "{}: {}", self.what, self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.what);
        assert_eq!(self.body["status"], status, "{}", self.what);
        self.body
    }

    /// A header, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of plain text"))
    }
}

impl Client {
    pub fn new(http: reqwest::Client, port: u16) -> Client {
        Client { http, port, token: None }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same without a token.
    pub fn guest(&self) -> Client {
        Client { token: None, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request to be completed; paths are below `/api/v1` unless they begin with `//`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let path = match path.strip_prefix('/') {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ => format!("/api/v1{path}"),
        };
        let request = self.http.request(method, format!("http://127.0.0.1:{}{path}", self.port));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let what = format!("{} {}", request.method(), request.url().path());
        let answer = self.http.execute(request).await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("the whole answer");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { what, status, headers, text, body }
    }

    /// The whole log of a stream, read page by page: its events and its head.
    pub async fn log_of(&self, stream: &str) -> (Vec<Value>, i64) {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let page =
                self.get(&format!("/streams/{stream}/events?after={}&limit=100", events.len())).await.ok();
            let items = page["items"].as_array().expect("a list");
            if items.is_empty() {
                return (events, page["head"].as_i64().expect("a number"));
            }
            events.extend(items.iter().cloned());
        }
    }

    /// Goes into a room.
    pub async fn join(&self, stream: &str) -> Viewer {
        Viewer::join(self.port, self.token.as_deref(), stream, "").await
    }

    /// Comes back to a room after an event.
    pub async fn rejoin(&self, stream: &str, since: i64) -> Viewer {
        Viewer::join(self.port, self.token.as_deref(), stream, &format!("?since={since}")).await
    }

    /// Whether the token still works.
    pub async fn is_signed_in(&self) -> bool {
        self.get("/users/me").await.status == 200
    }
}

/// An account, logged in.
#[derive(Clone, Debug)]
pub struct User {
    client: Client,
    pub id: String,
    pub username: String,
    pub session_id: String,
    pub refresh_token: String,
}

impl User {
    pub async fn register(guest: Client, username: &str) -> User {
        let body = json!({"username": username, "password": PASSWORD});
        let entered = guest.post("/users", body).await.ok();
        User::entered(guest, entered)
    }

    /// The same account in another session.
    pub async fn log_in_again(&self) -> User {
        let guest = Client { token: None, ..self.client.clone() };
        let body = json!({"username": self.username, "password": PASSWORD});
        let entered = guest.post("/sessions", body).await.ok();
        User::entered(guest, entered)
    }

    fn entered(mut client: Client, entered: Value) -> User {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        client.token = Some(text(&entered["session"]["access_token"]));
        User {
            client,
            id: text(&entered["user"]["id"]),
            username: text(&entered["user"]["username"]),
            session_id: text(&entered["session"]["id"]),
            refresh_token: text(&entered["session"]["refresh_token"]),
        }
    }

    /// Creates a public stream and gives its id.
    pub async fn create_stream(&self, title: &str) -> String {
        let stream = self.post("/streams", json!({"title": title})).await.ok();
        stream["id"].as_str().expect("an id").to_owned()
    }

    /// Creates a public stream that is live.
    pub async fn go_live(&self, title: &str) -> String {
        let id = self.create_stream(title).await;
        self.post(&format!("/streams/{id}/start"), json!({})).await.ok();
        id
    }

    /// Writes a comment by REST and gives it back.
    pub async fn comment(&self, stream: &str, content: &str) -> Value {
        self.post(&format!("/streams/{stream}/comments"), json!({"content": content})).await.ok()
    }

    /// Takes the next pair of tokens.
    pub async fn refresh(&mut self) -> Answer {
        let answer = self.post("/sessions/refresh", json!({"refresh_token": self.refresh_token})).await;
        if let Some(token) = answer.body["session"]["access_token"].as_str() {
            self.client.token = Some(token.to_owned());
            self.refresh_token =
                answer.body["session"]["refresh_token"].as_str().expect("a token").to_owned();
        }
        answer
    }
}

impl Deref for User {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for User {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
