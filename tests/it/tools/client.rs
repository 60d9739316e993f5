//! A client of the REST API whose methods are verbs.

use super::{
    PASSWORD, Ports, Viewer,
    viewer::{self, Home},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use std::{
    ops::{Deref, DerefMut},
    panic::Location,
};
use tokio_tungstenite::tungstenite::handshake::client::Request;

/// Somebody who sends requests; a guest until there is a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    pub ports: Ports,
    pub token: Option<String>,
    /// The stream at hand, which paths without a slash at their beginning are below; empty where there is none.
    pub stream: String,
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

/// The id of something that came back.
#[track_caller]
pub fn id_of(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

impl Answer {
    /// The body of a request that was done.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.ok_at(Location::caller())
    }

    /// The same, telling the line that is handed on: an async function has no caller.
    #[track_caller]
    fn ok_at(self, at: &Location<'_>) -> Value {
        assert!((200..300).contains(&self.status), "{at}: {}: {} {}", self.what, self.status, self.text);
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
    pub fn new(http: reqwest::Client, ports: Ports) -> Client {
        Client { http, ports, token: None, stream: String::new() }
    }

    /// The same with another stream at hand.
    pub fn at(&self, stream: &str) -> Client {
        Client { stream: stream.to_owned(), ..self.clone() }
    }

    /// The same once the server has started anew.
    pub fn at_port(&self, port: u16) -> Client {
        Client { ports: Ports::one(port), ..self.clone() }
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

    /// A request to be completed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request =
            self.http.request(method, format!("http://127.0.0.1:{}{}", self.ports.any(), self.path(path)));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Where a path leads: `comments` is below the stream at hand, which is the empty path itself, `/users` is below
    /// `/api/v1`, and `//docs` is as it stands behind its first slash.
    pub fn path(&self, path: &str) -> String {
        match path.strip_prefix('/') {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            Some(_) => format!("/api/v1{path}"),
            None if self.stream.is_empty() => panic!("there is no stream at hand for {path:?}"),
            None if path.is_empty() => format!("/api/v1/streams/{}", self.stream),
            None => format!("/api/v1/streams/{}/{path}", self.stream),
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let mut request = request.build().expect("a request");
        let port = self.ports.settled().await;
        request.url_mut().set_port(Some(port)).expect("it has a host");
        let (is_change, path) = (!request.method().is_safe(), request.url().path().to_owned());
        let what = format!("{} {path} at :{port}", request.method());
        let answer = self.http.execute(request).await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("the whole answer");
        if is_change && status < 300 {
            self.ports.changed(port);
        }
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { what, status, headers, text, body }
    }

    /// The whole log, read page by page: its events and its head.
    #[track_caller]
    pub fn log(&self) -> impl Future<Output = (Vec<Value>, i64)> {
        let at = Location::caller();
        async move {
            let mut events: Vec<Value> = Vec::new();
            loop {
                let page = self.get(&format!("events?after={}&limit=100", events.len())).await.ok_at(at);
                let items = page["items"].as_array().expect("a list");
                if items.is_empty() {
                    return (events, page["head"].as_i64().expect("a number"));
                }
                events.extend(items.iter().cloned());
            }
        }
    }

    /// What opens a socket.
    pub fn upgrade(&self, query: &str) -> Request {
        self.upgrade_at(self.ports.any(), query)
    }

    fn upgrade_at(&self, port: u16, query: &str) -> Request {
        let mut request = viewer::request(port, self.token.as_deref(), &self.stream, query);
        request.extensions_mut().insert(Home { ports: self.ports.clone(), port });
        request
    }

    /// The status with which that was refused.
    pub async fn refusal(&self) -> u16 {
        viewer::refusal(self.upgrade_at(self.ports.settled().await, "")).await
    }

    /// Goes into the room.
    #[track_caller]
    pub fn join(&self) -> impl Future<Output = Viewer> + use<> {
        self.join_with("")
    }

    /// The same with a query.
    #[track_caller]
    pub fn join_with(&self, query: &str) -> impl Future<Output = Viewer> + use<> {
        let (at, client, query) = (Location::caller(), self.clone(), query.to_owned());
        async move {
            let port = client.ports.settled().await;
            Viewer::open_at(at, client.upgrade_at(port, &query)).await
        }
    }

    /// Comes back to the room after an event.
    #[track_caller]
    pub fn rejoin(&self, since: i64) -> impl Future<Output = Viewer> + use<> {
        self.join_with(&format!("?since={since}"))
    }

    /// Writes a comment by REST and gives it back.
    #[track_caller]
    pub fn comment(&self, content: &str) -> impl Future<Output = Value> {
        let (at, body) = (Location::caller(), json!({"content": content}));
        async move { self.post("comments", body).await.ok_at(at) }
    }

    /// Tries to log in.
    pub async fn log_in(&self, username: &str, password: &str) -> Answer {
        self.post("/sessions", json!({"username": username, "password": password})).await
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
    #[track_caller]
    pub fn register(guest: Client, username: &str) -> impl Future<Output = User> + use<> {
        let (at, body) = (Location::caller(), json!({"username": username, "password": PASSWORD}));
        async move {
            let entered = guest.post("/users", body).await.ok_at(at);
            User::entered(guest, entered)
        }
    }

    /// Registers, and has a stream of its own at hand that is live.
    pub async fn on_air(guest: Client, username: &str) -> User {
        let mut user = User::register(guest, username).await;
        user.stream = user.go_live("one").await.stream;
        user
    }

    /// Deletes the account.
    pub async fn farewell(&self) {
        let request = self.request(Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
        assert_eq!(self.send(request).await.status, 204);
    }

    /// The same account in another session.
    pub async fn log_in_again(&self) -> User {
        let guest = self.guest();
        let entered = guest.log_in(&self.username, PASSWORD).await.ok();
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

    /// Creates a public stream, and gives the same account with it at hand.
    #[track_caller]
    pub fn create_stream(&self, title: &str) -> impl Future<Output = Client> {
        let (at, body) = (Location::caller(), json!({"title": title}));
        async move { self.at(id_of(&self.post("/streams", body).await.ok_at(at))) }
    }

    /// Creates a public stream that is live.
    #[track_caller]
    pub fn go_live(&self, title: &str) -> impl Future<Output = Client> {
        let (at, creating) = (Location::caller(), self.create_stream(title));
        async move {
            let host = creating.await;
            host.post("start", json!({})).await.ok_at(at);
            host
        }
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
